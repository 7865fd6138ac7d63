//! Live tasks: one runner each, started when a command comes and gone when it has nothing to do.

mod keeping;
mod revoking;

use std::collections::HashMap;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use engine::{Ended, Handle, Parts, SendError};
use event::{
    Actor, Answer, Attachment, Command, CommandId, Effect, Fact, Folder, Grant, GrantId, ModelRef, Scope, Seq, TaskId,
    UndoSelection, Wish,
};
use store::{Opened, Places, Query, StoreError, Summary, Watch};
use tokio::sync::{Mutex, watch};
use tool::{Desk, UndoStep};
use view::{TaskState, View};

use crate::{AttachmentSource, FolderWish, NewTask, Reach, StandingGrants, TaskError, new_task, title_of};

/// Who made a task, as its first event says.
const PROGRAM: &str = concat!("deskhand ", env!("CARGO_PKG_VERSION"));

/// Bytes of a ledger that are read, its last ones.
const LONGEST_LEDGER: u64 = 64 << 20;

/// How a live task ended, for whoever hosts it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// Its turn is over or paused.
    Quiet,
    /// Its events cannot be written: message and hint.
    Storage(String, String),
}

impl Registry {
    fn check_open(&self) -> Result<(), TaskError> {
        if self.closing { Err(TaskError::Closing) } else { Ok(()) }
    }

    /// The live runner of a task; one that has ended is forgotten.
    fn find(&mut self, task: TaskId) -> Option<Live> {
        let live = self.running.get(&task)?;
        if live.end.borrow().is_none() {
            return Some(live.clone());
        }
        self.running.remove(&task);
        None
    }

    fn spawn(&mut self, task: TaskId, handle: Handle, run: impl Future<Output = Ended> + Send + 'static) {
        let (told, end) = watch::channel(None);
        let runner = tokio::spawn(async move {
            let end = match run.await {
                Ended::Quiet => End::Quiet,
                Ended::Storage(error) => End::Storage(error.to_string(), error.hint().to_owned()),
            };
            told.send_replace(Some(end));
        });
        self.running.insert(task, Live { handle, end, stop: runner.abort_handle() });
    }
}

/// All tasks of an installation.
pub struct Tasks {
    parts: Arc<Parts>,
    standing: StandingGrants,
    live: Mutex<Registry>,
    /// Whether nobody can answer what comes up while a call runs.
    alone: AtomicBool,
}

/// What an approval allows beyond its task.
struct Lasting {
    effects: Vec<Effect>,
    folders: Vec<Folder>,
    reach: Reach,
}

#[derive(Default)]
struct Registry {
    running: HashMap<TaskId, Live>,
    closing: bool,
}

#[derive(Clone)]
struct Live {
    handle: Handle,
    end: watch::Receiver<Option<End>>,
    stop: tokio::task::AbortHandle,
}

impl Tasks {
    /// The tasks of one store. `home` is where standing permissions are kept.
    pub fn new(parts: Arc<Parts>, home: &Path) -> Self {
        Self { parts, standing: StandingGrants::new(home), live: Mutex::default(), alone: AtomicBool::new(false) }
    }

    /// The parts all tasks share.
    pub fn parts(&self) -> &Arc<Parts> {
        &self.parts
    }

    /// Tasks that are opened from here on have nobody who could answer while a call runs: this process shows them to
    /// nobody, and no other can reach them. What comes up is refused at once.
    pub fn nobody_answers(&self) {
        self.alone.store(true, Ordering::Relaxed);
    }

    /// Permissions given for folders.
    pub fn standing(&self) -> &StandingGrants {
        &self.standing
    }

    /// Makes a task and starts its first turn.
    pub async fn create(&self, new: NewTask) -> Result<TaskId, TaskError> {
        let random = (self.parts.clock.chance() * u64::MAX as f64) as u64;
        let task = new.task_id(random.to_le_bytes());
        if new.command.is_some() && self.is_made(task)? {
            return Ok(task);
        }
        let effort = engine::check_effort(new.effort.clone())?;
        engine::check_instructions(new.instructions.trim())?;
        let new = NewTask { effort, instructions: new.instructions.trim().to_owned(), ..new };
        let folders = self.check_folders(&new.folders)?;
        let model = match &new.model {
            Some(model) => model.clone(),
            None => self.parts.models.default_model().await.map_err(TaskError::Model)?,
        };
        // Asked for now, so that a wrong name or missing key is one clear error and not a paused task.
        self.parts.models.find(&model).map_err(TaskError::Model)?;
        check_readable(&new.attachments)?;
        let title = title_of(&new.prompt);
        let now = self.parts.clock.now();
        let mut log = match self.parts.store.create(task, &new_task::slug_of(&title), now) {
            // The same command came twice at once, or its first try ended in the middle.
            Err(StoreError::Exists(_)) if new.command.is_some() => {
                let opened = self.parts.store.open(task)?;
                if !opened.events.is_empty() {
                    return Ok(task);
                }
                opened.log
            }
            made => made?,
        };
        let places = log.places();
        let begun = attach(&places.uploads, &new.attachments)
            .and_then(|attachments| self.first_facts(new, attachments, (title, model, folders)))
            .and_then(|facts| Ok(log.append(now, facts)?));
        let events = begun.inspect_err(|_| {
            // Without a first event it is no task; one that stays behind costs only its space.
            let _left_behind = std::fs::remove_dir_all(&places.root);
        })?;
        let opened = Opened { log, events, draft: String::new(), cut: 0 };
        let mut registry = self.live.lock().await;
        self.host(&mut registry, task, opened)?;
        Ok(task)
    }

    /// What stands at the beginning of a log.
    fn first_facts(
        &self,
        new: NewTask,
        attachments: Vec<Attachment>,
        (title, model, folders): (String, ModelRef, Vec<Folder>),
    ) -> Result<Vec<store::Draft>, TaskError> {
        let standing = self.standing_facts(&folders)?;
        let created = Fact::TaskCreated {
            title,
            mode: new.mode,
            model,
            folders,
            limits: new.limits,
            project: new.project,
            tier: new.tier,
            made_by: PROGRAM.to_owned(),
        };
        let mut facts = vec![(Actor::User, created)];
        facts.extend(standing);
        if !new.instructions.is_empty() {
            facts.push((Actor::User, Fact::InstructionsSet { text: new.instructions }));
        }
        if new.effort.is_some() {
            facts.push((Actor::User, Fact::EffortSet { effort: new.effort }));
        }
        if !new.prompt.trim().is_empty() || !attachments.is_empty() {
            facts.push((Actor::User, Fact::Said { text: new.prompt, attachments, command: new.command }));
            facts.push((Actor::Engine, Fact::TurnStarted { turn: 1 }));
        }
        Ok(facts)
    }

    /// Whether a task was made and knows what it is for; a folder left by a crash in the middle of making it does not
    /// count.
    fn is_made(&self, task: TaskId) -> Result<bool, TaskError> {
        match self.parts.store.read(task, Seq(0)) {
            Ok(events) => Ok(!events.is_empty()),
            Err(StoreError::NoTask(_)) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Follows a command, opening the task where it is not live. Gives the place of the last event then.
    pub async fn command(&self, task: TaskId, command: Command) -> Result<Seq, TaskError> {
        let lasting = self.lasting_permission(task, &command)?;
        let mut command = command;
        let seq = loop {
            match self.send(task, command).await? {
                Ok(seq) => break seq,
                Err(SendError::Refused(refused)) => return Err(refused.into()),
                Err(SendError::Undo(message)) => return Err(TaskError::Undo(message)),
                Err(SendError::Storage { message, hint }) => {
                    return Err(TaskError::Storage { message, hint: hint.to_owned() });
                }
                Err(SendError::Closed(same)) => {
                    // The runner ended between finding and sending. Wait until its lease is free, then open again.
                    let end = self.ended(task).await;
                    self.forget(task).await;
                    // A task that cannot write would end each time it is opened.
                    if let End::Storage(message, hint) = end {
                        return Err(TaskError::Storage { message, hint });
                    }
                    command = *same;
                }
                Err(other) => return Err(TaskError::Undo(other.to_string())),
            }
        };
        if let Some(Lasting { effects, folders, reach }) = lasting {
            self.standing.keep(&effects, &folders, reach)?;
        }
        Ok(seq)
    }

    /// Says something with files handed over.
    pub async fn say(
        &self,
        task: TaskId,
        id: CommandId,
        text: String,
        files: &[AttachmentSource],
    ) -> Result<Seq, TaskError> {
        let attachments = attach(&self.parts.store.places(task)?.uploads, files)?;
        self.command(task, Command { id, wish: Wish::Say { text, attachments } }).await
    }

    /// Opens a task so that it goes on where it was: after a crash, or because the program has just started.
    pub async fn wake(&self, task: TaskId) -> Result<(), TaskError> {
        self.open(task).await
    }

    /// Opens every task that may have been at work when the program last ended. Gives those that could not be opened.
    pub async fn wake_interrupted(&self) -> Result<Vec<(TaskId, TaskError)>, TaskError> {
        let query = Query { limit: usize::MAX, ..Query::default() };
        let recents = self.parts.store.recents(&query)?;
        let mut failed = Vec::new();
        for summary in recents.iter().filter(|summary| may_be_interrupted(summary.state)) {
            if let Err(error) = self.wake(summary.id).await {
                failed.push((summary.id, error));
            }
        }
        Ok(failed)
    }

    /// Waits until a task has nothing more to do; at once where it is not live.
    pub async fn ended(&self, task: TaskId) -> End {
        let live = self.live.lock().await.running.get(&task).cloned();
        match live {
            Some(live) => wait_for_end(live.end).await,
            None => End::Quiet,
        }
    }

    /// What a screen shows of a task.
    pub fn view(&self, task: TaskId) -> Result<View, TaskError> {
        let events = self.parts.store.read(task, Seq(0))?;
        Ok(View::of(task, events.iter().map(AsRef::as_ref)))
    }

    /// A task's events after a sequence, then live.
    pub fn watch(&self, task: TaskId, after: Seq) -> Result<Watch, TaskError> {
        Ok(self.parts.store.watch(task, after)?)
    }

    /// Recents and search.
    pub fn recents(&self, query: &Query) -> Result<Vec<Summary>, TaskError> {
        Ok(self.parts.store.recents(query)?)
    }

    /// What an Undo would do.
    pub fn plan_undo(&self, task: TaskId, selection: &UndoSelection) -> Result<Vec<UndoStep>, TaskError> {
        let desk = desk_of(&self.view(task)?, self.parts.store.places(task)?);
        self.parts.undo.plan(&desk, selection).map_err(|refusal| TaskError::Undo(refusal.to_string()))
    }

    /// The task's places and folders, for showing paths and downloading files.
    pub fn desk(&self, task: TaskId) -> Result<Desk, TaskError> {
        Ok(desk_of(&self.view(task)?, self.parts.store.places(task)?))
    }

    /// The task's ledger as it stands in its file, one line of JSON for every decision about its connections; empty
    /// where there was none. Only the end of a very long one.
    pub fn ledger(&self, task: TaskId) -> Result<String, TaskError> {
        let path = self.parts.store.places(task)?.root.join(engine::LEDGER);
        let mut text = Vec::new();
        let read = std::fs::File::open(&path).and_then(|mut file| {
            let skipped = file.metadata()?.len().saturating_sub(LONGEST_LEDGER);
            file.seek(SeekFrom::Start(skipped))?;
            file.take(LONGEST_LEDGER).read_to_end(&mut text)
        });
        match read {
            Ok(_) => Ok(String::from_utf8_lossy(&text).into_owned()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
            Err(source) => Err(StoreError::Disk { action: "read", path, source }.into()),
        }
    }

    /// Checks a folder and words it as a grant for a task that has `known` already.
    pub fn grant_folder(&self, wish: &FolderWish, known: &[Folder]) -> Result<Folder, TaskError> {
        let path = self.parts.gate.check(&wish.path).map_err(TaskError::Folder)?;
        let names = known.iter().map(|folder| folder.name.clone()).collect();
        Ok(Folder {
            name: engine::State::free_folder_name(&names, &path),
            path: path.to_string_lossy().into_owned(),
            access: wish.access,
        })
    }

    /// Ends every runner; tasks at work go on when the program starts again.
    pub async fn close(&self) {
        let running: Vec<Live> = {
            let mut registry = self.live.lock().await;
            registry.closing = true;
            registry.running.drain().map(|(_, live)| live).collect()
        };
        for live in &running {
            live.stop.abort();
        }
        for live in running {
            wait_for_end(live.end).await;
        }
    }

    async fn open(&self, task: TaskId) -> Result<(), TaskError> {
        let mut registry = self.live.lock().await;
        if registry.find(task).is_some() {
            return Ok(());
        }
        let opened = self.parts.store.open(task)?;
        self.host(&mut registry, task, opened)
    }

    fn host(&self, registry: &mut Registry, task: TaskId, opened: Opened) -> Result<(), TaskError> {
        registry.check_open()?;
        let (handle, run) = self.start(opened)?;
        registry.spawn(task, handle, run);
        Ok(())
    }

    /// Prepares a runner. Called with the lock held: a permission that is taken back meanwhile is found either here or
    /// among the live tasks.
    fn start(&self, mut opened: Opened) -> Result<(Handle, impl Future<Output = Ended> + Send + 'static), TaskError> {
        self.take_back(&mut opened)?;
        let (handle, run) = engine::start(Arc::clone(&self.parts), opened);
        if self.alone.load(Ordering::Relaxed) {
            handle.nobody_answers();
        }
        Ok((handle, run))
    }

    /// Hands a command to the live runner, or to a new one.
    async fn send(&self, task: TaskId, command: Command) -> Result<Result<Seq, SendError>, TaskError> {
        let mut registry = self.live.lock().await;
        if let Some(live) = registry.find(task) {
            drop(registry);
            return Ok(live.handle.send(command).await);
        }
        registry.check_open()?;
        let (handle, run) = self.start(self.parts.store.open(task)?)?;
        let mut sending = std::pin::pin!(handle.send(command));
        // Polled once before the runner is spawned: it finds the command instead of ending with nothing to do.
        let sent = futures_util::poll!(&mut sending);
        registry.spawn(task, handle.clone(), run);
        drop(registry);
        Ok(match sent {
            std::task::Poll::Ready(sent) => sent,
            std::task::Poll::Pending => sending.await,
        })
    }

    async fn forget(&self, task: TaskId) {
        let mut registry = self.live.lock().await;
        if registry.running.get(&task).is_some_and(|live| live.end.borrow().is_some()) {
            registry.running.remove(&task);
        }
    }

    fn check_folders(&self, wishes: &[FolderWish]) -> Result<Vec<Folder>, TaskError> {
        let mut folders: Vec<Folder> = Vec::new();
        for wish in wishes {
            let folder = self.grant_folder(wish, &folders)?;
            folders.push(folder);
        }
        Ok(folders)
    }

    fn standing_facts(&self, folders: &[Folder]) -> Result<Vec<store::Draft>, TaskError> {
        let effects = self.standing.for_folders(folders)?;
        Ok(effects
            .into_iter()
            .zip(1..)
            .map(|(allows, number)| {
                let id = GrantId(format!("g{number}"));
                (Actor::User, Fact::GrantAdded(Grant { id, scope: Scope::Folder, allows }))
            })
            .collect())
    }

    /// What has to be kept beyond the task if this command is accepted.
    fn lasting_permission(&self, task: TaskId, command: &Command) -> Result<Option<Lasting>, TaskError> {
        let Wish::Answer { approval, answer: Answer::Allow { scope } } = &command.wish else {
            return Ok(None);
        };
        let reach = match scope {
            Scope::Folder => Reach::Folders,
            Scope::Always => Reach::Everywhere,
            Scope::Once | Scope::Task => return Ok(None),
        };
        let view = self.view(task)?;
        let asked = view.approvals.iter().find(|known| known.id == *approval);
        Ok(asked.map(|asked| Lasting { effects: asked.effects.clone(), folders: view.folders.clone(), reach }))
    }
}

/// Waits until a runner has ended; a runner that was aborted counts as quiet.
/// Whether a command may have been under way when the program ended. A new task may have a message that nobody has read
/// yet; one that asks or is paused may have a call that went on beside. What such a call changed is looked at when its
/// task is opened, before the user goes on with the same files; one that is paused stays so.
fn may_be_interrupted(state: TaskState) -> bool {
    match state {
        TaskState::New | TaskState::Working | TaskState::NeedsYou | TaskState::Paused => true,
        TaskState::Done | TaskState::Stopped | TaskState::Failed => false,
    }
}

async fn wait_for_end(mut end: watch::Receiver<Option<End>>) -> End {
    match end.wait_for(Option::is_some).await {
        Ok(end) => end.clone().unwrap_or(End::Quiet),
        Err(_aborted) => End::Quiet,
    }
}

fn desk_of(view: &View, places: Places) -> Desk {
    Desk {
        task: view.task,
        turn: view.turn,
        start: view.start.clone(),
        // For showing and undoing files nothing is started.
        tier: view.tier,
        folders: view.folders.clone(),
        outputs: places.outputs,
        uploads: places.uploads,
        blobs: places.blobs,
        journal: places.journal,
        ledger: places.root.join(engine::LEDGER),
    }
}

/// Says which file cannot be handed over before anything is made for it.
fn check_readable(sources: &[AttachmentSource]) -> Result<(), TaskError> {
    for source in sources {
        if let AttachmentSource::Path(path) = source {
            let failed = |source| TaskError::Attachment { name: path.display().to_string(), source };
            let metadata = std::fs::File::open(path).and_then(|file| file.metadata()).map_err(failed)?;
            if !metadata.is_file() {
                return Err(failed(std::io::Error::other("it is not a file")));
            }
        }
    }
    Ok(())
}

/// Copies files into `uploads/` under names that are free there.
fn attach(uploads: &Path, sources: &[AttachmentSource]) -> Result<Vec<Attachment>, TaskError> {
    sources
        .iter()
        .map(|source| {
            let name = match source {
                AttachmentSource::Path(path) => path.file_name().map(|name| name.to_string_lossy().into_owned()),
                AttachmentSource::Bytes { name, .. } => {
                    Path::new(name).file_name().map(|name| name.to_string_lossy().into_owned())
                }
            };
            let name = free_name(uploads, &name.unwrap_or_else(|| "file".to_owned()));
            let target = uploads.join(&name);
            let bytes = match source {
                AttachmentSource::Path(path) => std::fs::copy(path, &target),
                AttachmentSource::Bytes { bytes, .. } => std::fs::write(&target, bytes).map(|()| bytes.len() as u64),
            };
            bytes
                .map(|bytes| Attachment { name: name.clone(), bytes })
                .map_err(|source| TaskError::Attachment { name, source })
        })
        .collect()
}

fn free_name(uploads: &Path, name: &str) -> String {
    if !uploads.join(name).exists() {
        return name.to_owned();
    }
    let (stem, ending) =
        name.rsplit_once('.').map_or((name, String::new()), |(stem, ending)| (stem, format!(".{ending}")));
    let mut numbered = (2..10_000).map(|number| format!("{stem}-{number}{ending}"));
    numbered.find(|name| !uploads.join(name).exists()).unwrap_or_else(|| name.to_owned())
}
