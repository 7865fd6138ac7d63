//! WebFetch: a page from the web as Markdown, through the gate.
//!
//! Lives here: the tool and turning HTML into Markdown. Does not live here: which hosts may be reached (`egress`).

mod fetch;
mod hidden;
mod markdown;
mod page;
mod writer;

pub use fetch::tools;
