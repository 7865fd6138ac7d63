//! Images that were tampered with are refused and change nothing; one that is in place is used, checked and replaced.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, ErrorKind, Seek, SeekFrom, Write as _};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use ring::signature::{Ed25519KeyPair, KeyPair};
use tempfile::TempDir;

use super::fingerprint::{CopyError, copy};
use super::{Chosen, ImageError, ImageKey, Images, InstalledImage, Removed, Trusted};
use crate::{Directories, MachineConfig};

/// A packed tree of a few files, made once.
static PACKED: LazyLock<Option<(Vec<u8>, Vec<u8>)>> = LazyLock::new(|| {
    let place = tempfile::tempdir().unwrap();
    let pack = |name: &str, files: &[(&str, &str, u32)]| {
        let tree = place.path().join(name);
        for (file, content, mode) in files {
            let path = tree.join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, content).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(*mode)).unwrap();
        }
        symlink("usr/bin", tree.join(format!("link-{name}"))).unwrap();
        let packed = place.path().join(format!("{name}.erofs"));
        let made = Command::new("mkfs.erofs").args(["-zlz4hc", "-T5", "--all-root"]).arg(&packed).arg(&tree).output();
        made.ok().map(|made| {
            assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
            fs::read(packed).unwrap()
        })
    };
    let base = pack("base", &[("usr/bin/tool", "old", 0o755), ("etc/name with blank", "text", 0o644)])?;
    Some((base, pack("office", &[("usr/bin/tool", "new", 0o750), ("usr/bin/office", "more", 0o755)])?))
});

fn pair(seed: u8) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap()
}

fn digits(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

fn key(seed: u8) -> ImageKey {
    ImageKey::try_from(digits(pair(seed).public_key().as_ref())).unwrap()
}

fn sha256(bytes: &[u8]) -> String {
    digits(ring::digest::digest(&ring::digest::SHA256, bytes).as_ref())
}

/// Settings that trust these keys.
fn trusting(keys: &[ImageKey]) -> MachineConfig {
    MachineConfig { image_keys: keys.to_owned(), ..MachineConfig::default() }
}

/// A home, and a folder with an image that key 1 signed.
struct Stage {
    place: TempDir,
    images: Images,
}

/// A stage, or a word about what is missing here.
fn stage() -> Option<Stage> {
    if PACKED.is_none() {
        println!("skipped: install erofs-utils");
        return None;
    }
    let place = tempfile::tempdir().unwrap();
    let images = Images::new(&place.path().join("home"), &trusting(&[key(1)]), None);
    fs::create_dir(place.path().join("home")).unwrap();
    let stage = Stage { place, images };
    stage.make(1);
    Some(stage)
}

impl Stage {
    fn from(&self) -> PathBuf {
        self.place.path().join("handed over")
    }

    fn image(&self) -> PathBuf {
        self.place.path().join("home/image")
    }

    /// Makes the folder that is handed over anew.
    fn make(&self, version: u64) {
        let from = self.from();
        let _before = fs::remove_dir_all(&from);
        fs::create_dir(&from).unwrap();
        let (base, office) = PACKED.as_ref().unwrap();
        let contents: [(&str, &str, &[u8]); 5] = [
            ("base.erofs", "base", base),
            ("office.erofs", "office", office),
            ("vmlinuz", "kernel", b"a kernel"),
            ("initrd", "initrd", b"first files"),
            ("later.bin", "of-a-later-format", b"whatever"),
        ];
        let mut files = Vec::new();
        for (name, role, content) in contents {
            fs::write(from.join(name), content).unwrap();
            let (size, digest) = (content.len(), sha256(content));
            files.push(format!(
                "\n[[file]]\nname = \"{name}\"\nrole = \"{role}\"\nsize = {size}\nsha256 = \"{digest}\"\n"
            ));
        }
        let architecture = if cfg!(target_arch = "aarch64") { "arm64" } else { "amd64" };
        let text = format!(
            "format = 1\nversion = {version}\nsuite = \"trixie\"\narchitecture = \"{architecture}\"\nepoch = 5\n{}",
            files.concat()
        );
        self.sign(&text, 1);
    }

    fn manifest(&self) -> String {
        fs::read_to_string(self.from().join("manifest.toml")).unwrap()
    }

    fn sign(&self, text: &str, seed: u8) {
        fs::write(self.from().join("manifest.toml"), text).unwrap();
        let signature = format!("{}\n", digits(pair(seed).sign(text.as_bytes()).as_ref()));
        fs::write(self.from().join("manifest.toml.sig"), signature).unwrap();
        let public = format!("{}\n", digits(pair(seed).public_key().as_ref()));
        fs::write(self.from().join("manifest.toml.pub"), public).unwrap();
    }

    #[track_caller]
    fn install(&self) -> InstalledImage {
        self.images.install(&self.from(), None).unwrap()
    }

    /// What refuses the image; nothing of it may be left, and what was in place is still whole.
    #[track_caller]
    fn refused(&self) -> String {
        self.refused_from(&self.from())
    }

    #[track_caller]
    fn refused_from(&self, from: &Path) -> String {
        let before = self.images.check().unwrap();
        let error = self.images.install(from, None).unwrap_err();
        assert!(!error.hint().is_empty());
        assert_eq!(self.images.check().unwrap(), before);
        let left = usize::from(before.is_some());
        assert_eq!(folders(&self.image()), left, "{error}");
        error.to_string()
    }
}

/// How many folders there are, those that are hidden among them.
fn folders(place: &Path) -> usize {
    let Ok(entries) = fs::read_dir(place) else { return 0 };
    entries.filter(|entry| entry.as_ref().unwrap().path().is_dir()).count()
}

const FOREIGN: &str = "the image's signature is of no key that is trusted here, or its manifest was changed";

#[test]
fn a_signed_image_is_put_in_place_whole_and_unpacked() {
    let Some(stage) = stage() else { return };
    assert_eq!(stage.images.check().unwrap(), None);
    fs::write(stage.from().join("extra"), "not of the image").unwrap();
    let image = stage.install();
    assert_eq!((image.version, image.epoch, image.key.clone()), (1, 5, key(1).to_string()));
    let mut names: Vec<_> =
        fs::read_dir(&image.folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    let expected = [
        "base.erofs",
        "initrd",
        "installed.toml",
        "manifest.toml",
        "manifest.toml.sig",
        "office.erofs",
        "tree",
        "tree.list",
        "vmlinuz",
    ];
    assert_eq!(names, expected, "nothing that was not signed, and nothing of an unknown role");
    let tool = image.tree.join("usr/bin/tool");
    assert_eq!(fs::read_to_string(&tool).unwrap(), "new", "the layer lies over the base");
    assert_eq!(fs::metadata(&tool).unwrap().mode() & 0o7777, 0o750);
    assert_eq!(fs::read_to_string(image.tree.join("etc/name with blank")).unwrap(), "text");
    assert_eq!(fs::read_link(image.tree.join("link-base")).unwrap(), Path::new("usr/bin"));
    assert_eq!(fs::metadata(stage.image()).unwrap().mode() & 0o777, 0o700);
    assert_eq!(stage.images.in_use().unwrap().unwrap().image, image);
    assert_eq!(stage.images.check().unwrap(), Some(image));
}

#[test]
fn a_changed_byte_in_any_file_is_refused() {
    let Some(stage) = stage() else { return };
    for (name, said) in [
        ("base.erofs", "`base.erofs` of the image is not the file that was signed"),
        ("office.erofs", "`office.erofs` of the image is not the file that was signed"),
        ("vmlinuz", "`vmlinuz` of the image is not the file that was signed"),
        ("initrd", "`initrd` of the image is not the file that was signed"),
        ("manifest.toml", FOREIGN),
        ("manifest.toml.sig", FOREIGN),
    ] {
        for place in [0, 1, 2] {
            stage.make(1);
            let path = stage.from().join(name);
            let mut bytes = fs::read(&path).unwrap();
            let at = [0, bytes.len() / 2, bytes.len() - 1][place];
            bytes[at] ^= 1;
            fs::write(&path, bytes).unwrap();
            assert_eq!(stage.refused(), said, "{name}, byte {at}");
        }
    }
}

#[test]
fn files_that_are_longer_shorter_missing_or_links_are_refused() {
    let Some(stage) = stage() else { return };
    let initrd = stage.from().join("initrd");
    for content in ["first files and more", "first file", ""] {
        fs::write(&initrd, content).unwrap();
        assert_eq!(stage.refused(), "`initrd` of the image is not the file that was signed");
    }
    fs::remove_file(&initrd).unwrap();
    assert_eq!(stage.refused(), "the image has no `initrd`");
    // The right content behind a link is refused all the same.
    fs::write(stage.place.path().join("elsewhere"), "first files").unwrap();
    symlink(stage.place.path().join("elsewhere"), &initrd).unwrap();
    assert_eq!(stage.refused(), "`initrd` of the image is no ordinary file");
    fs::remove_file(&initrd).unwrap();
    fs::create_dir(&initrd).unwrap();
    assert_eq!(stage.refused(), "`initrd` of the image is no ordinary file");
    fs::remove_dir(&initrd).unwrap();
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &initrd,
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::from_raw_mode(0o600),
        0,
    )
    .unwrap();
    assert_eq!(stage.refused(), "`initrd` of the image is no ordinary file", "and nobody waits for a writer");
    for name in ["manifest.toml", "manifest.toml.sig"] {
        stage.make(1);
        fs::rename(stage.from().join(name), stage.place.path().join(name)).unwrap();
        symlink(stage.place.path().join(name), stage.from().join(name)).unwrap();
        assert_eq!(stage.refused(), format!("`{name}` of the image is no ordinary file"));
    }
}

#[test]
fn unsigned_and_foreign_images_are_refused_whatever_key_lies_beside_them() {
    let Some(stage) = stage() else { return };
    let manifest = stage.manifest();
    stage.sign(&manifest, 2);
    assert_eq!(stage.refused(), FOREIGN);
    fs::remove_file(stage.from().join("manifest.toml.sig")).unwrap();
    assert_eq!(stage.refused(), "the image is not signed: it has no `manifest.toml.sig`");
    fs::remove_file(stage.from().join("manifest.toml")).unwrap();
    assert!(stage.refused().ends_with("is no image: it has no `manifest.toml`"));
    // Somebody who trusts nobody takes nothing, and says so with --key.
    stage.make(1);
    let home = stage.place.path().join("home");
    let nobody = Images::new(&home, &trusting(&[]), None);
    assert!(matches!(nobody.install(&stage.from(), None), Err(ImageError::NoKey)));
    let named = stage.from().join("manifest.toml.pub");
    assert_eq!(nobody.install(&stage.from(), Some(&named)).unwrap().key, key(1).to_string());
    // Used afterwards without the key being named again.
    assert_eq!(nobody.check().unwrap().unwrap().version, 1);
    for content in ["", "ab", &"AB".repeat(32), &"ab".repeat(33)] {
        fs::write(&named, content).unwrap();
        assert!(matches!(nobody.install(&stage.from(), Some(&named)), Err(ImageError::Key(_))), "{content}");
    }
}

#[test]
fn an_organisations_keys_are_the_only_ones() {
    let Some(stage) = stage() else { return };
    let home = stage.place.path().join("home");
    let narrowed = |seed| Images::new(&home, &trusting(&[key(1)]), Some(&[key(seed)]));
    assert!(matches!(narrowed(2).install(&stage.from(), None), Err(ImageError::NotAllowed)));
    let named = stage.from().join("manifest.toml.pub");
    assert!(matches!(narrowed(2).install(&stage.from(), Some(&named)), Err(ImageError::Organisation)));
    assert!(narrowed(1).install(&stage.from(), Some(&named)).is_ok());
    assert!(narrowed(1).in_use().unwrap().is_some());
    assert!(matches!(narrowed(1).choose(), Chosen::Installed(_)));
    // One that nobody signed is not used where an organisation has a say.
    let named = MachineConfig { image: Some(stage.from()), ..trusting(&[]) };
    assert!(matches!(Images::new(&home, &named, None).choose(), Chosen::Unchecked(_)));
    let overruled = Images::new(&home, &named, Some(&[key(1)]));
    assert!(overruled.overruled() && !overruled.passed_over());
    assert!(matches!(overruled.choose(), Chosen::Installed(_)), "the organisation's own is used in its place");
    let refused = Images::new(&home, &named, Some(&[key(2)])).choose();
    assert!(matches!(refused, Chosen::Unusable(ImageError::Organisation)) && refused.root().is_none());
    // One that was installed before the organisation had a say is not used any more.
    assert!(matches!(narrowed(2).in_use(), Err(ImageError::Organisation)));
    // Whatever is refused, nobody is told to name a key: it would not count.
    let nobody = Images::new(&home, &trusting(&[key(1)]), Some(&[]));
    let mut refused = vec![nobody.install(&stage.from(), None).unwrap_err()];
    assert!(matches!(refused[0], ImageError::NoKeyAllowed));
    refused.push(nobody.install(&stage.from(), Some(&stage.from().join("manifest.toml.pub"))).unwrap_err());
    refused.push(narrowed(2).install(&stage.from(), None).unwrap_err());
    fs::write(stage.from().join("manifest.toml.sig"), "no signature").unwrap();
    refused.push(narrowed(1).install(&stage.from(), None).unwrap_err());
    fs::remove_file(stage.from().join("manifest.toml.sig")).unwrap();
    refused.push(narrowed(1).install(&stage.from(), None).unwrap_err());
    for error in refused {
        assert!(!error.hint().contains("--key") && !error.hint().contains("image_keys"), "{error}: {}", error.hint());
    }
}

#[test]
fn keys_stand_in_the_settings_and_in_the_organisations_rules() {
    let place = tempfile::tempdir().unwrap();
    let home = place.path().display().to_string();
    let directories = Directories::from_environment(|name| (name == "DESKHAND_HOME").then(|| home.clone()));
    let policy = place.path().join("policy.toml");
    let trusted = |settings: &str, rules: &str| {
        fs::write(place.path().join("config.toml"), settings).unwrap();
        fs::write(&policy, rules).unwrap();
        // The settings are looked for where the home has some.
        let directories = Directories { config: place.path().join("config.toml"), ..directories.clone() };
        Images::open(&directories, &policy).map(|images| images.trusted).map_err(|error| error.to_string())
    };
    let table = |seed| format!("[machine]\nimage_keys = [\"{}\"]\n", key(seed));
    assert_eq!(trusted("", ""), Ok(Trusted::Own(vec![])));
    assert_eq!(trusted(&table(1), ""), Ok(Trusted::Own(vec![key(1)])));
    assert_eq!(trusted(&table(1), &table(2)), Ok(Trusted::Organisation(vec![key(2)])));
    assert_eq!(trusted(&table(1), "[machine]\nimage_keys = []\n"), Ok(Trusted::Organisation(vec![])));
    for (settings, rules) in [("[machine]\nimage_keys = [\"ab\"]\n", ""), ("", "[machine]\nimage_keys = [\"ab\"]\n")] {
        let refused = trusted(settings, rules).unwrap_err();
        assert!(refused.contains("`ab` is no key of an image: 64 hexadecimal digits are one"), "{refused}");
    }
}

#[test]
fn a_signed_manifest_is_still_read_with_care() {
    let Some(stage) = stage() else { return };
    let good = stage.manifest();
    let long = "x".repeat(101);
    for name in [
        "../initrd",
        "/etc/passwd",
        "..",
        ".",
        "",
        "a/b",
        "a\\\\b",
        ".lock",
        "manifest.toml",
        "TREE",
        "tree.list",
        &long,
    ] {
        stage.sign(&good.replace("name = \"initrd\"", &format!("name = \"{name}\"")), 1);
        let shown = name.replace("\\\\", "\\");
        assert_eq!(stage.refused(), format!("the manifest names a file `{shown}`, which is no plain name of its own"));
    }
    let cases = [
        (("\"initrd\"\nrole", "\"VMLINUZ\"\nrole"), "the manifest names a file `VMLINUZ`, which is no"),
        (("format = 1", "format = 2"), "the image's manifest is not understood: its format is 2"),
        (("version = 1\n", ""), "the image's manifest is not understood: missing field `version`"),
        (("version = 1", "version = -1"), "the image's manifest is not understood"),
        (("role = \"initrd\"", "role = \"kernel\""), "the image's manifest is not understood: `initrd` has a role"),
        (("role = \"base\"", "role = \"basis\""), "the image's manifest is not understood: it names no base"),
        (("size = 11\n", "size = 99999999999999\n"), "the image's manifest is not understood: size or digest"),
        (("sha256 = \"", "sha256 = \"0"), "the image's manifest is not understood: size or digest"),
        (("architecture = \"", "architecture = \"z"), "the image is for `z"),
    ];
    for ((from, to), said) in cases {
        assert!(good.contains(from), "{from}");
        stage.sign(&good.replacen(from, to, 1), 1);
        let refused = stage.refused();
        assert!(refused.starts_with(said), "{to}: {refused}");
    }
    stage.sign(&format!("{good}# {}", "x".repeat(70_000)), 1);
    assert_eq!(stage.refused(), "the image's manifest is not understood: `manifest.toml` is longer than 65536 bytes");
}

#[test]
fn an_older_image_does_not_take_the_place_of_a_later_one() {
    let Some(stage) = stage() else { return };
    stage.make(7);
    stage.install();
    stage.make(6);
    assert_eq!(stage.refused(), "version 7 is installed, and this is 6: an older image is not put in its place");
    // The same again is a repair, a later one an update, and after removing it any may come.
    stage.make(7);
    stage.install();
    stage.make(8);
    assert_eq!(stage.install().version, 8);
    assert_eq!(folders(&stage.image()), 1, "those before are gone");
    assert_eq!(stage.images.remove().unwrap(), Removed::Gone);
    assert_eq!((stage.images.remove().unwrap(), folders(&stage.image())), (Removed::Nothing, 0));
    stage.make(6);
    assert_eq!(stage.install().version, 6);
}

#[test]
fn an_image_in_use_stays_until_its_users_are_gone() {
    let Some(stage) = stage() else { return };
    stage.install();
    let used = stage.images.in_use().unwrap().unwrap();
    stage.make(2);
    let new = stage.install();
    assert!(used.image.tree.join("usr/bin/tool").exists() && used.image.folder != new.folder);
    assert_eq!(stage.images.remove().unwrap(), Removed::InUse);
    assert!(used.image.base.exists() && stage.images.in_use().unwrap().is_none());
    drop(used);
    stage.make(3);
    stage.install();
    assert_eq!(folders(&stage.image()), 1);
}

#[test]
fn what_changed_in_place_is_seen() {
    let Some(stage) = stage() else { return };
    // Seen at once: another size, a new time, other words in the manifest.
    for name in ["base.erofs", "vmlinuz", "manifest.toml", "manifest.toml.sig", "installed.toml"] {
        let image = stage.install();
        let path = image.folder.join(name);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        let mut bytes = fs::read(&path).unwrap();
        bytes[0] ^= 1;
        fs::write(&path, bytes).unwrap();
        let error = stage.images.in_use().unwrap_err();
        assert!(matches!(error, ImageError::Damaged(_)), "{name}: {error}");
        assert_eq!(error.hint(), "install the image again: deskhand image install FOLDER");
    }
    // Seen when everything is read: a change that hides its time, and whatever happened to the tree.
    type Change = fn(&InstalledImage);
    let changes: [(&str, Change); 6] = [
        ("vmlinuz", |image| hidden_change(image.kernel.as_ref().unwrap(), "A kernel")),
        ("tree/usr/bin/tool", |image| hidden_change(&image.tree.join("usr/bin/tool"), "bad")),
        ("tree/usr/bin/extra", |image| fs::write(image.tree.join("usr/bin/extra"), "").unwrap()),
        ("tree/usr/bin/office", |image| fs::remove_file(image.tree.join("usr/bin/office")).unwrap()),
        ("tree/usr/bin/tool", |image| {
            fs::set_permissions(image.tree.join("usr/bin/tool"), fs::Permissions::from_mode(0o4755)).unwrap();
        }),
        ("extra", |image| fs::write(image.folder.join("extra"), "").unwrap()),
    ];
    for (name, change) in changes {
        let image = stage.install();
        assert!(stage.images.check().is_ok());
        change(&image);
        assert!(stage.images.in_use().is_ok(), "{name} is not seen by a look");
        let said = stage.images.check().unwrap_err().to_string();
        assert_eq!(said, format!("the installed image is damaged: `{name}` is not as it was put there"));
        let look = stage.images.in_use().map(drop).unwrap_err().to_string();
        assert_eq!(look, said, "what was found once is not used any more");
        let chosen = stage.images.choose();
        assert!(matches!(chosen, Chosen::Unusable(ImageError::Damaged(_))) && chosen.root().is_none());
    }
    assert_eq!(folders(&stage.image()), 1, "those that were damaged are gone");
    // A new image in place of the damaged one mends it, also one with a lower version.
    stage.make(7);
    let image = stage.install();
    hidden_change(image.kernel.as_ref().unwrap(), "A kernel");
    stage.images.check().unwrap_err();
    stage.make(6);
    assert_eq!(stage.install().version, 6);
    assert_eq!(stage.images.check().unwrap().unwrap().version, 6);
}

/// Changes a file and gives it the time it had.
fn hidden_change(path: &Path, content: &str) {
    let time = fs::metadata(path).unwrap().modified().unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(path, content).unwrap();
    fs::File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
}

#[test]
fn what_somebody_copied_into_the_home_is_named_and_neither_used_nor_removed() {
    let Some(stage) = stage() else { return };
    fs::create_dir_all(stage.image().join("full/usr")).unwrap();
    fs::write(stage.image().join("base.erofs"), "copied by hand").unwrap();
    // Called nearly as an image is, and exactly so, with nothing of one in it.
    for name in ["2026-11-20", "2026-0123456789ab-20"] {
        fs::create_dir_all(stage.image().join(name)).unwrap();
        fs::write(stage.image().join(name).join("letter"), "dear").unwrap();
    }
    let error = stage.images.in_use().unwrap_err();
    assert!(matches!(error, ImageError::NotInstalled(_)), "{error}");
    stage.install();
    assert!(stage.images.in_use().unwrap().is_some() && stage.image().join("full/usr").is_dir());
    stage.images.remove().unwrap();
    stage.images.remove_old();
    assert!(stage.image().join("full/usr").is_dir() && stage.image().join("base.erofs").is_file());
    for name in ["2026-11-20", "2026-0123456789ab-20"] {
        assert_eq!(fs::read_to_string(stage.image().join(name).join("letter")).unwrap(), "dear");
    }
    assert_eq!(folders(&stage.image()), 3, "the image itself is gone");
}

#[test]
fn what_is_old_goes_when_a_process_begins_unless_somebody_installs() {
    let Some(stage) = stage() else { return };
    stage.install();
    let used = stage.images.in_use().unwrap().unwrap();
    stage.make(2);
    let current = stage.install();
    let draft = stage.image().join(".new-0123456789abcdef");
    fs::create_dir_all(draft.join("tree/usr")).unwrap();
    let held = stage.images.hold().unwrap();
    stage.images.remove_old();
    assert!(draft.exists(), "it may be somebody's who installs");
    drop(held);
    stage.images.remove_old();
    assert!(!draft.exists() && used.image.tree.join("usr/bin/tool").exists());
    let old = used.image.folder.clone();
    drop(used);
    stage.images.remove_old();
    assert!(!old.exists());
    assert_eq!((folders(&stage.image()), stage.images.check().unwrap()), (1, Some(current.clone())));
    // Where nobody knows which one is current, nothing goes.
    fs::write(stage.image().join("current"), "no name").unwrap();
    stage.images.remove_old();
    assert!(current.folder.exists());
}

#[test]
fn one_that_was_cut_off_leaves_the_last_image_and_is_cleared_away() {
    let Some(stage) = stage() else { return };
    let image = stage.install();
    let draft = stage.image().join(".new-0123456789abcdef");
    let cut_off = || {
        fs::create_dir_all(draft.join("tree/usr")).unwrap();
        fs::write(draft.join("base.erofs"), "half").unwrap();
    };
    cut_off();
    fs::write(stage.image().join(".current"), "half").unwrap();
    assert_eq!(stage.images.check().unwrap(), Some(image));
    stage.make(2);
    assert_eq!(stage.install().version, 2);
    assert!(!draft.exists());
    cut_off();
    stage.images.remove().unwrap();
    assert!(!draft.exists());
    stage.install();
    // While another process installs, nobody else does.
    let held = stage.images.hold().unwrap();
    assert!(matches!(stage.images.install(&stage.from(), None), Err(ImageError::Busy)));
    drop(held);
    // A name that leads elsewhere is not followed.
    fs::write(stage.image().join("current"), "../../elsewhere\n").unwrap();
    assert!(matches!(stage.images.in_use(), Err(ImageError::Damaged(_))));
}

#[test]
fn without_the_program_that_unpacks_it_says_so_before_anything_is_copied() {
    let Some(mut stage) = stage() else { return };
    stage.images.programs = "/nonexistent";
    assert_eq!(stage.refused(), "the image cannot be unpacked: `fsck.erofs` is missing");
}

#[test]
fn an_archive_of_an_image_is_as_good_as_its_folder() {
    let Some(stage) = stage() else { return };
    let archive = stage.place.path().join("image.tar");
    let pack = |names: &[&str]| {
        let mut tar = Command::new("tar");
        tar.arg("-cf").arg(&archive).arg("-C").arg(stage.from()).args(names).stdin(Stdio::null());
        assert!(tar.status().unwrap().success());
    };
    pack(&["."]);
    assert_eq!(stage.images.install(&archive, None).unwrap().version, 1);
    assert!(stage.images.check().unwrap().is_some());
    // The manifest itself stands for its folder.
    assert!(stage.images.install(&stage.from().join("manifest.toml"), None).is_ok());

    let whole = ["manifest.toml", "manifest.toml.sig", "base.erofs", "office.erofs", "vmlinuz", "initrd"];
    pack(&whole[..5]);
    assert_eq!(stage.refused_from(&archive), "the image has no `initrd`");
    pack(&[&whole[..], &["initrd"]].concat());
    let twice = stage.refused_from(&archive);
    assert!(twice.contains("no ordinary file") || twice.contains("not the file"), "{twice}");
    fs::remove_file(stage.from().join("initrd")).unwrap();
    symlink("vmlinuz", stage.from().join("initrd")).unwrap();
    pack(&whole);
    assert_eq!(stage.refused_from(&archive), "`initrd` of the image is no ordinary file");
    fs::write(&archive, "no archive at all").unwrap();
    assert!(stage.refused_from(&archive).ends_with("is no image: it has no `manifest.toml`"));
    let shortened = fs::metadata(stage.from().join("base.erofs")).unwrap().len();
    pack(&whole);
    fs::File::options().write(true).open(&archive).unwrap().set_len(shortened).unwrap();
    stage.refused_from(&archive);
}

/// A header of an archive.
fn header(name: &str, kind: tar::EntryType, size: u64) -> Vec<u8> {
    let mut header = tar::Header::new_gnu();
    header.set_path(name).unwrap();
    header.set_entry_type(kind);
    header.set_size(size);
    header.set_mode(0o644);
    header.set_cksum();
    header.as_bytes().to_vec()
}

#[test]
fn a_long_name_in_an_archive_is_not_read_into_memory() {
    const LONG: u64 = 2 << 30;
    let Some(stage) = stage() else { return };
    let path = stage.place.path().join("image.tar");
    let mut archive = fs::File::create(&path).unwrap();
    archive.write_all(&header("long", tar::EntryType::GNULongName, LONG)).unwrap();
    archive.write_all(b"another-name").unwrap();
    // The rest of the name is a hole.
    archive.seek(SeekFrom::Start(512 + LONG)).unwrap();
    for name in ["manifest.toml", "manifest.toml.sig", "base.erofs", "office.erofs", "vmlinuz", "initrd"] {
        let mut content = fs::read(stage.from().join(name)).unwrap();
        archive.write_all(&header(name, tar::EntryType::Regular, content.len() as u64)).unwrap();
        content.resize(content.len().next_multiple_of(512), 0);
        archive.write_all(&content).unwrap();
    }
    archive.write_all(&[0; 1024]).unwrap();
    assert_eq!(stage.images.install(&path, None).unwrap().version, 1);
}

#[test]
fn a_copy_that_fails_says_on_which_side() {
    let mut full = fs::File::options().write(true).open("/dev/full").unwrap();
    let Err(CopyError::Write(error)) = copy(&mut &b"bytes"[..], &mut full, 100) else { panic!() };
    assert_eq!(error.kind(), ErrorKind::StorageFull);
    // Nothing is mapped at the beginning, so reading there is an error of input and output.
    let mut broken = fs::File::open("/proc/self/mem").unwrap();
    assert!(matches!(copy(&mut broken, &mut io::sink(), 100), Err(CopyError::Read(_))));
    for errno in [rustix::io::Errno::NOSPC, rustix::io::Errno::DQUOT] {
        let error = ImageError::write(Path::new("/home"))(errno.into());
        assert_eq!(error.hint(), "free some space and try again");
    }
}

#[test]
fn a_home_whose_name_is_not_unicode_is_as_good() {
    let Some(stage) = stage() else { return };
    let home = stage.place.path().join(OsStr::from_bytes(b"home-\xff"));
    fs::create_dir(&home).unwrap();
    let images = Images::new(&home, &trusting(&[key(1)]), None);
    let image = images.install(&stage.from(), None).unwrap();
    assert!(image.tree.starts_with(&home) && image.tree.join("usr/bin/tool").is_file());
    assert_eq!(fs::read_dir(stage.place.path()).unwrap().count(), 3, "nothing beside it");
}
