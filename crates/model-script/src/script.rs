//! The YAML form of a Script.
//!
//! ```yaml
//! pace_ms: 5                     # optional: milliseconds between words
//! replies:
//!   - text: I look at the folder first.
//!     calls:
//!       - id: names              # optional: to quote the result later
//!         tool: Glob
//!         input: { pattern: "*.csv" }
//!   - expect: { contains: [seattle.csv] }
//!     text: "Found: {{names}}"
//!   - when: { contains: [Fahrenheit] }   # played only if the last message says so, skipped otherwise
//!     text: Converting.
//! ```

use std::path::{Path, PathBuf};

use serde::Deserialize;

/// A Script cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ScriptError {
    /// The file cannot be read.
    #[error("cannot read Script `{path}`: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is not a Script.
    #[error("Script `{path}` is malformed: {what}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong, with line and column where known.
        what: String,
    },
}

impl ScriptError {
    /// The one next step for the user.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Read { .. } => "check the path after --script",
            Self::Malformed { .. } => "compare it with examples/weather-report/script.yaml",
        }
    }
}

/// A whole Script.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// Milliseconds between words, to be watched; 0 plays at once.
    #[serde(default)]
    pub pace_ms: u64,
    /// Tokens that are said to fit, for trying compaction.
    #[serde(default)]
    pub context_tokens: Option<u64>,
    /// The replies in order.
    pub replies: Vec<ScriptReply>,
}

/// One reply.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScriptReply {
    /// Played only where the last message fits; skipped otherwise.
    #[serde(default)]
    pub when: Option<Expect>,
    /// What the last message must say; the Script fails where it does not.
    #[serde(default)]
    pub expect: Option<Expect>,
    /// What the model says; may quote results as `{{id}}` or one line of them as `{{id:key}}`.
    #[serde(default)]
    pub text: String,
    /// The tools it calls.
    #[serde(default)]
    pub calls: Vec<ScriptCall>,
}

/// A condition on the last message sent to the model (all of its text and results).
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// Every one of these stands in it.
    #[serde(default)]
    pub contains: Vec<String>,
    /// None of these stands in it.
    #[serde(default)]
    pub lacks: Vec<String>,
}

/// One tool call.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScriptCall {
    /// A name to quote the result by.
    #[serde(default)]
    pub id: Option<String>,
    /// The tool.
    pub tool: String,
    /// Its input; texts in it may quote results.
    #[serde(default)]
    pub input: serde_json::Value,
}

impl Script {
    /// Reads a Script from a file.
    pub fn open(path: &Path) -> Result<Self, ScriptError> {
        let text =
            std::fs::read_to_string(path).map_err(|source| ScriptError::Read { path: path.to_owned(), source })?;
        Self::parse(&text).map_err(|what| ScriptError::Malformed { path: path.to_owned(), what })
    }

    /// Reads a Script from text.
    pub fn parse(text: &str) -> Result<Self, String> {
        let script: Self = serde_saphyr::from_str(text).map_err(|error| error.to_string())?;
        if script.replies.is_empty() {
            return Err("it has no replies".to_owned());
        }
        if let Some(id) = script.id_used_twice() {
            return Err(format!("the id `{id}` is used twice"));
        }
        Ok(script)
    }
}

impl Script {
    /// An id that two calls have and that can both be made: replies with `when` stand in for each other and may share.
    fn id_used_twice(&self) -> Option<&str> {
        let mut certain = std::collections::HashSet::new();
        for reply in &self.replies {
            let mut here = std::collections::HashSet::new();
            for id in reply.calls.iter().filter_map(|call| call.id.as_deref()) {
                let taken = !here.insert(id) || (reply.when.is_none() && !certain.insert(id));
                if taken {
                    return Some(id);
                }
            }
        }
        None
    }
}

impl Expect {
    /// Says what does not fit; none where everything does.
    pub fn mismatch(&self, said: &str) -> Option<String> {
        if let Some(missing) = self.contains.iter().find(|wanted| !said.contains(wanted.as_str())) {
            return Some(format!("expected `{missing}` in what it was sent"));
        }
        self.lacks
            .iter()
            .find(|unwanted| said.contains(unwanted.as_str()))
            .map(|found| format!("did not expect `{found}` in what it was sent"))
    }
}
