//! What a fake model says, in no dialect.

use event::Usage;

/// One reply of a fake model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// Reasoning before the text; empty for none.
    pub thinking: String,
    /// Text for the user; empty for none.
    pub text: String,
    /// Tool calls.
    pub calls: Vec<Call>,
    /// The dialect's own word for why it stopped; none means the usual one.
    pub stop: Option<String>,
    /// Token counts.
    pub usage: Usage,
    /// Characters per streamed piece; 0 means one word per piece.
    pub piece: usize,
}

/// A tool call of a fake model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Its id; none makes one from the reply's and the call's number, such as `fake_3_1`.
    pub id: Option<String>,
    /// The tool.
    pub tool: String,
    /// Its input as text, which need not be JSON.
    pub input: String,
}

impl Turn {
    /// A reply that only says something.
    pub fn text(text: impl Into<String>) -> Self {
        let usage = Usage { input: 10, output: 5, cache_read: 0, cache_write: 0 };
        Self { thinking: String::new(), text: text.into(), calls: Vec::new(), stop: None, usage, piece: 0 }
    }

    /// The same reply with reasoning before it.
    pub fn thinking(mut self, thinking: impl Into<String>) -> Self {
        self.thinking = thinking.into();
        self
    }

    /// The same reply with one more tool call.
    pub fn call(mut self, tool: impl Into<String>, input: impl Into<String>) -> Self {
        self.calls.push(Call { id: None, tool: tool.into(), input: input.into() });
        self
    }

    /// The same reply with another reason to stop.
    pub fn stop(mut self, stop: impl Into<String>) -> Self {
        self.stop = Some(stop.into());
        self
    }

    /// The same reply with other token counts.
    pub fn usage(mut self, usage: Usage) -> Self {
        self.usage = usage;
        self
    }

    /// The same reply in pieces of so many characters.
    pub fn pieces(mut self, characters: usize) -> Self {
        self.piece = characters;
        self
    }

    /// Cuts text into streamed pieces.
    pub(crate) fn cut<'t>(&self, text: &'t str) -> Vec<&'t str> {
        if self.piece == 0 {
            return text.split_inclusive(' ').collect();
        }
        let mut pieces = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let end = rest.char_indices().nth(self.piece).map_or(rest.len(), |(end, _)| end);
            let (piece, more) = rest.split_at(end);
            pieces.push(piece);
            rest = more;
        }
        pieces
    }

    /// The id of a call of the reply with this number.
    pub(crate) fn call_id(call: &Call, reply: usize, number: usize) -> String {
        call.id.clone().unwrap_or_else(|| format!("fake_{reply}_{}", number + 1))
    }
}
