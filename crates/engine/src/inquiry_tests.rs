//! Inquiries as the pure step sees them: what is answered at once, what is put to the user, what is too late.

use event::{
    Access, Actor, ApprovalId, Block, CallId, Consent, Effect, Fact, Folder, Inquiry, Json, Limits, Mode, ModelRef,
    Reply, Scope, Stop, ToolCall, Usage,
};
use policy::Organisation;
use tool::Toolbox;

use super::{asked, expired, ruled};
use crate::state_tests::state;
use crate::{Act, Audience, Bench, Decision, State};

const DELETED: &str = "/work/Reports/old";

/// A task whose call `c1` runs.
fn running(mode: Mode) -> State {
    let folder = Folder { name: "Reports".into(), path: "/a/Reports".into(), access: Access::ReadWrite };
    let call = ToolCall { id: CallId::from("c1"), tool: "Bash".into(), input: Json::empty_object(), wire: None };
    let reply = Reply {
        blocks: vec![Block::ToolCall(call)],
        stop: Stop::Tools,
        usage: Usage::default(),
        model: "m".into(),
        dialect: "d".into(),
    };
    let mut state = state(vec![
        Fact::TaskCreated {
            title: "t".into(),
            mode,
            model: ModelRef("m/x".into()),
            folders: vec![folder],
            limits: Limits::default(),
            project: None,
            tier: None,
            made_by: "test".into(),
        },
        Fact::TurnStarted { turn: 1 },
        Fact::StepStarted { step: 1, model: ModelRef("m/x".into()) },
        Fact::Replied { step: 1, reply, ms: 1 },
        Fact::ToolStarted { call: CallId::from("c1"), tool: "Bash".into(), effects: Vec::new() },
    ]);
    state.live.calls.insert(CallId::from("c1"));
    state
}

fn with<T>(use_it: impl FnOnce(&Bench<'_>) -> T) -> T {
    let (organisation, toolbox) = (Organisation::default(), Toolbox::default());
    use_it(&Bench {
        toolbox: &toolbox,
        organisation: &organisation,
        now: event::Timestamp(0),
        chance: 0.0,
        context_tokens: None,
        request_bytes: 0,
    })
}

fn ask(state: &State, call: &str, effects: Vec<Effect>, audience: Audience) -> Decision {
    let inquiry = Inquiry { effects, reason: "delete 3 files".into(), files: Some(3) };
    with(|bench| asked(state, (&CallId::from(call), 7), inquiry, audience, bench))
}

fn refused(why: &str) -> Decision {
    let consent = Consent::Refused { why: why.into() };
    Decision { facts: Vec::new(), acts: vec![Act::Consent { ask: 7, consent }] }
}

fn delete() -> Vec<Effect> {
    vec![Effect::DeletePath(DELETED.into())]
}

#[test]
fn what_cannot_be_asked_is_refused() {
    let state = running(Mode::Skip);
    assert_eq!(ask(&state, "c2", delete(), Audience::Somebody), refused("the call has ended"));
    assert_eq!(ask(&state, "c1", Vec::new(), Audience::Somebody), refused("it did not say what it would do"));
    let mut stopping = state.clone();
    stopping.live.stopping = true;
    assert_eq!(ask(&stopping, "c1", delete(), Audience::Somebody), refused("the call has ended"));
}

#[test]
fn the_user_is_asked_and_the_call_waits() {
    let state = running(Mode::Skip);
    let decision = ask(&state, "c1", delete(), Audience::Somebody);
    let [(Actor::Engine, Fact::ApprovalAsked(approval))] = decision.facts.as_slice() else { panic!("{decision:?}") };
    assert!(approval.running);
    assert_eq!((approval.id.as_str(), approval.files, approval.reason.as_str()), ("a1", Some(3), "delete 3 files"));
    assert_eq!((approval.offers.as_slice(), approval.tool.as_str()), (&[Scope::Once][..], "Bash"));
    assert_eq!(decision.acts, [Act::Await { ask: 7, approval: ApprovalId::from("a1") }]);
    // Together with an allowed host it is still asked, and only once.
    let both = [delete(), vec![Effect::Connect("example.org".into())]].concat();
    assert_eq!(ask(&state, "c1", both, Audience::Somebody).facts.len(), 1);
}

#[test]
fn what_the_rules_allow_is_lent_until_they_do_no_longer() {
    let connect = || vec![Effect::Connect("example.org".into())];
    let call = CallId::from("c1");
    let mut state = running(Mode::Skip);
    let lend = Act::Lend { call: call.clone(), effects: connect() };
    let given = Act::Consent { ask: 7, consent: Consent::Given };
    assert_eq!(ask(&state, "c1", connect(), Audience::Somebody).acts, [given.clone(), lend]);
    state.live.lent.push((call.clone(), connect()));
    assert_eq!(ask(&state, "c1", connect(), Audience::Somebody).acts, [given], "it is lent already");
    assert_eq!(with(|bench| ruled(&state, bench)), Decision::default());
    state.view.mode = Mode::Auto;
    let taken = Act::TakeBack { call, effects: connect() };
    assert_eq!(with(|bench| ruled(&state, bench)), Decision { facts: Vec::new(), acts: vec![taken] });
}

#[test]
fn a_permission_for_folders_is_offered_where_there_are_some() {
    let run = || vec![Effect::Run("make".into())];
    let offers = |state: &State| match ask(state, "c1", run(), Audience::Somebody).facts.remove(0) {
        (_, Fact::ApprovalAsked(approval)) => approval.offers,
        other => panic!("{other:?}"),
    };
    let mut state = running(Mode::Ask);
    assert_eq!(offers(&state), [Scope::Once, Scope::Task, Scope::Folder, Scope::Always]);
    state.view.folders.clear();
    assert_eq!(offers(&state), [Scope::Once, Scope::Task, Scope::Always]);
}

#[test]
fn where_nobody_is_there_both_facts_are_written_and_the_answer_is_given() {
    let decision = ask(&running(Mode::Skip), "c1", delete(), Audience::Nobody);
    assert!(matches!(
        decision.facts.as_slice(),
        [(_, Fact::ApprovalAsked(_)), (Actor::Engine, Fact::ApprovalAnswered { .. })]
    ));
    assert_eq!(decision.acts, refused("nobody is there to answer").acts);
}

#[test]
fn only_what_waits_runs_out() {
    let state = running(Mode::Auto);
    assert_eq!(expired(&state, ApprovalId::from("a1")), Decision::default());
    assert_eq!(with(|bench| ruled(&state, bench)), Decision::default());
}
