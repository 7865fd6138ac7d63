//! Opening files and addresses the way the user would: with the desktop's own programs, found on the path that was given,
//! started without a shell and with the file as one argument.

use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use crate::detach::own_session;

/// How long an opener is watched for failing at once. Many stay as long as the program they started.
const FIRST_MOMENT: Duration = Duration::from_millis(1500);

/// The desktop of the user's session.
#[derive(Debug, Clone)]
pub struct Desktop {
    path: OsString,
    screen: Screen,
    bus: bool,
}

/// Whether there is a desktop at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Screen {
    There,
    Missing,
}

/// The desktop cannot be asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DesktopError {
    /// There is no desktop.
    #[error("there is no desktop in this session")]
    NoScreen,
    /// There is nothing to open it with.
    #[error("no program to open it with was found")]
    NoOpener,
    /// The program to open it with failed.
    #[error("`{program}` could not open it: {what}")]
    Failed {
        /// The program's name.
        program: String,
        /// What is known of it.
        what: String,
    },
}

impl DesktopError {
    /// The one next step for the user.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NoScreen => "download it instead, or start Deskhand from the desktop",
            Self::NoOpener => "install the package `xdg-utils`, or download it instead",
            Self::Failed { .. } => "choose a program for this kind of file in the desktop's settings, or download it",
        }
    }
}

impl Desktop {
    /// The desktop of this session; `get` reads a variable.
    pub fn from_environment(get: &dyn Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| get(name).filter(|value| !value.is_empty());
        let named = set("DISPLAY").or_else(|| set("WAYLAND_DISPLAY")).is_some();
        let screen = if named || cfg!(any(target_os = "macos", windows)) { Screen::There } else { Screen::Missing };
        let runtime = set("XDG_RUNTIME_DIR").is_some_and(|runtime| Path::new(&runtime).join("bus").exists());
        let bus = runtime || set("DBUS_SESSION_BUS_ADDRESS").is_some();
        Self { path: set("PATH").unwrap_or_default().into(), screen, bus }
    }

    /// Whether there is a desktop to open anything on.
    pub fn is_there(&self) -> bool {
        self.screen == Screen::There
    }

    /// Shows a file in its folder, chosen where the desktop can.
    ///
    /// # Errors
    /// Where there is no desktop, no program for it, or that program fails at once.
    pub fn show_in_folder(&self, file: &Path) -> Result<(), DesktopError> {
        self.check()?;
        if cfg!(target_os = "macos") {
            return self.run("open", &[OsStr::new("-R"), file.as_os_str()]);
        }
        if cfg!(windows) {
            let mut choice = OsString::from("/select,");
            choice.push(file);
            return self.run("explorer", &[&choice]);
        }
        if self.show_by_bus(file) {
            return Ok(());
        }
        self.run("xdg-open", &[file.parent().unwrap_or(file).as_os_str()])
    }

    /// Opens a file with the program the user chose for its kind.
    ///
    /// # Errors
    /// As for [`Desktop::show_in_folder`].
    pub fn open_file(&self, file: &Path) -> Result<(), DesktopError> {
        self.check()?;
        self.run(opener(), &[file.as_os_str()])
    }

    /// Opens an address in the user's browser.
    ///
    /// # Errors
    /// As for [`Desktop::show_in_folder`].
    pub fn open_address(&self, address: &str) -> Result<(), DesktopError> {
        self.check()?;
        self.run(opener(), &[OsStr::new(address)])
    }

    fn check(&self) -> Result<(), DesktopError> {
        match self.screen {
            Screen::There => Ok(()),
            Screen::Missing => Err(DesktopError::NoScreen),
        }
    }

    /// Asks the file manager over the session bus (freedesktop.org File Manager D-Bus interface, `ShowItems`).
    fn show_by_bus(&self, file: &Path) -> bool {
        let Some(sender) = self.find("dbus-send").filter(|_| self.bus) else { return false };
        let items = format!("array:string:{}", file_uri(file));
        let arguments = [
            "--session",
            "--print-reply",
            "--reply-timeout=1400",
            "--dest=org.freedesktop.FileManager1",
            "/org/freedesktop/FileManager1",
            "org.freedesktop.FileManager1.ShowItems",
            &items,
            "string:",
        ]
        .map(OsStr::new);
        let Ok(child) = start(&sender, &arguments) else { return false };
        matches!(first_moment(child), Some(Ok(status)) if status.success())
    }

    fn run(&self, name: &str, arguments: &[&OsStr]) -> Result<(), DesktopError> {
        let program = self.find(name).ok_or(DesktopError::NoOpener)?;
        let failed = |what: String| DesktopError::Failed { program: name.to_owned(), what };
        let child = start(&program, arguments).map_err(|error| failed(error.to_string()))?;
        match first_moment(child) {
            // It stays as long as what it opened.
            None => Ok(()),
            // Explorer says 1 when all is well.
            Some(Ok(status)) if status.success() || cfg!(windows) => Ok(()),
            Some(Ok(status)) => Err(failed(format!("it ended with {status}"))),
            Some(Err(error)) => Err(failed(error.to_string())),
        }
    }

    fn find(&self, name: &str) -> Option<PathBuf> {
        let name = if cfg!(windows) { format!("{name}.exe") } else { name.to_owned() };
        std::env::split_paths(&self.path)
            .filter(|directory| directory.is_absolute())
            .map(|directory| directory.join(&name))
            .find(|program| program.is_file())
    }
}

fn opener() -> &'static str {
    if cfg!(target_os = "macos") {
        "open"
    } else if cfg!(windows) {
        "explorer"
    } else {
        "xdg-open"
    }
}

fn start(program: &Path, arguments: &[&OsStr]) -> std::io::Result<Child> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    own_session(&mut command);
    command.spawn()
}

/// How a program ended, if it does so at once. A thread waits for it in any case, so that nothing of it stays behind.
fn first_moment(mut child: Child) -> Option<std::io::Result<ExitStatus>> {
    let (told, ended) = mpsc::sync_channel(1);
    let waiting = std::thread::Builder::new().name("opener".to_owned()).spawn(move || {
        // Nobody listens any more where it took longer.
        let _late = told.send(child.wait());
    });
    if let Err(error) = waiting {
        return Some(Err(error));
    }
    ended.recv_timeout(FIRST_MOMENT).ok()
}

/// A path as a URI (RFC 8089). Everything but letters, digits and `/-._~` is escaped, commas too, which `dbus-send` takes
/// for the end of an item.
pub(crate) fn file_uri(path: &Path) -> String {
    let mut uri = String::from("file://");
    for byte in path.as_os_str().as_encoded_bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(byte) {
            uri.push(char::from(*byte));
        } else {
            // Writing to a text cannot fail.
            let _written = write!(uri, "%{byte:02X}");
        }
    }
    uri
}
