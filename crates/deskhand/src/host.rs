//! Where tasks are worked on: in the daemon that runs, or in this process.
//!
//! Reading needs no lease and is always done here; whatever changes a task goes to the one process that holds it.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use api::client::{Client, ClientError, Lines, StreamLine};
use api_types::{Base64, Check, Code, FolderRequest, JournalFreed, JournalUsage, NewTaskRequest, SayRequest, Upload};
use app::{App, Directories, Environment};
use event::{Command, Limits, Mode, Seq, TaskId, UndoSelection};
use futures_util::stream::{self, BoxStream, TryStreamExt as _};
use store::{Query, Signal, Store, Summary};
use tasks::{AttachmentSource, End, NewTask};
use tool::{Desk, UndoStep};
use view::View;

use crate::complaint::{Complaint, Exit};
use crate::follow::new_command_id;

/// The organisation's rules.
pub(crate) const POLICY_FILE: &str = "/etc/deskhand/policy.toml";
/// How long the last flush of a task may take when the program ends.
const LAST_FLUSH: Duration = Duration::from_secs(10);

/// A task's events from a sequence on, then live.
pub(crate) type Watched = BoxStream<'static, Result<Signal, Complaint>>;

/// Where tasks are worked on.
pub(crate) struct Host {
    app: App,
    daemon: Option<Client>,
}

/// Deskhand in this process.
pub(crate) fn open_app() -> Result<App, Complaint> {
    app::allow_many_files();
    let variable = |name: &str| std::env::var(name).ok();
    let executable = std::env::current_exe()
        .map_err(|error| Complaint::failed(format!("cannot find this program's own file: {error}"), ""))?;
    Ok(App::open(Environment {
        directories: Directories::from_environment(variable),
        variable: Box::new(variable),
        executable,
        policy_file: POLICY_FILE.into(),
    })?)
}

impl From<ClientError> for Complaint {
    fn from(error: ClientError) -> Self {
        let hint = error.hint().to_owned();
        let exit = match &error {
            ClientError::Refused { body, .. } => match body.code {
                Code::FolderRefused | Code::Attachment | Code::NoTask | Code::Script => Exit::Usage,
                _ => Exit::Failed,
            },
            _ => Exit::Failed,
        };
        Self { message: error.to_string(), hint, exit }
    }
}

impl Host {
    /// The daemon where one answers, this process otherwise.
    pub(crate) async fn find() -> Result<Self, Complaint> {
        let app = open_app()?;
        let daemon = Client::connect_socket(&app.directories.socket).await.ok();
        Ok(Self { app, daemon })
    }

    /// The store, for reading and archives.
    pub(crate) fn store(&self) -> &Arc<dyn Store> {
        &self.app.store
    }

    /// The mode for new tasks.
    pub(crate) fn default_mode(&self) -> Mode {
        self.app.config().default_mode
    }

    /// The instructions for new tasks.
    pub(crate) fn instructions(&self) -> String {
        self.app.config().instructions.clone()
    }

    /// The limits for new tasks.
    pub(crate) fn limits(&self) -> Limits {
        self.app.config().limits()
    }

    /// Finds the task a person means by the beginning of its id.
    pub(crate) fn resolve(&self, id: &str) -> Result<TaskId, Complaint> {
        if let Ok(task) = TaskId::parse(id) {
            return Ok(task);
        }
        let beginning = id.to_ascii_lowercase();
        let fits: Vec<TaskId> =
            self.app.store.tasks()?.into_iter().filter(|task| task.as_str().starts_with(&beginning)).collect();
        match fits.as_slice() {
            [only] if !beginning.is_empty() => Ok(*only),
            [] => Err(Complaint::usage(format!("there is no task `{id}`"), "list tasks with `deskhand tasks`")),
            several => Err(Complaint::usage(
                format!("`{id}` fits {} tasks", several.len()),
                "type more of the id; `deskhand tasks` lists them",
            )),
        }
    }

    /// Makes a task and starts it.
    pub(crate) async fn create(&self, new: NewTask) -> Result<TaskId, Complaint> {
        let Some(daemon) = &self.daemon else { return Ok(self.app.tasks.create(new).await?) };
        let folders = new.folders.into_iter().map(|wish| FolderRequest { path: wish.path, access: wish.access });
        let request = NewTaskRequest {
            id: new.command.unwrap_or_else(new_command_id),
            prompt: new.prompt,
            folders: folders.collect(),
            attachments: uploads(&new.attachments)?,
            mode: Some(new.mode),
            model: new.model,
            effort: new.effort,
            instructions: Some(new.instructions),
            limits: Some(new.limits),
            project: new.project,
            tier: new.tier,
        };
        Ok(daemon.create(&request).await?.id)
    }

    /// Follows a command.
    pub(crate) async fn command(&self, task: TaskId, command: Command) -> Result<Seq, Complaint> {
        match &self.daemon {
            Some(daemon) => Ok(daemon.command(task, &command).await?.seq),
            None => Ok(self.app.tasks.command(task, command).await?),
        }
    }

    /// Says something, with files.
    pub(crate) async fn say(&self, task: TaskId, text: String, files: Vec<AttachmentSource>) -> Result<Seq, Complaint> {
        match &self.daemon {
            Some(daemon) => {
                let say = SayRequest { id: new_command_id(), text, attachments: uploads(&files)? };
                Ok(daemon.say(task, &say).await?.seq)
            }
            None => Ok(self.app.tasks.say(task, new_command_id(), text, &files).await?),
        }
    }

    /// A task's events after a sequence, then live.
    ///
    /// It ends where the daemon does; a watch in this process has no end.
    pub(crate) async fn watch(&self, task: TaskId, after: Seq) -> Result<Watched, Complaint> {
        let Some(daemon) = &self.daemon else {
            return Ok(Box::pin(self.app.tasks.watch(task, after)?.map_err(Complaint::from)));
        };
        let lines = daemon.stream(task, after).await?;
        Ok(Box::pin(stream::unfold(lines, next_signal)))
    }

    /// What a screen shows of a task.
    pub(crate) fn view(&self, task: TaskId) -> Result<View, Complaint> {
        Ok(self.app.tasks.view(task)?)
    }

    /// The task's places.
    pub(crate) fn desk(&self, task: TaskId) -> Result<Desk, Complaint> {
        Ok(self.app.tasks.desk(task)?)
    }

    /// Recents and search.
    pub(crate) fn recents(&self, query: Query) -> Result<Vec<Summary>, Complaint> {
        Ok(self.app.tasks.recents(&query)?)
    }

    /// The task's ledger as it stands in its file.
    pub(crate) fn ledger(&self, task: TaskId) -> Result<String, Complaint> {
        Ok(self.app.tasks.ledger(task)?)
    }

    /// What the old contents that Undo needs cost.
    pub(crate) async fn journal(&self) -> Result<JournalUsage, Complaint> {
        Ok(self.app.journal_usage().await?)
    }

    /// Gives up all old contents of a task. Whoever works on the task has its lease, so this needs no daemon.
    pub(crate) async fn empty_journal(&self, task: TaskId) -> Result<JournalFreed, Complaint> {
        Ok(self.app.empty_journal(task).await?)
    }

    /// Nobody can be asked at this terminal while a command runs; where the daemon works on the task, other doors can.
    pub(crate) fn nobody_answers(&self) {
        if self.daemon.is_none() {
            self.app.tasks.nobody_answers();
        }
    }

    /// What an Undo would do.
    pub(crate) fn plan_undo(&self, task: TaskId, selection: &UndoSelection) -> Result<Vec<UndoStep>, Complaint> {
        Ok(self.app.tasks.plan_undo(task, selection)?)
    }

    /// The readiness checks.
    pub(crate) async fn doctor(&self) -> Result<Vec<Check>, Complaint> {
        Ok(self.app.doctor().await)
    }

    /// Waits until a task in this process has nothing more to do; for ever where the daemon has it.
    pub(crate) async fn ended(&self, task: TaskId) -> End {
        match &self.daemon {
            Some(_) => std::future::pending().await,
            None => self.app.tasks.ended(task).await,
        }
    }

    /// Waits for the last flush of a task in this process.
    pub(crate) async fn settle(&self, task: TaskId) {
        if self.daemon.is_none() {
            // A disk that takes longer is not waited for: everything is written, only not flushed.
            let _slow = tokio::time::timeout(LAST_FLUSH, self.app.tasks.ended(task)).await;
        }
    }

    /// Ends what runs in this process; it goes on when the task is opened again.
    pub(crate) async fn close(&self) {
        if self.daemon.is_none() {
            self.app.tasks.close().await;
        }
    }
}

async fn next_signal(mut lines: Lines) -> Option<(Result<Signal, Complaint>, Lines)> {
    let signal = match lines.next().await? {
        Ok(StreamLine::Event { event, .. }) => Ok(Signal::Event(Arc::from(event))),
        Ok(StreamLine::Delta(delta)) => Ok(Signal::Delta(Arc::new(delta))),
        Err(ClientError::Broken(_)) => return None,
        Err(error) => Err(error.into()),
    };
    Some((signal, lines))
}

fn uploads(files: &[AttachmentSource]) -> Result<Vec<Upload>, Complaint> {
    files
        .iter()
        .map(|file| match file {
            AttachmentSource::Bytes { name, bytes } => {
                Ok(Upload { name: name.clone(), content_base64: Base64(bytes.clone()) })
            }
            AttachmentSource::Path(path) => {
                let bytes = std::fs::read(path).map_err(|error| {
                    Complaint::usage(format!("cannot attach `{}`: {error}", path.display()), "check the path")
                })?;
                Ok(Upload { name: name_of(path), content_base64: Base64(bytes) })
            }
        })
        .collect()
}

fn name_of(path: &Path) -> String {
    path.file_name().map_or_else(|| "file".to_owned(), |name| name.to_string_lossy().into_owned())
}
