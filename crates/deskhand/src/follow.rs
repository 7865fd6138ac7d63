//! Following a task until it has nothing more to do, asking the user on the way where there is one.

use std::collections::HashSet;

use event::{
    Actor, Answer, ApprovalId, CallId, Command, CommandId, Ending, Event, Fact, PauseReason, QuestionAnswer,
    QuestionId, Seq, TaskId, Wish,
};
use futures_util::{FutureExt as _, StreamExt as _};
use store::Signal;
use tokio::signal::unix::SignalKind;
use view::{TaskState, View};

use crate::arguments::Output;
use crate::complaint::{Complaint, Exit};
use crate::host::{Host, Watched};
use crate::json_screen::JsonScreen;
use crate::keyboard::{Keyboard, approval_prompt, question_prompt, read_approval, read_question};
use crate::screen::Screen;
use crate::serve::listen;
use crate::terminal::{Paint, Terminal, approval_card, question_card};

/// When following ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Until {
    /// When the task has nothing more to do.
    Quiet,
    /// When the user has seen enough.
    Interrupted,
}

/// Follows a task from after a sequence. What came before is folded but not shown.
pub(crate) async fn follow(
    host: &Host,
    task: TaskId,
    shown_after: Seq,
    output: Output,
    until: Until,
) -> Result<Exit, Complaint> {
    let watch = host.watch(task, Seq(0)).await?;
    let keyboard = if output.json || until == Until::Interrupted { None } else { Keyboard::open() };
    let screen: Box<dyn Screen> = if output.json {
        Box::new(JsonScreen::new(output.deltas))
    } else {
        Box::new(Terminal::new(until == Until::Interrupted, keyboard.is_some()))
    };
    let mut follower = Follower {
        host,
        task,
        view: View::empty(task),
        screen,
        keyboard,
        shown_after,
        started: HashSet::new(),
        denied: false,
        pause: None,
        prompt: None,
        interrupts: 0,
    };
    let exit = follower.run(watch, until).await?;
    if exit != Exit::Waiting {
        host.settle(task).await;
    }
    let desk = host.desk(task).ok();
    follower.screen.end(&follower.view, desk.as_ref())?;
    if output.json && exit == Exit::Failed {
        // A person at a terminal has read it already; beside lines of JSON it is said once in words.
        follower.failure().iter().for_each(Complaint::print);
    }
    Ok(exit)
}

struct Follower<'h> {
    host: &'h Host,
    task: TaskId,
    view: View,
    screen: Box<dyn Screen>,
    keyboard: Option<Keyboard>,
    shown_after: Seq,
    started: HashSet<CallId>,
    denied: bool,
    pause: Option<PauseReason>,
    prompt: Option<Prompt>,
    interrupts: u32,
}

/// What the user is being asked.
enum Prompt {
    Approval(ApprovalId),
    Question { id: QuestionId, answers: Vec<QuestionAnswer> },
}

/// What wakes the follower.
enum Woken {
    Signal(Option<Result<Signal, Complaint>>),
    Line(Option<String>),
    Interrupted,
    Ended,
}

impl Follower<'_> {
    async fn run(&mut self, mut watch: Watched, until: Until) -> Result<Exit, Complaint> {
        // Before anything is shown: from then on Ctrl-C means the task, not this program.
        let mut interrupts = listen(SignalKind::interrupt())?;
        let mut ended = std::pin::pin!(self.host.ended(self.task));
        let mut host_ended = false;
        loop {
            // Everything that is there already is shown before anything is asked or decided.
            while let Some(signal) = watch.next().now_or_never() {
                let Some(signal) = signal else { return Err(self.left_alone()) };
                self.signal(signal?)?;
            }
            self.screen.rest()?;
            if until == Until::Quiet {
                if let Some(exit) = self.exit() {
                    return Ok(exit);
                }
                if host_ended && matches!(self.view.state, TaskState::New | TaskState::Working) {
                    let hint = format!("go on with `deskhand resume {}`", self.task);
                    return Err(Complaint::failed("the task broke off; that is a fault of Deskhand", hint));
                }
                self.ask()?;
            }
            let woken = tokio::select! {
                signal = watch.next() => Woken::Signal(signal),
                line = next_line(&mut self.keyboard) => Woken::Line(line),
                Some(()) = interrupts.recv() => Woken::Interrupted,
                end = &mut ended, if !host_ended && until == Until::Quiet => {
                    host_ended = true;
                    if let tasks::End::Storage(message, hint) = end {
                        return Err(Complaint::failed(message, hint));
                    }
                    Woken::Ended
                }
            };
            match woken {
                Woken::Signal(Some(signal)) => self.signal(signal?)?,
                Woken::Signal(None) => return Err(self.left_alone()),
                Woken::Line(Some(line)) => self.line(&line).await?,
                Woken::Line(None) => self.keyboard = None,
                Woken::Interrupted if until == Until::Interrupted => return Ok(Exit::Done),
                Woken::Interrupted => self.interrupt().await?,
                Woken::Ended => {}
            }
        }
    }

    /// Why the task failed or is paused, and the one next step.
    fn failure(&self) -> Option<Complaint> {
        match (&self.view.ending, &self.view.paused) {
            (Some(Ending::Failed { message, hint, .. }), _) | (None, Some((message, hint))) => {
                Some(Complaint::failed(message, hint))
            }
            (Some(Ending::Done | Ending::Stopped), _) | (None, None) => None,
        }
    }

    /// Whoever worked on the task is gone, and how it ends is not known here.
    fn left_alone(&self) -> Complaint {
        let hint = format!("start it again with `deskhand serve`, or go on with `deskhand resume {}`", self.task);
        Complaint::failed("the running Deskhand ended", hint)
    }

    fn signal(&mut self, signal: Signal) -> Result<(), Complaint> {
        match signal {
            Signal::Event(event) => {
                self.view.apply(&event);
                self.note(&event);
                if event.seq > self.shown_after {
                    return self.screen.event(&event, &self.view);
                }
                self.screen.past(&event);
                Ok(())
            }
            Signal::Delta(delta) => self.screen.delta(&delta),
        }
    }

    fn note(&mut self, event: &Event) {
        match &event.fact {
            Fact::ToolStarted { call, .. } => {
                self.started.insert(call.clone());
            }
            Fact::ToolFinished { call, .. } => {
                self.started.remove(call);
            }
            Fact::TurnStarted { .. } => self.denied = false,
            // What was refused because nobody could be asked is no denial by the user: the command went on without it.
            Fact::ApprovalAnswered { answer: Answer::Deny { .. }, .. } if event.actor == Actor::User => {
                self.denied = true;
            }
            Fact::Paused { reason, .. } => self.pause = Some(*reason),
            Fact::Resumed { .. } | Fact::Said { .. } => self.pause = None,
            _ => {}
        }
    }

    /// The exit code, where there is nothing more to wait for.
    fn exit(&self) -> Option<Exit> {
        match self.view.state {
            // A message that no turn has read yet starts one in a moment.
            TaskState::New | TaskState::Working => None,
            TaskState::NeedsYou => {
                // A call that runs is waited for, unless it waits for an answer itself.
                let waits = |call: &CallId| self.view.approvals.iter().any(|it| it.running && it.call == *call);
                let nobody = self.keyboard.is_none() && self.started.iter().all(waits);
                nobody.then_some(Exit::Waiting)
            }
            TaskState::Paused => match self.pause {
                Some(PauseReason::User) => Some(Exit::Stopped),
                Some(PauseReason::Model | PauseReason::Limit) | None => Some(Exit::Failed),
            },
            TaskState::Done | TaskState::Stopped | TaskState::Failed => {
                if self.view.head <= self.shown_after {
                    return None;
                }
                match &self.view.ending {
                    Some(Ending::Done) if self.denied => Some(Exit::Stopped),
                    Some(Ending::Done) => Some(Exit::Done),
                    Some(Ending::Stopped) => Some(Exit::Stopped),
                    Some(Ending::Failed { .. }) | None => Some(Exit::Failed),
                }
            }
        }
    }

    /// Puts the next open question to the user, card and prompt together, unless one is being asked.
    fn ask(&mut self) -> Result<(), Complaint> {
        if self.keyboard.is_none() {
            return Ok(());
        }
        self.drop_answered_prompt();
        if self.prompt.is_some() {
            return Ok(());
        }
        if let Some(approval) = self.view.approvals.first() {
            self.prompt = Some(Prompt::Approval(approval.id.clone()));
            let text = format!("{}\n{}", approval_card(approval, Paint::for_stdout()), approval_prompt(approval));
            return self.put(&text);
        }
        if let Some((id, _)) = self.view.questions.first() {
            self.prompt = Some(Prompt::Question { id: id.clone(), answers: Vec::new() });
            return self.ask_question();
        }
        Ok(())
    }

    fn ask_question(&mut self) -> Result<(), Complaint> {
        let Some(Prompt::Question { id, answers }) = &self.prompt else { return Ok(()) };
        let open = self.view.questions.iter().find(|(known, _)| known == id);
        let Some((_, questions)) = open else { return Ok(()) };
        let Some(question) = questions.get(answers.len()) else { return Ok(()) };
        let card = question_card(answers.len(), questions.len(), question, Paint::for_stdout());
        self.put(&format!("{card}\n{}", question_prompt(question)))
    }

    /// Writes a prompt. What was typed before it was seen answers nothing.
    fn put(&mut self, text: &str) -> Result<(), Complaint> {
        if let Some(keyboard) = &mut self.keyboard {
            keyboard.forget_typed();
        }
        self.screen.aside(&mut |out| write!(out, "{text}").and_then(|()| out.flush()))
    }

    /// Another door may have answered meanwhile.
    fn drop_answered_prompt(&mut self) {
        let open = match &self.prompt {
            Some(Prompt::Approval(id)) => self.view.approvals.iter().any(|known| known.id == *id),
            Some(Prompt::Question { id, .. }) => self.view.questions.iter().any(|(known, _)| known == id),
            None => true,
        };
        if !open {
            self.prompt = None;
        }
    }

    async fn line(&mut self, line: &str) -> Result<(), Complaint> {
        self.drop_answered_prompt();
        match self.prompt.take() {
            Some(Prompt::Approval(id)) => {
                let Some(asked) = self.view.approvals.iter().find(|known| known.id == id) else { return Ok(()) };
                match read_approval(line, asked) {
                    Some(answer) => self.send(Wish::Answer { approval: id, answer }).await,
                    None => Ok(()),
                }
            }
            Some(Prompt::Question { id, answers }) => self.question_line(id, answers, line).await,
            None if line.trim().is_empty() => Ok(()),
            None => self.send(Wish::Say { text: line.trim().to_owned(), attachments: Vec::new() }).await,
        }
    }

    async fn question_line(
        &mut self,
        id: QuestionId,
        mut answers: Vec<QuestionAnswer>,
        line: &str,
    ) -> Result<(), Complaint> {
        let Some((_, questions)) = self.view.questions.iter().find(|(known, _)| *known == id) else { return Ok(()) };
        let answer = questions.get(answers.len()).and_then(|question| read_question(line, question));
        answers.extend(answer);
        if answers.len() >= questions.len() {
            return self.send(Wish::AnswerQuestions { question: id, answers }).await;
        }
        self.prompt = Some(Prompt::Question { id, answers });
        self.ask_question()
    }

    async fn send(&mut self, wish: Wish) -> Result<(), Complaint> {
        self.host.command(self.task, Command { id: new_command_id(), wish }).await.map(|_| ())
    }

    /// The first Ctrl-C stops the task; the second leaves at once, and the task goes on with `resume`.
    async fn interrupt(&mut self) -> Result<(), Complaint> {
        self.interrupts += 1;
        if self.interrupts > 1 {
            return Err(Complaint {
                message: "left in the middle".to_owned(),
                hint: format!("go on with `deskhand resume {}`", self.task),
                exit: Exit::Stopped,
            });
        }
        self.prompt = None;
        self.send(Wish::Stop).await
    }
}

async fn next_line(keyboard: &mut Option<Keyboard>) -> Option<String> {
    match keyboard {
        Some(keyboard) => keyboard.line().await,
        None => std::future::pending().await,
    }
}

/// An id for a command of this terminal.
pub(crate) fn new_command_id() -> CommandId {
    let random = getrandom::u64().unwrap_or_else(|_| u64::from(std::process::id()));
    CommandId(format!("cli-{random:016x}"))
}
