//! Decisions are written down in one form: the question, the choice, the price.

use super::Violation;
use super::tree::{Page, Tree};

const HEADINGS: [&str; 3] = ["Question", "Choice", "Price"];

/// Finds decisions without a number, without a heading, or with a number that is taken.
pub(super) fn check(tree: &Tree) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut taken: Vec<&str> = Vec::new();
    for page in &tree.decisions {
        let name = page.path.rsplit('/').next().unwrap_or(&page.path);
        let Some(number) = number(name) else {
            found.push(Violation::new(&page.path, 1, "a decision is named `NNN-title.md`"));
            continue;
        };
        if taken.contains(&number) {
            found.push(Violation::new(&page.path, 1, format!("the number {number} is taken by another decision")));
        }
        taken.push(number);
        let missing = HEADINGS.into_iter().filter(|heading| !has_heading(page, heading));
        found.extend(missing.map(|heading| Violation::new(&page.path, 1, format!("lacks the heading `{heading}`"))));
    }
    found
}

fn number(name: &str) -> Option<&str> {
    let (number, title) = name.split_once('-')?;
    let is_number = number.len() == 3 && number.bytes().all(|digit| digit.is_ascii_digit());
    (is_number && title.len() > ".md".len()).then_some(number)
}

fn has_heading(page: &Page, wanted: &str) -> bool {
    page.text.lines().any(|line| {
        let title = line.trim_start_matches('#');
        title.len() < line.len() && title.trim() == wanted
    })
}

#[cfg(test)]
mod tests {
    use super::super::tree::small;
    use super::check;

    fn complaints(name: &str, text: &str) -> Vec<String> {
        let tree = small::of_decision(&format!("docs/decisions/{name}"), text);
        check(&tree).into_iter().map(|violation| violation.what).collect()
    }

    #[test]
    fn a_decision_has_a_number_and_three_headings() {
        let whole = "# One log\n\n## Question\nq\n\n## Choice\nc\n\n## Price\np\n";
        assert_eq!(complaints("001-one-log.md", whole), Vec::<String>::new());
        assert_eq!(complaints("one-log.md", whole), ["a decision is named `NNN-title.md`"]);
        assert_eq!(complaints("01-one-log.md", whole), ["a decision is named `NNN-title.md`"]);
        assert_eq!(
            complaints("001-one-log.md", "# One log\n## Question\nChoice\n"),
            ["lacks the heading `Choice`", "lacks the heading `Price`"]
        );
    }

    #[test]
    fn numbers_are_given_once() {
        let whole = "## Question\n## Choice\n## Price\n";
        let mut tree = small::of_decision("docs/decisions/001-a.md", whole);
        tree.decisions.extend(small::of_decision("docs/decisions/001-b.md", whole).decisions);
        let found: Vec<String> = check(&tree).into_iter().map(|violation| violation.what).collect();
        assert_eq!(found, ["the number 001 is taken by another decision"]);
    }
}
