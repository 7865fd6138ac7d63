//! What isolation and Undo cost: the programs that measure it are examples of the crates that do it, because nothing
//! of ours is known here. They are built, run and asked for their figures; which budget each has stands here.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::Bench;
use super::figure::{Budget, Figure, Unit};
use crate::packages;
use crate::stage::must_succeed;

/// Files that Undo brings back.
const UNDONE: &str = "10000 changes, 0 failures";

/// Figures of one program by name: the value, and the floor where it measured one.
type Told = BTreeMap<String, (f64, Option<f64>)>;

/// A row: the program's name of the figure, ours, its unit, how many of what was told make one, the budget.
type Row = (&'static str, &'static str, Unit, f64, Budget);

/// Exec and small files in the namespace tier, Undo, machines of the vm tier, the image.
pub(super) fn measure(bench: &Bench) -> Result<Vec<Figure>> {
    let place = bench.scratch.join("machine");
    fs::create_dir_all(&place).with_context(|| format!("cannot make `{}`", place.display()))?;
    let namespace = example(bench, "share", "namespace_costs")?;
    let undo = example(bench, "folder", "undo_many")?;
    let vm = example(bench, "sandbox-vm", "machine_costs")?;
    must_succeed(bench.repository.cargo().args(["build", "--release", "--package", "guest", "--bins"]))?;
    let guest = bench.repository.build_directory().join("release/deskhand-guest");
    let told = told(&output(Command::new(&namespace).arg(&guest).arg(&place))?)?;
    let mut figures = rows("", NAMESPACE, &told)?;
    figures.extend(in_memory(&namespace, &guest)?);
    figures.extend(undone(&output(Command::new(undo).arg(&place))?)?);
    figures.extend(machines(bench, &vm, &place)?);
    figures.extend(base_image(bench)?);
    Ok(figures)
}

const NAMESPACE: &[Row] = &[
    ("start", "namespace tier: start to first command", Unit::Milliseconds, 1.0, Budget::None),
    ("exec_true", "exec of `true`; beside it a spawn on the host", Unit::Milliseconds, 1.0, Budget::AtMost(4.0)),
    ("files_create", "10,000 files of 1 KiB: create; on the host", Unit::Milliseconds, 1.0, Budget::Times(2.0)),
    ("files_settle", "  what is journalled of it, when the command ends", Unit::Milliseconds, 1.0, Budget::None),
    ("files_list", "  list with sizes", Unit::Milliseconds, 1.0, Budget::None),
    ("files_read", "  read", Unit::Milliseconds, 1.0, Budget::None),
    ("files_delete", "  delete", Unit::Milliseconds, 1.0, Budget::None),
];

/// The same files without a disk: there a file costs the host least, so what isolation adds is seen alone.
fn in_memory(program: &Path, guest: &Path) -> Result<Option<Figure>> {
    let place = Path::new("/dev/shm");
    if !place.is_dir() {
        return Ok(None);
    }
    let told = told(&output(Command::new(program).arg(guest).arg(place))?)?;
    let create = told.get("files_create").context("nothing is told of `files_create`")?;
    Ok(Some(figure("  create in memory, without a disk", Unit::Milliseconds, *create, Budget::None)))
}

/// The rows of a machine; what a restore may take depends on what runs it.
fn vm_rows(emulated: bool) -> Vec<Row> {
    let (restore, limit) = if emulated { ("restore to ready, emulated", 400.0) } else { ("restore to ready", 150.0) };
    let memory = Budget::AtMost(75.0);
    vec![
        ("cold_start", "cold start: boot, save, first command", Unit::Milliseconds, 1.0, Budget::None),
        ("restore", restore, Unit::Milliseconds, 1.0, Budget::AtMost(limit)),
        ("ping", "ping", Unit::Milliseconds, 1.0, Budget::AtMost(1.0)),
        ("exec_true", "exec of `true`", Unit::Milliseconds, 1.0, Budget::None),
        ("alone_proportional", "memory of the only one, proportional", Unit::Megabytes, 1e6, memory),
        ("alone_resident", "  resident", Unit::Megabytes, 1e6, Budget::None),
        ("together_proportional", "memory of each of four, proportional", Unit::Megabytes, 1e6, memory),
        ("together_resident", "  resident", Unit::Megabytes, 1e6, Budget::None),
        ("used_proportional", "  one of four after 30 commands, proportional", Unit::Megabytes, 1e6, Budget::None),
        ("held_ticks", "paused for 3 s, CPU ticks used", Unit::Ticks, 1.0, Budget::AtMost(0.0)),
    ]
}

/// The small image that tests use and, where it was built, the one that people use, with the settings they have.
fn machines(bench: &Bench, program: &Path, place: &Path) -> Result<Vec<Figure>> {
    let images = [("VM without image", "vm", "initrd", "384", "1"), ("VM", "image", "base.erofs", "2048", "2")];
    let mut figures = Vec::new();
    for (name, directory, needed, memory, processors) in images {
        let image = bench.repository.root.join("target").join(directory);
        if !packages::on_path("qemu-system-x86_64") || !image.join(needed).is_file() {
            eprintln!("left out: {name}, which needs QEMU and what `cargo xtask {}` makes", made_by(directory));
            continue;
        }
        let text = output(Command::new(program).arg(&image).arg(place).args([memory, processors]))?;
        let told = told(&text)?;
        let emulated = told.get("emulated").is_some_and(|(emulated, _)| *emulated > 0.0);
        figures.extend(rows(&format!("{name}: "), &vm_rows(emulated), &told)?);
    }
    Ok(figures)
}

fn made_by(directory: &str) -> &str {
    if directory == "vm" { "vm-image" } else { directory }
}

fn base_image(bench: &Bench) -> Result<Option<Figure>> {
    let path = bench.repository.root.join("target/image/base.erofs");
    if !path.is_file() {
        eprintln!("left out: the base image, which `cargo xtask image` makes");
        return Ok(None);
    }
    let bytes = fs::metadata(&path).with_context(|| format!("cannot look at `{}`", path.display()))?.len();
    Ok(Some(figure("base image", Unit::Megabytes, (bytes as f64 / 1e6, None), Budget::AtMost(170.0))))
}

/// What `undo_many` printed: planning and undoing together are what a user waits for.
fn undone(printed: &str) -> Result<Vec<Figure>> {
    let first = |what: &str| -> Result<f64> {
        let line = printed.lines().find_map(|line| line.strip_prefix(what)?.strip_prefix(": ")?.strip_suffix(" ms"));
        line.and_then(|number| number.parse().ok()).with_context(|| format!("nothing is told of `{what}`"))
    };
    if !printed.lines().any(|line| line == UNDONE) {
        bail!("Undo did not bring every file back: {printed}");
    }
    let seconds = (first("plan")? + first("undo")?) / 1e3;
    let journalled = first("10,000 files changed and settled")? / 1e3;
    Ok(vec![
        figure(
            "Undo of 10,000 files, half changed, half deleted",
            Unit::Seconds,
            (seconds, None),
            Budget::AtMost(10.0),
        ),
        figure("  changing and journalling them before", Unit::Seconds, (journalled, None), Budget::None),
    ])
}

fn rows(prefix: &str, rows: &[Row], told: &Told) -> Result<Vec<Figure>> {
    let each = rows.iter().map(|(name, what, unit, scale, budget)| {
        let (value, floor) = told.get(*name).with_context(|| format!("nothing is told of `{name}`"))?;
        let value = (value / scale, floor.map(|floor| floor / scale));
        Ok(figure(&format!("{prefix}{what}"), *unit, value, *budget))
    });
    each.collect()
}

/// One JSON object a line, each with a name, a value and maybe a floor.
fn told(printed: &str) -> Result<Told> {
    let each = printed.lines().map(|line| {
        let object: Value = serde_json::from_str(line).with_context(|| format!("no figure: `{line}`"))?;
        let name = object["figure"].as_str().context("a figure without a name")?.to_owned();
        let value = object["value"].as_f64().with_context(|| format!("`{name}` has no value"))?;
        Ok((name, (value, object["floor"].as_f64())))
    });
    each.collect()
}

fn example(bench: &Bench, package: &str, name: &str) -> Result<PathBuf> {
    let mut cargo = bench.repository.cargo();
    must_succeed(cargo.args(["build", "--release", "--package", package, "--example", name]))?;
    Ok(bench.repository.build_directory().join("release/examples").join(name))
}

/// What a program prints; its complaints go to the terminal.
fn output(command: &mut Command) -> Result<String> {
    let shown = command.get_program().display().to_string();
    let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output();
    let output = output.with_context(|| format!("cannot start `{shown}`"))?;
    if !output.status.success() {
        bail!("`{shown}` ended with {}", output.status);
    }
    String::from_utf8(output.stdout).with_context(|| format!("`{shown}` prints what is not text"))
}

fn figure(what: &str, unit: Unit, (ours, plain): (f64, Option<f64>), budget: Budget) -> Figure {
    Figure { what: what.to_owned(), unit, plain, ours, budget }
}

#[cfg(test)]
mod tests {
    use super::{Budget, NAMESPACE, Unit, figure, rows, told, undone, vm_rows};

    #[test]
    fn figures_are_read_and_missing_ones_are_named() {
        let printed =
            "{\"figure\":\"ping\",\"value\":0.5}\n{\"figure\":\"alone_resident\",\"value\":8e7,\"floor\":4e7}";
        let told = told(printed).unwrap();
        let wanted: Vec<_> =
            vm_rows(true).into_iter().filter(|row| ["ping", "alone_resident"].contains(&row.0)).collect();
        assert_eq!(
            rows("VM: ", &wanted, &told).unwrap(),
            [
                figure("VM: ping", Unit::Milliseconds, (0.5, None), Budget::AtMost(1.0)),
                figure("VM:   resident", Unit::Megabytes, (80.0, Some(40.0)), Budget::None),
            ]
        );
        assert_eq!(rows("", NAMESPACE, &told).unwrap_err().to_string(), "nothing is told of `start`");
    }

    #[test]
    fn what_is_no_figure_is_refused() {
        assert_eq!(told("hello").unwrap_err().to_string(), "no figure: `hello`");
        assert_eq!(told("{\"figure\":\"ping\"}").unwrap_err().to_string(), "`ping` has no value");
    }

    #[test]
    fn undo_counts_with_its_plan_and_only_when_whole() {
        let printed = "10,000 files changed and settled: 900 ms\nplan: 100 ms\nundo: 1400 ms\n\
            10000 changes, 0 failures\nundo: 9 ms";
        assert_eq!(
            undone(printed).unwrap(),
            [
                figure(
                    "Undo of 10,000 files, half changed, half deleted",
                    Unit::Seconds,
                    (1.5, None),
                    Budget::AtMost(10.0)
                ),
                figure("  changing and journalling them before", Unit::Seconds, (0.9, None), Budget::None),
            ]
        );
        assert!(undone("plan: 100 ms\nundo: 1 ms\n9999 changes, 1 failures").is_err());
    }
}
