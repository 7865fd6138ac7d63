//! The tool itself: from a call to a report.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use event::{Access, Effect, Fact, Outcome, Part, TaskId};
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use sandbox::{Command, Execution, Exit, Output, Sandbox, SandboxError};
use tokio_util::sync::CancellationToken;
use tool::{Call, CallError, Desk, OUTPUT_CAP, Preview, Progress, Report, Tool, ToolSpec, cap_text, parse_input};

use crate::description::{DEFAULT_SECONDS, Input, MOST_SECONDS, spec};
use crate::machines::{Machines, Ready, Started};
use crate::output::Collector;

/// Bytes kept free for the lines after the output.
const TRAILER: usize = 1000;
/// Bytes of output shown live; a command that writes more goes on unshown.
const LIVE: usize = 1 << 20;
/// A machine that does not end a command this long after its time is given up.
const GRACE: Duration = Duration::from_secs(30);
/// What programs say when a deletion was refused.
const REFUSALS: [&str; 2] = ["Permission denied", "Operation not permitted"];
/// Told where files of the machine's own are gone.
const ANEW: &str = "The machine was started anew before this command: files in /tmp from before are gone.";
/// The shell commands are written for.
const BASH: &str = "/bin/bash";

/// Runs commands in the task's isolated machine. Named `Bash` because models and skills know that name.
pub struct Bash {
    spec: ToolSpec,
    machines: Machines,
    /// Set once a machine turned out to have no bash.
    plain_shell: AtomicBool,
}

/// How a command ended, as far as this side saw.
enum Ending {
    Exited(Exit),
    Stopped,
    Failed(SandboxError),
}

impl Bash {
    /// The tool over a way to isolate.
    pub fn new(sandbox: Arc<dyn Sandbox>) -> Self {
        Self { spec: spec(), machines: Machines::new(sandbox), plain_shell: AtomicBool::new(false) }
    }

    async fn run_call(&self, call: &Call, desk: &Desk, progress: &dyn Progress, stop: &CancellationToken) -> Report {
        let input = match read_input(call) {
            Ok(input) => input,
            Err(error) => return Report::failed(error.to_string()),
        };
        let mut live = Live { progress, collector: Collector::default(), shown: 0, anew: false };
        let ending = tokio::select! {
            biased;
            // Dropping the attempt drops the execution, which ends the command.
            () = stop.cancelled() => Ending::Stopped,
            ending = self.attempt(&input, desk, &mut live) => ending.map_or_else(Ending::Failed, Ending::Exited),
        };
        let mut report = report(&input, desk, live.collector, ending);
        if live.anew {
            report.output.push(Part::text(ANEW));
        }
        report
    }

    /// Runs the command. Where the machine was lost before the command began, once more in a fresh one.
    async fn attempt(&self, input: &Input, desk: &Desk, live: &mut Live<'_>) -> Result<Exit, SandboxError> {
        let Ready { machine, started } = self.ready(desk, live).await?;
        let limit = seconds(input);
        let (machine, execution) = match machine.exec(self.command(input, desk)).await {
            Err(SandboxError::Lost(_)) if started.is_none() => {
                self.machines.forget(desk.task, &machine).await;
                let machine = self.ready(desk, live).await?.machine;
                let execution = machine.exec(self.command(input, desk)).await;
                (machine, execution)
            }
            execution => (machine, execution),
        };
        let ended = match execution {
            Ok(execution) => follow(execution, limit, live).await,
            Err(error) => Err(error),
        };
        match ended {
            Err(SandboxError::Spawn { program, .. }) if program == BASH => {
                self.plain_shell.store(true, Ordering::Relaxed);
                follow(machine.exec(self.command(input, desk)).await?, limit, live).await
            }
            Err(SandboxError::Lost(reason)) => {
                self.machines.forget(desk.task, &machine).await;
                Err(SandboxError::Lost(reason))
            }
            ended => ended,
        }
    }

    async fn ready(&self, desk: &Desk, live: &mut Live<'_>) -> Result<Ready, SandboxError> {
        let ready = self.machines.ready(desk).await?;
        if let Some(Started::First(tier) | Started::Anew(tier)) = ready.started {
            live.progress.fact(Fact::SandboxStarted { tier });
        }
        if let Some(Started::Anew(_)) = ready.started {
            live.anew = true;
        }
        Ok(ready)
    }

    fn command(&self, input: &Input, desk: &Desk) -> Command {
        let shell = if self.plain_shell.load(Ordering::Relaxed) { "/bin/sh" } else { BASH };
        Command {
            argv: vec![shell.to_owned(), "-c".to_owned(), input.command.clone()],
            directory: directory_of(desk),
            environment: Vec::new(),
            timeout: seconds(input),
            may_delete: input.may_delete,
        }
    }
}

impl Tool for Bash {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    fn preview(&self, call: &Call, desk: &Desk) -> Result<Preview, CallError> {
        let input = read_input(call)?;
        let mut effects = vec![Effect::Run(input.command)];
        if input.may_delete {
            effects.extend(guarded(desk).map(|name| Effect::DeletePath(format!("/work/{name}"))));
        }
        Ok(Preview::Effects(effects))
    }

    fn run(
        &self,
        call: Call,
        desk: Arc<Desk>,
        progress: Arc<dyn Progress>,
        stop: CancellationToken,
    ) -> BoxFuture<'_, Report> {
        Box::pin(async move { self.run_call(&call, &desk, progress.as_ref(), &stop).await })
    }

    fn leave(&self, task: TaskId) -> BoxFuture<'_, ()> {
        Box::pin(self.machines.leave(task))
    }
}

/// Where output goes while it comes.
struct Live<'a> {
    progress: &'a dyn Progress,
    collector: Collector,
    shown: usize,
    /// Whether the command ran in a machine that took the place of another.
    anew: bool,
}

impl Live<'_> {
    fn show(&mut self, text: &str) {
        if text.is_empty() || self.shown > LIVE {
            return;
        }
        self.shown += text.len();
        self.progress.output(text);
        if self.shown > LIVE {
            self.progress.output("\n[… the command goes on; further output is not shown here …]\n");
        }
    }
}

fn read_input(call: &Call) -> Result<Input, CallError> {
    let input: Input = parse_input(call)?;
    if input.command.trim().is_empty() {
        return Err(CallError("`command` is empty".to_owned()));
    }
    if input.timeout_seconds.is_some_and(|seconds| !(1..=MOST_SECONDS).contains(&seconds)) {
        return Err(CallError(format!("`timeout_seconds` must be from 1 to {MOST_SECONDS}")));
    }
    Ok(input)
}

fn seconds(input: &Input) -> Duration {
    Duration::from_secs(input.timeout_seconds.unwrap_or(DEFAULT_SECONDS))
}

/// Names of the folders in which deletion is held back.
fn guarded(desk: &Desk) -> impl Iterator<Item = &str> {
    let is_writable = |folder: &&event::Folder| folder.access == Access::ReadWrite;
    desk.folders.iter().filter(is_writable).map(|folder| folder.name.as_str())
}

/// Reads a command to its end.
async fn follow(mut execution: Execution, limit: Duration, live: &mut Live<'_>) -> Result<Exit, SandboxError> {
    let reading = async {
        while let Some(item) = execution.output.next().await {
            match item? {
                Output::Bytes(stream, bytes) => {
                    let text = live.collector.take(stream, &bytes);
                    live.show(&text);
                }
                Output::Exit(exit) => return Ok(exit),
            }
        }
        Err(SandboxError::Lost("the command's output ended early".to_owned()))
    };
    match tokio::time::timeout(limit + GRACE, reading).await {
        Ok(ended) => ended,
        Err(_) => Err(SandboxError::Lost("it did not end a command in time".to_owned())),
    }
}

fn report(input: &Input, desk: &Desk, collector: Collector, ending: Ending) -> Report {
    let mut text = collector.finish(OUTPUT_CAP - TRAILER);
    let refused = REFUSALS.iter().any(|refusal| text.contains(refusal));
    let (outcome, line) = match &ending {
        Ending::Exited(exit) => told(exit, input),
        Ending::Stopped => (Outcome::Stopped, "stopped by the user".to_owned()),
        Ending::Failed(error) => (Outcome::Failed, format!("{error}. Next step: {}", error.hint())),
    };
    if text.is_empty() && line.is_empty() {
        text.push_str("(no output)");
    }
    add_line(&mut text, &line);
    if outcome == Outcome::Failed && refused && !input.may_delete && guarded(desk).next().is_some() {
        add_line(
            &mut text,
            "If it was to delete, rename or move files in /work: call again with may_delete: true, which asks the user.",
        );
    }
    let report = Report { outcome, ..Report::ok(cap_text(text, OUTPUT_CAP)) };
    match ending {
        Ending::Failed(SandboxError::Unavailable { what, hint }) => {
            report.with(Fact::ToolWithdrawn { tool: "Bash".to_owned(), reason: what, hint })
        }
        Ending::Failed(_) | Ending::Exited(_) | Ending::Stopped => report,
    }
}

/// The outcome of an exit and the line that tells the model; empty for success.
fn told(exit: &Exit, input: &Input) -> (Outcome, String) {
    if exit.timed_out {
        return (Outcome::TimedOut, format!("timed out after {} s", seconds(input).as_secs()));
    }
    match (exit.code, exit.signal) {
        (Some(0), _) => (Outcome::Ok, String::new()),
        (Some(code), _) => (Outcome::Failed, format!("exit code {code}")),
        (None, Some(signal)) => (Outcome::Failed, format!("ended by signal {signal}")),
        (None, None) => (Outcome::Failed, "ended in an unknown way".to_owned()),
    }
}

fn add_line(text: &mut String, line: &str) {
    if line.is_empty() {
        return;
    }
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text.push_str(line);
}

/// Where a command starts: where relative paths do, or at the root once that folder was taken back, so that a
/// relative path finds nothing instead of another file.
fn directory_of(desk: &Desk) -> String {
    let granted =
        desk.start == "/outputs" || desk.folders.iter().any(|folder| desk.start == format!("/work/{}", folder.name));
    if granted { desk.start.clone() } else { "/".to_owned() }
}
