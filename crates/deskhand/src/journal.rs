//! `deskhand journal`: what the old contents that Undo needs cost, and giving them up.

use std::io::{BufRead as _, Write as _};

use api_types::{JournalTask, JournalUsage};
use view::{Lines, visible};

use crate::complaint::{Complaint, Exit};
use crate::host::Host;
use crate::keyboard::Keyboard;
use crate::listing::{now, print, print_json};
use crate::screen::closed;
use crate::terminal::Paint;
use crate::words::ago;

/// Shows the tasks that have some, the largest first, and all of it together.
pub(crate) async fn show(host: &Host, json: bool) -> Result<Exit, Complaint> {
    let usage = host.journal().await?;
    if json {
        print_json(&usage)?;
        return Ok(Exit::Done);
    }
    let paint = Paint::for_stdout();
    let now = now();
    for JournalTask { task, title, bytes, oldest } in &usage.tasks {
        let title = visible(title.as_deref().unwrap_or_default(), Lines::Escape);
        let since = oldest.map(|oldest| format!("oldest {}", ago(now, oldest))).unwrap_or_default();
        print(&format!("{task}  {:>10}  {title}  {}", app::size_kept(*bytes), paint.dim(&since)))?;
    }
    print(&paint.bold(&app::journal_in_words(&usage)))?;
    Ok(Exit::Done)
}

/// Gives up what a task has, or every task where none is named; asks first.
pub(crate) async fn empty(host: &Host, id: &str, all: bool, yes: bool) -> Result<Exit, Complaint> {
    let usage = host.journal().await?;
    let chosen = chosen(host, &usage, id, all)?;
    if chosen.is_empty() {
        print("nothing is kept for Undo there")?;
        return Ok(Exit::Done);
    }
    let bytes = app::size_kept(chosen.iter().map(|task| task.bytes).sum());
    let what = match chosen.as_slice() {
        [only] => format!("task {}", only.task),
        several => format!("{} tasks", several.len()),
    };
    if !yes && !agreed(&what, &bytes)? {
        print("nothing was given up")?;
        return Ok(Exit::Stopped);
    }
    let mut freed = 0;
    let mut exit = Exit::Done;
    for task in chosen {
        match host.empty_journal(task.task).await {
            Ok(gone) => freed += gone.bytes,
            // One that is at work stays as it is; the others are not kept for it.
            Err(complaint) => {
                complaint.print();
                exit = Exit::Failed;
            }
        }
    }
    print(&format!("{} given up", app::size_kept(freed)))?;
    Ok(exit)
}

fn chosen(host: &Host, usage: &JournalUsage, id: &str, all: bool) -> Result<Vec<JournalTask>, Complaint> {
    match (id, all) {
        ("", true) => Ok(usage.tasks.clone()),
        ("", false) => Err(Complaint::usage("no task is named", "name a task, or say --all")),
        (_, true) => Err(Complaint::usage("a task and --all are both there", "name a task, or say --all")),
        (id, false) => {
            let task = host.resolve(id)?;
            Ok(usage.tasks.iter().filter(|kept| kept.task == task).cloned().collect())
        }
    }
}

/// Asks at the terminal; only a clear yes is one.
fn agreed(what: &str, bytes: &str) -> Result<bool, Complaint> {
    if !Keyboard::is_there() {
        let message = "giving up what Undo needs cannot be taken back, and nobody can be asked here";
        return Err(Complaint::usage(message, "add --yes"));
    }
    let mut out = std::io::stdout();
    write!(out, "Give up {bytes} kept for Undo of {what}? What was done so far cannot be undone then. [y/N] ")
        .and_then(|()| out.flush())
        .map_err(closed)?;
    let mut line = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut line)
        .map_err(|error| Complaint::failed(format!("cannot read the answer: {error}"), "add --yes"))?;
    Ok(matches!(line.trim().to_lowercase().as_str(), "y" | "yes"))
}
