//! What all five tools need when they run: the guard over a desk, and work on a thread that may wait.

use std::time::Duration;

use event::{Effect, Outcome, Part};
use folder::{Guard, Root};
use tokio_util::sync::CancellationToken;
use tool::{CallError, Desk, Preview, Report};

/// The guard over the places of a desk.
pub(crate) fn guard(desk: &Desk) -> Guard {
    let own = [Root::outputs(&desk.outputs), Root::uploads(&desk.uploads)];
    Guard::new(desk.folders.iter().map(Root::folder).chain(own))
}

/// A path as the model wrote it, in its absolute form.
pub(crate) fn absolute(desk: &Desk, path: &str) -> Result<String, CallError> {
    if path.trim().is_empty() {
        return Err(CallError("`path` is empty: give the path of a file".to_owned()));
    }
    Ok(desk.absolute(path))
}

/// The preview of a call with one effect.
pub(crate) fn effect(effect: Effect) -> Preview {
    Preview::Effects(vec![effect])
}

/// A report of a call that was stopped.
pub(crate) fn stopped() -> Report {
    Report { outcome: Outcome::Stopped, output: vec![Part::text("stopped by the user")], facts: Vec::new() }
}

/// How long work on a parser may take.
pub(crate) const PARSER_TIME: Duration = Duration::from_mins(1);

/// Whether a call that is being stopped is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The work changes something: it is short and comes to its end.
    Awaited,
    /// The work only reads: it is left behind and ends by itself.
    LeftBehind,
}

/// Does work on a thread that may wait for the disk. A panic in it, such as of a parser, is a failed call.
pub(crate) async fn blocking(
    stop: &CancellationToken,
    ending: Ending,
    work: impl FnOnce() -> Report + Send + 'static,
) -> Report {
    let work = tokio::task::spawn_blocking(work);
    let done = match ending {
        Ending::Awaited => work.await,
        Ending::LeftBehind => tokio::select! {
            done = work => done,
            () = stop.cancelled() => return stopped(),
        },
    };
    done.unwrap_or_else(|_| Report::failed("the file broke the program that reads it; nothing was changed"))
}
