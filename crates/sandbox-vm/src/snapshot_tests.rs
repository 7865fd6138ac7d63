//! Where a saved machine may lie, and under which name.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::Path;

use super::{Snapshot, lock};
use crate::accelerator::Accelerator;

async fn refusal(place: &Path) -> Option<(String, String)> {
    let error = lock(place).await.err()?;
    let shown = error.to_string().replace(&place.display().to_string(), "PLACE");
    Some((shown, error.hint().replace(&place.display().to_string(), "PLACE")))
}

#[tokio::test]
async fn a_directory_that_others_have_a_hand_in_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path().join("deep/state");
    assert_eq!(refusal(&place).await, None);
    assert_eq!(fs::metadata(&place).unwrap().permissions().mode() & 0o777, 0o700);
    // Whoever could write there may have left something that would be trusted.
    for mode in [0o720, 0o702, 0o777] {
        fs::set_permissions(&place, fs::Permissions::from_mode(mode)).unwrap();
        let (what, hint) = refusal(&place).await.unwrap();
        assert_eq!(what, "the machine is not kept in `PLACE`: others may write there");
        assert_eq!(hint, "remove it, it is made anew: rm -r PLACE");
    }
    for mode in [0o750, 0o701, 0o755] {
        fs::set_permissions(&place, fs::Permissions::from_mode(mode)).unwrap();
        let (what, hint) = refusal(&place).await.unwrap();
        assert_eq!(what, "the machine is not kept in `PLACE`: others may use it");
        assert_eq!(hint, "close it: chmod 700 PLACE");
    }
    fs::set_permissions(&place, fs::Permissions::from_mode(0o700)).unwrap();
    assert_eq!(refusal(&place).await, None);
    let link = directory.path().join("link");
    symlink(&place, &link).unwrap();
    assert!(refusal(&link).await.unwrap().0.ends_with("it is a link or a file"));
    if rustix::process::geteuid().is_root() {
        chown(&place, Some(65534), None).unwrap();
        assert!(refusal(&place).await.unwrap().0.ends_with("it belongs to another user"));
    }
}

#[test]
fn what_qemu_is_told_is_in_the_name() {
    let named = |told: &str| Snapshot::named(Path::new("/state"), "qemu", told, Accelerator::Kvm);
    assert_eq!(named("-m 1"), named("-m 1"));
    assert_ne!(named("-m 1"), named("-m 2"));
}

#[test]
fn only_the_one_that_failed_is_thrown_away() {
    let directory = tempfile::tempdir().unwrap();
    let snapshot = Snapshot::named(directory.path(), "qemu", "", Accelerator::Kvm);
    let make = || {
        fs::create_dir_all(&snapshot.place).unwrap();
        for name in [super::STATE, super::BEGINNING] {
            fs::write(snapshot.place.join(name), "").unwrap();
        }
        fs::remove_file(snapshot.place.join(super::MEMORY)).ok();
        fs::write(snapshot.place.join(super::MEMORY), "").unwrap();
        fs::write(snapshot.place.join(super::MADE), super::mark(&snapshot.place.join(super::MEMORY)).unwrap()).unwrap();
    };
    make();
    let first = snapshot.made().unwrap();
    // Somebody else has made it anew in the meantime.
    make();
    let second = snapshot.made().unwrap();
    assert_ne!(first, second);
    snapshot.discard(&first);
    assert_eq!(snapshot.made(), Some(second.clone()));
    snapshot.discard(&second);
    assert!(!snapshot.place.exists());
    if !rustix::process::geteuid().is_root() {
        return;
    }
    // One that another user has a part in was not made here.
    for name in ["", super::MEMORY, super::STATE, super::BEGINNING, super::MADE] {
        make();
        assert!(snapshot.made().is_some());
        let mark = |path: &Path| fs::write(snapshot.place.join(super::MADE), super::mark(path).unwrap()).unwrap();
        chown(snapshot.place.join(name), Some(65534), None).unwrap();
        mark(&snapshot.place.join(super::MEMORY));
        assert_eq!(snapshot.made(), None, "{name}");
        snapshot.discard("");
    }
}
