//! Asking at the terminal. Lines are read on a thread of their own, so that an answer given from another door ends a
//! prompt, and a line typed while nothing is asked is said to the task.

use std::io::{BufRead as _, IsTerminal as _};

use event::{Answer, Approval, Effect, Question, QuestionAnswer, Scope};
use tokio::sync::mpsc;

/// Lines typed at the terminal. Nobody types more than this ahead.
const AHEAD: usize = 64;

/// The keyboard, where there is one.
pub(crate) struct Keyboard {
    lines: mpsc::Receiver<String>,
}

impl Keyboard {
    /// Whether somebody can be asked here: standard input and output are a terminal.
    pub(crate) fn is_there() -> bool {
        std::io::stdin().is_terminal() && std::io::stdout().is_terminal()
    }

    /// The keyboard, where there is one.
    pub(crate) fn open() -> Option<Self> {
        if !Self::is_there() {
            return None;
        }
        let (sender, lines) = mpsc::channel(AHEAD);
        std::thread::spawn(move || {
            for line in std::io::stdin().lock().lines() {
                let Ok(line) = line else { return };
                if sender.blocking_send(line).is_err() {
                    return;
                }
            }
        });
        Some(Self { lines })
    }

    /// Drops lines that were typed already.
    pub(crate) fn forget_typed(&mut self) {
        while self.lines.try_recv().is_ok() {}
    }

    /// The next line; none when the terminal is gone.
    pub(crate) async fn line(&mut self) -> Option<String> {
        self.lines.recv().await
    }
}

/// What is asked under an approval.
pub(crate) fn approval_prompt(approval: &Approval) -> String {
    let mut keys = vec!["[y] allow once"];
    if approval.offers.contains(&Scope::Task) {
        keys.push("[t] for this task");
    }
    if approval.offers.contains(&Scope::Folder) {
        keys.push("[f] for this folder from now on");
    }
    if takes_always(approval) {
        keys.push("[a] always");
    }
    keys.push("[n] deny, or type what to do instead");
    format!("  {} > ", keys.join("  "))
}

/// Whether "always" is an answer here: for hosts only, of which the card names each. For a command it would mean any
/// command in every task, which the card does not say.
fn takes_always(approval: &Approval) -> bool {
    let hosts = approval.effects.iter().all(|effect| matches!(effect, Effect::Connect(_)));
    approval.offers.contains(&Scope::Always) && hosts && !approval.effects.is_empty()
}

/// Reads an answer to an approval; none where the line is not one and must be asked again.
pub(crate) fn read_approval(line: &str, approval: &Approval) -> Option<Answer> {
    let allow = |scope: Scope| approval.offers.contains(&scope).then_some(Answer::Allow { scope });
    match line.trim().to_lowercase().as_str() {
        "y" | "yes" => allow(Scope::Once),
        "t" => allow(Scope::Task),
        "f" => allow(Scope::Folder),
        "a" => allow(Scope::Always).filter(|_| takes_always(approval)),
        "n" | "no" => Some(Answer::Deny { note: None }),
        // An empty line is too easily typed to decide anything.
        "" => None,
        _ => Some(Answer::Deny { note: Some(line.trim().to_owned()) }),
    }
}

/// What is asked under a question.
pub(crate) fn question_prompt(question: &Question) -> &'static str {
    match (question.choices.is_empty(), question.several) {
        (true, _) => "  your answer > ",
        (false, true) => "  numbers with commas, or your own words > ",
        (false, false) => "  a number, or your own words > ",
    }
}

/// Reads an answer to a question: numbers of choices, or the user's own words.
pub(crate) fn read_question(line: &str, question: &Question) -> Option<QuestionAnswer> {
    let line = line.trim();
    if line.is_empty() {
        return None;
    }
    let numbers: Option<Vec<&event::Choice>> = line
        .split([',', ' '])
        .filter(|part| !part.is_empty())
        .map(|part| part.parse::<usize>().ok()?.checked_sub(1).and_then(|index| question.choices.get(index)))
        .collect();
    match numbers {
        Some(choices) if choices.len() == 1 || (question.several && !choices.is_empty()) => Some(QuestionAnswer {
            chosen: choices.into_iter().map(|choice| choice.label.clone()).collect(),
            other: None,
        }),
        Some(_) | None => Some(QuestionAnswer { chosen: Vec::new(), other: Some(line.to_owned()) }),
    }
}

#[cfg(test)]
mod tests {
    use event::{Answer, Approval, ApprovalId, CallId, Choice, Digest, Effect, Json, Question, QuestionAnswer, Scope};

    use super::{approval_prompt, read_approval, read_question};

    fn approval(offers: Vec<Scope>) -> Approval {
        Approval {
            id: ApprovalId::from("a1"),
            call: CallId::from("c1"),
            tool: "Bash".into(),
            input: Json::empty_object(),
            effects: Vec::new(),
            reason: "run a command".into(),
            binds: Digest::of(b"x"),
            offers,
            running: false,
            files: None,
        }
    }

    #[test]
    fn approvals_are_read_only_from_clear_words() {
        let all = approval(vec![Scope::Once, Scope::Task, Scope::Folder]);
        let once = approval(vec![Scope::Once]);
        let allow = |scope| Some(Answer::Allow { scope });
        for (line, expected) in [
            ("y", allow(Scope::Once)),
            ("YES ", allow(Scope::Once)),
            ("t", allow(Scope::Task)),
            ("f", allow(Scope::Folder)),
            ("n", Some(Answer::Deny { note: None })),
            ("", None),
            ("use the copy", Some(Answer::Deny { note: Some("use the copy".into()) })),
        ] {
            assert_eq!(read_approval(line, &all), expected, "{line}");
        }
        assert_eq!(read_approval("t", &once), None, "a scope that is not offered decides nothing");
        assert!(!approval_prompt(&once).contains("[t]"));
    }

    #[test]
    fn always_is_an_answer_for_hosts_only() {
        let offers = |effects: Vec<Effect>| {
            let asked = Approval { effects, ..approval(vec![Scope::Once, Scope::Task, Scope::Always]) };
            (approval_prompt(&asked).contains("[a] always"), read_approval("a", &asked))
        };
        let host = || Effect::Connect("files.example.org".into());
        let always = Some(Answer::Allow { scope: Scope::Always });
        assert_eq!(offers(vec![host()]), (true, always));
        // In a task without folders these offer no folder.
        let (run, write) = (Effect::Run("make".into()), Effect::WritePath("/outputs/a".into()));
        for effects in [vec![run], vec![write.clone()], vec![host(), write], Vec::new()] {
            assert_eq!(offers(effects), (false, None));
        }
        let once = Approval { effects: vec![host()], ..approval(vec![Scope::Once]) };
        assert_eq!(read_approval("a", &once), None);
    }

    #[test]
    fn questions_take_numbers_or_words() {
        let choices = ["Metric", "US"].map(|label| Choice { label: label.into(), description: String::new() });
        let one = Question { text: "?".into(), header: String::new(), choices: choices.to_vec(), several: false };
        let several = Question { several: true, ..one.clone() };
        let chosen = |labels: &[&str]| {
            Some(QuestionAnswer { chosen: labels.iter().map(|label| (*label).to_owned()).collect(), other: None })
        };
        let words = |text: &str| Some(QuestionAnswer { chosen: Vec::new(), other: Some(text.into()) });
        assert_eq!(read_question("2", &one), chosen(&["US"]));
        assert_eq!(read_question("1, 2", &several), chosen(&["Metric", "US"]));
        assert_eq!(read_question("1 2", &one), words("1 2"));
        assert_eq!(read_question("3", &one), words("3"));
        assert_eq!(read_question("0", &one), words("0"));
        assert_eq!(read_question("both please", &one), words("both please"));
        assert_eq!(read_question(" ", &one), None);
    }
}
