//! The API over this installation: what it needs from the rest of the house, and its listeners.

use std::net::SocketAddr;
use std::sync::Arc;

use api::{ApiState, BindError, Bound, Listen, Tickets, Token};
use tokio_util::sync::CancellationToken;

use crate::App;
use crate::files::GuardedFiles;
use crate::installation::Installed;
use crate::web::BuiltUi;

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
        // Known by the time that somebody looks at the settings.
        let keys = Arc::clone(&self.keys);
        tokio::task::spawn_blocking(move || keys.place());
        let address: SocketAddr = Listen::loopback(port);
        let listen = Listen { tcp: Some(address), socket: Some(self.directories.socket.clone()) };
        let bound = Bound::open(&listen).await?;
        let address = bound.address().map(|address| token.address(address)).unwrap_or_default();
        let state = ApiState {
            tasks: Arc::clone(&self.tasks),
            files: Arc::new(GuardedFiles),
            installation: Arc::new(Installed(Arc::clone(self))),
            home: self.directories.user_home.clone(),
            token,
            tickets: Tickets::default(),
            web: Some(Arc::new(BuiltUi::new())),
        };
        Ok(Serving { bound, state, address })
    }
}

impl Serving {
    /// The address to show, with the token of this launch. It belongs into no process's arguments.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Makes addresses to open, while this serves: each lets one browser in, within a minute. None where no port is open
    /// or the system has no randomness.
    pub fn to_open(&self) -> impl Fn() -> Option<String> + Send + use<> {
        let (tickets, port) = (self.state.tickets.clone(), self.bound.address());
        move || tickets.address(port?).ok()
    }

    /// Serves until `stop` is cancelled, by the caller or by whoever asks through the socket. Every task has been let go
    /// when the socket is, so that the next Deskhand can take them up.
    pub async fn run(self, stop: CancellationToken) {
        let tasks = Arc::clone(&self.state.tasks);
        self.bound.serve_then(self.state, stop, async move { tasks.close().await }).await;
    }
}
