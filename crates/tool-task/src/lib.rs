//! Tools about the task itself: the plan, notes, questions, finished files, more folders.
//!
//! Lives here: TodoWrite, Note, AskUserQuestion, PresentFiles, RequestFolder. They write facts and touch no file.
//! Does not live here: asking the user, which the engine does from these tools' previews.

mod ask;
mod folder;
mod note;
mod plan;
mod present;

use std::sync::Arc;

use tool::Tool;

/// All tools of this crate.
pub fn tools() -> Vec<Arc<dyn Tool>> {
    vec![
        Arc::new(plan::TodoWrite::new()),
        Arc::new(note::Note::new()),
        Arc::new(ask::AskUserQuestion::new()),
        Arc::new(present::PresentFiles::new()),
        Arc::new(folder::RequestFolder::new()),
    ]
}

#[cfg(test)]
mod tools_tests;
