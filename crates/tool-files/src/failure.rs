//! What the model is told when a file cannot be used: the reason, one next step, and names that come near.

use folder::{FolderError, Guard};
use tool::Report;

/// Most names suggested.
const SUGGESTIONS: usize = 3;
/// Most names looked at for a suggestion.
const LOOKED_AT: usize = 2_000;

/// A failed report for a file.
pub(crate) fn report(guard: &Guard, error: &FolderError) -> Report {
    Report::failed(words(guard, error))
}

/// The reason and the next step.
pub(crate) fn words(guard: &Guard, error: &FolderError) -> String {
    if let FolderError::NotFound { path } = error {
        return format!("{error}. {}", nearby(guard, path));
    }
    format!("{error}. {}", sentence(error.hint()))
}

fn sentence(hint: &str) -> String {
    let mut letters = hint.chars();
    letters.next().map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), letters.as_str()))
}

/// What there is instead of a path that does not exist.
fn nearby(guard: &Guard, path: &str) -> String {
    let Some((mut parent, mut name)) = path.rsplit_once('/') else { return "Check the path.".to_owned() };
    loop {
        match guard.list(parent) {
            Ok(listed) => {
                let names = listed.iter().take(LOOKED_AT).map(|listed| listed.name.as_str());
                let near = near(name, names);
                if near.is_empty() {
                    return format!("`{parent}` holds nothing called `{name}`; Glob lists what is there.");
                }
                let near: Vec<_> = near.iter().map(|near| format!("`{parent}/{near}`")).collect();
                return format!("Did you mean {}?", near.join(" or "));
            }
            Err(FolderError::NotFound { .. }) => match parent.rsplit_once('/') {
                Some((above, missing)) => (parent, name) = (above, missing),
                None => return "Check the path.".to_owned(),
            },
            Err(_) => return "Check the path; Glob lists what is there.".to_owned(),
        }
    }
}

/// The names nearest to a wanted one, best first.
fn near<'n>(wanted: &str, names: impl Iterator<Item = &'n str>) -> Vec<&'n str> {
    let wanted = wanted.to_lowercase();
    let stem = |name: &str| name.rsplit_once('.').map_or(name.to_owned(), |(stem, _)| stem.to_owned());
    let allowed = wanted.chars().count() / 4 + 1;
    let mut found: Vec<(usize, &str)> = names
        .filter_map(|name| {
            let lower = name.to_lowercase();
            let distance = distance(&wanted, &lower);
            let close = distance <= allowed || (!stem(&wanted).is_empty() && stem(&lower) == stem(&wanted));
            close.then_some((distance, name))
        })
        .collect();
    found.sort_unstable();
    found.into_iter().take(SUGGESTIONS).map(|(_, name)| name).collect()
}

/// Letters to be added, dropped or exchanged to get from one text to the other (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (line, letter) in one.chars().enumerate() {
        let mut corner = line;
        let mut left = line + 1;
        let mut next = vec![left];
        for (above, wanted) in row.iter().skip(1).zip(&other) {
            let best = (corner + usize::from(*wanted != letter)).min(above + 1).min(left + 1);
            corner = *above;
            left = best;
            next.push(best);
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
#[path = "failure_tests.rs"]
mod failure_tests;
