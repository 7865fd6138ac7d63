//! Tries what was built: `images/smoke.py` makes and reads documents of every kind inside the unpacked tree, which is
//! the read-only root of a bubblewrap without network.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use super::{Layers, Places, output};
use crate::repository::Repository;
use crate::stage::must_succeed;

/// Runs every check; an error where one failed. Each prints `ok` or why not.
pub(super) fn run(places: &Places, layers: Layers) -> Result<()> {
    let tree = places.out.join(match layers {
        Layers::Base => "base",
        Layers::BaseAndOffice => "full",
    });
    let mut command = Command::new("bwrap");
    command
        .args(["--unshare-all", "--die-with-parent", "--new-session", "--clearenv", "--cap-drop", "ALL", "--ro-bind"])
        .arg(&tree)
        .args(["/", "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--tmpfs", "/work", "--ro-bind"])
        .arg(places.lists.join("smoke.py"))
        .args(["/tmp/smoke.py", "--setenv", "PATH", "/usr/local/bin:/usr/bin:/bin", "--setenv", "HOME", "/tmp"])
        .args(["--setenv", "LANG", "C.UTF-8", "--setenv", "MPLCONFIGDIR", "/tmp/matplotlib"])
        .args(["--uid", "1000", "--gid", "1000", "--chdir", "/work", "/usr/bin/python3", "/tmp/smoke.py"]);
    if layers == Layers::BaseAndOffice {
        command.arg("office");
    }
    must_succeed(command.stdin(Stdio::null())).context("the image does not do what it is for")
}

/// The tests of the whole product that make documents in both tiers, compiled: whatever stands in the way of that is told
/// before the image is built and not an hour after.
pub(super) struct Documents {
    tests: PathBuf,
}

impl Documents {
    pub(super) fn compile(repository: &Repository, places: &Places) -> Result<Self> {
        if !places.machine.join("vmlinuz").is_file() {
            bail!("there is no kernel to try a machine with; make one first: cargo xtask vm-image");
        }
        let mut cargo = repository.cargo();
        cargo.args(["test", "--quiet", "--package", "deskhand", "--test", "it", "--no-run"]);
        let told = output(cargo.arg("--message-format=json")).context("the tests of documents do not compile")?;
        let messages = String::from_utf8_lossy(&told).into_owned();
        let messages = messages.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
        let of_tests = |message: &serde_json::Value| {
            (message["target"]["kind"][0] == "test").then(|| message["executable"].as_str().map(PathBuf::from))?
        };
        let tests = messages.filter_map(|message| of_tests(&message)).next_back();
        Ok(Self { tests: tests.context("cargo names no tests of documents")? })
    }

    /// Documents of the four kinds, made and read again by a task of the whole product: in namespaces and in a machine.
    pub(super) fn try_in_both_tiers(&self, places: &Places) -> Result<()> {
        let mut command = Command::new(&self.tests);
        command.args(["--quiet", "--nocapture", "documents::"]).env("DESKHAND_DOCUMENTS_IMAGE", &places.out);
        let tried = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output().context("cannot try documents")?;
        let told = String::from_utf8_lossy(&tried.stdout);
        println!("{told}");
        // A test that is not there any more passes as well, so the number counts.
        if !tried.status.success() || !told.contains("ok. 2 passed") {
            bail!("documents do not come out of both tiers");
        }
        Ok(())
    }
}
