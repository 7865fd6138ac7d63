//! Choosing a folder to grant: names of directories, nothing else. What can neither be granted nor leads to something
//! that can is not shown.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use api_types::{Code, ErrorBody, FolderEntry, FolderListing};
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use tool::FolderGate;
use utoipa::IntoParams;

use crate::extract::Asked;
use crate::failure::{Failure, blocking};
use crate::router::Front;

/// Most directories one answer holds.
const MAX_LISTED: usize = 1000;
/// Directories that cannot be granted themselves but hold some that can.
const LEADING: &[&str] =
    &["/", "/home", "/Users", "/media", "/mnt", "/opt", "/srv", "/tmp", "/Volumes", "/run/media", "/var/www"];

/// Which directory.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct FoldersQuery {
    /// Its absolute path; nothing gives the home directory.
    path: Option<String>,
}

/// The directories in a directory of this computer.
#[utoipa::path(
    get, path = "/api/v1/folders", tag = "house", operation_id = "list_folders", params(FoldersQuery),
    responses(
        (status = 200, description = "The directories", body = FolderListing),
        (status = "default", description = "An error", body = ErrorBody)
    )
)]
pub(crate) async fn folders(
    State(front): State<Arc<Front>>,
    Asked(query): Asked<FoldersQuery>,
) -> Result<Json<FolderListing>, Failure> {
    let wanted = query.path.filter(|path| !path.is_empty()).map_or_else(|| front.state.home.clone(), PathBuf::from);
    let listing = blocking(move || {
        let gate = &*front.state.tasks.parts().gate;
        Chooser { gate, home: settled(&front.state.home) }.list(&wanted)
    });
    Ok(Json(listing.await?))
}

struct Chooser<'c> {
    gate: &'c dyn FolderGate,
    home: PathBuf,
}

impl Chooser<'_> {
    fn list(&self, wanted: &Path) -> Result<FolderListing, Failure> {
        if !wanted.is_absolute() {
            return Err(Failure::bad_request(format!("`{}` is not an absolute path", wanted.display())));
        }
        let path = settled(wanted);
        let refused = self.refusal(&path);
        if let Some(refusal) = &refused
            && !self.leads_on(&path)
        {
            return Err(Failure::refusal(Code::FolderRefused, refusal.clone()));
        }
        let names = std::fs::read_dir(&path).map_err(|error| {
            let message = format!("cannot read `{}`: {error}", path.display());
            Failure::new(Code::FolderRefused, message, "choose another folder")
        })?;
        let mut found: Vec<FolderEntry> = names.flatten().filter_map(|entry| self.entry(&entry)).collect();
        found.sort_by(|a, b| (a.name.to_lowercase(), &a.name).cmp(&(b.name.to_lowercase(), &b.name)));
        let more = found.len() > MAX_LISTED;
        found.truncate(MAX_LISTED);
        let parent = path.parent().filter(|parent| self.leads_on(parent) || self.refusal(parent).is_none());
        Ok(FolderListing {
            parent: parent.map(|parent| parent.to_string_lossy().into_owned()),
            path: path.to_string_lossy().into_owned(),
            refused: refused.map(|refusal| refusal.message),
            folders: found,
            more,
        })
    }

    /// A directory as it is listed. Links are left out: what they lead to has a path of its own.
    fn entry(&self, entry: &std::fs::DirEntry) -> Option<FolderEntry> {
        if !entry.file_type().ok()?.is_dir() {
            return None;
        }
        let name = entry.file_name().into_string().ok().filter(|name| !name.starts_with('.'))?;
        let path = entry.path();
        let grantable = self.refusal(&path).is_none();
        (grantable || self.leads_on(&path)).then(|| FolderEntry {
            name,
            path: path.to_string_lossy().into_owned(),
            grantable,
        })
    }

    fn refusal(&self, path: &Path) -> Option<tool::Refusal> {
        self.gate.check(&path.to_string_lossy()).err()
    }

    /// May be shown on the way to a folder that can be granted.
    fn leads_on(&self, path: &Path) -> bool {
        self.home.starts_with(path) || LEADING.iter().any(|leading| path == Path::new(leading))
    }
}

fn settled(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}
