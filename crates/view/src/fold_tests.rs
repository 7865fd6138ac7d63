//! The fold as tables: facts in, the view that matters out.

use event::{
    Access, Actor, Answer, Approval, ApprovalId, Attachment, Block, CallId, Change, ChangeKind, Digest, Effect, Ending,
    Event, Fact, FileCard, Folder, Grant, GrantId, Json, Limits, Mark, Mode, ModelRef, Outcome, PauseReason, PlanItem,
    PlanState, Question, QuestionId, Reply, Scope, Seq, Stop, TaskId, TextBlock, Tier, Timestamp, Usage,
};

use crate::{OutputCard, Progress, TaskState, View, Withdrawn};

fn task() -> TaskId {
    TaskId::from_random([1; 8])
}

fn events(facts: &[Fact]) -> Vec<Event> {
    let event = |(seq, fact): (u64, &Fact)| Event {
        seq: Seq(seq),
        at: Timestamp(100 + seq as i64),
        task: task(),
        actor: Actor::Engine,
        prev: Digest::of(b""),
        fact: fact.clone(),
    };
    (1..).zip(facts).map(event).collect()
}

fn fold(facts: &[Fact]) -> View {
    View::of(task(), &events(facts))
}

fn text(text: &str) -> String {
    text.to_owned()
}

fn created() -> Fact {
    Fact::TaskCreated {
        title: text("First"),
        mode: Mode::Auto,
        model: ModelRef(text("p/m")),
        folders: vec![folder("a", Access::ReadOnly)],
        limits: Limits { steps: Some(3), tokens: None, minutes: None },
        project: Some(text("P")),
        tier: Some(Tier::Vm),
        made_by: text("test"),
    }
}

fn folder(name: &str, access: Access) -> Folder {
    Folder { name: text(name), path: format!("/home/u/{name}"), access }
}

fn said() -> Fact {
    Fact::Said { text: text("hi"), attachments: Vec::new(), command: None }
}

fn approval(id: &str, call: &str) -> Approval {
    Approval {
        id: ApprovalId::from(id),
        call: CallId::from(call),
        tool: text("Bash"),
        input: Json::empty_object(),
        effects: Vec::new(),
        reason: text("it runs a command"),
        binds: Digest::of(b""),
        offers: vec![Scope::Once],
        running: false,
        files: None,
    }
}

fn asked(id: &str, call: &str) -> Fact {
    Fact::ApprovalAsked(approval(id, call))
}

fn answered(id: &str) -> Fact {
    let answer = Answer::Allow { scope: Scope::Once };
    Fact::ApprovalAnswered { approval: ApprovalId::from(id), answer, command: None }
}

fn question(id: &str) -> Fact {
    Fact::QuestionAsked { question: QuestionId::from(id), call: CallId::from("c"), questions: vec![which()] }
}

fn which() -> Question {
    Question { text: text("Which?"), header: text("Pick"), choices: Vec::new(), several: false }
}

fn question_answered(id: &str) -> Fact {
    Fact::QuestionAnswered { question: QuestionId::from(id), answers: Vec::new(), command: None }
}

fn finished(call: &str, outcome: Outcome) -> Fact {
    Fact::ToolFinished { call: CallId::from(call), outcome, output: Vec::new(), ms: 1 }
}

fn started(turn: u32) -> Fact {
    Fact::TurnStarted { turn }
}

fn ended(ending: Ending) -> Fact {
    Fact::TurnEnded { turn: 1, ending }
}

fn failed() -> Ending {
    Ending::Failed { code: text("refused"), message: text("no"), hint: text("ask") }
}

fn paused() -> Fact {
    Fact::Paused { reason: PauseReason::Limit, message: text("limit met"), hint: text("raise it") }
}

fn resumed() -> Fact {
    Fact::Resumed { command: None }
}

fn replied(words: &str, usage: Usage) -> Fact {
    let blocks = if words.is_empty() { vec![] } else { vec![Block::Text(TextBlock { text: text(words), wire: None })] };
    let reply = Reply { blocks, stop: Stop::Finished, usage, model: text("m"), dialect: text("d") };
    Fact::Replied { step: 1, reply, ms: 1 }
}

#[test]
fn where_a_task_stands_after_each_fact() {
    use TaskState::{Done, Failed, NeedsYou, New, Paused, Stopped, Working};
    let stories: [&[(Fact, TaskState)]; 8] = [
        &[(created(), New), (said(), New), (started(1), Working), (ended(Ending::Done), Done)],
        &[(created(), New), (started(1), Working), (ended(failed()), Failed), (started(2), Working)],
        &[(created(), New), (started(1), Working), (ended(Ending::Stopped), Stopped), (said(), Working)],
        &[
            (started(1), Working),
            (asked("a1", "c1"), NeedsYou),
            (asked("a2", "c2"), NeedsYou),
            (answered("a1"), NeedsYou),
            (answered("a2"), Working),
        ],
        &[
            (started(1), Working),
            (question("q1"), NeedsYou),
            (asked("a1", "c1"), NeedsYou),
            (question_answered("q1"), NeedsYou),
            (finished("c1", Outcome::Denied), Working),
        ],
        &[
            (started(1), Working),
            (paused(), Paused),
            (asked("a1", "c1"), Paused),
            (resumed(), NeedsYou),
            (ended(Ending::Done), Done),
            (started(2), Working),
        ],
        &[(started(1), Working), (paused(), Paused), (said(), Working), (paused(), Paused), (started(2), Working)],
        &[
            (created(), New),
            (paused(), Paused),
            (resumed(), New),
            (started(1), Working),
            (paused(), Paused),
            (ended(failed()), Failed),
        ],
    ];
    for story in stories {
        let mut facts = Vec::new();
        for (fact, wanted) in story {
            facts.push(fact.clone());
            assert_eq!(fold(&facts).state, *wanted, "after {facts:?}");
        }
    }
}

#[test]
fn what_a_task_is_set_up_with() {
    let grant = |id: &str| Grant { id: GrantId::from(id), scope: Scope::Task, allows: Effect::Run(String::new()) };
    let withdrawn = |reason: &str| Withdrawn { tool: text("Bash"), reason: text(reason), hint: text("install it") };
    let withdraw = |reason: &str| {
        let Withdrawn { tool, reason, hint } = withdrawn(reason);
        Fact::ToolWithdrawn { tool, reason, hint }
    };
    let first = fold(&[created()]);
    let wanted = View {
        title: text("First"),
        head: Seq(1),
        made_at: Timestamp(101),
        changed_at: Timestamp(101),
        mode: Mode::Auto,
        model: ModelRef(text("p/m")),
        limits: Limits { steps: Some(3), tokens: None, minutes: None },
        project: Some(text("P")),
        start: text("/work/a"),
        folders: vec![folder("a", Access::ReadOnly)],
        ..View::empty(task())
    };
    // The tier the user asked for is not the one in use: that is known when the sandbox is up.
    assert_eq!(first, wanted);
    let changed = fold(&[
        created(),
        Fact::Titled { title: text("Second") },
        Fact::ModeSet { mode: Mode::Skip },
        Fact::ModelSet { model: ModelRef(text("q/n")) },
        Fact::LimitsSet { limits: Limits::default() },
        Fact::FolderAdded(folder("b", Access::ReadOnly)),
        Fact::FolderAdded(folder("a", Access::ReadWrite)),
        Fact::FolderRemoved { name: text("b") },
        Fact::FolderRemoved { name: text("never there") },
        Fact::GrantAdded(grant("g1")),
        Fact::GrantAdded(grant("g2")),
        Fact::GrantRevoked { grant: GrantId::from("g1") },
        Fact::SandboxStarted { tier: Tier::Namespace, folders_read_only: true },
        withdraw("gone"),
        withdraw("gone again"),
    ]);
    let wanted = View {
        title: text("Second"),
        head: Seq(15),
        changed_at: Timestamp(115),
        mode: Mode::Skip,
        model: ModelRef(text("q/n")),
        limits: Limits::default(),
        folders: vec![folder("a", Access::ReadWrite)],
        grants: vec![grant("g2")],
        tier: Some(Tier::Namespace),
        folders_read_only: true,
        withdrawn: vec![withdrawn("gone again")],
        ..wanted
    };
    assert_eq!(changed, wanted);
}

#[test]
fn progress_is_n_of_m() {
    let item = |state| PlanItem { text: text("do"), state };
    let plan = |states: &[PlanState]| Fact::PlanSet { items: states.iter().copied().map(item).collect() };
    let table: [(&[PlanState], (u32, u32)); 4] = [
        (&[], (0, 0)),
        (&[PlanState::Pending, PlanState::Active], (0, 2)),
        (&[PlanState::Done, PlanState::Active, PlanState::Done], (2, 3)),
        (&[PlanState::Done], (1, 1)),
    ];
    let mut facts = vec![created()];
    for (states, (done, total)) in table {
        facts.push(plan(states));
        let items = states.iter().copied().map(item).collect();
        assert_eq!(fold(&facts).progress, Progress { done, total, items });
    }
}

#[test]
fn what_waits_for_the_user() {
    let waiting = |facts: &[Fact]| {
        let view = fold(facts);
        let approvals: Vec<String> = view.approvals.iter().map(|approval| approval.id.to_string()).collect();
        let questions: Vec<String> = view.questions.iter().map(|(id, _)| id.to_string()).collect();
        (approvals.join(" "), questions.join(" "))
    };
    let mut facts = vec![started(1)];
    let steps = [
        (asked("a1", "c1"), "a1", ""),
        (asked("a2", "c2"), "a1 a2", ""),
        (question("q1"), "a1 a2", "q1"),
        (question("q2"), "a1 a2", "q1 q2"),
        (answered("a2"), "a1", "q1 q2"),
        (answered("a9"), "a1", "q1 q2"),
        (question_answered("q1"), "a1", "q2"),
        // A call that ended, in whatever way, no longer asks.
        (finished("c1", Outcome::Stopped), "", "q2"),
        (asked("a3", "c3"), "a3", "q2"),
        (ended(Ending::Stopped), "", ""),
    ];
    for (fact, approvals, questions) in steps {
        facts.push(fact);
        assert_eq!(waiting(&facts), (text(approvals), text(questions)), "after {facts:?}");
    }
    let view = fold(&[started(1), asked("a1", "c1"), question("q1")]);
    assert_eq!(view.approvals, [approval("a1", "c1")]);
    assert_eq!(view.questions, [(QuestionId::from("q1"), vec![which()])]);
}

#[test]
fn a_running_call_may_wait_for_several_answers() {
    let running = |id: &str| Fact::ApprovalAsked(Approval { running: true, ..approval(id, "c1") });
    let waiting = |facts: &[Fact]| {
        let view = fold(&[&[created(), started(1)], facts].concat());
        (view.state, view.approvals.into_iter().map(|asked| asked.id.0).collect::<Vec<_>>())
    };
    let open = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
    let both = [asked("a1", "c1"), answered("a1"), running("a2"), running("a3")];
    assert_eq!(waiting(&both), (TaskState::NeedsYou, open(&["a2", "a3"])));
    let one = [&both[..], &[answered("a2")]].concat();
    assert_eq!(waiting(&one), (TaskState::NeedsYou, open(&["a3"])));
    let over = [&one[..], &[finished("c1", Outcome::Stopped)]].concat();
    assert_eq!(waiting(&over), (TaskState::Working, open(&[])));
}

#[test]
fn files_are_listed_once_the_newest_last() {
    let card = |path: &str, title: &str| FileCard { path: text(path), title: text(title), bytes: 1, media: text("m") };
    let output = |path: &str, title: &str, turn| OutputCard {
        path: text(path),
        title: text(title),
        bytes: 1,
        media: text("m"),
        turn,
    };
    let change = |path: &str, kind| Change { path: text(path), kind, before: None, after: None, entry: None };
    let changed =
        |changes: &[Change], undo| Fact::FilesChanged { call: None, turn: 1, changes: changes.to_vec(), more: 0, undo };
    let view = fold(&[
        started(1),
        Fact::Presented { files: vec![card("a", "old"), card("b", "B")] },
        changed(&[change("x", ChangeKind::Made), change("y", ChangeKind::Changed)], false),
        started(2),
        Fact::Presented { files: vec![card("a", "new")] },
        changed(&[change("x", ChangeKind::Deleted)], true),
    ]);
    assert_eq!(view.outputs, [output("b", "B", 1), output("a", "new", 2)]);
    assert_eq!(view.changed, [change("y", ChangeKind::Changed), change("x", ChangeKind::Deleted)]);
}

#[test]
fn usage_adds_up_and_context_is_the_last_replys() {
    let usage = |n| Usage { input: n, output: 2 * n, cache_read: 3 * n, cache_write: 4 * n };
    let view = fold(&[
        started(1),
        Fact::StepStarted { step: 4, model: ModelRef(text("p/m")) },
        replied("one", usage(10)),
        replied("", usage(1)),
        Fact::NoteSet { text: text("old") },
        Fact::NoteSet { text: text("new") },
    ]);
    assert_eq!((view.usage, view.context_tokens, view.steps), (usage(11), 8, 4));
    assert_eq!((view.last_text.as_str(), view.scratchpad.as_str(), view.turn), ("one", "new", 1));
}

#[test]
fn why_it_stopped_is_kept_until_it_goes_on() {
    let why = Some((text("limit met"), text("raise it")));
    assert_eq!(fold(&[started(1), paused()]).paused, why);
    assert_eq!(fold(&[started(1), paused(), resumed()]).paused, None);
    assert_eq!(fold(&[started(1), ended(failed())]).ending, Some(failed()));
    assert_eq!(fold(&[started(1), ended(failed()), said()]).ending, None);
    assert_eq!(fold(&[started(1), ended(failed()), started(2)]).ending, None);
}

#[test]
fn an_event_counts_once_however_often_it_comes() {
    let facts =
        [created(), started(1), asked("a1", "c1"), replied("x", Usage { input: 5, ..Usage::default() }), paused()];
    let events = events(&facts);
    let once = View::of(task(), &events);
    let doubled = events.iter().flat_map(|event| [event, event]);
    assert_eq!(View::of(task(), doubled), once);
    let replayed = events.iter().chain(&events).chain(&events[1..3]);
    assert_eq!(View::of(task(), replayed), once);
    let mut stepped = View::of(task(), &events[..2]);
    for event in &events {
        stepped.apply(event);
    }
    assert_eq!(stepped, once);
    assert_eq!(View::of(task(), []), View::empty(task()));
}

#[test]
fn a_mark_shows_and_moves_nothing() {
    let project = |name: Option<&str>| Mark::Project { name: name.map(text) };
    let shown = |facts: &[Fact]| {
        let view = fold(facts);
        (view.pinned, view.archived, view.project)
    };
    let p = Some(text("P"));
    let steps = [
        (Mark::Pinned, (true, false, p.clone())),
        (Mark::Pinned, (true, false, p.clone())),
        (Mark::Archived, (true, true, p.clone())),
        (Mark::Unpinned, (false, true, p.clone())),
        (Mark::Seen, (false, true, p.clone())),
        (Mark::Unarchived, (false, false, p)),
        (project(Some("Q")), (false, false, Some(text("Q")))),
        (project(None), (false, false, None)),
    ];
    let mut facts = vec![created(), started(1), ended(Ending::Done)];
    let before = fold(&facts);
    for (mark, wanted) in steps {
        facts.push(Fact::Marked(mark));
        assert_eq!(shown(&facts), wanted, "after {facts:?}");
    }
    let after = fold(&facts);
    assert_eq!((after.changed_at, after.state), (before.changed_at, TaskState::Done));
    assert_eq!(after.head, Seq(facts.len() as u64));
    // Work that comes later moves it again.
    facts.push(said());
    assert_eq!(fold(&facts).changed_at, Timestamp(100 + facts.len() as i64));
}

#[test]
fn unread_is_what_the_user_has_not_looked_at() {
    let pause = |reason| Fact::Paused { reason, message: String::new(), hint: String::new() };
    let seen = || Fact::Marked(Mark::Seen);
    let unseen = || Fact::Marked(Mark::Unseen);
    let stories: [&[(Fact, bool)]; 6] = [
        &[(created(), false), (said(), false), (started(1), false), (ended(Ending::Done), true), (seen(), false)],
        &[(ended(failed()), true), (said(), false), (ended(Ending::Stopped), false)],
        &[(asked("a1", "c1"), true), (answered("a1"), false), (question("q1"), true), (question_answered("q1"), false)],
        &[(asked("a1", "c1"), true), (ended(Ending::Stopped), false)],
        &[(pause(PauseReason::Limit), true), (pause(PauseReason::User), false), (pause(PauseReason::Model), true)],
        &[(seen(), false), (unseen(), true), (replied("more", Usage::default()), true), (said(), false)],
    ];
    for story in stories {
        let mut facts = Vec::new();
        for (fact, unread) in story {
            facts.push(fact.clone());
            assert_eq!(fold(&facts).unread, *unread, "after {facts:?}");
        }
    }
}

#[test]
fn what_the_user_gives_along_is_shown() {
    let file = |name: &str| Attachment { name: text(name), bytes: 1 };
    let with = |names: &[&str]| Fact::Said {
        text: text("look"),
        attachments: names.iter().copied().map(file).collect(),
        command: None,
    };
    let pin = |path: &str| Fact::FilePinned { path: text(path) };
    let mut facts = vec![
        created(),
        with(&["a.txt", "b.txt"]),
        said(),
        with(&["c.txt"]),
        pin("/work/a/x"),
        pin("/outputs/y"),
        pin("/work/a/x"),
        Fact::InstructionsSet { text: text("Write short.") },
        Fact::EffortSet { effort: Some(text("high")) },
    ];
    let view = fold(&facts);
    assert_eq!(view.uploads, [file("a.txt"), file("b.txt"), file("c.txt")]);
    assert_eq!(view.pinned_files, ["/work/a/x", "/outputs/y"]);
    assert_eq!((view.instructions.as_str(), view.effort.as_deref()), ("Write short.", Some("high")));
    facts.extend([
        Fact::FileUnpinned { path: text("/work/a/x") },
        Fact::FileUnpinned { path: text("/nowhere") },
        Fact::InstructionsSet { text: String::new() },
        Fact::EffortSet { effort: None },
    ]);
    let view = fold(&facts);
    assert_eq!(view.pinned_files, ["/outputs/y"]);
    assert_eq!((view.instructions.as_str(), view.effort), ("", None));
}
