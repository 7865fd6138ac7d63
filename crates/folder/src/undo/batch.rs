//! Exchanging what stands at many paths for what the journal holds, or for nothing: all old contents are kept and all
//! intents written down with one wait for the disk, all new contents written beside with another, all names exchanged
//! with a third. Writing over a file is in `in_place`.

mod in_place;

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::os::fd::AsRawFd;
use std::sync::Arc;

use event::{Change, ChangeKind, Digest};

use super::work::{Disks, Near, TOGETHER, Work};
use super::{Action, Step};
use crate::beneath;
use crate::mask::temporary_name;
use crate::writer::spot::{Parents, Spot};
use crate::writer::{Failed, KEPT_MODE, copy_content};
use crate::{
    Ending, FileKind, FolderError, Identity, Intent, Look, Mark, Meta, OpenFile, Stage, State, identity_of, name_of,
    text_of,
};

/// How many directories are kept open at most.
const OPEN: usize = 256;
/// How much new content, in bytes, lies beside the old at most.
const BESIDE: u64 = 1 << 30;
/// Up to so many files are each waited for; beyond that their file system is.
const EACH: usize = 4;

/// What shall be there.
#[derive(Clone, Copy)]
pub(super) enum Goal<'p> {
    /// Nothing.
    Nothing,
    /// A file.
    File { digest: Digest, mode: u32, mtime_ns: i64, bytes: u64 },
    /// A link.
    Link { target: &'p str },
}

impl<'p> Goal<'p> {
    /// What a step wants; none where it does not exchange anything.
    pub(super) fn of(step: &'p Step) -> Option<Self> {
        match &step.action {
            Action::Restore { digest, mode, mtime_ns, bytes } => {
                Some(Self::File { digest: *digest, mode: *mode, mtime_ns: *mtime_ns, bytes: *bytes })
            }
            Action::RestoreLink { target } => Some(Self::Link { target }),
            // A copy of what is there, which is kept by then.
            Action::Adjust { mode, mtime_ns } => match step.current?.mark {
                Mark::File(digest) => Some(Self::File { digest, mode: *mode, mtime_ns: (*mtime_ns)?, bytes: 0 }),
                Mark::Absent | Mark::Directory | Mark::Link(_) => None,
            },
            Action::RemoveFile | Action::RemoveDirectory | Action::MakeDirectory { .. } | Action::Leave(_) => None,
        }
    }

    fn mark(&self) -> Mark {
        match self {
            Self::Nothing => Mark::Absent,
            Self::File { digest, .. } => Mark::File(*digest),
            Self::Link { target } => Mark::Link(Digest::of(target.as_bytes())),
        }
    }

    fn bytes(&self) -> u64 {
        match self {
            Self::File { bytes, .. } => *bytes,
            Self::Nothing | Self::Link { .. } => 0,
        }
    }
}

/// What stands there now.
enum Stood {
    Nothing,
    File { meta: Meta, digest: Digest, identity: Option<Identity> },
    Link { meta: Meta, target: String },
}

impl Stood {
    fn mark(&self) -> Mark {
        match self {
            Self::Nothing => Mark::Absent,
            Self::File { digest, .. } => Mark::File(*digest),
            Self::Link { target, .. } => Mark::Link(Digest::of(target.as_bytes())),
        }
    }

    /// Whether a name stands for this very thing, unchanged.
    fn is(&self, spot: &Spot, name: &std::ffi::OsString) -> bool {
        match self {
            Self::Nothing => false,
            Self::File { meta, digest, .. } => {
                let Ok(file) = beneath::open_any(&spot.parent, name.as_ref()) else { return false };
                beneath::look(&file).is_ok_and(|now| now.kind == FileKind::File && now.same_file(meta))
                    && Digest::of_reader(&file).is_ok_and(|found| found == *digest)
            }
            Self::Link { meta, target } => {
                let Ok(place) = beneath::open_place(&spot.parent, name.as_ref()) else { return false };
                beneath::look(&place).is_ok_and(|now| now.kind == FileKind::Link && now.same_file(meta))
                    && beneath::link_target(&place).is_ok_and(|found| text_of(&found) == *target)
            }
        }
    }
}

/// One exchange under way.
struct Job<'p> {
    index: usize,
    spot: Spot,
    stood: Stood,
    state: State,
    goal: Goal<'p>,
    temporary: String,
    number: u64,
    look: Option<Look>,
    mine: Option<Meta>,
    manner: Manner,
}

/// How a new content comes to its name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Manner {
    /// Written beside the old one, which it then takes the name of.
    Beside,
    /// Written over the old one, in a directory where nothing can be put beside it.
    InPlace,
}

/// The jobs a phase goes on with.
type Left<'p> = Vec<Job<'p>>;

/// Exchanges, for all steps in `indices`, what is there for what `goal` says.
pub(super) fn exchange<'p>(work: &mut Work<'p>, indices: &[usize], goal: &dyn Fn(&'p Step) -> Option<Goal<'p>>) {
    let mut rest = indices.iter().copied().peekable();
    while rest.peek().is_some() && !work.is_stopped() {
        let (mut near, mut jobs, mut beside) = (Near::default(), Vec::new(), 0_u64);
        while jobs.len() < TOGETHER && near.len() < OPEN && beside < BESIDE {
            let Some(index) = rest.next() else { break };
            let Some((step, goal)) = work.step(index).and_then(|step| Some((step, goal(step)?))) else { continue };
            match prepare(work, index, step, goal, &mut near) {
                Ok(job) => jobs.push(job),
                Err(error) => work.fail(index, &error),
            }
            if work.is_stopped() {
                return;
            }
            beside = beside.saturating_add(goal.bytes());
        }
        carry_out(work, jobs, &near);
    }
}

/// Keeps what is there, if it is what the plan saw.
fn prepare<'p>(
    work: &Work<'p>,
    index: usize,
    step: &Step,
    goal: Goal<'p>,
    near: &mut Near,
) -> Result<Job<'p>, FolderError> {
    let expected = match step.current.map_or(Mark::Absent, |seen| seen.mark) {
        // It was removed just before.
        Mark::Directory => Mark::Absent,
        mark @ (Mark::Absent | Mark::File(_) | Mark::Link(_)) => mark,
    };
    let parents = if matches!(goal, Goal::Nothing) { Parents::Keep } else { Parents::Make };
    let spot = work.spot(index, parents, near)?;
    let (stood, state) = stands(work, index, &spot)?;
    let path = || spot.path().to_owned();
    match (expected, stood.mark()) {
        (expected, found) if expected == found => {}
        (Mark::Absent, _) => return Err(FolderError::Exists { path: path() }),
        (_, Mark::Absent) => return Err(FolderError::NotFound { path: path() }),
        _ => return Err(FolderError::Changed { path: path() }),
    }
    let temporary = temporary_name().map_err(|error| FolderError::of_io("write", spot.path(), error))?;
    work.journal.pass(Stage::Kept).map_err(|source| spot.journal_error(source))?;
    let in_place = matches!((&goal, &stood), (Goal::File { .. }, Stood::File { meta, .. }) if meta.links == 1)
        && !beneath::may_change_names(&spot.parent);
    let manner = if in_place { Manner::InPlace } else { Manner::Beside };
    Ok(Job { index, spot, stood, state, goal, temporary, number: 0, look: None, mine: None, manner })
}

fn stands(work: &Work<'_>, index: usize, spot: &Spot) -> Result<(Stood, State), FolderError> {
    let explain = |error| work.guard.explain("read", &spot.located, error);
    match beneath::open_any(&spot.parent, spot.leaf().as_ref()) {
        Ok(file) => {
            let meta = beneath::look(&file).map_err(explain)?;
            let mut file = OpenFile::regular(spot.path().to_owned(), file, meta)?.into_file();
            let (digest, bytes) = work.journal.keep_soon(&mut file).map_err(|source| spot.journal_error(source))?;
            let mode = work.looks.get(&index).map_or(meta.mode, |look| look.mode);
            let identity = if meta.links > 1 { identity_of(&file).ok() } else { None };
            Ok((Stood::File { meta, digest, identity }, State::File { digest, mode, mtime_ns: meta.mtime_ns, bytes }))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok((Stood::Nothing, State::Absent)),
        Err(error) if beneath::is_link_error(&error) => {
            let place = beneath::open_place(&spot.parent, spot.leaf().as_ref()).map_err(explain)?;
            let meta = beneath::look(&place).map_err(explain)?;
            if meta.kind != FileKind::Link {
                return Err(spot.changed_error());
            }
            let target = text_of(&beneath::link_target(&place).map_err(explain)?);
            Ok((Stood::Link { meta, target: target.clone() }, State::Link { target }))
        }
        Err(error) => Err(explain(error)),
    }
}

fn carry_out<'p>(work: &mut Work<'p>, jobs: Left<'p>, near: &Near) {
    let Some(jobs) = record(work, jobs) else { return };
    let times = times_to_keep(&jobs);
    let single = jobs.len() <= EACH;
    let Some(jobs) = write_all(work, jobs, near, single) else { return };
    let Some(jobs) = place_all(work, jobs) else { return };
    for (directory, mtime_ns) in times {
        // A time that cannot be kept is no reason to take anything back.
        let _kept = beneath::set_place_mtime(&directory, mtime_ns).is_ok();
    }
    let synced = wait(near, single).map_err(|error| FolderError::of_io("sync", "the folder", error));
    let passed = synced.and_then(|()| {
        let journal_error = |source| FolderError::Journal { path: "what is undone".to_owned(), source };
        work.journal.pass(Stage::Synced).map_err(journal_error)
    });
    if let Err(error) = passed {
        for job in &jobs {
            work.fail(job.index, &error);
        }
        in_place::end(work, &jobs);
        return;
    }
    let ending = |job: &Job<'_>| (job.number, Ending { after: job.goal.mark(), look: job.look, identity: None });
    // The entries hold what was intended, so missing lines are understood later: the changes themselves are made.
    let _told = work.journal.finish_all(&jobs.iter().map(ending).collect::<Vec<_>>()).is_ok();
    for job in jobs {
        let kind = match (&job.stood, &job.goal) {
            (_, Goal::Nothing) => ChangeKind::Deleted,
            (Stood::Nothing, _) => ChangeKind::Made,
            (_, _) => ChangeKind::Changed,
        };
        let (before, after) = (job.stood.mark().digest(), job.goal.mark().digest());
        let change = Change { path: job.spot.path().to_owned(), kind, before, after, entry: Some(job.number) };
        work.changed(job.index, change);
    }
}

/// Writes all intents down, on the disk. None where that failed.
fn record<'p>(work: &mut Work<'p>, mut jobs: Left<'p>) -> Option<Left<'p>> {
    if jobs.is_empty() {
        return None;
    }
    let intent = |job: &Job<'_>| {
        let intent = work.intent(job.index, job.state.clone(), job.goal.mark(), Some(job.temporary.clone()));
        match job.manner {
            Manner::Beside => intent,
            // Cut off in the middle it is neither the old nor the new content.
            Manner::InPlace => Intent { intends: None, temporary: None, ..intent },
        }
    };
    let intents: Vec<_> = jobs.iter().map(intent).collect();
    let indices: Vec<_> = jobs.iter().map(|job| job.index).collect();
    let first = match work.journal.begin_all(&intents) {
        Ok(first) => first,
        Err(error) => {
            work.fail_all(indices, error);
            return None;
        }
    };
    for (number, job) in (first..).zip(&mut jobs) {
        job.number = number;
    }
    let linked = jobs.iter().filter_map(|job| match job.stood {
        Stood::File { identity, .. } => Some((job.number, identity?)),
        Stood::Nothing | Stood::Link { .. } => None,
    });
    // Without these lines it comes back as a file of its own.
    let _told = work.journal.note_links(&linked.collect::<Vec<_>>()).is_ok();
    if let Err(error) = work.journal.settle() {
        for job in &jobs {
            work.forget(job.number);
        }
        work.fail_all(indices, error);
        return None;
    }
    match work.journal.pass(Stage::Recorded) {
        Ok(()) => Some(jobs),
        Err(error) => {
            work.fail_all(indices, error);
            None
        }
    }
}

/// Writes all new contents beside the old, complete and on the disk.
fn write_all<'p>(work: &mut Work<'p>, jobs: Left<'p>, near: &Near, single: bool) -> Option<Left<'p>> {
    let mut written = Vec::with_capacity(jobs.len());
    let mut any = false;
    for mut job in jobs {
        let wrote = match job.goal {
            Goal::Nothing => Ok(None),
            Goal::File { .. } | Goal::Link { .. } if job.manner == Manner::InPlace => Ok(None),
            Goal::File { .. } | Goal::Link { .. } => write_beside(work, &mut job, single).map(Some),
        };
        match wrote {
            Ok(mine) => {
                any |= mine.is_some();
                job.mine = mine;
                written.push(job);
            }
            Err(error) => give_up(work, &job, &error),
        }
        if work.is_stopped() {
            return None;
        }
    }
    if any
        && !single
        && let Err(error) = wait(near, single)
    {
        let error = FolderError::of_io("sync", "the folder", error);
        for job in &written {
            give_up(work, job, &error);
        }
        return None;
    }
    Some(written)
}

fn write_beside(work: &mut Work<'_>, job: &mut Job<'_>, sync: bool) -> Result<Meta, FolderError> {
    let (spot, temporary, guard) = (&job.spot, job.temporary.as_str(), work.guard);
    let failed = |error| guard.explain("write", &spot.located, error);
    let mine = match job.goal {
        Goal::File { digest, mode, mtime_ns, bytes: _ } => {
            if let Some(mine) = work.links.make(guard, spot, temporary, (digest, mode, mtime_ns)) {
                job.look = Some(Look { mode: mine.mode, mtime_ns: Some(mine.mtime_ns) });
                return Ok(mine);
            }
            let mut kept = work.journal.object(digest).map_err(|source| spot.journal_error(source))?;
            let mut file = beneath::create_new(&spot.parent, temporary, 0o600).map_err(failed)?;
            write_content(&mut kept, &mut file).map_err(failed)?;
            adopt(&file, job, mode).map_err(failed)?;
            beneath::set_mtime(&file, mtime_ns).map_err(failed)?;
            if sync {
                file.sync_all().map_err(failed)?;
            }
            let mine = beneath::look(&file).map_err(failed)?;
            // Without these lines names that come back later get files of their own.
            let _told = work.journal.note_renewed(&work.links.wrote(guard, spot, temporary, &file)).is_ok();
            job.look = Some(Look { mode: mine.mode, mtime_ns: Some(mine.mtime_ns) });
            mine
        }
        Goal::Link { target } => {
            beneath::make_link(&name_of(target), &spot.parent, temporary.as_ref()).map_err(failed)?;
            beneath::look_at(&spot.parent, temporary.as_ref()).map_err(failed)?
        }
        Goal::Nothing => return Err(job.spot.changed_error()),
    };
    work.journal.pass(Stage::Written).map_err(|source| job.spot.journal_error(source))?;
    Ok(mine)
}

/// Small contents are written in one go, larger ones shared where the file system can.
fn write_content(kept: &mut std::fs::File, file: &mut std::fs::File) -> io::Result<()> {
    const SMALL: u64 = 64 * 1024;
    if kept.metadata()?.len() > SMALL {
        return copy_content(kept, file);
    }
    let mut held = Vec::new();
    kept.read_to_end(&mut held)?;
    file.write_all(&held)
}

/// Gives the new file owner, labels and mode.
fn adopt(file: &std::fs::File, job: &Job<'_>, mode: u32) -> io::Result<()> {
    let Stood::File { meta, .. } = &job.stood else {
        return beneath::adopt(file, None, mode & KEPT_MODE);
    };
    let old = beneath::open_any(&job.spot.parent, job.spot.leaf().as_ref());
    if let Ok(old) = old
        && beneath::look(&old).is_ok_and(|now| now.same_file(meta))
    {
        beneath::adopt_labels(file, &old);
    }
    beneath::adopt(file, Some((meta.owner, meta.group)), mode & KEPT_MODE)
}

/// Gives all new contents their names.
fn place_all<'p>(work: &mut Work<'p>, jobs: Left<'p>) -> Option<Left<'p>> {
    let mut placed = Vec::with_capacity(jobs.len());
    for mut job in jobs {
        let done = match job.manner {
            Manner::Beside => place(&job),
            Manner::InPlace => in_place::write(work, &mut job),
        };
        match done {
            Ok(()) => match work.journal.pass(Stage::Placed) {
                Ok(()) => placed.push(job),
                Err(source) => work.fail(job.index, &job.spot.journal_error(source)),
            },
            Err(Failed::Before(error)) => give_up(work, &job, &error),
            Err(Failed::After(error)) => work.fail(job.index, &error),
        }
        if work.is_stopped() {
            return None;
        }
    }
    Some(placed)
}

/// Gives what was written beside its name, or takes away what is to go.
fn place(job: &Job<'_>) -> Result<(), Failed> {
    let mut is_old = |spot: &Spot, name: &std::ffi::OsString| job.stood.is(spot, name);
    match (&job.mine, &job.stood) {
        (None, _) => job.spot.take_away(&job.temporary, &mut is_old),
        (Some(mine), Stood::Nothing) => job.spot.place(&job.temporary, None, mine),
        (Some(mine), Stood::File { .. } | Stood::Link { .. }) => {
            job.spot.place(&job.temporary, Some(&mut is_old), mine)
        }
    }
}

/// Ends a job of which nothing came.
fn give_up(work: &mut Work<'_>, job: &Job<'_>, error: &FolderError) {
    work.fail(job.index, error);
    if !work.is_stopped() {
        let _gone = beneath::unlink(&job.spot.parent, &job.temporary).is_ok();
        work.forget(job.number);
    }
}

/// Waits for the disk: for each directory, or for everything.
fn wait(near: &Near, single: bool) -> io::Result<()> {
    if single {
        return near.all().try_for_each(|directory| beneath::sync_directory(directory));
    }
    let mut disks = Disks::default();
    near.all().try_for_each(|directory| disks.add(directory))?;
    disks.sync()
}

/// The times of directories in which no name comes or goes: exchanging is to leave no trace there.
fn times_to_keep(jobs: &[Job<'_>]) -> Vec<(Arc<beneath::Handle>, i64)> {
    let mut directories: HashMap<i32, (&Arc<beneath::Handle>, bool)> = HashMap::new();
    for job in jobs {
        let exchanged = !matches!(job.stood, Stood::Nothing) && !matches!(job.goal, Goal::Nothing);
        let known = directories.entry(job.spot.parent.as_raw_fd()).or_insert((&job.spot.parent, true));
        known.1 &= exchanged;
    }
    let kept = directories.into_values().filter(|(_, kept)| *kept);
    kept.filter_map(|(directory, _)| Some((Arc::clone(directory), beneath::look(directory.as_ref()).ok()?.mtime_ns)))
        .collect()
}
