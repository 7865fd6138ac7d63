//! `deskhand serve`: the daemon in the foreground.

use std::io::Write as _;
use std::sync::Arc;

use app::App;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::complaint::{Complaint, Exit};
use crate::host::open_app;
use crate::screen::closed;
use crate::window;

/// Who is told the address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Announce {
    /// Whoever reads standard output.
    Terminal,
    /// The same, and the user's browser is opened at it.
    Browser,
    /// Nobody: whoever may know it asks through the socket.
    Nobody,
}

/// Serves until Ctrl-C, SIGTERM or `deskhand quit`. Tasks at work go on when it starts again.
pub(crate) async fn serve(port: u16, announce: Announce) -> Result<Exit, Complaint> {
    raise_file_limit();
    let end = end()?;
    let app = Arc::new(open_app()?);
    let serving = app.listen(port).await.map_err(|error| Complaint::failed(error.to_string(), error.hint()))?;
    if announce != Announce::Nobody {
        let mut out = std::io::stdout();
        writeln!(out, "{}", serving.address()).and_then(|()| out.flush()).map_err(closed)?;
    }
    let to_open = serving.to_open();
    go_on(&app).await;
    let stop = CancellationToken::new();
    let ended = tokio::spawn(serving.run(stop.clone()));
    let at_hand = tokio::spawn(once_served(Arc::clone(&app), announce, to_open));
    tokio::select! {
        () = end => {}
        () = stop.cancelled() => {}
    }
    at_hand.abort();
    stop.cancel();
    // The server has five seconds for what is under way, then lets every task go and ends by itself.
    let _ended = ended.await;
    Ok(Exit::Done)
}

/// What can wait until the daemon answers: the browser, images that nobody uses any more, what has been in the trash for
/// too long, today and every day, and what is kept for Undo beyond the quota, now and every hour.
async fn once_served(app: Arc<App>, announce: Announce, to_open: impl Fn() -> Option<String> + Send + 'static) {
    let desktop = Arc::clone(&app);
    let browser = move || {
        // Where there is none, the address that was printed is enough.
        if let Some(address) = to_open() {
            window::show(&desktop.desktop, &address);
        }
    };
    if announce == Announce::Browser {
        // It ends by itself; nobody waits for it.
        drop(tokio::task::spawn_blocking(browser));
    }
    app.remove_old_images();
    let trash = Arc::clone(&app).keep_trash_empty(|emptied| {
        if let Err(error) = emptied {
            Complaint::from(error).print();
        }
    });
    let journal = app.keep_journal_small(|freed| {
        if let Err(error) = freed {
            Complaint::failed(error.to_string(), "check the disk and the task's `journal` directory").print();
        }
    });
    tokio::join!(trash, journal);
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
