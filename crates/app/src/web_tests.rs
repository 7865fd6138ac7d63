//! Which address shows which file of the UI.

use api::{PageLife, Web};

use crate::web::{BuiltUi, Embedded};

const FILES: &[Embedded] = &[
    Embedded { path: "/assets/app-1a.js", bytes: b"packed", gzip: true },
    Embedded { path: "/assets/inter.woff2", bytes: b"font", gzip: false },
    Embedded { path: "/index.html", bytes: b"first page", gzip: false },
    Embedded { path: "/manifest.webmanifest", bytes: b"{}", gzip: false },
];

fn shown(ui: &BuiltUi, path: &str) -> Option<(&'static str, String, Option<&'static str>, PageLife)> {
    let page = ui.page(path)?;
    Some((page.media, String::from_utf8(page.bytes.into_owned()).unwrap(), page.encoding, page.life))
}

#[test]
fn files_are_shown_as_they_are_and_every_other_address_is_the_first_page() {
    let ui = BuiltUi::of(FILES);
    let first = Some(("text/html; charset=utf-8", "first page".to_owned(), None, PageLife::Fresh));
    for path in ["/", "/index.html", "/tasks/k3x", "/customize/providers", "/assets", "/assets/"] {
        assert_eq!(shown(&ui, path), first, "{path}");
    }
    let script = ("text/javascript; charset=utf-8", "packed".to_owned(), Some("gzip"), PageLife::Forever);
    assert_eq!(shown(&ui, "/assets/app-1a.js"), Some(script));
    let font = ("font/woff2", "font".to_owned(), None, PageLife::Forever);
    assert_eq!(shown(&ui, "/assets/inter.woff2"), Some(font));
    let manifest = ("application/manifest+json", "{}".to_owned(), None, PageLife::Fresh);
    assert_eq!(shown(&ui, "/manifest.webmanifest"), Some(manifest));
    // A file that is not there is missing, and not a page that a script tag would choke on.
    for path in ["/assets/old-2b.js", "/favicon.ico", "/../secret.txt", "/tasks/a.b"] {
        assert_eq!(shown(&ui, path), None, "{path}");
    }
}

#[test]
fn without_a_window_the_first_page_says_so() {
    let ui = BuiltUi::of(&[]);
    let (media, text, encoding, life) = shown(&ui, "/tasks/k3x").unwrap();
    assert_eq!((media, encoding, life), ("text/html; charset=utf-8", None, PageLife::Fresh));
    assert!(text.contains("This build has no window") && text.contains("cargo xtask run"), "{text}");
    assert_eq!(shown(&ui, "/assets/app.js"), None);
}

#[test]
fn what_is_built_in_is_sorted_and_has_a_first_page_or_nothing() {
    let ui = BuiltUi::new();
    assert!(ui.is_whole(), "the table must be sorted, and no page without the first");
}
