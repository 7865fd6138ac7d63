//! Steering: order of calls, messages during a run, stop, pause, limits, retries, compaction, undo.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use event::{
    Answer, Block, Ending, Fact, Limits, Mode, ModelRef, Outcome, PauseReason, Reply, Scope, Stop, TextBlock,
    UndoSelection, Usage, Wish,
};
use model::{Ask, Chunk, Conversation, ErrorKind, Message, Model, ModelError, Profile, ReplyStream, Setup};
use view::TaskState;

use crate::world::{Given, World};

#[tokio::test]
async fn reads_run_together_and_changes_in_order() {
    let world = World::new(
        r#"
replies:
  - calls:
      - { tool: Look, input: { path: r1 } }
      - { tool: Look, input: { path: r2 } }
      - { tool: Look, input: { path: r3 } }
      - { tool: Change, input: { path: w1 } }
      - { tool: Change, input: { path: w2 } }
      - { tool: Look, input: { path: r4 } }
  - text: done
"#,
    );
    world.start(Mode::Auto, "go").end().await;
    assert_eq!(*world.watched.begun.lock().unwrap(), ["r1", "r2", "r3", "w1", "w2", "r4"]);
    assert_eq!(world.watched.most.load(Ordering::SeqCst), 3, "the three reads at the beginning");
    let ended = world.watched.ended.lock().unwrap().clone();
    assert_eq!(ended[3..], ["w1", "w2", "r4"]);
}

#[tokio::test]
async fn a_message_during_a_run_is_read_at_the_next_step() {
    let world = World::new(
        r#"
replies:
  - calls: [{ tool: Slow, input: { path: s } }]
  - expect: { contains: ["let go", "in inches please"] }
    text: In inches then.
"#,
    );
    let running = world.start(Mode::Auto, "go");
    world.until(|fact| matches!(fact, Fact::ToolStarted { .. })).await;
    let say = Wish::Say { text: "in inches please".into(), attachments: Vec::new() };
    running.wish("c1", say.clone()).await.unwrap();
    running.wish("c1", say).await.unwrap();
    world.watched.go.add_permits(1);
    running.end().await;
    let said = world.events().iter().filter(|event| matches!(event.fact, Fact::Said { .. })).count();
    assert_eq!((said, world.view().state), (2, TaskState::Done), "a repeated command acts once");
}

#[tokio::test]
async fn stop_interrupts_a_tool_at_once_and_the_task_can_go_on() {
    let world = World::new(
        r#"
replies:
  - calls:
      - { tool: Slow, input: { path: s } }
      - { tool: Change, input: { path: w } }
  - expect: { contains: ["stopped", "Not run", "go on"] }
    text: Going on.
"#,
    );
    let running = world.start(Mode::Auto, "go");
    world.until(|fact| matches!(fact, Fact::ToolStarted { .. })).await;
    running.wish("c1", Wish::Stop).await.unwrap();
    running.end().await;
    assert_eq!(world.view().state, TaskState::Stopped);
    assert_eq!(world.watched.running.load(Ordering::SeqCst), 0, "nothing is left running");
    assert_eq!(*world.watched.begun.lock().unwrap(), ["s"], "the second call never began");
    assert!(world.watched.left.load(Ordering::SeqCst) > 0, "tools gave back what they held");
    let running = world.open();
    running.wish("c2", Wish::Say { text: "go on".into(), attachments: vec![] }).await.unwrap();
    running.end().await;
    assert_eq!((world.view().state, world.view().turn), (TaskState::Done, 2));
}

#[tokio::test]
async fn pause_lets_the_call_end_and_starts_nothing_new() {
    let world = World::new(
        r#"
replies:
  - calls: [{ tool: Slow, input: { path: s } }]
  - text: Went on.
"#,
    );
    let running = world.start(Mode::Auto, "go");
    world.until(|fact| matches!(fact, Fact::ToolStarted { .. })).await;
    running.wish("c1", Wish::Pause).await.unwrap();
    world.watched.go.add_permits(1);
    running.end().await;
    assert_eq!((world.view().state, world.view().steps), (TaskState::Paused, 1));
    let running = world.open();
    running.wish("c2", Wish::Resume).await.unwrap();
    running.end().await;
    assert_eq!((world.view().state, world.view().last_text.as_str()), (TaskState::Done, "Went on."));
}

#[tokio::test]
async fn limits_pause_and_resume_gives_as_much_again() {
    let reply = "  - calls: [{ tool: Look, input: { path: a } }]\n";
    let script = format!("replies:\n{}  - text: done\n", reply.repeat(5));
    let world = World::new(&script);
    let limits = Limits { steps: Some(2), ..Limits::default() };
    world.start_with(Mode::Auto, limits, "go").end().await;
    let mut pauses = 0;
    while world.view().state == TaskState::Paused {
        pauses += 1;
        let running = world.open();
        running.wish(&format!("c{pauses}"), Wish::Resume).await.unwrap();
        running.end().await;
    }
    assert_eq!((pauses, world.view().state, world.view().steps), (2, TaskState::Done, 6));
    let limit = |fact: &Fact| matches!(fact, Fact::Paused { reason: PauseReason::Limit, .. });
    assert_eq!(world.events().iter().filter(|event| limit(&event.fact)).count(), 2);
}

#[tokio::test]
async fn allowing_for_the_task_settles_what_waits_already() {
    let world = World::new(
        r#"
replies:
  - calls:
      - { tool: Change, input: { path: one } }
      - { tool: Change, input: { path: two } }
      - { tool: Delete, input: { path: three } }
  - text: done
"#,
    );
    let running = world.start(Mode::Ask, "go");
    world.until(|fact| matches!(fact, Fact::ApprovalAsked(asked) if asked.id.as_str() == "a3")).await;
    let wish = Wish::Answer { approval: "a1".into(), answer: Answer::Allow { scope: Scope::Task } };
    running.wish("c1", wish).await.unwrap();
    world.until(|fact| matches!(fact, Fact::ToolFinished { call, .. } if call.as_str() == "script_1_2")).await;
    let waiting: Vec<String> = world.view().approvals.iter().map(|asked| asked.id.to_string()).collect();
    assert_eq!(waiting, ["a3"], "only the deletion still asks");
    running.wish("c2", Wish::Answer { approval: "a3".into(), answer: Answer::Deny { note: None } }).await.unwrap();
    running.end().await;
    assert_eq!(*world.watched.begun.lock().unwrap(), ["one", "two"]);
}

#[tokio::test]
async fn taking_a_folder_back_cuts_what_runs_and_what_waits() {
    let world = World::new(
        r#"
replies:
  - calls:
      - { tool: Slow, input: { path: s } }
      - { tool: Change, input: { path: w } }
  - expect: { contains: ["stopped", "outside the granted folders", "took /work/Reports back"] }
    text: I had to stop.
"#,
    );
    let running = world.start(Mode::Auto, "go");
    world.until(|fact| matches!(fact, Fact::ToolStarted { .. })).await;
    running.wish("c1", Wish::RemoveFolder { name: "Reports".into() }).await.unwrap();
    running.end().await;
    assert_eq!(world.view().state, TaskState::Done, "{}", world.log());
    assert_eq!(*world.watched.begun.lock().unwrap(), ["s"]);
}

#[tokio::test]
async fn commands_that_make_no_sense_are_refused() {
    let world = World::new("replies: [{ calls: [{ tool: Slow, input: { path: s } }] }, { text: done }]");
    let running = world.start(Mode::Auto, "go");
    world.until(|fact| matches!(fact, Fact::ToolStarted { .. })).await;
    for (wish, expected) in [
        (Wish::Resume, "Ok"),
        (Wish::Say { text: " ".into(), attachments: vec![] }, "the message is empty"),
        (
            Wish::Answer { approval: "a9".into(), answer: Answer::Deny { note: None } },
            "approval `a9` is not waiting for an answer",
        ),
        (
            Wish::AnswerQuestions { question: "q9".into(), answers: vec![] },
            "question `q9` is not waiting for an answer",
        ),
        (Wish::RemoveFolder { name: "Other".into() }, "folder `Other` is not granted to this task"),
        (Wish::Revoke { grant: "g9".into() }, "permission `g9` does not exist in this task"),
        (Wish::Undo { selection: UndoSelection::default() }, "the task is running; stop or pause it before an undo"),
    ] {
        let result = running.wish(&format!("{wish:?}"), wish).await;
        let said = result.map_or_else(|error| error.to_string(), |_| "Ok".into());
        assert_eq!(said, expected);
    }
    world.watched.go.add_permits(1);
    running.end().await;
    let running = world.open();
    let stop = running.wish("s", Wish::Stop).await;
    assert!(stop.is_err(), "{stop:?}");
}

#[tokio::test]
async fn undo_is_done_between_turns_and_told_to_the_model() {
    let world = World::new(
        r#"
replies:
  - text: First.
  - expect: { contains: ["The user undid changes to /work/Reports/a.md", "again"] }
    text: Second.
"#,
    );
    world.start(Mode::Auto, "go").end().await;
    let running = world.open();
    let nothing = running.wish("u1", Wish::Undo { selection: UndoSelection::default() }).await;
    assert_eq!(nothing.unwrap_err().to_string(), "nothing to undo; change something");
    running.end().await;
    let running = world.open();
    let selection = UndoSelection { path: Some("/work/Reports/a.md".into()), ..UndoSelection::default() };
    running.wish("u2", Wish::Undo { selection }).await.unwrap();
    running.end().await;
    let running = world.open();
    running.wish("c1", Wish::Say { text: "again".into(), attachments: vec![] }).await.unwrap();
    running.end().await;
    assert_eq!(world.view().last_text, "Second.");
}

/// A model that fails in the ways it is told, then answers.
struct Failing {
    profile: Profile,
    answers: std::sync::Arc<std::sync::Mutex<Vec<Result<&'static str, ModelError>>>>,
}

struct FailingTalk(std::sync::Arc<std::sync::Mutex<Vec<Result<&'static str, ModelError>>>>);

impl Failing {
    fn world(answers: Vec<Result<&'static str, ModelError>>) -> World {
        let profile =
            Profile { name: ModelRef("script/test".into()), context_tokens: Some(1_000_000), dialect: "script" };
        let answers = Arc::new(std::sync::Mutex::new(answers.into_iter().rev().collect()));
        World::with(Given(vec![Arc::new(Self { profile, answers })]))
    }
}

impl Model for Failing {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    fn begin(&self, _setup: Arc<Setup>) -> Box<dyn Conversation> {
        Box::new(FailingTalk(Arc::clone(&self.answers)))
    }
}

impl Conversation for FailingTalk {
    fn push(&mut self, _message: &Message) {}

    fn request_bytes(&self) -> usize {
        0
    }

    fn ask(&self, _ask: &Ask) -> ReplyStream {
        let answer = self.0.lock().unwrap().pop().expect("the model is asked no more than it has answers");
        let chunks = match answer {
            Ok(text) => vec![
                Ok(Chunk::Text(text.into())),
                Ok(Chunk::Done(Box::new(Reply {
                    blocks: vec![Block::Text(TextBlock { text: text.into(), wire: None })],
                    stop: if text == "<full>" { Stop::ContextFull } else { Stop::Finished },
                    usage: Usage { input: 10, output: 2, ..Usage::default() },
                    model: "test".into(),
                    dialect: "script".into(),
                }))),
            ],
            Err(error) if error.kind == ErrorKind::Cut => vec![Ok(Chunk::Text("half a".into())), Err(error)],
            Err(error) => vec![Err(error)],
        };
        Box::pin(futures_util::stream::iter(chunks))
    }
}

fn busy() -> ModelError {
    ModelError::new(ErrorKind::Busy, "too many requests", "wait").after(Some(Duration::from_millis(60)))
}

fn cut() -> ModelError {
    ModelError::new(ErrorKind::Cut, "the connection broke", "it is tried again").after(Some(Duration::from_millis(50)))
}

#[tokio::test]
async fn failures_that_pass_are_tried_again_and_the_text_is_kept() {
    let world = Failing::world(vec![Err(busy()), Err(cut()), Err(cut()), Ok("There.")]);
    world.start(Mode::Auto, "go").end().await;
    assert_eq!((world.view().state, world.view().steps), (TaskState::Done, 1));
    let kept: Vec<String> = world
        .events()
        .iter()
        .filter_map(|event| match &event.fact {
            Fact::ReplyCut { text, .. } => Some(text.clone()),
            Fact::RetryPlanned { attempt, after_ms, .. } => Some(format!("try {attempt} after {after_ms}")),
            _ => None,
        })
        .collect();
    assert_eq!(kept, ["try 1 after 60", "half a", "try 2 after 50", "half a", "try 3 after 50"]);
}

#[tokio::test]
async fn failures_that_do_not_pass_pause_with_a_next_step() {
    for (kind, reason) in [
        (ErrorKind::Unauthorized, PauseReason::Model),
        (ErrorKind::NotFound, PauseReason::Model),
        (ErrorKind::BadRequest, PauseReason::Model),
    ] {
        let world = Failing::world(vec![Err(ModelError::new(kind, "no", "do this")), Ok("Back.")]);
        world.start(Mode::Auto, "go").end().await;
        let paused = world.until(|fact| matches!(fact, Fact::Paused { .. })).await;
        let expected = Fact::Paused { reason, message: "no".into(), hint: "do this".into() };
        assert_eq!(paused.fact, expected);
        let running = world.open();
        running.wish("r", Wish::Resume).await.unwrap();
        running.end().await;
        assert_eq!((world.view().state, world.view().last_text.as_str()), (TaskState::Done, "Back."));
    }
}

#[tokio::test]
async fn a_wait_that_is_too_long_pauses_instead() {
    let long = busy().after(Some(Duration::from_hours(1)));
    let world = Failing::world(vec![Err(long)]);
    world.start(Mode::Auto, "go").end().await;
    assert_eq!(world.view().state, TaskState::Paused);
}

#[tokio::test]
async fn stop_during_a_retry_ends_the_turn() {
    let slow = busy().after(Some(Duration::from_mins(1)));
    let world = Failing::world(vec![Err(slow)]);
    let running = world.start(Mode::Auto, "go");
    world.until(|fact| matches!(fact, Fact::RetryPlanned { .. })).await;
    running.wish("s", Wish::Stop).await.unwrap();
    running.end().await;
    assert_eq!(world.view().ending, Some(Ending::Stopped));
}

#[tokio::test]
async fn a_conversation_that_does_not_fit_is_summarised_and_goes_on() {
    let overflow = ModelError::new(ErrorKind::ContextOverflow, "too long", "shorten");
    let world = Failing::world(vec![Err(overflow), Ok("What happened so far."), Ok("Done.")]);
    world.start(Mode::Auto, "go").end().await;
    let compacted = world.until(|fact| matches!(fact, Fact::Compacted { .. })).await;
    let Fact::Compacted { summary, .. } = &compacted.fact else { unreachable!() };
    assert_eq!(summary, "What happened so far.");
    assert_eq!(world.view().last_text, "Done.", "{}", world.log());
}

#[tokio::test]
async fn a_nearly_full_context_is_shortened_before_it_overflows() {
    let look = "  - calls: [{ tool: Look, input: { path: a } }]\n";
    let world = World::new(&format!("context_tokens: 1540\nreplies:\n{}  - text: done\n", look.repeat(40)));
    world.start(Mode::Auto, "go").end().await;
    let events = world.events();
    let shortened = events.iter().filter(|event| matches!(event.fact, Fact::Compacted { .. })).count();
    assert!(shortened >= 1, "{}", world.log());
    assert_eq!(world.view().state, TaskState::Done);
    let finished = |fact: &Fact| matches!(fact, Fact::ToolFinished { outcome: Outcome::Ok, .. });
    assert_eq!(events.iter().filter(|event| finished(&event.fact)).count(), 40, "the log keeps everything");
}

#[tokio::test]
async fn another_model_takes_over_at_the_next_step() {
    let first = "replies: [{ calls: [{ tool: Slow, input: { path: s } }] }, { text: never }]";
    let second = "replies: [{ text: skipped }, { expect: { contains: [let go] }, text: I took over. }]";
    let model = |name: &str, script: &str| -> Arc<dyn Model> {
        let script = model_script::Script::parse(script).unwrap();
        Arc::new(model_script::ScriptModel::new(ModelRef(name.into()), script))
    };
    let world = World::with(Given(vec![model("script/test", first), model("script/other", second)]));
    let running = world.start(Mode::Auto, "go");
    world.until(|fact| matches!(fact, Fact::ToolStarted { .. })).await;
    running.wish("m", Wish::SetModel { model: ModelRef("script/other".into()) }).await.unwrap();
    world.watched.go.add_permits(1);
    running.end().await;
    assert_eq!(world.view().last_text, "I took over.", "{}", world.log());
}

#[tokio::test]
async fn stop_holds_even_with_an_unread_message() {
    let world = World::new("replies: [{ calls: [{ tool: Slow, input: { path: s } }] }, { text: never }]");
    let running = world.start(Mode::Auto, "go");
    world.until(|fact| matches!(fact, Fact::ToolStarted { .. })).await;
    running.wish("m", Wish::Say { text: "and this".into(), attachments: vec![] }).await.unwrap();
    let seq = running.wish("s", Wish::Stop).await.unwrap();
    running.end().await;
    assert_eq!((world.view().state, world.view().turn, world.view().head), (TaskState::Stopped, 1, seq));
}

#[tokio::test]
async fn a_task_opened_to_be_stopped_does_nothing_first() {
    let world = World::new("replies: [{ calls: [{ tool: Slow, input: { path: s } }] }, { text: never }]");
    let running = world.start(Mode::Auto, "go");
    world.until(|fact| matches!(fact, Fact::ToolStarted { .. })).await;
    running.run.abort();
    let _aborted = running.run.await;
    let before = world.view().head;
    let running = world.open();
    running.wish("s", Wish::Stop).await.unwrap();
    running.end().await;
    let since: Vec<String> = world
        .events()
        .iter()
        .filter(|event| event.seq > before)
        .map(|event| format!("{:?}", event.fact).split([' ', '{']).next().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(since, ["ToolFinished", "TurnEnded"], "the call is unknown, then the turn ends");
}

#[tokio::test]
async fn waiting_for_the_user_costs_nothing() {
    let world = World::new("replies: [{ calls: [{ tool: Change, input: { path: w } }] }, { text: done }]");
    let running = world.start(Mode::Ask, "go");
    world.until(|fact| matches!(fact, Fact::ApprovalAsked(_))).await;
    // Far more chances than the flush of what was asked needs.
    for _ in 0..1_000 {
        tokio::task::yield_now().await;
    }
    let syncs = world.syncs();
    for _ in 0..10_000 {
        tokio::task::yield_now().await;
    }
    assert_eq!(world.syncs(), syncs, "nothing is flushed again while nothing happens");
    running.wish("s", Wish::Stop).await.unwrap();
    running.end().await;
}

#[tokio::test]
async fn a_context_the_provider_calls_full_is_shortened_once_and_goes_on() {
    let world = Failing::world(vec![Ok("<full>"), Ok("A summary."), Ok("Done.")]);
    world.start(Mode::Auto, "go").end().await;
    let compacted = world.events().iter().filter(|event| matches!(event.fact, Fact::Compacted { .. })).count();
    assert_eq!((compacted, world.view().last_text.as_str()), (1, "Done."), "{}", world.log());
}

#[tokio::test]
async fn a_summary_that_fails_for_a_while_is_tried_again() {
    let overflow = ModelError::new(ErrorKind::ContextOverflow, "too long", "shorten");
    let again = overflow.clone();
    let world = Failing::world(vec![Err(overflow), Err(busy()), Err(again), Ok("A summary."), Ok("Done.")]);
    world.start(Mode::Auto, "go").end().await;
    assert_eq!((world.view().state, world.view().last_text.as_str()), (TaskState::Done, "Done."), "{}", world.log());
}

#[tokio::test]
async fn what_is_said_to_a_task_paused_by_the_model_is_in_the_next_request() {
    let world = Failing::world(vec![Err(ModelError::new(ErrorKind::BadRequest, "no", "do this")), Ok("Done.")]);
    world.start(Mode::Auto, "go").end().await;
    let running = world.open();
    running.wish("m", Wish::Say { text: "in inches".into(), attachments: vec![] }).await.unwrap();
    running.end().await;
    assert_eq!((world.view().state, world.view().steps), (TaskState::Done, 2), "a step of its own reads it");
}
