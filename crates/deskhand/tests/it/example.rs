//! The example job from start to end: the files it makes hold what the data says, in either unit and in every mode.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use event::{Fact, Outcome};
use serde_json::{Value, json};

use crate::stage::{Stage, machine, outcomes};

/// Report units: factor for rain, its digits and name; slope and offset for temperatures and their name.
struct Units {
    rain: (f64, usize, &'static str),
    temperature: (f64, f64, &'static str),
}

const METRIC: Units = Units { rain: (1.0, 1, "mm"), temperature: (1.0, 0.0, "°C") };
const US: Units = Units { rain: (0.039_370_078_7, 2, "in"), temperature: (1.8, 32.0, "°F") };

/// One day of the data: date, rain, highest and lowest temperature, weather.
struct Day {
    date: String,
    rain: f64,
    high: f64,
    low: f64,
    weather: String,
}

fn days() -> Vec<Day> {
    let text = std::fs::read_to_string(crate::stage::example().join("data/seattle-weather.csv")).unwrap();
    let lines = text.lines().skip(1);
    lines
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            let number = |index: usize| cells[index].parse().unwrap();
            Day {
                date: cells[0].to_owned(),
                rain: number(1),
                high: number(2),
                low: number(3),
                weather: cells[5].to_owned(),
            }
        })
        .collect()
}

/// The table of monthly means, computed here.
fn monthly_means(days: &[Day], units: &Units) -> String {
    let (factor, digits, rain_name) = units.rain;
    let (slope, offset, _) = units.temperature;
    let mut months: BTreeMap<&str, Vec<&Day>> = BTreeMap::new();
    for day in days {
        months.entry(&day.date[5..7]).or_default().push(day);
    }
    let mut table = format!("month,rain_{rain_name},mean_high,mean_low,wet_days\n");
    for (month, days) in months {
        let years = days.iter().map(|day| &day.date[..4]).collect::<BTreeSet<_>>().len() as f64;
        let count = days.len() as f64;
        let mean = |value: fn(&Day) -> f64| days.iter().map(|day| value(day)).sum::<f64>() / count * slope + offset;
        let rain = days.iter().map(|day| day.rain).sum::<f64>() * factor / years;
        let wet = days.iter().filter(|day| day.rain > 0.0).count() as f64 / years;
        let (high, low) = (mean(|day| day.high), mean(|day| day.low));
        writeln!(table, "{month},{rain:.digits$},{high:.1},{low:.1},{wet:.1}").unwrap();
    }
    table
}

/// Sentences the report must hold, computed here.
fn sentences(days: &[Day], units: &Units) -> Vec<String> {
    let (factor, digits, rain_name) = units.rain;
    let (slope, offset, temperature_name) = units.temperature;
    let total = days.iter().map(|day| day.rain).sum::<f64>() * factor;
    let first = |best: fn(&Day, &Day) -> bool| days.iter().reduce(|a, b| if best(b, a) { b } else { a }).unwrap();
    let wettest = first(|a, b| a.rain > b.rain);
    let hottest = first(|a, b| a.high > b.high);
    let coldest = first(|a, b| a.low < b.low);
    let (mut dry, mut longest, mut dry_end) = (0, 0, String::new());
    for day in days {
        dry = if day.rain == 0.0 { dry + 1 } else { 0 };
        if dry > longest {
            (longest, dry_end) = (dry, day.date.clone());
        }
    }
    let called = |weather: &str| days.iter().filter(|day| day.weather == weather).collect::<Vec<_>>();
    let odd = called("rain").iter().filter(|day| day.rain == 0.0).count();
    vec![
        format!("({} days)", days.len()),
        format!("It rained {total:.digits$} {rain_name} in all. The wettest day was {} with", wettest.date),
        format!("  {:.digits$} {rain_name}.", wettest.rain * factor),
        format!("The hottest day was {} with {:.1} {temperature_name}", hottest.date, hottest.high * slope + offset),
        format!("  {} with {:.1} {temperature_name}.", coldest.date, coldest.low * slope + offset),
        format!("without rain lasted {longest} days and ended on {dry_end}."),
        format!("Snow fell on {} days.", called("snow").len()),
        format!("- {odd} days are called \"rain\" although no rain was measured."),
    ]
}

#[track_caller]
fn check_outputs(outputs: &Path, units: &Units) {
    let days = days();
    let read = |name: &str| std::fs::read_to_string(outputs.join(name)).unwrap();
    assert_eq!(read("summary.csv"), monthly_means(&days, units));
    let report = read("report.md");
    for sentence in sentences(&days, units) {
        assert!(report.contains(&sentence), "the report lacks `{sentence}`:\n{report}");
    }
    let chart = read("chart.svg");
    assert!(chart.starts_with("<svg") && chart.trim_end().ends_with("</svg>"), "{chart}");
    assert_eq!((chart.matches("<rect").count(), chart.matches("<polyline").count()), (13, 2), "{chart}");
    let mut names: Vec<String> =
        std::fs::read_dir(outputs).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names, ["chart.svg", "report.md", "summary.csv"]);
}

#[test]
fn the_example_hands_over_the_same_in_a_machine() {
    let Some(stage) = machine() else { return };
    let (folder, script) = stage.example();
    let job = ["run", "Weather report", "--script", &script, "--folder", &folder, "--mode", "auto", "--tier", "vm"];
    stage.run(&job).exits(4);
    let answer = stage.run(&["answer", &stage.task(), "1"]).exits(0);
    assert!(answer.stdout.contains("Done · 5 of 5 · "), "{}", answer.stdout);
    check_outputs(&stage.task_folder().join("outputs"), &METRIC);
    assert_eq!(stage.show(&stage.task())["tier"], "vm");
}

/// Starts the example, which waits at its question.
fn start(stage: &Stage, mode: &str) -> String {
    let (folder, script) = stage.example();
    let run = stage.run(&["run", "Weather report", "--script", &script, "--folder", &folder, "--mode", mode]).exits(4);
    assert!(run.stdout.contains("? Which units should the report use?\n  1  Metric – "), "{}", run.stdout);
    stage.task()
}

#[test]
fn the_example_asks_once_and_hands_over_three_files() {
    let stage = Stage::new();
    let before = {
        let (_, _) = stage.example();
        stage.world.tree("data").unwrap()
    };
    let task = start(&stage, "auto");
    assert_eq!(stage.tasks()[0]["state"], "needs_you");
    let card = stage.run(&["show", &task]).exits(0).stdout;
    assert!(card.contains(&format!("answer with: deskhand answer {task} ANSWER…")), "{card}");

    let answer = stage.run(&["answer", &task, "1"]).exits(0);
    assert!(answer.stdout.contains("Done · 5 of 5 · "), "{}", answer.stdout);
    assert_eq!(answer.stderr, "");
    check_outputs(&stage.task_folder().join("outputs"), &METRIC);
    assert_eq!(stage.world.tree("data").unwrap(), before, "the data is only read");

    let view = stage.show(&task);
    assert_eq!((&view["state"], &view["ending"]), (&json!("done"), &json!({"type": "done"})));
    assert_eq!((&view["progress"]["done"], &view["progress"]["total"]), (&json!(5), &json!(5)));
    let cards: Vec<(&str, &str)> = view["outputs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|card| (card["path"].as_str().unwrap(), card["title"].as_str().unwrap()))
        .collect();
    let expected = [
        ("/outputs/report.md", "Weather report"),
        ("/outputs/summary.csv", "Monthly means"),
        ("/outputs/chart.svg", "Rain and temperature by month"),
    ];
    assert_eq!(cards, expected);
    assert!(view["scratchpad"].as_str().unwrap().contains("1461 days without a gap"), "{view}");
    let finished = outcomes(&stage.log());
    assert_eq!(finished.len(), 21, "{finished:?}");
    assert!(finished.iter().all(|(_, outcome)| *outcome == Outcome::Ok), "{finished:?}");
    let shown = stage.run(&["show", &task]).exits(0).stdout;
    assert!(shown.contains("Plan: 5 of 5\n  ✓ Look at the data\n"), "{shown}");
}

#[test]
fn the_other_answer_gives_the_other_units() {
    let stage = Stage::new();
    let task = start(&stage, "auto");
    stage.run(&["answer", &task, "2"]).exits(0);
    check_outputs(&stage.task_folder().join("outputs"), &US);
    let report = std::fs::read_to_string(stage.task_folder().join("outputs/report.md")).unwrap();
    assert!(!report.contains(" mm"), "{report}");
}

#[test]
fn in_ask_mode_each_kind_of_thing_is_asked_for_once_and_the_result_is_the_same() {
    let stage = Stage::new();
    let task = start(&stage, "ask");
    let mut run = stage.run(&["answer", &task, "1"]).exits(4);
    let mut approvals = Vec::new();
    while run.code == Some(4) {
        let waiting = stage.show(&task)["approvals"].as_array().unwrap().clone();
        let first = waiting.first().unwrap();
        // The card shows the exact call.
        let command = first["input"]["command"].as_str().unwrap_or_default();
        let first_line = command.lines().next().unwrap_or_default();
        assert!(run.stdout.contains("? Deskhand wants to ") && run.stdout.contains(first_line), "{}", run.stdout);
        approvals.push(first["tool"].as_str().unwrap().to_owned());
        assert!(approvals.len() < 10, "{approvals:?}");
        let approval = first["id"].as_str().unwrap();
        run = stage.run(&["approve", &task, approval, "--scope", "task"]);
    }
    run.exits(0);
    check_outputs(&stage.task_folder().join("outputs"), &METRIC);
    // One permission for commands covers every later one; the task's own outputs need none.
    assert_eq!(approvals, ["Bash"]);
    let grants: Vec<Value> = stage.show(&task)["grants"].as_array().unwrap().clone();
    assert_eq!(grants.len(), 1, "{grants:?}");
    let asked = stage.log().iter().filter(|event| matches!(event.fact, Fact::ApprovalAsked(_))).count();
    assert_eq!(asked, 1);
}

#[test]
fn once_means_once() {
    let stage = Stage::new();
    let script = stage.script(
        r"
replies:
  - calls: [{ tool: Bash, input: { command: echo one } }]
  - calls: [{ tool: Bash, input: { command: echo one } }]
  - text: Done.
",
    );
    stage.run(&["run", "twice", "--script", &script, "--mode", "ask"]).exits(4);
    let task = stage.task();
    stage.run(&["approve", &task]).exits(4);
    stage.run(&["approve", &task]).exits(0);
    assert_eq!(stage.show(&task)["grants"], json!([]));
}

#[test]
fn tasks_are_listed_newest_first_and_found_by_their_words() {
    let stage = Stage::new();
    let script = stage.script("replies: [{ text: The walrus sleeps. }]");
    for title in ["Count the pebbles", "Sort the shells"] {
        stage.run(&["run", title, "--script", &script]).exits(0);
    }
    let script = stage.script("replies: [{ text: The heron stands. }]");
    stage.run(&["run", "Watch the shore", "--script", &script]).exits(0);
    let titles = |tasks: &[Value]| -> Vec<String> {
        tasks.iter().map(|task| task["title"].as_str().unwrap().to_owned()).collect()
    };
    let tasks = stage.tasks();
    assert_eq!(titles(&tasks), ["Watch the shore", "Sort the shells", "Count the pebbles"]);
    for task in &tasks {
        assert_eq!(task["state"], "done");
        let id = task["id"].as_str().unwrap();
        assert_eq!(stage.show(id)["task"], id);
        // The beginning of an id is enough where it fits one task only.
        assert_eq!(stage.show(&id[..8])["task"], id);
    }
    let found = |words: &str| titles(&stage.run(&["tasks", "--json", "--search", words]).exits(0).json());
    assert_eq!(found("shells"), ["Sort the shells"]);
    assert_eq!(found("walrus"), ["Sort the shells", "Count the pebbles"]);
    assert_eq!(found("heron stands"), ["Watch the shore"]);
    assert_eq!(found("pelican"), Vec::<String>::new());
    assert_eq!(stage.run(&["tasks", "--json", "--limit", "1"]).exits(0).json().len(), 1);
    let listed = stage.run(&["tasks"]).exits(0).stdout;
    assert_eq!(listed.lines().count(), 3, "{listed}");
    assert!(listed.lines().all(|line| line.contains("✓ done")), "{listed}");
}
