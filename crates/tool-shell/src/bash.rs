//! The tool itself: from a call to a report.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use event::{Effect, Fact, Outcome, Part, TaskId};
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use sandbox::{Command, Errand, Execution, Exit, Networks, Output, RefusedHost, Sandbox, SandboxError, Shares};
use tokio_util::sync::CancellationToken;
use tool::{Call, CallError, Desk, OUTPUT_CAP, Preview, Progress, Report, Tool, ToolSpec, cap_text, parse_input};

use crate::description::{DEFAULT_SECONDS, Input, MOST_SECONDS, Online, spec};
use crate::errand::{Asking, Refused, Underway, files_changed};
use crate::machines::{Guards, Machines, Ready, Started};
use crate::output::Collector;

/// Bytes kept free for the lines after the output.
const TRAILER: usize = 2000;
/// Bytes of one thing that was refused, and of the reason.
const REFUSAL: usize = 200;
/// Refusals the model is told of.
const REFUSALS: usize = 4;
/// Bytes of output shown live; a command that writes more goes on unshown.
const LIVE: usize = 1 << 20;
/// A machine that does not end a command this long after its time is given up.
const GRACE: Duration = Duration::from_secs(30);
/// Told where files of the machine's own are gone.
const ANEW: &str = "The machine was started anew before this command: files in /tmp from before are gone.";
/// Told where commands cannot change the folders.
const READ_ONLY: &str = "In this machine commands can read the folders in /work and not change them: use Write and \
                         Edit for that. /outputs and /tmp can be written.";
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

/// One command and what it runs with.
struct Job<'a> {
    input: &'a Input,
    desk: &'a Desk,
    guards: &'a Guards,
    asking: &'a Asking,
}

impl Bash {
    /// The tool over a way to isolate, with the files and the network its machines see; without `networks` they have
    /// none.
    pub fn new(sandbox: Arc<dyn Sandbox>, shares: Arc<dyn Shares>, networks: Option<Arc<dyn Networks>>) -> Self {
        let online = if networks.is_some() { Online::Gate } else { Online::No };
        Self {
            spec: spec(online),
            machines: Machines::new(sandbox, shares, networks),
            plain_shell: AtomicBool::new(false),
        }
    }

    async fn run_call(&self, call: &Call, desk: &Desk, progress: Arc<dyn Progress>, stop: CancellationToken) -> Report {
        let input = match read_input(call) {
            Ok(input) => input,
            Err(error) => return Report::failed(error.to_string()),
        };
        let asking = Asking::new(Arc::clone(&progress));
        let begun = tokio::select! {
            biased;
            // Whatever was begun by then is ended behind this call.
            () = stop.cancelled() => Err(Ending::Stopped),
            begun = self.begin(call, desk, &asking, &progress) => begun.map_err(Ending::Failed),
        };
        let (guards, underway) = match begun {
            Ok(begun) => begun,
            Err(ending) => return report(&input, Collector::default(), ending, &[]),
        };
        let mut live = Live { progress: &*progress, collector: Collector::default(), shown: 0, notes: Vec::new() };
        let job = Job { input: &input, desk, guards: &guards, asking: &asking };
        let mut attempt = Box::pin(self.attempt(&job, &mut live));
        let ending = tokio::select! {
            biased;
            () = stop.cancelled() => Ending::Stopped,
            ending = &mut attempt => ending.map_or_else(Ending::Failed, Ending::Exited),
        };
        let refused = matches!(ending, Ending::Stopped).then(|| underway.refuse());
        // Dropping the attempt drops the execution, which ends the command.
        drop(attempt);
        let refusals = with_hosts(asking.refused(), underway.refused_hosts());
        let changes = underway.end(refused).await;
        let Live { collector, notes, .. } = live;
        let mut report = report(&input, collector, ending, &refusals);
        report.output.extend(notes.into_iter().map(Part::text));
        report.facts.extend(files_changed(&call.id, desk.turn, changes));
        report
    }

    /// Tells the task's files and its network of the command. Files at work, or a command that is still being ended,
    /// make it wait.
    async fn begin(
        &self,
        call: &Call,
        desk: &Desk,
        asking: &Asking,
        progress: &Arc<dyn Progress>,
    ) -> Result<(Guards, Underway), SandboxError> {
        let guards = self.machines.guards(desk).await?;
        let underway = Underway::begin(guards.clone(), errand(call, desk, asking), Arc::clone(progress)).await;
        Ok((guards, underway))
    }

    /// Runs the command. Where the machine was lost before the command began, once more in a fresh one.
    async fn attempt(&self, job: &Job<'_>, live: &mut Live<'_>) -> Result<Exit, SandboxError> {
        let Job { input, desk, asking, .. } = *job;
        let Ready { machine, started } = self.ready(job, live).await?;
        let (machine, execution) = match machine.exec(self.command(input, desk)).await {
            Err(SandboxError::Lost(_)) if started.is_none() => {
                self.machines.forget(desk.task, &machine).await;
                let machine = self.ready(job, live).await?.machine;
                let execution = machine.exec(self.command(input, desk)).await;
                (machine, execution)
            }
            execution => (machine, execution),
        };
        let limit = seconds(input) + GRACE;
        let ended = match execution {
            Ok(execution) => follow(execution, limit, asking, live).await,
            Err(error) => Err(error),
        };
        match ended {
            Err(SandboxError::Spawn { program, .. }) if program == BASH => {
                self.plain_shell.store(true, Ordering::Relaxed);
                follow(machine.exec(self.command(input, desk)).await?, limit, asking, live).await
            }
            Err(SandboxError::Lost(reason)) => {
                self.machines.forget(desk.task, &machine).await;
                Err(SandboxError::Lost(reason))
            }
            ended => ended,
        }
    }

    async fn ready(&self, job: &Job<'_>, live: &mut Live<'_>) -> Result<Ready, SandboxError> {
        let ready = self.machines.ready(job.desk, job.guards).await?;
        job.asking.runs_in(&ready.machine);
        if let Some(started) = ready.started {
            let folders_read_only = ready.machine.folders_read_only();
            live.progress.fact(Fact::SandboxStarted { tier: ready.machine.tier(), folders_read_only });
            let has_folders = !job.desk.folders.is_empty();
            live.notes.extend((started == Started::Anew).then_some(ANEW));
            live.notes.extend((folders_read_only && has_folders).then_some(READ_ONLY));
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
        }
    }
}

impl Tool for Bash {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    fn preview(&self, call: &Call, _desk: &Desk) -> Result<Preview, CallError> {
        // What it would delete and where it would connect is asked while it runs, when that is known.
        Ok(Preview::Effects(vec![Effect::Run(read_input(call)?.command)]))
    }

    fn run(
        &self,
        call: Call,
        desk: Arc<Desk>,
        progress: Arc<dyn Progress>,
        stop: CancellationToken,
    ) -> BoxFuture<'_, Report> {
        Box::pin(async move { self.run_call(&call, &desk, progress, stop).await })
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
    /// What the model is told of a machine that was started for the command.
    notes: Vec<&'static str>,
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

fn errand(call: &Call, desk: &Desk, asking: &Asking) -> Errand {
    let asker = Arc::new(asking.clone());
    Errand { call: call.id.clone(), turn: desk.turn, asker }
}

/// What the user refused, and the hosts the gate refused besides.
fn with_hosts(mut refused: Vec<Refused>, hosts: Vec<RefusedHost>) -> Vec<Refused> {
    for RefusedHost { host, why } in hosts {
        let what = if host.is_empty() { "a connection".to_owned() } else { format!("connect to `{host}`") };
        if refused.len() < REFUSALS && refused.iter().all(|known| known.what != what) {
            refused.push(Refused { what, why });
        }
    }
    refused
}

/// Reads a command to its end. A machine that has not ended it by `limit` is lost.
async fn follow(
    mut execution: Execution,
    limit: Duration,
    asking: &Asking,
    live: &mut Live<'_>,
) -> Result<Exit, SandboxError> {
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
    tokio::select! {
        // Time first: a flood of output must not keep it from being looked at.
        biased;
        () = asking.late(limit) => Err(SandboxError::Lost("it did not end a command in time".to_owned())),
        ended = reading => ended,
    }
}

fn report(input: &Input, collector: Collector, ending: Ending, refused: &[Refused]) -> Report {
    let mut text = collector.finish(OUTPUT_CAP - TRAILER);
    let (outcome, line) = match &ending {
        Ending::Exited(exit) => told(exit, input),
        Ending::Stopped => (Outcome::Stopped, "stopped by the user".to_owned()),
        Ending::Failed(error) => (Outcome::Failed, format!("{error}. Next step: {}", error.hint())),
    };
    if text.is_empty() && line.is_empty() {
        text.push_str("(no output)");
    }
    add_line(&mut text, &line);
    if let Ending::Exited(Exit { out_of_memory: true, .. }) = &ending {
        add_line(&mut text, "a process of it was ended because memory ran out");
    }
    if outcome != Outcome::Stopped && !refused.is_empty() {
        for Refused { what, why } in refused {
            let (what, why) = (cap_text(what.clone(), REFUSAL), cap_text(why.clone(), REFUSAL));
            add_line(&mut text, &format!("Refused while it ran: {what} ({why})."));
        }
        add_line(&mut text, "Do not reach the same end in another way; go on without it or ask.");
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
