//! The fake model server as a process of its own, so that its work is not counted as anybody else's.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};

use super::Bench;
use super::http::Server;

/// The file that Read is asked for, in every granted folder.
pub(super) const DATA: &str = "data.txt";

/// What the model does: so many turns with one tool call each, then a last text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Plan {
    /// Tool calls, one in each turn.
    pub(super) turns: usize,
    /// What is called.
    pub(super) tool: Tool,
    /// Tokens of one long text; 0 for turns.
    pub(super) tokens: usize,
}

/// The tool that is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tool {
    /// Reads [`DATA`].
    Read,
    /// Runs `true` with a number that differs.
    Bash,
}

impl Plan {
    /// So many turns of one tool.
    pub(super) fn of(turns: usize, tool: Tool) -> Self {
        Self { turns, tool, tokens: 0 }
    }

    /// The whole command line of the server, in one place. A text of many tokens comes instead of turns.
    fn arguments(self) -> Vec<String> {
        let (tool, input) = match self.tool {
            Tool::Read => ("Read", format!("{{\"file_path\":\"{DATA}\"}}")),
            Tool::Bash => ("Bash", "{\"command\":\"true {n}\"}".to_owned()),
        };
        let (turns, tokens) = (self.turns.to_string(), self.tokens.to_string());
        let arguments =
            ["--turns", &turns, "--tool", tool, "--input", &input, "--tokens", &tokens, "--seconds", "1800"];
        arguments.map(str::to_owned).to_vec()
    }
}

/// A running fake model. Ends when dropped.
pub(super) struct FakeModel {
    child: Child,
    /// Where it listens.
    pub(super) server: Server,
}

impl FakeModel {
    /// Starts one and waits for its address.
    pub(super) fn start(bench: &Bench, plan: Plan) -> Result<Self> {
        let mut command = Command::new(&bench.fake_model);
        command.args(plan.arguments()).stdin(Stdio::null()).stdout(Stdio::piped());
        let child = command.spawn().context("cannot start the fake model")?;
        let mut model = Self { child, server: Server { host: String::new(), token: None } };
        let output = model.child.stdout.take().context("the fake model has no output")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        model.server = Server::parse(&line)?;
        Ok(model)
    }

    /// Its address, as a provider's base URL.
    pub(super) fn url(&self) -> String {
        format!("http://{}", self.server.host)
    }

    /// How often it was asked so far, by everybody.
    pub(super) fn asked(&self) -> Result<usize> {
        let count = self.server.get("/__asked")?;
        String::from_utf8_lossy(&count).trim().parse().context("the fake model does not say how often it was asked")
    }

    /// Bytes of its first answer, as events.
    pub(super) fn answer_bytes(&self) -> Result<usize> {
        let body = r#"{"model":"fake","max_tokens":8192,"stream":true,"messages":[{"role":"user","content":"Hi."}]}"#;
        Ok(self.server.post("/v1/messages", body)?.len())
    }
}

impl Drop for FakeModel {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[cfg(test)]
mod tests {
    use super::{Plan, Tool};

    #[test]
    fn a_plan_becomes_a_command_line() {
        assert_eq!(
            Plan::of(50, Tool::Read).arguments().join(" "),
            "--turns 50 --tool Read --input {\"file_path\":\"data.txt\"} --tokens 0 --seconds 1800"
        );
        assert_eq!(
            Plan { turns: 0, tool: Tool::Bash, tokens: 20_000 }.arguments().join(" "),
            "--turns 0 --tool Bash --input {\"command\":\"true {n}\"} --tokens 20000 --seconds 1800"
        );
    }
}
