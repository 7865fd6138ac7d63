//! `cargo xtask vm-image`: kernel and initramfs of the vm tier in `target/vm`, made without root. Debian's cloud kernel
//! is downloaded and unpacked, never installed; a file that would come out the same is left as it is.
//!
//! Does not live here: the root file system (`image`).

mod archive;
mod kernel;
mod modules;
mod programs;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, bail};

use crate::packages::{self, Need, Provided};
use crate::repository::Repository;
use crate::stage::must_succeed;
use archive::Archive;

/// The machine.
const QEMU: Need = Need { package: "qemu-system-x86", present: || packages::on_path("qemu-system-x86_64") };
/// Programs for a machine without a root disk.
const BUSYBOX: Need = Need { package: "busybox-static", present: || Path::new(BUSYBOX_PROGRAM).is_file() };
const BUSYBOX_PROGRAM: &str = "/bin/busybox";

/// What the guest needs of the kernel beyond what is built in; what these need comes along.
const MODULES: [&str; 7] = ["virtio_pci", "virtio_console", "virtio_blk", "virtio_rng", "erofs", "overlay", "fuse"];
/// Programs of this system that busybox has no full match for; the first is the shell.
const PROGRAMS: [&str; 4] = ["/bin/dash", "/usr/bin/env", "/usr/bin/find", "/usr/bin/setsid"];
/// Where things are mounted later on. The second number is the mode.
const DIRECTORIES: [(&str, u32); 14] = [
    ("bin", 0o755),
    ("dev", 0o755),
    ("etc", 0o755),
    ("layers", 0o755),
    ("modules", 0o755),
    ("outputs", 0o755),
    ("proc", 0o755),
    ("run", 0o755),
    ("sys", 0o755),
    ("tmp", 0o1777),
    ("uploads", 0o755),
    ("usr", 0o755),
    ("var", 0o755),
    ("work", 0o755),
];
const PASSWD: &str = "root:x:0:0:root:/:/bin/sh\ndesk:x:1000:1000:desk:/tmp/home:/bin/sh\n";
const GROUP: &str = "root:x:0:\ndesk:x:1000:\n";

/// Makes both files, for the tests of the vm tier.
pub(crate) fn stage(repository: &Repository) -> Result<()> {
    if run(repository)? == ExitCode::SUCCESS { Ok(()) } else { bail!("the vm tier cannot be tried without these") }
}

/// Makes both files.
pub(crate) fn run(repository: &Repository) -> Result<ExitCode> {
    if let Provided::Missing(advice) = packages::provide(&[QEMU, BUSYBOX]) {
        eprintln!("{advice}");
        return Ok(ExitCode::from(2));
    }
    let place = repository.scratch("vm");
    let kernel = kernel::unpacked(&place.join("kernel"))?;
    let guest = build_guest(repository)?;
    let initrd = initramfs(&kernel, &guest)?;
    let vmlinuz = fs::read(&kernel.image).with_context(|| format!("cannot read `{}`", kernel.image.display()))?;
    for (name, content) in [("vmlinuz", vmlinuz), ("initrd", initrd)] {
        let path = place.join(name);
        let word = if write_changed(&path, &content)? { "made" } else { "unchanged" };
        println!("{word} {} ({} KiB)", repository.relative(&path), content.len() / 1024);
    }
    Ok(ExitCode::SUCCESS)
}

/// The guest as one file that needs no libraries.
fn build_guest(repository: &Repository) -> Result<PathBuf> {
    let triple = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let place = repository.scratch("vm-guest");
    let mut cargo = repository.cargo();
    cargo.args(["build", "--quiet", "--release", "--package", "guest", "--bin", "deskhand-guest", "--target", &triple]);
    // With a target named, the flags hold for the program alone and not for macros that run while it is compiled.
    cargo.arg("--target-dir").arg(&place).env("RUSTFLAGS", "-C target-feature=+crt-static");
    must_succeed(&mut cargo)?;
    Ok(place.join(triple).join("release/deskhand-guest"))
}

fn initramfs(kernel: &kernel::Kernel, guest: &Path) -> Result<Vec<u8>> {
    let read = |path: &Path| fs::read(path).with_context(|| format!("cannot read `{}`", path.display()));
    let mut archive = Archive::default();
    for (name, mode) in DIRECTORIES {
        archive.directory(name, mode);
    }
    // Where the kernel's own complaints and the guest's go before `/dev` is mounted.
    archive.console("dev/console");
    archive.file("init", 0o755, &read(guest)?);
    archive.file("etc/passwd", 0o644, PASSWD.as_bytes());
    archive.file("etc/group", 0o644, GROUP.as_bytes());
    for (index, module) in modules::in_order(&kernel.modules, &MODULES)?.iter().enumerate() {
        let name = module.file_name().context("a module has no name")?.to_string_lossy();
        archive.file(&format!("modules/{index:02}-{name}"), 0o644, &read(module)?);
    }
    archive.file("bin/busybox", 0o755, &read(Path::new(BUSYBOX_PROGRAM))?);
    let own = PROGRAMS.iter().filter_map(|path| Path::new(path).file_name()?.to_str());
    let own: Vec<&str> = own.chain(["sh"]).collect();
    archive.link("bin/sh", "dash");
    for applet in applets()?.iter().filter(|applet| !own.contains(&applet.as_str())) {
        archive.link(&format!("bin/{applet}"), "busybox");
    }
    for (path, content) in programs::with_libraries(&PROGRAMS)? {
        archive.whole_path(&path, 0o755, &content);
    }
    Ok(archive.finish())
}

/// The names that busybox answers to.
fn applets() -> Result<Vec<String>> {
    let output = Command::new(BUSYBOX_PROGRAM).arg("--list").stdin(Stdio::null()).output();
    let output = output.context("cannot start busybox")?;
    let names = String::from_utf8_lossy(&output.stdout);
    let names: Vec<String> = names.lines().filter(|name| *name != "busybox").map(str::to_owned).collect();
    if names.is_empty() {
        bail!("busybox names no programs");
    }
    Ok(names)
}

/// Writes a file whole or not at all, and only where its content is new: its age tells machines whether to start afresh.
fn write_changed(path: &Path, content: &[u8]) -> Result<bool> {
    if fs::read(path).is_ok_and(|found| found == content) {
        return Ok(false);
    }
    let part = path.with_extension("part");
    fs::write(&part, content).with_context(|| format!("cannot write `{}`", part.display()))?;
    fs::rename(&part, path).with_context(|| format!("cannot write `{}`", path.display()))?;
    Ok(true)
}
