//! Effects a call may have, and the nouns of asking for and giving permission. Deciding is `policy`'s.

use serde::{Deserialize, Serialize};

use crate::{ApprovalId, CallId, Digest, GrantId, Json};

/// One thing a call will do, declared before it runs.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "type", content = "data", rename_all = "snake_case")]
pub enum Effect {
    /// Reads a file or directory; the path as the model knows it (`/work/…`, `/outputs/…`).
    ReadPath(String),
    /// Makes or changes a file.
    WritePath(String),
    /// Deletes a file or tree.
    DeletePath(String),
    /// Runs a command in the sandbox.
    Run(String),
    /// Reaches a host on the network.
    Connect(String),
    /// Calls a connector's tool.
    Send {
        /// The connector's name.
        connector: String,
        /// The tool's name.
        tool: String,
    },
    /// Acts on a web site.
    Browse(String),
    /// Controls a desktop application.
    Control(String),
    /// Makes or changes a schedule.
    Schedule(String),
    /// Writes to memory that outlives the task.
    Remember(String),
}

/// How far a permission reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// This one call.
    Once,
    /// The same kind of effect for the rest of this task.
    Task,
    /// The same kind of effect in this folder or project, in later tasks too.
    Folder,
    /// The same kind of effect everywhere, until revoked.
    Always,
}

/// A stored permission. Listed with the task and revocable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Grant {
    /// Its id within the task.
    pub id: GrantId,
    /// How far it reaches.
    pub scope: Scope,
    /// What it allows: an effect of the same kind whose subject equals or lies beneath this one's. An empty
    /// subject stands for every subject of the kind.
    pub allows: Effect,
}

/// A durable question to the user about one exact call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Approval {
    /// Its id within the task.
    pub id: ApprovalId,
    /// The call it is about.
    pub call: CallId,
    /// The tool that was called.
    pub tool: String,
    /// The call's exact input.
    pub input: Json,
    /// What the call will do.
    pub effects: Vec<Effect>,
    /// Why it asks, in one plain sentence written by Deskhand, never by the model.
    pub reason: String,
    /// Digest of tool and input: an answer counts for exactly this call.
    pub binds: Digest,
    /// The scopes the user may choose from.
    pub offers: Vec<Scope>,
    /// Whether it came up while the call was running, which waits for the answer.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub running: bool,
    /// How many files of the user would go, where it is about deletion and they were counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files: Option<u64>,
}

/// What a running call came upon and needs permission for. Not stored; an [`Approval`] is, if the user is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inquiry {
    /// What it would do.
    pub effects: Vec<Effect>,
    /// Why it asks, in plain words that continue "Deskhand wants to", written by Deskhand.
    pub reason: String,
    /// How many files of the user would go, where that was counted.
    pub files: Option<u64>,
}

/// The answer to an [`Inquiry`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Consent {
    /// Go ahead.
    Given,
    /// Do not.
    Refused {
        /// Why, for the program that is told no.
        why: String,
    },
}

/// The user's answer to an approval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "type", content = "data", rename_all = "snake_case")]
pub enum Answer {
    /// Go ahead, this far.
    Allow {
        /// How far the permission reaches.
        scope: Scope,
    },
    /// Do not; the note is shown to the model.
    Deny {
        /// What the user wants instead, if anything.
        note: Option<String>,
    },
}
