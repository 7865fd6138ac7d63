//! The UI's own files, as they were built into this binary.

use std::borrow::Cow;

use api::{Page, PageLife, Web};

/// One built file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Embedded {
    /// Its address, such as `/assets/app.js`.
    pub(crate) path: &'static str,
    /// Its bytes.
    pub(crate) bytes: &'static [u8],
    /// Whether they are packed with gzip. Every browser takes that, also over plain HTTP, where not all take Brotli.
    pub(crate) gzip: bool,
}

/// Sorted by address.
const BUILT: &[Embedded] = include!(concat!(env!("OUT_DIR"), "/web.rs"));

/// The first page; every address of the UI that is no file of its own is shown by it.
const INDEX: &str = "/index.html";

/// What is shown where the UI was not built in.
const NO_WINDOW: &str = "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>Deskhand</title>\n\
    <h1>This build has no window</h1>\n\
    <p>Run <code>cargo xtask run</code> to build one, or use the command line: <code>deskhand --help</code>.</p>\n</html>\n";

/// The UI of this binary.
pub(crate) struct BuiltUi {
    files: &'static [Embedded],
}

impl BuiltUi {
    /// What was built in.
    pub(crate) fn new() -> Self {
        Self { files: BUILT }
    }

    /// These files instead.
    #[cfg(test)]
    pub(crate) fn of(files: &'static [Embedded]) -> Self {
        Self { files }
    }

    /// Whether the table is sorted, and holds the first page if it holds anything.
    #[cfg(test)]
    pub(crate) fn is_whole(&self) -> bool {
        self.files.is_sorted_by(|one, other| one.path < other.path)
            && (self.files.is_empty() || self.file(INDEX).is_some())
    }

    fn file(&self, path: &str) -> Option<&Embedded> {
        self.files.binary_search_by(|file| file.path.cmp(path)).ok().and_then(|at| self.files.get(at))
    }
}

impl Web for BuiltUi {
    fn page(&self, path: &str) -> Option<Page> {
        if let Some(file) = self.file(path).filter(|file| file.path != INDEX) {
            return Some(page(file));
        }
        let last = path.rsplit('/').next().unwrap_or_default();
        if last.contains('.') && path != INDEX {
            return None;
        }
        Some(self.file(INDEX).map_or_else(no_window, page))
    }
}

fn page(file: &Embedded) -> Page {
    Page {
        media: media(file.path),
        bytes: Cow::Borrowed(file.bytes),
        encoding: file.gzip.then_some("gzip"),
        life: if file.path.starts_with("/assets/") { PageLife::Forever } else { PageLife::Fresh },
    }
}

fn no_window() -> Page {
    Page { media: media(INDEX), bytes: Cow::Borrowed(NO_WINDOW.as_bytes()), encoding: None, life: PageLife::Fresh }
}

/// The media type of a file of the UI by its ending.
fn media(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "woff" => "font/woff",
        "ttf" => "font/ttf",
        "wasm" => "application/wasm",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
