//! Files of tasks for showing and downloading, opened through the folder guard.

use api::{Files, ListedFile, OpenedFile};
use api_types::FileKind;
use event::Timestamp;
use tool::{Desk, Refusal};

use crate::guard::guard_of;

/// Opens what a task may reach.
pub(crate) struct GuardedFiles;

impl Files for GuardedFiles {
    fn open(&self, desk: &Desk, path: &str) -> Result<OpenedFile, Refusal> {
        let opened = guard_of(desk).open(path).map_err(|error| refusal(&error))?;
        let bytes = opened.meta().bytes;
        Ok(OpenedFile { file: opened.into_file(), bytes })
    }

    fn list(&self, desk: &Desk, path: &str) -> Result<Vec<ListedFile>, Refusal> {
        let guard = guard_of(desk);
        let listed = guard.list(path).map_err(|error| refusal(&error))?;
        let mut found = Vec::new();
        for name in listed {
            let kind = match name.kind {
                folder::FileKind::File => FileKind::File,
                folder::FileKind::Directory => FileKind::Folder,
                // Neither shown nor followed.
                folder::FileKind::Link | folder::FileKind::Special => continue,
            };
            let Ok(meta) = guard.look(&format!("{}/{}", path.trim_end_matches('/'), name.name)) else { continue };
            let changed_at = Timestamp(meta.mtime_ns / 1_000_000);
            let bytes = if kind == FileKind::File { meta.bytes } else { 0 };
            found.push(ListedFile { name: name.name, kind, bytes, changed_at });
        }
        Ok(found)
    }
}

/// A refusal of the guard in its own words.
pub(crate) fn refusal(error: &folder::FolderError) -> Refusal {
    Refusal { message: error.to_string(), hint: error.hint().to_owned() }
}
