//! The example where nobody can answer (CI, a pipe): takes the first choice and allows what is asked, saying so.

use std::path::Path;
use std::process::{Command, ExitStatus};

use anyhow::{Context, Result, bail};

/// What `deskhand` exits with when it waits for an answer that nobody can give.
const WAITING: i32 = 4;
/// Answers the example needs at most; more would mean that it goes round in circles.
const MOST_ANSWERS: u32 = 20;

/// Answers until the task is done. `deskhand` makes a command with the example's environment; `task` is the task's
/// folder, whose name ends with its id.
pub(crate) fn answer(deskhand: impl Fn() -> Command, first: ExitStatus, task: &Path) -> Result<ExitStatus> {
    let name = task.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let id = name.rsplit('-').next().unwrap_or_default().to_owned();
    let mut status = first;
    for _ in 0..MOST_ANSWERS {
        if status.code() != Some(WAITING) {
            return Ok(status);
        }
        let shown = deskhand().args(["show", &id, "--json"]).output().context("cannot run `deskhand show`")?;
        let view: serde_json::Value = serde_json::from_slice(&shown.stdout).context("cannot read `deskhand show`")?;
        let questions = view["questions"][0][1].as_array().map_or(0, Vec::len);
        let mut command = deskhand();
        if questions > 0 {
            println!("\n(no terminal: taking the first choice)");
            command.args(["answer", &id]).args(vec!["1"; questions]);
        } else {
            println!("\n(no terminal: allowing this for the example task)");
            command.args(["approve", &id, "--scope", "task"]);
        }
        status = command.status().context("cannot start `deskhand`")?;
    }
    bail!("the example still waits after {MOST_ANSWERS} answers")
}
