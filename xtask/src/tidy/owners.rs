//! One owner for each outside crate that could spread: who may name it in the product. Others reach it through the owner.

use super::Violation;
use super::tree::{Origin, Tree};

/// Outside crates and the crates of ours that may name them. A name that ends with `*` stands for all that begin so.
/// Crates that are not listed here may be named by anyone.
const OWNERS: &[(&[&str], &[&str])] = &[
    (&["axum", "utoipa-axum", "tower", "tower-http"], &["api"]),
    (&["rusqlite", "libsqlite3-sys"], &["store-disk"]),
    (&["reqwest"], &["model-http"]),
    (&["rustls", "webpki-roots", "rustls-native-certs"], &["model-http", "egress"]),
    (&["clap", "indicatif", "inquire", "miette"], &["deskhand"]),
    (&["ignore", "globset", "grep-*"], &["folder", "tool-files"]),
    (&["lopdf", "calamine"], &["tool-files"]),
    (&["landlock", "seccompiler"], &["guest", "sandbox-bwrap"]),
    (&["html5ever", "encoding_rs"], &["tool-web"]),
    (&["httparse", "tokio-rustls", "rustls-platform-verifier"], &["egress", "model-http"]),
    (&["rmcp"], &["tool-mcp"]),
    (&["tokio-tungstenite"], &["tool-browser"]),
    (&["toml", "toml_edit"], &["app", "skills", "schedule"]),
    (&["blake3"], &["event"]),
    (&["keyring", "keyring-*", "age", "secrecy"], &["host"]),
    (&["zbus-*", "apple-native-*", "windows-native-*"], &["host"]),
    (&["croner", "jiff"], &["schedule"]),
    (&["anyhow"], &["app", "deskhand", "desktop"]),
    (&["tauri", "tauri-*"], &["desktop"]),
];

/// Not part of the product.
const FREE: &[&str] = &["testkit", "xtask"];

/// Finds outside crates named by a crate that does not own them.
pub(super) fn check(tree: &Tree) -> Vec<Violation> {
    let mut found = Vec::new();
    for package in &tree.packages {
        for (wanted, line) in package.product_dependencies(Origin::Outside) {
            let Some(owners) = owners(wanted) else { continue };
            if !owners.contains(&package.name.as_str()) && !FREE.contains(&package.name.as_str()) {
                let what = format!("`{wanted}` belongs to {}; `{}` may not name it", listed(owners), package.name);
                found.push(Violation::new(&package.manifest.path, line, what));
            }
        }
    }
    found
}

fn owners(outside: &str) -> Option<&'static [&'static str]> {
    let fits = |pattern: &&str| match pattern.strip_suffix('*') {
        Some(beginning) => outside.starts_with(beginning),
        None => outside == *pattern,
    };
    OWNERS.iter().find(|(names, _)| names.iter().any(fits)).map(|(_, owners)| *owners)
}

fn listed(owners: &[&str]) -> String {
    owners.iter().map(|owner| format!("`{owner}`")).collect::<Vec<_>>().join(" and ")
}

#[cfg(test)]
mod tests {
    use super::super::tree::small;
    use super::{Violation, check};

    #[test]
    fn only_owners_name_what_they_own() {
        let tree = small::of_packages(&[
            ("api", &["outside:axum", "outside:serde"]),
            ("engine", &["outside:serde", "outside:axum"]),
            ("tool-web", &["outside:grep-regex"]),
            ("testkit", &["outside:axum"]),
        ]);
        assert_eq!(
            check(&tree),
            [
                Violation::new("crates/engine/Cargo.toml", 6, "`axum` belongs to `api`; `engine` may not name it"),
                Violation::new(
                    "crates/tool-web/Cargo.toml",
                    5,
                    "`grep-regex` belongs to `folder` and `tool-files`; `tool-web` may not name it"
                ),
            ]
        );
    }
}
