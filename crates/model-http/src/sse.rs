//! Cutting a byte stream into server-sent events, by the WHATWG rules for `data` lines.
//!
//! Nothing is copied while an event lies whole within one piece of the stream. Other fields (`event`, `id`, `retry`)
//! are skipped: both dialects say in the data what it is. Meaning of the data is `anthropic`'s and `openai`'s.

/// The longest line that is accepted. A tool input or search result of this size is no reply any more.
pub(crate) const LONGEST_LINE: usize = 8 * 1024 * 1024;

/// A line or event was longer than [`LONGEST_LINE`].
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooLong;

/// Cuts a stream into events; holds at most one unfinished event.
#[derive(Debug, Default)]
pub(crate) struct SseSplitter {
    /// The beginning of a line whose end has not arrived.
    partial: Vec<u8>,
    /// Data of the event under way, where it could not be left in the input.
    data: Vec<u8>,
    /// Whether `data` holds something, perhaps an empty line.
    has_data: bool,
    /// Whether the last line ended in a carriage return, so that a line feed still belongs to it.
    after_return: bool,
    /// Whether anything has been read; a byte order mark may stand only before that.
    begun: bool,
}

impl SseSplitter {
    /// Takes more of the stream and gives each whole event's data to `each`. A `false` from it stops the reading.
    pub(crate) fn feed(&mut self, mut input: &[u8], mut each: impl FnMut(&[u8]) -> bool) -> Result<(), TooLong> {
        // A single data line may stay in the input until the blank line after it shows that it is the whole event.
        let mut waiting: Option<&[u8]> = None;
        while !input.is_empty() {
            if std::mem::take(&mut self.after_return) && input.first() == Some(&b'\n') {
                input = input.get(1..).unwrap_or_default();
                continue;
            }
            let Some(end) = memchr::memchr2(b'\n', b'\r', input) else { break };
            let (line, rest) = input.split_at(end);
            self.after_return = rest.first() == Some(&b'\r');
            input = rest.get(1..).unwrap_or_default();
            if self.partial.is_empty() {
                if !self.line(line, &mut waiting, &mut each)? {
                    return Ok(());
                }
            } else {
                self.keep(line)?;
                let whole = std::mem::take(&mut self.partial);
                // The joined line lives only here, so it cannot wait in the input.
                let mut none = None;
                let go_on = self.line(&whole, &mut none, &mut each)?;
                if let Some(data) = none {
                    self.add(data)?;
                }
                self.partial = whole;
                self.partial.clear();
                if !go_on {
                    return Ok(());
                }
            }
        }
        if let Some(data) = waiting {
            self.add(data)?;
        }
        self.keep(input)
    }

    /// The stream ended properly: an event that only lacks its blank line still counts.
    pub(crate) fn finish(&mut self, mut each: impl FnMut(&[u8]) -> bool) -> Result<(), TooLong> {
        self.feed(b"\n\n", &mut each)
    }

    fn keep(&mut self, part: &[u8]) -> Result<(), TooLong> {
        if self.partial.len() + part.len() > LONGEST_LINE {
            return Err(TooLong);
        }
        self.partial.extend_from_slice(part);
        Ok(())
    }

    fn add(&mut self, data: &[u8]) -> Result<(), TooLong> {
        if self.data.len() + data.len() >= LONGEST_LINE {
            return Err(TooLong);
        }
        if self.has_data {
            self.data.push(b'\n');
        }
        self.data.extend_from_slice(data);
        self.has_data = true;
        Ok(())
    }

    fn line<'i>(
        &mut self,
        line: &'i [u8],
        waiting: &mut Option<&'i [u8]>,
        each: &mut impl FnMut(&[u8]) -> bool,
    ) -> Result<bool, TooLong> {
        if line.len() > LONGEST_LINE {
            return Err(TooLong);
        }
        let line = if self.begun { line } else { line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line) };
        self.begun = true;
        if line.is_empty() {
            return Ok(self.dispatch(waiting, each));
        }
        let Some(rest) = line.strip_prefix(b"data") else { return Ok(true) };
        let data = match rest.first() {
            None => rest,
            Some(b':') => {
                let value = rest.get(1..).unwrap_or_default();
                value.strip_prefix(b" ").unwrap_or(value)
            }
            // Another field whose name merely begins the same.
            Some(_) => return Ok(true),
        };
        if let Some(earlier) = waiting.take() {
            self.add(earlier)?;
        }
        if self.has_data {
            self.add(data)?;
        } else {
            *waiting = Some(data);
        }
        Ok(true)
    }

    fn dispatch(&mut self, waiting: &mut Option<&[u8]>, each: &mut impl FnMut(&[u8]) -> bool) -> bool {
        if let Some(data) = waiting.take() {
            return each(data);
        }
        if !std::mem::take(&mut self.has_data) {
            return true;
        }
        let go_on = each(&self.data);
        self.data.clear();
        go_on
    }
}
