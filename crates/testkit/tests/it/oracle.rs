//! The official SDKs of both dialects talk to the fake server: what they understand is what the script said.
//!
//! `cargo xtask test` prepares their environments under `target/oracle`; without them these tests fail, because a
//! skipped check is no check.

use std::path::{Path, PathBuf};
use std::process::Command;

use event::Usage;
use serde_json::{Value, json};
use testkit::{Answer, FakeServer, Turn};

/// An official SDK.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Sdk {
    Anthropic,
    OpenAi,
}

impl Sdk {
    fn name(self) -> &'static str {
        match self {
            Self::Anthropic => "anthropic",
            Self::OpenAi => "openai",
        }
    }

    /// Runs one job of the SDK's check; gives what it printed.
    pub(crate) fn check(self, job: &[&str]) -> Value {
        self.check_all(&[job.iter().map(|word| (*word).to_owned()).collect()]).remove(0)
    }

    /// Runs several jobs in one process, since starting one takes seconds.
    pub(crate) fn check_all(self, jobs: &[Vec<String>]) -> Vec<Value> {
        let crate_root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let environment: PathBuf = crate_root.join("../../target/oracle").join(self.name());
        let python = environment.join("bin/python");
        assert!(
            python.exists(),
            "the official SDK is not installed at {}: run `cargo xtask test`, which prepares it",
            environment.display()
        );
        let script = crate_root.join("oracle").join(format!("check_{}.py", self.name()));
        let output = Command::new(python).arg(script).arg(json!(jobs).to_string()).env_clear().output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

fn turn() -> Turn {
    Turn::text("Grüße from \"here\".")
        .thinking("Hm, let me see.")
        .call("Read", r#"{"file_path": "/work/ä.txt", "n": 1}"#)
        .call("Glob", "{}")
        .usage(Usage { input: 12, output: 34, cache_read: 5, cache_write: 6 })
}

#[test]
fn the_anthropic_sdk_understands_the_fake_server() {
    let server = FakeServer::start([turn()]).unwrap();
    let seen = Sdk::Anthropic.check(&["reply", &server.url()]);
    let expected = json!({
        "pieces": ["Grüße ", "from ", "\"here\"."],
        "blocks": [
            {"type": "thinking", "thinking": "Hm, let me see.", "signature": "signed-1"},
            {"type": "text", "text": "Grüße from \"here\"."},
            {"type": "tool_use", "id": "fake_1_1", "name": "Read", "input": {"file_path": "/work/ä.txt", "n": 1}},
            {"type": "tool_use", "id": "fake_1_2", "name": "Glob", "input": {}},
        ],
        "stop": "tool_use",
        "model": "fake-model",
        "usage": [12, 34, 5, 6],
    });
    assert_eq!(seen, expected);
}

#[test]
fn the_openai_sdk_understands_the_fake_server() {
    let server = FakeServer::start([turn()]).unwrap();
    let seen = Sdk::OpenAi.check(&["reply", &server.url()]);
    let expected = json!({
        // The first chunk of this dialect carries the role and empty content.
        "pieces": ["", "Grüße ", "from ", "\"here\"."],
        "text": "Grüße from \"here\".",
        "calls": [
            ["fake_1_1", "Read", "{\"file_path\": \"/work/ä.txt\", \"n\": 1}"],
            ["fake_1_2", "Glob", "{}"],
        ],
        "stop": "tool_calls",
        "model": "fake-model",
        "usage": [17, 34, 5],
    });
    assert_eq!(seen, expected);
}

#[test]
fn both_sdks_find_the_models_and_raise_the_errors_of_the_script() {
    for sdk in [Sdk::Anthropic, Sdk::OpenAi] {
        let body = r#"{"type":"error","error":{"type":"rate_limit_error","message":"slow down"}}"#;
        let server = FakeServer::start([
            Answer::status(429, body),
            Answer::turn(turn()).error_after(3, "overloaded_error", "busy"),
            Answer::turn(turn()),
        ])
        .unwrap();
        let jobs = ["models", "error", "error", "error"].map(|job| vec![job.to_owned(), server.url()]);
        let seen = sdk.check_all(&jobs);
        assert_eq!(seen[0], json!({"models": ["fake-model"]}));
        assert_eq!(seen[1], json!({"error": "RateLimitError", "status": 429}));
        assert!(seen[2]["error"].is_string(), "an error event must be raised: {}", seen[2]);
        assert_eq!(seen[3], json!({"error": null}));
    }
}
