//! Puts the built UI into the binary: every file of `web/dist`, in its packed form where the build made one. Where the UI
//! was not built, the table is empty and the binary works without a window.
#![allow(clippy::print_stdout, reason = "a build script talks to cargo this way")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let variable = |name: &str| env::var_os(name).map(PathBuf::from).ok_or_else(|| io::Error::other(name.to_owned()));
    let web = variable("CARGO_MANIFEST_DIR")?.join("../../web");
    let dist = web.join("dist");
    // Cargo takes a path that is missing for one that has changed, each time: until there is a build, what would hold it
    // is watched.
    let watched = if dist.is_dir() { &dist } else { &web };
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={}", watched.display());
    let mut files = Vec::new();
    walk(&dist, "", &mut files)?;
    files.sort();
    let mut table = String::from("&[\n");
    for name in &files {
        let Some(entry) = entry(&dist, name, &files)? else { continue };
        writeln!(table, "    {entry},").map_err(io::Error::other)?;
    }
    table.push(']');
    fs::write(variable("OUT_DIR")?.join("web.rs"), table)
}

/// The names of all files beneath a directory, with `/`; none where it is missing.
fn walk(directory: &Path, before: &str, found: &mut Vec<String>) -> io::Result<()> {
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().into_string().map_err(|name| io::Error::other(format!("{}", name.display())))?;
        if name.starts_with('.') {
            continue;
        }
        if entry.file_type()?.is_dir() {
            walk(&entry.path(), &format!("{before}{name}/"), found)?;
        } else {
            found.push(format!("{before}{name}"));
        }
    }
    Ok(())
}

/// A line of the table; none for a packed form itself, which stands in the line of the file it packs.
fn entry(dist: &Path, name: &str, files: &[String]) -> io::Result<Option<String>> {
    let packs = |ending: &str| name.strip_suffix(ending).is_some_and(|plain| files.iter().any(|file| file == plain));
    if packs(".gz") || packs(".br") {
        return Ok(None);
    }
    let packed = format!("{name}.gz");
    let (file, gzip) = if files.contains(&packed) { (packed.as_str(), true) } else { (name, false) };
    let path = dist.join(file);
    let path = path.to_str().ok_or_else(|| io::Error::other(format!("`{}` is not UTF-8", path.display())))?;
    let address = format!("/{name}");
    Ok(Some(format!("Embedded {{ path: {address:?}, bytes: include_bytes!({path:?}), gzip: {gzip} }}")))
}
