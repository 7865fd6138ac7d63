//! Tries what was built: `images/smoke.py` makes and reads documents of every kind inside the unpacked tree, which is
//! the read-only root of a bubblewrap without network.

use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use super::{Layers, Places};
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
