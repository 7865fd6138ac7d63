//! Permissions given for a folder or for every folder, which count for later tasks too.
//!
//! They are kept in `grants.json` of Deskhand's home: a short list a person can read, edit or delete. A work folder
//! cannot write there.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use event::{Effect, Folder, GrantId};
use serde::{Deserialize, Serialize};

use crate::TaskError;

/// Stands for every folder in the file.
const EVERYWHERE: &str = "*";

/// How far a permission that outlives its task reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// The folders of the task it was given in.
    Folders,
    /// Every folder.
    Everywhere,
}

/// One standing permission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Its id, such as `s3`.
    pub id: GrantId,
    /// The folder's absolute path; `*` for every folder.
    pub folder: String,
    /// What it allows, with `/work` standing for that folder.
    pub allows: Effect,
}

/// All standing permissions of an installation.
pub struct StandingGrants {
    path: PathBuf,
    /// One writer at a time; the file is the truth and is read each time.
    writing: Mutex<()>,
}

impl StandingGrants {
    /// Those kept in `grants.json` of this directory.
    pub fn new(home: &Path) -> Self {
        Self { path: home.join("grants.json"), writing: Mutex::new(()) }
    }

    /// All of them.
    pub fn list(&self) -> Result<Vec<Standing>, TaskError> {
        match std::fs::read(&self.path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| self.failed("read", error.to_string())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(self.failed("read", error.to_string())),
        }
    }

    /// What they allow in a task with these folders, worded with the task's folder names. Commands are covered only
    /// where every folder of the task allows them, because a command reaches them all.
    pub fn for_folders(&self, folders: &[Folder]) -> Result<Vec<Effect>, TaskError> {
        let standing = self.list()?;
        let of = |folder: &Folder| {
            let covers = |grant: &&Standing| grant.folder == folder.path || grant.folder == EVERYWHERE;
            standing.iter().filter(covers).map(|grant| &grant.allows).collect::<Vec<_>>()
        };
        let mut effects = Vec::new();
        for folder in folders {
            if of(folder).iter().any(|effect| matches!(effect, Effect::WritePath(_))) {
                effects.push(Effect::WritePath(format!("/work/{}", folder.name)));
            }
        }
        let run = |folder: &Folder| of(folder).iter().any(|effect| matches!(effect, Effect::Run(_)));
        let anywhere =
            standing.iter().any(|grant| grant.folder == EVERYWHERE && matches!(grant.allows, Effect::Run(_)));
        if anywhere || (!folders.is_empty() && folders.iter().all(run)) {
            effects.push(Effect::Run(String::new()));
        }
        Ok(effects)
    }

    /// Keeps what an approval allowed, for its folders or for every folder.
    pub fn keep(&self, effects: &[Effect], folders: &[Folder], reach: Reach) -> Result<(), TaskError> {
        let mut wanted: Vec<(String, Effect)> = Vec::new();
        for effect in effects {
            match effect {
                Effect::WritePath(path) => {
                    let inside = |folder: &&Folder| {
                        let root = format!("/work/{}", folder.name);
                        path == &root || path.starts_with(&format!("{root}/"))
                    };
                    let root = Effect::WritePath("/work".to_owned());
                    match reach {
                        Reach::Everywhere => wanted.push((EVERYWHERE.to_owned(), root)),
                        Reach::Folders => wanted
                            .extend(folders.iter().filter(inside).map(|folder| (folder.path.clone(), root.clone()))),
                    }
                }
                Effect::Run(_) => {
                    let any = Effect::Run(String::new());
                    match reach {
                        Reach::Everywhere => wanted.push((EVERYWHERE.to_owned(), any)),
                        Reach::Folders => {
                            wanted.extend(folders.iter().map(|folder| (folder.path.clone(), any.clone())));
                        }
                    }
                }
                Effect::ReadPath(_)
                | Effect::DeletePath(_)
                | Effect::Connect(_)
                | Effect::Send { .. }
                | Effect::Browse(_)
                | Effect::Control(_)
                | Effect::Schedule(_)
                | Effect::Remember(_) => {}
            }
        }
        self.change(|standing| {
            for (folder, allows) in wanted {
                if standing.iter().any(|known| known.folder == folder && known.allows == allows) {
                    continue;
                }
                let highest = standing.iter().filter_map(|known| known.id.as_str().get(1..)?.parse::<u64>().ok()).max();
                let id = GrantId(format!("s{}", highest.unwrap_or(0) + 1));
                standing.push(Standing { id, folder, allows });
            }
        })
    }

    /// Takes one back.
    pub fn revoke(&self, id: &GrantId) -> Result<(), TaskError> {
        self.change(|standing| standing.retain(|known| known.id != *id))
    }

    fn change(&self, act: impl FnOnce(&mut Vec<Standing>)) -> Result<(), TaskError> {
        let _one = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut standing = self.list()?;
        act(&mut standing);
        let text = serde_json::to_string_pretty(&standing).map_err(|error| self.failed("write", error.to_string()))?;
        let temporary = self.path.with_extension("json.new");
        std::fs::write(&temporary, text)
            .and_then(|()| std::fs::rename(&temporary, &self.path))
            .map_err(|error| self.failed("write", error.to_string()))
    }

    fn failed(&self, action: &'static str, what: String) -> TaskError {
        TaskError::Standing { action, path: self.path.clone(), what }
    }
}
