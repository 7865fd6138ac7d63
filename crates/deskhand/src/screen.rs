//! What a follower draws on: a terminal for people, lines of JSON for programs.

use event::{Delta, Event};
use tool::Desk;
use view::View;

use crate::complaint::Complaint;

/// Draws a task as it goes on.
pub(crate) trait Screen {
    /// An event from before following began: not shown, but later ones may refer to it.
    fn past(&mut self, event: &Event);

    /// An event happened; the view has it folded in.
    fn event(&mut self, event: &Event, view: &View) -> Result<(), Complaint>;

    /// Something unfinished moved.
    fn delta(&mut self, delta: &Delta) -> Result<(), Complaint>;

    /// Nothing more is there right now: what is buffered becomes visible.
    fn rest(&mut self) -> Result<(), Complaint>;

    /// Following ends: the last words.
    fn end(&mut self, view: &View, desk: Option<&Desk>) -> Result<(), Complaint>;

    /// Runs something that writes to the terminal itself.
    fn aside(&mut self, write: &mut dyn FnMut(&mut dyn std::io::Write) -> std::io::Result<()>)
    -> Result<(), Complaint>;
}

/// A line could not be written: the reader has gone.
pub(crate) fn closed(error: std::io::Error) -> Complaint {
    Complaint::failed(format!("cannot write the output: {error}"), "")
}
