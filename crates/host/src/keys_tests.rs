//! Keys in the encrypted file: stored, read, removed, refused; and that nothing readable is left anywhere.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret as _, SecretString};

use crate::{KeyChain, KeyError, KeyPlace, KeyPlaces, SystemKeychain};

struct Place {
    root: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        Self { root: tempfile::tempdir().unwrap() }
    }

    fn home(&self) -> PathBuf {
        self.root.path().join("home")
    }

    fn identity(&self) -> PathBuf {
        self.root.path().join("config/deskhand/keys.identity")
    }

    fn open(&self) -> KeyChain {
        let places = KeyPlaces { home: self.home(), identity: self.identity(), system: SystemKeychain::Absent };
        KeyChain::open(places).unwrap()
    }
}

fn read(keys: &KeyChain, name: &str) -> Option<String> {
    keys.read(name).unwrap().map(|key| key.expose_secret().to_owned())
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn what_is_stored_is_read_again_by_the_next_start_and_nothing_of_it_is_readable() {
    let place = Place::new();
    let keys = place.open();
    assert_eq!((keys.place_of("provider:openai"), read(&keys, "provider:openai")), (None, None));
    assert!(!place.home().exists(), "asking makes nothing");
    assert_eq!(keys.store("provider:openai", &SecretString::from("sk-one")).unwrap(), KeyPlace::EncryptedFile);
    keys.store("provider:mine", &SecretString::from("sk-two")).unwrap();
    keys.store("provider:openai", &SecretString::from("sk-three")).unwrap();

    let again = place.open();
    assert_eq!(again.place_of("provider:openai"), Some(KeyPlace::EncryptedFile));
    assert_eq!(read(&again, "provider:openai").as_deref(), Some("sk-three"));
    assert_eq!(read(&again, "provider:mine").as_deref(), Some("sk-two"));
    again.remove("provider:openai").unwrap();
    again.remove("provider:nobody").unwrap();
    assert_eq!((again.place_of("provider:openai"), read(&place.open(), "provider:openai")), (None, None));
    assert_eq!(read(&place.open(), "provider:mine").as_deref(), Some("sk-two"));

    let files = [place.home().join("keys.age"), place.home().join("keys.json"), place.identity()];
    for file in &files {
        let bytes = std::fs::read(file).unwrap();
        assert!(!bytes.windows(3).any(|window| window == b"sk-"), "{}", file.display());
        assert_eq!(mode(file), 0o600, "{}", file.display());
    }
    assert!(std::fs::read(&files[0]).unwrap().starts_with(b"age-encryption.org/v1"));
    assert_eq!(std::fs::read_dir(place.home()).unwrap().count(), 2, "no half-written file stays behind");
    assert!(!format!("{again:?}").contains("sk-"));
}

#[test]
fn an_identity_that_others_can_read_opens_nothing() {
    let place = Place::new();
    place.open().store("a", &SecretString::from("sk-one")).unwrap();
    std::fs::set_permissions(place.identity(), std::fs::Permissions::from_mode(0o644)).unwrap();
    let error = place.open().read("a").unwrap_err();
    assert!(matches!(error, KeyError::OpenToOthers(_)), "{error}");
    assert!(error.hint().contains("chmod 600"), "{}", error.hint());
    let error = place.open().store("b", &SecretString::from("sk-two")).unwrap_err();
    assert!(matches!(error, KeyError::OpenToOthers(_)), "{error}");
    std::fs::set_permissions(place.identity(), std::fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(read(&place.open(), "a").as_deref(), Some("sk-one"));
}

#[test]
fn a_home_without_its_identity_is_a_clear_error_and_stays_as_it_is() {
    let place = Place::new();
    place.open().store("a", &SecretString::from("sk-one")).unwrap();
    let sealed = std::fs::read(place.home().join("keys.age")).unwrap();
    std::fs::remove_file(place.identity()).unwrap();
    assert!(matches!(place.open().read("a"), Err(KeyError::NoIdentity(_))));
    assert!(matches!(place.open().store("b", &SecretString::from("sk-two")), Err(KeyError::NoIdentity(_))));
    assert!(!place.identity().exists(), "a new identity would lose the old keys");
    let other = Place::new();
    other.open().store("x", &SecretString::from("sk-x")).unwrap();
    std::fs::copy(other.identity(), place.identity()).unwrap();
    assert!(matches!(place.open().read("a"), Err(KeyError::Locked { .. })));
    assert_eq!(std::fs::read(place.home().join("keys.age")).unwrap(), sealed);
}

#[test]
fn damaged_files_are_errors_and_not_empty_lists() {
    let place = Place::new();
    place.open().store("a", &SecretString::from("sk-one")).unwrap();
    std::fs::write(place.home().join("keys.age"), "age-encryption.org/v1\n").unwrap();
    assert!(matches!(place.open().read("a"), Err(KeyError::Locked { .. })));
    std::fs::write(place.home().join("keys.json"), "[]").unwrap();
    let places = KeyPlaces { home: place.home(), identity: place.identity(), system: SystemKeychain::Absent };
    assert!(matches!(KeyChain::open(places), Err(KeyError::Locked { .. })));
}

#[test]
fn the_keychain_is_asked_only_where_there_may_be_one() {
    let from = |pairs: &'static [(&'static str, &'static str)]| {
        SystemKeychain::from_environment(&|wanted| {
            pairs.iter().find(|(name, _)| *name == wanted).map(|(_, value)| (*value).to_owned())
        })
    };
    let everywhere = if cfg!(target_os = "linux") { SystemKeychain::Absent } else { SystemKeychain::Ask };
    assert_eq!(from(&[]), everywhere);
    assert_eq!(from(&[("XDG_RUNTIME_DIR", "/nonexistent")]), everywhere);
    assert_eq!(from(&[("DBUS_SESSION_BUS_ADDRESS", "unix:path=/x")]), SystemKeychain::Ask);
    assert_eq!(
        from(&[("DBUS_SESSION_BUS_ADDRESS", "unix:path=/x"), ("DESKHAND_KEYS", "file")]),
        SystemKeychain::Absent
    );
}

#[test]
fn without_an_answer_the_place_is_the_file() {
    let place = Place::new();
    let keys = place.open();
    assert_eq!((keys.place_so_far(), keys.place()), (KeyPlace::EncryptedFile, KeyPlace::EncryptedFile));
}
