//! Prints what the namespace tier costs, one JSON object a figure, each with its floor on the host in the same run:
//! `cargo run --release -p share --example namespace_costs GUEST DIRECTORY`.
//!
//! GUEST is `deskhand-guest`; DIRECTORY is on the disk that is to be measured. Times are in milliseconds. The files are
//! made and read by this same program, once on the host and once in a machine over the same directory; it tells its
//! own time, so that starting it is not counted. Nothing is judged here; that is `cargo xtask bench --only machine`.

#![allow(clippy::print_stdout, reason = "it is here to print")]

use std::error::Error;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use event::{Access, CallId, Consent, Inquiry, TaskId};
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use sandbox::{Asker, Command, Errand, Exit, Machine, Mount, Order, Output, ResourceLimits, Sandbox, Share, Shares};
use sandbox_bwrap::{BwrapSandbox, GuestProgram};
use share::GuardedShares;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// How many files, and bytes in each.
const FILES: usize = 10_000;
const BYTES: usize = 1024;
/// Commands that do nothing, after as many that warm up as a tenth of them.
const COMMANDS: usize = 300;
/// Rounds of each work, the middle one of which counts, after one that warms up. Nothing is deleted before the last
/// files are made: on ext4, making files where many were just deleted was seen to take both sides forty times as long.
const ROUNDS: u32 = 5;
/// What is done with the files, in this order.
const WORKS: [&str; 4] = ["create", "list", "read", "delete"];
/// The granted folder as a machine sees it.
const INSIDE: &str = "/work/desk";
/// This program in it, so that the very same one runs on both sides.
const WORKER: &str = "worker";

/// Nothing here is asked about: the task made every file that it deletes.
struct Nobody;

impl Asker for Nobody {
    fn ask(&self, _: Inquiry) -> BoxFuture<'static, Consent> {
        Box::pin(std::future::ready(Consent::Refused { why: "nobody is there".to_owned() }))
    }
}

fn main() -> Outcome<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        [guest, directory] => measure(Path::new(guest), Path::new(directory)),
        ["work", work, directory] => {
            println!("{}", milliseconds(act(work, Path::new(directory))?));
            Ok(())
        }
        _ => Err("needs the guest program and a directory".into()),
    }
}

#[tokio::main]
async fn measure(guest: &Path, place: &Path) -> Outcome<()> {
    let room = tempfile::tempdir_in(place.canonicalize()?)?;
    for name in ["desk", "journal"] {
        fs::create_dir(room.path().join(name))?;
    }
    let desk = room.path().join("desk");
    let worker = desk.join(WORKER);
    fs::copy(std::env::current_exe()?, &worker)?;
    let mount = Mount { host: desk.clone(), inside: INSIDE.into(), access: Access::ReadWrite, guarded: true };
    let task = TaskId::from_random([3; 8]);
    let files = GuardedShares::default().open(task, &room.path().join("journal"), vec![mount])?;
    begin(&files, 0);
    let guest = GuestProgram { path: guest.canonicalize()?, args: Vec::new() };
    let limits = ResourceLimits::default();
    let order = Order { task, tier: None, files: Arc::clone(&files), network: None, limits };
    let begun = Instant::now();
    let machine = BwrapSandbox::new(guest).start(order).await?;
    says(machine.as_ref(), &["true"]).await?;
    tell("start", milliseconds(begun.elapsed()), None);
    commands(machine.as_ref()).await?;
    small_files(machine.as_ref(), &files, &desk).await?;
    machine.stop().await;
    Ok(())
}

/// `true` in the machine and on the host, in turn.
async fn commands(machine: &dyn Machine) -> Outcome<()> {
    let (mut inside, mut outside) = (Vec::new(), Vec::new());
    for number in 0..COMMANDS + COMMANDS / 10 {
        let begun = Instant::now();
        says(machine, &["true"]).await?;
        let between = Instant::now();
        spawned(&["true"])?;
        if number >= COMMANDS / 10 {
            inside.push(milliseconds(between - begun));
            outside.push(milliseconds(between.elapsed()));
        }
    }
    tell("exec_true", median(inside)?, Some(median(outside)?));
    Ok(())
}

/// The same files in the same directory, made from the machine and from the host.
async fn small_files(machine: &dyn Machine, files: &Arc<dyn Share>, desk: &Path) -> Outcome<()> {
    let worker = desk.join(WORKER);
    let mut times: [(Vec<f64>, Vec<f64>); WORKS.len()] = Default::default();
    let mut settled = Vec::new();
    for (work, (ours, floor)) in WORKS.iter().zip(&mut times) {
        for round in 0..=ROUNDS {
            let (host, own) = (format!("host-{round}"), format!("machine-{round}"));
            let outside = spawned(&[&text(&worker)?, "work", work, &text(&desk.join(host))?])?;
            begin(files, round);
            let inside =
                says(machine, &[&format!("{INSIDE}/{WORKER}"), "work", work, &format!("{INSIDE}/{own}")]).await?;
            let ending = Arc::clone(files);
            let begun = Instant::now();
            let changes = tokio::task::spawn_blocking(move || ending.end()).await?.len();
            let took = milliseconds(begun.elapsed());
            if *work == "create" && changes < FILES {
                return Err(format!("{changes} changes were journalled instead of {FILES}").into());
            }
            if round > 0 {
                floor.push(outside.trim().parse()?);
                ours.push(inside.trim().parse()?);
                settled.extend((*work == "create").then_some(took));
            }
        }
    }
    for (work, (ours, floor)) in WORKS.iter().zip(times) {
        println!("{{\"figure\":\"files_{work}_rounds\",\"value\":{ROUNDS},\"each\":{ours:?},\"floors\":{floor:?}}}");
        tell(&format!("files_{work}"), median(ours)?, Some(median(floor)?));
    }
    tell("files_settle", median(settled)?, None);
    Ok(())
}

fn begin(files: &Arc<dyn Share>, turn: u32) {
    let call = CallId(format!("call-{turn}"));
    files.begin(Errand { call, turn, asker: Arc::new(Nobody) });
}

/// Does one work with all files of a directory and says how long it took.
fn act(work: &str, directory: &Path) -> Outcome<Duration> {
    let begun = Instant::now();
    let files: Vec<PathBuf> = (0..FILES).map(|number| directory.join(format!("file-{number}"))).collect();
    let mut count = 0;
    match work {
        "create" => {
            fs::create_dir(directory)?;
            for file in &files {
                File::create_new(file)?.write_all(&[b'x'; BYTES])?;
                count += 1;
            }
        }
        "list" => {
            for entry in fs::read_dir(directory)? {
                count += usize::from(entry?.metadata()?.len() == BYTES as u64);
            }
        }
        "read" => {
            for file in &files {
                count += usize::from(fs::read(file)?.len() == BYTES);
            }
        }
        "delete" => {
            for file in &files {
                fs::remove_file(file)?;
                count += 1;
            }
        }
        other => return Err(format!("there is no work `{other}`").into()),
    }
    let took = begun.elapsed();
    if count == FILES { Ok(took) } else { Err(format!("{work}: {count} files instead of {FILES}").into()) }
}

/// What a command in the machine says; it must succeed.
async fn says(machine: &dyn Machine, argv: &[&str]) -> Outcome<String> {
    let command = Command {
        argv: argv.iter().map(|&word| word.to_owned()).collect(),
        directory: INSIDE.to_owned(),
        environment: Vec::new(),
        timeout: Duration::from_mins(5),
    };
    let mut execution = machine.exec(command).await?;
    let mut said = Vec::new();
    while let Some(item) = execution.output.next().await {
        match item? {
            Output::Bytes(_, bytes) => said.extend(bytes),
            Output::Exit(Exit { code: Some(0), .. }) => return Ok(String::from_utf8(said)?),
            Output::Exit(exit) => {
                return Err(format!("{argv:?} ended with {exit:?}: {}", String::from_utf8_lossy(&said)).into());
            }
        }
    }
    Err(format!("{argv:?} did not end").into())
}

/// The same on the host.
fn spawned(argv: &[&str]) -> Outcome<String> {
    let (program, words) = argv.split_first().ok_or("no program")?;
    let output = std::process::Command::new(program).args(words).output()?;
    if !output.status.success() {
        return Err(
            format!("{argv:?} ended with {}: {}", output.status, String::from_utf8_lossy(&output.stderr)).into()
        );
    }
    Ok(String::from_utf8(output.stdout)?)
}

fn text(path: &Path) -> Outcome<String> {
    Ok(path.to_str().ok_or("the directory's path is not text")?.to_owned())
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn median(mut values: Vec<f64>) -> Outcome<f64> {
    values.sort_by(f64::total_cmp);
    Ok(*values.get(values.len() / 2).ok_or("nothing was measured")?)
}

fn tell(figure: &str, value: f64, floor: Option<f64>) {
    let floor = floor.map_or_else(|| "null".to_owned(), |floor| floor.to_string());
    println!("{{\"figure\":\"{figure}\",\"value\":{value},\"floor\":{floor}}}");
}
