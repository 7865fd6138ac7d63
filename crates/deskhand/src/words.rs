//! What people read: groups of tool runs, sizes, times.

use event::{Outcome, Timestamp};

/// What ran since the model last spoke, told as one line: "Read 4 files, ran 2 commands".
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Group {
    counts: Vec<(Kind, u32)>,
    failed: u32,
    denied: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Read,
    Searched,
    Wrote,
    Edited,
    Ran,
    Used,
}

impl Group {
    /// Counts a finished call. Plan, notes, questions and cards are shown in their own way and not counted.
    pub(crate) fn add(&mut self, tool: &str, outcome: Outcome) {
        let kind = match tool {
            "Read" => Kind::Read,
            "Glob" | "Grep" => Kind::Searched,
            "Write" => Kind::Wrote,
            "Edit" => Kind::Edited,
            "Bash" => Kind::Ran,
            "TodoWrite" | "Note" | "AskUserQuestion" | "PresentFiles" | "RequestFolder" => return,
            _ => Kind::Used,
        };
        match outcome {
            Outcome::Ok => {}
            Outcome::Denied => {
                self.denied += 1;
                return;
            }
            Outcome::Failed | Outcome::Stopped | Outcome::TimedOut | Outcome::Unknown => self.failed += 1,
        }
        match self.counts.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, count)) => *count += 1,
            None => self.counts.push((kind, 1)),
        }
    }

    /// The line, and an empty group again; none where nothing ran.
    pub(crate) fn take(&mut self) -> Option<String> {
        let Self { counts, failed, denied } = std::mem::take(self);
        let mut parts: Vec<String> = counts.into_iter().map(|(kind, count)| phrase(kind, count)).collect();
        if failed > 0 {
            parts.push(format!("{failed} failed"));
        }
        if denied > 0 {
            parts.push(format!("{denied} denied"));
        }
        let line = parts.join(", ");
        let mut letters = line.chars();
        let first = letters.next()?;
        Some(first.to_uppercase().chain(letters).collect())
    }
}

fn phrase(kind: Kind, count: u32) -> String {
    let many = |one: &str, more: &str| if count == 1 { one.to_owned() } else { more.replace('#', &count.to_string()) };
    match kind {
        Kind::Read => many("read a file", "read # files"),
        Kind::Searched => many("searched once", "searched # times"),
        Kind::Wrote => many("wrote a file", "wrote # files"),
        Kind::Edited => many("edited a file", "edited # files"),
        Kind::Ran => many("ran a command", "ran # commands"),
        Kind::Used => many("used a tool", "used # tools"),
    }
}

/// Breaks long lines between words to fit the terminal. Lines that are laid out (tables, code, indented text) stay.
pub(crate) fn wrapped(text: &str, width: Option<usize>) -> String {
    let Some(width) = width.filter(|width| *width >= 40) else { return text.to_owned() };
    let lines: Vec<String> = text
        .lines()
        .map(|line| {
            let laid_out = line.starts_with([' ', '\t', '|', '`']);
            if laid_out { line.to_owned() } else { textwrap::fill(line, width.min(100)) }
        })
        .collect();
    lines.join("\n")
}

/// Columns of the terminal; none where standard output is not one.
pub(crate) fn columns() -> Option<usize> {
    let (width, _) = terminal_size::terminal_size_of(std::io::stdout())?;
    Some(usize::from(width.0))
}

/// A size as people say it.
pub(crate) fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{:.1} KB", bytes as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

/// A number of tokens as people say it.
pub(crate) fn tokens(count: u64) -> String {
    match count {
        0..10_000 => count.to_string(),
        10_000..10_000_000 => format!("{} k", count / 1_000),
        _ => format!("{:.1} M", count as f64 / 1e6),
    }
}

/// How long ago something was.
pub(crate) fn ago(now: Timestamp, then: Timestamp) -> String {
    let seconds = now.since(then) / 1_000;
    match seconds {
        0..60 => "just now".to_owned(),
        60..3_600 => format!("{} min ago", seconds / 60),
        3_600..86_400 => format!("{} h ago", seconds / 3_600),
        _ => format!("{} d ago", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use event::{Outcome, Timestamp};

    use super::{Group, ago, size, tokens, wrapped};

    #[test]
    fn groups_read_like_sentences() {
        let mut group = Group::default();
        assert_eq!(group.take(), None);
        for tool in ["Read", "Read", "TodoWrite", "Bash", "Read"] {
            group.add(tool, Outcome::Ok);
        }
        assert_eq!(group.take().as_deref(), Some("Read 3 files, ran a command"));
        group.add("Bash", Outcome::Failed);
        group.add("Write", Outcome::Denied);
        assert_eq!(group.take().as_deref(), Some("Ran a command, 1 failed, 1 denied"));
        group.add("TodoWrite", Outcome::Ok);
        assert_eq!(group.take(), None);
    }

    #[test]
    fn prose_is_wrapped_and_layout_is_not() {
        let long = "word ".repeat(20);
        let text = format!("{long}\n| {long}|\n    {long}");
        let shown = wrapped(text.trim_end(), Some(50));
        let lines: Vec<&str> = shown.lines().collect();
        assert_eq!(lines.len(), 4, "{shown}");
        assert!(lines[0].len() <= 50 && lines[2].starts_with('|') && lines[3].starts_with("    word"));
        assert_eq!(wrapped(&long, None), long);
    }

    #[test]
    fn figures_read_like_people_say_them() {
        assert_eq!([size(12), size(4_100), size(2_500_000)], ["12 bytes", "4.1 KB", "2.5 MB"]);
        assert_eq!([tokens(812), tokens(48_200), tokens(12_300_000)], ["812", "48 k", "12.3 M"]);
        let now = Timestamp(100_000_000);
        let then = [0, 59_000, 61_000, 7_200_000].map(|ms| ago(now, Timestamp(100_000_000 - ms)));
        assert_eq!(then, ["just now", "just now", "1 min ago", "2 h ago"]);
    }
}
