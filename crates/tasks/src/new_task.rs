//! What a new task is made from.

use std::path::PathBuf;

use event::{Access, CommandId, Limits, Mode, ModelRef, TaskId, Tier};

/// Characters of a title made from a prompt.
const TITLE_LENGTH: usize = 60;

/// A new task as a door asks for it.
#[derive(Debug, Clone, Default)]
pub struct NewTask {
    /// The command's id; repeated, it gives the same task.
    pub command: Option<CommandId>,
    /// The first message.
    pub prompt: String,
    /// Folders to grant.
    pub folders: Vec<FolderWish>,
    /// Files to hand over with the first message.
    pub attachments: Vec<AttachmentSource>,
    /// How much it may do without asking.
    pub mode: Mode,
    /// The model; none means the default.
    pub model: Option<ModelRef>,
    /// How hard the model tries, in the provider's words.
    pub effort: Option<String>,
    /// The instructions that hold for the whole task; empty for none.
    pub instructions: String,
    /// Where it stops by itself.
    pub limits: Limits,
    /// The project it belongs to.
    pub project: Option<String>,
    /// The isolation asked for.
    pub tier: Option<Tier>,
}

/// A folder to grant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolderWish {
    /// Path on this computer.
    pub path: String,
    /// What may be done in it.
    pub access: Access,
}

/// A file to hand over.
#[derive(Debug, Clone)]
pub enum AttachmentSource {
    /// A file on this computer; it is copied.
    Path(PathBuf),
    /// Content that came over the network, with its name.
    Bytes {
        /// The file's name.
        name: String,
        /// Its content.
        bytes: Vec<u8>,
    },
}

impl NewTask {
    /// The id the task will have: made from the command's id where there is one, so that a repeated command finds
    /// the task it made.
    pub(crate) fn task_id(&self, random: [u8; 8]) -> TaskId {
        match &self.command {
            Some(command) => TaskId::from_random(event::Digest::of(command.as_str().as_bytes()).seed()),
            None => TaskId::from_random(random),
        }
    }
}

/// A title from the first words of a prompt.
pub fn title_of(prompt: &str) -> String {
    let line = prompt.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("New task");
    if line.chars().count() <= TITLE_LENGTH {
        return line.to_owned();
    }
    let cut: String = line.chars().take(TITLE_LENGTH).collect();
    let whole_words = cut.rsplit_once(' ').map_or(cut.as_str(), |(words, _)| words);
    format!("{}…", whole_words.trim_end_matches([',', '.', ';', ':']))
}

/// A folder-name part from a title: lower-case letters and digits of any script's ASCII form, dashes between.
pub(crate) fn slug_of(title: &str) -> String {
    let mut slug = String::new();
    for character in title.chars() {
        if character.is_ascii_alphanumeric() {
            slug.push(character.to_ascii_lowercase());
        } else if !slug.ends_with('-') && !slug.is_empty() {
            slug.push('-');
        }
        if slug.len() >= 40 {
            break;
        }
    }
    let slug = slug.trim_matches('-');
    if slug.is_empty() { "task".to_owned() } else { slug.to_owned() }
}
