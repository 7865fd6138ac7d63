//! `deskhand serve`: the daemon in the foreground.

use std::io::Write as _;
use std::sync::Arc;

use app::App;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::complaint::{Complaint, Exit};
use crate::host::open_app;
use crate::screen::closed;

/// Serves until Ctrl-C or SIGTERM. Tasks at work go on when it starts again.
pub(crate) async fn serve(port: u16) -> Result<Exit, Complaint> {
    raise_file_limit();
    let end = end()?;
    let app = Arc::new(open_app()?);
    let serving = app.listen(port).await.map_err(|error| Complaint::failed(error.to_string(), error.hint()))?;
    let mut out = std::io::stdout();
    writeln!(out, "{}", serving.address()).and_then(|()| out.flush()).map_err(closed)?;
    go_on(&app).await;
    let stop = CancellationToken::new();
    let ended = tokio::spawn(serving.run(stop.clone()));
    end.await;
    stop.cancel();
    // The server has five seconds for what is under way and then ends by itself.
    let _ended = ended.await;
    app.tasks.close().await;
    Ok(Exit::Done)
}

/// A live task holds a file, and a sandbox two more: the usual soft limit ends at a few hundred tasks.
fn raise_file_limit() {
    let mut limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    limit.current = limit.maximum;
    // Where it cannot be raised, a task that finds no file left says so.
    let _unchanged = rustix::process::setrlimit(rustix::process::Resource::Nofile, limit);
}

/// Opens what was at work when Deskhand last ended.
async fn go_on(app: &App) {
    let failed = match app.tasks.wake_interrupted().await {
        Ok(failed) => failed,
        Err(error) => return Complaint::from(error).print(),
    };
    for (task, error) in failed {
        Complaint::failed(format!("task {task} cannot go on: {error}"), error.hint()).print();
    }
}

/// The end that Ctrl-C or SIGTERM asks for; one that comes between this call and the waiting counts as well.
fn end() -> Result<impl Future<Output = ()>, Complaint> {
    let mut terminate = listen(SignalKind::terminate())?;
    let mut interrupt = listen(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Takes a signal from now on.
pub(crate) fn listen(kind: SignalKind) -> Result<Signal, Complaint> {
    signal(kind).map_err(|error| {
        Complaint::failed(format!("cannot listen for signals: {error}"), "check the limits on open files")
    })
}
