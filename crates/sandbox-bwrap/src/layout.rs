//! What every machine sees of the host's files, or of an image's: programs and libraries, never anybody's data.

use std::fs::Metadata;
use std::io::Write;
use std::os::fd::OwnedFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::MemfdFlags;

/// Where the guest is inside.
pub(crate) const GUEST: &str = "/opt/deskhand";

/// Directories at the top that are links into `/usr` on most systems and real ones on others.
const TOP: [&str; 6] = ["bin", "sbin", "lib", "lib32", "lib64", "libx32"];

/// Settings that programs read and that tell nothing about the user.
const SETTINGS: [&str; 18] = [
    "/etc/alternatives",
    "/etc/ca-certificates",
    "/etc/fonts",
    "/etc/ImageMagick-6",
    "/etc/java-17-openjdk",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/libreoffice",
    "/etc/localtime",
    "/etc/magic",
    "/etc/mime.types",
    "/etc/papersize",
    "/etc/perl",
    "/etc/pki",
    "/etc/ssl",
    "/etc/texmf",
    "/var/cache/fontconfig",
];

/// Files that would tell about the user or the network, replaced by ones that do not.
const WRITTEN: [(&str, &str); 6] = [
    (
        "/etc/passwd",
        "root:x:0:0:root:/:/usr/sbin/nologin\ndesk:x:1000:1000:desk:/tmp/home:/bin/sh\nnobody:x:65534:65534:nobody:/:/usr/sbin/nologin\n",
    ),
    ("/etc/group", "root:x:0:\ndesk:x:1000:\nnogroup:x:65534:\n"),
    ("/etc/hosts", "127.0.0.1 localhost deskhand\n::1 localhost\n"),
    ("/etc/hostname", "deskhand\n"),
    ("/etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files\n"),
    ("/etc/resolv.conf", ""),
];

/// What was found on this host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Layout {
    /// Links at the top: target and path.
    pub(crate) links: Vec<(String, String)>,
    /// Directories and files given read-only: path on the host and path inside.
    pub(crate) shown: Vec<(PathBuf, String)>,
    /// Parts of `/proc` that the user this runs as could change; covered by read-only views.
    pub(crate) shielded: Vec<String>,
}

impl Layout {
    /// The host's own programs.
    pub(crate) fn find() -> Self {
        let mut layout = Self::over(Path::new("/"));
        // Where one is a link, what it leads to is shown: it may lie elsewhere.
        let settings = SETTINGS.iter().filter(|path| Path::new(path).exists());
        layout.shown.extend(settings.map(|path| (PathBuf::from(path), (*path).to_owned())));
        layout
    }

    /// The programs of an unpacked image, whose settings are nobody's.
    pub(crate) fn of_image(root: &Path) -> Self {
        let mut layout = Self::over(root);
        for place in ["/etc", "/opt", "/var/cache", "/var/lib"] {
            layout.add_each(root, place);
        }
        layout
    }

    /// Programs and libraries at the top of a root.
    fn over(root: &Path) -> Self {
        let mut layout = Self { links: Vec::new(), shown: Vec::new(), shielded: shielded() };
        layout.shown.push((root.join("usr"), "/usr".to_owned()));
        for name in TOP {
            layout.add(&root.join(name), format!("/{name}"));
        }
        layout
    }

    /// Adds what a directory of the image holds, but for what is written anew.
    fn add_each(&mut self, root: &Path, place: &str) {
        let Ok(entries) = std::fs::read_dir(root.join(place.trim_start_matches('/'))) else { return };
        let mut names: Vec<String> =
            entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()).collect();
        names.sort_unstable();
        for name in names {
            let inside = format!("{place}/{name}");
            let is_ours = inside == GUEST || WRITTEN.iter().any(|(path, _)| *path == inside);
            if !is_ours {
                self.add(&root.join(place.trim_start_matches('/')).join(name), inside);
            }
        }
    }

    /// A link stays one, so that it is followed inside; of the rest only files and directories are shown.
    fn add(&mut self, host: &Path, inside: String) {
        match std::fs::symlink_metadata(host) {
            Ok(found) if found.is_symlink() => {
                if let Ok(target) = std::fs::read_link(host) {
                    self.links.push((target.to_string_lossy().into_owned(), inside));
                }
            }
            Ok(found) if found.is_dir() || found.is_file() => self.shown.push((host.to_owned(), inside)),
            Ok(_) | Err(_) => {}
        }
    }
}

/// Kernel settings check for the superuser's number only, not for capabilities. A sandbox started by the superuser
/// runs under that number outside, whatever it is inside, so every part of `/proc` but the processes is covered.
fn shielded() -> Vec<String> {
    if !rustix::process::geteuid().is_root() {
        return Vec::new();
    }
    let Ok(entries) = std::fs::read_dir("/proc") else { return vec!["/proc/sys".to_owned()] };
    let mut paths: Vec<String> = entries
        .flatten()
        .filter(|entry| {
            let is_process = entry.file_name().to_string_lossy().starts_with(|c: char| c.is_ascii_digit());
            let is_changeable = |found: Metadata| found.is_dir() || (found.is_file() && found.mode() & 0o222 != 0);
            !is_process && entry.metadata().is_ok_and(is_changeable)
        })
        .map(|entry| entry.path().to_string_lossy().into_owned())
        .collect();
    paths.sort_unstable();
    paths
}

/// The replaced files, ready to be read from a descriptor each; bubblewrap reads every one to its end.
pub(crate) fn written_files() -> std::io::Result<Vec<(&'static str, OwnedFd)>> {
    let write = |(path, text): (&'static str, &str)| {
        let descriptor = rustix::fs::memfd_create("deskhand", MemfdFlags::CLOEXEC)?;
        let mut file = std::fs::File::from(descriptor);
        file.write_all(text.as_bytes())?;
        std::io::Seek::rewind(&mut file)?;
        Ok((path, OwnedFd::from(file)))
    };
    WRITTEN.into_iter().map(write).collect()
}
