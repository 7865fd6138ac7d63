//! The words of Deskhand: what a past fact about a task is, and the nouns facts are made of.
//!
//! Lives here: the event envelope, every fact, ids, effects, grants, limits, and the hash chain of a log.
//! Does not live here: decisions (`policy`), folding into a screen (`view`), files or clocks (`store-disk`).
//! Separate because everything else imports it: it must stay small, pure and light.

mod chain;
mod command;
mod delta;
mod envelope;
mod fact;
mod id;
mod job;
mod json;
mod permission;
mod reply;
mod text;
mod work;

pub use chain::{Chain, ChainError, Digest};
pub use command::{Command, UndoSelection, Wish};
pub use delta::Delta;
pub use envelope::{Actor, DecodeError, Event, Seq, Timestamp};
pub use fact::{Ending, Fact, Outcome, PauseReason};
pub use id::{ApprovalId, CallId, CommandId, GrantId, IdError, QuestionId, TaskId};
pub use job::{Access, Folder, Limits, Mark, Mode, ModelRef, Tier, Usage};
pub use json::Json;
pub use permission::{Answer, Approval, Consent, Effect, Grant, Inquiry, Scope};
pub use reply::{Block, OpaqueBlock, Reply, Stop, TextBlock, ThinkingBlock, ToolCall};
pub use text::Untrusted;
pub use work::{Attachment, Change, ChangeKind, Choice, FileCard, Part, PlanItem, PlanState, Question, QuestionAnswer};

#[cfg(test)]
mod chain_tests;
#[cfg(test)]
mod command_tests;
#[cfg(test)]
mod delta_tests;
#[cfg(test)]
mod fact_tests;
#[cfg(test)]
mod id_tests;
#[cfg(test)]
mod json_tests;
