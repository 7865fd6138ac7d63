//! Files of a task: showing, saving, listing. Opening is done by [`crate::Files`], beneath a directory handle.

use std::sync::Arc;

use api_types::{Code, ErrorBody, FileInfo, FileKind};
use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use event::Timestamp;
use serde::Deserialize;
use tokio::io::AsyncReadExt;
use tokio_util::io::ReaderStream;
use tool::Desk;
use utoipa::IntoParams;

use crate::disposition::{Disposition, disposition};
use crate::extract::{Asked, OfTask};
use crate::failure::{Failure, blocking};
use crate::media::{media_type, policy, shows_in_place};
use crate::router::Front;

/// Which file.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct FileQuery {
    /// Its path as the model knows it, such as `/outputs/report.md`.
    path: String,
    /// Whether it is to be saved and not shown.
    #[serde(default)]
    download: bool,
}

/// The content of a file in a folder of the task, its outputs or its uploads.
#[utoipa::path(
    get, path = "/api/v1/tasks/{id}/files", tag = "files", operation_id = "read_file",
    params(("id" = String, Path, description = "The task"), FileQuery),
    responses(
        (status = 200, description = "The bytes, with a media type guessed from the name",
         body = String, content_type = "application/octet-stream"),
        (status = "default", description = "An error", body = ErrorBody)
    )
)]
pub(crate) async fn content(
    State(front): State<Arc<Front>>,
    OfTask(task): OfTask,
    Asked(query): Asked<FileQuery>,
) -> Result<Response, Failure> {
    let (name, opened) = blocking(move || {
        let desk = front.state.tasks.desk(task)?;
        let path = place(&desk, &query.path)?;
        let opened = front.state.files.open(&desk, &path).map_err(|it| Failure::refusal(Code::NoFile, it))?;
        Ok((name_of(&path).to_owned(), opened))
    })
    .await?;
    let media = media_type(&name);
    let kind = if query.download || !shows_in_place(&media) { Disposition::Save } else { Disposition::Show };
    let headers = [
        (header::CONTENT_TYPE, media.to_string()),
        (header::CONTENT_LENGTH, opened.bytes.to_string()),
        (header::CONTENT_DISPOSITION, disposition(kind, &name)),
        (header::CONTENT_SECURITY_POLICY, policy(&media).to_owned()),
    ];
    // A file that grows while it is read is cut where it ended when it was opened.
    let reader = tokio::fs::File::from_std(opened.file).take(opened.bytes);
    Ok((headers, Body::from_stream(ReaderStream::with_capacity(reader, 64 * 1024))).into_response())
}

/// Which directory.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListingQuery {
    /// Its path as the model knows it; nothing gives the places of the task themselves.
    path: Option<String>,
}

/// What is in a directory of the task, or which places the task has.
#[utoipa::path(
    get, path = "/api/v1/tasks/{id}/listing", tag = "files", operation_id = "list_files",
    params(("id" = String, Path, description = "The task"), ListingQuery),
    responses(
        (status = 200, description = "The files and directories", body = Vec<FileInfo>),
        (status = "default", description = "An error", body = ErrorBody)
    )
)]
pub(crate) async fn listing(
    State(front): State<Arc<Front>>,
    OfTask(task): OfTask,
    Asked(query): Asked<ListingQuery>,
) -> Result<Json<Vec<FileInfo>>, Failure> {
    let listed = blocking(move || {
        let desk = front.state.tasks.desk(task)?;
        match query.path.as_deref() {
            None | Some("" | "/") => Ok(places(&desk)),
            Some(path) => list(&front, &desk, &place(&desk, path)?),
        }
    });
    Ok(Json(listed.await?))
}

fn list(front: &Front, desk: &Desk, path: &str) -> Result<Vec<FileInfo>, Failure> {
    let listed = front.state.files.list(desk, path).map_err(|it| Failure::refusal(Code::NoFile, it))?;
    let info = |entry: crate::ListedFile| FileInfo {
        path: format!("{path}/{}", entry.name),
        media: media_type(&entry.name).into_owned(),
        name: entry.name,
        kind: entry.kind,
        bytes: entry.bytes,
        changed_at: entry.changed_at,
    };
    Ok(listed.into_iter().map(info).collect())
}

fn places(desk: &Desk) -> Vec<FileInfo> {
    let folders = desk.folders.iter().map(|folder| format!("/work/{}", folder.name));
    let place = |path: String| FileInfo {
        name: name_of(&path).to_owned(),
        path,
        kind: FileKind::Folder,
        bytes: 0,
        changed_at: Timestamp(0),
        media: "inode/directory".to_owned(),
    };
    folders.chain(["/outputs".to_owned(), "/uploads".to_owned()]).map(place).collect()
}

/// The normal form of a path, if it lies in a place of the task.
fn place(desk: &Desk, path: &str) -> Result<String, Failure> {
    let absolute = desk.absolute(path);
    if path.contains('\0') || desk.host_path(&absolute).is_none() {
        return Err(Failure::new(
            Code::NoFile,
            format!("`{path}` lies in no folder of this task"),
            "see what there is with `listing`",
        ));
    }
    Ok(absolute)
}

fn name_of(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}
