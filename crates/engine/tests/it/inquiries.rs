//! What a call asks while it runs: answered by the rules, by the user, by time, or by nobody.

use engine::Ended;
use event::{Actor, Answer, Approval, Event, Fact, Mode, Outcome, Part, Scope, Wish};
use view::TaskState;

use crate::world::{Disk, Running, World};

const TREE: &str = "/work/Reports/old";

/// A task whose first call asks for these things.
fn world(asks: &[&str]) -> World {
    let asks = serde_json::to_string(asks).unwrap();
    World::new(&format!("replies: [{{ calls: [{{ tool: Curious, input: {{ asks: {asks} }} }}] }}, {{ text: done }}]"))
}

fn asked(fact: &Fact) -> Option<&Approval> {
    match fact {
        Fact::ApprovalAsked(approval) if approval.running => Some(approval),
        _ => None,
    }
}

async fn until_asked(world: &World, count: usize) {
    let id = format!("a{count}");
    world.until(|fact| asked(fact).is_some_and(|approval| approval.id.as_str() == id)).await;
}

async fn answer(running: &Running, approval: &str, answer: Answer) {
    running.wish(&format!("to-{approval}"), Wish::Answer { approval: approval.into(), answer }).await.unwrap();
}

fn allow(scope: Scope) -> Answer {
    Answer::Allow { scope }
}

fn deny(note: &str) -> Answer {
    Answer::Deny { note: Some(note.to_owned()) }
}

/// How the only call ended, and what it said.
fn ended(world: &World) -> (Outcome, String) {
    let ends: Vec<(Outcome, String)> = world.events().iter().filter_map(|event| end_of(event)).collect();
    assert_eq!(ends.len(), 1, "{}", world.log());
    ends[0].clone()
}

fn end_of(event: &Event) -> Option<(Outcome, String)> {
    match &event.fact {
        Fact::ToolFinished { outcome, output, .. } => match output.as_slice() {
            [Part::Text(text)] => Some((*outcome, text.expose().to_owned())),
            _ => None,
        },
        _ => None,
    }
}

fn said(lines: &str) -> (Outcome, String) {
    (Outcome::Ok, lines.to_owned())
}

fn asked_at_all(world: &World) -> bool {
    world.events().iter().any(|event| asked(&event.fact).is_some())
}

#[tokio::test]
async fn a_deletion_is_asked_while_the_call_runs_and_done_when_allowed() {
    // In every mode.
    for mode in [Mode::Auto, Mode::Skip] {
        let world = world(&[TREE]);
        let running = world.start(mode, "go");
        until_asked(&world, 1).await;
        let view = world.view();
        assert_eq!(view.state, TaskState::NeedsYou);
        let approval = &view.approvals[0];
        assert_eq!((approval.reason.as_str(), approval.files), ("delete 12 files in `/work/Reports/old`", Some(12)));
        assert_eq!((approval.tool.as_str(), approval.offers.as_slice()), ("Curious", &[Scope::Once][..]));
        let too_far = Wish::Answer { approval: "a1".into(), answer: allow(Scope::Task) };
        assert!(running.wish("far", too_far).await.is_err(), "a deletion is allowed once");
        answer(&running, "a1", allow(Scope::Once)).await;
        running.end().await;
        assert_eq!(ended(&world), said("/work/Reports/old: given"), "{}", world.log());
        assert_eq!(world.view().state, TaskState::Done);
    }
}

#[tokio::test]
async fn a_refusal_carries_the_users_words() {
    let world = world(&[TREE]);
    let running = world.start(Mode::Skip, "go");
    until_asked(&world, 1).await;
    answer(&running, "a1", deny("keep the year 2024")).await;
    running.end().await;
    assert_eq!(ended(&world), said("/work/Reports/old: the user refused and says: keep the year 2024"));
}

#[tokio::test]
async fn one_call_may_wait_for_several_answers_in_any_order() {
    let world = world(&[TREE, "files.example.org", "/work/Reports/new"]);
    let running = world.start(Mode::Auto, "go");
    until_asked(&world, 3).await;
    assert_eq!(world.view().approvals.len(), 3);
    answer(&running, "a3", deny("")).await;
    answer(&running, "a2", allow(Scope::Task)).await;
    assert_eq!(world.view().state, TaskState::NeedsYou);
    answer(&running, "a1", allow(Scope::Once)).await;
    running.end().await;
    let lines = "/work/Reports/old: given\nfiles.example.org: given\n/work/Reports/new: the user refused";
    assert_eq!(ended(&world), said(lines));
    let grants: Vec<String> = world.view().grants.iter().map(|grant| format!("{:?}", grant.allows)).collect();
    assert_eq!(grants, [r#"Connect("files.example.org")"#], "the deletion left no permission behind");
}

#[tokio::test]
async fn the_rules_answer_where_they_suffice() {
    let skip = world(&["files.example.org"]);
    skip.start(Mode::Skip, "go").end().await;
    assert_eq!((ended(&skip), asked_at_all(&skip)), (said("files.example.org: given"), false));
    let outside = world(&["/work/Other/a"]);
    outside.start(Mode::Skip, "go").end().await;
    let reason = said("/work/Other/a: `/work/Other/a` is outside the granted folders");
    assert_eq!((ended(&outside), asked_at_all(&outside)), (reason, false));
}

#[tokio::test]
async fn what_waits_is_answered_when_the_rules_change() {
    let changes = [
        (Wish::SetMode { mode: Mode::Skip }, "files.example.org: given\n/work/Reports/old: "),
        (
            Wish::Answer { approval: "a1".into(), answer: allow(Scope::Task) },
            "files.example.org: given\n/work/Reports/old: ",
        ),
    ];
    for (change, expected) in changes {
        let world = world(&["files.example.org", TREE, "files.example.org"]);
        let running = world.start(Mode::Auto, "go");
        until_asked(&world, 3).await;
        running.wish("change", change).await.unwrap();
        let both = |world: &World| world.view().approvals.iter().map(|open| open.id.to_string()).collect::<Vec<_>>();
        world.until(|fact| matches!(fact, Fact::ApprovalAnswered { approval, .. } if approval.as_str() == "a3")).await;
        assert_eq!(both(&world), ["a2"], "only the deletion still asks");
        answer(&running, "a2", deny("no")).await;
        running.end().await;
        let (_, said) = ended(&world);
        assert!(said.starts_with(expected) && said.ends_with("\nfiles.example.org: given"), "{said}");
    }
}

#[tokio::test]
async fn a_folder_taken_back_refuses_and_ends_what_waits() {
    let world = world(&[TREE]);
    let running = world.start(Mode::Auto, "go");
    until_asked(&world, 1).await;
    running.wish("back", Wish::RemoveFolder { name: "Reports".into() }).await.unwrap();
    running.end().await;
    assert_eq!(ended(&world), said("/work/Reports/old: the call was ended before anybody answered"));
    assert_eq!((world.view().state, world.view().approvals.len()), (TaskState::Done, 0));
}

#[tokio::test]
async fn a_call_that_is_to_end_asks_nobody_any_more() {
    let world = World::new(&format!(
        "replies: [{{ calls: [{{ tool: Curious, input: {{ asks: [{TREE}], then: [files.example.org] }} }}] }}, {{ text: \
         done }}]"
    ));
    let running = world.start(Mode::Auto, "go");
    until_asked(&world, 1).await;
    running.wish("back", Wish::RemoveFolder { name: "Reports".into() }).await.unwrap();
    running.end().await;
    let refused = "the call was ended before anybody answered";
    assert_eq!(ended(&world), said(&format!("{TREE}: {refused}\nfiles.example.org: {refused}")));
    assert_eq!(world.events().iter().filter(|event| asked(&event.fact).is_some()).count(), 1, "{}", world.log());
}

#[tokio::test]
async fn stop_refuses_what_waits() {
    let world = world(&[TREE]);
    let running = world.start(Mode::Auto, "go");
    until_asked(&world, 1).await;
    running.wish("stop", Wish::Stop).await.unwrap();
    running.end().await;
    assert_eq!(ended(&world), said("/work/Reports/old: the call was ended before anybody answered"));
    assert_eq!((world.view().state, world.view().approvals.len()), (TaskState::Stopped, 0));
}

#[tokio::test(start_paused = true)]
async fn nobody_answers_for_half_an_hour_and_the_wait_is_no_work() {
    let world = world(&[TREE, "/work/Reports/new"]);
    let begun = tokio::time::Instant::now();
    let running = world.start(Mode::Auto, "go");
    // Time runs by itself here, as far as the next thing that happens by itself.
    tokio::time::timeout(std::time::Duration::from_hours(1), running.run).await.unwrap().unwrap();
    assert_eq!(begun.elapsed().as_secs() / 60, 30);
    let lines = "/work/Reports/old: nobody answered within 30 minutes\n\
                 /work/Reports/new: nobody answered within 30 minutes";
    assert_eq!(ended(&world), said(lines), "{}", world.log());
    let took: Vec<u64> = world
        .events()
        .iter()
        .filter_map(|event| match event.fact {
            Fact::ToolFinished { ms, .. } => Some(ms),
            _ => None,
        })
        .collect();
    assert!(took[0] < 1_000, "{took:?} ms of work");
    assert_eq!(world.view().state, TaskState::Done);
}

#[tokio::test]
async fn where_nobody_can_answer_it_is_refused_at_once_and_the_log_says_so() {
    let world = world(&[TREE]);
    let running = world.start(Mode::Skip, "go");
    running.handle.nobody_answers();
    running.end().await;
    assert_eq!(ended(&world), said("/work/Reports/old: nobody is there to answer"));
    assert_eq!(world.view().state, TaskState::Done);
    assert!(asked_at_all(&world), "{}", world.log());
}

#[tokio::test]
async fn after_a_restart_the_call_is_unknown_and_what_it_waited_for_is_told() {
    let script = format!(
        "replies: [{{ calls: [{{ tool: Curious, input: {{ asks: [{TREE}] }} }}] }}, {{ expect: {{ contains: [\"Outcome \
         unknown\", \"waiting for permission to delete 12 files in `/work/Reports/old`; that was not given\"] }}, text: \
         looked }}]"
    );
    let world = World::new(&script);
    let running = world.start(Mode::Auto, "go");
    until_asked(&world, 1).await;
    running.run.abort();
    let _aborted = running.run.await;
    let running = world.open();
    running.end().await;
    assert_eq!((world.view().last_text.as_str(), world.view().approvals.len()), ("looked", 0), "{}", world.log());
}

#[tokio::test]
async fn a_pause_lets_the_answer_through() {
    let world = world(&[TREE]);
    let running = world.start(Mode::Auto, "go");
    until_asked(&world, 1).await;
    running.wish("pause", Wish::Pause).await.unwrap();
    answer(&running, "a1", allow(Scope::Once)).await;
    running.end().await;
    assert_eq!(ended(&world), said("/work/Reports/old: given"));
    assert_eq!(world.view().state, TaskState::Paused);
}

#[tokio::test]
async fn an_allow_reaches_the_call_once_it_is_on_the_disk() {
    let world = world(&[TREE]);
    let running = world.start(Mode::Skip, "go");
    until_asked(&world, 1).await;
    world.watched.disk.send_replace(Disk::Holds);
    answer(&running, "a1", allow(Scope::Once)).await;
    world.rest().await;
    assert_eq!(*world.watched.answers.lock().unwrap(), Vec::<String>::new(), "the flush has not ended");
    world.watched.disk.send_replace(Disk::Works);
    running.end().await;
    assert_eq!(ended(&world), said("/work/Reports/old: given"), "{}", world.log());
}

#[tokio::test]
async fn an_allow_that_cannot_be_stored_is_a_refusal() {
    let world = world(&[TREE]);
    let running = world.start(Mode::Skip, "go");
    until_asked(&world, 1).await;
    world.watched.disk.send_replace(Disk::Holds);
    answer(&running, "a1", allow(Scope::Once)).await;
    world.rest().await;
    world.watched.disk.send_replace(Disk::Fails);
    assert!(matches!(running.end().await, Ended::Storage(_)));
    let answers = world.watched.answers.lock().unwrap().clone();
    assert!(answers.len() == 1 && !answers[0].ends_with(": given"), "{answers:?}");
}

#[tokio::test]
async fn a_refusal_waits_for_no_disk() {
    let world = world(&[TREE]);
    let running = world.start(Mode::Skip, "go");
    until_asked(&world, 1).await;
    world.watched.disk.send_replace(Disk::Holds);
    answer(&running, "a1", deny("")).await;
    world.until_answered().await;
    assert_eq!(*world.watched.answers.lock().unwrap(), ["/work/Reports/old: the user refused"]);
    world.watched.disk.send_replace(Disk::Works);
    running.end().await;
}

#[tokio::test]
async fn what_is_given_up_is_asked_no_longer() {
    let world = World::new(&format!(
        "replies: [{{ calls: [{{ tool: Fickle, input: {{ path: {TREE} }} }}] }}, {{ text: done }}]"
    ));
    let running = world.start(Mode::Auto, "go");
    until_asked(&world, 1).await;
    assert_eq!(world.view().state, TaskState::NeedsYou);
    world.watched.go.add_permits(1);
    let event = world.until(|fact| matches!(fact, Fact::ApprovalAnswered { .. })).await;
    let why = "the command does not wait for it any more".to_owned();
    let withdrawn =
        Fact::ApprovalAnswered { approval: "a1".into(), answer: Answer::Deny { note: Some(why) }, command: None };
    assert_eq!((event.actor, &event.fact), (Actor::Engine, &withdrawn));
    assert_eq!((world.view().state, world.view().approvals.len()), (TaskState::Working, 0));
    let late = Wish::Answer { approval: "a1".into(), answer: allow(Scope::Once) };
    assert!(running.wish("late", late).await.is_err(), "there is nothing to answer");
    world.watched.go.add_permits(1);
    running.end().await;
    assert_eq!(ended(&world), said("went on"), "{}", world.log());
}

/// A task whose only call connects to a host until it may not any more.
fn borrowing() -> World {
    World::new("replies: [{ calls: [{ tool: Borrow, input: { path: h.example } }] }, { text: done }]")
}

#[tokio::test]
async fn what_a_rule_allowed_is_taken_back_when_the_mode_becomes_stricter() {
    let world = borrowing();
    let running = world.start(Mode::Skip, "go");
    world.until_answered().await;
    running.wish("same", Wish::SetMode { mode: Mode::Skip }).await.unwrap();
    world.rest().await;
    assert!(!asked_at_all(&world), "nothing has changed");
    running.wish("stricter", Wish::SetMode { mode: Mode::Auto }).await.unwrap();
    until_asked(&world, 1).await;
    answer(&running, "a1", allow(Scope::Once)).await;
    running.end().await;
    assert_eq!(ended(&world), said("Given, cut, Given"), "{}", world.log());
}

#[tokio::test]
async fn what_the_user_allowed_stays_when_the_mode_becomes_stricter() {
    let world = borrowing();
    let running = world.start(Mode::Auto, "go");
    until_asked(&world, 1).await;
    answer(&running, "a1", allow(Scope::Once)).await;
    world.until_answered().await;
    for mode in [Mode::Skip, Mode::Auto, Mode::Skip, Mode::Ask] {
        running.wish(&format!("{mode:?}"), Wish::SetMode { mode }).await.unwrap();
        world.rest().await;
    }
    assert_eq!(*world.watched.ended.lock().unwrap(), Vec::<String>::new(), "it was not cut");
    running.run.abort();
}

/// A task whose only call declares that it connects to a host, and does so until it may not any more.
fn visiting() -> World {
    World::new("replies: [{ calls: [{ tool: Borrow, input: { path: h.example, declared: true } }] }, { text: done }]")
}

async fn until_begun(world: &World) {
    let begun = async {
        while world.watched.begun.lock().unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), begun).await.expect("it begins");
}

#[tokio::test]
async fn what_is_taken_back_before_the_call_has_begun_is_noticed() {
    let world = visiting();
    world.watched.disk.send_replace(Disk::Holds);
    let running = world.start(Mode::Skip, "go");
    world.until(|fact| matches!(fact, Fact::ToolStarted { .. })).await;
    running.wish("stricter", Wish::SetMode { mode: Mode::Auto }).await.unwrap();
    world.rest().await;
    assert_eq!(*world.watched.begun.lock().unwrap(), Vec::<String>::new(), "the flush has not ended");
    world.watched.disk.send_replace(Disk::Works);
    running.end().await;
    assert_eq!(ended(&world), said("cut"), "{}", world.log());
}

#[tokio::test]
async fn what_a_card_was_spared_for_is_taken_back_with_its_rule() {
    let world = visiting();
    let running = world.start(Mode::Auto, "go");
    world.until(|fact| matches!(fact, Fact::ApprovalAsked(_))).await;
    running.wish("skip", Wish::SetMode { mode: Mode::Skip }).await.unwrap();
    until_begun(&world).await;
    running.wish("stricter", Wish::SetMode { mode: Mode::Auto }).await.unwrap();
    running.end().await;
    assert_eq!(ended(&world), said("cut"), "{}", world.log());
}

#[tokio::test]
async fn a_card_that_was_spared_is_shown_again_where_its_rule_went_before_the_call_began() {
    let world = World::new(
        "replies: [{ calls: [{ tool: Slow, input: {} }, { tool: Borrow, input: { path: h.example, declared: true } }] }, { text: done }]",
    );
    let running = world.start(Mode::Skip, "go");
    until_begun(&world).await;
    for (id, mode) in [("a", Mode::Auto), ("b", Mode::Skip), ("c", Mode::Auto)] {
        running.wish(id, Wish::SetMode { mode }).await.unwrap();
        world.rest().await;
    }
    let open: Vec<String> = world.view().approvals.iter().map(|open| open.id.to_string()).collect();
    assert_eq!(open, ["a2"], "{}", world.log());
    running.run.abort();
}

#[tokio::test]
async fn what_the_user_allowed_before_the_call_began_stays() {
    let world = visiting();
    let running = world.start(Mode::Auto, "go");
    world.until(|fact| matches!(fact, Fact::ApprovalAsked(_))).await;
    answer(&running, "a1", allow(Scope::Once)).await;
    until_begun(&world).await;
    for mode in [Mode::Skip, Mode::Auto] {
        running.wish(&format!("{mode:?}"), Wish::SetMode { mode }).await.unwrap();
        world.rest().await;
    }
    assert_eq!(*world.watched.ended.lock().unwrap(), Vec::<String>::new(), "it was not cut");
    running.run.abort();
}

#[tokio::test]
async fn a_task_without_folders_is_offered_nothing_for_its_folders() {
    let world = World::new("replies: [{ text: hello }, { calls: [{ tool: Slow, input: {} }] }, { text: done }]");
    world.start(Mode::Ask, "go").end().await;
    let running = world.open();
    running.wish("folder", Wish::RemoveFolder { name: "Reports".into() }).await.unwrap();
    let _ended = running.end().await;
    let running = world.open();
    let say = Wish::Say { text: "on".into(), attachments: Vec::new() };
    running.wish("say", say).await.unwrap();
    world.until(|fact| matches!(fact, Fact::ApprovalAsked(_))).await;
    assert_eq!(world.view().approvals[0].offers, [Scope::Once, Scope::Task, Scope::Always]);
    answer(&running, "a1", deny("")).await;
    running.end().await;
}
