//! Which directories may be granted to a task at all. Asked when a folder is chosen, before it is a place.

use std::io;
use std::path::{Path, PathBuf};

use crate::mask::masked;

/// Why a directory cannot be granted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GrantError {
    /// The path does not start at the root.
    #[error("`{}` is not an absolute path", .0.display())]
    NotAbsolute(PathBuf),
    /// The path cannot be written as text.
    #[error("the name of `{}` is not UTF-8", .0.display())]
    NotText(PathBuf),
    /// There is nothing of that name.
    #[error("`{}` does not exist", .0.display())]
    Missing(PathBuf),
    /// It is not a directory.
    #[error("`{}` is not a directory", .0.display())]
    NotADirectory(PathBuf),
    /// The system does not let this user list it.
    #[error("no permission to read `{}`", .0.display())]
    Unreadable(PathBuf),
    /// The whole file system.
    #[error("the whole file system cannot be granted")]
    Everything,
    /// A directory of the system, or one that holds other people's.
    #[error("`{}` belongs to the system", .0.display())]
    System(PathBuf),
    /// The home directory itself.
    #[error("the home directory `{}` as a whole cannot be granted", .0.display())]
    Home(PathBuf),
    /// A directory that holds the home directory.
    #[error("`{}` holds the home directory", .0.display())]
    AboveHome(PathBuf),
    /// All settings of all programs.
    #[error("`{}` holds the settings of all programs", .0.display())]
    Settings(PathBuf),
    /// Keys, passwords, browser profiles or what runs at login; or a directory that holds such.
    #[error("`{}` holds {what}", path.display())]
    Secrets {
        /// The directory.
        path: PathBuf,
        /// What it holds.
        what: &'static str,
    },
    /// Deskhand's own data, a directory in it, or one that holds it.
    #[error("`{}` holds Deskhand's own data", .0.display())]
    OwnData(PathBuf),
    /// Any other failure of the system.
    #[error("cannot look at `{}`: {source}", path.display())]
    Disk {
        /// The directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl GrantError {
    /// The one next step.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NotAbsolute(_) => "give the path from the root, such as `/home/ann/Reports`",
            Self::NotText(_) => "rename the directory, or grant the one above it",
            Self::Missing(_) => "check the spelling, or make the directory first",
            Self::NotADirectory(_) => "grant the directory that holds the file",
            Self::Unreadable(_) => "give yourself permission to read it first",
            Self::Everything | Self::System(_) => "choose a folder of your own",
            Self::Home(_) | Self::AboveHome(_) => "choose a folder inside your home directory, such as `Documents`",
            Self::Settings(_) => "choose the folder of one program in it",
            Self::Secrets { .. } => "copy what is needed into another folder and grant that",
            Self::OwnData(_) => "choose a folder that has nothing to do with Deskhand's data",
            Self::Disk { .. } => "check the disk, then try again",
        }
    }
}

/// Trees of the system; nothing in them is granted except what [`SYSTEM_EXCEPT`] and the home directory hold.
const SYSTEM: &[&str] = &[
    "/etc",
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/proc",
    "/sys",
    "/dev",
    "/boot",
    "/run",
    "/var",
    "/root",
    "/System",
    "/Library",
    "/Applications",
    "/private/etc",
    "/private/var",
];
/// What may be granted inside system trees: removable disks, web sites, temporary files.
const SYSTEM_EXCEPT: &[&str] = &["/run/media", "/var/www", "/var/tmp", "/private/var/folders"];
/// Directories that hold other people's; only what is inside may be granted.
const HOLDERS: &[&str] =
    &["/home", "/Users", "/media", "/mnt", "/opt", "/srv", "/tmp", "/Volumes", "/private", "/lost+found"];

const KEYS: &str = "keys";
const PASSWORDS: &str = "passwords";
const BROWSER: &str = "a browser's profile with its passwords";
const LOGIN: &str = "what runs at login";

/// Directories of a home that are never granted, nor anything in them, nor anything that holds them.
const SECRET: &[(&str, &str)] = &[
    (".ssh", KEYS),
    (".gnupg", KEYS),
    (".aws", KEYS),
    (".azure", KEYS),
    (".kube", KEYS),
    (".docker", KEYS),
    (".config/gcloud", KEYS),
    (".config/gh", KEYS),
    (".password-store", PASSWORDS),
    (".local/share/keyrings", PASSWORDS),
    (".local/share/kwalletd", PASSWORDS),
    ("Library/Keychains", PASSWORDS),
    (".mozilla", BROWSER),
    (".thunderbird", "a mail program's profile with its passwords"),
    (".config/google-chrome", BROWSER),
    (".config/chromium", BROWSER),
    (".config/BraveSoftware", BROWSER),
    (".config/microsoft-edge", BROWSER),
    (".config/vivaldi", BROWSER),
    (".config/opera", BROWSER),
    (".var/app", "the data of installed programs"),
    ("snap", "the data of installed programs"),
    ("Library/Application Support", "the data of installed programs"),
    (".config/deskhand", "Deskhand's settings"),
    (".config/autostart", LOGIN),
    (".config/systemd", LOGIN),
    ("Library/LaunchAgents", LOGIN),
];

/// Says whether a directory may be granted, and gives its canonical path, which is the one to keep.
///
/// `home` is the user's home directory, `data` is `$DESKHAND_HOME`; neither has to exist.
pub fn grantable(path: &Path, home: &Path, data: &Path) -> Result<PathBuf, GrantError> {
    if !path.is_absolute() {
        return Err(GrantError::NotAbsolute(path.to_owned()));
    }
    let path = path.canonicalize().map_err(|error| failed(path, error))?;
    let (home, data) = (settled(home), settled(data));
    if path.parent().is_none() {
        return Err(GrantError::Everything);
    }
    if path.to_str().is_none() {
        return Err(GrantError::NotText(path));
    }
    if path == home {
        return Err(GrantError::Home(path));
    }
    if home.starts_with(&path) {
        return Err(GrantError::AboveHome(path));
    }
    if path.starts_with(&data) || data.starts_with(&path) {
        return Err(GrantError::OwnData(path));
    }
    if path.starts_with(&home) {
        in_home(&path, &home)?;
    } else {
        outside_home(&path)?;
    }
    let hidden = path.iter().any(|name| name.to_str().is_some_and(|name| masked(name).is_some()));
    if hidden {
        return Err(GrantError::Secrets { path, what: KEYS });
    }
    if !path.is_dir() {
        return Err(GrantError::NotADirectory(path));
    }
    std::fs::read_dir(&path).map_err(|error| failed(&path, error))?;
    Ok(path)
}

fn in_home(path: &Path, home: &Path) -> Result<(), GrantError> {
    if path == home.join(".config") {
        return Err(GrantError::Settings(path.to_owned()));
    }
    let secret = SECRET.iter().find(|(name, _)| {
        let secret = home.join(name);
        path.starts_with(&secret) || secret.starts_with(path)
    });
    match secret {
        Some((_, what)) => Err(GrantError::Secrets { path: path.to_owned(), what }),
        None => Ok(()),
    }
}

fn outside_home(path: &Path) -> Result<(), GrantError> {
    let within = |trees: &[&str]| trees.iter().any(|tree| path.starts_with(tree) && path != Path::new(tree));
    let is = |trees: &[&str]| trees.iter().any(|tree| path == Path::new(tree));
    if is(HOLDERS) || is(SYSTEM) || (within(SYSTEM) && !within(SYSTEM_EXCEPT)) {
        return Err(GrantError::System(path.to_owned()));
    }
    Ok(())
}

/// The canonical form of a path that may not exist yet: of the part that does, with the rest as written.
fn settled(path: &Path) -> PathBuf {
    for ancestor in path.ancestors() {
        let (Ok(real), Ok(rest)) = (ancestor.canonicalize(), path.strip_prefix(ancestor)) else { continue };
        return if rest.as_os_str().is_empty() { real } else { real.join(rest) };
    }
    path.to_owned()
}

fn failed(path: &Path, error: io::Error) -> GrantError {
    let path = path.to_owned();
    match error.kind() {
        io::ErrorKind::NotFound => GrantError::Missing(path),
        io::ErrorKind::PermissionDenied => GrantError::Unreadable(path),
        io::ErrorKind::NotADirectory => GrantError::NotADirectory(path),
        // Foreign and non-exhaustive: everything else is told in the system's words.
        _ => GrantError::Disk { path, source: error },
    }
}
