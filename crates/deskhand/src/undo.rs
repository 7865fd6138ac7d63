//! `deskhand undo`: first what would happen, then doing it.

use std::io::Write as _;

use event::{Command, TaskId, UndoSelection, Wish};
use view::{Lines, visible};

use crate::complaint::{Complaint, Exit};
use crate::follow::new_command_id;
use crate::host::Host;
use crate::screen::closed;
use crate::terminal::Paint;

/// Shows the steps and carries them out, conflicts left alone.
pub(crate) async fn undo(
    host: &Host,
    task: TaskId,
    mut selection: UndoSelection,
    dry_run: bool,
) -> Result<Exit, Complaint> {
    if let Some(path) = &selection.path {
        // A path may be given as the user sees it or as the model knows it; where the user stands decides the rest.
        let seen = std::path::absolute(path).unwrap_or_else(|_| path.into());
        if seen.exists() {
            selection.path = Some(seen.to_string_lossy().into_owned());
        }
    }
    let steps = host.plan_undo(task, &selection)?;
    let paint = Paint::for_stdout();
    let desk = host.desk(task).ok();
    let mut out = std::io::stdout();
    for step in &steps {
        let path = desk
            .as_ref()
            .and_then(|desk| desk.host_path(&step.path))
            .map_or_else(|| step.path.clone(), |path| path.display().to_string());
        let path = visible(&path, Lines::Escape);
        match &step.conflict {
            Some(why) => {
                let why = visible(why, Lines::Escape);
                writeln!(out, "  {} {path}: left alone, {why}", paint.yellow("!"))
            }
            None => writeln!(out, "  {} {path}: {}", paint.green("↩"), step.action),
        }
        .map_err(closed)?;
    }
    let conflicts = steps.iter().filter(|step| step.conflict.is_some()).count();
    let restored = steps.len() - conflicts;
    let verdict = |word: &str| match (restored, conflicts) {
        (0, 0) => "nothing to undo".to_owned(),
        (_, 0) => format!("{restored} {word}"),
        _ => format!("{restored} {word}, {conflicts} left alone because you changed them since"),
    };
    if dry_run {
        writeln!(out, "{}", verdict("would be undone")).map_err(closed)?;
        return Ok(Exit::Done);
    }
    if restored > 0 {
        host.command(task, Command { id: new_command_id(), wish: Wish::Undo { selection } }).await?;
        host.settle(task).await;
    }
    writeln!(out, "{}", verdict("undone")).map_err(closed)?;
    if restored > 0 {
        writeln!(out, "{}", paint.dim(&format!("take it back with: deskhand undo {task} --redo"))).map_err(closed)?;
    }
    Ok(if conflicts > 0 { Exit::Failed } else { Exit::Done })
}
