//! Writing Markdown: blocks, lists, quotes, tables, and words with single blanks between them.

use egress::Address;

/// Bytes of Markdown that are made. Beyond it nothing is kept; the report is cut further.
const MOST_TEXT: usize = 400_000;
/// Lists and quotes that are indented; deeper ones stay at this depth.
const DEEPEST: usize = 12;
/// Longest link that is kept.
const LONGEST_LINK: usize = 500;

/// What stands at the beginning of each line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Frame {
    Quote,
    Bullets,
    Numbers(u32),
}

/// A link under way.
struct Link {
    address: String,
    /// Where its text begins.
    from: usize,
}

pub(crate) struct Writer {
    out: String,
    base: Option<Address>,
    frames: Vec<Frame>,
    /// Frames that are open beyond the deepest.
    beyond: usize,
    /// Line breaks due before the next word.
    breaks: usize,
    /// Whether a blank is due before the next word.
    blank: bool,
    /// What begins the next line instead of plain indentation, such as `- `.
    marker: Option<String>,
    preformatted: usize,
    link: Option<Link>,
    /// Emphases that are open.
    marks: Vec<&'static str>,
    /// Cells in the row under way, and whether it is the first of its table.
    row: Option<(usize, bool)>,
    table: usize,
    first_row: bool,
}

impl Writer {
    pub(crate) fn new(address: &str) -> Self {
        Self {
            out: String::new(),
            base: Address::parse(address).ok(),
            frames: Vec::new(),
            beyond: 0,
            breaks: 0,
            blank: false,
            marker: None,
            preformatted: 0,
            link: None,
            marks: Vec::new(),
            row: None,
            table: 0,
            first_row: false,
        }
    }

    /// The text as it stands.
    pub(crate) fn finish(mut self) -> String {
        self.close_link();
        let end = self.out.trim_end().len();
        self.out.truncate(end);
        self.out
    }

    fn is_full(&self) -> bool {
        self.out.len() >= MOST_TEXT
    }

    /// An element begins that is no link, list or picture.
    pub(crate) fn open(&mut self, name: &str) {
        match name {
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                self.block();
                let level = name.as_bytes().get(1).map_or(1, |digit| usize::from(digit - b'0'));
                self.marker = Some(format!("{} ", "#".repeat(level)));
            }
            "hr" => {
                self.block();
                self.word("---");
                self.block();
            }
            "li" => self.item(),
            "blockquote" => {
                self.block();
                self.push(Frame::Quote);
            }
            "pre" | "xmp" | "listing" | "plaintext" => {
                self.block();
                if self.preformatted == 0 {
                    self.word("```");
                    self.breaks = 1;
                }
                self.preformatted += 1;
            }
            "strong" | "b" => self.mark("**"),
            "em" | "i" => self.mark("*"),
            "code" | "kbd" | "samp" | "tt" if self.preformatted == 0 => self.mark("`"),
            "table" => {
                self.block();
                self.table += 1;
                self.first_row = true;
            }
            "tr" if self.table > 0 => {
                self.end_row();
                self.line();
                self.row = Some((0, self.first_row));
                self.first_row = false;
            }
            "td" | "th" if self.row.is_some() => self.cell(),
            "br" | "dt" | "dd" | "option" | "summary" | "legend" | "caption" => self.line(),
            name if is_block(name) => self.block(),
            _ => {}
        }
    }

    /// An element ends that is no link or list.
    pub(crate) fn close(&mut self, name: &str) {
        match name {
            "blockquote" => {
                self.block();
                self.pop(|frame| frame == Frame::Quote);
            }
            "pre" | "xmp" | "listing" if self.preformatted > 0 => {
                self.preformatted -= 1;
                if self.preformatted == 0 {
                    self.breaks = 1;
                    self.word("```");
                    self.block();
                }
            }
            "strong" | "b" => self.unmark("**"),
            "em" | "i" => self.unmark("*"),
            "code" | "kbd" | "samp" | "tt" if self.preformatted == 0 => self.unmark("`"),
            "tr" => self.end_row(),
            "table" => {
                self.end_row();
                self.table = self.table.saturating_sub(1);
                self.block();
            }
            "li" => self.line(),
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                self.marker = None;
                self.block();
            }
            name if is_block(name) => self.block(),
            _ => {}
        }
    }

    pub(crate) fn open_list(&mut self, start: Option<u32>) {
        if self.frames.iter().any(|frame| *frame != Frame::Quote) {
            self.line();
        } else {
            self.block();
        }
        self.push(start.map_or(Frame::Bullets, Frame::Numbers));
    }

    pub(crate) fn close_list(&mut self) {
        self.marker = None;
        self.line();
        self.pop(|frame| frame != Frame::Quote);
        if self.frames.is_empty() {
            self.block();
        }
    }

    fn item(&mut self) {
        self.line();
        self.marker = Some(match self.frames.last_mut() {
            Some(Frame::Numbers(number)) => {
                let marker = format!("{number}. ");
                *number = number.saturating_add(1);
                marker
            }
            Some(Frame::Bullets | Frame::Quote) | None => "- ".to_owned(),
        });
    }

    fn push(&mut self, frame: Frame) {
        if self.frames.len() < DEEPEST {
            self.frames.push(frame);
        } else {
            self.beyond += 1;
        }
    }

    /// Leaves the innermost frame, if it is of this kind: what a page closes need not be what it opened.
    fn pop(&mut self, fits: impl Fn(Frame) -> bool) {
        if self.beyond > 0 {
            self.beyond -= 1;
        } else if self.frames.last().is_some_and(|frame| fits(*frame)) {
            self.frames.pop();
        }
    }

    pub(crate) fn open_link(&mut self, target: &str) {
        self.close_link();
        let address =
            self.base.as_ref().and_then(|base| base.join(target.trim()).ok()).map(|address| address.to_string());
        let address = address.filter(|address| !target.starts_with('#') && address.len() <= LONGEST_LINK);
        if let Some(address) = address {
            self.settle();
            let from = self.out.len();
            self.out.push('[');
            self.link = Some(Link { address, from });
        }
    }

    pub(crate) fn close_link(&mut self) {
        let Some(Link { address, from }) = self.link.take() else { return };
        if self.out.len() == from + 1 {
            // Nothing to click on.
            self.out.pop();
            return;
        }
        self.out.push_str("](");
        self.out.push_str(&address.replace('(', "%28").replace(')', "%29"));
        self.out.push(')');
    }

    pub(crate) fn image(&mut self, alternative: &str) {
        let alternative = readable(alternative);
        let words: Vec<&str> = alternative.split_whitespace().take(60).collect();
        if !words.is_empty() {
            self.text(&format!("[image: {}]", words.join(" ")));
        }
    }

    pub(crate) fn text(&mut self, text: &str) {
        let text = readable(text);
        if self.preformatted > 0 && self.row.is_none() {
            return self.lines(&text);
        }
        for (index, word) in text.split(|letter: char| letter.is_whitespace()).enumerate() {
            if index > 0 {
                self.blank = true;
            }
            if !word.is_empty() {
                self.word(word);
            }
        }
    }

    /// Preformatted text, line by line.
    fn lines(&mut self, text: &str) {
        for (index, line) in text.split('\n').enumerate() {
            if index > 0 {
                self.breaks = (self.breaks + 1).min(3);
            }
            if !line.is_empty() {
                self.blank = false;
                self.word(line);
            }
        }
    }

    /// A line ends here.
    fn line(&mut self) {
        if self.row.is_some() {
            self.blank = true;
        } else {
            self.breaks = self.breaks.max(1);
        }
    }

    /// A paragraph ends here.
    fn block(&mut self) {
        if self.row.is_some() {
            self.blank = true;
        } else if self.marker.is_none() {
            self.breaks = self.breaks.max(if self.frames.iter().any(|frame| *frame != Frame::Quote) { 1 } else { 2 });
        }
    }

    fn cell(&mut self) {
        let Some((cells, first)) = self.row else { return };
        self.row = Some((cells + 1, first));
        self.blank = cells > 0;
        self.word("|");
        self.blank = true;
    }

    fn end_row(&mut self) {
        let Some((cells, first)) = self.row.take() else { return };
        self.close_link();
        if cells == 0 || self.is_full() {
            return;
        }
        self.blank = false;
        self.out.push_str(" |");
        if first {
            self.breaks = 1;
            self.word(&format!("|{}", " --- |".repeat(cells.min(100))));
        }
        self.breaks = 1;
    }

    fn mark(&mut self, mark: &'static str) {
        // What is nested deeper than that is no longer emphasis.
        if self.marks.len() < DEEPEST && !self.is_full() {
            self.settle();
            self.out.push_str(mark);
            self.marks.push(mark);
        }
    }

    /// Ends an emphasis; where nothing came, its beginning is taken back.
    fn unmark(&mut self, mark: &str) {
        let Some(open) = self.marks.iter().rposition(|open| *open == mark) else { return };
        self.marks.remove(open);
        if self.out.ends_with(mark) {
            self.out.truncate(self.out.len() - mark.len());
        } else {
            self.out.push_str(mark);
        }
    }

    fn word(&mut self, word: &str) {
        if self.is_full() {
            return;
        }
        self.settle();
        self.out.push_str(word);
    }

    /// Writes what is due: breaks with what begins a line, or a blank.
    fn settle(&mut self) {
        if self.is_full() {
            return;
        }
        let at_start = self.out.is_empty();
        if self.breaks > 0 && !at_start {
            self.close_link();
            // An emphasis around nothing leaves breaks behind that count.
            let there = self.out.len() - self.out.trim_end_matches('\n').len();
            for _ in there..self.breaks {
                self.out.push('\n');
            }
        }
        if at_start || self.breaks > 0 || self.marker.is_some() {
            let marker = self.marker.take();
            self.begin_line(marker.as_deref());
        } else if self.blank && !self.out.ends_with(['[', ' ']) {
            self.out.push(' ');
        }
        self.breaks = 0;
        self.blank = false;
    }

    fn begin_line(&mut self, marker: Option<&str>) {
        let lists = self.frames.iter().filter(|frame| **frame != Frame::Quote).count();
        let inner = if marker.is_some() { lists.saturating_sub(1) } else { lists };
        for _ in self.frames.iter().filter(|frame| **frame == Frame::Quote) {
            self.out.push_str("> ");
        }
        for _ in 0..inner {
            self.out.push_str("  ");
        }
        self.out.push_str(marker.unwrap_or_default());
    }
}

/// Elements that stand on lines of their own.
fn is_block(name: &str) -> bool {
    matches!(
        name,
        "address"
            | "article"
            | "aside"
            | "body"
            | "center"
            | "details"
            | "dialog"
            | "div"
            | "dl"
            | "fieldset"
            | "figcaption"
            | "figure"
            | "footer"
            | "form"
            | "header"
            | "hgroup"
            | "main"
            | "nav"
            | "p"
            | "search"
            | "section"
    )
}

/// A text without what nobody sees: control characters, marks that turn or join text, letters of the tag block.
pub(crate) fn readable(text: &str) -> String {
    let is_seen = |letter: &char| match *letter {
        '\n' | '\t' => true,
        // The joiners U+200C and U+200D stay: some scripts cannot be written without them.
        '\u{ad}'
        | '\u{61c}'
        | '\u{180e}'
        | '\u{200b}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e0fff}' => false,
        letter => !letter.is_control(),
    };
    text.chars().filter(is_seen).collect()
}
