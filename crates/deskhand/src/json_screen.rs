//! Lines of JSON: the stored events exactly as in the log, and on wish the deltas.

use std::io::{BufWriter, Stdout, Write};

use event::{Delta, Event};
use tool::Desk;
use view::View;

use crate::complaint::Complaint;
use crate::screen::{Screen, closed};

/// Standard output as lines of JSON.
pub(crate) struct JsonScreen {
    out: BufWriter<Stdout>,
    deltas: bool,
}

impl JsonScreen {
    pub(crate) fn new(deltas: bool) -> Self {
        Self { out: BufWriter::with_capacity(64 * 1024, std::io::stdout()), deltas }
    }

    fn line(&mut self, line: Result<String, serde_json::Error>) -> Result<(), Complaint> {
        let line = line.map_err(|error| closed(error.into()))?;
        self.out.write_all(line.as_bytes()).and_then(|()| self.out.write_all(b"\n")).map_err(closed)
    }
}

impl Screen for JsonScreen {
    fn past(&mut self, _event: &Event) {}

    fn event(&mut self, event: &Event, _view: &View) -> Result<(), Complaint> {
        self.line(event.to_line())
    }

    fn delta(&mut self, delta: &Delta) -> Result<(), Complaint> {
        if self.deltas { self.line(delta.to_line()) } else { Ok(()) }
    }

    fn rest(&mut self) -> Result<(), Complaint> {
        self.out.flush().map_err(closed)
    }

    fn end(&mut self, _view: &View, _desk: Option<&Desk>) -> Result<(), Complaint> {
        self.out.flush().map_err(closed)
    }

    fn aside(
        &mut self,
        _write: &mut dyn FnMut(&mut dyn std::io::Write) -> std::io::Result<()>,
    ) -> Result<(), Complaint> {
        Ok(())
    }
}
