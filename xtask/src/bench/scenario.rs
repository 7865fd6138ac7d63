//! The scenarios: what is measured, and against which budget.

use std::fs;
use std::time::Duration;

use anyhow::{Context, Result};

use super::Bench;
use super::contest::{self, Performance};
use super::desk::{Printed, World, bytes_beneath};
use super::fake::{FakeModel, Plan, Tool};
use super::figure::{Budget, Figure, Unit};
use super::machine;
use super::process::busy_time;
use super::serve::{Daemon, crowd};
use super::statistics::median;

/// Measures something.
type Scenario = fn(&Bench) -> Result<Vec<Figure>>;

/// The one scenario without the product, the fake model and the plain loop.
pub(super) const MACHINE: &str = "machine";

/// Every scenario by name, in the order of the table.
pub(super) const ALL: &[(&str, Scenario)] = &[
    ("start", start),
    ("read", read_turn),
    ("shell", shell_turn),
    ("growth", growth),
    ("long", long),
    ("tokens", tokens),
    ("memory", memory),
    ("thousand", thousand),
    ("resume", resume),
    ("first-request", first_request),
    ("binary", binary),
    ("idle", idle),
    ("store", store),
    (MACHINE, machine::measure),
];

fn start(bench: &Bench) -> Result<Vec<Figure>> {
    let plan = Plan::of(0, Tool::Read);
    let world = World::fresh(bench, "start")?;
    // The first start in a home may do first-run work; the second counts.
    contest::ours(bench, &world, plan, Printed::Events)?;
    let (plain, ours) = side_by_side(bench, &world, plan, |seen| Some(seen.start))?;
    Ok(vec![figure("start to first request", Unit::Milliseconds, Some(plain), ours, Budget::AtMost(15.0))])
}

fn read_turn(bench: &Bench) -> Result<Vec<Figure>> {
    let world = World::fresh(bench, "read")?;
    let (plain, ours) = side_by_side(bench, &world, Plan::of(50, Tool::Read), |seen| seen.times.turn())?;
    let budget = Budget::AtMostAndTimes(0.4, 1.5);
    Ok(vec![figure("file-read turn", Unit::Milliseconds, Some(plain), ours, budget)])
}

fn shell_turn(bench: &Bench) -> Result<Vec<Figure>> {
    let world = World::fresh(bench, "shell")?;
    let (plain, ours) = side_by_side(bench, &world, Plan::of(50, Tool::Bash), |seen| seen.times.turn())?;
    Ok(vec![figure("shell turn, sandboxed", Unit::Milliseconds, Some(plain), ours, Budget::AtMost(4.0))])
}

fn growth(bench: &Bench) -> Result<Vec<Figure>> {
    let world = World::fresh(bench, "growth")?;
    // Tiny turns, as the peers were measured; and turns that each put 2 KB more into the request.
    let (plain, ours) = side_by_side(bench, &world, Plan::of(300, Tool::Bash), |seen| seen.times.growth())?;
    let shell = figure("shell turns 270-290 against 10-30", Unit::Times, Some(plain), ours, Budget::AtMost(1.1));
    let (plain, ours) = side_by_side(bench, &world, Plan::of(300, Tool::Read), |seen| seen.times.growth())?;
    let read = figure("the same, reading 2 KB a turn", Unit::Times, Some(plain), ours, Budget::AtMost(1.1));
    Ok(vec![shell, read])
}

/// Once only: it takes minutes.
fn long(bench: &Bench) -> Result<Vec<Figure>> {
    let plan = Plan::of(3_000, Tool::Read);
    let world = World::fresh(bench, "long")?;
    world.resize_data(3_300)?;
    let plain = contest::plain(bench, &world, plan)?.times.cost_of_a_megabyte();
    let seen = contest::ours_at_length(bench, &world, plan)?;
    let ours = seen.times.cost_of_a_megabyte().context("too few turns to compare")?;
    let size = seen.times.requests.last().map_or(0, |request| request.asked_bytes);
    let what = format!("3,000 turns, {:.0} MB: each MB adds", size as f64 / 1e6);
    Ok(vec![figure(&what, Unit::MillisecondsPerMegabyte, plain, ours, Budget::AtMost(1.0))])
}

fn tokens(bench: &Bench) -> Result<Vec<Figure>> {
    let plan = Plan { turns: 0, tool: Tool::Read, tokens: 20_000 };
    let world = World::fresh(bench, "tokens")?;
    let streamed = FakeModel::start(bench, plan)?.answer_bytes()? as f64;
    let (mut plain, mut ours, mut printed) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..bench.runs {
        plain.push(contest::plain(bench, &world, plan)?.until_exit);
        let seen = contest::ours(bench, &world, plan, Printed::Deltas)?;
        printed.push(seen.printed as f64 / streamed.max(1.0));
        ours.push(seen.until_exit);
    }
    let (ours, printed) = (middle(&ours)?, middle(&printed)?);
    Ok(vec![
        figure("20,000 streamed tokens", Unit::Milliseconds, median(&plain), ours, Budget::AtMost(50.0)),
        figure("printed for each byte streamed", Unit::Times, None, printed, Budget::AtMost(1.5)),
    ])
}

fn memory(bench: &Bench) -> Result<Vec<Figure>> {
    let world = World::fresh(bench, "memory")?;
    let (plain, one) = side_by_side(bench, &world, Plan::of(50, Tool::Bash), |seen| Some(seen.peak as f64 / 1e6))?;
    let eight = crowd(bench, "memory-eight", 8, Plan::of(20, Tool::Bash))?.peak as f64 / 1e6;
    Ok(vec![
        figure("memory, one task", Unit::Megabytes, Some(plain), one, Budget::AtMost(15.0)),
        figure("memory, eight tasks in one process", Unit::Megabytes, None, eight, Budget::AtMost(25.0)),
    ])
}

fn thousand(bench: &Bench) -> Result<Vec<Figure>> {
    let reading = crowd(bench, "thousand-read", 1_000, Plan::of(20, Tool::Read))?;
    let running = crowd(bench, "thousand-shell", 1_000, Plan::of(12, Tool::Bash))?;
    // Three turns each: short tasks, most of whose time is making them and starting their sandboxes.
    let short = crowd(bench, "thousand-short", 1_000, Plan::of(3, Tool::Bash))?;
    let peak = reading.peak.max(running.peak).max(short.peak) as f64 / 1e6;
    let rate =
        |what: &str, value: f64, least: f64| figure(what, Unit::TurnsPerSecond, None, value, Budget::AtLeast(least));
    Ok(vec![
        figure("memory, a thousand tasks", Unit::Megabytes, None, peak, Budget::AtMost(300.0)),
        rate("a thousand tasks at work, reading", reading.rate, 2_000.0),
        rate("the same, from the first wish", reading.whole_rate, 2_000.0),
        rate("a thousand at work, sandboxed shell, 12 turns", running.rate, 500.0),
        rate("the same, from the first wish", running.whole_rate, 500.0),
        rate("3 turns each, from the first wish", short.whole_rate, 500.0),
    ])
}

fn resume(bench: &Bench) -> Result<Vec<Figure>> {
    let mut values = Vec::new();
    for _ in 0..bench.runs {
        let world = World::fresh(bench, "resume")?;
        let seen = contest::ours(bench, &world, Plan::of(300, Tool::Read), Printed::Events)?;
        let task = seen.task.context("no task is named in what was printed")?;
        values.push(contest::resumed(bench, &world, &task, Plan::of(301, Tool::Read))?);
    }
    let ours = middle(&values)?;
    Ok(vec![figure("resume 300 turns, to first request", Unit::Milliseconds, None, ours, Budget::AtMost(20.0))])
}

fn first_request(bench: &Bench) -> Result<Vec<Figure>> {
    let world = World::fresh(bench, "first-request")?;
    let size = |seen: &Performance| seen.times.requests.first().map(|request| request.asked_bytes as f64 / 1e3);
    let (plain, ours) = side_by_side(bench, &world, Plan::of(0, Tool::Read), size)?;
    Ok(vec![figure("first request", Unit::Kilobytes, Some(plain), ours, Budget::AtMost(12.0))])
}

fn binary(bench: &Bench) -> Result<Vec<Figure>> {
    let bytes = fs::metadata(&bench.deskhand).context("there is no release build of `deskhand`")?.len();
    Ok(vec![figure("engine binary", Unit::Megabytes, None, bytes as f64 / 1e6, Budget::AtMost(20.0))])
}

fn idle(bench: &Bench) -> Result<Vec<Figure>> {
    const SETTLE: Duration = Duration::from_secs(1);
    const WATCHED: Duration = Duration::from_secs(5);
    let world = World::fresh(bench, "idle")?;
    let model = FakeModel::start(bench, Plan::of(0, Tool::Read))?;
    let daemon = Daemon::start(bench, &world, &model.url())?;
    std::thread::sleep(SETTLE);
    let before = busy_time(daemon.process())?;
    std::thread::sleep(WATCHED);
    let used = busy_time(daemon.process())?.saturating_sub(before);
    let share = used.as_secs_f64() / WATCHED.as_secs_f64() * 100.0;
    // 0 %, as a person would see it.
    Ok(vec![figure("idle daemon", Unit::PercentOfACore, None, share, Budget::AtMost(0.05))])
}

fn store(bench: &Bench) -> Result<Vec<Figure>> {
    let world = World::fresh(bench, "store")?;
    contest::ours(bench, &world, Plan::of(300, Tool::Read), Printed::Events)?;
    let megabytes =
        |wanted: &dyn Fn(&str) -> bool| Ok::<_, anyhow::Error>(bytes_beneath(&world.data(), &wanted)? as f64 / 1e6);
    let log = megabytes(&|name| name == "events.jsonl")?;
    let index = megabytes(&|name| name.starts_with("index.db"))?;
    let all = megabytes(&|_| true)?;
    Ok(vec![
        figure("log of 300 turns with 2 KB each", Unit::Megabytes, None, log, Budget::None),
        figure("its index", Unit::Megabytes, None, index, Budget::None),
        figure("everything stored for it", Unit::Megabytes, None, all, Budget::None),
    ])
}

/// Medians of one value of the plain loop and of Deskhand, measured in turn so that both meet the same machine.
fn side_by_side(
    bench: &Bench,
    world: &World,
    plan: Plan,
    value: impl Fn(&Performance) -> Option<f64>,
) -> Result<(f64, f64)> {
    let (mut plain, mut ours) = (Vec::new(), Vec::new());
    for _ in 0..bench.runs {
        plain.extend(value(&contest::plain(bench, world, plan)?));
        ours.extend(value(&contest::ours(bench, world, plan, Printed::Events)?));
    }
    Ok((middle(&plain)?, middle(&ours)?))
}

fn middle(values: &[f64]) -> Result<f64> {
    median(values).context("too few turns to measure")
}

fn figure(what: &str, unit: Unit, plain: Option<f64>, ours: f64, budget: Budget) -> Figure {
    Figure { what: what.to_owned(), unit, plain, ours, budget }
}
