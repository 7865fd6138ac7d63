//! The share against a plain directory: the same operations give the same results and leave the same tree.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::world::mounted;

/// One operation on names out of a few.
#[derive(Debug, Clone)]
enum Operation {
    Write(u8, u8, Vec<u8>),
    WriteAt(u8, u16, Vec<u8>),
    Append(u8, Vec<u8>),
    Truncate(u8, u16),
    Read(u8),
    MakeDirectory(u8),
    Remove(u8),
    RemoveDirectory(u8),
    Rename(u8, u8),
    Link(u8, u8),
    ReadLink(u8),
    Mode(u8, u16),
    List(u8),
}

const NAMES: [&str; 9] = ["a", "b", "ä ö", "d", "d/a", "d/b", "e", "e/d", "e/d/a"];

fn path(at: &Path, name: u8) -> PathBuf {
    at.join(NAMES[usize::from(name) % NAMES.len()])
}

fn operation() -> impl Strategy<Value = Operation> {
    let name = || 0..9_u8;
    let bytes = || proptest::collection::vec(any::<u8>(), 0..3000);
    prop_oneof![
        3 => (name(), 0..3_u8, bytes()).prop_map(|(name, how, bytes)| Operation::Write(name, how, bytes)),
        2 => (name(), 0..5000_u16, bytes()).prop_map(|(name, at, bytes)| Operation::WriteAt(name, at, bytes)),
        1 => (name(), bytes()).prop_map(|(name, bytes)| Operation::Append(name, bytes)),
        1 => (name(), 0..5000_u16).prop_map(|(name, size)| Operation::Truncate(name, size)),
        2 => name().prop_map(Operation::Read),
        3 => name().prop_map(Operation::MakeDirectory),
        2 => name().prop_map(Operation::Remove),
        1 => name().prop_map(Operation::RemoveDirectory),
        3 => (name(), name()).prop_map(|(from, to)| Operation::Rename(from, to)),
        1 => (name(), name()).prop_map(|(name, to)| Operation::Link(name, to)),
        1 => name().prop_map(Operation::ReadLink),
        1 => (name(), 0..0o1000_u16).prop_map(|(name, mode)| Operation::Mode(name, mode)),
        1 => name().prop_map(Operation::List),
    ]
}

/// What an operation gives, in a form that can be compared.
fn done(at: &Path, operation: &Operation) -> Result<Vec<u8>, i32> {
    let result = match operation {
        Operation::Write(name, 0, bytes) => fs::write(path(at, *name), bytes).map(|()| Vec::new()),
        Operation::Write(name, 1, bytes) => {
            File::create_new(path(at, *name)).and_then(|mut file| file.write_all(bytes)).map(|()| Vec::new())
        }
        Operation::Write(name, _, bytes) => {
            let temporary = at.join("temporary");
            fs::write(&temporary, bytes).and_then(|()| fs::rename(&temporary, path(at, *name))).map(|()| Vec::new())
        }
        Operation::WriteAt(name, offset, bytes) => {
            OpenOptions::new().read(true).write(true).open(path(at, *name)).and_then(|mut file| {
                file.seek(SeekFrom::Start(u64::from(*offset)))?;
                file.write_all(bytes)?;
                file.rewind()?;
                let mut content = Vec::new();
                file.read_to_end(&mut content).map(|_| content)
            })
        }
        Operation::Append(name, bytes) => OpenOptions::new()
            .append(true)
            .open(path(at, *name))
            .and_then(|mut file| file.write_all(bytes))
            .map(|()| Vec::new()),
        Operation::Truncate(name, size) => OpenOptions::new()
            .write(true)
            .open(path(at, *name))
            .and_then(|file| file.set_len(u64::from(*size)))
            .map(|()| Vec::new()),
        Operation::Read(name) => fs::read(path(at, *name)),
        Operation::MakeDirectory(name) => fs::create_dir(path(at, *name)).map(|()| Vec::new()),
        Operation::Remove(name) => fs::remove_file(path(at, *name)).map(|()| Vec::new()),
        Operation::RemoveDirectory(name) => fs::remove_dir(path(at, *name)).map(|()| Vec::new()),
        Operation::Rename(from, to) => fs::rename(path(at, *from), path(at, *to)).map(|()| Vec::new()),
        Operation::Link(name, to) => {
            symlink(NAMES[usize::from(*to)].rsplit('/').next().unwrap(), path(at, *name)).map(|()| Vec::new())
        }
        Operation::ReadLink(name) => {
            fs::read_link(path(at, *name)).map(|to| to.to_string_lossy().into_owned().into_bytes())
        }
        Operation::Mode(name, mode) => {
            fs::set_permissions(path(at, *name), fs::Permissions::from_mode(u32::from(*mode) | 0o700))
                .map(|()| Vec::new())
        }
        Operation::List(name) => fs::read_dir(path(at, *name)).and_then(|entries| {
            let mut names = entries.map(|entry| Ok(entry?.file_name())).collect::<std::io::Result<Vec<_>>>()?;
            names.sort();
            Ok(names.into_iter().flat_map(std::ffi::OsString::into_encoded_bytes).collect())
        }),
    };
    result.map_err(|error| error.raw_os_error().unwrap_or(0))
}

fn tree(at: &Path) -> BTreeMap<PathBuf, (u32, Vec<u8>)> {
    let mut found = BTreeMap::new();
    let mut open = vec![at.to_owned()];
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            let meta = fs::symlink_metadata(&path).unwrap();
            let content = if meta.is_dir() {
                open.push(path.clone());
                Vec::new()
            } else if meta.is_symlink() {
                fs::read_link(&path).unwrap().into_os_string().into_encoded_bytes()
            } else {
                fs::read(&path).unwrap()
            };
            found.insert(path.strip_prefix(at).unwrap().to_owned(), (meta.permissions().mode(), content));
        }
    }
    found
}

#[test]
fn a_share_does_what_a_directory_does() {
    mounted(|world| {
        let mut runner = TestRunner::new(Config { cases: 60, failure_persistence: None, ..Config::default() });
        let number = std::cell::Cell::new(0_u32);
        let operations = proptest::collection::vec(operation(), 1..60);
        let outcome = runner.run(&operations, |operations| {
            number.set(number.get() + 1);
            world.begin(number.get());
            let name = format!("case-{}", number.get());
            let (plain, seen) = (world.at("outside").join(&name), world.seen().join(&name));
            fs::create_dir(&plain).unwrap();
            fs::create_dir(&seen).unwrap();
            for operation in &operations {
                prop_assert_eq!(done(&seen, operation), done(&plain, operation), "{:?}", operation);
            }
            prop_assert_eq!(tree(&seen), tree(&plain));
            prop_assert_eq!(tree(&world.host().join(&name)), tree(&plain));
            world.share.end();
            Ok(())
        });
        outcome.unwrap();
    });
}
