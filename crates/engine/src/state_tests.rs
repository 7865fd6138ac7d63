//! The fold the engine decides on, and the pure step: small questions with whole answers.

use event::{Actor, Digest, Event, Fact, Limits, Mode, ModelRef, Seq, TaskId, Timestamp, UndoSelection, Wish};
use policy::Organisation;
use tool::Toolbox;

use crate::{Act, Bench, Decision, Input, State, step};

pub(crate) fn state(facts: Vec<Fact>) -> State {
    let mut state = State::new(TaskId::from_random([1; 8]));
    for (fact, seq) in facts.into_iter().zip(1..) {
        let (at, task) = (Timestamp(0), state.view.task);
        state.apply(&Event { seq: Seq(seq), at, task, actor: Actor::User, prev: Digest::of(b""), fact });
    }
    state
}

fn created() -> Fact {
    Fact::TaskCreated {
        title: "t".into(),
        mode: Mode::Ask,
        model: ModelRef("m/x".into()),
        folders: Vec::new(),
        limits: Limits::default(),
        project: None,
        tier: None,
        made_by: "test".into(),
    }
}

fn said() -> Fact {
    Fact::Said { text: "go".into(), attachments: Vec::new(), command: None }
}

fn started(step: u32) -> Fact {
    Fact::StepStarted { step, model: ModelRef("m/x".into()) }
}

fn next(state: &State) -> Decision {
    let organisation = Organisation::default();
    let toolbox = Toolbox::default();
    let bench = Bench {
        toolbox: &toolbox,
        organisation: &organisation,
        now: Timestamp(0),
        chance: 0.0,
        context_tokens: None,
        request_bytes: 0,
    };
    step(state, Input::Settle, &bench).unwrap()
}

#[test]
fn each_place_of_a_turn_has_one_next_thing() {
    let write = |fact| Decision { facts: vec![(Actor::Engine, fact)], acts: Vec::new() };
    let mut facts = vec![created()];
    assert_eq!(next(&state(facts.clone())), Decision::default(), "nothing was said");
    facts.push(said());
    assert_eq!(next(&state(facts.clone())), write(Fact::TurnStarted { turn: 1 }));
    facts.push(Fact::TurnStarted { turn: 1 });
    assert_eq!(next(&state(facts.clone())), write(started(1)));
    facts.push(started(1));
    let ask = Decision { facts: Vec::new(), acts: vec![Act::AskModel { step: 1 }] };
    assert_eq!(next(&state(facts.clone())), ask);
    let mut asking = state(facts.clone());
    asking.live.model = true;
    assert_eq!(next(&asking), Decision::default(), "the model is being asked");
    facts.push(Fact::Paused { reason: event::PauseReason::User, message: String::new(), hint: String::new() });
    assert_eq!(next(&state(facts.clone())), Decision::default(), "paused");
    facts.push(Fact::Resumed { command: None });
    assert_eq!(next(&state(facts)), ask, "the open step is asked again");
}

#[test]
fn an_event_is_folded_once() {
    let mut once = state(vec![created(), said(), Fact::TurnStarted { turn: 1 }, started(1)]);
    let twice = once.clone();
    let (at, task) = (Timestamp(0), once.view.task);
    once.apply(&Event { seq: Seq(4), at, task, actor: Actor::Engine, prev: Digest::of(b""), fact: started(1) });
    assert_eq!(once, twice);
}

#[test]
fn a_task_stays_in_the_tier_its_commands_have_run_in() {
    let before = state(vec![created()]);
    assert_eq!(before.preview_desk().tier, None);
    let ran = Fact::SandboxStarted { tier: event::Tier::Vm, folders_read_only: false };
    // A fold of the log, so it is known after a restart as well.
    assert_eq!(state(vec![created(), ran]).preview_desk().tier, Some(event::Tier::Vm));
}

#[test]
fn folder_names_do_not_collide() {
    let known = ["Reports", "Reports-2"].map(str::to_owned).into();
    let named = |path: &str| State::free_folder_name(&known, path.as_ref());
    assert_eq!([named("/b/Reports"), named("/b/Other"), named("/")], ["Reports-3", "Other", "folder"]);
}

#[test]
fn undo_waits_for_quiet() {
    let organisation = Organisation::default();
    let toolbox = Toolbox::default();
    let bench = Bench {
        toolbox: &toolbox,
        organisation: &organisation,
        now: Timestamp(0),
        chance: 0.0,
        context_tokens: None,
        request_bytes: 0,
    };
    let undo = |state: &State| {
        let wish = Wish::Undo { selection: UndoSelection::default() };
        step(state, Input::Command(event::Command { id: "u".into(), wish }), &bench).is_ok()
    };
    assert!(undo(&state(vec![created()])));
    let mut working = state(vec![created(), said(), Fact::TurnStarted { turn: 1 }]);
    assert!(undo(&working), "interrupted: it is paused first");
    working.live.model = true;
    assert!(!undo(&working));
}
