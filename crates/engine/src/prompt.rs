//! What the model sees of a task: the setup that never changes, and messages folded from events.
//!
//! Everything put before the model passes here. History only grows (until a compaction starts it afresh), so the
//! prompt's prefix is the same byte for byte from step to step. `docs/prompt.md` says why each sentence is there.

mod frame;
mod system;

use std::sync::Arc;

use event::{Block, Digest, Event, Fact, Folder, Outcome, Part, Reply, Seq, Stop};
use model::{Content, Conversation, Message, Setup, ToolResult, ToolSchema};
use tool::Toolbox;

pub(crate) use frame::summary_request;

/// Bytes of system prompt and tool schemas together, at most. With the first message the first request stays under
/// 12 KB.
pub const MAX_SETUP_BYTES: usize = 11_000;

/// Bytes of one old tool output that are kept where a conversation has to be shortened before it can be summarised.
const SHORTENED_OUTPUT: usize = 400;

/// The system prompt and the tools, the same for every task of an installation.
pub fn setup(toolbox: &Toolbox) -> Setup {
    let tools = toolbox
        .iter()
        .map(|tool| {
            let spec = tool.spec();
            ToolSchema { name: spec.name.to_owned(), description: spec.description.clone(), input: spec.input.clone() }
        })
        .collect();
    Setup { system: system::SYSTEM.to_owned(), tools }
}

/// Reads a picture by its digest.
pub(crate) type Blobs<'b> = dyn Fn(Digest) -> Option<Vec<u8>> + 'b;

/// Folds events into a conversation.
pub struct Prompt {
    conversation: Box<dyn Conversation>,
    /// The reply whose results are being gathered.
    open_reply: Option<Arc<Reply>>,
    results: Vec<ToolResult>,
    /// What goes into the next user message, with the event it came from.
    pending: Vec<(Seq, Content)>,
    /// The folders granted now and where relative paths start, for telling them again after a compaction.
    folders: Vec<Folder>,
    start: String,
    /// What the user wants kept in mind, for telling it again after a compaction.
    instructions: String,
    pinned: Vec<String>,
    longest_output: usize,
}

impl Prompt {
    /// An empty conversation.
    pub fn new(conversation: Box<dyn Conversation>) -> Self {
        Self {
            conversation,
            open_reply: None,
            results: Vec::new(),
            pending: Vec::new(),
            folders: Vec::new(),
            start: "/outputs".to_owned(),
            instructions: String::new(),
            pinned: Vec::new(),
            longest_output: usize::MAX,
        }
    }

    /// Takes in events that a later compaction covers: only words that came while it was made are still needed, and it
    /// drops the others.
    fn remember<'e>(&mut self, events: impl IntoIterator<Item = &'e Event>) {
        for event in events {
            self.note_folders(&event.fact);
            self.note_words(event);
            self.note_standing(&event.fact);
        }
    }

    /// Cuts every tool output short, for summarising a conversation that does not fit any more.
    pub fn shortened(mut self) -> Self {
        self.longest_output = SHORTENED_OUTPUT;
        self
    }

    /// Takes in a whole log: encodes from the last compaction on, and only remembers what it covers.
    pub fn take_in<'e>(&mut self, events: &[impl std::borrow::Borrow<Event> + 'e], blobs: &Blobs<'_>) {
        let start = events.iter().rposition(|event| Self::restarts(event.borrow())).unwrap_or(0);
        let (before, after) = events.split_at(start);
        self.remember(before.iter().map(std::borrow::Borrow::borrow));
        for event in after {
            self.feed(event.borrow(), blobs);
        }
    }

    /// The conversation, ready to be asked.
    pub fn conversation(&self) -> &dyn Conversation {
        &*self.conversation
    }

    /// Starts over with an empty conversation, for a compaction or another model.
    pub fn restart(&mut self, conversation: Box<dyn Conversation>) {
        self.conversation = conversation;
        self.open_reply = None;
        self.results.clear();
    }

    /// Whether an event starts the conversation over; the caller then calls [`Prompt::restart`] before feeding it.
    pub fn restarts(event: &Event) -> bool {
        matches!(event.fact, Fact::Compacted { .. })
    }

    /// Folds one more event.
    pub fn feed(&mut self, event: &Event, blobs: &Blobs<'_>) {
        self.note_folders(&event.fact);
        self.note_words(event);
        self.note_standing(&event.fact);
        match &event.fact {
            Fact::StepStarted { .. } => self.flush(),
            Fact::Replied { reply, .. } => self.push_reply(reply),
            Fact::ToolFinished { call, outcome, output, .. } => self.results.push(ToolResult {
                call: call.clone(),
                content: self.contents(output, blobs),
                failed: *outcome != Outcome::Ok,
            }),
            Fact::Compacted { through, summary } => {
                self.pending.retain(|(seq, _)| seq > through);
                let told = self.told_again(event, summary).into_iter().map(|text| (event.seq, Content::Text(text)));
                self.pending.splice(0..0, told);
                self.flush();
            }
            _ => {}
        }
    }

    /// What goes into the next user message: the user's own words, and what Deskhand tells in their place.
    fn note_words(&mut self, event: &Event) {
        let words = match &event.fact {
            Fact::TaskCreated { .. } => frame::environment(event.at, &self.folders, &self.start),
            Fact::Said { text, attachments, .. } => frame::said(text, attachments),
            Fact::FolderAdded(folder) => frame::folder_added(folder),
            Fact::FolderRemoved { name } => frame::folder_removed(name),
            Fact::ModeSet { mode } => frame::mode_set(*mode),
            Fact::InstructionsSet { text } => frame::instructions_set(text, !self.instructions.is_empty()),
            Fact::FilePinned { path } => frame::file_pinned(path),
            Fact::FileUnpinned { path } => frame::file_unpinned(path),
            Fact::FilesChanged { undo: true, changes, more, .. } => frame::undone(changes, *more),
            _ => return,
        };
        self.pending.push((event.seq, Content::Text(words)));
    }

    /// What stands before everything else after a compaction.
    fn told_again(&self, event: &Event, summary: &str) -> Vec<String> {
        let mut told = vec![frame::environment(event.at, &self.folders, &self.start)];
        if !self.instructions.is_empty() {
            told.push(frame::instructions(&self.instructions));
        }
        if !self.pinned.is_empty() {
            told.push(frame::files_pinned(&self.pinned));
        }
        told.push(frame::summary(summary));
        told
    }

    fn note_standing(&mut self, fact: &Fact) {
        match fact {
            Fact::InstructionsSet { text } => self.instructions.clone_from(text),
            Fact::FilePinned { path } if !self.pinned.contains(path) => self.pinned.push(path.clone()),
            Fact::FileUnpinned { path } => self.pinned.retain(|known| known != path),
            _ => {}
        }
    }

    /// Appends what is pending to the conversation, so that it can be asked.
    pub fn flush(&mut self) {
        let pending: Vec<Content> = std::mem::take(&mut self.pending).into_iter().map(|(_, content)| content).collect();
        let Some(reply) = self.open_reply.take() else {
            if !pending.is_empty() {
                self.conversation.push(&Message::User(pending));
            }
            return;
        };
        if reply.calls().next().is_some() {
            let results = self.take_results(&reply);
            self.conversation.push(&Message::Results(results, pending));
        } else if !pending.is_empty() {
            self.conversation.push(&Message::User(pending));
        } else if reply.stop != Stop::ProviderPause {
            // A conversation must not end with the model's own words, or the next reply would continue them.
            self.conversation.push(&Message::User(vec![Content::Text(frame::go_on(&reply.stop))]));
        }
    }

    fn push_reply(&mut self, reply: &Reply) {
        self.results.clear();
        let says_something = reply.blocks.iter().any(|block| match block {
            Block::Text(text) => !text.text.is_empty() || text.wire.is_some(),
            Block::Thinking(_) | Block::ToolCall(_) | Block::Opaque(_) => true,
        });
        if says_something {
            let reply = Arc::new(reply.clone());
            self.conversation.push(&Message::Reply(Arc::clone(&reply)));
            self.open_reply = Some(reply);
        }
    }

    /// Results in the order of the calls; a call without one (which a sound log does not have) is said to be unknown.
    fn take_results(&mut self, reply: &Reply) -> Vec<ToolResult> {
        let mut found = std::mem::take(&mut self.results);
        reply
            .calls()
            .map(|call| match found.iter().position(|result| result.call == call.id) {
                Some(place) => found.swap_remove(place),
                None => ToolResult {
                    call: call.id.clone(),
                    content: vec![Content::Text("Outcome unknown.".to_owned())],
                    failed: true,
                },
            })
            .collect()
    }

    fn note_folders(&mut self, fact: &Fact) {
        match fact {
            Fact::TaskCreated { folders, .. } => {
                self.folders.clone_from(folders);
                if let Some(first) = folders.first() {
                    self.start = format!("/work/{}", first.name);
                }
            }
            Fact::FolderAdded(folder) => self.folders.push(folder.clone()),
            Fact::FolderRemoved { name } => self.folders.retain(|folder| folder.name != *name),
            _ => {}
        }
    }

    fn contents(&self, parts: &[Part], blobs: &Blobs<'_>) -> Vec<Content> {
        parts
            .iter()
            .map(|part| match part {
                Part::Text(text) => Content::Text(tool::cap_text(text.expose().to_owned(), self.longest_output)),
                Part::Image { media, blob } => match blobs(*blob) {
                    Some(bytes) => Content::Image { media: media.clone(), bytes: bytes.into() },
                    None => Content::Text("[a picture that is no longer stored]".to_owned()),
                },
            })
            .collect()
    }
}
