//! Putting an image in place. It is whole and checked before anything can find it, and the one before it stays until
//! then; a process that ends in the middle leaves a folder that the next installation removes.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::io::Errno;

use super::failure::ImageError;
use super::fingerprint::{self, CopyError, Fingerprint};
use super::held::Held;
use super::installed::{CURRENT, DIGITS, InstalledImage};
use super::key::ImageKey;
use super::manifest::{self, MANIFEST, Manifest, Role, SIGNATURE};
use super::package::Package;
use super::record::{RECORD, Record};
use super::tree::{self, LIST, TREE};
use super::{Images, list};

/// Held by whoever changes what is installed.
const LOCK: &str = ".lock";
/// How the name of what is being put in place begins. The rest is new each time: the program that unpacked for somebody
/// who was cut off may still be writing. What goes away is called so as well, so that nothing half removed is found.
pub(super) const DRAFT: &str = ".new-";

/// An image whose signature was found good.
struct Checked {
    package: Package,
    manifest: Manifest,
    manifest_bytes: Vec<u8>,
    signature_bytes: Vec<u8>,
    key: ImageKey,
}

impl Images {
    /// Puts an image in place: from a folder, or an archive (tar) of one. `key` names a file with a key whose signature
    /// counts this time.
    ///
    /// # Errors
    /// Whatever is not as its maker signed it; nothing is changed then.
    pub fn install(&self, from: &Path, key: Option<&Path>) -> Result<InstalledImage, ImageError> {
        let named = key.map(ImageKey::read).transpose()?;
        let checked = self.check_signature(from, named)?;
        let _held = self.hold()?;
        if let Some(installed) = self.version_in_place()
            && installed > checked.manifest.version
        {
            return Err(ImageError::Older { installed, offered: checked.manifest.version });
        }
        tree::can_unpack(self.programs)?;
        self.clear();
        let draft = Draft::begin(&self.place)?;
        let name = name_of(&checked);
        self.fill(checked, &draft.0)?;
        let name = draft.settle(&self.place, &name)?;
        let before = self.current().ok().flatten();
        self.point_to(&name)?;
        self.sweep(before.as_deref());
        self.clear();
        self.in_use()?.map(|found| found.image).ok_or(ImageError::Damaged(name))
    }

    /// The order is that of `images/README.md`: the signature goes first, and nothing is read before it.
    fn check_signature(&self, from: &Path, named: Option<ImageKey>) -> Result<Checked, ImageError> {
        let mut package = Package::open(from)?;
        let manifest_bytes = package.short(MANIFEST)?;
        let manifest_bytes = manifest_bytes.ok_or_else(|| ImageError::NoManifest(package.path().to_owned()))?;
        let signature_bytes = package.short(SIGNATURE)?.ok_or(ImageError::Unsigned)?;
        let signature = manifest::signature(&signature_bytes).ok_or_else(|| self.trusted.foreign())?;
        let key = self.trusted.signer(named, &manifest_bytes, &signature)?;
        let manifest = Manifest::parse(&manifest_bytes)?;
        Ok(Checked { package, manifest, manifest_bytes, signature_bytes, key })
    }

    /// One at a time; given back when the process ends, however it does.
    pub(super) fn hold(&self) -> Result<Held, ImageError> {
        let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.place);
        made.map_err(ImageError::write(&self.place))?;
        let path = self.place.join(LOCK);
        let lock = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&path);
        let lock = lock.map_err(ImageError::write(&path))?;
        Held::alone(lock).map_err(|error| match error {
            Errno::WOULDBLOCK => ImageError::Busy,
            other => ImageError::write(&path)(other.into()),
        })
    }

    /// Removes what others left who were cut off and what was swept away, as far as that is possible now.
    pub(super) fn clear(&self) {
        for path in self.drafts() {
            fs::remove_dir_all(&path).ok();
        }
    }

    /// What is not found by anybody. Where the lock is held, nobody makes an image of it any more.
    pub(super) fn drafts(&self) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(&self.place) else { return Vec::new() };
        let is_draft =
            |path: &PathBuf| path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(DRAFT.as_bytes()));
        entries.filter_map(|entry| Some(entry.ok()?.path())).filter(is_draft).collect()
    }

    /// Makes everything of an installed image in a new folder.
    fn fill(&self, checked: Checked, draft: &Path) -> Result<(), ImageError> {
        let Checked { mut package, manifest, manifest_bytes, signature_bytes, key } = checked;
        let time = time_of(&manifest);
        for file in &manifest.files {
            copy(&mut package, file, &draft.join(&file.name), time)?;
        }
        write_new(&draft.join(MANIFEST), &manifest_bytes)?;
        write_new(&draft.join(SIGNATURE), &signature_bytes)?;
        // Of what lies here now, and not of what it was copied from.
        let layers = [Role::Base, Role::Office].into_iter().filter_map(|role| manifest.file(role));
        let layers: Vec<PathBuf> = layers.map(|file| draft.join(&file.name)).collect();
        let layers: Vec<&Path> = layers.iter().map(PathBuf::as_path).collect();
        let tree = draft.join(TREE);
        tree::unpack(self.programs, &layers, &tree)?;
        let list = list::of(&tree).map_err(ImageError::read(&tree))?;
        write_new(&draft.join(LIST), list.as_bytes())?;
        let record = Record { key, tree: Fingerprint::of_bytes(list.as_bytes()).to_string() };
        let record = toml::to_string(&record).map_err(|error| ImageError::Manifest(error.to_string()))?;
        write_new(&draft.join(RECORD), record.as_bytes())?;
        let opened = File::open(&tree).and_then(|opened| opened.set_modified(time).map(|()| opened));
        let opened = opened.map_err(ImageError::write(&tree))?;
        // Tens of thousands of files: all of the disk at once is much quicker than each of them.
        rustix::fs::syncfs(&opened).map_err(|error| ImageError::write(&tree)(error.into()))
    }

    /// Names the image that is used from now on.
    fn point_to(&self, name: &str) -> Result<(), ImageError> {
        let (path, part) = (self.place.join(CURRENT), self.place.join(".current"));
        remove_if_any(&part)?;
        write_new(&part, format!("{name}\n").as_bytes())?;
        fs::rename(&part, &path).map_err(ImageError::write(&path))?;
        sync_folder(&self.place)
    }
}

/// The time that every file of an image gets, so that a copy of the home keeps it and a change of a file does not.
pub(super) fn time_of(manifest: &Manifest) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(manifest.epoch.min(u64::from(u32::MAX)))
}

fn name_of(checked: &Checked) -> String {
    let digest = Fingerprint::of_bytes(&checked.manifest_bytes).to_string();
    format!("{}-{}", checked.manifest.version, digest.get(..DIGITS).unwrap_or_default())
}

/// Copies a file; what was written is what was signed, or there is an error.
fn copy(package: &mut Package, file: &manifest::File, to: &Path, time: SystemTime) -> Result<(), ImageError> {
    let from = package.path().join(&file.name);
    let mut read = package.file(&file.name)?;
    let mut written = new_file(to)?;
    let (found, size) = fingerprint::copy(&mut read, &mut written, file.size).map_err(|error| match error {
        CopyError::Read(source) => ImageError::read(&from)(source),
        CopyError::Write(source) => ImageError::write(to)(source),
    })?;
    if (found, size) != (file.fingerprint, file.size) {
        return Err(ImageError::Altered(file.name.clone()));
    }
    let settled = written.set_modified(time).and_then(|()| written.set_permissions(Permissions::from_mode(0o444)));
    settled.map_err(ImageError::write(to))
}

fn new_file(path: &Path) -> Result<File, ImageError> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(ImageError::write(path))
}

fn write_new(path: &Path, content: &[u8]) -> Result<(), ImageError> {
    let mut file = new_file(path)?;
    file.write_all(content).and_then(|()| file.sync_all()).map_err(ImageError::write(path))
}

fn remove_if_any(path: &Path) -> Result<(), ImageError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(ImageError::write(path)(error)),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Waits until what a folder holds by name is on the disk.
pub(super) fn sync_folder(folder: &Path) -> Result<(), ImageError> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(ImageError::write(folder))
}

/// A folder that is not an image yet; it goes where it does not become one.
struct Draft(PathBuf);

impl Draft {
    fn begin(place: &Path) -> Result<Self, ImageError> {
        let mut random = [0; 8];
        getrandom::fill(&mut random).map_err(|error| ImageError::write(place)(error.into()))?;
        let path = place.join(format!("{DRAFT}{:016x}", u64::from_ne_bytes(random)));
        fs::DirBuilder::new().mode(0o700).create(&path).map_err(ImageError::write(&path))?;
        Ok(Self(path))
    }

    /// Gives it its name, one that no other image has.
    fn settle(self, place: &Path, name: &str) -> Result<String, ImageError> {
        let free = (0..u32::MAX).map(|number| format!("{name}-{number}")).find(|name| !place.join(name).exists());
        let name = free.unwrap_or_default();
        let path = place.join(&name);
        sync_folder(&self.0)?;
        fs::rename(&self.0, &path).map_err(ImageError::write(&path))?;
        sync_folder(place)?;
        Ok(name)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // Where it was given a name, there is nothing here any more; where it cannot go, the next one removes it.
        fs::remove_dir_all(&self.0).ok();
    }
}
