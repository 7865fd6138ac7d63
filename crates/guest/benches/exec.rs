//! How long a machine takes to start and a command to run in it: `cargo bench -p guest [-- SCRIPT [COUNT]]`.
//! Separate from the tests because times are looked at, not asserted.
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::indexing_slicing)]

use std::path::PathBuf;
use std::process::{Command as Process, Stdio};
use std::time::{Duration, Instant};

use event::TaskId;
use futures_util::StreamExt;
use sandbox::{Command, Machine, Output, ResourceLimits, Sandbox};
use sandbox_bwrap::{BwrapSandbox, GuestProgram};

async fn run(machine: &dyn Machine, argv: &[String]) -> String {
    let command = Command {
        argv: argv.to_vec(),
        directory: "/tmp".to_owned(),
        environment: Vec::new(),
        timeout: Duration::from_secs(5),
        may_delete: false,
    };
    let mut execution = machine.exec(command).await.unwrap();
    let mut last = String::new();
    while let Some(item) = execution.output.next().await {
        if let Output::Exit(exit) = item.unwrap() {
            last = format!("{exit:?}");
        }
    }
    last
}

fn report(what: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |share: usize| times[(times.len() - 1) * share / 100];
    println!("{what:<40} median {:>9.3?}  p95 {:>9.3?}  max {:>9.3?}", at(50), at(95), at(100));
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let count: usize = arguments.get(1).map_or(500, |count| count.parse().unwrap());
    let guest = GuestProgram { path: PathBuf::from(env!("CARGO_BIN_EXE_deskhand-guest")), args: Vec::new() };
    let sandbox = BwrapSandbox::new(guest);
    let start =
        async || sandbox.start(TaskId::from_random([0; 8]), Vec::new(), ResourceLimits::default()).await.unwrap();

    let (mut starts, mut stops) = (Vec::new(), Vec::new());
    for _ in 0..20 {
        let begun = Instant::now();
        let machine = start().await;
        starts.push(begun.elapsed());
        let begun = Instant::now();
        machine.stop().await;
        stops.push(begun.elapsed());
    }
    report("start", starts);
    report("stop", stops);

    let machine = start().await;
    let script = arguments.first().map(String::as_str);
    let argv: Vec<String> =
        script.map_or_else(|| vec!["true".to_owned()], |script| ["sh", "-c", script].map(str::to_owned).to_vec());
    let mut times = Vec::new();
    let mut ends = std::collections::BTreeMap::new();
    for _ in 0..count {
        let begun = Instant::now();
        *ends.entry(run(machine.as_ref(), &argv).await).or_insert(0) += 1;
        times.push(begun.elapsed());
    }
    report(&format!("exec {argv:?}"), times);
    println!("{ends:?}");

    let mut times = Vec::new();
    for _ in 0..count {
        let begun = Instant::now();
        let mut process = Process::new(&argv[0]);
        process.args(&argv[1..]).stdin(Stdio::null()).output().unwrap();
        times.push(begun.elapsed());
    }
    report("the same without a sandbox", times);
    many(&sandbox, &argv).await;
}

/// Machines beside each other: what each holds in memory, and how many commands they run together.
async fn many(sandbox: &BwrapSandbox, argv: &[String]) {
    const MACHINES: usize = 100;
    const TURNS: usize = 20;
    let limits = ResourceLimits::default();
    let before = resident("self");
    let begun = Instant::now();
    let mut machines = Vec::new();
    for _ in 0..MACHINES {
        machines.push(sandbox.start(TaskId::from_random([0; 8]), Vec::new(), limits).await.unwrap());
    }
    println!("{MACHINES} machines started in {:.3?}", begun.elapsed());
    let inside: u64 = descendants().iter().map(|pid| resident(pid)).sum();
    println!(
        "memory of each: {} KiB inside, {} KiB here",
        inside / MACHINES as u64,
        (resident("self") - before) / MACHINES as u64
    );
    let begun = Instant::now();
    let turns = machines.iter().map(async |machine| {
        for _ in 0..TURNS {
            run(machine.as_ref(), argv).await;
        }
    });
    futures_util::future::join_all(turns).await;
    let rate = (MACHINES * TURNS) as f64 / begun.elapsed().as_secs_f64();
    println!("{rate:.0} commands a second in {MACHINES} machines");
}

/// Proportional resident memory of a process in KiB.
fn resident(pid: &str) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with("Pss:"));
    line.and_then(|line| line.split_whitespace().nth(1)).map_or(0, |number| number.parse().unwrap())
}

/// Processes below this one.
fn descendants() -> Vec<String> {
    let mut found = vec![std::process::id().to_string()];
    let mut next = 0;
    while let Some(pid) = found.get(next) {
        let threads = std::fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
        let children = threads.filter_map(|thread| std::fs::read_to_string(thread.path().join("children")).ok());
        let children: Vec<String> =
            children.flat_map(|line| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>()).collect();
        found.extend(children);
        next += 1;
    }
    found.split_off(1)
}
