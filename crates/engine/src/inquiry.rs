//! What comes up while a call runs: answered by the rules of now where they suffice, put to the user otherwise. Pure.

use event::{Actor, Answer, Approval, ApprovalId, CallId, Consent, Effect, Fact, Inquiry, Scope};
use policy::{Verdict, decide};
use store::Draft;

use crate::input::{Act, Audience, Bench, Decision};
use crate::settle::{approval, number};
use crate::state::{CallPhase, State};

/// Minutes an inquiry waits for the user.
pub(crate) const ANSWER_MINUTES: u64 = 30;

/// A running call asks whether it may do something.
pub(crate) fn asked(
    state: &State,
    (call, ask): (&CallId, u64),
    inquiry: Inquiry,
    audience: Audience,
    bench: &Bench<'_>,
) -> Decision {
    let running = |known: &&crate::CallState| known.call.id == *call && known.phase == CallPhase::Started;
    let Some(known) = state.calls.iter().find(running).filter(|_| !state.live.stopping) else {
        return refused(ask, "the call has ended");
    };
    if inquiry.effects.is_empty() {
        return refused(ask, "it did not say what it would do");
    }
    let (reason, offers) = match decide(&inquiry.effects, &state.rules(bench.organisation)) {
        Verdict::Allow => {
            let mut decision = consent(ask, Consent::Given);
            decision.acts.extend(lent(state, call, inquiry.effects));
            return decision;
        }
        Verdict::Deny { reason, .. } => return refused(ask, &reason),
        Verdict::Ask { reason, offers } => (reason, kept(state, offers)),
    };
    let reason = if inquiry.reason.is_empty() { reason } else { inquiry.reason };
    let asking =
        Approval { running: true, files: inquiry.files, ..approval(&known.call, inquiry.effects, reason, offers) };
    let fact = number(Fact::ApprovalAsked(asking), state, &[]);
    let (_, Fact::ApprovalAsked(Approval { id, .. })) = &fact else { return refused(ask, "it could not be asked") };
    let id = id.clone();
    match audience {
        Audience::Somebody => Decision { facts: vec![fact], acts: vec![Act::Await { ask, approval: id }] },
        Audience::Nobody => {
            let why = "nobody is there to answer";
            let mut decision = refused(ask, why);
            decision.facts = vec![fact, denied(id, why)];
            decision
        }
    }
}

/// Nobody answered in time.
pub(crate) fn expired(state: &State, approval: ApprovalId) -> Decision {
    withdrawn(state, approval, &format!("nobody answered within {ANSWER_MINUTES} minutes"))
}

/// The call gave up before there was an answer.
pub(crate) fn given_up(state: &State, approval: ApprovalId) -> Decision {
    withdrawn(state, approval, "the command does not wait for it any more")
}

fn withdrawn(state: &State, approval: ApprovalId, why: &str) -> Decision {
    if !state.view.approvals.iter().any(|known| known.running && known.id == approval) {
        return Decision::default();
    }
    Decision { facts: vec![denied(approval, why)], acts: Vec::new() }
}

/// The scopes that can be kept: a permission for its folders is none in a task without any.
pub(crate) fn kept(state: &State, mut offers: Vec<Scope>) -> Vec<Scope> {
    offers.retain(|scope| *scope != Scope::Folder || !state.view.folders.is_empty());
    offers
}

/// Remembers what the rules allow a call. What is known already is not remembered twice.
pub(crate) fn lent(state: &State, call: &CallId, effects: Vec<Effect>) -> Option<Act> {
    let is_known = state.live.lent.iter().any(|(of, known)| of == call && *known == effects);
    (!is_known && !effects.is_empty()).then(|| Act::Lend { call: call.clone(), effects })
}

/// Answers to what waits while calls run, where the rules have changed so that nobody need be asked any more; and what
/// they allow running calls no longer.
pub(crate) fn ruled(state: &State, bench: &Bench<'_>) -> Decision {
    let rules = state.rules(bench.organisation);
    let mut acts = Vec::new();
    for (call, effects) in &state.live.lent {
        if decide(effects, &rules) != Verdict::Allow {
            acts.push(Act::TakeBack { call: call.clone(), effects: effects.clone() });
        }
    }
    let mut facts = Vec::new();
    for known in state.view.approvals.iter().filter(|known| known.running) {
        match decide(&known.effects, &rules) {
            Verdict::Allow => {
                facts.push(answered(known.id.clone(), Answer::Allow { scope: Scope::Task }));
                acts.extend(lent(state, &known.call, known.effects.clone()));
            }
            Verdict::Deny { reason, .. } => facts.push(denied(known.id.clone(), &reason)),
            Verdict::Ask { .. } => {}
        }
    }
    Decision { facts, acts }
}

/// What an answer means for the call that waits for it. Whoever answered besides the user has said why.
pub(crate) fn meaning(by: Actor, answer: &Answer) -> Consent {
    match answer {
        Answer::Allow { .. } => Consent::Given,
        Answer::Deny { note } => {
            let note = note.as_deref().map(str::trim).filter(|note| !note.is_empty());
            let why = match (by, note) {
                (Actor::User, Some(note)) => format!("the user refused and says: {note}"),
                (_, Some(note)) => note.to_owned(),
                (_, None) => "the user refused".to_owned(),
            };
            Consent::Refused { why }
        }
    }
}

fn consent(ask: u64, consent: Consent) -> Decision {
    Decision { facts: Vec::new(), acts: vec![Act::Consent { ask, consent }] }
}

fn refused(ask: u64, why: &str) -> Decision {
    consent(ask, Consent::Refused { why: why.to_owned() })
}

fn denied(approval: ApprovalId, why: &str) -> Draft {
    answered(approval, Answer::Deny { note: Some(why.to_owned()) })
}

fn answered(approval: ApprovalId, answer: Answer) -> Draft {
    (Actor::Engine, Fact::ApprovalAnswered { approval, answer, command: None })
}

#[cfg(test)]
#[path = "inquiry_tests.rs"]
mod tests;
