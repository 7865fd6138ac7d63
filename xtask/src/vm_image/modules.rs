//! Which kernel modules are needed, and in which order they are loaded: each after all that it needs. Read from the
//! modules themselves, so that no index has to be built.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The files of `wanted` and of what they need. Names built into the kernel have no file and are left out.
pub(crate) fn in_order(directory: &Path, wanted: &[&str]) -> Result<Vec<PathBuf>> {
    let mut files = HashMap::new();
    collect(&directory.join("kernel"), &mut files)?;
    let mut order = Vec::new();
    for name in wanted {
        add(name, &files, &mut order)?;
    }
    Ok(order)
}

fn add(name: &str, files: &HashMap<String, PathBuf>, order: &mut Vec<PathBuf>) -> Result<()> {
    let Some(path) = files.get(name) else { return Ok(()) };
    if order.contains(path) {
        return Ok(());
    }
    let content = fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    for needed in needs(&content) {
        add(&needed, files, order)?;
    }
    order.push(path.clone());
    Ok(())
}

fn collect(directory: &Path, files: &mut HashMap<String, PathBuf>) -> Result<()> {
    let entries = fs::read_dir(directory).with_context(|| format!("cannot read `{}`", directory.display()))?;
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "ko") {
            let stem = path.file_stem().unwrap_or_default().to_string_lossy().replace('-', "_");
            files.insert(stem, path);
        }
    }
    Ok(())
}

/// What a module names in its `depends=` entry, which ends with a zero byte.
fn needs(module: &[u8]) -> Vec<String> {
    const ENTRY: &[u8] = b"\0depends=";
    let Some(at) = module.windows(ENTRY.len()).position(|window| window == ENTRY) else { return Vec::new() };
    let rest = module.get(at + ENTRY.len()..).unwrap_or_default();
    let value = rest.split(|&byte| byte == 0).next().unwrap_or_default();
    let value = String::from_utf8_lossy(value);
    value.split(',').filter(|name| !name.is_empty()).map(|name| name.replace('-', "_")).collect()
}

#[cfg(test)]
mod tests {
    use super::{in_order, needs};

    #[test]
    fn the_entry_is_found_among_others() {
        assert_eq!(needs(b"ELF\0license=GPL\0depends=virtio,virtio-ring\0name=x\0"), ["virtio", "virtio_ring"]);
        assert_eq!(needs(b"ELF\0depends=\0name=x\0"), Vec::<String>::new());
        assert_eq!(needs(b"ELF"), Vec::<String>::new());
    }

    #[test]
    fn what_is_needed_comes_first_and_once() {
        let place = std::env::temp_dir().join(format!("xtask-modules-{}", std::process::id()));
        let kernel = place.join("kernel/drivers");
        std::fs::create_dir_all(&kernel).ok();
        let write = |name: &str, needs: &str| {
            std::fs::write(kernel.join(name), format!("x\0depends={needs}\0")).ok();
        };
        write("a.ko", "c-one,b");
        write("b.ko", "c_one");
        write("c-one.ko", "");
        let found = in_order(&place, &["a", "b", "built_in"]).map_err(|error| error.to_string());
        let names = |paths: Vec<std::path::PathBuf>| -> Vec<String> {
            paths.iter().map(|path| path.file_name().unwrap_or_default().to_string_lossy().into_owned()).collect()
        };
        assert_eq!(found.map(names), Ok(vec!["c-one.ko".to_owned(), "b.ko".to_owned(), "a.ko".to_owned()]));
        std::fs::remove_dir_all(&place).ok();
    }
}
