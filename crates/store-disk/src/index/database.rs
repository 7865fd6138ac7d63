//! The index's SQL. Knows tables, not folders or logs.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use event::{TaskId, Timestamp};
use rusqlite::{Connection, ErrorCode, OptionalExtension, Row, TransactionBehavior, params, params_from_iter};
use store::{Query, Shelf, Summary};
use view::TaskState;

use super::words::{self, Folded};
use crate::disk::private;

/// One step of the schema each; `PRAGMA user_version` counts those done. Never edited, only added to.
const MIGRATIONS: [&str; 2] = [include_str!("001_tasks.sql"), include_str!("002_marks.sql")];
/// Bits of a row number in `search` that count the parts of one task.
const PART_BITS: u32 = 20;
/// Kibibytes of pages kept in memory.
const CACHE: i64 = 2048;
/// Words of a query that are looked for; more only narrow what is found already.
const MOST_WORDS: usize = 32;
/// Milliseconds to wait for another process that writes.
const BUSY: u64 = 5000;

/// Why the index could not be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(super) enum Trouble {
    /// SQLite said no.
    #[error("{0}")]
    Sqlite(#[from] rusqlite::Error),
    /// The system said no.
    #[error("cannot {action} `{path}`: {source}")]
    System { action: &'static str, path: PathBuf, source: std::io::Error },
    /// The file was made by a newer release.
    #[error("it was made by a newer release (version {0})")]
    Newer(i64),
}

impl Trouble {
    /// Whether the file is of no use and may be thrown away.
    pub(super) fn is_corrupt(&self) -> bool {
        match self {
            Self::Sqlite(error) => {
                matches!(error.sqlite_error_code(), Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt))
            }
            Self::System { .. } | Self::Newer(_) => false,
        }
    }
}

/// What the index knows of a task's folder.
pub(super) struct Known {
    pub(super) folder: String,
    pub(super) length: u64,
    pub(super) head: u64,
}

/// Whose word counts where several processes write the same task's row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unless {
    /// The writer of the task speaks: its word replaces every other.
    Never,
    /// The row is left alone unless it still stands at this event; none: unless there is no row.
    MovedFrom(Option<u64>),
}

/// A task to be written.
pub(super) struct Entry<'a> {
    pub(super) folder: &'a str,
    pub(super) folded: &'a mut Folded,
    /// Whether it was folded from the start, so that what the index has of it is replaced.
    pub(super) whole: bool,
    pub(super) unless: Unless,
    pub(super) told: Told<'a>,
}

/// What was told of a task before it is written.
pub(super) enum Told<'a> {
    /// This.
    Summary(&'a Summary),
    /// What its row says, if the row stands at this event; anything else was never told.
    RowAt(u64),
    /// What its row says, wherever it stands.
    Row,
}

/// What came of writing tasks.
#[derive(Default)]
pub(super) struct Written {
    /// Tasks that were left alone, because another process has written them meanwhile.
    pub(super) moved: Vec<TaskId>,
    /// Tasks whose summary is not the one that was told.
    pub(super) changed: Vec<Summary>,
}

/// An open index.
pub(super) struct Database {
    connection: Connection,
}

impl Database {
    /// Opens the index, making or migrating it.
    pub(super) fn open(path: &Path) -> Result<Self, Trouble> {
        // SQLite would make it readable for everybody; its side files take this one's permissions.
        private().write(true).create(true).truncate(false).open(path).map_err(|source| Trouble::System {
            action: "open",
            path: path.to_owned(),
            source,
        })?;
        let mut connection = Connection::open(path)?;
        connection.busy_timeout(std::time::Duration::from_millis(BUSY))?;
        connection.pragma_update(None, "journal_mode", "wal")?;
        connection.pragma_update(None, "synchronous", "normal")?;
        connection.pragma_update(None, "temp_store", "memory")?;
        connection.pragma_update(None, "cache_size", -CACHE)?;
        migrate(&mut connection)?;
        Ok(Self { connection })
    }

    /// Throws the file away.
    pub(super) fn delete(path: &Path) -> Result<(), Trouble> {
        for suffix in ["", "-wal", "-shm"] {
            let mut name = path.as_os_str().to_owned();
            name.push(suffix);
            let path = PathBuf::from(name);
            match std::fs::remove_file(&path) {
                Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                    return Err(Trouble::System { action: "remove", path, source });
                }
                Ok(()) | Err(_) => {}
            }
        }
        Ok(())
    }

    /// Empties every table.
    pub(super) fn empty(&mut self) -> Result<(), Trouble> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction
            .execute_batch("DROP TABLE IF EXISTS search; DROP TABLE IF EXISTS tasks; PRAGMA user_version = 0;")?;
        transaction.commit()?;
        migrate(&mut self.connection)
    }

    /// What is known of every task's folder.
    pub(super) fn known(&self) -> Result<HashMap<TaskId, Known>, Trouble> {
        let mut statement = self.connection.prepare_cached("SELECT id, folder, length, head FROM tasks")?;
        let rows = statement.query_map([], |row| {
            let (length, head): (i64, i64) = (row.get(2)?, row.get(3)?);
            Ok((id(row, 0)?, Known { folder: row.get(1)?, length: length as u64, head: head as u64 }))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Writes tasks, all or none.
    pub(super) fn write<'a>(&mut self, entries: impl IntoIterator<Item = Entry<'a>>) -> Result<Written, Trouble> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut written = Written::default();
        for entry in entries {
            let task = entry.folded.view.task;
            let stored = stored(&transaction, task)?;
            match entry.unless {
                Unless::MovedFrom(head) if head != stored.map(|stored| stored.head) => written.moved.push(task),
                Unless::MovedFrom(_) | Unless::Never => {
                    written.changed.extend(news_of(&transaction, &entry, stored)?);
                    write_one(&transaction, entry, stored)?;
                }
            }
        }
        transaction.commit()?;
        Ok(written)
    }

    /// Removes tasks and their words.
    pub(super) fn remove(&mut self, tasks: &[TaskId]) -> Result<(), Trouble> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for task in tasks {
            if let Some(stored) = stored(&transaction, *task)? {
                remove_words(&transaction, stored)?;
                transaction.prepare_cached("DELETE FROM tasks WHERE nr = ?1")?.execute([stored.number])?;
            }
        }
        Ok(transaction.commit()?)
    }

    /// Gives a task's folder its new name.
    pub(super) fn rename(&mut self, task: TaskId, folder: &str) -> Result<(), Trouble> {
        self.connection
            .prepare_cached("UPDATE tasks SET folder = ?2 WHERE id = ?1")?
            .execute(params![task.as_str(), folder])?;
        Ok(())
    }

    /// What is known of one task's folder.
    pub(super) fn known_of(&self, task: TaskId) -> Result<Option<Known>, Trouble> {
        let mut statement = self.connection.prepare_cached("SELECT folder, length, head FROM tasks WHERE id = ?1")?;
        let read = |row: &Row<'_>| {
            let (length, head): (i64, i64) = (row.get(1)?, row.get(2)?);
            Ok(Known { folder: row.get(0)?, length: length as u64, head: head as u64 })
        };
        Ok(statement.query_row([task.as_str()], read).optional()?)
    }

    /// Tasks that contain every word of the query, the newest change first.
    pub(super) fn recents(&self, query: &Query) -> Result<Vec<Summary>, Trouble> {
        let text = query.text.as_deref().unwrap_or_default();
        let mut words = words::tokens(text);
        if words.is_empty() && !text.trim().is_empty() {
            return Ok(Vec::new());
        }
        words.sort_unstable();
        words.dedup();
        words.truncate(MOST_WORDS);
        let each = format!(" AND nr IN (SELECT rowid >> {PART_BITS} FROM search WHERE search MATCH ?)");
        let limit = i64::try_from(query.limit).unwrap_or(i64::MAX);
        let offset = i64::try_from(query.offset).unwrap_or(i64::MAX);
        let sql = format!(
            "SELECT {SUMMARY} FROM tasks WHERE {}{} ORDER BY changed_at DESC, id DESC LIMIT {limit} OFFSET {offset}",
            on(query.shelf),
            each.repeat(words.len())
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map(params_from_iter(words.iter().map(|word| prefix(word))), summary)?;
        match rows.collect::<Result<_, _>>() {
            // A word that the index takes for several: it holds a letter newer than the index's tables.
            Err(error) if error.to_string().contains("phrase queries are not supported") => Ok(Vec::new()),
            summaries => Ok(summaries?),
        }
    }
}

fn migrate(connection: &mut Connection) -> Result<(), Trouble> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let done: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let left = usize::try_from(done).ok().and_then(|done| MIGRATIONS.get(done..)).ok_or(Trouble::Newer(done))?;
    for step in left {
        transaction.execute_batch(step)?;
    }
    if !left.is_empty() {
        transaction.pragma_update(None, "user_version", MIGRATIONS.len() as i64)?;
    }
    Ok(transaction.commit()?)
}

fn write_one(connection: &Connection, entry: Entry<'_>, stored: Option<Stored>) -> Result<(), Trouble> {
    let Entry { folder, folded, whole, .. } = entry;
    if whole && let Some(stored) = stored {
        remove_words(connection, stored)?;
    }
    let changed = folded.take_changed();
    let view = &folded.view;
    let number: i64 = connection
        .prepare_cached(
            "INSERT INTO tasks (id, folder, title, state, made_at, changed_at, done, total, project, head, length, part, \
             pinned, archived, unread) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15) ON CONFLICT (id) DO UPDATE SET \
             folder = ?2, title = ?3, state = ?4, made_at = ?5, changed_at = ?6, done = ?7, total = ?8, project = ?9, \
             head = ?10, length = ?11, part = ?12, pinned = ?13, archived = ?14, unread = ?15 RETURNING nr",
        )?
        .query_row(
            params![
                view.task.as_str(),
                folder,
                view.title,
                name_of(view.state),
                view.made_at.0,
                view.changed_at.0,
                view.progress.done,
                view.progress.total,
                view.project,
                view.head.0 as i64,
                folded.length as i64,
                folded.part,
                view.pinned,
                view.archived,
                view.unread,
            ],
            |row| row.get(0),
        )?;
    for (part, words) in changed {
        let row = (number << PART_BITS) | i64::from(part);
        connection
            .prepare_cached("INSERT OR REPLACE INTO search (rowid, words) VALUES (?1, ?2)")?
            .execute(params![row, words])?;
    }
    Ok(())
}

/// Where a task's row and words are.
#[derive(Clone, Copy)]
struct Stored {
    number: i64,
    part: u32,
    head: u64,
}

fn stored(connection: &Connection, task: TaskId) -> Result<Option<Stored>, Trouble> {
    let mut statement = connection.prepare_cached("SELECT nr, part, head FROM tasks WHERE id = ?1")?;
    let read =
        |row: &Row<'_>| Ok(Stored { number: row.get(0)?, part: row.get(1)?, head: row.get::<_, i64>(2)? as u64 });
    Ok(statement.query_row([task.as_str()], read).optional()?)
}

fn remove_words(connection: &Connection, stored: Stored) -> Result<(), Trouble> {
    let mut statement = connection.prepare_cached("DELETE FROM search WHERE rowid = ?1")?;
    for part in 0..=stored.part {
        statement.execute([(stored.number << PART_BITS) | i64::from(part)])?;
    }
    Ok(())
}

/// A word as a search for everything that begins with it. Letters and digits only, so nothing in it is an operator.
fn prefix(word: &str) -> String {
    format!("\"{word}\" *")
}

/// What a list shows of a task, in the order in which [`summary`] reads it.
const SUMMARY: &str = "id, title, state, made_at, changed_at, done, total, project, pinned, archived, unread";

/// Which rows stand on a shelf.
fn on(shelf: Shelf) -> &'static str {
    match shelf {
        Shelf::All => "true",
        Shelf::Current => "NOT archived",
        Shelf::Pinned => "pinned AND NOT archived",
        Shelf::Archived => "archived",
    }
}

/// A task's summary if it is not the one that was told.
fn news_of(connection: &Connection, entry: &Entry<'_>, stored: Option<Stored>) -> Result<Option<Summary>, Trouble> {
    let now = Summary::from(&entry.folded.view);
    let same = match (&entry.told, stored) {
        (Told::Summary(told), _) => **told == now,
        (Told::RowAt(head), Some(stored)) if stored.head != *head => false,
        (Told::RowAt(_) | Told::Row, Some(stored)) => {
            let mut statement = connection.prepare_cached(&format!("SELECT {SUMMARY} FROM tasks WHERE nr = ?1"))?;
            statement.query_row([stored.number], summary)? == now
        }
        (Told::RowAt(_) | Told::Row, None) => false,
    };
    Ok((!same).then_some(now))
}

fn summary(row: &Row<'_>) -> rusqlite::Result<Summary> {
    Ok(Summary {
        id: id(row, 0)?,
        title: row.get(1)?,
        state: state_of(&row.get::<_, String>(2)?),
        made_at: Timestamp(row.get(3)?),
        changed_at: Timestamp(row.get(4)?),
        done: row.get(5)?,
        total: row.get(6)?,
        project: row.get(7)?,
        pinned: row.get(8)?,
        archived: row.get(9)?,
        unread: row.get(10)?,
    })
}

fn id(row: &Row<'_>, column: usize) -> rusqlite::Result<TaskId> {
    let text: String = row.get(column)?;
    TaskId::parse(&text).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, Box::new(error))
    })
}

/// The stored word for a state.
fn name_of(state: TaskState) -> &'static str {
    match state {
        TaskState::New => "new",
        TaskState::Working => "working",
        TaskState::NeedsYou => "needs_you",
        TaskState::Paused => "paused",
        TaskState::Done => "done",
        TaskState::Stopped => "stopped",
        TaskState::Failed => "failed",
    }
}

/// The state of a stored word. Only words of [`name_of`] are stored.
fn state_of(name: &str) -> TaskState {
    match name {
        "working" => TaskState::Working,
        "needs_you" => TaskState::NeedsYou,
        "paused" => TaskState::Paused,
        "done" => TaskState::Done,
        "stopped" => TaskState::Stopped,
        "failed" => TaskState::Failed,
        _ => TaskState::New,
    }
}
