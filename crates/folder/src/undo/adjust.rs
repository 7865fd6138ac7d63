//! Giving files back their modes and times, where their content is as it was.

use event::{Change, ChangeKind};

use super::seen::FILE_MODE;
use super::work::{Disks, TOGETHER, Work};
use super::{Action, Step};
use crate::beneath;
use crate::{Ending, FolderError, Intent, Look, Mark, Meta, OpenFile, Stage, State};

/// One file under way.
struct Job {
    index: usize,
    intent: Intent,
    meta: Meta,
    wanted: Look,
    number: u64,
}

/// Whether a step is about the mode and time of a file.
fn is_file(step: &Step) -> bool {
    matches!(step.action, Action::Adjust { .. }) && step.current.is_some_and(|seen| matches!(seen.mark, Mark::File(_)))
}

/// The files that have other names: those keep what they have, so the path gets a file of its own.
pub(super) fn with_other_names(work: &Work<'_>) -> Vec<usize> {
    work.choose(|step| is_file(step) && has_others(work, &step.path).unwrap_or(false))
}

/// Whether a file that had other names has them still, after all that had to go went.
pub(super) fn still_has_other_names(work: &Work<'_>, index: usize) -> bool {
    let step = work.step(index).filter(|_| !work.has_failed(index));
    step.and_then(|step| has_others(work, &step.path)).unwrap_or(false)
}

fn has_others(work: &Work<'_>, path: &str) -> Option<bool> {
    let located = work.guard.locate(path).ok()?;
    let place = beneath::open_place(work.guard.handle(&located).ok()?, &located.relative()).ok()?;
    Some(beneath::look(&place).ok()?.links > 1)
}

/// Gives all files of the plan back their modes and times.
pub(super) fn files(work: &mut Work<'_>) {
    let mut chosen = work.choose(is_file);
    chosen.retain(|index| !work.apart.contains(index));
    for indices in chosen.chunks(TOGETHER) {
        if work.is_stopped() {
            return;
        }
        let mut disks = Disks::default();
        let mut jobs = Vec::with_capacity(indices.len());
        for index in indices {
            match prepare(work, *index, &mut disks) {
                Ok(job) => jobs.push(job),
                Err(error) => work.fail(*index, &error),
            }
        }
        carry_out(work, jobs, &disks);
    }
}

fn prepare(work: &Work<'_>, index: usize, disks: &mut Disks) -> Result<Job, FolderError> {
    let path = work.step(index).map_or("", |step| step.path.as_str());
    let changed = || FolderError::Changed { path: path.to_owned() };
    let (Some(Action::Adjust { mode, mtime_ns }), Some(seen)) =
        (work.step(index).map(|step| &step.action), work.step(index).and_then(|step| step.current))
    else {
        return Err(changed());
    };
    let located = work.guard.locate(path)?;
    let explain = |error| work.guard.explain("read", &located, error);
    let file = beneath::open_any(work.guard.handle(&located)?, &located.relative()).map_err(explain)?;
    let meta = beneath::look(&file).map_err(explain)?;
    let mut file = OpenFile::regular(path.to_owned(), file, meta)?;
    let digest = file.digest()?;
    let look = work.look(index).unwrap_or(Look { mode: meta.mode, mtime_ns: Some(meta.mtime_ns) });
    let same_mode = work.looks.contains_key(&index) || meta.mode & FILE_MODE == look.mode & FILE_MODE;
    if seen.mark != Mark::File(digest) || !same_mode {
        return Err(changed());
    }
    disks.add_file(meta.device, file.into_file());
    let before = State::File { digest, mode: look.mode, mtime_ns: meta.mtime_ns, bytes: meta.bytes };
    let intent = work.intent(index, before, seen.mark, None);
    Ok(Job { index, intent, meta, wanted: Look { mode: *mode, mtime_ns: *mtime_ns }, number: 0 })
}

fn carry_out(work: &mut Work<'_>, mut jobs: Vec<Job>, disks: &Disks) {
    if jobs.is_empty() {
        return;
    }
    let indices: Vec<_> = jobs.iter().map(|job| job.index).collect();
    let intents: Vec<_> = jobs.iter().map(|job| job.intent.clone()).collect();
    let begun = work.journal.begin_all(&intents).and_then(|first| {
        work.journal.settle()?;
        work.journal.pass(Stage::Recorded).map(|()| first)
    });
    let first = match begun {
        Ok(first) => first,
        Err(error) => return work.fail_all(indices, error),
    };
    let mut endings = Vec::with_capacity(jobs.len());
    let mut changes = Vec::with_capacity(jobs.len());
    for (number, job) in (first..).zip(&mut jobs) {
        job.number = number;
        match set(work, job) {
            Ok(look) => {
                let after = job.intent.before.mark();
                endings.push((number, Ending { after, look: Some(look), identity: None }));
                let (path, digest) = (job.intent.path.clone(), after.digest());
                let kind = ChangeKind::Changed;
                changes.push((job.index, Change { path, kind, before: digest, after: digest, entry: Some(number) }));
            }
            Err(error) => {
                work.forget(number);
                work.fail(job.index, &error);
            }
        }
    }
    if let Err(error) = disks.sync() {
        let error = FolderError::of_io("sync", "the folder", error);
        return indices.into_iter().for_each(|index| work.fail(index, &error));
    }
    // Missing lines are understood later: what was intended is in the entries.
    let _told = work.journal.finish_all(&endings).is_ok();
    for (index, change) in changes {
        work.changed(index, change);
    }
}

fn set(work: &Work<'_>, job: &Job) -> Result<Look, FolderError> {
    let located = work.guard.locate(&job.intent.path)?;
    let explain = |error| work.guard.explain("change", &located, error);
    let place = beneath::open_place(work.guard.handle(&located)?, &located.relative()).map_err(explain)?;
    if !beneath::look(&place).map_err(explain)?.same_file(&job.meta) {
        return Err(FolderError::Changed { path: job.intent.path.clone() });
    }
    // Only the bits that Undo gives back; others, such as running as its owner, stay as they are.
    let mode = (job.meta.mode & !FILE_MODE) | (job.wanted.mode & FILE_MODE);
    if mode != job.meta.mode {
        beneath::set_mode(&place, mode).map_err(explain)?;
    }
    if let Some(mtime_ns) = job.wanted.mtime_ns {
        beneath::set_place_mtime(&place, mtime_ns).map_err(explain)?;
    }
    let meta = beneath::look(&place).map_err(explain)?;
    Ok(Look { mode: meta.mode, mtime_ns: Some(meta.mtime_ns) })
}
