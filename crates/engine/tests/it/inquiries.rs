//! What a call asks while it runs: answered by the rules, by the user, by time, or by nobody.

use event::{Answer, Approval, Event, Fact, Mode, Outcome, Part, Scope, Wish};
use view::TaskState;

use crate::world::{Running, World};

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
