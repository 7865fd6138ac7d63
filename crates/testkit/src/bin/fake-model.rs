//! A fake model server for benchmarks and for trying things by hand: prints its URL, plays a script in both dialects,
//! ends by itself. The script is the library's; here are only the arguments.
//!
//! `fake-model [--turns N] [--tool NAME] [--input TEMPLATE] [--text TEXT] [--tokens N] [--delay-us N]
//! [--replies FILE.json | --script FILE.yaml] [--seconds N] [--requests N] [--times FILE]`

use std::io::Write as _;
use std::time::Duration;

use model_script::Script;
use serde::Deserialize;
use testkit::{Answer, Asked, Bounds, FakeServer, Turn, gaps, play_script};

#[derive(Debug, Clone)]
struct Arguments {
    turns: usize,
    tool: String,
    input: String,
    text: String,
    tokens: usize,
    delay: Duration,
    replies: Option<String>,
    script: Option<String>,
    seconds: u64,
    requests: usize,
    times: Option<String>,
}

impl Default for Arguments {
    fn default() -> Self {
        Self {
            turns: 50,
            tool: "Read".to_owned(),
            input: r#"{"file_path":"/work/files/{n}.txt"}"#.to_owned(),
            text: "I look at the next file.".to_owned(),
            tokens: 0,
            delay: Duration::ZERO,
            replies: None,
            script: None,
            seconds: 300,
            requests: 100_000,
            times: None,
        }
    }
}

/// One reply of a `--replies` file.
#[derive(Deserialize)]
struct Written {
    #[serde(default)]
    text: String,
    #[serde(default)]
    thinking: String,
    #[serde(default)]
    calls: Vec<WrittenCall>,
}

#[derive(Deserialize)]
struct WrittenCall {
    tool: String,
    input: serde_json::Value,
}

type Failure = Box<dyn std::error::Error>;
type Answers = Box<dyn Fn(&Asked) -> Answer + Send + Sync>;

fn main() -> Result<(), Failure> {
    let arguments = read(std::env::args().skip(1))?;
    let bounds =
        Bounds { requests: arguments.requests, time: Duration::from_secs(arguments.seconds), keep_bodies: false };
    let server = FakeServer::with(bounds, script(&arguments)?)?;
    let mut out = std::io::stdout();
    writeln!(out, "{}", server.url())?;
    out.flush()?;
    let records = server.wait();
    let times = serde_json::to_string(&gaps(&records))?;
    match &arguments.times {
        Some(file) => std::fs::write(file, times)?,
        None => writeln!(out, "{times}")?,
    }
    Ok(())
}

fn read(mut words: impl Iterator<Item = String>) -> Result<Arguments, Failure> {
    let mut arguments = Arguments::default();
    while let Some(word) = words.next() {
        let value = words.next().ok_or_else(|| format!("`{word}` wants a value"))?;
        match word.as_str() {
            "--turns" => arguments.turns = value.parse()?,
            "--tool" => arguments.tool = value,
            "--input" => arguments.input = value,
            "--text" => arguments.text = value,
            "--tokens" => arguments.tokens = value.parse()?,
            "--delay-us" => arguments.delay = Duration::from_micros(value.parse()?),
            "--replies" => arguments.replies = Some(value),
            "--script" => arguments.script = Some(value),
            "--seconds" => arguments.seconds = value.parse()?,
            "--requests" => arguments.requests = value.parse()?,
            "--times" => arguments.times = Some(value),
            _ => return Err(format!("unknown argument `{word}`").into()),
        }
    }
    Ok(arguments)
}

/// The script the arguments describe. The reply is chosen by how many the request's history holds.
fn script(arguments: &Arguments) -> Result<Answers, Failure> {
    if let Some(file) = &arguments.script {
        return Ok(Box::new(play_script(Script::open(file.as_ref())?)));
    }
    let delay = arguments.delay;
    let paced = move |turn: Turn| {
        let answer = Answer::turn(turn);
        // A pause is between tokens, so each token must travel alone.
        if delay.is_zero() { answer } else { answer.every(delay).events_per_write(1) }
    };
    let answers: Vec<Answer> = if let Some(file) = &arguments.replies {
        let written: Vec<Written> = serde_json::from_str(&std::fs::read_to_string(file)?)?;
        written.into_iter().map(|reply| paced(turn_of(reply))).collect()
    } else if arguments.tokens > 0 {
        let words: Vec<String> = (0..arguments.tokens).map(|number| format!("word{number}")).collect();
        vec![paced(Turn::text(words.join(" ")))]
    } else {
        let calls = (0..arguments.turns).map(|number| {
            let input = arguments.input.replace("{n}", &number.to_string());
            paced(Turn::text(arguments.text.clone()).call(arguments.tool.clone(), input))
        });
        calls.chain([paced(Turn::text("Everything is done."))]).collect()
    };
    Ok(Box::new(move |asked: &Asked| {
        let over = || Answer::turn(Turn::text("There is nothing more to do."));
        answers.get(asked.replies).cloned().unwrap_or_else(over)
    }))
}

fn turn_of(written: Written) -> Turn {
    let turn = Turn::text(written.text).thinking(written.thinking);
    written.calls.into_iter().fold(turn, |turn, call| turn.call(call.tool, call.input.to_string()))
}
