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
    #[serde(default)]
    pub(crate) may_delete: bool,
}

const DESCRIPTION: &str = "\
Runs a command with bash in this task's isolated machine.
- No network. It sees the granted folders at /work/<name>, /outputs (put finished files there) and /uploads (read-only).
- Starts in the first folder, without one in /outputs. Files stay between calls; the working directory, variables and \
background processes do not. Only /work and /outputs are kept for good.
- Files in /work can be read, made and overwritten. Deleting, renaming or moving them fails unless may_delete is true, \
which asks the user: set it only when the task needs it. Programs that save by renaming (sed -i, git) need it too; \
prefer to work in /tmp or /outputs.
- To look at files prefer Read, Glob and Grep; to change them Write and Edit.
- Quote paths with spaces. There is no terminal and no input: use flags such as -y.
- stdout and stderr come back together, beyond 30,000 bytes cut in the middle: send long output to a file in /tmp and \
read parts of it.
- Ends after timeout_seconds (120, at most 3600).";

/// How the model sees the tool.
pub(crate) fn spec() -> ToolSpec {
    let input = json!({
        "type": "object",
        "properties": {
            "command": {"type": "string", "description": "The command"},
            "description": {"type": "string", "description": "What it does in 5-10 words, shown to the user"},
            "timeout_seconds": {"type": "integer", "minimum": 1, "maximum": MOST_SECONDS},
            "may_delete": {"type": "boolean", "description": "Asks the user to allow deletion in /work"}
        },
        "required": ["command"]
    });
    ToolSpec {
        name: "Bash",
        description: DESCRIPTION.to_owned(),
        input: Json::of(&input).unwrap_or_else(|_| Json::empty_object()),
        reach: Reach::Changes,
    }
}
