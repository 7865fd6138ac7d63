//! Tasks: making, listing, looking, commanding.

use std::path::Path;
use std::sync::Arc;

use api_types::{
    ApprovalWaiting, Code, CommandAccepted, ErrorBody, NewTaskRequest, SayRequest, TaskCreatedResponse, TaskShelf,
    TaskSummary, UndoPlan, Upload,
};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use event::{Attachment, CallId, Command, CommandId, Event, Seq, TaskId, UndoSelection, Wish};
use serde::Deserialize;
use store::Query;
use tasks::{AttachmentSource, FolderWish, NewTask, Tasks};
use utoipa::IntoParams;
use view::{TaskState, View};

use super::MAX_ATTACHED;
use crate::extract::{Asked, OfTask, Sent};
use crate::failure::{Failure, blocking};
use crate::router::Front;

type Shown<T> = Result<Json<T>, Failure>;

/// Most tasks one answer holds.
const MAX_PAGE: usize = 1000;
/// Most events one answer holds: a whole task, unless it is a giant.
const MAX_EVENTS: usize = 100_000;
/// Characters of a command's id.
const MAX_ID: usize = 200;

/// Makes a task and starts its first turn.
#[utoipa::path(
    post, path = "/api/v1/tasks", tag = "tasks", operation_id = "create_task", request_body = NewTaskRequest,
    responses(
        (status = 201, description = "The task was made, or had been made by the same id", body = TaskCreatedResponse),
        (status = "default", description = "An error", body = ErrorBody)
    )
)]
pub(crate) async fn create(
    State(front): State<Arc<Front>>,
    Sent(request): Sent<NewTaskRequest>,
) -> Result<(StatusCode, Json<TaskCreatedResponse>), Failure> {
    check_id(&request.id)?;
    let new = NewTask {
        command: Some(request.id),
        prompt: request.prompt,
        folders: request
            .folders
            .into_iter()
            .map(|folder| FolderWish { path: folder.path, access: folder.access })
            .collect(),
        attachments: attached(request.attachments)?,
        mode: request.mode.unwrap_or_else(|| front.state.installation.settings().default_mode),
        model: request.model,
        effort: request.effort,
        instructions: request.instructions.unwrap_or_else(|| front.state.installation.settings().instructions),
        limits: request.limits.unwrap_or_default(),
        project: request.project,
        tier: request.tier,
    };
    let id = front.state.tasks.create(new).await?;
    Ok((StatusCode::CREATED, Json(TaskCreatedResponse { id })))
}

/// Which tasks to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListQuery {
    /// Words that title, conversation or file names must contain.
    search: Option<String>,
    /// Which tasks; every task where not said.
    #[serde(default)]
    #[param(inline)]
    shelf: TaskShelf,
    /// At most this many; 100 where not said, 1000 at most.
    limit: Option<usize>,
    /// Skip this many first.
    offset: Option<usize>,
}

/// Recents, newest change first.
#[utoipa::path(
    get, path = "/api/v1/tasks", tag = "tasks", operation_id = "list_tasks", params(ListQuery),
    responses(
        (status = 200, description = "The tasks", body = Vec<TaskSummary>),
        (status = "default", description = "An error", body = ErrorBody)
    )
)]
pub(crate) async fn list(State(front): State<Arc<Front>>, Asked(query): Asked<ListQuery>) -> Shown<Vec<TaskSummary>> {
    recents(&front, query.search, query.shelf, query.limit, query.offset).await
}

/// What to search for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SearchQuery {
    /// Words that title, conversation or file names must contain.
    q: String,
    /// At most this many; 100 where not said, 1000 at most.
    limit: Option<usize>,
}

/// Searches titles, conversations and file names.
#[utoipa::path(
    get, path = "/api/v1/search", tag = "tasks", operation_id = "search_tasks", params(SearchQuery),
    responses(
        (status = 200, description = "The tasks", body = Vec<TaskSummary>),
        (status = "default", description = "An error", body = ErrorBody)
    )
)]
pub(crate) async fn search(
    State(front): State<Arc<Front>>,
    Asked(query): Asked<SearchQuery>,
) -> Shown<Vec<TaskSummary>> {
    recents(&front, Some(query.q), TaskShelf::All, query.limit, None).await
}

async fn recents(
    front: &Arc<Front>,
    text: Option<String>,
    shelf: TaskShelf,
    limit: Option<usize>,
    offset: Option<usize>,
) -> Shown<Vec<TaskSummary>> {
    let text = text.filter(|text| !text.trim().is_empty());
    let limit = limit.unwrap_or(100).min(MAX_PAGE);
    let query = Query { text, shelf: shelf.into(), limit, offset: offset.unwrap_or(0) };
    let tasks = Arc::clone(&front.state.tasks);
    let found = blocking(move || Ok(tasks.recents(&query)?)).await?;
    Ok(Json(found.into_iter().map(TaskSummary::from).collect()))
}

/// What a screen shows of a task.
#[utoipa::path(
    get, path = "/api/v1/tasks/{id}",
    tag = "tasks", operation_id = "view_task", params(("id" = String, Path, description = "The task")),
    responses(
        (status = 200, description = "The view", body = View),
        (status = "default", description = "An error", body = ErrorBody)
    )
)]
pub(crate) async fn view(State(front): State<Arc<Front>>, OfTask(task): OfTask) -> Shown<View> {
    let tasks = Arc::clone(&front.state.tasks);
    Ok(Json(blocking(move || Ok(tasks.view(task)?)).await?))
}

/// Which events to give.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct EventsQuery {
    /// Those after this sequence; 0 or nothing starts at the first.
    #[serde(default)]
    after: u64,
    /// At most this many; 100,000 where not said, and at most.
    limit: Option<usize>,
}

/// Stored events in order. Fewer than the limit means there are no more yet.
#[utoipa::path(
    get, path = "/api/v1/tasks/{id}/events", tag = "tasks", operation_id = "read_events",
    params(("id" = String, Path, description = "The task"), EventsQuery),
    responses(
        (status = 200, description = "The events", body = Vec<Event>),
        (status = "default", description = "An error", body = ErrorBody)
    )
)]
pub(crate) async fn events(
    State(front): State<Arc<Front>>,
    OfTask(task): OfTask,
    Asked(query): Asked<EventsQuery>,
) -> Shown<Vec<Arc<Event>>> {
    let limit = query.limit.unwrap_or(MAX_EVENTS).min(MAX_EVENTS);
    let tasks = Arc::clone(&front.state.tasks);
    let mut events = blocking(move || Ok(tasks.parts().store.read(task, Seq(query.after))?)).await?;
    events.truncate(limit);
    Ok(Json(events))
}

/// Follows a command. It acts once per id; the answer comes when it is stored.
#[utoipa::path(
    post, path = "/api/v1/tasks/{id}/commands", tag = "tasks", operation_id = "send_command", request_body = Command,
    params(("id" = String, Path, description = "The task")),
    responses(
        (status = 200, description = "It is stored", body = CommandAccepted),
        (status = "default", description = "An error", body = ErrorBody)
    )
)]
pub(crate) async fn command(
    State(front): State<Arc<Front>>,
    OfTask(task): OfTask,
    Sent(command): Sent<Command>,
) -> Shown<CommandAccepted> {
    check_id(&command.id)?;
    let tasks = Arc::clone(&front.state.tasks);
    let command = blocking(move || check_command(&tasks, task, command)).await?;
    let seq = front.state.tasks.command(task, command).await?;
    Ok(Json(CommandAccepted { seq }))
}

/// Says something with files handed over.
#[utoipa::path(
    post, path = "/api/v1/tasks/{id}/say", tag = "tasks", operation_id = "say", request_body = SayRequest,
    params(("id" = String, Path, description = "The task")),
    responses(
        (status = 200, description = "It is stored", body = CommandAccepted),
        (status = "default", description = "An error", body = ErrorBody)
    )
)]
pub(crate) async fn say(
    State(front): State<Arc<Front>>,
    OfTask(task): OfTask,
    Sent(request): Sent<SayRequest>,
) -> Shown<CommandAccepted> {
    check_id(&request.id)?;
    let files = attached(request.attachments)?;
    let seq = front.state.tasks.say(task, request.id, request.text, &files).await?;
    Ok(Json(CommandAccepted { seq }))
}

/// Everything that waits for an Allow or Deny, newest task first.
#[utoipa::path(
    get, path = "/api/v1/approvals", tag = "tasks", operation_id = "list_approvals",
    responses(
        (status = 200, description = "The approvals", body = Vec<ApprovalWaiting>),
        (status = "default", description = "An error", body = ErrorBody)
    )
)]
pub(crate) async fn approvals(State(front): State<Arc<Front>>) -> Shown<Vec<ApprovalWaiting>> {
    let tasks = Arc::clone(&front.state.tasks);
    let waiting = blocking(move || {
        let query = Query { limit: usize::MAX, ..Query::default() };
        let mut waiting = Vec::new();
        for summary in tasks.recents(&query)?.iter().filter(|summary| summary.state == TaskState::NeedsYou) {
            let view = tasks.view(summary.id)?;
            waiting.extend(view.approvals.into_iter().map(|approval| ApprovalWaiting {
                task: summary.id,
                title: view.title.clone(),
                approval,
            }));
        }
        Ok(waiting)
    });
    Ok(Json(waiting.await?))
}

/// Which changes to undo.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct UndoQuery {
    /// Only changes of this turn.
    turn: Option<u32>,
    /// Only this path, as the model knows it, or what lies beneath it.
    path: Option<String>,
    /// Only what this call did.
    call: Option<CallId>,
    /// Take back the last Undo instead.
    #[serde(default)]
    redo: bool,
}

/// What an Undo would do; changes nothing.
#[utoipa::path(
    get, path = "/api/v1/tasks/{id}/undo", tag = "tasks", operation_id = "plan_undo",
    params(("id" = String, Path, description = "The task"), UndoQuery),
    responses(
        (status = 200, description = "The plan", body = UndoPlan),
        (status = "default", description = "An error", body = ErrorBody)
    )
)]
pub(crate) async fn undo_plan(
    State(front): State<Arc<Front>>,
    OfTask(task): OfTask,
    Asked(query): Asked<UndoQuery>,
) -> Shown<UndoPlan> {
    let selection = UndoSelection { turn: query.turn, path: query.path, call: query.call, redo: query.redo };
    let tasks = Arc::clone(&front.state.tasks);
    let steps = blocking(move || Ok(tasks.plan_undo(task, &selection)?)).await?;
    Ok(Json(UndoPlan { steps: steps.into_iter().map(Into::into).collect() }))
}

/// A command acts once per id, so an id that everybody would choose is none.
fn check_id(id: &CommandId) -> Result<(), Failure> {
    let length = id.as_str().chars().count();
    if length == 0 || length > MAX_ID {
        return Err(Failure::bad_request(format!("a command's id has 1 to {MAX_ID} characters")));
    }
    Ok(())
}

fn attached(uploads: Vec<Upload>) -> Result<Vec<AttachmentSource>, Failure> {
    let total: usize = uploads.iter().map(|upload| upload.content_base64.0.len()).sum();
    if total > MAX_ATTACHED {
        return Err(Failure::new(
            Code::TooLarge,
            format!("the attachments have {total} bytes together, {MAX_ATTACHED} are allowed"),
            "put the files into a folder and grant that",
        ));
    }
    let source = |upload: Upload| AttachmentSource::Bytes { name: upload.name, bytes: upload.content_base64.0 };
    Ok(uploads.into_iter().map(source).collect())
}

/// What the door has to check before a command may reach the engine: a folder to grant, and files said to be uploaded.
fn check_command(tasks: &Tasks, task: TaskId, mut command: Command) -> Result<Command, Failure> {
    match &mut command.wish {
        Wish::AddFolder(folder) => {
            let wish = FolderWish { path: folder.path.clone(), access: folder.access };
            *folder = tasks.grant_folder(&wish, &tasks.view(task)?.folders)?;
        }
        Wish::Say { attachments, .. } if !attachments.is_empty() => {
            let uploads = tasks.desk(task)?.uploads;
            for attachment in attachments {
                check_uploaded(&uploads, attachment)?;
            }
        }
        Wish::Say { .. }
        | Wish::Stop
        | Wish::Pause
        | Wish::Resume
        | Wish::Answer { .. }
        | Wish::AnswerQuestions { .. }
        | Wish::Undo { .. }
        | Wish::SetMode { .. }
        | Wish::SetModel { .. }
        | Wish::SetLimits { .. }
        | Wish::RemoveFolder { .. }
        | Wish::Revoke { .. }
        | Wish::Rename { .. }
        | Wish::Mark(_)
        | Wish::SetInstructions { .. }
        | Wish::SetEffort { .. }
        | Wish::PinFile { .. }
        | Wish::UnpinFile { .. } => {}
    }
    Ok(command)
}

fn check_uploaded(uploads: &Path, attachment: &mut Attachment) -> Result<(), Failure> {
    let plain = Path::new(&attachment.name).file_name().is_some_and(|name| name == attachment.name.as_str());
    let found = if plain { std::fs::symlink_metadata(uploads.join(&attachment.name)).ok() } else { None };
    let Some(meta) = found.filter(std::fs::Metadata::is_file) else {
        return Err(Failure::new(
            Code::Attachment,
            format!("`{}` was not uploaded to this task", attachment.name),
            "send its content with `say`",
        ));
    };
    attachment.bytes = meta.len();
    Ok(())
}
