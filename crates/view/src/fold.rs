//! The fold: one event at a time, no other input.

use event::{Change, Ending, Event, Fact, Mark, PauseReason, PlanState, Timestamp};

use crate::{OutputCard, Progress, TaskState, View, Withdrawn};

impl View {
    /// A view of nothing yet; the first event fills it.
    pub fn empty(task: event::TaskId) -> Self {
        Self {
            task,
            title: String::new(),
            state: TaskState::New,
            head: event::Seq(0),
            made_at: Timestamp(0),
            changed_at: Timestamp(0),
            turn: 0,
            steps: 0,
            mode: event::Mode::default(),
            model: event::ModelRef(String::new()),
            limits: event::Limits::default(),
            project: None,
            pinned: false,
            archived: false,
            unread: false,
            effort: None,
            instructions: String::new(),
            pinned_files: Vec::new(),
            uploads: Vec::new(),
            tier: None,
            folders_read_only: false,
            start: String::new(),
            folders: Vec::new(),
            grants: Vec::new(),
            progress: Progress::default(),
            scratchpad: String::new(),
            approvals: Vec::new(),
            questions: Vec::new(),
            outputs: Vec::new(),
            changed: Vec::new(),
            withdrawn: Vec::new(),
            usage: event::Usage::default(),
            context_tokens: 0,
            paused: None,
            ending: None,
            last_text: String::new(),
        }
    }

    /// Folds a whole log.
    pub fn of<'e>(task: event::TaskId, events: impl IntoIterator<Item = &'e Event>) -> Self {
        let mut view = Self::empty(task);
        for event in events {
            view.apply(event);
        }
        view
    }

    /// Folds one more event. Events at or below `head` are ignored, so a repeated delivery does no harm.
    pub fn apply(&mut self, event: &Event) {
        if event.seq <= self.head {
            return;
        }
        self.head = event.seq;
        // A mark is no work and moves nothing in Recents.
        if !matches!(event.fact, Fact::Marked(_)) {
            self.changed_at = event.at;
        }
        self.fold_job(&event.fact, event.at);
        self.fold_work(&event.fact);
        self.fold_asking(&event.fact);
        self.fold_state(&event.fact);
        self.fold_attention(&event.fact);
    }

    /// What the task is set up with.
    fn fold_job(&mut self, fact: &Fact, at: Timestamp) {
        match fact {
            Fact::TaskCreated { title, mode, model, folders, limits, project, .. } => {
                self.made_at = at;
                self.title.clone_from(title);
                self.mode = *mode;
                self.model = model.clone();
                self.start =
                    folders.first().map_or_else(|| "/outputs".to_owned(), |folder| format!("/work/{}", folder.name));
                self.folders.clone_from(folders);
                self.limits = limits.clone();
                self.project.clone_from(project);
            }
            Fact::FolderAdded(folder) => {
                self.folders.retain(|known| known.name != folder.name);
                self.folders.push(folder.clone());
            }
            Fact::FolderRemoved { name } => self.folders.retain(|known| known.name != *name),
            Fact::ModeSet { mode } => self.mode = *mode,
            Fact::ModelSet { model } => self.model = model.clone(),
            Fact::LimitsSet { limits } => self.limits = limits.clone(),
            Fact::Titled { title } => self.title.clone_from(title),
            Fact::InstructionsSet { text } => self.instructions.clone_from(text),
            Fact::EffortSet { effort } => self.effort.clone_from(effort),
            Fact::FilePinned { path } if !self.pinned_files.contains(path) => self.pinned_files.push(path.clone()),
            Fact::FileUnpinned { path } => self.pinned_files.retain(|known| known != path),
            Fact::Marked(mark) => self.fold_mark(mark),
            Fact::GrantAdded(grant) => self.grants.push(grant.clone()),
            Fact::GrantRevoked { grant } => self.grants.retain(|known| known.id != *grant),
            Fact::SandboxStarted { tier, folders_read_only } => {
                self.tier = Some(*tier);
                self.folders_read_only = *folders_read_only;
            }
            // What could not be used before is tried again.
            Fact::TurnStarted { .. } | Fact::Resumed { .. } => self.withdrawn.clear(),
            Fact::Said { .. } if self.paused.is_some() => self.withdrawn.clear(),
            Fact::ToolWithdrawn { tool, reason, hint } => {
                self.withdrawn.retain(|known| known.tool != *tool);
                self.withdrawn.push(Withdrawn { tool: tool.clone(), reason: reason.clone(), hint: hint.clone() });
            }
            _ => {}
        }
    }

    fn fold_mark(&mut self, mark: &Mark) {
        match mark {
            Mark::Pinned => self.pinned = true,
            Mark::Unpinned => self.pinned = false,
            Mark::Archived => self.archived = true,
            Mark::Unarchived => self.archived = false,
            Mark::Seen => self.unread = false,
            Mark::Unseen => self.unread = true,
            Mark::Project { name } => self.project.clone_from(name),
        }
    }

    /// What the user may not have looked at. Whoever speaks, answers, stops or pauses has looked.
    fn fold_attention(&mut self, fact: &Fact) {
        match fact {
            Fact::TurnEnded { ending: Ending::Done | Ending::Failed { .. }, .. }
            | Fact::ApprovalAsked(_)
            | Fact::QuestionAsked { .. }
            | Fact::Paused { reason: PauseReason::Model | PauseReason::Limit, .. } => self.unread = true,
            Fact::Said { .. }
            | Fact::ApprovalAnswered { .. }
            | Fact::QuestionAnswered { .. }
            | Fact::TurnEnded { ending: Ending::Stopped, .. }
            | Fact::Paused { reason: PauseReason::User, .. } => self.unread = false,
            _ => {}
        }
    }

    /// What was done.
    fn fold_work(&mut self, fact: &Fact) {
        match fact {
            Fact::Said { attachments, .. } => self.uploads.extend(attachments.iter().cloned()),
            Fact::TurnStarted { turn } => self.turn = *turn,
            Fact::StepStarted { step, .. } => self.steps = *step,
            Fact::Replied { reply, .. } => {
                self.usage.add(reply.usage);
                self.context_tokens = reply.usage.context();
                let text = reply.text();
                if !text.is_empty() {
                    self.last_text = text;
                }
            }
            Fact::PlanSet { items } => {
                let done = items.iter().filter(|item| item.state == PlanState::Done).count();
                self.progress = Progress {
                    done: u32::try_from(done).unwrap_or(u32::MAX),
                    total: u32::try_from(items.len()).unwrap_or(u32::MAX),
                    items: items.clone(),
                };
            }
            Fact::NoteSet { text } => self.scratchpad.clone_from(text),
            Fact::FilesChanged { changes, .. } => changes.iter().for_each(|change| self.note_change(change)),
            Fact::Presented { files } => {
                for file in files {
                    self.outputs.retain(|known| known.path != file.path);
                    self.outputs.push(OutputCard {
                        path: file.path.clone(),
                        title: file.title.clone(),
                        bytes: file.bytes,
                        media: file.media.clone(),
                        turn: self.turn,
                    });
                }
            }
            _ => {}
        }
    }

    /// What waits for the user.
    fn fold_asking(&mut self, fact: &Fact) {
        match fact {
            Fact::ApprovalAsked(approval) => {
                // Asked again for the same call before it runs: only the newest counts. A running call may wait for
                // several answers at once.
                self.approvals.retain(|known| approval.running || known.call != approval.call);
                self.approvals.push(approval.clone());
            }
            Fact::ApprovalAnswered { approval, .. } => self.approvals.retain(|known| known.id != *approval),
            Fact::QuestionAsked { question, questions, .. } => {
                self.questions.push((question.clone(), questions.clone()));
            }
            Fact::QuestionAnswered { question, .. } => self.questions.retain(|(known, _)| known != question),
            Fact::ToolFinished { call, .. } => self.approvals.retain(|known| known.call != *call),
            Fact::TurnEnded { .. } => {
                self.approvals.clear();
                self.questions.clear();
            }
            _ => {}
        }
    }

    fn fold_state(&mut self, fact: &Fact) {
        match fact {
            Fact::Paused { message, hint, .. } => self.paused = Some((message.clone(), hint.clone())),
            Fact::Resumed { .. } => self.paused = None,
            // A message begins the next turn, even where Deskhand ends before it can say so.
            Fact::Said { .. } | Fact::TurnStarted { .. } => {
                self.ending = None;
                self.paused = None;
            }
            Fact::TurnEnded { ending, .. } => {
                self.ending = Some(ending.clone());
                self.paused = None;
            }
            _ => {}
        }
        self.state = match (&self.ending, &self.paused) {
            (Some(Ending::Done), _) => TaskState::Done,
            (Some(Ending::Stopped), _) => TaskState::Stopped,
            (Some(Ending::Failed { .. }), _) => TaskState::Failed,
            (None, Some(_)) => TaskState::Paused,
            (None, None) if !self.approvals.is_empty() || !self.questions.is_empty() => TaskState::NeedsYou,
            (None, None) if self.turn == 0 => TaskState::New,
            (None, None) => TaskState::Working,
        };
    }

    fn note_change(&mut self, change: &Change) {
        self.changed.retain(|known| known.path != change.path);
        self.changed.push(change.clone());
    }
}
