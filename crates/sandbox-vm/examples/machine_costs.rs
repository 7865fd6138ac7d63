//! Prints what the machines of the vm tier cost, one JSON object a figure:
//! `cargo run --release -p sandbox-vm --example machine_costs IMAGE DIRECTORY MEMORY PROCESSORS`.
//!
//! IMAGE holds `vmlinuz`, `initrd` and maybe `base.erofs` and `office.erofs`; DIRECTORY is where the saved machine is
//! made, from nothing; MEMORY is in MiB. Times are in milliseconds, memory in bytes. Nothing is judged here; that is
//! `cargo xtask bench --only machine`.

#![allow(clippy::print_stdout, reason = "it is here to print")]

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use event::{Access, CallId, Consent, Inquiry, TaskId};
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use sandbox::{Asker, Command, Errand, Exit, Machine, Mount, Order, Output, ResourceLimits, Sandbox, Share, Shares};
use sandbox_vm::{VmImage, VmOptions, VmSandbox};
use serde_json::json;
use share::GuardedShares;
use tempfile::TempDir;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Machines that are restored one after the other, and how many of them run at a time.
const STARTS: usize = 7;
const TOGETHER: usize = 4;
/// How often the guest is asked whether it is there.
const ASKED: usize = 101;
/// Commands that do nothing.
const COMMANDS: usize = 30;
/// How long a held machine is watched.
const WATCHED: Duration = Duration::from_secs(3);

/// Nothing here is asked about.
struct Nobody;

impl Asker for Nobody {
    fn ask(&self, _: Inquiry) -> BoxFuture<'static, Consent> {
        Box::pin(std::future::ready(Consent::Refused { why: "nobody is there".to_owned() }))
    }
}

/// A machine with a folder.
struct Desk {
    machine: Box<dyn Machine>,
    _files: Arc<dyn Share>,
    _room: TempDir,
    /// From the wish to the guest's greeting.
    took: Duration,
    /// The QEMU.
    process: u32,
}

#[tokio::main]
async fn main() -> Outcome<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [image, place, memory, processors] = &words[..] else {
        return Err("needs the image's directory, a directory, MiB of memory, and processors".into());
    };
    let room = tempfile::tempdir_in(Path::new(place).canonicalize()?)?;
    let options = VmOptions {
        allow_tcg: true,
        memory_mib: memory.parse()?,
        cpus: processors.parse()?,
        state_dir: room.path().join("state"),
    };
    let sandbox = VmSandbox::new(image_in(&Path::new(image).canonicalize()?), options);
    let begun = Instant::now();
    let readiness = sandbox.probe().await;
    if !readiness.ready {
        return Err(format!("{}; {}", readiness.detail, readiness.hint).into());
    }
    tell("cold_start", milliseconds(begun.elapsed()));
    let emulated = readiness.detail.contains("emulated");
    tell("emulated", if emulated { 1.0 } else { 0.0 });
    let answers = sandbox.answer_times(ASKED).await?;
    tell("ping", median(answers.into_iter().map(milliseconds).collect())?);
    machines(&sandbox).await
}

fn image_in(place: &Path) -> VmImage {
    let there = |name: &str| Some(place.join(name)).filter(|path| path.is_file());
    VmImage {
        kernel: place.join("vmlinuz"),
        initrd: place.join("initrd"),
        root: there("base.erofs"),
        layers: there("office.erofs").into_iter().collect(),
    }
}

/// Restores machines, a few of which run together; the last ones are looked at.
async fn machines(sandbox: &VmSandbox) -> Outcome<()> {
    let mut desks: Vec<Desk> = Vec::new();
    let mut starts = Vec::new();
    for number in 0..STARTS {
        let desk = desk(sandbox, &desks).await?;
        starts.push(milliseconds(desk.took));
        if number == 0 {
            tell("alone_resident", memory(desk.process, "Rss:")?);
            tell("alone_proportional", memory(desk.process, "Pss:")?);
        }
        desks.push(desk);
        if desks.len() > TOGETHER {
            desks.remove(0).machine.stop().await;
        }
    }
    tell("restore", median(starts)?);
    together("together", &desks)?;
    let Some(last) = desks.last() else { return Err("no machine runs".into()) };
    let mut commands = Vec::new();
    for _ in 0..COMMANDS {
        let begun = Instant::now();
        succeed(last.machine.as_ref(), &["true"]).await?;
        commands.push(milliseconds(begun.elapsed()));
    }
    tell("exec_true", median(commands)?);
    tell("used_proportional", memory(last.process, "Pss:")?);
    last.machine.hold().await;
    let before = ticks(last.process)?;
    tokio::time::sleep(WATCHED).await;
    tell("held_ticks", (ticks(last.process)? - before) as f64);
    last.machine.release().await;
    succeed(last.machine.as_ref(), &["true"]).await?;
    for desk in &desks {
        desk.machine.stop().await;
    }
    Ok(())
}

fn together(name: &str, desks: &[Desk]) -> Outcome<()> {
    for (kind, line) in [("resident", "Rss:"), ("proportional", "Pss:")] {
        let each: Vec<f64> = desks.iter().map(|desk| memory(desk.process, line)).collect::<Outcome<_>>()?;
        tell(&format!("{name}_{kind}"), each.iter().sum::<f64>() / each.len() as f64);
    }
    Ok(())
}

async fn desk(sandbox: &VmSandbox, known: &[Desk]) -> Outcome<Desk> {
    let room = tempfile::tempdir()?;
    let root = room.path().canonicalize()?;
    for name in ["desk", "journal"] {
        fs::create_dir(root.join(name))?;
    }
    let mount = Mount {
        host: root.join("desk"),
        inside: PathBuf::from("/work/desk"),
        access: Access::ReadWrite,
        guarded: true,
    };
    let task = TaskId::from_random([7; 8]);
    let files = GuardedShares::default().open(task, &root.join("journal"), vec![mount])?;
    files.begin(Errand { call: CallId::from("call"), turn: 1, asker: Arc::new(Nobody) });
    let limits = ResourceLimits::default();
    let order = Order { task, tier: None, files: Arc::clone(&files), network: None, limits };
    let begun = Instant::now();
    let machine = sandbox.start(order).await?;
    let took = begun.elapsed();
    let found = qemus()?.into_iter().find(|process| known.iter().all(|desk| desk.process != *process));
    let process = found.ok_or("the machine's process is not found")?;
    Ok(Desk { machine, _files: files, _room: room, took, process })
}

async fn succeed(machine: &dyn Machine, argv: &[&str]) -> Outcome<()> {
    let command = Command {
        argv: argv.iter().map(|&word| word.to_owned()).collect(),
        directory: "/work/desk".to_owned(),
        environment: Vec::new(),
        timeout: Duration::from_mins(1),
    };
    let mut execution = machine.exec(command).await?;
    while let Some(item) = execution.output.next().await {
        match item? {
            Output::Bytes(..) => {}
            Output::Exit(Exit { code: Some(0), .. }) => return Ok(()),
            Output::Exit(exit) => return Err(format!("{argv:?} ended with {exit:?}").into()),
        }
    }
    Err(format!("{argv:?} did not end").into())
}

/// The QEMUs that descend from this process. The bubblewraps around them carry their command line too, so the program
/// itself is what is looked at.
fn qemus() -> Outcome<Vec<u32>> {
    let processes = fs::read_dir("/proc")?.flatten();
    let numbers = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    Ok(numbers.filter(|&number| is_qemu(number) && descends(number)).collect())
}

fn is_qemu(process: u32) -> bool {
    let name = fs::read_to_string(format!("/proc/{process}/comm")).unwrap_or_default();
    name.starts_with("qemu")
}

fn descends(mut process: u32) -> bool {
    while process > 1 {
        if process == std::process::id() {
            return true;
        }
        let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
        let parent = status.lines().find_map(|line| line.strip_prefix("PPid:")?.trim().parse().ok());
        process = parent.unwrap_or(0);
    }
    false
}

/// Bytes of memory of a process, as the kernel sums them up.
fn memory(process: u32, line: &str) -> Outcome<f64> {
    let text = fs::read_to_string(format!("/proc/{process}/smaps_rollup"))?;
    let found = text.lines().find_map(|each| each.strip_prefix(line)?.split_whitespace().next()?.parse::<u64>().ok());
    Ok((found.ok_or("the kernel does not tell the memory")? * 1024) as f64)
}

/// Processor time of a process in clock ticks, in user and system mode, all threads together (proc_pid_stat(5)).
fn ticks(process: u32) -> Outcome<u64> {
    let text = fs::read_to_string(format!("/proc/{process}/stat"))?;
    let (_, rest) = text.rsplit_once(')').ok_or("the kernel does not tell the ticks")?;
    // The first field after the name is the third of all; these are the 14th and the 15th.
    let fields: Vec<u64> = rest.split_whitespace().skip(11).take(2).map(str::parse).collect::<Result<_, _>>()?;
    Ok(fields.iter().sum())
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn median(mut values: Vec<f64>) -> Outcome<f64> {
    values.sort_by(f64::total_cmp);
    Ok(*values.get(values.len() / 2).ok_or("nothing was measured")?)
}

fn tell(figure: &str, value: f64) {
    println!("{}", json!({ "figure": figure, "value": value }));
}
