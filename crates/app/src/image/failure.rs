//! Why an image is not put in place or not used, each with the one next step.

use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};

/// An image cannot be put in place, or what is in place cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImageError {
    /// A file cannot be read.
    #[error("cannot read `{path}`: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: Error,
    },
    /// A file cannot be written.
    #[error("cannot write `{path}`: {source}")]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: Error,
    },
    /// There is no manifest.
    #[error("`{0}` is no image: it has no `manifest.toml`")]
    NoManifest(PathBuf),
    /// There is no signature.
    #[error("the image is not signed: it has no `manifest.toml.sig`")]
    Unsigned,
    /// No key is trusted, so no signature can count.
    #[error("no key is trusted to sign images")]
    NoKey,
    /// The signature is of another key, or the manifest or the signature was changed.
    #[error("the image's signature is of no key that is trusted here, or its manifest was changed")]
    Foreign,
    /// The organisation names no key, so no signature can count.
    #[error("your organisation names no key that images may be signed with")]
    NoKeyAllowed,
    /// The signature is of no key of the organisation, or the manifest or the signature was changed.
    #[error("the image's signature is of no key that your organisation allows, or its manifest was changed")]
    NotAllowed,
    /// The organisation names other keys than the one given.
    #[error("your organisation allows images of its own keys alone")]
    Organisation,
    /// What was given as a key is none.
    #[error("{0} is no key of an image: 64 hexadecimal digits are one")]
    Key(String),
    /// The manifest is not understood.
    #[error("the image's manifest is not understood: {0}")]
    Manifest(String),
    /// The image is for other computers.
    #[error("the image is for `{found}`, and this computer is `{here}`")]
    Architecture {
        /// What it is for.
        found: String,
        /// What this is.
        here: String,
    },
    /// A name that could lead out of the folder, or would stand for another file.
    #[error("the manifest names a file `{0}`, which is no plain name of its own")]
    Name(String),
    /// A file of the manifest is not there.
    #[error("the image has no `{0}`")]
    Missing(String),
    /// Not a file of its own: a link, a folder, a device.
    #[error("`{0}` of the image is no ordinary file")]
    Kind(String),
    /// A file is not what the manifest says.
    #[error("`{0}` of the image is not the file that was signed")]
    Altered(String),
    /// A later one is in place.
    #[error("version {installed} is installed, and this is {offered}: an older image is not put in its place")]
    Older {
        /// What is there.
        installed: u64,
        /// What was offered.
        offered: u64,
    },
    /// The program that unpacks is missing.
    #[error("the image cannot be unpacked: `fsck.erofs` is missing")]
    NoUnpacker,
    /// Unpacking failed.
    #[error("the image cannot be unpacked: {0}")]
    Unpack(String),
    /// Another process puts an image in place.
    #[error("another image is being installed right now")]
    Busy,
    /// What is in the home's folder was not put there by an installation.
    #[error("`{0}` was not put there by `deskhand image install`, so it is not used")]
    NotInstalled(PathBuf),
    /// What is in place has changed since.
    #[error("the installed image is damaged: `{0}` is not as it was put there")]
    Damaged(String),
}

impl ImageError {
    /// The one next step.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Read { .. } => "check that the file is there and may be read",
            Self::Write { source, .. }
                if matches!(source.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded) =>
            {
                "free some space and try again"
            }
            Self::Write { .. } => "check the rights of Deskhand's home and the free space",
            Self::NoManifest(_) => "name the folder that `manifest.toml` lies in, or an archive of it",
            Self::Unsigned => "get the image with its signature from whoever makes it for you",
            Self::Foreign => {
                "get the image from whoever makes it for you; with --key FILE you say whose signature counts"
            }
            Self::NoKey => {
                "get the maker's key another way than the image, and name it with --key FILE or `image_keys` under \
                 `[machine]`"
            }
            Self::Organisation | Self::NoKeyAllowed | Self::NotAllowed => "ask your organisation for its image",
            Self::Key(_) => "get the key again from whoever makes the image",
            Self::Manifest(_) | Self::Name(_) => "get the image again; if it is newer than Deskhand, update Deskhand",
            Self::Architecture { .. } => "get the image for this kind of computer",
            Self::Missing(_) | Self::Kind(_) | Self::Altered(_) => "get the image again: this copy is not whole",
            Self::Older { .. } => "get a later one; if you do want this one, run `deskhand image remove` first",
            Self::NoUnpacker => "install it: sudo apt-get install erofs-utils",
            Self::Unpack(_) => "check the free space and try again",
            Self::Busy => "wait until it is done",
            Self::NotInstalled(_) => "put it in place with: deskhand image install FOLDER",
            Self::Damaged(_) => "install the image again: deskhand image install FOLDER",
        }
    }

    pub(super) fn read(path: &Path) -> impl FnOnce(Error) -> Self + '_ {
        move |source| Self::Read { path: path.to_owned(), source }
    }

    pub(super) fn write(path: &Path) -> impl FnOnce(Error) -> Self + '_ {
        move |source| Self::Write { path: path.to_owned(), source }
    }
}
