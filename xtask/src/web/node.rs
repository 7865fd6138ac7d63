//! Whether Node and npm are there and new enough.

use std::process::{Command, Stdio};

/// Says what is missing and what to do; none where nothing is.
pub(super) fn missing() -> Option<String> {
    advice(version_of("node"), version_of("npm"))
}

fn advice(node: Option<(u32, u32)>, npm: Option<(u32, u32)>) -> Option<String> {
    let what = match (node, npm) {
        (None, _) => "the window needs Node 22, which is not on the path".to_owned(),
        (Some(node), _) if !is_enough(node) => {
            format!("the window needs Node 22.12 or later (or 20.19), and {}.{} is on the path", node.0, node.1)
        }
        (_, None) => "the window needs npm 10, which is not on the path".to_owned(),
        (_, Some((major, minor))) if major < 10 => {
            format!("the window needs npm 10 or later, and {major}.{minor} is on the path")
        }
        _ => return None,
    };
    Some(format!("{what}; install it from https://nodejs.org, or with a version manager such as `fnm install 22`"))
}

/// What `vite` runs on.
fn is_enough((major, minor): (u32, u32)) -> bool {
    match major {
        20 => minor >= 19,
        22 => minor >= 12,
        _ => major > 22,
    }
}

fn version_of(program: &str) -> Option<(u32, u32)> {
    let output = Command::new(program).arg("--version").stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    parse(&String::from_utf8_lossy(&output.stdout))
}

fn parse(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.trim().trim_start_matches('v').split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::{advice, is_enough, parse};

    #[test]
    fn versions_are_read_and_judged() {
        assert_eq!(parse("v20.20.2\n"), Some((20, 20)));
        assert_eq!(parse("11.19.1\n"), Some((11, 19)));
        assert_eq!(parse("nonsense"), None);
        let enough = [(20, 19), (20, 30), (22, 12), (23, 0), (24, 1)];
        assert!(enough.into_iter().all(is_enough));
        let old = [(18, 99), (20, 18), (21, 9), (22, 11)];
        assert!(!old.into_iter().any(is_enough));
    }

    #[test]
    fn what_is_missing_is_named() {
        assert_eq!(advice(Some((20, 19)), Some((10, 0))), None);
        let told = |node, npm| advice(node, npm).unwrap_or_default();
        assert!(told(None, None).starts_with("the window needs Node 22, which is not on the path; install it from "));
        assert!(told(Some((18, 19)), Some((9, 2))).contains("and 18.19 is on the path"));
        assert!(told(Some((22, 12)), Some((9, 2))).contains("npm 10 or later, and 9.2 is on the path"));
        assert!(told(Some((22, 12)), None).contains("npm 10, which is not on the path"));
    }
}
