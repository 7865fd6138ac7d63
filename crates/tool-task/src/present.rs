//! PresentFiles: hands finished files to the user as cards.

use std::sync::Arc;

use event::{Effect, Fact, FileCard};
use futures_util::future::BoxFuture;
use serde::Deserialize;
use tokio_util::sync::CancellationToken;
use tool::{Call, CallError, Desk, Preview, Progress, Reach, Report, Tool, ToolSpec, parse_input};

use crate::plan::schema;

/// Files one call may present.
const MOST_FILES: usize = 20;
/// Characters of one title.
const LONGEST_TITLE: usize = 200;

pub(crate) struct PresentFiles(ToolSpec);

#[derive(Deserialize)]
struct Input {
    files: Vec<Presented>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Presented {
    Path(String),
    Titled {
        path: String,
        #[serde(default)]
        title: String,
    },
}

impl PresentFiles {
    pub(crate) fn new() -> Self {
        Self(ToolSpec {
            name: "PresentFiles",
            description: "Hands finished files to the user as cards, most important first. Only results, not \
                          intermediate files; call it once, when they are checked."
                .to_owned(),
            input: schema(
                r#"{"type":"object","properties":{"files":{"type":"array","minItems":1,"items":{"type":"object","properties":{"path":{"type":"string"},"title":{"type":"string"}},"required":["path"]}}},"required":["files"]}"#,
            ),
            reach: Reach::Changes,
        })
    }

    fn read(call: &Call, desk: &Desk) -> Result<Vec<(String, String)>, CallError> {
        let input: Input = parse_input(call)?;
        if !(1..=MOST_FILES).contains(&input.files.len()) {
            return Err(CallError(format!("present 1 to {MOST_FILES} files in a call")));
        }
        Ok(input
            .files
            .into_iter()
            .map(|file| match file {
                Presented::Path(path) => (desk.absolute(&path), String::new()),
                Presented::Titled { path, title } => {
                    (desk.absolute(&path), title.chars().take(LONGEST_TITLE).collect())
                }
            })
            .collect())
    }
}

/// The card of a file, or why there is none. Only names and sizes are looked at, nothing is opened; a path that a
/// symbolic link leads out of its place has no card.
fn card(desk: &Desk, path: &str, title: String) -> Result<FileCard, String> {
    let missing = || format!("{path}: no such file");
    let host = desk.host_path(path).ok_or_else(missing)?;
    let real = host.canonicalize().map_err(|_| missing())?;
    let roots = desk.folders.iter().map(|folder| folder.path.as_ref()).chain([desk.outputs.as_path()]);
    let contained = roots.filter_map(|root| root.canonicalize().ok()).any(|root| real.starts_with(root));
    if !contained {
        return Err(format!("{path}: leads outside the task's places"));
    }
    let metadata = real.metadata().map_err(|error| format!("{path}: {error}"))?;
    if !metadata.is_file() {
        return Err(format!("{path}: not a file"));
    }
    let media = view::media_type(path).to_owned();
    Ok(FileCard { path: path.to_owned(), title, bytes: metadata.len(), media })
}

impl Tool for PresentFiles {
    fn spec(&self) -> &ToolSpec {
        &self.0
    }

    fn preview(&self, call: &Call, desk: &Desk) -> Result<Preview, CallError> {
        let files = Self::read(call, desk)?;
        Ok(Preview::Effects(files.into_iter().map(|(path, _)| Effect::ReadPath(path)).collect()))
    }

    fn run(
        &self,
        call: Call,
        desk: Arc<Desk>,
        _progress: Arc<dyn Progress>,
        _stop: CancellationToken,
    ) -> BoxFuture<'_, Report> {
        let report = match Self::read(&call, &desk) {
            Err(error) => Report::failed(error.0),
            Ok(files) => {
                let cards: Result<Vec<FileCard>, String> =
                    files.into_iter().map(|(path, title)| card(&desk, &path, title)).collect();
                match cards {
                    Ok(files) => Report::ok(format!("Presented {} to the user.", counted(files.len())))
                        .with(Fact::Presented { files }),
                    Err(problem) => Report::failed(format!("Nothing was presented: {problem}.")),
                }
            }
        };
        Box::pin(std::future::ready(report))
    }
}

fn counted(files: usize) -> String {
    if files == 1 { "1 file".to_owned() } else { format!("{files} files") }
}
