//! Media types by file name, and which of them a browser may show in place.

use std::borrow::Cow;

/// The media type of a file name, with the character set of text.
pub(crate) fn media_type(name: &str) -> Cow<'static, str> {
    match view::media_type(name) {
        text if text.starts_with("text/") => Cow::Owned(format!("{text}; charset=utf-8")),
        other => Cow::Borrowed(other),
    }
}

/// Whether a browser may show it in place; everything else is offered for saving.
pub(crate) fn shows_in_place(media: &str) -> bool {
    media.starts_with("text/")
        || media.starts_with("image/")
        || media.starts_with("audio/")
        || media.starts_with("video/")
        || matches!(media, "application/json" | "application/pdf")
}

/// The content policy for a task's file. Whatever it is, it loads nothing and runs nothing; a PDF is left out of the
/// sandbox because browsers show none in it.
pub(crate) fn policy(media: &str) -> &'static str {
    if media == "application/pdf" {
        "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"
    } else {
        "sandbox; default-src 'none'; img-src 'self' data:; media-src 'self'; style-src 'unsafe-inline'; \
         frame-ancestors 'self'"
    }
}
