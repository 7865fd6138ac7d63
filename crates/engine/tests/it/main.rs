//! The engine as a whole: commands and a scripted model in, an event log out, compared whole.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::needless_raw_string_hashes,
    reason = "tests stop at the first surprise; Scripts read best as they stand in files"
)]

mod crash;
mod flow;
mod golden;
mod inquiries;
mod keeping;
mod world;
