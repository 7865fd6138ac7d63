//! Programs of this system with the libraries they need, as `ldd` names them.

use std::collections::BTreeMap;
use std::fs;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

/// Each file once, under the path it is looked for.
pub(crate) fn with_libraries(programs: &[&str]) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    for program in programs {
        let output = Command::new("ldd").arg(program).stdin(Stdio::null()).output().context("cannot start ldd")?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        for path in libraries(&text).into_iter().chain([(*program).to_owned()]) {
            let content = fs::read(&path).with_context(|| format!("cannot read `{path}`"))?;
            files.insert(path, content);
        }
    }
    Ok(files)
}

/// Lines are `name => path (address)` or, for the loader, `path (address)`.
fn libraries(text: &str) -> Vec<String> {
    let paths = text.lines().filter_map(|line| {
        let (before, _) = line.split_once(" (")?;
        let path = before.rsplit_once("=> ").map_or(before, |(_, path)| path).trim();
        path.starts_with('/').then(|| path.to_owned())
    });
    paths.collect()
}

#[cfg(test)]
mod tests {
    use super::libraries;

    #[test]
    fn what_has_a_path_is_needed() {
        let text = "\tlinux-vdso.so.1 (0x7)\n\tlibc.so.6 => /lib/libc.so.6 (0x8)\n\t/lib64/ld.so.2 (0x9)\n";
        assert_eq!(libraries(text), ["/lib/libc.so.6", "/lib64/ld.so.2"]);
    }
}
