//! The process may end after any event: the log, cut there and opened again, always comes to a good end.

use std::sync::Arc;

use event::{Answer, Event, Fact, Mode, Outcome, QuestionAnswer, Scope, Wish};
use store::Store;
use view::TaskState;

use crate::world::{Running, World};

const JOB: &str = r#"
replies:
  - text: I look first.
    calls:
      - { tool: Look, input: { path: a.csv } }
      - { tool: Look, input: { path: b.csv } }
  - calls:
      - tool: AskUserQuestion
        input: { questions: [{ question: "Unit?", options: [{ label: mm }] }] }
  - calls:
      - { tool: Change, input: { path: one.md } }
      - { tool: Delete, input: { path: two.md } }
  - text: Done with it.
"#;

/// Answers whatever is asked until the task has nothing more to do.
async fn drive(world: &World, running: Running) {
    let mut number = 0;
    loop {
        let view = world.view();
        let question = view.questions.first().map(|(id, _)| id.clone());
        let approval = view.approvals.first().map(|asked| asked.id.clone());
        let wish = match (question, approval) {
            (Some(question), _) => {
                let answers = vec![QuestionAnswer { chosen: vec!["mm".into()], other: None }];
                Wish::AnswerQuestions { question, answers }
            }
            (None, Some(approval)) => Wish::Answer { approval, answer: Answer::Allow { scope: Scope::Once } },
            (None, None) if running.run.is_finished() => return,
            (None, None) => {
                tokio::task::yield_now().await;
                continue;
            }
        };
        number += 1;
        // The runner may have ended meanwhile, or the question been settled: then there is nothing to answer.
        let _settled = running.wish(&format!("drive-{number}-{}", view.head), wish).await;
    }
}

async fn whole_log() -> Vec<Arc<Event>> {
    let world = World::new(JOB);
    drive(&world, world.start(Mode::Ask, "go")).await;
    assert_eq!(world.view().state, TaskState::Done, "{}", world.log());
    world.events()
}

#[tokio::test]
async fn a_log_cut_after_any_event_comes_to_a_good_end() {
    let whole = whole_log().await;
    assert!(whole.len() > 25, "the job has {} events", whole.len());
    for cut in 2..=whole.len() {
        let world = World::new(JOB);
        let mut log = world.store.create(world.task, "test", whole[0].at).unwrap();
        for event in &whole[..cut] {
            log.append(event.at, vec![(event.actor, event.fact.clone())]).unwrap();
        }
        drop(log);
        let running = world.open();
        if cut < whole.len() {
            running.wish("again", Wish::Resume).await.unwrap_or_else(|error| panic!("cut after event {cut}: {error}"));
        }
        drive(&world, running).await;
        let view = world.view();
        assert_eq!(view.state, TaskState::Done, "cut after event {cut}\n{}", world.log());
        assert_eq!(view.last_text, "Done with it.");
        no_call_runs_twice(&world, cut);
    }
}

/// A call with an effect outside begins at most once, and one that was cut is "unknown", not repeated.
fn no_call_runs_twice(world: &World, cut: usize) {
    let mut begun = std::collections::HashMap::new();
    let mut finished = std::collections::HashMap::new();
    for event in world.events() {
        match &event.fact {
            Fact::ToolStarted { call, .. } => *begun.entry(call.clone()).or_insert(0) += 1,
            Fact::ToolFinished { call, .. } => *finished.entry(call.clone()).or_insert(0) += 1,
            _ => {}
        }
    }
    assert!(begun.values().all(|count| *count == 1), "cut after event {cut}: {begun:?}");
    assert!(finished.values().all(|count| *count == 1), "cut after event {cut}: {finished:?}");
}

#[tokio::test]
async fn a_call_cut_by_a_crash_is_unknown_and_streamed_text_is_kept() {
    let world = World::new(
        r#"
replies:
  - calls: [{ tool: Slow, input: { path: s } }]
  - expect: { contains: ["Outcome unknown"] }
    text: I looked again.
"#,
    );
    let running = world.start(Mode::Auto, "go");
    world.until(|fact| matches!(fact, Fact::ToolStarted { .. })).await;
    running.run.abort();
    let _aborted = running.run.await;
    world.open().end().await;
    let unknown = |event: &Arc<Event>| matches!(event.fact, Fact::ToolFinished { outcome: Outcome::Unknown, .. });
    assert_eq!(world.events().iter().filter(|event| unknown(event)).count(), 1);
    assert_eq!(*world.watched.begun.lock().unwrap(), ["s"], "the call was not repeated");
    assert_eq!(world.view().last_text, "I looked again.");
}

#[tokio::test]
async fn text_streamed_before_a_crash_is_kept() {
    let world = World::new("pace_ms: 3000\nreplies: [{ text: slow words come }]");
    let running = world.start(Mode::Auto, "go");
    world.until(|fact| matches!(fact, Fact::StepStarted { .. })).await;
    running.run.abort();
    let _aborted = running.run.await;
    let mut opened = world.store.open(world.task).unwrap();
    opened.log.keep_draft("slow wor").unwrap();
    drop(opened);
    let running = world.open();
    let cut = world.until(|fact| matches!(fact, Fact::ReplyCut { .. })).await;
    let Fact::ReplyCut { text, .. } = &cut.fact else { unreachable!() };
    assert_eq!(text, "slow wor");
    running.wish("s", Wish::Stop).await.unwrap();
    running.end().await;
    assert!(world.directory().exists());
}
