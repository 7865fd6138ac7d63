//! One performance: a contestant works through a plan of the fake model while clocks run.

use std::fs::{self, File};
use std::io::Read;
use std::process::{ChildStdout, Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::Bench;
use super::desk::{Printed, World};
use super::fake::{FakeModel, Plan};
use super::process::Watcher;
use super::relay::Relay;
use super::times::{Times, milliseconds};

/// What was seen.
pub(super) struct Performance {
    /// When requests came and answers ended.
    pub(super) times: Times,
    /// Milliseconds from the start of the process to the first request.
    pub(super) start: f64,
    /// Milliseconds from the first request to the end of the process.
    pub(super) until_exit: f64,
    /// Bytes printed.
    pub(super) printed: u64,
    /// Largest memory of the process, without its children, in bytes.
    pub(super) peak: u64,
    /// The task that was made, where one is named in what was printed.
    pub(super) task: Option<String>,
}

/// A fake model with a clock before it.
struct Stage {
    _model: FakeModel,
    relay: Relay,
}

impl Stage {
    fn set(bench: &Bench, plan: Plan) -> Result<Self> {
        let model = FakeModel::start(bench, plan)?;
        let relay = Relay::start(&model.server.host)?;
        Ok(Self { _model: model, relay })
    }
}

/// The plain loop works through a plan.
pub(super) fn plain(bench: &Bench, world: &World, plan: Plan) -> Result<Performance> {
    let stage = Stage::set(bench, plan)?;
    let seen = watch(world.plain_loop(bench, &stage.relay.url()), world)?;
    finish(seen, stage.relay.times(), plan)
}

/// Deskhand works through a plan.
pub(super) fn ours(bench: &Bench, world: &World, plan: Plan, printed: Printed) -> Result<Performance> {
    let stage = Stage::set(bench, plan)?;
    let seen = watch(world.run(bench, &stage.relay.url(), printed), world)?;
    finish(seen, stage.relay.times(), plan)
}

/// Deskhand works through a plan that is longer than a turn may be: whenever the task stops, it is told to go on.
pub(super) fn ours_at_length(bench: &Bench, world: &World, plan: Plan) -> Result<Performance> {
    let stage = Stage::set(bench, plan)?;
    let url = stage.relay.url();
    let mut seen = watch_any(world.run(bench, &url, Printed::Events), world)?;
    let mut served = 0;
    loop {
        let times = stage.relay.times();
        if times.requests.len() > plan.turns || times.requests.len() <= served {
            return finish(seen, times, plan);
        }
        served = times.requests.len();
        let task = seen.task.clone().context("no task is named in what was printed")?;
        let next = watch_any(world.say(bench, &url, &task), world)?;
        seen.peak = seen.peak.max(next.peak);
        seen.exited = next.exited;
    }
}

/// Deskhand takes up a task that has done everything but one turn of a plan. Milliseconds to the first request.
pub(super) fn resumed(bench: &Bench, world: &World, task: &str, plan: Plan) -> Result<f64> {
    let stage = Stage::set(bench, plan)?;
    let seen = watch(world.say(bench, &stage.relay.url(), task), world)?;
    let times = stage.relay.times();
    let first = times.requests.first().context("the resumed task asked the model nothing")?;
    Ok(milliseconds(seen.spawned, first.arrived))
}

struct Seen {
    spawned: Instant,
    exited: Instant,
    printed: u64,
    peak: u64,
    task: Option<String>,
    status: std::process::ExitStatus,
}

fn finish(seen: Seen, times: Times, plan: Plan) -> Result<Performance> {
    let asked = times.requests.len();
    if asked != plan.turns + 1 {
        bail!("the model was asked {asked} times instead of {}", plan.turns + 1);
    }
    let first = times.requests.first().context("the model was never asked")?.arrived;
    Ok(Performance {
        start: milliseconds(seen.spawned, first),
        until_exit: milliseconds(first, seen.exited),
        printed: seen.printed,
        peak: seen.peak,
        task: seen.task,
        times,
    })
}

fn watch(command: Command, world: &World) -> Result<Seen> {
    let seen = watch_any(command, world)?;
    if !seen.status.success() {
        let said = fs::read_to_string(world.errors()).unwrap_or_default();
        bail!("it ended with {}: {}", seen.status, said.trim());
    }
    Ok(seen)
}

fn watch_any(mut command: Command, world: &World) -> Result<Seen> {
    command.stdout(Stdio::piped()).stderr(File::create(world.errors())?);
    let spawned = Instant::now();
    let mut child = command.spawn().with_context(|| format!("cannot start {}", command.get_program().display()))?;
    let watcher = Watcher::start(child.id());
    let output = child.stdout.take().context("it has no output")?;
    let (printed, task) = read_all(output)?;
    let status = child.wait()?;
    Ok(Seen { spawned, exited: Instant::now(), printed, peak: watcher.peak(), task, status })
}

/// Reads to the end; gives the bytes and the task named on the first line.
fn read_all(mut output: ChildStdout) -> Result<(u64, Option<String>)> {
    let mut first = Vec::new();
    let mut printed = 0;
    let mut buffer = vec![0; 1 << 16];
    loop {
        let count = output.read(&mut buffer)?;
        if count == 0 {
            return Ok((printed, task_of(&first)));
        }
        printed += count as u64;
        if !first.contains(&b'\n') {
            first.extend_from_slice(&buffer[..count]);
        }
    }
}

fn task_of(printed: &[u8]) -> Option<String> {
    let line = printed.split(|byte| *byte == b'\n').next()?;
    let event: Value = serde_json::from_slice(line).ok()?;
    event["task"].as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::task_of;

    #[test]
    fn the_task_is_named_on_the_first_line() {
        let printed = br#"{"seq":1,"task":"0123456789","fact":{}}
{"seq":2,"task":"other"}"#;
        assert_eq!(task_of(printed), Some("0123456789".to_owned()));
        assert_eq!(task_of(b"Working...\n"), None);
        assert_eq!(task_of(b""), None);
    }
}
