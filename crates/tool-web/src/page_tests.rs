//! What is said about pages of every kind.

use egress::{Address, Page};
use event::{Outcome, Part};
use tool::Report;

use super::{TEXT_CAP, report};

fn page(media: &str, content: &[u8]) -> Page {
    Page {
        address: "https://good.example/page".to_owned(),
        status: 200,
        media: media.to_owned(),
        content: content.to_vec(),
        is_cut: false,
    }
}

fn said(page: &Page) -> (Outcome, String) {
    let asked = Address::parse("https://good.example/page").unwrap();
    text(report(&asked, page, ""))
}

fn text(report: Report) -> (Outcome, String) {
    let Part::Text(text) = &report.output[0] else { panic!("a page is text") };
    (report.outcome, text.expose().to_owned())
}

#[test]
fn html_comes_with_its_title() {
    let html = b"<!doctype html><title>A  page</title><h1>Hello</h1><p>World";
    let expected = "Page: https://good.example/page\nTitle: A page\n\n# Hello\n\nWorld".to_owned();
    for media in ["text/html", "Text/HTML; charset=utf-8", "application/xhtml+xml", "", "application/octet-stream"] {
        assert_eq!(said(&page(media, html)), (Outcome::Ok, expected.clone()), "{media}");
    }
}

#[test]
fn text_comes_as_it_is() {
    for media in ["text/plain", "application/json", "application/vnd.api+json", "text/csv; header=present", ""] {
        let (outcome, text) = said(&page(media, b"{\"a\": [1,\n  2]}"));
        assert_eq!((outcome, text.as_str()), (Outcome::Ok, "Page: https://good.example/page\n\n{\"a\": [1,\n  2]}"));
    }
}

#[test]
fn what_is_no_text_says_what_to_do() {
    let table: [(&str, &[u8], &str); 4] = [
        ("application/pdf", b"%PDF-1.7", "This is a PDF (application/pdf)."),
        ("text/html", b"%PDF-1.7", "This is a PDF (text/html)."),
        ("image/png", b"\x89PNG", "This is no text (image/png)."),
        ("text/html", b"MZ\0\0\0", "This is no text (text/html)."),
    ];
    for (media, content, beginning) in table {
        let (outcome, text) = said(&page(media, content));
        assert_eq!(outcome, Outcome::Failed);
        assert!(text.contains(beginning) && text.contains("Next step: download it with Bash, `curl"), "{text}");
    }
}

#[test]
fn the_rest_is_said_in_the_head() {
    let asked = Address::parse("http://other.example/").unwrap();
    let page = Page { status: 404, is_cut: true, ..page("text/plain", b"") };
    let (outcome, text) = text(report(&asked, &page, "the\nprice"));
    assert_eq!(outcome, Outcome::Failed);
    assert_eq!(
        text,
        "Page: https://good.example/page\nAsked for: http://other.example/\nStatus: 404\nYou look for: the price\nNote: the \
         page is longer than what was read, or ended early\n\n(no text; the page may need a browser)"
    );
}

#[test]
fn a_long_page_is_capped() {
    let (_, text) = said(&page("text/plain", "wörd ".repeat(100_000).as_bytes()));
    assert!(text.len() <= TEXT_CAP && text.len() > TEXT_CAP - 200, "{}", text.len());
    let (_, text) = said(&page("text/html", "<p>wörd ".repeat(100_000).as_bytes()));
    assert!(text.len() <= TEXT_CAP, "{}", text.len());
}

#[test]
fn old_encodings_are_read() {
    let table: [(&str, &[u8]); 4] = [
        ("text/plain; charset=iso-8859-1", b"gr\xfc\xdfe"),
        ("text/html", b"<meta charset=\"windows-1252\">gr\xfc\xdfe"),
        ("text/html", b"<meta http-equiv=content-type content='text/html; charset=latin1'>gr\xfc\xdfe"),
        ("text/html; charset=nonsense", "gr\u{fc}\u{df}e".as_bytes()),
    ];
    for (media, content) in table {
        let (_, text) = said(&page(media, content));
        assert!(text.ends_with("gr\u{fc}\u{df}e"), "{media}: {text}");
    }
}
