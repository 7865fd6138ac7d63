//! What the model is told about a page: its text where it has any, and what to do where it has none.

use std::borrow::Cow;
use std::time::{Duration, Instant};

use egress::{Address, Page};
use encoding_rs::Encoding;
use tool::{Report, cap_text};

use crate::markdown::{Markdown, markdown};
use crate::writer::readable;

/// Bytes of a page's text that go before the model. More than other tools give: a page is read once and whole.
pub(crate) const TEXT_CAP: usize = 100_000;
/// Most characters of an address or a title that are shown.
const LONGEST_LINE: usize = 300;

/// How long turning a page into text may take. Usual pages take milliseconds.
const READING_TIME: Duration = Duration::from_secs(5);

/// What a page is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Html,
    Text,
    Pdf,
    Binary,
}

/// The report about a page that was asked for at `asked`.
pub(crate) fn report(asked: &Address, page: &Page, prompt: &str) -> Report {
    let mut head = format!("Page: {}\n", line(&page.address));
    if page.address != asked.to_string() {
        head.push_str(&format_line("Asked for", &asked.to_string()));
    }
    if page.status != 200 {
        head.push_str(&format_line("Status", &page.status.to_string()));
    }
    let mut is_cut = page.is_cut;
    let text = match kind(page) {
        Kind::Html => {
            let html = decoded(page);
            let Markdown { title, text, is_cut: unread } =
                markdown(&html, &page.address, Instant::now() + READING_TIME);
            is_cut |= unread;
            head.push_str(&format_line("Title", &title));
            text
        }
        Kind::Text => readable(&decoded(page)),
        Kind::Pdf => return Report::failed(head + &download("a PDF", page, "read it with Read")),
        Kind::Binary => return Report::failed(head + &download("no text", page, "open it with a fitting program")),
    };
    if !prompt.is_empty() {
        head.push_str(&format_line("You look for", prompt));
    }
    if is_cut {
        head.push_str("Note: the page is longer than what was read, or ended early\n");
    }
    let text = if text.trim().is_empty() { "(no text; the page may need a browser)".to_owned() } else { text };
    let whole = cap_text(format!("{head}\n{text}"), TEXT_CAP);
    if page.status >= 400 { Report::failed(whole) } else { Report::ok(whole) }
}

fn format_line(name: &str, value: &str) -> String {
    if value.is_empty() { String::new() } else { format!("{name}: {}\n", line(value)) }
}

/// A text in one line of bounded length.
fn line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    readable(&words.join(" ")).chars().take(LONGEST_LINE).collect()
}

fn download(what: &str, page: &Page, then: &str) -> String {
    let media = line(&page.media);
    let media = if media.is_empty() { String::new() } else { format!(" ({media})") };
    format!("This is {what}{media}. Next step: download it with Bash, `curl -fLO ADDRESS`, and {then}.")
}

/// What a page is: by what its host says, and by its first bytes where the host says nothing useful.
fn kind(page: &Page) -> Kind {
    let media = page.media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let start = page.content.trim_ascii_start();
    if media == "application/pdf" || start.starts_with(b"%PDF-") {
        return Kind::Pdf;
    }
    let first = page.content.get(..page.content.len().min(4096)).unwrap_or_default();
    if first.contains(&0) {
        return Kind::Binary;
    }
    match media.as_str() {
        "text/html" | "application/xhtml+xml" => Kind::Html,
        "" | "application/octet-stream" if looks_like_html(start) => Kind::Html,
        "" => Kind::Text,
        media if media.starts_with("text/") => Kind::Text,
        "application/json"
        | "application/xml"
        | "application/javascript"
        | "application/yaml"
        | "application/toml"
        | "application/x-ndjson"
        | "application/x-yaml"
        | "application/sql" => Kind::Text,
        media if media.ends_with("+json") || media.ends_with("+xml") => Kind::Text,
        _ => Kind::Binary,
    }
}

/// The content as text: in the encoding its host or the page itself names, else in UTF-8.
fn decoded(page: &Page) -> Cow<'_, str> {
    let label = |text: &str| {
        let lower = text.to_ascii_lowercase();
        let rest = lower.split_once("charset=")?.1.trim_start_matches(['"', '\'', ' ']);
        let end = rest.find(|letter: char| !letter.is_ascii_graphic() || "\"';/>".contains(letter));
        Encoding::for_label(rest.get(..end.unwrap_or(rest.len()))?.as_bytes())
    };
    let start = page.content.get(..page.content.len().min(1024)).unwrap_or_default();
    let encoding = label(&page.media).or_else(|| label(&String::from_utf8_lossy(start))).unwrap_or(encoding_rs::UTF_8);
    encoding.decode(&page.content).0
}

fn looks_like_html(start: &[u8]) -> bool {
    let start: Vec<u8> = start.iter().take(15).map(u8::to_ascii_lowercase).collect();
    start.starts_with(b"<!doctype html") || start.starts_with(b"<html")
}

#[cfg(test)]
#[path = "page_tests.rs"]
mod tests;
