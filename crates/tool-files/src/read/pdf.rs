//! PDF as text, page by page. The parser meets hostile files: sizes are bounded here, panics end in a failed call.

mod font;
mod matrix;
mod page;

use lopdf::{Document, LoadOptions};
use tokio_util::sync::CancellationToken;
use tool::{OUTPUT_CAP, Report, cap_text};

use crate::run::stopped;
use crate::text::append;

/// Bytes one compressed part of a PDF may grow to.
const UNPACKED_CAP: usize = 32 * 1024 * 1024;
/// Bytes kept free for notices.
const NOTICES: usize = 200;

/// The text of `limit` pages from `first` on, as far as it fits.
pub(super) fn report(bytes: &[u8], first: u64, limit: u64, stop: &CancellationToken) -> Report {
    let options = LoadOptions { max_decompressed_size: Some(UNPACKED_CAP), ..LoadOptions::default() };
    let document = match Document::load_mem_with_options(bytes, options) {
        Ok(document) => document,
        Err(error) => return Report::failed(format!("this PDF cannot be read: {error}. Try a program in Bash.")),
    };
    if document.is_encrypted() {
        return Report::failed("this PDF is protected with a password; ask the user for a copy without one");
    }
    let pages = document.get_pages();
    let total = pages.len() as u64;
    if first > total {
        return Report::failed(format!("the PDF has {total} pages; offset {first} is past its end"));
    }
    let last_wanted = total.min(first.saturating_add(limit - 1));
    let mut text = String::new();
    let mut last = first - 1;
    let (mut empty, mut unread) = (0, 0);
    for page in first..=last_wanted {
        if stop.is_cancelled() {
            return stopped();
        }
        let id = u32::try_from(page).ok().and_then(|page| pages.get(&page));
        let words = id.map(|id| page::words(&document, *id));
        let words = match words {
            Some(Ok(words)) => words,
            Some(Err(_)) | None => {
                unread += 1;
                String::new()
            }
        };
        let words = words.trim();
        empty += u64::from(words.is_empty());
        let piece = format!("[page {page} of {total}]\n{words}\n");
        if last >= first && text.len() + piece.len() + NOTICES > OUTPUT_CAP {
            break;
        }
        text.push_str(&piece);
        last = page;
    }
    told(Told { text, first, last, total, empty, unread })
}

struct Told {
    text: String,
    first: u64,
    last: u64,
    total: u64,
    empty: u64,
    unread: u64,
}

fn told(told: Told) -> Report {
    let Told { text, first, last, total, empty, unread } = told;
    let pages = last + 1 - first;
    if empty >= pages {
        let why = if unread > 0 { "its text cannot be read" } else { "it is probably scanned" };
        return Report::ok(format!(
            "[no text in this PDF on pages {first}-{last} of {total}: {why}. Make pictures of the pages with Bash and \
             read those.]"
        ));
    }
    let mut text = cap_text(text, OUTPUT_CAP - NOTICES);
    if last < total {
        append(&mut text, format_args!("[pages {first}-{last} of {total}; read on with offset {}]\n", last + 1));
    }
    Report::ok(text)
}
