//! The API over this installation: what it needs from the rest of the house, and its listeners.

use std::net::SocketAddr;
use std::sync::Arc;

use api::{ApiState, BindError, Bound, Files, Installation, ListedFile, Listen, OpenedFile, Token};
use api_types::{Check, FileKind, ProviderState, Settings};
use event::Timestamp;
use futures_util::future::BoxFuture;
use tokio_util::sync::CancellationToken;
use tool::{Desk, Refusal};

use crate::App;
use crate::guard::guard_of;

/// Deskhand, listening and ready to serve.
pub struct Serving {
    bound: Bound,
    state: ApiState,
    address: String,
}

/// The listeners cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ListenError {
    /// The port or socket cannot be taken.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// The system gives no randomness, so there can be no secret.
    #[error("cannot make a token: {0}")]
    Token(String),
}

impl ListenError {
    /// The one next step.
    pub fn hint(&self) -> &str {
        match self {
            Self::Bind(error) => error.hint(),
            Self::Token(_) => "check that the system has a random source",
        }
    }
}

impl App {
    /// Takes the loopback port (0 for a free one) and the socket.
    pub async fn listen(self: &Arc<Self>, port: u16) -> Result<Serving, ListenError> {
        let token = Token::random().map_err(|error| ListenError::Token(error.to_string()))?;
        let address: SocketAddr = Listen::loopback(port);
        let listen = Listen { tcp: Some(address), socket: Some(self.directories.socket.clone()) };
        let bound = Bound::open(&listen).await?;
        let address =
            bound.address().map(|address| format!("http://{address}/?token={}", token.expose())).unwrap_or_default();
        let state = ApiState {
            tasks: Arc::clone(&self.tasks),
            files: Arc::new(GuardedFiles),
            installation: Arc::new(Installed(Arc::clone(self))),
            home: self.directories.user_home.clone(),
            token,
            web: None,
        };
        Ok(Serving { bound, state, address })
    }
}

impl Serving {
    /// The address to open, with the token of this launch.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Serves until `stop` is cancelled.
    pub async fn run(self, stop: CancellationToken) {
        self.bound.serve(self.state, stop).await;
    }
}

struct GuardedFiles;

impl Files for GuardedFiles {
    fn open(&self, desk: &Desk, path: &str) -> Result<OpenedFile, Refusal> {
        let opened = guard_of(desk).open(path).map_err(|error| refusal(&error))?;
        let bytes = opened.meta().bytes;
        Ok(OpenedFile { file: opened.into_file(), bytes })
    }

    fn list(&self, desk: &Desk, path: &str) -> Result<Vec<ListedFile>, Refusal> {
        let guard = guard_of(desk);
        let listed = guard.list(path).map_err(|error| refusal(&error))?;
        let mut found = Vec::new();
        for name in listed {
            let kind = match name.kind {
                folder::FileKind::File => FileKind::File,
                folder::FileKind::Directory => FileKind::Folder,
                // Neither shown nor followed.
                folder::FileKind::Link | folder::FileKind::Special => continue,
            };
            let Ok(meta) = guard.look(&format!("{}/{}", path.trim_end_matches('/'), name.name)) else { continue };
            let changed_at = Timestamp(meta.mtime_ns / 1_000_000);
            let bytes = if kind == FileKind::File { meta.bytes } else { 0 };
            found.push(ListedFile { name: name.name, kind, bytes, changed_at });
        }
        Ok(found)
    }
}

fn refusal(error: &folder::FolderError) -> Refusal {
    Refusal { message: error.to_string(), hint: error.hint().to_owned() }
}

struct Installed(Arc<App>);

impl Installation for Installed {
    fn settings(&self) -> Settings {
        let providers = self.0.providers.states();
        Settings {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            default_mode: self.0.config.default_mode,
            default_model: self.0.config.default_model.clone(),
            providers: providers.into_iter().map(|(name, unavailable)| ProviderState { name, unavailable }).collect(),
        }
    }

    fn checks(&self) -> BoxFuture<'_, Vec<Check>> {
        Box::pin(self.0.doctor())
    }
}
