//! What a fake server remembers of each request.

use std::time::Instant;

use bytes::Bytes;

/// One request, as it came.
#[derive(Debug, Clone)]
pub struct Record {
    /// Its method.
    pub method: String,
    /// Its path and query.
    pub path: String,
    /// Its headers, names in lower case, in the order they came.
    pub headers: Vec<(String, String)>,
    /// Its body; empty where the server was told not to keep bodies.
    pub body: Bytes,
    /// When its head had arrived.
    pub began: Instant,
    /// When the last byte of the answer was handed to the connection; none while it is under way or if it was cut.
    pub ended: Option<Instant>,
    /// Whether the client went away before the answer's end.
    pub abandoned: bool,
}

impl Record {
    /// All values of a header.
    pub fn header(&self, name: &str) -> Vec<&str> {
        self.headers.iter().filter(|(own, _)| own == name).map(|(_, value)| value.as_str()).collect()
    }

    /// The body as JSON; `null` where it is none.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}
