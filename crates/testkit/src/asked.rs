//! One request as the script of a fake server sees it.

use bytes::Bytes;

/// A wire dialect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Anthropic Messages.
    Anthropic,
    /// OpenAI Chat Completions.
    OpenAi,
}

/// A request for a reply.
#[derive(Debug, Clone)]
pub struct Asked {
    /// How many requests for replies came before, on this server.
    pub number: usize,
    /// How many replies the request's history holds: the turn's index, even for a client that resumed.
    pub replies: usize,
    /// The dialect it is written in.
    pub dialect: Dialect,
    /// Its headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: Bytes,
}

impl Asked {
    /// The first value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }
}

/// How many assistant messages a request holds. Counted in the raw bytes, because requests may have ten megabytes;
/// within a JSON string the quotes would be escaped, so text cannot be taken for a message.
pub(crate) fn count_replies(body: &[u8]) -> usize {
    [br#""role":"assistant""#.as_slice(), br#""role": "assistant""#]
        .iter()
        .map(|needle| memchr::memmem::find_iter(body, needle).count())
        .sum()
}
