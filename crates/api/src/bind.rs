//! Taking the loopback port and the socket, and giving the socket back.

use std::fs::{DirBuilder, File, Metadata, Permissions};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use tokio::net::{TcpListener, UnixListener};

/// Where to listen.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Listen {
    /// The address for browsers; it must be `127.0.0.1`, and port 0 takes a free one.
    pub tcp: Option<SocketAddr>,
    /// The socket for the CLI.
    pub socket: Option<PathBuf>,
}

impl Listen {
    /// The loopback address with this port.
    pub fn loopback(port: u16) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, port).into()
    }
}

/// The port or socket cannot be taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BindError {
    /// Anybody could reach it.
    #[error("`{0}` can be reached from outside this computer")]
    NotLoopback(SocketAddr),
    /// The port cannot be taken.
    #[error("cannot listen on `{address}`: {source}")]
    Port {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// A Deskhand answers on the socket.
    #[error("Deskhand is already running on `{}`", .0.display())]
    AlreadyRunning(PathBuf),
    /// Something that is not a socket lies where the socket belongs.
    #[error("`{}` is not a socket", .0.display())]
    NotASocket(PathBuf),
    /// Others may write to the directory of the socket.
    #[error("the directory `{}` of the socket is not yours alone", .0.display())]
    OpenDirectory(PathBuf),
    /// The socket cannot be made.
    #[error("cannot {action} `{}`: {source}", path.display())]
    Socket {
        /// What was tried, such as `make`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl BindError {
    /// The one next step for the user.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NotLoopback(_) => "use 127.0.0.1; to reach it from elsewhere, forward the port with ssh",
            Self::Port { .. } => "choose another port with --port, or 0 for a free one",
            Self::AlreadyRunning(_) => "use the one that runs, or end it with `deskhand quit`",
            Self::NotASocket(_) => "move the file away",
            Self::OpenDirectory(_) => "take the others' right to write away, as with `chmod go-w`",
            Self::Socket { .. } => "check that the directory exists and is yours",
        }
    }
}

/// Port and socket, taken and not yet served.
#[derive(Debug)]
pub struct Bound {
    pub(crate) tcp: Option<(TcpListener, u16)>,
    pub(crate) socket: Option<OwnedSocket>,
}

impl Bound {
    /// Takes port and socket.
    pub async fn open(listen: &Listen) -> Result<Self, BindError> {
        let tcp = match listen.tcp {
            Some(address) => Some(take_port(address).await?),
            None => None,
        };
        let socket = listen.socket.as_deref().map(OwnedSocket::take).transpose()?;
        Ok(Self { tcp, socket })
    }

    /// The address for browsers, with the port that was taken.
    pub fn address(&self) -> Option<SocketAddr> {
        self.tcp.as_ref().map(|(_, port)| Listen::loopback(*port))
    }
}

async fn take_port(address: SocketAddr) -> Result<(TcpListener, u16), BindError> {
    if address.ip() != Ipv4Addr::LOCALHOST {
        return Err(BindError::NotLoopback(address));
    }
    let failed = |source| BindError::Port { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let port = listener.local_addr().map_err(failed)?.port();
    Ok((listener, port))
}

/// The socket and the lock beside it. Dropping it removes the socket.
#[derive(Debug)]
pub(crate) struct OwnedSocket {
    pub(crate) listener: UnixListener,
    path: PathBuf,
    /// Held while the server lives, so that two that start at once cannot both find the socket stale.
    _lock: File,
}

impl OwnedSocket {
    fn take(path: &Path) -> Result<Self, BindError> {
        prepare_directory(path)?;
        let lock = lock(path)?;
        remove_stale(path)?;
        let failed = |action| move |source| BindError::Socket { action, path: path.to_owned(), source };
        let listener = UnixListener::bind(path).map_err(failed("make"))?;
        // The directory lets nobody else in before this, and the peer's user id is looked at on every connection.
        std::fs::set_permissions(path, Permissions::from_mode(0o600)).map_err(failed("protect"))?;
        Ok(Self { listener, path: path.to_owned(), _lock: lock })
    }
}

impl Drop for OwnedSocket {
    fn drop(&mut self) {
        // Where it cannot be removed, the next start finds it stale and removes it.
        let _left = std::fs::remove_file(&self.path);
    }
}

fn prepare_directory(socket: &Path) -> Result<(), BindError> {
    let directory = socket.parent().unwrap_or(Path::new("/"));
    let failed = |action| move |source| BindError::Socket { action, path: directory.to_owned(), source };
    DirBuilder::new().recursive(true).mode(0o700).create(directory).map_err(failed("make"))?;
    let meta = std::fs::metadata(directory).map_err(failed("look at"))?;
    if belongs_to_us(&meta) && meta.mode() & 0o022 == 0 {
        Ok(())
    } else {
        Err(BindError::OpenDirectory(directory.to_owned()))
    }
}

fn belongs_to_us(meta: &Metadata) -> bool {
    meta.uid() == rustix::process::geteuid().as_raw()
}

fn lock(socket: &Path) -> Result<File, BindError> {
    let mut name = socket.as_os_str().to_owned();
    name.push(".lock");
    let path = PathBuf::from(name);
    let failed = |action| {
        let path = path.clone();
        move |source| BindError::Socket { action, path, source }
    };
    let file = File::options().create(true).append(true).open(&path).map_err(failed("open"))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(BindError::AlreadyRunning(socket.to_owned())),
        Err(std::fs::TryLockError::Error(source)) => Err(failed("lock")(source)),
    }
}

/// Removes a socket on which nobody answers.
fn remove_stale(path: &Path) -> Result<(), BindError> {
    let failed = |action| move |source| BindError::Socket { action, path: path.to_owned(), source };
    match std::fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed("look at")(error)),
        Ok(meta) if !meta.file_type().is_socket() => return Err(BindError::NotASocket(path.to_owned())),
        Ok(_) => {}
    }
    match std::os::unix::net::UnixStream::connect(path) {
        Ok(_answers) => Err(BindError::AlreadyRunning(path.to_owned())),
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
            std::fs::remove_file(path).map_err(failed("remove"))
        }
        Err(error) => Err(failed("connect to")(error)),
    }
}
