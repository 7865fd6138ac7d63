//! The product as a daemon, driven over its HTTP interface.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use super::Bench;
use super::desk::World;
use super::fake::{FakeModel, Plan};
use super::http::Server;
use super::process::Watcher;
use super::times::milliseconds;

/// How long a crowd of tasks may take.
const PATIENCE: Duration = Duration::from_mins(5);
/// How often the fake model is asked whether the crowd is done; seldom, because asking costs time too.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// `deskhand serve`. Ends when dropped.
pub(super) struct Daemon {
    child: Child,
    server: Server,
    reader: Option<JoinHandle<()>>,
}

/// What a crowd of tasks cost.
pub(super) struct Crowd {
    /// Model replies in each second while all tasks are at work: from when each has had two on average, so that
    /// making the tasks and starting their sandboxes is not counted, to the end of the last.
    pub(super) rate: f64,
    /// The same from the wish for the first task: making the tasks and starting their sandboxes counted.
    pub(super) whole_rate: f64,
    /// Largest memory of the daemon, in bytes.
    pub(super) peak: u64,
}

impl Daemon {
    /// Starts one and waits for its address.
    pub(super) fn start(bench: &Bench, world: &World, model: &str) -> Result<Self> {
        let mut command = world.deskhand(bench, model);
        command.args(["serve", "--port", "0"]).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().context("cannot start `deskhand serve`")?;
        let output = child.stdout.take().context("`deskhand serve` has no output")?;
        let mut daemon = Self { child, server: Server { host: String::new(), token: None }, reader: None };
        let mut lines = BufReader::new(output).lines();
        for line in lines.by_ref() {
            if let Some(at) = line.as_ref().ok().and_then(|line| line.find("http://")) {
                let line = line?;
                daemon.server = Server::parse(line[at..].split_whitespace().next().unwrap_or_default())?;
                // What it prints later must not fill the pipe.
                daemon.reader = Some(std::thread::spawn(move || lines.for_each(drop)));
                return Ok(daemon);
            }
        }
        bail!("`deskhand serve` printed no address")
    }

    /// Its process.
    pub(super) fn process(&self) -> u32 {
        self.child.id()
    }

    /// Makes a task that begins to work at once.
    fn make_task(&self, folder: &Path) -> Result<()> {
        self.server.post("/api/v1/tasks", &new_task(folder).to_string())?;
        Ok(())
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.child.kill());
        drop(self.child.wait());
        if let Some(reader) = self.reader.take() {
            drop(reader.join());
        }
    }
}

/// The body of the request that makes a task, in one place.
fn new_task(folder: &Path) -> Value {
    json!({
        // Each task has a folder of its own, so its path tells tasks apart.
        "id": folder,
        "prompt": "Do the work.",
        "model": "anthropic/fake",
        "mode": "skip",
        "tier": "namespace",
        "folders": [{ "path": folder, "access": "read_write" }],
    })
}

/// Many tasks at once in one process, each working through the plan.
pub(super) fn crowd(bench: &Bench, name: &str, tasks: usize, plan: Plan) -> Result<Crowd> {
    let world = World::fresh(bench, name)?;
    let folders = (0..tasks).map(|number| world.another_folder(number)).collect::<Result<Vec<_>>>()?;
    let model = FakeModel::start(bench, plan)?;
    let daemon = Daemon::start(bench, &world, &model.url())?;
    let watcher = Watcher::start(daemon.process());
    let begun = Instant::now();
    for folder in &folders {
        daemon.make_task(folder)?;
    }
    let wanted = tasks * (plan.turns + 1);
    let mut counted_from = None;
    loop {
        let asked = model.asked()?;
        if asked >= tasks * 2 && counted_from.is_none() {
            counted_from = Some((Instant::now(), asked));
        }
        if asked >= wanted {
            let (from, before) = counted_from.unwrap_or((begun, 0));
            let seconds = milliseconds(from, Instant::now()) / 1_000.0;
            let whole = milliseconds(begun, Instant::now()) / 1_000.0;
            return Ok(Crowd {
                rate: (wanted - before) as f64 / seconds.max(0.001),
                whole_rate: wanted as f64 / whole.max(0.001),
                peak: watcher.peak(),
            });
        }
        if begun.elapsed() > PATIENCE {
            bail!("after {} s the model was asked {asked} times instead of {wanted}", PATIENCE.as_secs());
        }
        std::thread::sleep(LOOK_EVERY);
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::new_task;

    #[test]
    fn a_task_is_asked_for_with_a_folder_and_no_questions() {
        assert_eq!(
            new_task(Path::new("/f")).to_string(),
            r#"{"folders":[{"access":"read_write","path":"/f"}],"id":"/f","mode":"skip","model":"anthropic/fake","prompt":"Do the work.","tier":"namespace"}"#
        );
    }
}
