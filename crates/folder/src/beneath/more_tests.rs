//! Opening in place: a file is given the rights that are missing, anything else is left as it is.

use rustix::fs::{self, FileType, Mode};

use super::open_in_place;
use crate::beneath::open_granted;

#[test]
fn only_a_file_is_given_rights() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().canonicalize().unwrap();
    let at = open_granted(&path).unwrap();
    let modes = [("file", FileType::RegularFile, 0o600), ("pipe", FileType::Fifo, 0o400)];
    for (name, kind, mode) in modes {
        fs::mknodat(&at, name, kind, Mode::RUSR, 0).unwrap();
        let opened = open_in_place(&at, name.as_ref()).unwrap().map(|(_, mode)| mode);
        assert_eq!(opened, (kind == FileType::RegularFile).then_some(0o400));
        assert_eq!(fs::stat(path.join(name)).unwrap().st_mode & 0o7777, mode, "{name}");
    }
    std::os::unix::fs::symlink("file", path.join("link")).unwrap();
    assert!(open_in_place(&at, "link".as_ref()).unwrap().is_none());
}
