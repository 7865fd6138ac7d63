//! Looking at the paths of a plan, parents before what is in them: a directory without rights hides what is in it, and
//! one that a link or a file replaced holds nothing.

use std::collections::{HashMap, HashSet};

use super::{Action, Seen, Step};
use crate::{Entry, FolderError, Guard, Mark};

/// What was seen so far.
pub(super) struct Survey<'a> {
    guard: &'a Guard,
    /// Directories that this plan opens before anything else.
    sealed: HashSet<String>,
    /// Links that the journal knows: nothing is beneath them.
    links: HashSet<String>,
    /// For names that differ in letter case only: the names there really are in their directory.
    alike: HashMap<String, Option<HashSet<String>>>,
    /// Paths of the plan that have such a twin.
    twins: HashSet<&'a str>,
}

impl<'a> Survey<'a> {
    /// A survey of these paths.
    pub(super) fn new(guard: &'a Guard, paths: impl Iterator<Item = &'a str>) -> Self {
        let mut folded: HashMap<String, Vec<&str>> = HashMap::new();
        for path in paths {
            folded.entry(path.to_lowercase()).or_default().push(path);
        }
        let twins = folded.into_values().filter(|alike| alike.len() > 1).flatten().collect();
        Self { guard, sealed: HashSet::new(), links: HashSet::new(), alike: HashMap::new(), twins }
    }

    /// What is at a path. Where it cannot be seen because this plan has to give rights back first, it is taken for what
    /// the journal says; carrying out looks again.
    pub(super) fn see(&mut self, path: &str, chain: &[&Entry]) -> Result<Seen, FolderError> {
        if self.twins.contains(path) && !self.is_there(path) {
            return Ok(Seen::nothing());
        }
        match self.guard.see(path) {
            Ok(seen) if !seen.sealed || seen.mark == Mark::Directory => self.check_link(path, chain, seen),
            Ok(seen) => match left(chain) {
                Some(mark @ Mark::File(_)) => Ok(Seen { mark, ..seen }),
                Some(Mark::Absent | Mark::Directory | Mark::Link(_)) | None => {
                    Err(FolderError::Denied { action: "read", path: path.to_owned() })
                }
            },
            Err(FolderError::SymbolicLink { at, .. }) if self.links.contains(&at) => Ok(Seen::nothing()),
            Err(error @ FolderError::Denied { .. }) => match left(chain) {
                Some(mark) if above(path).any(|directory| self.sealed.contains(directory)) => {
                    Ok(Seen { mark, look: None, sealed: true })
                }
                Some(_) | None => Err(error),
            },
            Err(error) => Err(error),
        }
    }

    /// Takes notice of what will be done to a path.
    pub(super) fn planned(&mut self, step: &Step) {
        let Some(seen) = step.current else { return };
        match &step.action {
            Action::Adjust { .. } | Action::RemoveDirectory | Action::Restore { .. } | Action::RestoreLink { .. }
                if seen.mark == Mark::Directory =>
            {
                self.sealed.insert(step.path.clone());
            }
            Action::Restore { .. }
            | Action::RestoreLink { .. }
            | Action::RemoveFile
            | Action::RemoveDirectory
            | Action::MakeDirectory { .. }
            | Action::Adjust { .. }
            | Action::Leave(_) => {}
        }
    }

    /// A link of the user's, where the task never had one, is said to be one.
    fn check_link(&mut self, path: &str, chain: &[&Entry], seen: Seen) -> Result<Seen, FolderError> {
        let is_link = |mark: Mark| matches!(mark, Mark::Link(_));
        let known = chain.iter().any(|entry| {
            is_link(entry.intent.before.mark())
                || entry.after.is_none_or(is_link)
                || entry.intent.intends.is_some_and(is_link)
        });
        if is_link(seen.mark) && !known {
            return Err(FolderError::SymbolicLink { path: path.to_owned(), at: path.to_owned() });
        }
        if is_link(seen.mark) {
            self.links.insert(path.to_owned());
        }
        Ok(seen)
    }

    /// Whether the directory holds exactly this name: a file system that ignores letter case finds others too.
    fn is_there(&mut self, path: &str) -> bool {
        let Some((directory, name)) = path.rsplit_once('/') else { return true };
        let names = self.alike.entry(directory.to_owned()).or_insert_with(|| self.guard.exact_names(directory));
        names.as_ref().is_none_or(|names| names.contains(name))
    }
}

/// What the last change of a path left there, as far as it is known.
fn left(chain: &[&Entry]) -> Option<Mark> {
    chain.last().and_then(|entry| entry.after.or(entry.intent.intends))
}

/// The directories above a path, innermost first.
fn above(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(path.rsplit_once('/'), |(directory, _)| directory.rsplit_once('/')).map(|(above, _)| above)
}
