//! A client for the same API: what the CLI uses when a Deskhand runs already.
//!
//! Each request has a connection of its own: a socket costs microseconds, and nothing can be left half read.

mod call;
mod stream;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use api_types::{
    ApprovalWaiting, Check, CommandAccepted, ErrorBody, LedgerLine, NewTaskRequest, ProviderModels, SayRequest,
    Settings, StandingGrant, TaskCreatedResponse, TaskSummary, UndoPlan,
};
use event::{Command, Event, GrantId, Seq, TaskId, UndoSelection};
use hyper::{Method, StatusCode};
use store::{Query, Shelf};
use view::View;

use crate::disposition::escaped;
use crate::{Token, WindowAddress};
pub use stream::{Lines, StreamLine};

/// A request failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// Nobody answers.
    #[error("no Deskhand answers on `{place}`: {source}")]
    NoAnswer {
        /// The socket or address.
        place: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The connection broke.
    #[error("the connection to Deskhand broke: {0}")]
    Broken(#[from] hyper::Error),
    /// Deskhand said no.
    #[error("{}", body.message)]
    Refused {
        /// The status.
        status: StatusCode,
        /// The error it gave.
        body: ErrorBody,
    },
    /// What came back cannot be read.
    #[error("cannot read what Deskhand answered: {0}")]
    Unreadable(String),
}

impl ClientError {
    /// The one next step for the user.
    pub fn hint(&self) -> &str {
        match self {
            Self::NoAnswer { .. } => "start it with `deskhand serve`",
            Self::Broken(_) => "see whether it still runs, then try again",
            Self::Refused { body, .. } => body.hint.as_deref().unwrap_or(""),
            Self::Unreadable(_) => "end the running Deskhand and start it again: it may be of another version",
        }
    }
}

/// Where the server is.
#[derive(Debug, Clone)]
enum Place {
    Socket(PathBuf),
    Tcp(SocketAddr, Token),
}

/// A client of one server. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Client {
    place: Place,
}

impl Client {
    /// A client of the server on this socket, once it answers.
    pub async fn connect_socket(path: &Path) -> Result<Self, ClientError> {
        let client = Self { place: Place::Socket(path.to_owned()) };
        client.open().await?;
        Ok(client)
    }

    /// A client of the server on this port, once it answers.
    pub async fn connect_tcp(address: SocketAddr, token: Token) -> Result<Self, ClientError> {
        let client = Self { place: Place::Tcp(address, token) };
        client.open().await?;
        Ok(client)
    }

    /// Makes a task and starts its first turn.
    pub async fn create(&self, new: &NewTaskRequest) -> Result<TaskCreatedResponse, ClientError> {
        self.send(Method::POST, "/tasks", new).await
    }

    /// Follows a command.
    pub async fn command(&self, task: TaskId, command: &Command) -> Result<CommandAccepted, ClientError> {
        self.send(Method::POST, &format!("/tasks/{task}/commands"), command).await
    }

    /// Says something, with files.
    pub async fn say(&self, task: TaskId, say: &SayRequest) -> Result<CommandAccepted, ClientError> {
        self.send(Method::POST, &format!("/tasks/{task}/say"), say).await
    }

    /// What a screen shows of a task.
    pub async fn view(&self, task: TaskId) -> Result<View, ClientError> {
        self.fetch(&format!("/tasks/{task}")).await
    }

    /// Stored events after a sequence: at most 100,000, fewer than `limit` only where there are no more.
    pub async fn events(&self, task: TaskId, after: Seq, limit: usize) -> Result<Vec<Event>, ClientError> {
        self.fetch(&format!("/tasks/{task}/events?after={after}&limit={limit}")).await
    }

    /// Stored events after a sequence, then live ones and deltas, until the server ends. A stream that breaks gives an
    /// error; it can be taken up after the last event seen.
    pub async fn stream(&self, task: TaskId, after: Seq) -> Result<Lines, ClientError> {
        let reply = self.ask(Method::GET, &format!("/tasks/{task}/stream?after={after}"), None).await?;
        Ok(Lines::new(reply))
    }

    /// Recents and search.
    pub async fn recents(&self, query: &Query) -> Result<Vec<TaskSummary>, ClientError> {
        let search = query.text.as_deref().map(|text| format!("&search={}", escaped(text))).unwrap_or_default();
        let shelf = match query.shelf {
            Shelf::All => "all",
            Shelf::Current => "current",
            Shelf::Pinned => "pinned",
            Shelf::Archived => "archived",
        };
        self.fetch(&format!("/tasks?shelf={shelf}&limit={}&offset={}{search}", query.limit, query.offset)).await
    }

    /// Everything that waits for an Allow or Deny.
    pub async fn approvals(&self) -> Result<Vec<ApprovalWaiting>, ClientError> {
        self.fetch("/approvals").await
    }

    /// What an Undo would do.
    pub async fn undo_plan(&self, task: TaskId, selection: &UndoSelection) -> Result<UndoPlan, ClientError> {
        let turn = selection.turn.map(|turn| format!("turn={turn}"));
        let path = selection.path.as_deref().map(|path| format!("path={}", escaped(path)));
        let call = selection.call.as_ref().map(|call| format!("call={}", escaped(call.as_str())));
        let redo = selection.redo.then(|| "redo=true".to_owned());
        let query: Vec<String> = turn.into_iter().chain(path).chain(call).chain(redo).collect();
        self.fetch(&format!("/tasks/{task}/undo?{}", query.join("&"))).await
    }

    /// The latest decisions about the task's connections, oldest first; 10,000 at most.
    pub async fn ledger(&self, task: TaskId, limit: usize) -> Result<Vec<LedgerLine>, ClientError> {
        self.fetch(&format!("/tasks/{task}/ledger?limit={limit}")).await
    }

    /// Every check of readiness.
    pub async fn doctor(&self) -> Result<Vec<Check>, ClientError> {
        self.fetch("/doctor").await
    }

    /// What the installation is set up with.
    pub async fn settings(&self) -> Result<Settings, ClientError> {
        self.fetch("/settings").await
    }

    /// The addresses of the window, one of them made for this call; only the socket tells them. None where no port is
    /// open.
    pub async fn address(&self) -> Result<Option<WindowAddress>, ClientError> {
        self.fetch("/address").await
    }

    /// Asks the server to end; only through the socket. It has not ended yet when it has answered.
    pub async fn quit(&self) -> Result<(), ClientError> {
        self.ask(Method::POST, "/quit", None).await.map(|_empty| ())
    }

    /// The models on offer.
    pub async fn models(&self) -> Result<Vec<ProviderModels>, ClientError> {
        self.fetch("/models").await
    }

    /// Permissions given for folders.
    pub async fn grants(&self) -> Result<Vec<StandingGrant>, ClientError> {
        self.fetch("/grants").await
    }

    /// Takes a permission given for a folder back.
    pub async fn revoke_grant(&self, grant: &GrantId) -> Result<(), ClientError> {
        let path = format!("/grants/{}", escaped(grant.as_str()));
        self.ask(Method::DELETE, &path, None).await.map(|_empty| ())
    }
}
