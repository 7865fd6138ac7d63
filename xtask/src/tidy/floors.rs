//! Imports point only downwards: the floor plan as a table, and the few neighbours that may know each other.

use super::Violation;
use super::tree::{Origin, Tree};

/// A floor of the house, from the ground.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Floor {
    Words,
    Contracts,
    Engine,
    Trades,
    House,
    Doors,
}

/// Where each crate lives. A name that ends with `*` stands for all crates that begin so.
const PLAN: &[(Floor, &[&str])] = &[
    (Floor::Words, &["event", "policy", "view"]),
    (Floor::Contracts, &["store", "model", "tool", "sandbox"]),
    (Floor::Engine, &["engine"]),
    (
        Floor::Trades,
        &["store-disk", "model-*", "tool-*", "sandbox-*", "folder", "share", "egress", "skills", "host", "guest"],
    ),
    (Floor::House, &["tasks", "schedule", "api-types", "api"]),
    (Floor::Doors, &["app", "deskhand", "desktop"]),
];

/// For tests and for this repository itself; no crate of the product may need them.
const DEVELOPMENT: &[&str] = &["testkit", "xtask"];

/// Neighbours on one floor that may know each other, each with the reason.
const NEIGHBOURS: &[(&str, &str, &str)] = &[
    ("policy", "event", "decides about effects, which are words"),
    ("view", "event", "folds events"),
    ("tool-files", "folder", "files are opened only through the guard"),
    ("share", "folder", "files are opened only through the guard, changes go into its journal"),
    ("tool-web", "egress", "pages come only through the gate"),
    ("schedule", "tasks", "each run is a task"),
    ("api", "tasks", "commands go to live tasks"),
    ("api", "schedule", "schedules are listed and changed over HTTP"),
    ("api", "api-types", "its own wire types"),
    ("deskhand", "app", "the door opens onto the composition"),
    ("desktop", "app", "the door opens onto the composition"),
];

/// Finds imports against the plan.
pub(super) fn check(tree: &Tree) -> Vec<Violation> {
    let mut found = Vec::new();
    for package in &tree.packages {
        let path = &package.manifest.path;
        if floor(&package.name).is_none() && !DEVELOPMENT.contains(&package.name.as_str()) {
            found.push(Violation::new(path, 1, format!("`{}` has no place on the floor plan", package.name)));
            continue;
        }
        for (wanted, line) in package.product_dependencies(Origin::Ours) {
            if let Some(reason) = refuse(&package.name, wanted) {
                found.push(Violation::new(
                    path,
                    line,
                    format!("`{}` may not depend on `{wanted}`: {reason}", package.name),
                ));
            }
        }
    }
    found
}

fn floor(name: &str) -> Option<Floor> {
    let fits = |pattern: &&str| match pattern.strip_suffix('*') {
        Some(beginning) => name.starts_with(beginning),
        None => name == *pattern,
    };
    PLAN.iter().find(|(_, names)| names.iter().any(fits)).map(|(floor, _)| *floor)
}

/// Why one crate may not know another; none where it may.
fn refuse(from: &str, to: &str) -> Option<&'static str> {
    if from == "xtask" {
        return Some("xtask is built from nothing of ours");
    }
    if from == "testkit" {
        return None;
    }
    if DEVELOPMENT.contains(&to) {
        return Some("it is for tests: make it a dev-dependency");
    }
    if NEIGHBOURS.iter().any(|(one, other, _)| *one == from && *other == to) {
        return None;
    }
    let (Some(above), Some(below)) = (floor(from), floor(to)) else {
        return Some("it has no place on the floor plan");
    };
    if from == "event" {
        return Some("`event` depends on nothing of ours");
    }
    if above == Floor::Trades && below == Floor::Trades {
        return Some("a trade knows no other trade");
    }
    if above == Floor::Trades && below == Floor::Engine {
        return Some("a trade never knows the engine");
    }
    if below >= above {
        return Some("imports point only downwards");
    }
    if below == Floor::Trades && from != "app" {
        return Some("only `app` names concrete trades");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::tree::small;
    use super::{Violation, check, refuse};

    #[test]
    fn the_plan_as_a_table() {
        let allowed = [
            ("policy", "event"),
            ("store", "view"),
            ("engine", "policy"),
            ("engine", "sandbox"),
            ("tool-shell", "sandbox"),
            ("tool-files", "folder"),
            ("tasks", "engine"),
            ("api-types", "view"),
            ("api", "tasks"),
            ("app", "sandbox-bwrap"),
            ("deskhand", "app"),
            ("deskhand", "api"),
            ("testkit", "model"),
        ];
        for (from, to) in allowed {
            assert_eq!(refuse(from, to), None, "{from} to {to}");
        }
        let refused = [
            ("event", "view", "`event` depends on nothing of ours"),
            ("policy", "view", "imports point only downwards"),
            ("store", "engine", "imports point only downwards"),
            ("model", "tool", "imports point only downwards"),
            ("tool-shell", "sandbox-bwrap", "a trade knows no other trade"),
            ("folder", "tool-files", "a trade knows no other trade"),
            ("tool-task", "engine", "a trade never knows the engine"),
            ("engine", "tasks", "imports point only downwards"),
            ("api", "store-disk", "only `app` names concrete trades"),
            ("deskhand", "folder", "only `app` names concrete trades"),
            ("app", "deskhand", "imports point only downwards"),
            ("engine", "testkit", "it is for tests: make it a dev-dependency"),
            ("xtask", "event", "xtask is built from nothing of ours"),
            ("engine", "somewhere", "it has no place on the floor plan"),
        ];
        for (from, to, reason) in refused {
            assert_eq!(refuse(from, to), Some(reason), "{from} to {to}");
        }
    }

    #[test]
    fn a_violation_names_the_line_and_tests_are_free() {
        let tree = small::of_packages(&[
            ("view", &["ours:event", "outside:serde", "ours:engine", "tests:testkit"]),
            ("cellar", &[]),
        ]);
        assert_eq!(
            check(&tree),
            [
                Violation::new(
                    "crates/view/Cargo.toml",
                    7,
                    "`view` may not depend on `engine`: imports point only downwards"
                ),
                Violation::new("crates/cellar/Cargo.toml", 1, "`cellar` has no place on the floor plan"),
            ]
        );
    }
}
