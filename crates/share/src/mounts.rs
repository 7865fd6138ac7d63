//! The directories of a share, each kept open from its first use on. A number stands for one directory as long as it
//! is in the share, and is never used again.

use std::ffi::OsStr;
use std::os::fd::OwnedFd;
use std::path::{Component, Path};
use std::sync::Arc;

use event::Access;
use rustix::io::Errno;
use sandbox::Mount;

/// Where a directory is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Above {
    /// At the top: `outputs`, `uploads`.
    Top,
    /// In `work`.
    Work,
}

/// One directory of the share.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) number: u32,
    pub(crate) mount: Mount,
    root: Option<Arc<OwnedFd>>,
}

/// All of them.
#[derive(Debug, Default)]
pub(crate) struct Places {
    list: Vec<Place>,
    last: u32,
}

impl Place {
    /// Its name, and where it is seen; none where the path inside is none of [`sandbox::PLACES`].
    pub(crate) fn seen(&self) -> Option<(Above, &OsStr)> {
        let mut parts = self.mount.inside.components();
        if parts.next() != Some(Component::RootDir) {
            return None;
        }
        match (parts.next(), parts.next(), parts.next()) {
            (Some(Component::Normal(name)), None, None) if name == "outputs" || name == "uploads" => {
                Some((Above::Top, name))
            }
            (Some(Component::Normal(work)), Some(Component::Normal(name)), None) if work == "work" => {
                Some((Above::Work, name))
            }
            _ => None,
        }
    }

    /// The open directory.
    pub(crate) fn root(&mut self) -> Result<Arc<OwnedFd>, Errno> {
        if let Some(root) = &self.root {
            return Ok(Arc::clone(root));
        }
        let opened = if self.mount.guarded {
            folder::open_granted(&self.mount.host)
        } else {
            folder::open_own(&self.mount.host)
        };
        let root = Arc::new(opened.map_err(|error| Errno::from_io_error(&error).unwrap_or(Errno::IO))?);
        self.root = Some(Arc::clone(&root));
        Ok(root)
    }

    /// The path a machine knows it by.
    pub(crate) fn inside(&self) -> &Path {
        &self.mount.inside
    }

    pub(crate) fn is_writable(&self) -> bool {
        self.mount.access == Access::ReadWrite
    }
}

impl Places {
    /// The directories as they were given.
    pub(crate) fn mounts(&self) -> Vec<Mount> {
        self.list.iter().map(|place| place.mount.clone()).collect()
    }

    /// Exchanges the list. What stays keeps its number; gives the numbers that are gone.
    pub(crate) fn set(&mut self, mounts: Vec<Mount>) -> Vec<u32> {
        let mut old = std::mem::take(&mut self.list);
        for mount in mounts {
            let same = |place: &Place| {
                place.mount.host == mount.host
                    && place.mount.inside == mount.inside
                    && place.mount.guarded == mount.guarded
            };
            let kept = old.iter().position(same).map(|at| old.swap_remove(at));
            let place = match kept {
                Some(place) => Place { mount, ..place },
                None => {
                    self.last += 1;
                    Place { number: self.last, mount, root: None }
                }
            };
            self.list.push(place);
        }
        old.into_iter().map(|place| place.number).collect()
    }

    /// The directory of this number. One that was taken away is a broken disk to whoever still uses it.
    pub(crate) fn place(&mut self, number: u32) -> Result<&mut Place, Errno> {
        self.list.iter_mut().find(|place| place.number == number).ok_or(Errno::IO)
    }

    /// Whether the directory of this number is still there.
    pub(crate) fn check(&self, number: u32) -> Result<(), Errno> {
        if self.list.iter().any(|place| place.number == number) { Ok(()) } else { Err(Errno::IO) }
    }

    /// The directory seen under this name.
    pub(crate) fn find(&mut self, above: Above, name: &OsStr) -> Option<&mut Place> {
        self.list.iter_mut().find(|place| place.seen() == Some((above, name)))
    }

    /// The directory a path as the machine knows it lies in.
    pub(crate) fn holding(&mut self, path: &Path) -> Option<&mut Place> {
        self.list.iter_mut().find(|place| path.starts_with(&place.mount.inside))
    }

    /// The names seen at a place.
    pub(crate) fn names(&self, above: Above) -> Vec<(u32, std::ffi::OsString)> {
        self.list
            .iter()
            .filter_map(|place| place.seen().map(|seen| (place.number, seen)))
            .filter(|(_, (at, _))| *at == above)
            .map(|(number, (_, name))| (number, name.to_owned()))
            .collect()
    }
}
