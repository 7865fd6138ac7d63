//! A command as a share sees it: changes in place, any number to one path, old states written down before the first.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use event::{CallId, Digest};
use folder::{Author, Ending, Identity, Intent, Journal, Look, Mark, Moment, State, text_of};

/// Everything about a tree that must come back: mode, time and content; of a directory, mode and time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Node {
    File(u32, i64, Vec<u8>),
    Directory(u32, i64),
    Link(PathBuf),
}

pub(crate) type Tree = BTreeMap<PathBuf, Node>;

/// A tree as it is, whatever its rights: they are given for the moment of looking.
pub(crate) fn tree(path: &Path) -> Tree {
    let mut found = Tree::new();
    collect(path, &mut found);
    found
}

fn collect(path: &Path, found: &mut Tree) {
    let meta = fs::symlink_metadata(path).unwrap();
    let mode = meta.mode() & 0o7777;
    let time = meta.mtime() * 1_000_000_000 + meta.mtime_nsec();
    if meta.is_symlink() {
        found.insert(path.to_owned(), Node::Link(fs::read_link(path).unwrap()));
    } else if meta.is_dir() {
        found.insert(path.to_owned(), Node::Directory(mode, time));
        with_rights(path, mode, 0o700, || {
            for entry in fs::read_dir(path).unwrap() {
                collect(&entry.unwrap().path(), found);
            }
        });
    } else {
        let content = with_rights(path, mode, 0o600, || fs::read(path).unwrap());
        found.insert(path.to_owned(), Node::File(mode, time, content));
    }
}

fn with_rights<T>(path: &Path, mode: u32, needed: u32, act: impl FnOnce() -> T) -> T {
    if mode & needed == needed {
        return act();
    }
    chmod(path, mode | needed).unwrap();
    let done = act();
    chmod(path, mode).unwrap();
    done
}

pub(crate) fn chmod(path: &Path, mode: u32) -> std::io::Result<()> {
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

/// A command under way.
pub(crate) struct Errand<'a> {
    journal: &'a Journal,
    root: PathBuf,
    author: Author,
    /// Whether mode and time are told at the end.
    pub(crate) tells_look: bool,
    touched: BTreeMap<PathBuf, (u64, State)>,
    /// Times of directories before their names changed.
    times: BTreeMap<PathBuf, Moment>,
    /// Files that had other names.
    linked: HashSet<Identity>,
}

impl<'a> Errand<'a> {
    /// The command of a call in `/work/Reports`, which lies at `root`.
    pub(crate) fn begin(journal: &'a Journal, root: &Path, call: &str, turn: u32) -> Self {
        let author = Author { call: Some(CallId::from(call)), turn, undo: None };
        let (touched, times, linked) = (BTreeMap::new(), BTreeMap::new(), HashSet::new());
        Self { journal, root: root.to_owned(), author, tells_look: true, touched, times, linked }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// Writes down the state of a path, and of all that is in it. None where that is not possible.
    pub(crate) fn touch(&mut self, path: &Path) -> Option<()> {
        self.touch_one(path)?;
        if fs::symlink_metadata(path).is_ok_and(|meta| meta.is_dir()) {
            for entry in fs::read_dir(path).ok()? {
                self.touch(&entry.unwrap().path())?;
            }
        }
        Some(())
    }

    fn touch_one(&mut self, path: &Path) -> Option<()> {
        // A share never follows a link: the system asks for the path it leads to.
        let mut above = path.ancestors().skip(1).take_while(|above| above.starts_with(&self.root));
        if above.any(Path::is_symlink) {
            return None;
        }
        if !self.touched.contains_key(path) {
            let before = self.state(path)?;
            self.note(path.parent().unwrap());
            if let State::Directory { .. } = before {
                self.note(path);
            }
            let path_text = self.known(path);
            let intent = Intent {
                author: self.author.clone(),
                path: path_text,
                before: before.clone(),
                intends: None,
                temporary: None,
            };
            let number = self.journal.begin_soon(&intent).unwrap();
            let file = fs::symlink_metadata(path).ok().filter(fs::Metadata::is_file);
            let identity = file.and_then(|_| folder::identity_of(&fs::File::open(path).ok()?).ok());
            let links = fs::symlink_metadata(path).map_or(0, |meta| meta.nlink());
            if let Some(identity) = identity.filter(|identity| links > 1 || self.linked.contains(identity)) {
                self.linked.insert(identity);
                self.journal.note_links(&[(number, identity)]).unwrap();
            }
            self.touched.insert(path.to_owned(), (number, before));
        }
        Some(())
    }

    fn known(&self, path: &Path) -> String {
        let known = path.strip_prefix(&self.root).unwrap();
        format!("/work/Reports/{}", text_of(known.as_os_str())).trim_end_matches('/').to_owned()
    }

    /// Writes down the time of a directory.
    fn note(&mut self, path: &Path) {
        let had_none = self.touched.get(path).is_some_and(|(_, before)| !matches!(before, State::Directory { .. }));
        let time = if had_none { Some(Moment::Gone) } else { moment(path) };
        if let Some(time) = time.filter(|_| !self.times.contains_key(path)) {
            self.journal.note_times(&self.author, &[(self.known(path), time)]).unwrap();
            self.times.insert(path.to_owned(), time);
        }
    }

    /// Writes down which times there are now.
    fn leave(&self) {
        let made = self.touched.iter().filter(|(path, (_, before))| {
            !matches!(before, State::Directory { .. }) && matches!(moment(path), Some(Moment::At(_)))
        });
        let made: Vec<_> = made.map(|(path, _)| path).filter(|path| !self.times.contains_key(*path)).collect();
        let noted: Vec<_> = made.iter().map(|path| (self.known(path), Moment::Gone)).collect();
        self.journal.note_times(&self.author, &noted).unwrap();
        let paths = self.times.keys().chain(made);
        let left: Vec<_> = paths.filter_map(|path| Some((self.known(path), moment(path)?))).collect();
        self.journal.leave_times(&left).unwrap();
    }

    fn state(&self, path: &Path) -> Option<State> {
        let meta = match fs::symlink_metadata(path) {
            Ok(meta) => meta,
            Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => return None,
            Err(_) => return Some(State::Absent),
        };
        let (mode, mtime_ns) = (meta.mode() & 0o7777, meta.mtime() * 1_000_000_000 + meta.mtime_nsec());
        if meta.is_symlink() {
            return Some(State::Link { target: text_of(fs::read_link(path).unwrap().as_os_str()) });
        }
        if meta.is_dir() {
            let noted = self.times.get(path).copied();
            let before = if let Some(Moment::At(before)) = noted { before } else { mtime_ns };
            return Some(State::Directory { mode, mtime_ns: Some(before) });
        }
        let (digest, bytes) = self.journal.keep_soon(&mut fs::File::open(path).ok()?).unwrap();
        Some(State::File { digest, mode, mtime_ns, bytes })
    }

    pub(crate) fn write(&mut self, name: &str, bytes: &[u8]) -> Option<()> {
        let path = self.path(name);
        self.touch(&path)?;
        if fs::symlink_metadata(&path).is_ok_and(|meta| !meta.is_file()) {
            return None;
        }
        fs::write(path, bytes).ok()
    }

    pub(crate) fn chmod(&mut self, name: &str, mode: u32) -> Option<()> {
        let path = self.path(name);
        if fs::symlink_metadata(&path).ok()?.is_symlink() {
            return None;
        }
        self.touch_one(&path)?;
        chmod(&path, mode).ok()
    }

    /// As a share changes the mode of a file that has other names: those keep what they have.
    pub(crate) fn chmod_copy(&mut self, name: &str, mode: u32) -> Option<()> {
        let path = self.path(name);
        self.touch_one(&path)?;
        let time = fs::metadata(&path).ok()?.modified().ok()?;
        let copy = self.path("copy");
        fs::copy(&path, &copy).ok()?;
        fs::File::open(&copy).ok()?.set_modified(time).ok()?;
        fs::rename(copy, &path).ok()?;
        chmod(&path, mode).ok()
    }

    pub(crate) fn set_time(&mut self, name: &str, nanoseconds: u64) -> Option<()> {
        let path = self.path(name);
        if !fs::symlink_metadata(&path).ok()?.is_file() {
            return None;
        }
        self.touch(&path)?;
        let time = SystemTime::UNIX_EPOCH + Duration::from_nanos(nanoseconds);
        fs::File::open(&path).ok()?.set_modified(time).ok()
    }

    /// Removes a file, a link, or a whole tree.
    pub(crate) fn remove(&mut self, name: &str) -> Option<()> {
        let path = self.path(name);
        self.touch(&path)?;
        if fs::symlink_metadata(&path).ok()?.is_dir() {
            fs::remove_dir_all(path).ok()
        } else {
            fs::remove_file(path).ok()
        }
    }

    pub(crate) fn make_directory(&mut self, name: &str) -> Option<()> {
        let path = self.path(name);
        self.touch(&path)?;
        fs::create_dir(path).ok()
    }

    pub(crate) fn link(&mut self, name: &str, target: &str) -> Option<()> {
        let path = self.path(name);
        self.touch(&path)?;
        std::os::unix::fs::symlink(target, path).ok()
    }

    /// Renames, over whatever is there where the system allows it.
    pub(crate) fn rename(&mut self, from: &str, to: &str) -> Option<()> {
        let (from, to) = (self.path(from), self.path(to));
        fs::symlink_metadata(&from).ok()?;
        if to.starts_with(&from) || from.starts_with(&to) {
            return None;
        }
        self.touch(&from)?;
        self.touch(&to)?;
        for path in tree(&from).keys() {
            self.touch(&to.join(path.strip_prefix(&from).unwrap()))?;
        }
        fs::rename(from, to).ok()
    }

    /// The command has ended; gives how many entries it left.
    pub(crate) fn end(self) -> usize {
        let mut left = 0;
        for (path, (number, before)) in &self.touched {
            // The share is not stopped by rights: it looked at each file as long as it could.
            let after = match fs::symlink_metadata(path) {
                Ok(meta) if meta.is_file() => {
                    let mode = meta.mode() & 0o7777;
                    Mark::File(Digest::of(&with_rights(path, mode, 0o600, || fs::read(path).unwrap())))
                }
                Ok(_) => self.state(path).unwrap().mark(),
                Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
                    // Hidden by a directory that was closed: as it was while it could be seen.
                    hidden(path, &self.root)
                }
                Err(_) => Mark::Absent,
            };
            let look = fs::symlink_metadata(path).ok().filter(|meta| !meta.is_symlink()).map(|meta| Look {
                mode: meta.mode() & 0o7777,
                mtime_ns: Some(meta.mtime() * 1_000_000_000 + meta.mtime_nsec()),
            });
            if after == before.mark() && look == before.look() {
                self.journal.void(*number).unwrap();
                continue;
            }
            left += 1;
            let identity = fs::File::open(path).ok().and_then(|file| folder::identity_of(&file).ok());
            let identity: Option<Identity> = identity.filter(|_| *before == State::Absent);
            if self.tells_look {
                self.journal.finish_with(*number, Ending { after, look, identity }).unwrap();
            } else {
                self.journal.finish_as(*number, after, identity).unwrap();
            }
        }
        self.leave();
        self.journal.settle().unwrap();
        left
    }
}

/// The time of a directory; none where it cannot be seen.
fn moment(path: &Path) -> Option<Moment> {
    match fs::symlink_metadata(path) {
        Ok(meta) if meta.is_dir() => Some(Moment::At(meta.mtime() * 1_000_000_000 + meta.mtime_nsec())),
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => None,
        Ok(_) | Err(_) => Some(Moment::Gone),
    }
}

/// The mark of something in a directory without rights.
fn hidden(path: &Path, root: &Path) -> Mark {
    match tree(root).get(path) {
        None => Mark::Absent,
        Some(Node::File(_, _, content)) => Mark::File(Digest::of(content)),
        Some(Node::Directory(..)) => Mark::Directory,
        Some(Node::Link(target)) => Mark::Link(Digest::of(text_of(target.as_os_str()).as_bytes())),
    }
}
