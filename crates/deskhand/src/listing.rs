//! Lists and reports: tasks, one task, readiness.

use std::io::Write as _;
use std::time::{SystemTime, UNIX_EPOCH};

use api_types::{LedgerLine, LedgerVerdict};
use event::{Ending, PlanState, TaskId, Timestamp};
use store::{Query, Shelf};
use view::{Lines, TaskState, View, visible};

use crate::complaint::{Complaint, Exit};
use crate::host::Host;
use crate::screen::closed;
use crate::terminal::{Paint, approval_card, question_card};
use crate::words::{ago, columns, size, tokens, wrapped};

/// Prints one line.
pub(crate) fn say(line: &str) -> Result<Exit, Complaint> {
    print(line)?;
    Ok(Exit::Done)
}

pub(crate) fn print(line: &str) -> Result<(), Complaint> {
    writeln!(std::io::stdout(), "{line}").map_err(closed)
}

pub(crate) fn print_json(value: &impl serde::Serialize) -> Result<(), Complaint> {
    let line = serde_json::to_string(value).map_err(|error| closed(error.into()))?;
    print(&line)
}

/// The word and sign of a state; never colour alone.
fn state(state: TaskState, paint: Paint) -> String {
    match state {
        TaskState::New => paint.dim("· new"),
        TaskState::Working => paint.bold("▶ working"),
        TaskState::NeedsYou => paint.yellow("? needs you"),
        TaskState::Paused => paint.yellow("⏸ paused"),
        TaskState::Done => paint.green("✓ done"),
        TaskState::Stopped => paint.dim("■ stopped"),
        TaskState::Failed => paint.red("✗ failed"),
    }
}

/// `deskhand tasks`.
pub(crate) fn tasks(host: &Host, search: Option<String>, limit: usize, json: bool) -> Result<Exit, Complaint> {
    let found = host.recents(Query { text: search, shelf: Shelf::All, limit, offset: 0 })?;
    let paint = Paint::for_stdout();
    let now = now();
    for task in &found {
        if json {
            print_json(task)?;
            continue;
        }
        let plan = if task.total > 0 { format!("{} of {}", task.done, task.total) } else { String::new() };
        let title = visible(&task.title, Lines::Escape);
        let word = state(task.state, paint);
        print(&format!("{}  {word:<14} {plan:<8} {title}  {}", task.id, paint.dim(&ago(now, task.changed_at))))?;
    }
    if found.is_empty() && !json {
        print("no tasks")?;
    }
    Ok(Exit::Done)
}

/// `deskhand show`.
pub(crate) fn show(host: &Host, task: TaskId, json: bool) -> Result<Exit, Complaint> {
    let view = host.view(task)?;
    if json {
        print_json(&view)?;
        return Ok(Exit::Done);
    }
    let paint = Paint::for_stdout();
    print(&format!("{}  {}", paint.bold(&visible(&view.title, Lines::Escape)), state(view.state, paint)))?;
    for line in facts(&view) {
        print(&format!("  {}", visible(&line, Lines::Escape)))?;
    }
    show_plan(&view, paint)?;
    show_files(host, task, &view, paint)?;
    for approval in &view.approvals {
        print(&approval_card(approval, paint))?;
        print(
            &paint.dim(&format!(
                "  answer with: deskhand approve {task} {0}   or: deskhand deny {task} {0}",
                approval.id
            )),
        )?;
    }
    for (_, questions) in &view.questions {
        for (number, question) in questions.iter().enumerate() {
            print(&question_card(number, questions.len(), question, paint))?;
        }
        print(&paint.dim(&format!("  answer with: deskhand answer {task} ANSWER…")))?;
    }
    if !view.last_text.is_empty() {
        let shown = wrapped(&visible(view.last_text.trim(), Lines::Keep), columns());
        print(&format!("\n{shown}"))?;
    }
    Ok(Exit::Done)
}

fn facts(view: &View) -> Vec<String> {
    let mode = format!("{:?}", view.mode).to_lowercase();
    let mut lines = vec![format!("task {} · {} · mode {mode}", view.task, view.model)];
    for folder in &view.folders {
        let right = match folder.access {
            event::Access::ReadOnly => "read-only",
            event::Access::ReadWrite => "read and write",
        };
        lines.push(format!("folder {} ({right})", folder.path));
    }
    if let Some(tier) = view.tier {
        let less = if view.folders_read_only && !view.folders.is_empty() {
            "; they read the folders and cannot change them"
        } else {
            ""
        };
        lines.push(format!("commands run in tier {tier}{less}"));
    }
    lines.push(format!(
        "{} turns, {} steps, {} tokens read, {} written",
        view.turn,
        view.steps,
        tokens(view.usage.context()),
        tokens(view.usage.output)
    ));
    if let Some((message, hint)) = &view.paused {
        lines.push(format!("paused: {message} (hint: {hint})"));
    }
    if let Some(Ending::Failed { message, hint, .. }) = &view.ending {
        lines.push(format!("failed: {message} (hint: {hint})"));
    }
    for grant in &view.grants {
        lines.push(format!("allowed ({}): {}", grant.id, policy::in_words(&grant.allows)));
    }
    for tool in &view.withdrawn {
        lines.push(format!("{} is not available: {} (hint: {})", tool.tool, tool.reason, tool.hint));
    }
    lines
}

fn show_plan(view: &View, paint: Paint) -> Result<(), Complaint> {
    if view.progress.total == 0 {
        return Ok(());
    }
    print(&paint.bold(&format!("\nPlan: {} of {}", view.progress.done, view.progress.total)))?;
    for item in &view.progress.items {
        let sign = match item.state {
            PlanState::Done => paint.green("✓"),
            PlanState::Active => paint.bold("▶"),
            PlanState::Pending => paint.dim("○"),
        };
        print(&format!("  {sign} {}", visible(&item.text, Lines::Escape)))?;
    }
    Ok(())
}

fn show_files(host: &Host, task: TaskId, view: &View, paint: Paint) -> Result<(), Complaint> {
    if view.outputs.is_empty() && view.changed.is_empty() {
        return Ok(());
    }
    let desk = host.desk(task).ok();
    let real = |path: &str| {
        desk.as_ref()
            .and_then(|desk| desk.host_path(path))
            .map_or_else(|| path.to_owned(), |path| path.display().to_string())
    };
    print(&paint.bold("\nFiles"))?;
    for card in &view.outputs {
        print(&format!("  {}  {}", visible(&real(&card.path), Lines::Escape), paint.dim(&size(card.bytes))))?;
    }
    for change in &view.changed {
        let word = match change.kind {
            event::ChangeKind::Made => "made",
            event::ChangeKind::Changed => "changed",
            event::ChangeKind::Deleted => "deleted",
        };
        print(&format!("  {}  {}", visible(&real(&change.path), Lines::Escape), paint.dim(word)))?;
    }
    Ok(())
}

/// `deskhand ledger`.
pub(crate) fn ledger(host: &Host, task: TaskId, json: bool) -> Result<Exit, Complaint> {
    let lines = LedgerLine::last_of(&host.ledger(task)?, usize::MAX);
    if json {
        lines.iter().try_for_each(print_json)?;
        return Ok(Exit::Done);
    }
    let paint = Paint::for_stdout();
    let now = now();
    for LedgerLine { at, host, port, verdict, rule, bytes_up, bytes_down, open, .. } in &lines {
        let sign = match verdict {
            LedgerVerdict::Allowed => paint.green("✓ allowed"),
            LedgerVerdict::Refused => paint.red("✗ refused"),
        };
        let open = if *open { " · open, or cut off when Deskhand ended" } else { "" };
        // What is open has not been counted; what was cut later has.
        let counted = *verdict == LedgerVerdict::Allowed && open.is_empty();
        let moved = match (bytes_up, bytes_down) {
            (0, 0) if !counted => String::new(),
            (up, down) => format!(" · {} sent, {} received", size(*up), size(*down)),
        };
        let what = visible(&format!("{host}:{port}"), Lines::Escape);
        let detail = visible(&format!("{rule}{open}{moved} · {}", ago(now, *at)), Lines::Escape);
        print(&format!("{sign}  {what}  {}", paint.dim(&detail)))?;
    }
    if lines.is_empty() {
        print("no connections")?;
    }
    Ok(Exit::Done)
}

pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// `deskhand index rebuild`.
pub(crate) fn rebuild(host: &Host) -> Result<Exit, Complaint> {
    let damage = host.store().rebuild_index()?;
    let tasks = host.store().tasks()?.len();
    for place in &damage {
        let task = place.task.map(|task| format!("task {task}, ")).unwrap_or_default();
        let line = format!("damaged: {task}{} line {}: {}", place.path.display(), place.line, place.what);
        print(&visible(&line, Lines::Escape))?;
    }
    print(&format!("index rebuilt from {tasks} task folders, {} damaged places", damage.len()))?;
    Ok(if damage.is_empty() { Exit::Done } else { Exit::Failed })
}

/// `deskhand doctor`.
pub(crate) async fn doctor(host: &Host, json: bool) -> Result<Exit, Complaint> {
    let checks = host.doctor().await?;
    let paint = Paint::for_stdout();
    for check in &checks {
        if json {
            print_json(check)?;
            continue;
        }
        let sign = if check.ok { paint.green("ok  ") } else { paint.red("FAIL") };
        print(&format!("{sign} {}: {}", check.name, visible(&check.detail, Lines::Escape)))?;
        if let Some(hint) = &check.hint {
            print(&format!("     hint: {}", visible(hint, Lines::Escape)))?;
        }
    }
    Ok(if checks.iter().all(|check| check.ok) { Exit::Done } else { Exit::Failed })
}
