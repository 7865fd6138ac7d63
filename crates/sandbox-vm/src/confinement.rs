//! Bubblewrap around QEMU: whoever breaks out of a machine finds an empty computer with the image, the saved memory
//! and the sockets it was given.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::accelerator::Accelerator;
use crate::arguments::{Birth, Seen};
use crate::image::VmImage;

/// Where QEMU sees the directory of the machine's memory.
const STATE: &str = "/state";
/// The memory's file name.
pub(crate) const MEMORY: &str = "memory";
/// The file name of the kernel's beginning.
pub(crate) const BEGINNING: &str = "kernel";

/// What QEMU sees without confinement: everything where it is.
pub(crate) fn seen_openly(image: &VmImage, place: &Path) -> Seen {
    let text = |path: &Path| path.to_string_lossy().into_owned();
    Seen {
        kernel: text(&image.kernel),
        initrd: text(&image.initrd),
        beginning: text(&place.join(BEGINNING)),
        disks: image.disks().iter().map(|disk| text(disk)).collect(),
        memory: text(&place.join(MEMORY)),
    }
}

/// What it sees confined.
pub(crate) fn seen_confined(image: &VmImage) -> Seen {
    Seen {
        kernel: "/image/kernel".to_owned(),
        initrd: "/image/initrd".to_owned(),
        beginning: format!("{STATE}/{BEGINNING}"),
        disks: (0..image.disks().len()).map(|index| format!("/image/disk{index}")).collect(),
        memory: format!("{STATE}/{MEMORY}"),
    }
}

/// The arguments of bubblewrap before the program.
pub(crate) fn confinement(image: &VmImage, place: &Path, birth: Birth, accelerator: Accelerator) -> Vec<OsString> {
    let seen = seen_confined(image);
    let mut line = Line::empty_computer(accelerator);
    for (disk, inside) in image.disks().into_iter().zip(&seen.disks) {
        line.pair("--ro-bind", disk, inside);
    }
    match birth {
        Birth::Cold => {
            line.pair("--ro-bind", &image.kernel, &seen.kernel);
            line.pair("--ro-bind", &image.initrd, &seen.initrd);
            line.pair("--bind", place, STATE);
        }
        Birth::Restored => {
            line.pair("--ro-bind", &place.join(BEGINNING), &seen.beginning);
            // QEMU opens it for writing even where it maps it privately.
            line.pair("--bind", &place.join(MEMORY), &seen.memory);
        }
    }
    line.end()
}

/// The same for a QEMU that is given nothing.
pub(crate) fn bare_confinement(accelerator: Accelerator) -> Vec<OsString> {
    Line::empty_computer(accelerator).end()
}

#[derive(Default)]
struct Line(Vec<OsString>);

impl Line {
    /// The system's programs, and the device that accelerates.
    fn empty_computer(accelerator: Accelerator) -> Self {
        let mut line = Self::default();
        line.flags(&["--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL"]);
        line.pair("--ro-bind", Path::new("/usr"), "/usr");
        for name in ["lib", "lib64", "bin"] {
            let path = PathBuf::from("/").join(name);
            match std::fs::read_link(&path) {
                Ok(target) => line.pair("--symlink", &target, &format!("/{name}")),
                Err(_) => line.pair("--ro-bind-try", &path, &format!("/{name}")),
            }
        }
        line.pair("--ro-bind-try", Path::new("/etc/ld.so.cache"), "/etc/ld.so.cache");
        line.flags(&["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"]);
        if accelerator == Accelerator::Kvm {
            line.pair("--dev-bind", Path::new("/dev/kvm"), "/dev/kvm");
        }
        line
    }

    fn end(mut self) -> Vec<OsString> {
        self.flags(&["--chdir", "/", "--"]);
        self.0
    }

    fn flags(&mut self, names: &[&str]) {
        self.0.extend(names.iter().map(OsString::from));
    }

    fn pair(&mut self, flag: &str, from: &Path, to: &str) {
        self.0.extend([OsString::from(flag), from.into(), to.into()]);
    }
}
