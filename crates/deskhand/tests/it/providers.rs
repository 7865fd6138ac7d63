//! The same job with the model behind a provider's interface: the same files, the same plan, small first requests and
//! a prompt whose beginning never changes.

use std::collections::BTreeMap;
use std::time::Duration;

use event::Fact;
use model_script::Script;
use rustix::process::Signal;
use serde_json::{Value, json};
use testkit::{Answer, Bounds, FakeServer, Turn, play_script};

use crate::stage::{Stage, outcomes};

/// Most bytes of a first request.
const FIRST_REQUEST: usize = 12 * 1024;
/// What may change at the end of a request: closing brackets and the moving cache mark.
const CLOSING: usize = 64;

/// What came of the example: its files, its plan and cards, and how its calls ended.
#[derive(Debug, PartialEq)]
struct Result {
    files: BTreeMap<String, Vec<u8>>,
    plan: Value,
    cards: Value,
    calls: Vec<(String, event::Outcome)>,
    said: Vec<String>,
}

/// Runs the example with these arguments for the model, answers its question, and collects what came of it.
fn play(stage: &Stage, model: &[&str]) -> Result {
    let folder = stage.example().0;
    let mut arguments = vec!["run", "Weather report", "--folder", &folder, "--mode", "auto"];
    arguments.extend(model);
    stage.run(&arguments).exits(4);
    let task = stage.task();
    stage.run(&["answer", &task, "1"]).exits(0);
    let view = stage.show(&task);
    let log = stage.log();
    let files = std::fs::read_dir(stage.task_folder().join("outputs")).unwrap().map(|file| {
        let file = file.unwrap();
        (file.file_name().into_string().unwrap(), std::fs::read(file.path()).unwrap())
    });
    let said = log.iter().filter_map(|event| match &event.fact {
        Fact::Replied { reply, .. } => Some(reply.text()),
        _ => None,
    });
    Result {
        files: files.collect(),
        plan: view["progress"].clone(),
        cards: view["outputs"].clone(),
        calls: outcomes(&log),
        said: said.collect(),
    }
}

fn scripted() -> Result {
    let stage = Stage::new();
    let script = stage.example().1;
    let result = play(&stage, &["--script", &script]);
    assert_eq!((result.files.len(), &result.plan["done"]), (3, &json!(5)));
    result
}

fn example_script() -> String {
    std::fs::read_to_string(crate::stage::example().join("script.yaml")).unwrap().replace("pace_ms: 6\n", "")
}

#[track_caller]
fn check_bodies(server: &FakeServer) {
    let bodies: Vec<_> =
        server.records().into_iter().filter(|record| record.method == "POST").map(|record| record.body).collect();
    assert_eq!(bodies.len(), 9, "one request for each reply, also across the end of the process");
    assert!(bodies[0].len() <= FIRST_REQUEST, "the first request has {} bytes", bodies[0].len());
    for (before, after) in bodies.iter().zip(bodies.iter().skip(1)) {
        let same = before.iter().zip(after).take_while(|(a, b)| a == b).count();
        let changed = String::from_utf8_lossy(&before[same..]);
        assert!(changed.len() <= CLOSING, "the beginning changed from here on: {changed}");
    }
}

/// Plays a Script as a server that speaks both dialects.
fn serve(script: &str) -> FakeServer {
    let bounds = Bounds { requests: 100, time: Duration::from_mins(2), keep_bodies: true };
    FakeServer::with(bounds, play_script(Script::parse(script).unwrap())).unwrap()
}

#[test]
fn over_the_messages_interface_the_job_is_the_same() {
    let server = serve(&example_script());
    let stage = Stage::new().with("ANTHROPIC_BASE_URL", server.url()).with("ANTHROPIC_API_KEY", "sk-test-anthropic");
    // No model is named: the first that the provider offers is taken.
    assert_eq!(play(&stage, &[]), scripted());
    check_bodies(&server);
    assert_eq!(stage.show(&stage.task())["model"], "anthropic/fake-model");
    let keys: Vec<bool> =
        server.records().iter().map(|record| record.header("authorization") == ["Bearer sk-test-anthropic"]).collect();
    assert!(keys.iter().all(|sent| *sent), "{keys:?}");
    never_stored(&stage, "sk-test-anthropic");
}

#[test]
fn over_the_chat_completions_interface_the_job_is_the_same() {
    let server = serve(&example_script());
    let stage =
        Stage::new().with("OPENAI_BASE_URL", format!("{}/v1", server.url())).with("OPENAI_API_KEY", "sk-test-openai");
    assert_eq!(play(&stage, &["--model", "openai/fake-model"]), scripted());
    check_bodies(&server);
    for record in server.records() {
        assert_eq!(record.header("authorization"), ["Bearer sk-test-openai"], "{}", record.path);
    }
    never_stored(&stage, "sk-test-openai");
}

/// No file of the installation holds the text.
#[track_caller]
fn never_stored(stage: &Stage, secret: &str) {
    let mut open = vec![stage.world.root().to_owned()];
    let mut files = 0;
    while let Some(directory) = open.pop() {
        for entry in std::fs::read_dir(&directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.is_file() {
                let bytes = std::fs::read(&path).unwrap();
                let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
                assert!(!found, "{} holds the key", path.display());
                files += 1;
            }
        }
    }
    assert!(files > 5, "{files} files were looked at");
}

#[test]
fn a_wrong_key_pauses_with_the_reason_and_the_next_key_goes_on() {
    let server = FakeServer::with(bounds(), |asked| {
        if asked.header("authorization") == Some("Bearer right") {
            return Answer::turn(Turn::text("Hello."));
        }
        let body = r#"{"type":"error","error":{"type":"authentication_error","message":"invalid key"}}"#;
        Answer::status(401, body)
    })
    .unwrap();
    let stage = Stage::new().with("ANTHROPIC_BASE_URL", server.url()).with("ANTHROPIC_API_KEY", "wrong");
    let run = stage.run(&["run", "hello", "--model", "anthropic/fake-model"]).exits(1);
    let told: Vec<&str> = run.stdout.lines().filter(|line| line.starts_with("Paused: ")).collect();
    assert_eq!(told.len(), 1, "{}", run.stdout);
    assert!(told[0].contains("invalid key"), "{told:?}");
    assert_eq!(run.stdout.matches("hint: ").count(), 1, "{}", run.stdout);
    assert_eq!(server.asked(), 1, "a wrong key is not tried again");
    let task = stage.task();
    assert_eq!(stage.show(&task)["state"], "paused");

    let stage = stage.with("ANTHROPIC_API_KEY", "right");
    stage.run(&["resume", &task]).exits(0);
    assert_eq!(stage.show(&task)["last_text"], "Hello.");
}

#[test]
fn an_unreachable_provider_is_tried_again_and_can_be_stopped() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let stage = Stage::new().with("OPENAI_BASE_URL", format!("http://{free}/v1"));
    let mut run = stage.start(&["run", "hello", "--model", "openai/some-model", "--json"]);
    run.until(r#""type":"retry_planned""#);
    run.signal(Signal::INT);
    let ended = run.end().exits(3);
    assert!(ended.stdout.lines().last().unwrap().contains(r#""ending":{"type":"stopped"}"#), "{}", ended.stdout);
    // People see what fails and when it is tried again.
    let task = stage.task();
    let mut follow = stage.start(&["follow", &task]);
    let told = follow.until("trying again in");
    assert!(told.contains("(try 1)"), "{told}");
    follow.signal(Signal::INT);
    follow.end().exits(0);
}

#[test]
fn an_overloaded_provider_is_asked_again() {
    let server = FakeServer::with(bounds(), |asked| match asked.number {
        0 => Answer::status(529, r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#)
            .header("retry-after", "0"),
        _ => Answer::turn(Turn::text("Hello.")),
    })
    .unwrap();
    let stage = Stage::new().with("ANTHROPIC_BASE_URL", server.url());
    let run = stage.run(&["run", "hello", "--model", "anthropic/fake-model"]).exits(0);
    assert!(run.stdout.contains("trying again in 1 s (try 1)"), "{}", run.stdout);
    assert_eq!(server.asked(), 2);
}

fn bounds() -> Bounds {
    Bounds { requests: 20, time: Duration::from_mins(1), keep_bodies: true }
}
