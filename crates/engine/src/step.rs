//! One step: something happened, what is to be written and done? Pure.

use event::{
    Actor, Answer, CallId, Change, Command, Ending, Fact, Grant, GrantId, Outcome, Part, PauseReason, Reply, Scope,
    Stop, Wish,
};
use model::{ErrorKind, ModelError};
use store::Draft;
use tool::{MAX_CHANGES, Report};

use crate::input::{Act, Bench, CommandRefused, Decision, Input};
use crate::inquiry;
use crate::retry;
use crate::setting;
use crate::settle::{folder_approval, generalised, settle};
use crate::state::{CallPhase, State};

/// Bytes of what a call that was cut was waiting for, as the model is told.
const LONGEST_REASONS: usize = 2_000;

/// Decides what to write and do. The caller appends the facts, folds them into the state, performs the acts, and
/// then steps with [`Input::Settle`] until nothing more comes.
///
/// # Errors
/// Only for commands that cannot be followed; the state is then unchanged.
pub fn step(state: &State, input: Input, bench: &Bench<'_>) -> Result<Decision, CommandRefused> {
    match input {
        Input::Settle => Ok(settle(state, bench)),
        Input::Opened { draft } => Ok(opened(state, draft)),
        Input::Command(command) => follow(state, command),
        Input::Replied { reply, ms } => Ok(replied(state, *reply, ms)),
        Input::ModelFailed { error, partial } => Ok(model_failed(state, &error, partial, bench)),
        Input::RetryDue => Ok(Decision::default()),
        Input::Summarised { through, shortened, summary } => Ok(summarised(state, through, shortened, summary, bench)),
        Input::CallDone { call, report, ms } => Ok(call_done(state, call, report, ms)),
        Input::CallFact { fact } => Ok(write([(Actor::Tool, fact)])),
        Input::CallAsks { call, ask, inquiry, audience } => {
            Ok(inquiry::asked(state, (&call, ask), inquiry, audience, bench))
        }
        Input::AskExpired { approval } => Ok(inquiry::expired(state, approval)),
        Input::AskGone { approval } => Ok(inquiry::given_up(state, approval)),
        Input::FolderChecked { call, allowed, result } => Ok(folder_checked(state, call, allowed.as_deref(), result)),
        Input::Undone { result } => Ok(undone(result)),
    }
}

fn write(facts: impl IntoIterator<Item = Draft>) -> Decision {
    Decision { facts: facts.into_iter().collect(), acts: Vec::new() }
}

/// After a restart nothing is in flight: a reply under way was cut, and calls under way have an unknown outcome.
fn opened(state: &State, draft: String) -> Decision {
    let mut facts = Vec::new();
    if state.step_open && !draft.is_empty() {
        facts.push((
            Actor::Engine,
            Fact::ReplyCut {
                step: state.view.steps,
                text: draft,
                reason: "Deskhand ended while the reply was coming in".to_owned(),
            },
        ));
    }
    for call in state.calls.iter().filter(|call| call.phase == CallPhase::Started) {
        facts.push((
            Actor::Engine,
            Fact::ToolFinished {
                call: call.call.id.clone(),
                outcome: Outcome::Unknown,
                output: vec![Part::text(unknown(state, &call.call.id))],
                ms: 0,
            },
        ));
    }
    write(facts)
}

/// What is told of a call that was cut, and of what it was waiting for.
fn unknown(state: &State, call: &CallId) -> String {
    let waiting = state.view.approvals.iter().filter(|known| known.running && known.call == *call);
    let reasons: Vec<&str> = waiting.map(|known| known.reason.as_str()).collect();
    let waited = match reasons.as_slice() {
        [] => String::new(),
        [_, ..] => {
            let list = tool::cap_text(reasons.join("; and to "), LONGEST_REASONS);
            format!(" It was waiting for permission to {list}; that was not given.")
        }
    };
    format!(
        "Outcome unknown: Deskhand ended while this call was running. It may have done all, part or none of its \
         work.{waited} Look at the present state before you repeat it."
    )
}

fn follow(state: &State, command: Command) -> Result<Decision, CommandRefused> {
    if state.commands.contains(&command.id) {
        return Ok(Decision::default());
    }
    let Command { id, wish } = command;
    let by_user = |fact| write([(Actor::User, fact)]);
    match wish {
        Wish::Say { text, attachments } => {
            if text.trim().is_empty() && attachments.is_empty() {
                return Err(CommandRefused::Empty);
            }
            let mut said = by_user(Fact::Said { text, attachments, command: Some(id) });
            if !state.turn_open {
                // With the message, so that a message that was taken is always worked on.
                said.facts.push((Actor::Engine, Fact::TurnStarted { turn: state.view.turn + 1 }));
            }
            Ok(said)
        }
        Wish::Stop => stop(state),
        Wish::Pause if !state.turn_open || state.paused() => Err(CommandRefused::NotRunning),
        Wish::Pause => Ok(by_user(paused_by_user())),
        Wish::Resume if state.paused() => Ok(by_user(Fact::Resumed { command: Some(id) })),
        // A task whose process ended is resumed by opening it; there is nothing to write, even where the turn has ended
        // since or not begun yet.
        Wish::Resume if state.turn_open || state.unread || state.live.reopened => Ok(Decision::default()),
        Wish::Resume => Err(CommandRefused::NotPaused),
        Wish::Answer { approval, answer } => answer_approval(state, id, approval, answer),
        Wish::AnswerQuestions { question, answers } => answer_questions(state, id, question, answers),
        Wish::Undo { selection } => {
            if state.live.any() {
                return Err(CommandRefused::Running);
            }
            let mut undo = Decision { facts: Vec::new(), acts: vec![Act::Undo { selection }] };
            if state.turn_open && !state.paused() {
                // A task that was interrupted must not go on in the middle of its own undoing.
                undo.facts.push((Actor::User, paused_by_user()));
            }
            Ok(undo)
        }
        Wish::SetMode { mode } => Ok(by_user(Fact::ModeSet { mode })),
        Wish::SetModel { model } => Ok(by_user(Fact::ModelSet { model })),
        Wish::SetLimits { limits } => Ok(by_user(Fact::LimitsSet { limits })),
        Wish::AddFolder(mut folder) => {
            folder.name = State::free_folder_name(&state.folder_names, folder.name.as_ref());
            Ok(by_user(Fact::FolderAdded(folder)))
        }
        Wish::RemoveFolder { name } => {
            if !state.view.folders.iter().any(|folder| folder.name == name) {
                return Err(CommandRefused::NoFolder(name));
            }
            Ok(cut_running(state, by_user(Fact::FolderRemoved { name })))
        }
        Wish::Revoke { grant } => {
            if !state.view.grants.iter().any(|known| known.id == grant) {
                return Err(CommandRefused::NoGrant(grant));
            }
            Ok(cut_running(state, by_user(Fact::GrantRevoked { grant })))
        }
        Wish::Rename { title } => setting::rename(&state.view, &title),
        Wish::Mark(mark) => setting::mark(&state.view, mark),
        Wish::SetInstructions { text } => setting::instructions(&state.view, &text),
        Wish::SetEffort { effort } => setting::effort(&state.view, effort),
        Wish::PinFile { path } => setting::pin_file(state, path),
        Wish::UnpinFile { path } => Ok(setting::unpin_file(&state.view, path)),
    }
}

fn paused_by_user() -> Fact {
    Fact::Paused {
        reason: PauseReason::User,
        message: "paused by you".to_owned(),
        hint: "resume it when you like".to_owned(),
    }
}

/// Taking something back cuts whatever runs: better one call too many than one that goes on with what it lost.
fn cut_running(state: &State, mut decision: Decision) -> Decision {
    decision.acts.extend(state.live.calls.iter().map(|call| Act::CancelCall { call: call.clone() }));
    decision
}

fn stop(state: &State) -> Result<Decision, CommandRefused> {
    if !state.turn_open {
        return Err(CommandRefused::NotRunning);
    }
    let mut decision = Decision { facts: Vec::new(), acts: vec![Act::NoteStop] };
    if state.live.model || state.live.summarising || state.live.waiting {
        decision.acts.push(Act::CutModel);
    }
    for call in &state.calls {
        if state.live.calls.contains(&call.call.id) {
            decision.acts.push(Act::CancelCall { call: call.call.id.clone() });
        } else if call.phase != CallPhase::Finished {
            decision.facts.push((
                Actor::User,
                Fact::ToolFinished {
                    call: call.call.id.clone(),
                    outcome: Outcome::Stopped,
                    output: vec![Part::text("Not run: the user stopped the task.")],
                    ms: 0,
                },
            ));
        }
    }
    Ok(decision)
}

fn answer_approval(
    state: &State,
    id: event::CommandId,
    approval: event::ApprovalId,
    answer: Answer,
) -> Result<Decision, CommandRefused> {
    let Some(asked) = state.view.approvals.iter().find(|known| known.id == approval) else {
        return Err(CommandRefused::NoApproval(approval));
    };
    let mut facts: Vec<Draft> = Vec::new();
    if let Answer::Allow { scope } = &answer {
        if !asked.offers.contains(scope) {
            return Err(CommandRefused::ScopeNotOffered(approval));
        }
        if *scope != Scope::Once {
            for (number, allows) in (state.grants_given + 1..).zip(generalised(&asked.effects)) {
                let id = GrantId(format!("g{number}"));
                facts.push((Actor::User, Fact::GrantAdded(Grant { id, scope: *scope, allows })));
            }
        }
    }
    facts.insert(0, (Actor::User, Fact::ApprovalAnswered { approval, answer, command: Some(id) }));
    Ok(write(facts))
}

fn answer_questions(
    state: &State,
    id: event::CommandId,
    question: event::QuestionId,
    answers: Vec<event::QuestionAnswer>,
) -> Result<Decision, CommandRefused> {
    let Some((_, questions)) = state.view.questions.iter().find(|(known, _)| *known == question) else {
        return Err(CommandRefused::NoQuestion(question));
    };
    if questions.len() != answers.len() {
        return Err(CommandRefused::AnswerCount { question, expected: questions.len(), found: answers.len() });
    }
    Ok(write([(Actor::User, Fact::QuestionAnswered { question, answers, command: Some(id) })]))
}

fn replied(state: &State, mut reply: Reply, ms: u64) -> Decision {
    give_unique_ids(&mut reply, state.view.steps);
    let mut decision = write([(Actor::Model, Fact::Replied { step: state.view.steps, reply: reply.clone(), ms })]);
    if reply.stop == Stop::Refused {
        decision.facts.push(failed(
            state,
            "refused",
            "the model refused this request",
            "say it differently, or choose another model",
        ));
    }
    decision
}

/// Call ids must be unique within the task; some local servers count from zero in every reply.
fn give_unique_ids(reply: &mut Reply, step: u32) {
    let mut seen = std::collections::HashSet::new();
    for (number, block) in reply.blocks.iter_mut().enumerate() {
        if let event::Block::ToolCall(call) = block
            && (call.id.as_str().is_empty() || !seen.insert(call.id.clone()))
        {
            call.id = CallId(format!("call_{step}_{number}"));
            call.wire = None;
            seen.insert(call.id.clone());
        }
    }
}

fn failed(state: &State, code: &str, message: &str, hint: &str) -> Draft {
    let ending = Ending::Failed { code: code.to_owned(), message: message.to_owned(), hint: hint.to_owned() };
    (Actor::Engine, Fact::TurnEnded { turn: state.view.turn, ending })
}

fn paused(reason: PauseReason, message: impl Into<String>, hint: impl Into<String>) -> Draft {
    (Actor::Engine, Fact::Paused { reason, message: message.into(), hint: hint.into() })
}

fn model_failed(state: &State, error: &ModelError, partial: String, bench: &Bench<'_>) -> Decision {
    let step = state.view.steps;
    let mut decision = Decision::default();
    if !partial.is_empty() {
        let reason = error.message.clone();
        decision.facts.push((Actor::Engine, Fact::ReplyCut { step, text: partial, reason }));
    }
    if error.kind == ErrorKind::Script {
        decision.facts.push(failed(state, "script", &error.message, &error.hint));
        return decision;
    }
    if error.kind == ErrorKind::ContextOverflow && state.compactions < 2 {
        decision.acts.push(Act::Summarise { shortened: true });
        return decision;
    }
    let attempt = state.attempts + 1;
    let wait = if error.kind.may_pass() { retry::wait_ms(attempt, error.retry_after, bench.chance) } else { None };
    if let Some(after_ms) = wait {
        let reason = error.message.clone();
        decision.facts.push((Actor::Engine, Fact::RetryPlanned { step, attempt, after_ms, reason }));
        decision.acts.push(Act::Wait { ms: after_ms });
    } else {
        decision.facts.push(paused(PauseReason::Model, &error.message, &error.hint));
    }
    decision
}

fn summarised(
    state: &State,
    through: event::Seq,
    shortened: bool,
    summary: Result<String, ModelError>,
    bench: &Bench<'_>,
) -> Decision {
    let error = match summary {
        Ok(summary) => return write([(Actor::Engine, Fact::Compacted { through, summary })]),
        Err(error) => error,
    };
    if error.kind == ErrorKind::ContextOverflow && !shortened {
        return Decision { facts: Vec::new(), acts: vec![Act::Summarise { shortened: true }] };
    }
    let wait = if error.kind.may_pass() {
        retry::wait_ms(state.live.summaries, error.retry_after, bench.chance)
    } else {
        None
    };
    match wait {
        // After the wait the same need is found again, and a summary asked for again.
        Some(ms) => Decision { facts: Vec::new(), acts: vec![Act::Wait { ms }] },
        None => write([paused(
            PauseReason::Model,
            format!("the conversation is too long and could not be shortened: {}", error.message),
            error.hint,
        )]),
    }
}

fn call_done(state: &State, call: CallId, report: Report, ms: u64) -> Decision {
    let mut facts: Vec<Draft> = report
        .facts
        .into_iter()
        .map(|fact| match fact {
            Fact::FilesChanged { changes, more, undo, .. } => {
                files_changed(Some(call.clone()), state.view.turn, (changes, more), undo)
            }
            other => other,
        })
        .map(|fact| (Actor::Tool, fact))
        .collect();
    facts.push((Actor::Tool, Fact::ToolFinished { call, outcome: report.outcome, output: report.output, ms }));
    write(facts)
}

/// First the user is asked for the folder that would really be granted; after they allowed it, it is granted if it is
/// still that one.
fn folder_checked(
    state: &State,
    call: CallId,
    allowed: Option<&str>,
    result: Result<event::Folder, String>,
) -> Decision {
    let finish = |outcome, text: String| {
        (Actor::Engine, Fact::ToolFinished { call: call.clone(), outcome, output: vec![Part::text(text)], ms: 0 })
    };
    let asking = state.calls.iter().find(|known| known.call.id == call);
    match (result, allowed, asking) {
        (Ok(folder), None, Some(known)) => write([folder_approval(state, &known.call, &folder)]),
        (Ok(folder), Some(path), _) if folder.path == path => {
            let text = format!("Granted. It is at /work/{}.", folder.name);
            write([(Actor::User, Fact::FolderAdded(folder)), finish(Outcome::Ok, text)])
        }
        (Ok(_), ..) => {
            let text = "Not granted: the folder is not the one any more that the user was asked about.";
            write([finish(Outcome::Failed, text.to_owned())])
        }
        (Err(reason), ..) => write([finish(Outcome::Failed, reason)]),
    }
}

fn undone(result: Result<Vec<event::Change>, String>) -> Decision {
    match result {
        Ok(changes) if !changes.is_empty() => write([(Actor::User, files_changed(None, 0, (changes, 0), true))]),
        Ok(_) | Err(_) => Decision::default(),
    }
}

/// The fact of changes, of which very many are only counted: an event is small.
fn files_changed(call: Option<CallId>, turn: u32, (mut changes, more): (Vec<Change>, u64), undo: bool) -> Fact {
    let beyond = changes.len().saturating_sub(MAX_CHANGES);
    changes.truncate(MAX_CHANGES);
    Fact::FilesChanged { call, turn, changes, more: more + beyond as u64, undo }
}
