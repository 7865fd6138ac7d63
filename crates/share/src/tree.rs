//! The nodes a mount's kernel knows, by number, and the files it has open. A node is a name in a parent; where it leads
//! is found out anew at every use.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::os::fd::OwnedFd;
use std::path::PathBuf;

use rustix::io::Errno;

use crate::disk::Listed;
use crate::work::Bits;

/// The root of every mount.
pub(crate) const ROOT: u64 = 1;
/// `work`.
pub(crate) const WORK: u64 = 2;

/// Most nodes at a time; a kernel that forgets nothing would otherwise use up memory.
const NODES_CAP: usize = 2_000_000;
/// Most open files and directories at a time.
const HANDLES_CAP: usize = 16_384;
/// Most names remembered for open directories; beyond it, all but one directory are listed anew at each read.
const NAMES_CAP: usize = 4_000_000;
/// Deepest nesting.
const DEPTH_CAP: usize = 1024;

/// A node.
#[derive(Debug)]
struct Node {
    parent: u64,
    name: OsString,
    place: u32,
    /// Whether it is the directory of the place itself.
    top: bool,
    lookups: u64,
    /// Device and number of the file it was found to be.
    file: (u64, u64),
    children: HashMap<OsString, u64>,
    handles: Vec<u64>,
    /// A directory's permission bits as they were last seen.
    bits: Option<Bits>,
    /// Whether its name stands for something else, or nothing, by now.
    detached: bool,
}

/// An open file.
#[derive(Debug)]
pub(crate) struct OpenFile {
    pub(crate) file: OwnedFd,
    pub(crate) node: u64,
    pub(crate) place: u32,
    pub(crate) writable: bool,
    /// The errand in which what it holds was seen to be in the journal; 0 for none.
    pub(crate) recorded: u64,
}

/// An open directory with its names as they were at the start of reading.
#[derive(Debug)]
pub(crate) struct OpenDirectory {
    pub(crate) node: u64,
    pub(crate) names: Option<Vec<Listed>>,
}

/// Where a node is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Whereabouts {
    /// The root, with no file behind it.
    Root,
    /// `work`, likewise.
    Work,
    /// Beneath a place; empty for the place itself.
    Beneath(u32, PathBuf),
}

/// All nodes and handles of a mount.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    nodes: HashMap<u64, Node>,
    tops: HashMap<u32, u64>,
    pub(crate) files: HashMap<u64, OpenFile>,
    pub(crate) directories: HashMap<u64, OpenDirectory>,
    last_node: u64,
    last_handle: u64,
}

impl Tree {
    /// Where a node is now.
    pub(crate) fn whereabouts(&self, node: u64) -> Result<Whereabouts, Errno> {
        match node {
            ROOT => return Ok(Whereabouts::Root),
            WORK => return Ok(Whereabouts::Work),
            _ => {}
        }
        let mut names = Vec::new();
        let mut at = self.nodes.get(&node).ok_or(Errno::STALE)?;
        while !at.top {
            if at.detached || names.len() > DEPTH_CAP {
                return Err(Errno::STALE);
            }
            names.push(at.name.as_os_str());
            at = self.nodes.get(&at.parent).ok_or(Errno::STALE)?;
        }
        if at.detached {
            return Err(Errno::STALE);
        }
        Ok(Whereabouts::Beneath(at.place, names.into_iter().rev().collect()))
    }

    /// Device and number of the file a node was found to be.
    pub(crate) fn file_of(&self, node: u64) -> Option<(u64, u64)> {
        self.nodes.get(&node).filter(|node| !node.top).map(|node| node.file)
    }

    /// The permission bits of a directory as they were last seen.
    pub(crate) fn bits(&self, node: u64) -> Option<Bits> {
        self.nodes.get(&node)?.bits
    }

    /// Remembers the permission bits of a directory.
    pub(crate) fn keep_bits(&mut self, node: u64, bits: Bits) {
        if let Some(node) = self.nodes.get_mut(&node) {
            node.bits = Some(bits);
        }
    }

    /// The node of a place's own directory, which the kernel now knows once more.
    pub(crate) fn enter_top(&mut self, place: u32) -> u64 {
        let number = match self.tops.get(&place) {
            Some(number) => *number,
            None => {
                let node = Node { top: true, ..Node::new(ROOT, OsString::new(), place, (0, 0)) };
                let number = self.add(node);
                self.tops.insert(place, number);
                number
            }
        };
        if let Some(node) = self.nodes.get_mut(&number) {
            node.lookups += 1;
        }
        number
    }

    /// The node of a name that was found to be this file, which the kernel now knows once more.
    pub(crate) fn enter(&mut self, parent: u64, name: &OsStr, file: (u64, u64)) -> Result<u64, Errno> {
        let above = self.nodes.get(&parent).ok_or(Errno::STALE)?;
        let place = above.place;
        if let Some(number) = above.children.get(name).copied() {
            match self.nodes.get_mut(&number) {
                Some(node) if node.file == file => {
                    node.lookups += 1;
                    return Ok(number);
                }
                Some(_) | None => self.detach(parent, name),
            }
        }
        if self.nodes.len() >= NODES_CAP {
            return Err(Errno::NOMEM);
        }
        let number = self.add(Node { lookups: 1, ..Node::new(parent, name.to_owned(), place, file) });
        if let Some(above) = self.nodes.get_mut(&parent) {
            above.children.insert(name.to_owned(), number);
        }
        Ok(number)
    }

    /// A name stands for nothing known any more.
    pub(crate) fn detach(&mut self, parent: u64, name: &OsStr) {
        let Some(number) = self.nodes.get_mut(&parent).and_then(|above| above.children.remove(name)) else { return };
        if let Some(node) = self.nodes.get_mut(&number) {
            node.detached = true;
        }
        self.drop_unknown(number);
    }

    /// A name moved; what stood at its new place is detached.
    pub(crate) fn moved(&mut self, from: (u64, &OsStr), to: (u64, &OsStr)) {
        if from == to {
            return;
        }
        self.detach(to.0, to.1);
        let Some(number) = self.nodes.get_mut(&from.0).and_then(|above| above.children.remove(from.1)) else { return };
        self.attach(number, to);
        self.drop_unknown(from.0);
    }

    /// Two names changed places.
    pub(crate) fn exchanged(&mut self, one: (u64, &OsStr), other: (u64, &OsStr)) {
        let mut take = |at: (u64, &OsStr)| self.nodes.get_mut(&at.0).and_then(|above| above.children.remove(at.1));
        let (first, second) = (take(one), take(other));
        if let Some(number) = first {
            self.attach(number, other);
        }
        if let Some(number) = second {
            self.attach(number, one);
        }
    }

    /// The file behind a node was replaced by a copy of its own.
    pub(crate) fn became(&mut self, node: u64, file: (u64, u64)) {
        if let Some(node) = self.nodes.get_mut(&node) {
            node.file = file;
        }
    }

    /// The kernel forgets that it was told of a node so many times.
    pub(crate) fn forget(&mut self, node: u64, times: u64) {
        if let Some(known) = self.nodes.get_mut(&node) {
            known.lookups = known.lookups.saturating_sub(times);
            self.drop_unknown(node);
        }
    }

    /// Keeps an open file; gives its number.
    pub(crate) fn keep_file(&mut self, file: OpenFile) -> Result<u64, Errno> {
        let number = self.next_handle()?;
        if let Some(node) = self.nodes.get_mut(&file.node) {
            node.handles.push(number);
        }
        self.files.insert(number, file);
        Ok(number)
    }

    /// Keeps an open directory; gives its number.
    pub(crate) fn keep_directory(&mut self, directory: OpenDirectory) -> Result<u64, Errno> {
        let number = self.next_handle()?;
        self.directories.insert(number, directory);
        Ok(number)
    }

    /// Remembers the names of an open directory for the next read, as far as there is room.
    pub(crate) fn keep_names(&mut self, handle: u64, names: Vec<Listed>) {
        let others: usize = self.directories.values().filter_map(|open| open.names.as_ref().map(Vec::len)).sum();
        if others > 0 && others + names.len() > NAMES_CAP {
            return;
        }
        if let Some(open) = self.directories.get_mut(&handle) {
            open.names = Some(names);
        }
    }

    /// Closes a file.
    pub(crate) fn close_file(&mut self, handle: u64) {
        let Some(file) = self.files.remove(&handle) else { return };
        if let Some(node) = self.nodes.get_mut(&file.node) {
            node.handles.retain(|open| *open != handle);
        }
        self.drop_unknown(file.node);
    }

    /// The open files of a node.
    pub(crate) fn handles(&self, node: u64) -> Vec<u64> {
        self.nodes.get(&node).map(|node| node.handles.clone()).unwrap_or_default()
    }

    /// Every node of these places.
    pub(crate) fn nodes_of(&self, places: &[u32]) -> Vec<u64> {
        let within = self.nodes.iter().filter(|(_, node)| places.contains(&node.place));
        within.map(|(number, _)| *number).collect()
    }

    fn add(&mut self, node: Node) -> u64 {
        self.last_node = self.last_node.max(WORK) + 1;
        self.nodes.insert(self.last_node, node);
        self.last_node
    }

    fn attach(&mut self, number: u64, to: (u64, &OsStr)) {
        let Some(above) = self.nodes.get_mut(&to.0) else { return };
        above.children.insert(to.1.to_owned(), number);
        let place = above.place;
        if let Some(node) = self.nodes.get_mut(&number) {
            (node.parent, node.name, node.place) = (to.0, to.1.to_owned(), place);
        }
    }

    fn next_handle(&mut self) -> Result<u64, Errno> {
        if self.files.len() + self.directories.len() >= HANDLES_CAP {
            return Err(Errno::NFILE);
        }
        self.last_handle += 1;
        Ok(self.last_handle)
    }

    /// Drops a node nobody knows, and those above it that were only kept for it.
    fn drop_unknown(&mut self, mut number: u64) {
        while let Some(node) = self.nodes.get(&number) {
            if node.top || node.lookups > 0 || !node.children.is_empty() || !node.handles.is_empty() {
                return;
            }
            let Some(node) = self.nodes.remove(&number) else { return };
            if let Some(above) = self.nodes.get_mut(&node.parent)
                && above.children.get(&node.name) == Some(&number)
            {
                above.children.remove(&node.name);
            }
            number = node.parent;
        }
    }
}

impl Node {
    fn new(parent: u64, name: OsString, place: u32, file: (u64, u64)) -> Self {
        let (children, handles) = (HashMap::new(), Vec::new());
        Self { parent, name, place, top: false, lookups: 0, file, children, handles, bits: None, detached: false }
    }
}
