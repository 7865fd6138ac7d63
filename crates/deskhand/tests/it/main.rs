//! The product as its users meet it: the real binary, real sandboxes, real files, fake model servers over real HTTP.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]
#![allow(clippy::print_stdout, reason = "tests that count say how far they came")]

mod archive;
mod asking;
mod complaints;
mod crash;
mod daemon;
mod damage;
mod disks;
mod documents;
mod example;
mod exits;
mod gate;
mod image;
mod journal;
mod json;
mod ledger;
mod messy;
mod ordinary;
mod processes;
mod providers;
mod running;
mod stage;
mod sweep;
mod undo;
mod window;
mod without_sandbox;
mod write_through;
