//! What the engine knows of a task: a fold of its events, plus what is in flight in this process.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use event::{
    Actor, Answer, ApprovalId, CallId, CommandId, Digest, Effect, Ending, Event, Fact, Question, QuestionAnswer,
    QuestionId, Seq, Stop, TaskId, Tier, ToolCall,
};
use policy::{Organisation, Rules};
use tool::Desk;
use view::View;

/// A call of the last reply and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct CallState {
    /// The call.
    pub call: ToolCall,
    /// Where it stands.
    pub phase: CallPhase,
}

/// Where a call stands.
#[derive(Debug, Clone, PartialEq)]
pub enum CallPhase {
    /// Nothing decided yet.
    New,
    /// The user is asked for permission.
    Waiting(Asked),
    /// It was allowed with exactly these effects: by the user, or by the engine because the rules no longer asked.
    Allowed(Asked, Actor),
    /// The user said no, perhaps with a note.
    Denied(Option<String>),
    /// The user is asked questions.
    Asked(QuestionId, Vec<Question>),
    /// The user answered the questions.
    Answered(Vec<Question>, Vec<QuestionAnswer>),
    /// It was begun.
    Started,
    /// It ended.
    Finished,
}

/// What exactly an approval asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// The approval.
    pub id: ApprovalId,
    /// The effects that were shown.
    pub effects: Vec<Effect>,
    /// Digest of tool, input and effects.
    pub binds: Digest,
}

/// What is in flight in this process. Not stored: after a restart nothing is.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Live {
    /// A reply is being streamed.
    pub model: bool,
    /// A retry is being waited for.
    pub waiting: bool,
    /// A summary is being made.
    pub summarising: bool,
    /// Calls that run.
    pub calls: HashSet<CallId>,
    /// What the rules allow running calls without asking anybody, for as long as they do.
    pub lent: Vec<(CallId, Vec<Effect>)>,
    /// An Undo runs.
    pub undoing: bool,
    /// The user wants the turn to end.
    pub stopping: bool,
    /// Something was said after the user wanted the turn to end.
    pub said_while_stopping: bool,
    /// Summaries asked for since the last compaction.
    pub summaries: u32,
    /// The task was opened with work to do and goes on with it, which is all that a Resume could bring about.
    pub reopened: bool,
}

impl Live {
    /// Whether anything is in flight.
    pub fn any(&self) -> bool {
        self.model || self.waiting || self.summarising || self.undoing || !self.calls.is_empty()
    }
}

/// What the engine knows of a task.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// What screens show; holds folders, grants, mode, limits and usage.
    pub view: View,
    /// Whether a turn is open.
    pub turn_open: bool,
    /// Whether a step was started and its reply has not come.
    pub step_open: bool,
    /// Calls of the last reply, in order.
    pub calls: Vec<CallState>,
    /// Why the last reply stopped; none when the model has to be asked.
    pub last_stop: Option<Stop>,
    /// Whether something was said that no step has read yet.
    pub unread: bool,
    /// Retries of the open step.
    pub attempts: u32,
    /// Replies in a row that the provider paused or that hit their output limit.
    pub continuations: u32,
    /// Compactions since the last reply; a second one in a row would not help.
    pub compactions: u32,
    /// Steps and milliseconds of work since the turn began or was resumed.
    pub spent: Spent,
    /// Tokens of the whole task at the last resume; the limit counts from here.
    pub tokens_before: u64,
    /// The isolation the user asked for, or the one a command has run in: it stays the same for the whole task. None
    /// means the best there is.
    pub tier: Option<Tier>,
    /// Every folder name this task ever knew: a name never comes to mean another folder.
    pub folder_names: BTreeSet<String>,
    /// Counters for ids.
    pub approvals_asked: u64,
    /// Counters for ids.
    pub questions_asked: u64,
    /// Counters for ids.
    pub grants_given: u64,
    /// Tools that cannot be used, with the reason.
    pub withdrawn: BTreeMap<String, String>,
    /// Commands already followed.
    pub commands: HashSet<CommandId>,
    /// What is in flight.
    pub live: Live,
}

/// What counts against the limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Spent {
    /// Model replies.
    pub steps: u32,
    /// Milliseconds in model and tools.
    pub ms: u64,
}

impl State {
    /// The state before the first event.
    pub fn new(task: TaskId) -> Self {
        Self {
            view: View::empty(task),
            turn_open: false,
            step_open: false,
            calls: Vec::new(),
            last_stop: None,
            unread: false,
            attempts: 0,
            continuations: 0,
            compactions: 0,
            spent: Spent::default(),
            tokens_before: 0,
            tier: None,
            folder_names: BTreeSet::new(),
            approvals_asked: 0,
            questions_asked: 0,
            grants_given: 0,
            withdrawn: BTreeMap::new(),
            commands: HashSet::new(),
            live: Live::default(),
        }
    }

    /// Folds one more event.
    pub fn apply(&mut self, event: &Event) {
        if event.seq <= self.view.head && event.seq != Seq(0) {
            return;
        }
        if self.paused() && matches!(event.fact, Fact::Said { .. }) {
            // A message resumes a paused task, so the limits count from here, as with Resume.
            self.renew();
        }
        self.view.apply(event);
        self.fold_conversation(&event.fact);
        self.fold_calls(event.actor, &event.fact);
        self.fold_commands(&event.fact);
        self.fold_places(&event.fact);
    }

    /// Whether work is paused.
    pub fn paused(&self) -> bool {
        self.view.paused.is_some()
    }

    /// Whether every call of the last reply has ended.
    pub fn calls_finished(&self) -> bool {
        self.calls.iter().all(|state| state.phase == CallPhase::Finished)
    }

    /// The rules that apply now.
    pub fn rules<'s>(&'s self, organisation: &'s Organisation) -> Rules<'s> {
        Rules { mode: self.view.mode, folders: &self.view.folders, grants: &self.view.grants, organisation }
    }

    /// What tools look at when they preview a call. Previews need no host paths of the task's own places.
    pub fn preview_desk(&self) -> Desk {
        Desk {
            task: self.view.task,
            turn: self.view.turn,
            start: self.view.start.clone(),
            tier: self.tier,
            folders: self.view.folders.clone(),
            outputs: "/outputs".into(),
            uploads: "/uploads".into(),
            blobs: "/blobs".into(),
            journal: "/journal".into(),
            ledger: "/ledger".into(),
        }
    }

    /// A name for a folder that stands for no other folder of these names.
    pub fn free_folder_name(names: &BTreeSet<String>, path: &std::path::Path) -> String {
        let base = path.file_name().map_or_else(|| "folder".to_owned(), |name| name.to_string_lossy().into_owned());
        if !names.contains(&base) {
            return base;
        }
        // One more number than there are names: one of them is free.
        let mut numbered = (2..=names.len() + 2).map(|number| format!("{base}-{number}"));
        numbered.find(|name| !names.contains(name)).unwrap_or(base)
    }

    fn fold_conversation(&mut self, fact: &Fact) {
        match fact {
            Fact::Said { .. } => {
                self.unread = true;
                self.live.said_while_stopping |= self.live.stopping;
            }
            Fact::TurnStarted { .. } => {
                self.turn_open = true;
                self.spent = Spent::default();
                self.last_stop = None;
                self.calls.clear();
                self.continuations = 0;
                self.withdrawn.clear();
            }
            Fact::StepStarted { .. } => {
                self.step_open = true;
                self.unread = false;
                self.attempts = 0;
                self.calls.clear();
                self.last_stop = None;
                self.spent.steps += 1;
            }
            Fact::Replied { reply, ms, .. } => {
                self.step_open = false;
                self.attempts = 0;
                if reply.stop != Stop::ContextFull {
                    self.compactions = 0;
                }
                self.spent.ms += ms;
                let cut_short = matches!(reply.stop, Stop::ProviderPause | Stop::OutputLimit);
                self.continuations = if cut_short { self.continuations + 1 } else { 0 };
                self.last_stop = Some(reply.stop.clone());
                self.calls =
                    reply.calls().map(|call| CallState { call: call.clone(), phase: CallPhase::New }).collect();
            }
            Fact::ReplyCut { .. } => {
                self.step_open = false;
                self.last_stop = None;
            }
            Fact::RetryPlanned { attempt, .. } => {
                self.step_open = true;
                self.attempts = *attempt;
            }
            Fact::Compacted { .. } => {
                self.compactions += 1;
                self.last_stop = None;
                self.live.summaries = 0;
                self.view.context_tokens = 0;
            }
            Fact::Resumed { .. } => self.renew(),
            Fact::TurnEnded { ending, .. } => {
                if *ending == Ending::Stopped {
                    // What was said before the stop waits for the next message; what was said after it starts a turn.
                    self.unread = std::mem::take(&mut self.live.said_while_stopping);
                }
                self.turn_open = false;
                self.step_open = false;
                self.calls.clear();
                self.last_stop = None;
                self.live.stopping = false;
            }
            _ => {}
        }
    }

    fn renew(&mut self) {
        self.spent = Spent::default();
        self.tokens_before = self.view.usage.total();
        self.attempts = 0;
        self.compactions = 0;
        self.withdrawn.clear();
    }

    /// The places a task has: its folders and its machine.
    fn fold_places(&mut self, fact: &Fact) {
        match fact {
            Fact::TaskCreated { folders, tier, .. } => {
                self.tier = *tier;
                self.folder_names.extend(folders.iter().map(|folder| folder.name.clone()));
            }
            Fact::FolderAdded(folder) => {
                self.folder_names.insert(folder.name.clone());
            }
            Fact::SandboxStarted { tier, .. } => self.tier = Some(*tier),
            _ => {}
        }
    }

    fn fold_calls(&mut self, by: Actor, fact: &Fact) {
        match fact {
            Fact::ApprovalAsked(approval) => {
                self.approvals_asked += 1;
                if approval.running {
                    return;
                }
                let asked = Asked { id: approval.id.clone(), effects: approval.effects.clone(), binds: approval.binds };
                self.set_phase(&approval.call, CallPhase::Waiting(asked));
            }
            Fact::ApprovalAnswered { approval, answer, .. } => {
                for state in &mut self.calls {
                    if let CallPhase::Waiting(asked) = &state.phase
                        && asked.id == *approval
                    {
                        state.phase = match answer {
                            Answer::Allow { .. } => CallPhase::Allowed(asked.clone(), by),
                            Answer::Deny { note } => CallPhase::Denied(note.clone()),
                        };
                    }
                }
            }
            Fact::QuestionAsked { question, call, questions } => {
                self.questions_asked += 1;
                self.set_phase(call, CallPhase::Asked(question.clone(), questions.clone()));
            }
            Fact::QuestionAnswered { question, answers, .. } => {
                for state in &mut self.calls {
                    if let CallPhase::Asked(asked, questions) = &state.phase
                        && asked == question
                    {
                        state.phase = CallPhase::Answered(questions.clone(), answers.clone());
                    }
                }
            }
            Fact::ToolStarted { call, .. } => self.set_phase(call, CallPhase::Started),
            Fact::ToolFinished { call, ms, .. } => {
                self.spent.ms += ms;
                self.set_phase(call, CallPhase::Finished);
            }
            Fact::GrantAdded(_) => self.grants_given += 1,
            Fact::ToolWithdrawn { tool, reason, hint } => {
                self.withdrawn.insert(tool.clone(), format!("{reason}; {hint}"));
            }
            _ => {}
        }
    }

    fn fold_commands(&mut self, fact: &Fact) {
        match fact {
            Fact::Said { command: Some(command), .. }
            | Fact::ApprovalAnswered { command: Some(command), .. }
            | Fact::QuestionAnswered { command: Some(command), .. }
            | Fact::Resumed { command: Some(command) } => {
                self.commands.insert(command.clone());
            }
            _ => {}
        }
    }

    fn set_phase(&mut self, call: &CallId, phase: CallPhase) {
        if let Some(state) = self.calls.iter_mut().find(|state| state.call.id == *call) {
            state.phase = phase;
        }
    }
}
