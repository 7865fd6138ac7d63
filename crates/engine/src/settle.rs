//! What to do next when nothing new has happened: the one place that drives a turn forward. Pure.

use event::{
    Actor, Approval, ApprovalId, Digest, Effect, Ending, Fact, Outcome, Part, PauseReason, QuestionId, Scope, Stop,
    ToolCall,
};
use policy::{Verdict, decide};
use store::Draft;
use tool::{Call, Desk, Preview, Reach};

use crate::input::{Act, Bench, Decision};
use crate::inquiry::{kept, lent, ruled};
use crate::state::{CallPhase, CallState, State};

/// Replies in a row that may be cut short before the turn is given up.
const MAX_CONTINUATIONS: u32 = 5;
/// Share of the model's context, in percent, at which the conversation is shortened.
const COMPACT_AT_PERCENT: u64 = 80;
/// Bytes of request per token, on the safe side for text in European languages and JSON.
const BYTES_PER_TOKEN: u64 = 3;

/// Decides what to do next.
pub(crate) fn settle(state: &State, bench: &Bench<'_>) -> Decision {
    if !state.turn_open {
        return if state.unread { start_turn(state) } else { Decision::default() };
    }
    if state.live.stopping {
        return finish_stop(state);
    }
    let ruled = ruled(state, bench);
    if !ruled.is_empty() {
        return ruled;
    }
    if state.paused() || state.live.summarising || state.live.undoing {
        return Decision::default();
    }
    if state.live.model || state.live.waiting {
        return Decision::default();
    }
    if state.step_open {
        // What was said since the step began must be in the request, so a new step begins.
        return if state.unread { next_step(state) } else { ask(state) };
    }
    if !state.calls_finished() {
        return advance_calls(state, bench);
    }
    conclude(state, bench)
}

fn start_turn(state: &State) -> Decision {
    Decision { facts: vec![(Actor::Engine, Fact::TurnStarted { turn: state.view.turn + 1 })], acts: Vec::new() }
}

fn finish_stop(state: &State) -> Decision {
    if state.live.calls.is_empty() { end(state, Actor::User, Ending::Stopped) } else { Decision::default() }
}

fn ask(state: &State) -> Decision {
    Decision { facts: Vec::new(), acts: vec![Act::AskModel { step: state.view.steps }] }
}

fn end(state: &State, actor: Actor, ending: Ending) -> Decision {
    Decision { facts: vec![(actor, Fact::TurnEnded { turn: state.view.turn, ending })], acts: Vec::new() }
}

/// All calls have ended: the turn is over, or the model is asked again.
fn conclude(state: &State, bench: &Bench<'_>) -> Decision {
    let asked_tools = !state.calls.is_empty();
    match &state.last_stop {
        Some(Stop::ContextFull) => return shorten(state, true),
        Some(Stop::ProviderPause | Stop::OutputLimit) if !asked_tools => {
            if state.continuations > MAX_CONTINUATIONS {
                return end(state, Actor::Engine, too_many_continuations());
            }
        }
        Some(Stop::Finished | Stop::Tools | Stop::Refused | Stop::Other(_)) if !asked_tools && !state.unread => {
            return end(state, Actor::Model, Ending::Done);
        }
        Some(_) | None => {}
    }
    if let Some(pause) = over_limit(state) {
        return Decision { facts: vec![pause], acts: Vec::new() };
    }
    if state.compactions == 0 && nearly_full(state, bench) {
        return shorten(state, false);
    }
    next_step(state)
}

fn next_step(state: &State) -> Decision {
    let fact = Fact::StepStarted { step: state.view.steps + 1, model: state.view.model.clone() };
    Decision { facts: vec![(Actor::Engine, fact)], acts: Vec::new() }
}

fn shorten(state: &State, shortened: bool) -> Decision {
    if state.compactions >= 2 {
        let pause = Fact::Paused {
            reason: PauseReason::Model,
            message: "the conversation does not fit the model even after shortening".to_owned(),
            hint: "choose a model with a larger context, or start a new task".to_owned(),
        };
        return Decision { facts: vec![(Actor::Engine, pause)], acts: Vec::new() };
    }
    Decision { facts: Vec::new(), acts: vec![Act::Summarise { shortened }] }
}

fn too_many_continuations() -> Ending {
    Ending::Failed {
        code: "output_limit".to_owned(),
        message: "the model's reply was cut short again and again".to_owned(),
        hint: "raise the provider's `max_tokens`, or ask for less at a time".to_owned(),
    }
}

fn nearly_full(state: &State, bench: &Bench<'_>) -> bool {
    let Some(fits) = bench.context_tokens else { return false };
    // The provider's own count where there is one; bytes are only an estimate, and the larger of the two counts.
    let estimated = (bench.request_bytes as u64 / BYTES_PER_TOKEN).min(state.view.context_tokens.saturating_mul(2));
    state.view.context_tokens.max(estimated) * 100 > fits * COMPACT_AT_PERCENT
}

fn over_limit(state: &State) -> Option<Draft> {
    let limits = &state.view.limits;
    let message = if limits.steps.is_some_and(|most| state.spent.steps >= most) {
        format!("the limit of {} steps is reached", state.spent.steps)
    } else if limits.tokens.is_some_and(|most| state.view.usage.total() - state.tokens_before >= most) {
        format!("the limit of tokens is reached ({} used in all)", state.view.usage.total())
    } else if limits.minutes.is_some_and(|most| state.spent.ms >= u64::from(most) * 60_000) {
        format!("the limit of {} minutes of work is reached", state.spent.ms / 60_000)
    } else {
        return None;
    };
    let hint = "resume to go on for as much again, or change the limits".to_owned();
    Some((Actor::Engine, Fact::Paused { reason: PauseReason::Limit, message, hint }))
}

/// Moves every call of the last reply as far as it can go now.
///
/// Permission is asked for all calls at once; calls run in order, but reads that stand next to each other run
/// together.
fn advance_calls(state: &State, bench: &Bench<'_>) -> Decision {
    let desk = state.preview_desk();
    let mut decision = Decision::default();
    let mut earlier = Earlier::default();
    for call in &state.calls {
        let reach = bench.toolbox.find(&call.call.tool).map_or(Reach::Reads, |tool| tool.spec().reach);
        match look_at(state, call, &desk, bench) {
            Next::Over => {}
            Next::Finish(outcome, text) => {
                decision.facts.push(finished(call, outcome, text));
            }
            Next::Write(fact) => {
                let numbered = number(fact, state, &decision.facts);
                decision.facts.push(numbered);
                earlier.note(reach);
            }
            Next::Run(effects) if earlier.lets_start(reach) => {
                begin(&mut decision, state, call, effects);
                earlier.note(reach);
            }
            Next::Check(request, None) => {
                let call = call.call.id.clone();
                decision.acts.push(Act::CheckFolder { call, allowed: None, request });
                earlier.note(Reach::Changes);
            }
            Next::Check(request, allowed) if earlier.lets_start(Reach::Changes) => {
                decision.facts.push(started(call, Vec::new()));
                decision.acts.push(Act::CheckFolder { call: call.call.id.clone(), allowed, request });
                earlier.note(Reach::Changes);
            }
            Next::Run(_) | Next::Check(..) | Next::Wait => earlier.note(reach),
        }
    }
    decision
}

/// What still stands open among the calls before one.
#[derive(Default)]
struct Earlier {
    read: bool,
    change: bool,
}

impl Earlier {
    fn note(&mut self, reach: Reach) {
        match reach {
            Reach::Reads => self.read = true,
            Reach::Changes => self.change = true,
        }
    }

    fn lets_start(&self, reach: Reach) -> bool {
        match reach {
            Reach::Reads => !self.change,
            Reach::Changes => !self.change && !self.read,
        }
    }
}

enum Next {
    /// It has ended.
    Over,
    /// It ends without running.
    Finish(Outcome, String),
    /// Something is asked of the user.
    Write(Fact),
    /// It may run.
    Run(Vec<Effect>),
    /// The folder it wishes for is to be checked; with the path the user allowed, if they have.
    Check(tool::FolderRequest, Option<String>),
    /// It runs, or waits for the user.
    Wait,
}

fn look_at(state: &State, call: &CallState, desk: &Desk, bench: &Bench<'_>) -> Next {
    match &call.phase {
        CallPhase::Finished => Next::Over,
        CallPhase::Asked(..) | CallPhase::Started => Next::Wait,
        CallPhase::Denied(note) => Next::Finish(Outcome::Denied, denial(note.as_deref())),
        CallPhase::Answered(questions, answers) => Next::Finish(Outcome::Ok, answers_text(questions, answers)),
        CallPhase::New | CallPhase::Waiting(_) | CallPhase::Allowed(..) => preview(state, call, desk, bench),
    }
}

fn preview(state: &State, call: &CallState, desk: &Desk, bench: &Bench<'_>) -> Next {
    let name = &call.call.tool;
    let Some(tool) = bench.toolbox.find(name) else {
        let known: Vec<&str> = bench.toolbox.iter().map(|tool| tool.spec().name).collect();
        return Next::Finish(Outcome::Failed, format!("There is no tool `{name}`. There are: {}.", known.join(", ")));
    };
    if let Some(reason) = state.withdrawn.get(name) {
        return Next::Finish(Outcome::Failed, format!("{name} cannot be used in this task: {reason}"));
    }
    match tool.preview(&as_call(call), desk) {
        Err(error) => Next::Finish(Outcome::Failed, error.0),
        Ok(Preview::Questions(questions)) => Next::Write(Fact::QuestionAsked {
            question: QuestionId(String::new()),
            call: call.call.id.clone(),
            questions,
        }),
        Ok(Preview::Folder(request)) => match &call.phase {
            CallPhase::Allowed(asked, _) => Next::Check(request, asked.effects.first().map(folder_of)),
            CallPhase::Waiting(_) => Next::Wait,
            _ => Next::Check(request, None),
        },
        Ok(Preview::Effects(effects)) => verdict(state, call, effects, bench),
    }
}

fn verdict(state: &State, call: &CallState, effects: Vec<Effect>, bench: &Bench<'_>) -> Next {
    let rules = state.rules(bench.organisation);
    let approved = approved_effects(call);
    // What the user has allowed for exactly this call need not be asked again; everything else is judged as it is now.
    let open: Vec<Effect> = effects.iter().filter(|effect| !approved.contains(effect)).cloned().collect();
    match (decide(&effects, &rules), decide(&open, &rules), &call.phase) {
        // What is out of bounds stays so, even if a folder was taken back after the user allowed the call.
        (Verdict::Deny { reason, hint }, ..) => {
            Next::Finish(Outcome::Denied, format!("Not allowed: {reason}. You can {hint}."))
        }
        (_, Verdict::Allow, CallPhase::Waiting(asked)) => Next::Write(Fact::ApprovalAnswered {
            approval: asked.id.clone(),
            answer: event::Answer::Allow { scope: Scope::Task },
            command: None,
        }),
        (_, Verdict::Allow, _) => Next::Run(effects),
        (_, Verdict::Ask { .. }, CallPhase::Waiting(asked)) if asked.effects == effects => Next::Wait,
        (Verdict::Ask { reason, offers }, ..) => {
            Next::Write(Fact::ApprovalAsked(approval(&call.call, effects, reason, kept(state, offers))))
        }
        (Verdict::Allow, ..) => Next::Run(effects),
    }
}

/// The effects the user allowed for this call, where the approval was for exactly this tool, input and effects. What
/// the engine allowed because of a rule holds as long as that rule.
fn approved_effects(call: &CallState) -> &[Effect] {
    match &call.phase {
        CallPhase::Allowed(asked, Actor::User) if asked.binds == binding(&call.call, &asked.effects) => &asked.effects,
        _ => &[],
    }
}

/// The approval of a call with these effects; it gets its id when it is numbered.
pub(crate) fn approval(call: &ToolCall, effects: Vec<Effect>, reason: String, offers: Vec<Scope>) -> Approval {
    Approval {
        id: ApprovalId(String::new()),
        call: call.id.clone(),
        tool: call.tool.clone(),
        input: call.input.clone(),
        binds: binding(call, &effects),
        effects,
        reason,
        offers,
        running: false,
        files: None,
    }
}

/// The approval of a folder that was checked; its path is the one that will be granted, links resolved.
pub(crate) fn folder_approval(state: &State, call: &ToolCall, folder: &event::Folder) -> Draft {
    let (effect, right) = match folder.access {
        event::Access::ReadOnly => (Effect::ReadPath(folder.path.clone()), "read"),
        event::Access::ReadWrite => (Effect::WritePath(folder.path.clone()), "read and change"),
    };
    let reason = format!("let this task {right} everything in `{}`", folder.path);
    number(Fact::ApprovalAsked(approval(call, vec![effect], reason, vec![Scope::Once])), state, &[])
}

/// The path a folder approval was about.
fn folder_of(effect: &Effect) -> String {
    match effect {
        Effect::ReadPath(path) | Effect::WritePath(path) => path.clone(),
        Effect::DeletePath(_)
        | Effect::Run(_)
        | Effect::Connect(_)
        | Effect::Send { .. }
        | Effect::Browse(_)
        | Effect::Control(_)
        | Effect::Schedule(_)
        | Effect::Remember(_) => String::new(),
    }
}

/// Digest of exactly what was asked for: tool, input and effects.
fn binding(call: &ToolCall, effects: &[Effect]) -> Digest {
    Digest::of(format!("{}\n{}\n{effects:?}", call.tool, call.input.as_str()).as_bytes())
}

/// Gives an approval or question its id, counting those of the same decision.
pub(crate) fn number(fact: Fact, state: &State, before: &[Draft]) -> Draft {
    match fact {
        Fact::ApprovalAsked(mut approval) => {
            let more = before.iter().filter(|(_, fact)| matches!(fact, Fact::ApprovalAsked(_))).count();
            approval.id = ApprovalId(format!("a{}", state.approvals_asked + more as u64 + 1));
            (Actor::Engine, Fact::ApprovalAsked(approval))
        }
        Fact::QuestionAsked { call, questions, .. } => {
            let more = before.iter().filter(|(_, fact)| matches!(fact, Fact::QuestionAsked { .. })).count();
            let question = QuestionId(format!("q{}", state.questions_asked + more as u64 + 1));
            (Actor::Model, Fact::QuestionAsked { question, call, questions })
        }
        other => (Actor::Engine, other),
    }
}

fn as_call(call: &CallState) -> Call {
    Call { id: call.call.id.clone(), tool: call.call.tool.clone(), input: call.call.input.clone() }
}

fn started(call: &CallState, effects: Vec<Effect>) -> Draft {
    let fact = Fact::ToolStarted { call: call.call.id.clone(), tool: call.call.tool.clone(), effects };
    (Actor::Engine, fact)
}

fn begin(decision: &mut Decision, state: &State, call: &CallState, effects: Vec<Effect>) {
    let outside = effects.iter().any(|effect| !matches!(effect, Effect::ReadPath(_)));
    // A host may be taken back while it is being read from, where it was a rule that allowed it.
    let by_rule = |effect: &&Effect| matches!(effect, Effect::Connect(_)) && !approved_effects(call).contains(effect);
    decision.acts.extend(lent(state, &call.call.id, effects.iter().filter(by_rule).cloned().collect()));
    decision.facts.push(started(call, effects));
    decision.acts.push(Act::Run { call: as_call(call), outside });
}

fn finished(call: &CallState, outcome: Outcome, text: String) -> Draft {
    let output = vec![Part::text(text)];
    (Actor::Engine, Fact::ToolFinished { call: call.call.id.clone(), outcome, output, ms: 0 })
}

fn denial(note: Option<&str>) -> String {
    match note.map(str::trim).filter(|note| !note.is_empty()) {
        Some(note) => format!("The user denied this call and says: {note}"),
        None => "The user denied this call. Do not try it again in another way; go on without it or ask.".to_owned(),
    }
}

fn answers_text(questions: &[event::Question], answers: &[event::QuestionAnswer]) -> String {
    let lines: Vec<String> = questions
        .iter()
        .zip(answers)
        .map(|(question, answer)| {
            let mut words = answer.chosen.clone();
            words.extend(answer.other.clone().filter(|other| !other.trim().is_empty()));
            let said = if words.is_empty() { "(no answer)".to_owned() } else { words.join(", ") };
            format!("{} → {said}", question.text)
        })
        .collect();
    format!("The user answered:\n{}", lines.join("\n"))
}

/// What an Allow beyond one call covers: the same kind of effect in the same folder, or any command.
pub(crate) fn generalised(effects: &[Effect]) -> Vec<Effect> {
    let mut wider: Vec<Effect> = Vec::new();
    for effect in effects {
        let general = match effect {
            Effect::WritePath(path) => Effect::WritePath(folder_root(path)),
            Effect::Run(_) => Effect::Run(String::new()),
            Effect::Send { connector, tool } => Effect::Send { connector: connector.clone(), tool: tool.clone() },
            Effect::Connect(_) | Effect::Browse(_) | Effect::Control(_) | Effect::Remember(_) => effect.clone(),
            // Reads need no grant, deletion and schedules take none.
            Effect::ReadPath(_) | Effect::DeletePath(_) | Effect::Schedule(_) => continue,
        };
        if !wider.contains(&general) {
            wider.push(general);
        }
    }
    wider
}

/// `/work/<name>` of a path in a folder; the path itself elsewhere.
fn folder_root(path: &str) -> String {
    let mut parts = path.trim_start_matches('/').split('/');
    match (parts.next(), parts.next()) {
        (Some("work"), Some(name)) => format!("/work/{name}"),
        _ => path.to_owned(),
    }
}
