//! A tree as one read-only file: erofs, compressed in clusters of 64 KiB, the same bytes for the same tree. Each file is
//! unpacked again and compared before it counts.

use std::fs;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use super::manifest::{self, File};
use super::{Places, fresh, output};
use crate::stage::must_succeed;

/// What a packed tree is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// The root.
    Base,
    /// The layer over it.
    Office,
}

impl Role {
    fn name(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::Office => "office",
        }
    }

    /// Fixed, as everything in the file is: "Deskhand" in hexadecimal, and a number.
    fn uuid(self) -> &'static str {
        match self {
            Self::Base => "4465736b-6861-6e64-0000-000000000001",
            Self::Office => "4465736b-6861-6e64-0000-000000000002",
        }
    }
}

/// Packs `out/<role>` to `out/<role>.erofs` and compares what unpacking it gives. Linux 6.1 and later can mount it.
pub(super) fn pack(places: &Places, role: Role, epoch: u64, packages: usize) -> Result<File> {
    let tree = places.out.join(role.name());
    let name = format!("{}.erofs", role.name());
    let file = places.out.join(&name);
    if file.exists() {
        fs::remove_file(&file).with_context(|| format!("cannot replace `{}`", file.display()))?;
    }
    let mut pack = Command::new("mkfs.erofs");
    pack.args(["--quiet", "-zlz4hc,12", "-C65536", "-Eall-fragments,ztailpacking", "-x-1", "--all-root"])
        .arg(format!("-T{epoch}"))
        .args(["-U", role.uuid()])
        .arg(&file)
        .arg(&tree)
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    must_succeed(&mut pack)?;
    let again = places.work.join("again");
    fresh(&again)?;
    let mut unpack = Command::new("fsck.erofs");
    unpack.arg(format!("--extract={}", again.display())).args(["--overwrite", "--no-preserve"]).arg(&file);
    output(&mut unpack).context("the packed tree does not unpack")?;
    let mut compare = Command::new("diff");
    compare.args(["--recursive", "--no-dereference", "--brief"]).arg(&tree).arg(&again).stdin(Stdio::null());
    must_succeed(&mut compare).context("the packed tree is not the tree that was packed")?;
    fs::remove_dir_all(&again).context("cannot remove the unpacked tree")?;
    File::of(&places.out, &name, role.name(), Some(packages))
}

/// The version of the program that packs.
pub(super) fn version() -> Result<String> {
    let text = Command::new("mkfs.erofs").arg("-V").stdin(Stdio::null()).output().context("cannot start mkfs.erofs")?;
    let text = [text.stdout, text.stderr].concat();
    let text = String::from_utf8_lossy(&text).into_owned();
    Ok(manifest::one_line(text.lines().next().unwrap_or_default()))
}
