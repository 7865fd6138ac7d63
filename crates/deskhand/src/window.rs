//! `deskhand` without a command: the app in the user's browser, over the daemon that runs or one started for it. And
//! `deskhand quit`, which ends that daemon.

use std::ffi::OsStr;
use std::fs::{DirBuilder, File};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;
use std::process::Child;
use std::time::Duration;

use api::client::Client;
use app::{Desktop, Detached, Directories};
use tokio::time::Instant;
use view::{Lines, visible};

use crate::complaint::{Complaint, Exit};
use crate::listing;
use crate::screen::closed;

/// How long a daemon may take until it answers.
const START: Duration = Duration::from_secs(30);
/// How long one may take to end.
const END: Duration = Duration::from_secs(30);
/// How often it is asked meanwhile.
const PAUSE: Duration = Duration::from_millis(25);
/// Bytes of a daemon's last words that are read.
const LAST_WORDS: u64 = 4096;

/// Prints the address of the app and opens it.
pub(crate) async fn open(no_open: bool) -> Result<Exit, Complaint> {
    let variable = |name: &str| std::env::var(name).ok();
    let directories = Directories::from_environment(variable);
    let client = match Client::connect_socket(&directories.socket).await {
        Ok(client) => client,
        Err(_nobody) => start(&directories).await?,
    };
    let address = client.address().await?.ok_or_else(|| {
        Complaint::failed(
            "the daemon that runs has no port for browsers",
            "end it with `deskhand quit`, then start it with `deskhand`",
        )
    })?;
    let mut out = std::io::stdout();
    writeln!(out, "{}", address.lasting).and_then(|()| out.flush()).map_err(closed)?;
    let unwanted = no_open || variable("DESKHAND_NO_OPEN").is_some_and(|value| !value.is_empty());
    if !unwanted {
        show(&Desktop::from_environment(&variable), &address.once);
    }
    Ok(Exit::Done)
}

/// Ends the daemon, and waits until it has let everything go.
pub(crate) async fn quit() -> Result<Exit, Complaint> {
    let directories = Directories::from_environment(|name: &str| std::env::var(name).ok());
    let Ok(client) = Client::connect_socket(&directories.socket).await else {
        listing::say("no daemon is running")?;
        return Ok(Exit::Done);
    };
    client.quit().await?;
    let late = Instant::now() + END;
    while Client::connect_socket(&directories.socket).await.is_ok() {
        if Instant::now() >= late {
            return Err(Complaint::failed("the daemon was asked to end and still runs", "try again in a moment"));
        }
        tokio::time::sleep(PAUSE).await;
    }
    listing::say("the daemon has ended; tasks at work go on when it starts again")
}

/// Opens an address in the user's browser; one for a single visit, because every user of this computer can read what a
/// program is started with. Where that cannot be, the address that was printed is enough.
pub(crate) fn show(desktop: &Desktop, address: &str) {
    if let Err(error) = desktop.open_address(address) {
        // Where standard error is closed there is nobody to tell.
        let _closed = writeln!(std::io::stderr(), "no browser was opened ({error}): open the address yourself");
    }
}

/// Starts a daemon that goes on when this terminal is closed, and waits until it answers.
async fn start(directories: &Directories) -> Result<Client, Complaint> {
    let home = &directories.home;
    let failed = |what: &str| Complaint::failed(format!("cannot start the daemon: {what}"), "check Deskhand's home");
    DirBuilder::new().recursive(true).mode(0o700).create(home).map_err(|error| failed(&error.to_string()))?;
    let program = std::env::current_exe().map_err(|error| failed(&error.to_string()))?;
    let log = home.join("daemon.log");
    let said_before = log.metadata().map_or(0, |meta| meta.len());
    // It works elsewhere than here, so what was given relative to here is made absolute.
    let chosen = std::env::var_os("DESKHAND_HOME").filter(|chosen| !chosen.is_empty());
    let variables: Vec<_> =
        chosen.map(|_relative| ("DESKHAND_HOME", home.clone().into_os_string())).into_iter().collect();
    let mut child = app::start_detached(&Detached {
        program: &program,
        arguments: &[OsStr::new("serve"), OsStr::new("--detached")],
        variables: &variables,
        directory: home,
        log: &log,
    })
    .map_err(|error| Complaint::failed(error.to_string(), error.hint()))?;
    wait(&mut child, &directories.socket).await.ok_or_else(|| refused(&log, said_before))
}

/// The client, once somebody answers; none where the daemon has ended or takes too long.
async fn wait(child: &mut Child, socket: &Path) -> Option<Client> {
    let late = Instant::now() + START;
    loop {
        // Looked at first: where another one was quicker, this one ends and that one answers.
        let ended = !matches!(child.try_wait(), Ok(None));
        if let Ok(client) = Client::connect_socket(socket).await {
            return Some(client);
        }
        if ended || Instant::now() >= late {
            return None;
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// The daemon's own complaint, as its log has it.
fn refused(log: &Path, said_before: u64) -> Complaint {
    let said = last_words(log, said_before).unwrap_or_default();
    let after = |start: &str| said.lines().find_map(|line| line.trim_start().strip_prefix(start)).map(str::to_owned);
    match after("error: ") {
        Some(message) => Complaint::failed(message, after("hint: ").unwrap_or_default()),
        None => Complaint::failed(
            format!("the daemon does not answer; its log is `{}`", visible(&log.to_string_lossy(), Lines::Escape)),
            "start it in this terminal with `deskhand serve`",
        ),
    }
}

fn last_words(log: &Path, from: u64) -> std::io::Result<String> {
    let mut file = File::open(log)?;
    file.seek(SeekFrom::Start(from))?;
    let mut said = Vec::new();
    file.take(LAST_WORDS).read_to_end(&mut said)?;
    Ok(String::from_utf8_lossy(&said).into_owned())
}
