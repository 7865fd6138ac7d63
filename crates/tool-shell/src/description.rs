//! What the model reads about the tool: part of the product, capped by a test.

use event::Json;
use serde::Deserialize;
use serde_json::json;
use tool::{Reach, ToolSpec};

/// Seconds a command gets where the call does not say.
pub(crate) const DEFAULT_SECONDS: u64 = 120;
/// Seconds a command can get at most.
pub(crate) const MOST_SECONDS: u64 = 3600;

/// A call's input.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Input {
    pub(crate) command: String,
    #[serde(default)]
    pub(crate) timeout_seconds: Option<u64>,
}

/// What commands reach beyond this computer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Online {
    /// Hosts that are allowed, through the gate.
    Gate,
    /// Nothing.
    No,
}

const BEGINNING: &str = "\
Runs a command with bash in this task's isolated machine.
- It sees the granted folders at /work/<name>, /outputs (put finished files there) and /uploads (read-only).
- Starts in the first folder, without one in /outputs. Files stay between calls; the working directory, variables and \
background processes do not. Only /work and /outputs are kept for good.
- Files in /work can be read, changed and renamed; programs that save by renaming (sed -i, git) work. Deleting what \
the user had makes the command wait while the user is asked; a refusal fails with \"Operation not permitted\": do not \
work around it. Everything done to files can be undone.
";

const GATE: &str = "\
- The network goes through a proxy (HTTP_PROXY is set); a host that is not allowed makes the user be asked.
";

const OFFLINE: &str = "\
- No network.
";

const END: &str = "\
- To look at files prefer Read, Glob and Grep; to change them Write and Edit.
- Quote paths with spaces. There is no terminal and no input: use flags such as -y.
- stdout and stderr come back together, beyond 30,000 bytes cut in the middle: send long output to a file in /tmp and \
read parts of it.
- Ends after timeout_seconds (120, at most 3600); time in which the user is asked does not count.";

/// How the model sees the tool.
pub(crate) fn spec(online: Online) -> ToolSpec {
    let input = json!({
        "type": "object",
        "properties": {
            "command": {"type": "string", "description": "The command"},
            "description": {"type": "string", "description": "What it does in 5-10 words, shown to the user"},
            "timeout_seconds": {"type": "integer", "minimum": 1, "maximum": MOST_SECONDS}
        },
        "required": ["command"]
    });
    let network = match online {
        Online::Gate => GATE,
        Online::No => OFFLINE,
    };
    ToolSpec {
        name: "Bash",
        description: [BEGINNING, network, END].concat(),
        input: Json::of(&input).unwrap_or_else(|_| Json::empty_object()),
        reach: Reach::Changes,
    }
}
