//! Writing a content over the old one, in a directory where nothing can be put beside it. The only change that is not
//! atomic: where it fails what stood there is put back, and where that fails too the journal says what stands there now.

use std::fs::File;
use std::io::{self, Seek};

use event::Digest;

use super::super::seen::FILE_MODE;
use super::super::work::Work;
use super::{Goal, Job, Manner, Stood, write_content};
use crate::beneath;
use crate::writer::Failed;
use crate::{Ending, FileKind, Look, Mark, Meta};

/// Writes a content over the old one, which is kept.
pub(super) fn write(work: &Work<'_>, job: &mut Job<'_>) -> Result<(), Failed> {
    let spot = &job.spot;
    let (Goal::File { digest, mode, mtime_ns, bytes: _ }, Stood::File { meta, digest: stood, .. }) =
        (job.goal, &job.stood)
    else {
        return Err(Failed::Before(spot.changed_error()));
    };
    let failed = |error| work.guard.explain("write", &spot.located, error);
    let mut kept = work.journal.object(digest).map_err(|source| Failed::Before(spot.journal_error(source)))?;
    let opened = beneath::open_in_place(&spot.parent, &spot.leaf()).map_err(|error| Failed::Before(failed(error)))?;
    let Some((mut file, old_mode)) = opened else { return Err(Failed::Before(spot.changed_error())) };
    let now = beneath::look(&file).map_err(|error| Failed::Before(failed(error)))?;
    let is_old = now.kind == FileKind::File && now.same_file(meta) && now.links == 1;
    if !is_old || !Digest::of_reader(&file).is_ok_and(|found| found == *stood) {
        if now.mode != old_mode {
            // Rights that were given for this only; what stands there has to be told either way.
            let _taken = beneath::adopt(&file, None, old_mode).is_ok();
        }
        return Err(Failed::Before(spot.changed_error()));
    }
    let wanted = Look { mode: (now.mode & !FILE_MODE) | (mode & FILE_MODE), mtime_ns: Some(mtime_ns) };
    match write_over(&mut file, &mut kept, wanted) {
        Ok(mine) => {
            job.look = Some(look_of(&mine));
            Ok(())
        }
        Err(error) => {
            let old = Look { mode: old_mode, mtime_ns: Some(meta.mtime_ns) };
            let put_back = put_back(work, &mut file, *stood, old);
            let error = failed(error);
            if put_back {
                return Err(Failed::Before(error));
            }
            leave(work, job.number, &mut file);
            Err(Failed::After(error))
        }
    }
}

/// Ends what was written, all of which is on the disk, where something else failed later. An entry of this kind does not
/// say what was intended: left open, a later edit of the user's would be taken for what Undo wrote.
pub(super) fn end(work: &Work<'_>, jobs: &[Job<'_>]) {
    if work.is_stopped() {
        return;
    }
    let written = jobs.iter().filter(|job| job.manner == Manner::InPlace);
    let ending = |job: &Job<'_>| (job.number, Ending { after: job.goal.mark(), look: job.look, identity: None });
    // What failed is told already.
    let _told = work.journal.finish_all(&written.map(ending).collect::<Vec<_>>()).is_ok();
}

fn write_over(file: &mut File, kept: &mut File, look: Look) -> io::Result<Meta> {
    file.rewind()?;
    write_content(kept, file)?;
    file.set_len(kept.metadata()?.len())?;
    beneath::adopt(file, None, look.mode)?;
    if let Some(mtime_ns) = look.mtime_ns {
        beneath::set_mtime(file, mtime_ns)?;
    }
    file.sync_all()?;
    beneath::look(file)
}

/// Puts back what stood there; false where that failed too.
fn put_back(work: &Work<'_>, file: &mut File, stood: Digest, old: Look) -> bool {
    let Ok(mut kept) = work.journal.object(stood) else { return false };
    write_over(file, &mut kept, old).is_ok()
}

/// Writes down what stands there now, half old and half new. The next Undo goes on from there, and a later edit of the
/// user's is told from it.
fn leave(work: &Work<'_>, number: u64, file: &mut File) {
    let Ok(digest) = file.rewind().and_then(|()| Digest::of_reader(&*file)) else { return };
    let look = beneath::look(&*file).ok().map(|meta| look_of(&meta));
    // What failed is told already.
    let _told = work.journal.finish_with(number, Ending { after: Mark::File(digest), look, identity: None }).is_ok();
}

fn look_of(meta: &Meta) -> Look {
    Look { mode: meta.mode, mtime_ns: Some(meta.mtime_ns) }
}
