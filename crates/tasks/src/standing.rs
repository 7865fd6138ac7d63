//! Permissions given for a folder or for every folder, which count for later tasks too.
//!
//! They are kept in `grants.json` of Deskhand's home: a short list a person can read, edit or delete. A work folder
//! cannot write there.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use event::{Effect, Folder, Grant, GrantId, Scope};
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
        let hosts = standing.iter().map(|grant| &grant.allows).filter(|effect| matches!(effect, Effect::Connect(_)));
        effects.extend(hosts.cloned());
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
                // A host is the same host in every folder.
                Effect::Connect(_) => match reach {
                    Reach::Everywhere => wanted.push((EVERYWHERE.to_owned(), effect.clone())),
                    Reach::Folders => {}
                },
                Effect::ReadPath(_)
                | Effect::DeletePath(_)
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

    /// Takes one back; gives what it was, if there was one. Tasks that run with it are cut by
    /// [`Tasks::revoke_standing`](crate::Tasks::revoke_standing).
    pub(crate) fn revoke(&self, id: &GrantId) -> Result<Option<Standing>, TaskError> {
        let mut taken = None;
        self.change(|standing| {
            taken = standing.iter().find(|known| known.id == *id).cloned();
            standing.retain(|known| known.id != *id);
        })?;
        Ok(taken)
    }

    /// Which permissions of a task with these folders came from one that was taken back, and from no other.
    pub(crate) fn lost(
        &self,
        taken: &Standing,
        folders: &[Folder],
        grants: &[Grant],
    ) -> Result<Vec<GrantId>, TaskError> {
        let left = self.for_folders(folders)?;
        let beneath = |name: &str| {
            let reached = |folder: &&Folder| taken.folder == EVERYWHERE || folder.path == taken.folder;
            folders.iter().filter(reached).any(|folder| name == format!("/work/{}", folder.name))
        };
        let from_it = |grant: &&Grant| match (&taken.allows, &grant.allows) {
            (Effect::WritePath(_), Effect::WritePath(path)) => beneath(path),
            (Effect::Run(_), Effect::Run(_)) => {
                taken.folder == EVERYWHERE || folders.iter().any(|folder| folder.path == taken.folder)
            }
            (Effect::Connect(taken), Effect::Connect(host)) => taken == host,
            _ => false,
        };
        let lost = grants
            .iter()
            .filter(|grant| is_lasting(grant))
            .filter(from_it)
            .filter(|grant| !left.contains(&grant.allows));
        Ok(lost.map(|grant| grant.id.clone()).collect())
    }

    /// Which lasting permissions of a task with these folders stand no more, because they were taken back while the
    /// task was not open or the file was edited.
    pub(crate) fn gone(&self, folders: &[Folder], grants: &[Grant]) -> Result<Vec<GrantId>, TaskError> {
        let lasting: Vec<&Grant> = grants.iter().filter(|grant| is_lasting(grant)).collect();
        if lasting.is_empty() {
            return Ok(Vec::new());
        }
        let left = self.for_folders(folders)?;
        let gone = lasting.into_iter().filter(|grant| !left.contains(&grant.allows));
        Ok(gone.map(|grant| grant.id.clone()).collect())
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

/// Whether a permission was to outlive its task.
fn is_lasting(grant: &Grant) -> bool {
    matches!(grant.scope, Scope::Folder | Scope::Always)
}
