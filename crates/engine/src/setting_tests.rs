//! Wishes that set something, as tables: what is written, what is refused, what changes nothing.

use event::{
    Access, Actor, Command, CommandId, Digest, Event, Fact, Folder, Limits, Mark, Mode, ModelRef, Seq, TaskId,
    Timestamp, Wish,
};
use policy::Organisation;
use tool::Toolbox;

use crate::{Bench, CommandRefused, Decision, Input, MAX_INSTRUCTIONS, MAX_PINNED, State, step};

fn state(facts: Vec<Fact>) -> State {
    let folder = Folder { name: "Reports".into(), path: "/home/ann/Reports".into(), access: Access::ReadOnly };
    let created = Fact::TaskCreated {
        title: "Taxes".into(),
        mode: Mode::Ask,
        model: ModelRef("m/x".into()),
        folders: vec![folder],
        limits: Limits::default(),
        project: Some("P".into()),
        tier: None,
        made_by: "test".into(),
    };
    let mut state = State::new(TaskId::from_random([1; 8]));
    for (fact, seq) in std::iter::once(created).chain(facts).zip(1..) {
        let (at, task) = (Timestamp(0), state.view.task);
        state.apply(&Event { seq: Seq(seq), at, task, actor: Actor::User, prev: Digest::of(b""), fact });
    }
    state
}

fn follow(state: &State, wish: Wish) -> Result<Option<Fact>, CommandRefused> {
    let (organisation, toolbox) = (Organisation::default(), Toolbox::default());
    let bench = Bench {
        toolbox: &toolbox,
        organisation: &organisation,
        now: Timestamp(0),
        chance: 0.0,
        context_tokens: None,
        request_bytes: 0,
    };
    let Decision { facts, acts } = step(state, Input::Command(Command { id: CommandId::from("k"), wish }), &bench)?;
    assert_eq!((facts.len() < 2, acts), (true, vec![]));
    Ok(facts.into_iter().next().map(|(actor, fact)| {
        assert_eq!(actor, Actor::User);
        fact
    }))
}

#[test]
fn a_mark_is_written_only_where_it_changes_something() {
    let project = |name: Option<&str>| Mark::Project { name: name.map(str::to_owned) };
    let table = [
        (Mark::Pinned, Mark::Unpinned),
        (Mark::Archived, Mark::Unarchived),
        (Mark::Unseen, Mark::Seen),
        (project(None), project(Some("P"))),
    ];
    for (on, off) in table {
        let written = |facts: &[Mark], mark: &Mark| {
            let state = state(facts.iter().cloned().map(Fact::Marked).collect());
            follow(&state, Wish::Mark(mark.clone())).unwrap()
        };
        let fact = |mark: &Mark| Some(Fact::Marked(mark.clone()));
        assert_eq!(written(&[], &on), fact(&on));
        assert_eq!(written(&[], &off), None);
        assert_eq!(written(std::slice::from_ref(&on), &on), None);
        assert_eq!(written(std::slice::from_ref(&on), &off), fact(&off));
        assert_eq!(written(&[on, off.clone()], &off), None);
    }
    let state = state(vec![]);
    let moved = |name: &str| follow(&state, Wish::Mark(project(Some(name))));
    assert_eq!(moved("  P "), Ok(None));
    assert_eq!(moved(" Q "), Ok(Some(Fact::Marked(project(Some("Q"))))));
    assert_eq!(moved("  "), Ok(Some(Fact::Marked(project(None)))));
    assert_eq!(moved(&"x".repeat(101)), Err(CommandRefused::TooLong { what: "the project's name", limit: 100 }));
}

#[test]
fn a_title_is_one_line_with_something_in_it() {
    let state = state(vec![]);
    let renamed = |title: &str| follow(&state, Wish::Rename { title: title.into() });
    let titled = |title: &str| Ok(Some(Fact::Titled { title: title.into() }));
    assert_eq!(renamed(" New\n title\t2 "), titled("New title 2"));
    assert_eq!(renamed(" Taxes"), Ok(None));
    assert_eq!(renamed(" \n"), Err(CommandRefused::NoTitle));
    assert_eq!(renamed(&"ü".repeat(200)), titled(&"ü".repeat(200)));
    assert_eq!(renamed(&"u".repeat(201)), Err(CommandRefused::TooLong { what: "the title", limit: 200 }));
}

#[test]
fn instructions_and_effort_are_checked_and_kept_as_they_are() {
    let state = state(vec![
        Fact::InstructionsSet { text: "Write short.".into() },
        Fact::EffortSet { effort: Some("high".into()) },
    ]);
    let instructed = |text: &str| follow(&state, Wish::SetInstructions { text: text.into() });
    let set = |text: &str| Ok(Some(Fact::InstructionsSet { text: text.into() }));
    assert_eq!(instructed("Write short.\n"), Ok(None));
    assert_eq!(instructed("- Be\n  kind [always]\n"), set("- Be\n  kind [always]"));
    assert_eq!(instructed(" "), set(""));
    assert_eq!(instructed(&"ü".repeat(MAX_INSTRUCTIONS)), set(&"ü".repeat(MAX_INSTRUCTIONS)));
    let too_long = CommandRefused::TooLong { what: "the instructions", limit: 20_000 };
    assert_eq!(instructed(&"u".repeat(MAX_INSTRUCTIONS + 1)), Err(too_long));

    let tried = |effort: Option<&str>| follow(&state, Wish::SetEffort { effort: effort.map(str::to_owned) });
    let set = |effort: Option<&str>| Ok(Some(Fact::EffortSet { effort: effort.map(str::to_owned) }));
    assert_eq!(tried(Some(" high ")), Ok(None));
    assert_eq!(tried(Some("x-high_2")), set(Some("x-high_2")));
    assert_eq!(tried(None), set(None));
    assert_eq!(tried(Some("")), set(None));
    assert_eq!(tried(Some("very high")), Err(CommandRefused::NoEffort("very high".into())));
    assert_eq!(tried(Some(&"h".repeat(41))), Err(CommandRefused::TooLong { what: "the effort", limit: 40 }));
}

#[test]
fn only_files_below_the_tasks_places_are_pinned() {
    let state = state(vec![Fact::FilePinned { path: "/outputs/old.md".into() }]);
    let pinned = |path: &str| follow(&state, Wish::PinFile { path: path.into() });
    for path in ["/work/Reports/a.md", "/work/Reports/deep/a b.md", "/outputs/x", "/uploads/größe.csv"] {
        assert_eq!(pinned(path), Ok(Some(Fact::FilePinned { path: path.into() })), "{path}");
    }
    assert_eq!(pinned("/outputs/old.md"), Ok(None));
    for path in [
        "",
        "a.md",
        "/",
        "/outputs",
        "/outputs/",
        "/work/Reports",
        "/work/Reports/",
        "/work/Other/a.md",
        "/work/Reports/../Other/a.md",
        "/work/Reports/../../etc/passwd",
        "/outputs/./x",
        "/outputs//x",
        "/outputs/x/",
        "/outputs/a\nb",
        "/home/ann/Reports/a.md",
        "/etc/passwd",
        "/outputs2/x",
    ] {
        assert_eq!(pinned(path), Err(CommandRefused::NoPlace(path.into())), "{path}");
    }
    let long = format!("/outputs/{}", "x".repeat(4096));
    assert_eq!(pinned(&long), Err(CommandRefused::NoPlace(long.clone())));

    let full: Vec<String> = (0..MAX_PINNED).map(|number| format!("/outputs/{number}")).collect();
    let state = self::state(full.iter().map(|path| Fact::FilePinned { path: path.clone() }).collect());
    let refused = follow(&state, Wish::PinFile { path: "/outputs/more".into() }).unwrap_err();
    assert_eq!(
        (&refused, refused.to_string().as_str()),
        (&CommandRefused::TooManyPinned, "50 files are pinned already")
    );
    assert_eq!(follow(&state, Wish::PinFile { path: full[7].clone() }), Ok(None));
    let unpinned = |path: &str| follow(&state, Wish::UnpinFile { path: path.into() });
    assert_eq!(unpinned("/outputs/7"), Ok(Some(Fact::FileUnpinned { path: "/outputs/7".into() })));
    assert_eq!(unpinned("/outputs/77"), Ok(None));
}
