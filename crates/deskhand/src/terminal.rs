//! The terminal: narration as it streams, one line for each group of tool runs, the plan as N of M, cards for what
//! needs a decision and for finished files.

use std::io::{IsTerminal as _, Write};
use std::time::Duration;

use event::{Actor, Approval, Block, Delta, Ending, Event, Fact, PlanState, Question};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tool::Desk;
use view::{Lines, View, visible};

use crate::complaint::Complaint;
use crate::screen::{Screen, closed};
use crate::words::{Group, columns, size, tokens, wrapped};

/// Standard output for people.
pub(crate) struct Terminal {
    bar: ProgressBar,
    paint: Paint,
    group: Group,
    /// Names of the last reply's calls; a call that ends without running (a question, a denial) never starts.
    tools: Vec<(event::CallId, String)>,
    /// The calls under way: id, tool, subject.
    running: Vec<(event::CallId, String, String)>,
    plan_shown: Vec<(String, PlanState)>,
    follows_history: bool,
    /// Whether somebody is asked here; cards are then shown with their prompt, one at a time.
    asks: bool,
}

/// Colours where they are wanted, plain text elsewhere.
#[derive(Clone, Copy)]
pub(crate) struct Paint {
    on: bool,
}

impl Paint {
    /// Colours for standard output: only on a terminal, and not where NO_COLOR is set (no-color.org).
    pub(crate) fn for_stdout() -> Self {
        let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self { on: std::io::stdout().is_terminal() && !unwanted }
    }

    pub(crate) fn bold(self, text: &str) -> String {
        self.wrap("1", text)
    }

    pub(crate) fn dim(self, text: &str) -> String {
        self.wrap("2", text)
    }

    pub(crate) fn green(self, text: &str) -> String {
        self.wrap("32", text)
    }

    pub(crate) fn yellow(self, text: &str) -> String {
        self.wrap("33", text)
    }

    pub(crate) fn red(self, text: &str) -> String {
        self.wrap("31", text)
    }

    fn wrap(self, code: &str, text: &str) -> String {
        if self.on { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

impl Terminal {
    /// `history` says that old events come first and are to be told in short.
    /// `asks` says that whoever follows puts approvals and questions to the user.
    pub(crate) fn new(history: bool, asks: bool) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        if !std::io::stdout().is_terminal() {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        if let Ok(style) = ProgressStyle::with_template("{spinner} {wide_msg}") {
            bar.set_style(style.tick_chars("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏ "));
        }
        Self {
            bar,
            paint: Paint::for_stdout(),
            group: Group::default(),
            tools: Vec::new(),
            running: Vec::new(),
            plan_shown: Vec::new(),
            follows_history: history,
            asks,
        }
    }

    fn print(&self, text: &str) -> Result<(), Complaint> {
        self.bar.suspend(|| writeln!(std::io::stdout(), "{text}")).map_err(closed)
    }

    fn end_group(&mut self) -> Result<(), Complaint> {
        match self.group.take() {
            Some(line) => self.print(&self.paint.dim(&format!("  ▸ {line}"))),
            None => Ok(()),
        }
    }

    /// The line at the bottom: the plan's place and what is being done.
    fn show_activity(&self, view: &View) {
        let plan = match view.progress.total {
            0 => String::new(),
            total => format!("{} of {total} · ", view.progress.done),
        };
        let active = view.progress.items.iter().find(|item| item.state == PlanState::Active);
        let doing = match (self.running.last(), active) {
            (Some((_, tool, what)), _) => visible(format!("{tool} {what}").trim_end(), Lines::Escape),
            (None, Some(item)) => visible(&item.text, Lines::Escape),
            (None, None) => "thinking".to_owned(),
        };
        let used = match view.usage.total() {
            0 => String::new(),
            total => format!(" · {} tokens", tokens(total)),
        };
        self.bar.set_message(format!("{plan}{doing}{used}"));
        self.bar.enable_steady_tick(Duration::from_millis(120));
    }

    fn hide_activity(&self) {
        self.bar.disable_steady_tick();
        self.bar.set_message("");
        self.bar.finish_and_clear();
    }

    fn show_plan(&mut self, view: &View) -> Result<(), Complaint> {
        self.end_group()?;
        let first = self.plan_shown.is_empty();
        let total = view.progress.total;
        let mut done = 0;
        let mut lines = Vec::new();
        for item in &view.progress.items {
            let was_done = self.plan_shown.iter().any(|(text, state)| *text == item.text && *state == PlanState::Done);
            let text = visible(&item.text, Lines::Escape);
            if item.state == PlanState::Done {
                done += 1;
                if !was_done {
                    let place = self.paint.dim(&format!("({done} of {total})"));
                    lines.push(format!("  {} {text} {place}", self.paint.green("✓")));
                }
            } else if first {
                lines.push(format!("  {} {text}", self.paint.dim("○")));
            }
        }
        if first {
            lines.insert(0, self.paint.bold(&format!("Plan: {total} steps")));
        }
        self.plan_shown = view.progress.items.iter().map(|item| (item.text.clone(), item.state)).collect();
        for line in lines {
            self.print(&line)?;
        }
        Ok(())
    }

    fn show_reply(&mut self, reply: &event::Reply) -> Result<(), Complaint> {
        for block in &reply.blocks {
            if let Block::Text(text) = block
                && !text.text.trim().is_empty()
            {
                self.end_group()?;
                let shown = wrapped(&visible(text.text.trim(), Lines::Keep), columns());
                self.print(&format!("\n{shown}"))?;
            }
        }
        Ok(())
    }

    fn show_undone(&mut self, changes: &[event::Change], more: u64) -> Result<(), Complaint> {
        for change in changes {
            self.print(&format!("  ↩ {}", visible(&change.path, Lines::Escape)))?;
        }
        if more > 0 {
            self.print(&self.paint.dim(&format!("  ↩ and {more} more")))?;
        }
        Ok(())
    }

    fn show_asking(&mut self, event: &Event) -> Result<(), Complaint> {
        self.end_group()?;
        match &event.fact {
            Fact::ApprovalAsked(_) | Fact::QuestionAsked { .. } if self.asks => Ok(()),
            Fact::ApprovalAsked(approval) => self.print(&approval_card(approval, self.paint)),
            Fact::QuestionAsked { questions, .. } => {
                for (number, question) in questions.iter().enumerate() {
                    self.print(&question_card(number, questions.len(), question, self.paint))?;
                }
                Ok(())
            }
            Fact::ApprovalAnswered { answer, .. } => {
                let word = match answer {
                    event::Answer::Allow { .. } => self.paint.green("  allowed"),
                    event::Answer::Deny { note: Some(why) } if event.actor == Actor::Engine => {
                        self.paint.yellow(&format!("  refused: {}", visible(why, Lines::Escape)))
                    }
                    event::Answer::Deny { .. } => self.paint.yellow("  denied"),
                };
                self.print(&word)
            }
            _ => Ok(()),
        }
    }

    fn show_trouble(&mut self, fact: &Fact) -> Result<(), Complaint> {
        match fact {
            Fact::RetryPlanned { reason, after_ms, attempt, .. } => {
                let seconds = (*after_ms as f64 / 1_000.0).ceil();
                self.print(&self.paint.yellow(&format!(
                    "  {}; trying again in {seconds:.0} s (try {attempt})",
                    visible(reason, Lines::Escape)
                )))
            }
            Fact::ReplyCut { reason, .. } => {
                self.print(&self.paint.yellow(&format!("  the reply was cut: {}", visible(reason, Lines::Escape))))
            }
            Fact::ToolWithdrawn { tool, reason, hint } => {
                let text = format!("  {tool} is not available: {reason}\n    hint: {hint}");
                self.print(&self.paint.yellow(&visible(&text, Lines::Keep)))
            }
            Fact::LogMended { bytes } => {
                let text = format!(
                    "  the last line of the log was torn and {bytes} bytes of it were cut; nothing else is lost"
                );
                self.print(&self.paint.yellow(&text))
            }
            Fact::Compacted { .. } => {
                self.print(&self.paint.dim("  the conversation was shortened for the model; the log keeps everything"))
            }
            Fact::Paused { message, hint, .. } => {
                self.end_group()?;
                let text = format!("\nPaused: {message}\n  hint: {hint}");
                self.print(&self.paint.yellow(&visible(&text, Lines::Keep)))
            }
            _ => Ok(()),
        }
    }

    fn note_call(&mut self, fact: &Fact) {
        match fact {
            Fact::Replied { reply, .. } => {
                self.tools = reply.calls().map(|call| (call.id.clone(), call.tool.clone())).collect();
            }
            Fact::ToolStarted { call, tool, effects } => {
                self.running.push((call.clone(), tool.clone(), effects.first().map(subject).unwrap_or_default()));
            }
            Fact::ToolFinished { call, outcome, .. } => {
                self.running.retain(|(known, ..)| known != call);
                let tool = self.tools.iter().find(|(known, _)| known == call);
                self.group.add(tool.map_or("", |(_, tool)| tool), *outcome);
            }
            _ => {}
        }
    }
}

impl Screen for Terminal {
    fn past(&mut self, event: &Event) {
        match &event.fact {
            fact @ Fact::Replied { .. } => self.note_call(fact),
            Fact::PlanSet { items } => {
                self.plan_shown = items.iter().map(|item| (item.text.clone(), item.state)).collect();
            }
            _ => {}
        }
    }

    fn event(&mut self, event: &Event, view: &View) -> Result<(), Complaint> {
        match &event.fact {
            Fact::TaskCreated { title, .. } => {
                let id = self.paint.dim(&format!("task {}", event.task));
                self.print(&format!("{}  {id}", self.paint.bold(&visible(title, Lines::Escape))))?;
            }
            Fact::Said { text, .. } if view.turn > 0 || self.follows_history => {
                self.end_group()?;
                self.print(&format!("\n{} {}", self.paint.bold("You:"), visible(text, Lines::Keep)))?;
            }
            fact @ Fact::Replied { reply, .. } => {
                self.note_call(fact);
                self.show_reply(reply)?;
            }
            fact @ (Fact::ToolStarted { .. } | Fact::ToolFinished { .. }) => self.note_call(fact),
            Fact::PlanSet { .. } => self.show_plan(view)?,
            Fact::FilesChanged { changes, more, undo: true, .. } => self.show_undone(changes, *more)?,
            Fact::ApprovalAsked(_) | Fact::QuestionAsked { .. } | Fact::ApprovalAnswered { .. } => {
                self.show_asking(event)?;
            }
            fact @ (Fact::RetryPlanned { .. }
            | Fact::ReplyCut { .. }
            | Fact::ToolWithdrawn { .. }
            | Fact::LogMended { .. }
            | Fact::Compacted { .. }
            | Fact::Paused { .. }) => self.show_trouble(fact)?,
            Fact::SandboxStarted { folders_read_only: true, .. } => {
                if let Some(text) = read_only_note(view) {
                    self.print(&self.paint.yellow(text))?;
                }
            }
            Fact::TurnEnded { .. } => self.end_group()?,
            Fact::Said { .. }
            | Fact::TurnStarted { .. }
            | Fact::StepStarted { .. }
            | Fact::QuestionAnswered { .. }
            | Fact::GrantAdded(_)
            | Fact::GrantRevoked { .. }
            | Fact::NoteSet { .. }
            | Fact::FilesChanged { .. }
            | Fact::Presented { .. }
            | Fact::FolderAdded(_)
            | Fact::FolderRemoved { .. }
            | Fact::ModeSet { .. }
            | Fact::ModelSet { .. }
            | Fact::LimitsSet { .. }
            | Fact::Titled { .. }
            | Fact::Marked(_)
            | Fact::InstructionsSet { .. }
            | Fact::EffortSet { .. }
            | Fact::FilePinned { .. }
            | Fact::FileUnpinned { .. }
            | Fact::SandboxStarted { .. }
            | Fact::Resumed { .. } => {}
        }
        match view.state {
            view::TaskState::Working => self.show_activity(view),
            view::TaskState::New
            | view::TaskState::NeedsYou
            | view::TaskState::Paused
            | view::TaskState::Done
            | view::TaskState::Stopped
            | view::TaskState::Failed => self.hide_activity(),
        }
        Ok(())
    }

    fn delta(&mut self, delta: &Delta) -> Result<(), Complaint> {
        // Narration is printed whole when the reply is stored: a line that grows under a moving bar is hard to read.
        if let Delta::CallBegun { tool, .. } = delta {
            self.bar.set_message(format!("preparing {}", visible(tool, Lines::Escape)));
        }
        Ok(())
    }

    fn rest(&mut self) -> Result<(), Complaint> {
        std::io::stdout().flush().map_err(closed)
    }

    fn end(&mut self, view: &View, desk: Option<&Desk>) -> Result<(), Complaint> {
        self.end_group()?;
        self.hide_activity();
        if !view.outputs.is_empty() {
            self.print(&format!("\n{}", self.paint.bold("Files")))?;
            for card in &view.outputs {
                let path = desk
                    .and_then(|desk| desk.host_path(&card.path))
                    .map_or_else(|| card.path.clone(), |path| path.display().to_string());
                let title = visible(&card.title, Lines::Escape);
                let title = if title.is_empty() { title } else { format!("{title} · ") };
                let detail = self.paint.dim(&format!("{title}{}", size(card.bytes)));
                self.print(&format!("  {}  {detail}", visible(&path, Lines::Escape)))?;
            }
        }
        let verdict = match &view.ending {
            Some(Ending::Done) => self.paint.green("Done"),
            Some(Ending::Stopped) => self.paint.yellow("Stopped"),
            Some(Ending::Failed { message, hint, .. }) => {
                self.paint.red(&visible(&format!("Failed: {message}\n  hint: {hint}"), Lines::Keep))
            }
            None => return Ok(()),
        };
        let usage = format!("{} steps, {} tokens", view.steps, tokens(view.usage.total()));
        let plan = match view.progress.total {
            0 => String::new(),
            total => format!("{} of {total} · ", view.progress.done),
        };
        self.print(&format!("\n{verdict} {}", self.paint.dim(&format!("· {plan}{usage} · task {}", view.task))))
    }

    fn aside(&mut self, write: &mut dyn FnMut(&mut dyn Write) -> std::io::Result<()>) -> Result<(), Complaint> {
        self.bar.suspend(|| write(&mut std::io::stdout())).map_err(closed)
    }
}

/// What is said of a machine whose commands cannot change folders; nothing where the task has none.
fn read_only_note(view: &View) -> Option<&'static str> {
    let note = "  commands can read your folders here and not change them; the file tools can\n    hint: see `deskhand doctor`";
    (!view.folders.is_empty()).then_some(note)
}

/// What an effect is about, for the activity line.
fn subject(effect: &event::Effect) -> String {
    match effect {
        event::Effect::ReadPath(text)
        | event::Effect::WritePath(text)
        | event::Effect::DeletePath(text)
        | event::Effect::Run(text)
        | event::Effect::Connect(text)
        | event::Effect::Browse(text)
        | event::Effect::Control(text)
        | event::Effect::Schedule(text)
        | event::Effect::Remember(text) => text.lines().next().unwrap_or_default().to_owned(),
        event::Effect::Send { connector, tool } => format!("{connector} {tool}"),
    }
}

/// The whole exact call and everything it will do, with what is invisible made visible.
pub(crate) fn approval_card(approval: &Approval, paint: Paint) -> String {
    let mut lines = vec![format!(
        "\n{} {}",
        paint.yellow("?"),
        paint.bold(&format!("Deskhand wants to {}", visible(&approval.reason, Lines::Escape)))
    )];
    lines.extend(call_lines(approval).into_iter().map(|line| format!("  │ {line}")));
    if approval.running {
        let counted = match approval.files {
            // Most reasons say it already.
            Some(files) if approval.reason.contains(&files.to_string()) => String::new(),
            Some(1) => "one file of yours would go; ".to_owned(),
            Some(files) => format!("{files} files of yours would go; "),
            None => String::new(),
        };
        lines.push(paint.dim(&format!("  {counted}the call is running and waits for your answer")));
    }
    // What came up in a running call is said by its reason, unless it is several things.
    let said = approval.running && approval.effects.len() == 1;
    let others = approval.effects.iter().map(policy::in_words).filter(|words| !said && *words != approval.reason);
    lines.extend(others.map(|words| paint.dim(&format!("  and to {}", visible(&words, Lines::Escape)))));
    lines.join("\n")
}

/// A command is shown as it will run, its settings beneath it; any other input as its JSON.
fn call_lines(approval: &Approval) -> Vec<String> {
    let plain = || approval.input.as_str().to_owned();
    let text = match approval.input.decode::<serde_json::Value>() {
        Ok(serde_json::Value::Object(mut input)) if approval.tool == "Bash" => {
            let command = match input.remove("command") {
                Some(serde_json::Value::String(command)) => command,
                Some(_) | None => plain(),
            };
            let settings = input.iter().map(|(name, value)| format!("\n{name}: {value}"));
            command + &settings.collect::<String>()
        }
        Ok(value) => serde_json::to_string_pretty(&value).unwrap_or_else(|_| plain()),
        Err(_) => plain(),
    };
    let shown = visible(&text, Lines::Keep);
    std::iter::once(visible(&approval.tool, Lines::Escape)).chain(shown.lines().map(str::to_owned)).collect()
}

/// A question with its numbered choices.
pub(crate) fn question_card(number: usize, of: usize, question: &Question, paint: Paint) -> String {
    let place = if of > 1 { format!(" ({} of {of})", number + 1) } else { String::new() };
    let mut lines = vec![format!(
        "\n{} {}{}",
        paint.yellow("?"),
        paint.bold(&visible(&question.text, Lines::Escape)),
        paint.dim(&place)
    )];
    for (choice, number) in question.choices.iter().zip(1..) {
        let description = if choice.description.is_empty() {
            String::new()
        } else {
            paint.dim(&format!(" – {}", visible(&choice.description, Lines::Escape)))
        };
        lines.push(format!("  {number}  {}{description}", visible(&choice.label, Lines::Escape)));
    }
    lines.join("\n")
}

#[cfg(test)]
#[path = "terminal_tests.rs"]
mod tests;
