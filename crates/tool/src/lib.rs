//! The contract of a tool: something the model may call, which declares its effects before it runs.
//!
//! Lives here: the trait, what a tool gets to work with, what it gives back, and caps on what the model sees.
//! Does not live here: deciding whether a call may run (`policy`), and any actual tool (`tool-*`).

mod cap;
mod contract;
mod gate;

pub use cap::{MAX_CHANGES, OUTPUT_CAP, cap_text};
pub use contract::{
    Call, CallError, Desk, FolderRequest, Preview, Progress, Reach, Report, Tool, ToolSpec, Toolbox, parse_input,
};
pub use gate::{FolderGate, Refusal, Undo, UndoKind, UndoStep};
