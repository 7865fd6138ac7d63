//! A task as one `tar` file, and back. What comes from outside is checked before any of it is written.

use std::fs::File;
use std::io::{self, Read, Seek};
use std::os::unix::fs::PermissionsExt;
use std::path::{Component, Path, PathBuf};

use event::{Event, TaskId};
use store::StoreError;
use tar::{Builder, EntryType, Header};

use crate::disk::{failed, make_directory, private, sync_directory};
use crate::layout::{self, LEASE, LOG};
use crate::log_check;

/// Bytes of a name inside an archive, folders included.
const LONGEST_PATH: usize = 4096;
/// Bytes of one part of a name.
const LONGEST_NAME: usize = 255;
/// Bytes of a record that holds a long name for the entry behind it.
const LONGEST_RECORD: u64 = 8192;

/// Writes the folder `root` into the archive `file`, which is replaced where it exists.
///
/// The log is written up to its last whole line. Left out is what another computer must not get or cannot use: links,
/// sockets and other special files, and the note about the lease.
pub(crate) fn export(root: &Path, file: &Path) -> Result<(), StoreError> {
    let mut part = file.as_os_str().to_owned();
    part.push(format!(".{}.part", std::process::id()));
    let part = PathBuf::from(part);
    let written = write(root, &part).and_then(|()| std::fs::rename(&part, file).map_err(failed("write", file)));
    if written.is_err() {
        // The error is told; a part that cannot be removed is only space.
        let _left_behind = std::fs::remove_file(&part);
    }
    written
}

fn write(root: &Path, part: &Path) -> Result<(), StoreError> {
    let out = private().write(true).create(true).truncate(true).open(part).map_err(failed("write", part))?;
    let mut builder = Builder::new(io::BufWriter::with_capacity(64 * 1024, out));
    let name = PathBuf::from(root.file_name().unwrap_or_default());
    add_log(&mut builder, root, &name, part)?;
    add_folder(&mut builder, root, &name, part)?;
    let out = builder.into_inner().and_then(|buffer| buffer.into_inner().map_err(io::IntoInnerError::into_error));
    out.and_then(|out| out.sync_all()).map_err(failed("write", part))
}

type Out = Builder<io::BufWriter<File>>;

fn add_log(builder: &mut Out, root: &Path, name: &Path, part: &Path) -> Result<(), StoreError> {
    let path = root.join(LOG);
    let mut bytes = std::fs::read(&path).map_err(failed("read", &path))?;
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
    bytes.truncate(whole);
    let mut header = header(EntryType::Regular, &std::fs::metadata(&path).map_err(failed("read", &path))?);
    header.set_size(bytes.len() as u64);
    builder.append_data(&mut header, name.join(LOG), bytes.as_slice()).map_err(failed("write", part))
}

fn add_folder(builder: &mut Out, path: &Path, name: &Path, part: &Path) -> Result<(), StoreError> {
    let read = failed("read", path);
    let entries = std::fs::read_dir(path).and_then(Iterator::collect::<io::Result<Vec<_>>>).map_err(read)?;
    let mut names: Vec<_> = entries.iter().map(std::fs::DirEntry::file_name).collect();
    names.sort();
    for entry in names {
        let (path, name) = (path.join(&entry), name.join(&entry));
        let top = name.components().count() == 2;
        if top && (entry == LOG || entry == LEASE) {
            continue;
        }
        let metadata = std::fs::symlink_metadata(&path).map_err(failed("read", &path))?;
        if metadata.is_dir() {
            let mut header = header(EntryType::Directory, &metadata);
            builder.append_data(&mut header, &name, io::empty()).map_err(failed("write", part))?;
            add_folder(builder, &path, &name, part)?;
        } else if metadata.is_file() {
            let mut header = header(EntryType::Regular, &metadata);
            header.set_size(metadata.len());
            let mut content = File::open(&path).map_err(failed("read", &path))?.take(metadata.len());
            builder.append_data(&mut header, &name, &mut content).map_err(failed("write", part))?;
            if content.limit() > 0 {
                return Err(failed("read", &path)(io::Error::other("the file became shorter while it was read")));
            }
        }
    }
    Ok(())
}

fn header(kind: EntryType, metadata: &std::fs::Metadata) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_size(0);
    header.set_mode(metadata.permissions().mode() & 0o777);
    let changed = metadata.modified().ok().and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
    header.set_mtime(changed.map_or(0, |since| since.as_secs()));
    header
}

/// A task from an archive, checked, in a hidden folder that goes away unless it is kept.
pub(crate) struct Unpacked {
    task: TaskId,
    hidden: PathBuf,
    name: String,
    kept: bool,
}

impl Unpacked {
    /// The task.
    pub(crate) fn task(&self) -> TaskId {
        self.task
    }

    /// Makes it a task of this home. Gives its folder's name.
    pub(crate) fn keep(mut self) -> Result<String, StoreError> {
        let log = self.hidden.join(LOG);
        File::open(&log).and_then(|file| file.sync_all()).map_err(failed("flush", &log))?;
        let root = self.hidden.with_file_name(&self.name);
        std::fs::rename(&self.hidden, &root).map_err(failed("make", &root))?;
        self.kept = true;
        for directory in root.ancestors().take(2) {
            sync_directory(directory).map_err(failed("flush", directory))?;
        }
        Ok(std::mem::take(&mut self.name))
    }
}

impl Drop for Unpacked {
    fn drop(&mut self) {
        if !self.kept {
            // Hidden folders are passed over everywhere; one that stays costs only its space.
            let _left_behind = std::fs::remove_dir_all(&self.hidden);
        }
    }
}

/// Checks the archive `file` and unpacks it into a hidden folder under `tasks`.
pub(crate) fn unpack(file: &Path, tasks: &Path) -> Result<Unpacked, StoreError> {
    let refuse = |what: String| StoreError::NotAnExport { path: file.to_owned(), what };
    let mut source = File::open(file).map_err(failed("read", file))?;
    check_records(&source).map_err(refuse)?;
    let folder = check_entries(&source).map_err(refuse)?;
    let task = layout::task_of(&folder).ok_or_else(|| refuse(format!("`{}` names no task", folder.escape_debug())))?;
    source.rewind().map_err(failed("read", file))?;
    let hidden = tasks.join(format!(".import-{task}-{}", std::process::id()));
    let mut unpacked = Unpacked { task, hidden, name: String::new(), kept: false };
    make_directory(tasks).map_err(failed("make", tasks))?;
    std::fs::create_dir(&unpacked.hidden).map_err(failed("make", &unpacked.hidden))?;
    std::fs::set_permissions(&unpacked.hidden, std::fs::Permissions::from_mode(0o700))
        .map_err(failed("make", &unpacked.hidden))?;
    extract(source, file, &unpacked.hidden)?;
    let first = check_log(&unpacked.hidden.join(LOG), task)?.map_err(refuse)?;
    for directory in layout::inner(&layout::places(&unpacked.hidden)) {
        make_directory(directory).map_err(failed("make", directory))?;
    }
    unpacked.name = layout::imported_name(&folder, task, first.at);
    Ok(unpacked)
}

/// Looks at the archive's records one by one, before anything is read into memory on their word.
fn check_records(mut source: &File) -> Result<(), String> {
    let unreadable = |error: io::Error| format!("it cannot be read as an archive: {error}");
    source.rewind().map_err(unreadable)?;
    let mut archive = tar::Archive::new(source);
    for entry in archive.entries_with_seek().map_err(unreadable)?.raw(true) {
        let entry = entry.map_err(unreadable)?;
        let kind = entry.header().entry_type();
        match kind {
            EntryType::Regular | EntryType::Directory => {}
            EntryType::GNULongName | EntryType::XHeader => {
                if entry.header().entry_size().map_err(unreadable)? > LONGEST_RECORD {
                    return Err("it holds a name that is too long".to_owned());
                }
            }
            _ => return Err(format!("it holds something that is neither file nor folder ({kind:?})")),
        }
    }
    Ok(())
}

/// Checks every name. Gives the one folder everything lies in.
fn check_entries(mut source: &File) -> Result<String, String> {
    let unreadable = |error: io::Error| format!("it cannot be read as an archive: {error}");
    source.rewind().map_err(unreadable)?;
    let mut archive = tar::Archive::new(source);
    let mut folder: Option<String> = None;
    for entry in archive.entries_with_seek().map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let path = entry.path().map_err(unreadable)?;
        let (top, _) = split(&path)?;
        match &folder {
            None => folder = Some(top),
            Some(folder) if *folder == top => {}
            Some(folder) => return Err(format!("it holds both `{}` and `{}`", plain(folder), plain(&top))),
        }
    }
    folder.ok_or_else(|| "it is empty".to_owned())
}

/// The first part of a checked name, and the parts behind it.
fn split(path: &Path) -> Result<(String, PathBuf), String> {
    let shown = || plain(&path.to_string_lossy());
    if path.as_os_str().len() > LONGEST_PATH {
        return Err("it holds a name that is too long".to_owned());
    }
    let mut parts = Vec::new();
    for part in path.components() {
        match part {
            Component::Normal(name) if name.len() <= LONGEST_NAME => parts.push(name),
            Component::Normal(_) => return Err("it holds a name that is too long".to_owned()),
            Component::CurDir | Component::ParentDir | Component::RootDir | Component::Prefix(_) => {
                return Err(format!("`{}` points out of the folder", shown()));
            }
        }
    }
    let (top, inner) = parts.split_first().ok_or_else(|| format!("`{}` is no name", shown()))?;
    let top = top.to_str().ok_or_else(|| format!("`{}` is no task folder", shown()))?;
    Ok((top.to_owned(), inner.iter().collect()))
}

/// A name as a person may see it.
fn plain(name: &str) -> String {
    name.chars().take(200).flat_map(char::escape_debug).collect()
}

/// Writes files and folders below `hidden`, which is new and empty. No link can be among them, so no name leads out.
fn extract(source: File, file: &Path, hidden: &Path) -> Result<(), StoreError> {
    let refuse = |what: String| StoreError::NotAnExport { path: file.to_owned(), what };
    let mut archive = tar::Archive::new(io::BufReader::new(source));
    for entry in archive.entries().map_err(failed("read", file))? {
        let mut entry = entry.map_err(failed("read", file))?;
        let (_, inner) = split(&entry.path().map_err(failed("read", file))?).map_err(refuse)?;
        let path = hidden.join(&inner);
        if entry.header().entry_type() == EntryType::Directory {
            make_directory(&path).map_err(failed("make", &path))?;
            continue;
        }
        if inner.as_os_str().is_empty() || inner == Path::new(LEASE) {
            continue;
        }
        if let Some(parent) = path.parent() {
            make_directory(parent).map_err(failed("make", parent))?;
        }
        let mut out = private().write(true).create_new(true).open(&path).map_err(failed("make", &path))?;
        let size = entry.size();
        let copied = io::copy(&mut entry, &mut out).map_err(failed("write", &path))?;
        if copied != size {
            return Err(refuse(format!("it ends in the middle of `{}`", plain(&inner.to_string_lossy()))));
        }
        let executable = entry.header().mode().is_ok_and(|mode| mode & 0o100 != 0);
        if executable {
            out.set_permissions(std::fs::Permissions::from_mode(0o700)).map_err(failed("write", &path))?;
        }
    }
    Ok(())
}

/// Checks the log of an archive line by line. Gives its first event, or why it is refused.
fn check_log(log: &Path, task: TaskId) -> Result<Result<Event, String>, StoreError> {
    let bytes = match std::fs::read(log) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Err("it holds no log".to_owned())),
        Err(error) => return Err(failed("read", log)(error)),
    };
    if let Some((line, what)) = log_check::damages(&bytes, task).into_iter().next() {
        return Ok(Err(format!("its log is damaged at line {line}: {what}")));
    }
    let first = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let first = std::str::from_utf8(first).ok().and_then(|line| Event::from_line(line).ok());
    Ok(first.ok_or_else(|| "its log is empty".to_owned()))
}
