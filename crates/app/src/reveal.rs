//! Showing a file of a task on the user's desktop.

use std::path::{Path, PathBuf};

use api_types::Reveal;
use folder::FileKind;
use tool::{Desk, Refusal};

use crate::App;
use crate::files::refusal;
use crate::guard::guard_of;

/// Kinds of files that show something and run nothing when they are opened. A page of HTML is not among them: outside of
/// Deskhand's own window it could load and send what it likes.
const HARMLESS: [&str; 37] = [
    "txt", "md", "log", "csv", "tsv", "json", "yaml", "yml", "toml", "pdf", "rtf", "docx", "odt", "xlsx", "ods",
    "pptx", "odp", "epub", "png", "jpg", "jpeg", "gif", "webp", "avif", "heic", "bmp", "tif", "tiff", "mp3", "m4a",
    "ogg", "flac", "wav", "mp4", "mov", "webm", "ics",
];

impl App {
    /// Shows a file in its folder, or opens it.
    pub(crate) fn reveal(&self, desk: &Desk, path: &str, how: Reveal) -> Result<(), Refusal> {
        let file = real_path(desk, path)?;
        let shown = match how {
            Reveal::Folder => self.desktop.show_in_folder(&file),
            Reveal::Open => {
                check_harmless(&file)?;
                self.desktop.open_file(&file)
            }
        };
        shown.map_err(|error| Refusal { message: error.to_string(), hint: error.hint().to_owned() })
    }
}

/// Where a file of the task really is. It is opened beneath the handle of its folder first, so that nothing outside of the
/// task's places and nothing behind a link is ever shown.
///
/// A desktop takes no handle, only a path, so the path is what it gets. Somebody who swaps the file between the two can
/// make the desktop show another file of this user to this user, and can read or change nothing by it.
pub(crate) fn real_path(desk: &Desk, path: &str) -> Result<PathBuf, Refusal> {
    let guard = guard_of(desk);
    let path = desk.absolute(path);
    let outside = || Refusal {
        message: format!("`{path}` lies in no folder of this task"),
        hint: "choose a file of this task".to_owned(),
    };
    let real = desk.host_path(&path).ok_or_else(outside)?;
    let kind = guard.look(&path).map_err(|error| refusal(&error))?.kind;
    match kind {
        FileKind::Directory => Ok(real),
        FileKind::File => {
            let opened = guard.open(&path).map_err(|error| refusal(&error))?.into_file();
            if is_same(&opened, &real) { Ok(real) } else { Err(outside()) }
        }
        FileKind::Link | FileKind::Special => Err(outside()),
    }
}

#[cfg(unix)]
fn is_same(opened: &std::fs::File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let (Ok(opened), Ok(named)) = (opened.metadata(), std::fs::symlink_metadata(path)) else { return false };
    (opened.dev(), opened.ino()) == (named.dev(), named.ino())
}

#[cfg(not(unix))]
fn is_same(_opened: &std::fs::File, path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_ok_and(|named| named.is_file())
}

/// A task writes its files itself: opening one must never run it. On a Mac a directory with an ending may be a program.
pub(crate) fn check_harmless(file: &Path) -> Result<(), Refusal> {
    let kind = file.extension().map(|kind| kind.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
    if (file.is_dir() && kind.is_empty()) || HARMLESS.contains(&kind.as_str()) {
        return Ok(());
    }
    Err(Refusal {
        message: format!("a file of the kind `.{kind}` is not opened from here: it could run something"),
        hint: "show it in its folder and open it yourself".to_owned(),
    })
}
