//! What the running errand changed: each path's state before its first change is in the journal; at the end the state
//! after it is added. Also which paths the task made itself.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use event::{Change, ChangeKind, Digest};
use folder::{
    Author, Ending, FileKind, Identity, Intent, Journal, JournalError, Look, Mark, Moment, State, name_of, text_of,
};
use rustix::fs::readlinkat;
use rustix::io::Errno;

use crate::attr::Attr;
use crate::disk::Spot;
use crate::mounts::Places;
use crate::settler::Settler;

/// Most paths one errand changes: each is kept in memory, and a directory moved again and again makes ever more.
const TOUCHED_CAP: usize = 2_000_000;

/// Most bytes read at the end of an errand to see what became of its files. A hole is read like anything else, and costs
/// who made it nothing.
const READ_CAP: u64 = 32 << 30;

/// A path the errand changed, or was about to.
struct Touched {
    /// Its entry; none where nothing could be kept, which the user allowed.
    entry: Option<u64>,
    before: Option<State>,
}

/// A path's state at the end.
struct Now {
    /// None where there was too much to read.
    mark: Option<Mark>,
    look: Option<Look>,
    identity: Option<Identity>,
    /// The time of a directory.
    moment: Moment,
}

/// The record of a task.
pub(crate) struct Record {
    journal: Arc<Journal>,
    settler: Settler,
    author: Author,
    /// Counts beginnings and ends; never 0.
    errand: u64,
    touched: BTreeMap<String, Touched>,
    made: BTreeMap<String, Identity>,
    /// Times of the files the task made, as its errands left them.
    left: HashMap<String, i64>,
    /// What the errand found, or put, at the paths it touched.
    own: HashSet<Identity>,
    /// Times of directories before the errand changed what they hold, as they stand in the journal.
    times: HashMap<String, Moment>,
    /// Files the task changed while they had other names.
    linked: HashSet<Identity>,
    /// What was changed between errands.
    carried: Vec<Change>,
}

impl Record {
    pub(crate) fn open(journal: Arc<Journal>) -> Result<Self, JournalError> {
        let made = journal.made()?;
        let failed = |source| JournalError::Disk { action: "start", path: "journal".into(), source };
        let settler = Settler::start(Arc::clone(&journal)).map_err(failed)?;
        let (touched, own, times, carried) = (BTreeMap::new(), HashSet::new(), HashMap::new(), Vec::new());
        let (author, left, linked) = (Author::default(), HashMap::new(), HashSet::new());
        Ok(Self { journal, settler, author, errand: 1, touched, made, left, own, times, linked, carried })
    }

    /// Changes are this author's from here on.
    pub(crate) fn begin(&mut self, author: Author, places: &mut Places) {
        let between = self.finish(places);
        self.carried = merge(std::mem::take(&mut self.carried), between);
        self.author = author;
    }

    /// Completes the entries; gives what was changed since the last end.
    pub(crate) fn end(&mut self, places: &mut Places) -> Vec<Change> {
        let changes = self.finish(places);
        // Where it cannot be brought onto the disk now, the next call that waits for it says so.
        let _settled = self.settler.now().is_ok();
        merge(std::mem::take(&mut self.carried), changes)
    }

    /// The errand under way.
    pub(crate) fn errand(&self) -> u64 {
        self.errand
    }

    /// Whether the errand changed the path already.
    pub(crate) fn is_touched(&self, known: &str) -> bool {
        self.touched.contains_key(known)
    }

    /// Writes down that there was nothing at the path.
    pub(crate) fn touch_absent(&mut self, known: &str) -> Result<(), Errno> {
        self.write(known, State::Absent)
    }

    /// Writes down a state that is about to be changed. What it holds is kept already.
    pub(crate) fn touch(&mut self, known: &str, before: State) -> Result<(), Errno> {
        if let State::Directory { mtime_ns: Some(mtime_ns), .. } = before {
            self.note(known, Moment::At(mtime_ns));
        }
        self.write(known, before)?;
        self.settler.soon();
        Ok(())
    }

    /// Notes a path whose state could not be kept, as the user allowed.
    pub(crate) fn touch_lost(&mut self, known: &str) {
        self.touched.insert(known.to_owned(), Touched { entry: None, before: None });
    }

    /// Whether what is at a touched path came there by this errand, or was there when it touched the path.
    pub(crate) fn is_own(&self, attr: &Attr) -> bool {
        self.own.contains(&attr.identity())
    }

    /// What is at a touched path is known to this errand from here on.
    pub(crate) fn own(&mut self, attr: &Attr) {
        self.own.insert(attr.identity());
    }

    /// Somebody else, such as the user, put something else at a touched path: it is to be touched anew. What the errand
    /// had left there nobody looked at; the line says "nothing", so that Undo goes back to the other's file at most.
    pub(crate) fn part(&mut self, known: &str) {
        if let Some(Touched { entry: Some(number), .. }) = self.touched.remove(known) {
            let ending = Ending { after: Mark::Absent, look: None, identity: None };
            // Where the line is missing, Undo goes over the other's file, which the journal still has.
            let _told = self.journal.finish_all(&[(number, ending)]).is_ok();
        }
    }

    /// Takes back that a path was touched: nothing was changed.
    pub(crate) fn untouch(&mut self, known: &str) {
        if let Some(Touched { entry: Some(entry), .. }) = self.touched.remove(known) {
            // An entry that stays says the same state twice, and is left out at the end of the errand.
            let _void = self.journal.void(entry).is_ok();
        }
    }

    /// Keeps the content of a file.
    pub(crate) fn keep(&self, file: &mut File) -> Result<(Digest, u64), Errno> {
        self.journal.keep_soon(file).map_err(|error| errno(&error))
    }

    /// Waits until all is on the disk.
    pub(crate) fn settle(&self) -> Result<(), Errno> {
        self.settler.now().map_err(|error| errno(&error))
    }

    /// Notes the time of the directory a path is in, before its names change for the first time.
    pub(crate) fn note_time(&mut self, known: &str, spot: &Spot) {
        let Some((directory, _)) = known.rsplit_once('/') else { return };
        if self.times.contains_key(directory) {
            return;
        }
        let had_none = self.touched.get(directory).is_some_and(|touched| !is_directory(touched.before.as_ref()));
        if had_none {
            self.note(directory, Moment::Gone);
        } else if let Ok(attr) = spot.above().and_then(Attr::of) {
            self.note(directory, Moment::At(attr.mtime_ns()));
        }
    }

    /// The time a directory had before the errand.
    pub(crate) fn time_of(&self, known: &str, attr: &Attr) -> i64 {
        match self.times.get(known) {
            Some(Moment::At(time)) => *time,
            Some(Moment::Gone) | None => attr.mtime_ns(),
        }
    }

    fn note(&mut self, directory: &str, time: Moment) {
        if self.times.contains_key(directory) || self.times.len() >= TOUCHED_CAP {
            return;
        }
        // Without its line the directory keeps the time of the errand when all else is undone.
        if self.journal.note_times(&self.author, &[(directory.to_owned(), time)]).is_ok() {
            self.times.insert(directory.to_owned(), time);
        }
    }

    /// Notes which file it is that a touched path stands for, where it has other names.
    pub(crate) fn note_links(&mut self, known: &str, attr: &Attr) {
        // When its last name goes it had others too.
        let shared = attr.kind() == FileKind::File
            && (attr.links() > 1 || (!self.linked.is_empty() && self.linked.contains(&attr.identity())));
        if let Some(Touched { entry: Some(number), .. }) = self.touched.get(known)
            && shared
            && self.linked.len() < TOUCHED_CAP
        {
            self.linked.insert(attr.identity());
            // Without its line it comes back as a file of its own.
            let _told = self.journal.note_links(&[(*number, attr.identity())]).is_ok();
        }
    }

    /// Whether the task made what is at the path.
    pub(crate) fn is_made(&self, known: &str, attr: &Attr) -> bool {
        self.made.get(known) == Some(&attr.identity())
    }

    /// Forgets that the task made a file where somebody changed it since the task's last errand with it.
    pub(crate) fn drop_edited(&mut self, known: &str, attr: &Attr) {
        let left = self.left.get(known).filter(|_| attr.kind() == FileKind::File && !self.is_touched(known));
        if left.is_some_and(|left| *left != attr.mtime_ns()) {
            self.unmade(known);
        }
    }

    /// The task made what is at the path.
    pub(crate) fn made(&mut self, known: &str, attr: &Attr) {
        self.made.insert(known.to_owned(), attr.identity());
        self.own(attr);
    }

    /// What is at the path is not the task's, or nothing is.
    pub(crate) fn unmade(&mut self, known: &str) {
        self.made.remove(known);
    }

    /// What is at a path, and beneath it, moved. At the new paths it is the task's where it was at the old ones.
    pub(crate) fn made_moved(&mut self, from: &str, to: &str) {
        let own = self.made.remove(from);
        self.drop_made(to);
        if let Some(identity) = own {
            self.made.insert(to.to_owned(), identity);
        }
        let start = format!("{from}/");
        for (path, identity) in self.made_beneath(from) {
            self.made.remove(&path);
            if let Some(rest) = path.strip_prefix(&start) {
                self.made.insert(format!("{to}/{rest}"), identity);
            }
        }
    }

    /// Nothing at the path or beneath it counts as the task's.
    pub(crate) fn drop_made(&mut self, known: &str) {
        self.made.remove(known);
        for (path, _) in self.made_beneath(known) {
            self.made.remove(&path);
        }
    }

    /// What the task made beneath a path.
    pub(crate) fn made_beneath(&self, known: &str) -> Vec<(String, Identity)> {
        let start = format!("{known}/");
        let range = self.made.range(start.clone()..).take_while(|(path, _)| path.starts_with(&start));
        range.map(|(path, identity)| (path.clone(), *identity)).collect()
    }

    fn write(&mut self, known: &str, before: State) -> Result<(), Errno> {
        if self.touched.len() >= TOUCHED_CAP {
            return Err(Errno::DQUOT);
        }
        let (author, path) = (self.author.clone(), known.to_owned());
        let intent = Intent { author, path, before, intends: None, temporary: None };
        let entry = self.journal.begin_soon(&intent).map_err(|error| errno(&error))?;
        self.touched.insert(intent.path, Touched { entry: Some(entry), before: Some(intent.before) });
        Ok(())
    }

    /// Writes down what the directories show now: those noted before, and those that the errand made.
    fn leave_times(&mut self, places: &mut Places, made: Vec<(String, Moment)>) {
        let noted = std::mem::take(&mut self.times);
        let made: Vec<_> = made.into_iter().filter(|(path, _)| !noted.contains_key(path)).collect();
        let begun: Vec<_> = made.iter().map(|(path, _)| (path.clone(), Moment::Gone)).collect();
        let left = noted.into_keys().filter_map(|path| moment(places, &path).ok().map(|time| (path, time)));
        let left: Vec<_> = left.chain(made).collect();
        // Undo finds out by itself what missing lines would say.
        let _told =
            self.journal.note_times(&self.author, &begun).and_then(|()| self.journal.leave_times(&left)).is_ok();
    }

    fn finish(&mut self, places: &mut Places) -> Vec<Change> {
        self.errand += 1;
        self.own.clear();
        let mut room = READ_CAP;
        let mut changes = Vec::new();
        let (mut endings, mut made) = (Vec::new(), Vec::new());
        for (path, touched) in std::mem::take(&mut self.touched) {
            // What cannot be looked at, such as a folder taken away meanwhile, keeps its open entry.
            let Ok(now) = look_now(places, &path, &touched, &mut room) else { continue };
            if now.moment != Moment::Gone && !is_directory(touched.before.as_ref()) {
                made.push((path.clone(), now.moment));
            }
            let mtime_ns = now.look.and_then(|look| look.mtime_ns);
            match mtime_ns.filter(|_| now.identity.is_some() && self.made.get(&path) == now.identity.as_ref()) {
                Some(mtime_ns) => drop(self.left.insert(path.clone(), mtime_ns)),
                None => drop(self.left.remove(&path)),
            }
            if let Some(number) = touched.entry {
                if touched.before.as_ref().is_some_and(|before| is_same(before, &now)) {
                    // As in `untouch`.
                    let _void = self.journal.void(number).is_ok();
                    continue;
                }
                let identity = now.identity.filter(|identity| self.made.get(&path) == Some(identity));
                // Without its line Undo takes what it finds for what the errand left.
                endings.extend(now.mark.map(|after| (number, Ending { after, look: now.look, identity })));
            }
            changes.extend(change(path, &touched, &now));
        }
        // The entries hold the states before, so that Undo finds out by itself where these lines are missing.
        let _told = self.journal.finish_all(&endings).is_ok();
        self.leave_times(places, made);
        changes
    }
}

/// Where a path that the machine knows is.
fn spot_of(places: &mut Places, known: &str) -> Result<Spot, Errno> {
    let place = places.holding(Path::new(known)).ok_or(Errno::STALE)?;
    let root = place.root()?;
    let inside = place.inside().to_owned();
    let rest = Path::new(known).strip_prefix(&inside).map_err(|_| Errno::STALE)?;
    let beneath = rest.iter().filter_map(|name| name.to_str()).map(name_of).collect();
    Ok(Spot { place: place.number, root, inside, beneath, guarded: place.mount.guarded })
}

/// The time a directory shows now.
fn moment(places: &mut Places, known: &str) -> Result<Moment, Errno> {
    match spot_of(places, known)?.look() {
        Ok((_, attr)) if attr.kind() == FileKind::Directory => Ok(Moment::At(attr.mtime_ns())),
        Ok(_) | Err(Errno::NOENT | Errno::NOTDIR) => Ok(Moment::Gone),
        Err(error) => Err(error),
    }
}

fn is_directory(state: Option<&State>) -> bool {
    matches!(state, Some(State::Directory { .. }))
}

fn look_now(places: &mut Places, known: &str, touched: &Touched, room: &mut u64) -> Result<Now, Errno> {
    let spot = spot_of(places, known)?;
    let (file, attr) = match spot.look() {
        Ok(found) => found,
        Err(Errno::NOENT | Errno::NOTDIR) => {
            return Ok(Now { mark: Some(Mark::Absent), look: None, identity: None, moment: Moment::Gone });
        }
        Err(error) => return Err(error),
    };
    let mut moment = Moment::Gone;
    let look = Some(Look { mode: attr.mode(), mtime_ns: Some(attr.mtime_ns()) });
    let (mark, look) = match attr.kind() {
        FileKind::Directory => {
            moment = Moment::At(attr.mtime_ns());
            (Some(Mark::Directory), Some(Look { mode: attr.mode(), mtime_ns: None }))
        }
        FileKind::File if touched.before.is_none() => (Some(Mark::Absent), look),
        FileKind::File if attr.size() > *room => (None, look),
        FileKind::File => {
            *room -= attr.size();
            let content = spot.open_readable(&attr)?;
            (Some(Mark::File(Digest::of_reader(content).map_err(|_| Errno::IO)?)), look)
        }
        FileKind::Link => {
            let target = readlinkat(&file, "", Vec::new())?;
            let target: &std::ffi::OsStr = std::os::unix::ffi::OsStrExt::from_bytes(target.as_bytes());
            (Some(Mark::Link(Digest::of(text_of(target).as_bytes()))), None)
        }
        FileKind::Special => return Err(Errno::NOTSUP),
    };
    Ok(Now { mark, look, identity: Some(attr.identity()), moment })
}

/// Whether a path is as it was before.
fn is_same(before: &State, now: &Now) -> bool {
    let same_look = match (before.look(), now.look) {
        (Some(before), Some(now)) => {
            before.mode == now.mode && (now.mtime_ns.is_none() || before.mtime_ns == now.mtime_ns)
        }
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    };
    Some(before.mark()) == now.mark && same_look
}

/// What is told of it; directories are not.
fn change(path: String, touched: &Touched, now: &Now) -> Option<Change> {
    let before = touched.before.as_ref().and_then(|before| before.mark().digest());
    let after = now.mark.and_then(Mark::digest);
    let kind = match (before, after) {
        (Some(_), None) if now.mark.is_none() => ChangeKind::Changed,
        (None, None) if now.mark.is_none() => ChangeKind::Made,
        (Some(_), Some(_)) => ChangeKind::Changed,
        (None, Some(_)) => ChangeKind::Made,
        (Some(_), None) => ChangeKind::Deleted,
        // Nothing was kept of it: it is there still, or not.
        (None, None) if touched.before.is_none() && now.identity.is_some() => ChangeKind::Changed,
        (None, None) if touched.before.is_none() => ChangeKind::Deleted,
        (None, None) => return None,
    };
    Some(Change { path, kind, before, after, entry: touched.entry })
}

/// One change a path, sorted by path; of two the first says what was before.
fn merge(first: Vec<Change>, then: Vec<Change>) -> Vec<Change> {
    let mut merged: BTreeMap<String, Change> = first.into_iter().map(|change| (change.path.clone(), change)).collect();
    for change in then {
        let Some(earlier) = merged.remove(&change.path) else {
            merged.insert(change.path.clone(), change);
            continue;
        };
        let kind = match (earlier.before, change.after) {
            (Some(_), None) if change.kind != ChangeKind::Deleted => ChangeKind::Changed,
            (None, None) if change.kind != ChangeKind::Deleted => change.kind,
            (None, None) => continue,
            (None, Some(_)) => ChangeKind::Made,
            (Some(_), Some(_)) => ChangeKind::Changed,
            (Some(_), None) => ChangeKind::Deleted,
        };
        merged.insert(earlier.path.clone(), Change { kind, before: earlier.before, ..change });
    }
    merged.into_values().collect()
}

fn errno(error: &JournalError) -> Errno {
    match error {
        JournalError::Full { .. } => Errno::NOSPC,
        // Foreign to programs and non-exhaustive: a disk that does not do its part.
        _ => Errno::IO,
    }
}
