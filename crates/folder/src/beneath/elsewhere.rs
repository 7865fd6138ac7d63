//! Systems without `openat2`: the same functions, all of which refuse. Compiled there, not run.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::path::Path;

use crate::{FileKind, Meta};

/// A directory kept open.
pub(crate) struct Handle(());

fn refused<T>() -> io::Result<T> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Refuses.
pub(crate) fn open_granted(_path: &Path) -> io::Result<Handle> {
    refused()
}

/// Refuses.
pub(crate) fn open_own(_path: &Path) -> io::Result<Handle> {
    refused()
}

/// Refuses.
pub(crate) fn open_directory(_at: &Handle, _path: &Path) -> io::Result<Handle> {
    refused()
}

/// Refuses.
pub(crate) fn open_any(_at: &Handle, _path: &Path) -> io::Result<File> {
    refused()
}

/// Refuses.
pub(crate) fn create_new(_at: &Handle, _name: &(impl AsRef<OsStr> + ?Sized), _mode: u32) -> io::Result<File> {
    refused()
}

/// Refuses.
pub(crate) fn make_directory(_at: &Handle, _name: &(impl AsRef<OsStr> + ?Sized), _mode: u32) -> io::Result<()> {
    refused()
}

/// Refuses.
pub(crate) fn unlink(_at: &Handle, _name: &(impl AsRef<OsStr> + ?Sized)) -> io::Result<()> {
    refused()
}

/// Refuses.
pub(crate) fn remove_directory(_at: &Handle, _name: &(impl AsRef<OsStr> + ?Sized)) -> io::Result<()> {
    refused()
}

/// Refuses.
pub(crate) fn rename_over(
    _at: &Handle,
    _from: &(impl AsRef<OsStr> + ?Sized),
    _to: &(impl AsRef<OsStr> + ?Sized),
) -> io::Result<()> {
    refused()
}

/// Refuses.
pub(crate) fn rename_new(
    _at: &Handle,
    _from: &(impl AsRef<OsStr> + ?Sized),
    _to: &(impl AsRef<OsStr> + ?Sized),
) -> io::Result<()> {
    refused()
}

/// Refuses.
pub(crate) fn exchange(
    _at: &Handle,
    _one: &(impl AsRef<OsStr> + ?Sized),
    _other: &(impl AsRef<OsStr> + ?Sized),
) -> io::Result<()> {
    refused()
}

/// Refuses.
pub(crate) fn sync_directory(_at: &Handle) -> io::Result<()> {
    refused()
}

/// Refuses.
pub(crate) fn look_at(_at: &Handle, _name: &OsStr) -> io::Result<Meta> {
    refused()
}

/// Refuses.
pub(crate) fn look<T>(_file: &T) -> io::Result<Meta> {
    refused()
}

/// Refuses.
pub(crate) fn entries(_at: &Handle) -> io::Result<Vec<(OsString, FileKind)>> {
    refused()
}

/// Refuses.
pub(crate) fn adopt(_file: &File, _owner: Option<(u32, u32)>, _mode: u32) -> io::Result<()> {
    refused()
}

/// Does nothing.
pub(crate) fn adopt_labels(_file: &File, _from: &File) {}

/// Refuses.
pub(crate) fn set_mtime(_file: &File, _mtime_ns: i64) -> io::Result<()> {
    refused()
}

/// Refuses.
pub(crate) fn clone_content(_from: &File, _into: &File) -> io::Result<()> {
    refused()
}

/// Never: nothing was opened.
pub(crate) fn is_link_error(_error: &io::Error) -> bool {
    false
}

/// Never: nothing was opened.
pub(crate) fn is_escape_error(_error: &io::Error) -> bool {
    false
}

/// Never: nothing was opened.
pub(crate) fn is_special_error(_error: &io::Error) -> bool {
    false
}

/// Refuses.
pub(crate) fn open_place(_at: &Handle, _path: &Path) -> io::Result<Handle> {
    refused()
}

/// Refuses.
pub(crate) fn link_target(_link: &Handle) -> io::Result<OsString> {
    refused()
}

/// Refuses.
pub(crate) fn make_link(_target: &OsStr, _at: &Handle, _name: &OsStr) -> io::Result<()> {
    refused()
}

/// Refuses.
pub(crate) fn link_place(_place: &Handle, _at: &Handle, _name: &OsStr) -> io::Result<()> {
    refused()
}

/// Refuses.
pub(crate) fn open_in_place(_at: &Handle, _name: &OsStr) -> io::Result<Option<(File, u32)>> {
    refused()
}

/// Nothing is known about it.
pub(crate) fn may_change_names(_at: &Handle) -> bool {
    true
}

/// Refuses.
pub(crate) fn set_mode(_place: &Handle, _mode: u32) -> io::Result<()> {
    refused()
}

/// Refuses.
pub(crate) fn set_place_mtime(_place: &Handle, _mtime_ns: i64) -> io::Result<()> {
    refused()
}

/// Refuses.
pub fn identity_of<T>(_file: &T) -> io::Result<crate::Identity> {
    refused()
}

/// Refuses.
pub(crate) fn sync_file_system<T>(_file: &T) -> io::Result<()> {
    refused()
}
