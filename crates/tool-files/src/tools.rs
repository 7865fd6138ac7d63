//! The set of tools with what they share. Each tool is in its own module.

use std::sync::Arc;

use tool::Tool;

use crate::memory::Memory;
use crate::{edit, glob, grep, read, write};

/// The five tools. They share, for each task, which content of each file the model has seen.
pub fn tools() -> Vec<Arc<dyn Tool>> {
    let memory = Arc::new(Memory::default());
    vec![
        Arc::new(read::Read::new(Arc::clone(&memory))),
        Arc::new(write::Write::new(Arc::clone(&memory))),
        Arc::new(edit::Edit::new(memory)),
        Arc::new(glob::Glob::new()),
        Arc::new(grep::Grep::new()),
    ]
}
