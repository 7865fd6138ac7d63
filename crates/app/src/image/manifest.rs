//! What an image says of itself: `manifest.toml`, format 1. Nothing of it is believed before its signature was found
//! good.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::failure::ImageError;
use super::fingerprint::Fingerprint;
use super::key::bytes_of;

/// The manifest's name.
pub(super) const MANIFEST: &str = "manifest.toml";
/// Its signature's.
pub(super) const SIGNATURE: &str = "manifest.toml.sig";
/// Longest manifest or signature, in bytes.
pub(super) const MOST: u64 = 64 * 1_024;
/// The one format that is understood.
const FORMAT: u64 = 1;
/// Most files of an image.
const MOST_FILES: usize = 64;
/// Largest file of an image, in bytes.
const MOST_BYTES: u64 = 16 << 30;
/// Names in the folder of an installed image that are not the image's own.
pub(super) const OURS: [&str; 5] = [MANIFEST, SIGNATURE, super::record::RECORD, super::tree::TREE, super::tree::LIST];

/// What an image says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Manifest {
    format: u64,
    /// Later images have higher ones.
    pub(super) version: u64,
    architecture: String,
    /// The day of its packages, in seconds since 1970.
    pub(super) epoch: u64,
    /// Its files.
    #[serde(rename = "file")]
    pub(super) files: Vec<File>,
}

/// A file of the image.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct File {
    /// A plain name.
    pub(super) name: String,
    /// What it is for.
    pub(super) role: Role,
    /// Bytes.
    pub(super) size: u64,
    sha256: String,
    #[serde(skip)]
    pub(super) fingerprint: Fingerprint,
}

/// What a file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Role {
    /// The root.
    Base,
    /// The layer over it.
    Office,
    /// The kernel of a virtual machine.
    Kernel,
    /// Its first files.
    Initrd,
    /// The list of packages.
    Bill,
    /// Of a later format, without a meaning here: it is not put in place.
    #[serde(other)]
    Other,
}

impl Manifest {
    /// Reads a manifest whose signature was found good. Files of unknown roles are left out.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, ImageError> {
        let not_understood = |what: String| ImageError::Manifest(what);
        let text = str::from_utf8(bytes).map_err(|_| not_understood("it is not UTF-8".to_owned()))?;
        // The number goes first: another format may have other keys.
        #[derive(Deserialize)]
        struct Head {
            format: u64,
        }
        let message = |error: toml::de::Error| not_understood(error.message().to_owned());
        let head: Head = toml::from_str(text).map_err(message)?;
        if head.format != FORMAT {
            return Err(not_understood(format!("its format is {}, and {FORMAT} is known here", head.format)));
        }
        let mut manifest: Self = toml::from_str(text).map_err(message)?;
        let here = architecture();
        if manifest.architecture != here {
            return Err(ImageError::Architecture { found: manifest.architecture, here });
        }
        check_names(&manifest.files)?;
        for file in &mut manifest.files {
            let bytes = bytes_of(&file.sha256).filter(|_| file.size <= MOST_BYTES);
            let bytes = bytes.ok_or_else(|| not_understood(format!("size or digest of `{}`", file.name)))?;
            file.fingerprint = Fingerprint(bytes);
        }
        manifest.files.retain(|file| file.role != Role::Other);
        let mut roles = BTreeSet::new();
        if let Some(twice) = manifest.files.iter().find(|file| !roles.insert(file.role)) {
            return Err(not_understood(format!("`{}` has a role that another file has", twice.name)));
        }
        if !roles.contains(&Role::Base) {
            return Err(not_understood("it names no base".to_owned()));
        }
        Ok(manifest)
    }

    /// The file with a role.
    pub(super) fn file(&self, role: Role) -> Option<&File> {
        self.files.iter().find(|file| file.role == role)
    }
}

fn check_names(files: &[File]) -> Result<(), ImageError> {
    if files.len() > MOST_FILES {
        return Err(ImageError::Manifest(format!("it names {} files", files.len())));
    }
    let mut seen = BTreeSet::from(OURS.map(str::to_owned));
    for File { name, .. } in files {
        let plain = |letter: u8| letter.is_ascii_alphanumeric() || b"._-".contains(&letter);
        let is_plain = (1..=100).contains(&name.len()) && !name.starts_with('.') && name.bytes().all(plain);
        // Names that differ in case alone would be one file on some disks.
        if !is_plain || !seen.insert(name.to_ascii_lowercase()) {
            return Err(ImageError::Name(name.clone()));
        }
    }
    Ok(())
}

/// Reads what stands in a signature's file: 128 lower-case digits and a newline.
pub(super) fn signature(bytes: &[u8]) -> Option<[u8; 64]> {
    bytes_of(str::from_utf8(bytes).ok()?.strip_suffix('\n')?)
}

/// This computer, as Debian calls it.
fn architecture() -> String {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
    .to_owned()
}
