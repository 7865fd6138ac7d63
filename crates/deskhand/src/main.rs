//! The command line, and the one binary.
//!
//! Lives here: what a user types and reads in a terminal, exit codes, and the hidden argument that makes this binary
//! act as the program inside a sandbox. Does not live here: decisions of any kind; wiring (`app`).

mod arguments;
mod carry_out;
mod complaint;
mod follow;
mod host;
mod image;
mod journal;
mod json_screen;
mod keyboard;
mod listing;
mod screen;
mod serve;
mod terminal;
mod undo;
mod window;
mod words;

use std::process::ExitCode;

use clap::Parser;

use arguments::Arguments;
use complaint::Exit;

fn main() -> ExitCode {
    // Before anything else: inside a sandbox nothing of the command line exists.
    if std::env::args_os().nth(1).is_some_and(|argument| argument == app::GUEST_ARGUMENT) {
        return app::guest_main();
    }
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are answers, not mistakes; a closed pipe changes nothing about the exit code.
            let _closed = error.print();
            return if error.use_stderr() { Exit::Usage.into() } else { Exit::Done.into() };
        }
    };
    match runtime(&arguments).block_on(carry_out::carry_out(arguments)) {
        Ok(exit) => exit.into(),
        Err(complaint) => {
            complaint.print();
            complaint.exit.into()
        }
    }
}

/// One thread is quickest for one task; the daemon uses every core.
fn runtime(arguments: &Arguments) -> tokio::runtime::Runtime {
    let mut builder = if arguments.serves() {
        tokio::runtime::Builder::new_multi_thread()
    } else {
        tokio::runtime::Builder::new_current_thread()
    };
    match builder.enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            complaint::Complaint::failed(format!("cannot start: {error}"), "check the limits on open files").print();
            std::process::exit(1)
        }
    }
}
