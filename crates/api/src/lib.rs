//! HTTP for everyone but the model: the routes, the guard before each of them, the server and the CLI's client.
//!
//! Lives here: axum, the OpenAPI document, the server-sent stream, the loopback port and the socket. Does not live
//! here: what a command does (`tasks`), opening files (the trait [`Files`], implemented by `app`), the UI's own files.
//! Separate because it is the one place where a stranger may knock.

mod bind;
pub mod client;
mod disposition;
mod document;
mod extract;
mod failure;
mod guard;
mod house;
mod locked;
mod media;
mod router;
mod routes;
mod serve;
mod ticket;
mod token;
mod welcome;

pub use bind::{BindError, Bound, Listen};
pub use document::openapi_json;
pub use house::{ApiState, Files, Installation, ListedFile, OpenedFile, Page, PageLife, Web, WindowAddress};
pub use serve::MAX_STREAMS;
pub use ticket::Tickets;
pub use token::Token;

#[cfg(test)]
mod disposition_tests;
#[cfg(test)]
mod guard_tests;
#[cfg(test)]
mod ticket_tests;
