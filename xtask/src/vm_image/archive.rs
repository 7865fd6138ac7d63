//! A cpio archive in the "newc" form, as the kernel takes it for an initramfs (its buffer-format.rst). Same content,
//! same bytes: no times, no owners but root.

use std::collections::BTreeSet;

const DIRECTORY: u32 = 0o040_000;
const FILE: u32 = 0o100_000;
const LINK: u32 = 0o120_000;
const CHARACTERS: u32 = 0o020_000;

/// An archive being written.
#[derive(Default)]
pub(crate) struct Archive {
    bytes: Vec<u8>,
    entries: u32,
    directories: BTreeSet<String>,
}

impl Archive {
    /// Adds a directory. Parents come first.
    pub(crate) fn directory(&mut self, name: &str, mode: u32) {
        if self.directories.insert(name.to_owned()) {
            self.entry(name, DIRECTORY | mode, (0, 0), &[]);
        }
    }

    /// Adds a file.
    pub(crate) fn file(&mut self, name: &str, mode: u32, content: &[u8]) {
        self.entry(name, FILE | mode, (0, 0), content);
    }

    /// Adds a file and the directories above it that are not there yet. The path is absolute.
    pub(crate) fn whole_path(&mut self, path: &str, mode: u32, content: &[u8]) {
        let name = path.trim_start_matches('/');
        for (at, _) in name.match_indices('/') {
            self.directory(name.get(..at).unwrap_or_default(), 0o755);
        }
        self.file(name, mode, content);
    }

    /// Adds a symbolic link.
    pub(crate) fn link(&mut self, name: &str, target: &str) {
        self.entry(name, LINK | 0o777, (0, 0), target.as_bytes());
    }

    /// Adds the console.
    pub(crate) fn console(&mut self, name: &str) {
        self.entry(name, CHARACTERS | 0o600, (5, 1), &[]);
    }

    /// The whole archive.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        self.entry("TRAILER!!!", 0, (0, 0), &[]);
        self.bytes.resize(self.bytes.len().next_multiple_of(512), 0);
        self.bytes
    }

    fn entry(&mut self, name: &str, mode: u32, device: (u32, u32), content: &[u8]) {
        self.entries += 1;
        let size = u32::try_from(content.len()).unwrap_or(u32::MAX);
        let name_size = u32::try_from(name.len() + 1).unwrap_or(u32::MAX);
        // Inode, mode, owner, group, names, time, size, device it lies on (2), device it is (2), name size, checksum.
        let fields = [self.entries, mode, 0, 0, 1, 0, size, 0, 0, device.0, device.1, name_size, 0];
        self.bytes.extend_from_slice(b"070701");
        for field in fields {
            self.bytes.extend_from_slice(format!("{field:08X}").as_bytes());
        }
        self.bytes.extend_from_slice(name.as_bytes());
        self.bytes.push(0);
        self.align();
        self.bytes.extend_from_slice(content);
        self.align();
    }

    fn align(&mut self) {
        self.bytes.resize(self.bytes.len().next_multiple_of(4), 0);
    }
}

#[cfg(test)]
mod tests {
    use super::Archive;

    #[test]
    fn an_entry_is_a_header_a_name_and_content_each_aligned() {
        let mut archive = Archive::default();
        archive.file("init", 0o755, b"abcde");
        let bytes = archive.finish();
        let head = "07070100000001000081ED00000000000000000000000100000000000000050000000000000000";
        assert_eq!(&bytes[..head.len()], head.as_bytes());
        assert_eq!(&bytes[110..116], b"init\0\0".get(..6).unwrap_or_default());
        assert_eq!(&bytes[116..124], b"abcde\0\0\0");
        assert!(bytes[124..].starts_with(b"070701"));
        assert_eq!(bytes.len() % 512, 0);
    }
}
