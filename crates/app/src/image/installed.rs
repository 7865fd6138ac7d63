//! The image that is in place: found, looked at on every start, read again as a whole, taken away.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::failure::ImageError;
use super::fingerprint::Fingerprint;
use super::held::Held;
use super::install::{DRAFT, sync_folder, time_of};
use super::manifest::{self, MANIFEST, Manifest, OURS, Role, SIGNATURE};
use super::record::{RECORD, Record};
use super::tree::{LIST, TREE};
use super::{Images, list};

/// Names the folder of the current image.
pub(super) const CURRENT: &str = "current";
/// In the folder of an image that was found damaged: what is damaged of it. No file of an image is called like this.
const MARK: &str = ".damaged";
/// Digits of the manifest's digest in the name of a folder.
pub(super) const DIGITS: usize = 12;
/// How often is looked again for one that is replaced at this moment.
const ATTEMPTS: u32 = 5;

/// An image that is in place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InstalledImage {
    /// Its folder.
    pub folder: PathBuf,
    /// Later images have higher ones.
    pub version: u64,
    /// The day of its packages, in seconds since 1970.
    pub epoch: u64,
    /// The key that signed it, as 64 hexadecimal digits.
    pub key: String,
    /// Bytes of its packed files.
    pub bytes: u64,
    /// The packed root.
    pub base: PathBuf,
    /// What is laid over it.
    pub office: Option<PathBuf>,
    /// The kernel of a virtual machine.
    pub kernel: Option<PathBuf>,
    /// Its first files.
    pub initrd: Option<PathBuf>,
    /// Root and layer unpacked.
    pub tree: PathBuf,
}

/// An image that stays for as long as this is there, also where another one takes its place.
#[derive(Debug)]
pub(crate) struct InUse {
    pub(crate) image: InstalledImage,
    manifest: Manifest,
    record: Record,
    _held: Held,
}

/// What came of taking an image away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removed {
    /// There was none.
    Nothing,
    /// It is gone.
    Gone,
    /// Nobody begins with it any more, and its files go when the processes that use it have ended and another image
    /// is installed or removed.
    InUse,
}

impl Images {
    /// The current image, where there is one: its signature and the sizes and times of its files are as they were when
    /// it was put in place. Takes about a millisecond.
    pub(super) fn in_use(&self) -> Result<Option<InUse>, ImageError> {
        for _ in 0..ATTEMPTS {
            let Some(folder) = self.current()? else { return Ok(None) };
            let Ok(held) = File::open(&folder) else { continue };
            // Held by whoever removes it: another one is current by then.
            let Ok(held) = Held::with_others(held) else { continue };
            if !folder.exists() {
                continue;
            }
            return self.look_at(folder, held).map(Some);
        }
        Err(ImageError::Damaged(CURRENT.to_owned()))
    }

    /// The current image, every byte of it read: what is signed and what was unpacked of it. Takes seconds. One that is
    /// found damaged is not used from then on.
    ///
    /// # Errors
    /// The first file that is not as it was put there.
    pub fn check(&self) -> Result<Option<InstalledImage>, ImageError> {
        let Some(found) = self.in_use()? else { return Ok(None) };
        let whole = found.read_whole();
        if let Err(ImageError::Damaged(name)) = &whole {
            // Where it cannot be noted, it is found again the next time that everything is read.
            fs::write(found.image.folder.join(MARK), name).ok();
        }
        whole.map(|()| Some(found.image))
    }

    /// Takes the image away. Processes that use it keep it.
    ///
    /// # Errors
    /// Where it cannot be, or another process is installing one.
    pub fn remove(&self) -> Result<Removed, ImageError> {
        if !self.place.exists() {
            return Ok(Removed::Nothing);
        }
        let _held = self.hold()?;
        let path = self.place.join(CURRENT);
        let before = self.current().ok().flatten();
        let there = match fs::remove_file(&path) {
            Ok(()) => true,
            Err(error) if error.kind() == ErrorKind::NotFound => false,
            Err(error) => return Err(ImageError::write(&path)(error)),
        };
        sync_folder(&self.place)?;
        let left = self.sweep(before.as_deref());
        self.clear();
        Ok(match (there, left) {
            (_, 1..) => Removed::InUse,
            (true, 0) => Removed::Gone,
            (false, 0) => Removed::Nothing,
        })
    }

    /// The version in place, as far as it can be told; a damaged image does not hold up a whole one.
    pub(super) fn version_in_place(&self) -> Option<u64> {
        self.in_use().ok().flatten().map(|found| found.image.version)
    }

    /// Takes away the names of images that are not current and that nobody uses, so that [`Images::clear`] removes them;
    /// gives how many are left. `before` was current until now, whatever became of it. The caller holds the lock.
    pub(super) fn sweep(&self, before: Option<&Path>) -> usize {
        self.old(before).iter().filter(|folder| !taken_away(folder)).count()
    }

    /// Removes old images and what was left by others, unless somebody installs right now. The lock is held for the names
    /// alone, so that nobody has to wait for the files.
    pub(super) fn remove_old(&self) {
        if self.old(None).is_empty() && self.drafts().is_empty() {
            return;
        }
        let drafts = match self.hold() {
            Ok(_held) => {
                self.sweep(None);
                self.drafts()
            }
            Err(_) => return,
        };
        for path in drafts {
            // What cannot be removed now is tried again the next time.
            fs::remove_dir_all(&path).ok();
        }
    }

    /// Images that are not current. A folder is one by its name and by what was noted in it: the user may keep some of
    /// their own beside them.
    fn old(&self, before: Option<&Path>) -> Vec<PathBuf> {
        let current = match self.current() {
            Ok(current) => current,
            Err(ImageError::NotInstalled(_)) => None,
            // Where it cannot be told which one is current, none is old.
            Err(_) => return Vec::new(),
        };
        let Ok(entries) = fs::read_dir(&self.place) else { return Vec::new() };
        let is_old = |path: &PathBuf| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let ours = || before == Some(path) || record(path).is_ok();
            is_name(&name) && Some(path) != current.as_ref() && ours()
        };
        entries.filter_map(|entry| Some(entry.ok()?.path())).filter(is_old).collect()
    }

    /// The folder of the current image.
    pub(super) fn current(&self) -> Result<Option<PathBuf>, ImageError> {
        let path = self.place.join(CURRENT);
        match fs::read_to_string(&path) {
            Ok(name) => {
                let name = name.trim_end();
                if !is_name(name) {
                    return Err(ImageError::Damaged(CURRENT.to_owned()));
                }
                let folder = self.place.join(name);
                if folder.is_dir() { Ok(Some(folder)) } else { Err(ImageError::Damaged(name.to_owned())) }
            }
            Err(error) if error.kind() == ErrorKind::NotFound => self.only_ours().map(|()| None),
            Err(error) => Err(ImageError::read(&path)(error)),
        }
    }

    /// Files that somebody copied here themselves are named and not used.
    fn only_ours(&self) -> Result<(), ImageError> {
        let copied = ["base.erofs", "initrd", MANIFEST].iter().any(|name| self.place.join(name).exists());
        if copied { Err(ImageError::NotInstalled(self.place.clone())) } else { Ok(()) }
    }

    fn look_at(&self, folder: PathBuf, held: Held) -> Result<InUse, ImageError> {
        if let Ok(name) = fs::read_to_string(folder.join(MARK)) {
            return Err(ImageError::Damaged(name));
        }
        let bytes = read(&folder, MANIFEST)?;
        let record = record(&folder)?;
        if !self.trusted.still_allows(record.key) {
            return Err(ImageError::Organisation);
        }
        let signature = manifest::signature(&read(&folder, SIGNATURE)?);
        if !signature.is_some_and(|signature| record.key.signed(&bytes, &signature)) {
            return Err(ImageError::Damaged(MANIFEST.to_owned()));
        }
        let manifest = Manifest::parse(&bytes)?;
        let time = time_of(&manifest);
        let is_as_put = |name: &str, size: Option<u64>| {
            let found = fs::symlink_metadata(folder.join(name));
            found.is_ok_and(|found| {
                let fits = size.map_or(found.is_dir(), |size| found.is_file() && found.len() == size);
                fits && found.modified().is_ok_and(|modified| modified == time)
            })
        };
        let files = manifest.files.iter().map(|file| (file.name.as_str(), Some(file.size)));
        for (name, size) in files.chain([(TREE, None)]) {
            if !is_as_put(name, size) {
                return Err(ImageError::Damaged(name.to_owned()));
            }
        }
        let path = |role| manifest.file(role).map(|file| folder.join(&file.name));
        let image = InstalledImage {
            version: manifest.version,
            epoch: manifest.epoch,
            key: record.key.to_string(),
            bytes: manifest.files.iter().map(|file| file.size).sum(),
            base: path(Role::Base).unwrap_or_default(),
            office: path(Role::Office),
            kernel: path(Role::Kernel),
            initrd: path(Role::Initrd),
            tree: folder.join(TREE),
            folder,
        };
        Ok(InUse { image, manifest, record, _held: held })
    }
}

impl InUse {
    /// Reads every byte.
    fn read_whole(&self) -> Result<(), ImageError> {
        let folder = &self.image.folder;
        let known = |name: &str| {
            name == MARK || OURS.contains(&name) || self.manifest.files.iter().any(|file| file.name == name)
        };
        for entry in fs::read_dir(folder).map_err(ImageError::read(folder))? {
            let name = entry.map_err(ImageError::read(folder))?.file_name().to_string_lossy().into_owned();
            if !known(&name) {
                return Err(ImageError::Damaged(name));
            }
        }
        for file in &self.manifest.files {
            let path = folder.join(&file.name);
            let read = File::open(&path).and_then(|mut opened| Fingerprint::of(&mut opened, file.size));
            if read.map_err(ImageError::read(&path))? != (file.fingerprint, file.size) {
                return Err(ImageError::Damaged(file.name.clone()));
            }
        }
        let before = read(folder, LIST)?;
        if Fingerprint::of_bytes(&before).to_string() != self.record.tree {
            return Err(ImageError::Damaged(LIST.to_owned()));
        }
        let tree = &self.image.tree;
        let now = list::of(tree).map_err(ImageError::read(tree))?;
        match list::difference(&String::from_utf8_lossy(&before), &now) {
            Some(path) => Err(ImageError::Damaged(format!("{TREE}/{path}"))),
            None => Ok(()),
        }
    }
}

/// Whether a folder is called as installing calls them: version, digest, number.
fn is_name(name: &str) -> bool {
    let parts: Vec<&str> = name.split('-').collect();
    let all = |part: &str, fits: fn(u8) -> bool| !part.is_empty() && part.bytes().all(fits);
    matches!(parts.as_slice(), [version, digest, number] if all(version, |letter| letter.is_ascii_digit())
        && digest.len() == DIGITS && all(digest, |letter| letter.is_ascii_hexdigit()) && all(number, |letter| letter.is_ascii_digit()))
}

/// A file of ours, which Deskhand wrote whole.
fn read(folder: &Path, name: &str) -> Result<Vec<u8>, ImageError> {
    fs::read(folder.join(name)).map_err(|_| ImageError::Damaged(name.to_owned()))
}

/// What was noted when the image in a folder was put in place.
fn record(folder: &Path) -> Result<Record, ImageError> {
    let text = String::from_utf8(read(folder, RECORD)?).ok();
    text.and_then(|text| toml::from_str(&text).ok()).ok_or_else(|| ImageError::Damaged(RECORD.to_owned()))
}

/// Whether an image that nobody uses has lost its name now.
fn taken_away(folder: &Path) -> bool {
    let Ok(folder_itself) = File::open(folder) else { return false };
    let Some(name) = folder.file_name().and_then(|name| name.to_str()) else { return false };
    let gone = folder.with_file_name(format!("{DRAFT}{name}"));
    // Left by somebody who was cut off, before another image got the name.
    fs::remove_dir_all(&gone).ok();
    Held::alone(folder_itself).is_ok_and(|_held| fs::rename(folder, gone).is_ok())
}
