//! The fake-model program: prints its URL, plays its script, leaves its times.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, ChildStdout, Command, Stdio};

use crate::plain_http::{Plain, unchunk};

struct Program {
    child: Child,
    out: BufReader<ChildStdout>,
    url: String,
}

impl Program {
    fn start(arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fake-model"));
        let mut child = command.args(["--seconds", "20"]).args(arguments).stdout(Stdio::piped()).spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut url = String::new();
        out.read_line(&mut url).unwrap();
        Self { child, out, url: url.trim().to_owned() }
    }

    fn connect(&self) -> Plain {
        Plain::connect(self.url.strip_prefix("http://").unwrap().parse().unwrap())
    }

    /// What it prints after its URL, when it ends by itself.
    fn rest(&mut self) -> String {
        let mut text = String::new();
        self.out.read_to_string(&mut text).unwrap();
        assert!(self.child.wait().unwrap().success());
        text
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn history(replies: usize) -> String {
    format!(r#"{{"messages":[{}]}}"#, vec![r#"{"role":"assistant"}"#; replies].join(","))
}

#[test]
fn turns_with_calls_and_then_a_last_word() {
    let mut program =
        Program::start(&["--turns", "2", "--tool", "Bash", "--input", r#"{"command":"true {n}"}"#, "--requests", "4"]);
    let mut plain = program.connect();
    let mut answers = Vec::new();
    for (path, replies) in [("messages", 0), ("chat/completions", 1), ("messages", 2), ("messages", 9)] {
        let answer = plain.exchange(&format!("POST /v1/{path}"), &history(replies));
        answers.push(String::from_utf8(unchunk(&answer)).unwrap());
    }
    drop(plain);
    assert!(answers[0].contains(r#""name":"Bash""#) && answers[0].contains(r#"0\"}""#), "{}", answers[0]);
    assert!(answers[1].contains("[DONE]") && answers[1].contains(r#"1\"}""#), "{}", answers[1]);
    assert!(answers[2].contains(r#""stop_reason":"end_turn""#) && answers[2].contains("done."), "{}", answers[2]);
    assert!(answers[3].contains("nothing "), "{}", answers[3]);
    let gaps: serde_json::Value = serde_json::from_str(&program.rest()).unwrap();
    let after: Vec<u64> = gaps.as_array().unwrap().iter().map(|gap| gap["after"].as_u64().unwrap()).collect();
    assert_eq!(after, [0, 1, 2]);
}

#[test]
fn a_stream_of_many_tokens() {
    let program = Program::start(&["--tokens", "3000"]);
    let answer = program.connect().exchange("POST /v1/messages", "{}");
    let body = String::from_utf8(unchunk(&answer)).unwrap();
    assert_eq!(body.matches("text_delta").count(), 3000);
    let times = program.connect().exchange_document("GET /__times");
    assert!(times.ends_with("[]"), "{times}");
}

#[test]
fn written_replies_are_played() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let written = r#"[{"text":"first","calls":[{"tool":"Write","input":{"file_path":"/work/x"}}]},{"thinking":"hm","text":"second"}]"#;
    std::io::Write::write_all(&mut file, written.as_bytes()).unwrap();
    let program = Program::start(&["--replies", &file.path().to_string_lossy()]);
    let mut plain = program.connect();
    let first = String::from_utf8(unchunk(&plain.exchange("POST /v1/messages", &history(0)))).unwrap();
    let second = String::from_utf8(unchunk(&plain.exchange("POST /v1/messages", &history(1)))).unwrap();
    assert!(first.contains(r#""text":"first""#) && first.contains(r#""name":"Write""#), "{first}");
    assert!(second.contains(r#""thinking":"hm""#) && second.contains(r#""text":"second""#), "{second}");
}

#[test]
fn a_wrong_argument_is_refused() {
    for arguments in [["--novelty", "1"].as_slice(), &["--turns"], &["--turns", "many"]] {
        let output = Command::new(env!("CARGO_BIN_EXE_fake-model")).args(arguments).output().unwrap();
        assert!(!output.status.success());
    }
}
