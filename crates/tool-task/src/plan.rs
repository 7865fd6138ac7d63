//! TodoWrite: the plan the user watches as N of M.

use std::sync::Arc;

use event::{Effect, Fact, Json, PlanItem, PlanState};
use futures_util::future::BoxFuture;
use serde::Deserialize;
use tokio_util::sync::CancellationToken;
use tool::{Call, CallError, Desk, Preview, Progress, Reach, Report, Tool, ToolSpec, parse_input};

/// Items a plan may have; more cannot be watched.
const MOST_ITEMS: usize = 40;
/// Characters of one item.
const LONGEST_ITEM: usize = 200;

pub(crate) struct TodoWrite(ToolSpec);

#[derive(Deserialize)]
struct Input {
    todos: Vec<Item>,
}

/// Models trained on other tools of this name send `status` and `activeForm`; both spellings are read.
#[derive(Deserialize)]
struct Item {
    content: String,
    #[serde(alias = "state")]
    status: Status,
}

#[derive(Deserialize, Clone, Copy, PartialEq)]
#[serde(rename_all = "snake_case")]
enum Status {
    Pending,
    #[serde(alias = "active")]
    InProgress,
    #[serde(alias = "done")]
    Completed,
}

impl TodoWrite {
    pub(crate) fn new() -> Self {
        Self(ToolSpec {
            name: "TodoWrite",
            description:
                "Sets the plan the user watches as N of M; replaces the whole list. For jobs of more than two \
                          steps. Exactly one item in_progress while you work; mark an item completed as soon as it \
                          is. The last item checks the result."
                    .to_owned(),
            input: schema(
                r#"{"type":"object","properties":{"todos":{"type":"array","items":{"type":"object","properties":{"content":{"type":"string","description":"what is to be done, in the user's words"},"status":{"type":"string","enum":["pending","in_progress","completed"]}},"required":["content","status"]}}},"required":["todos"]}"#,
            ),
            reach: Reach::Changes,
        })
    }

    fn read(call: &Call) -> Result<Vec<PlanItem>, CallError> {
        let input: Input = parse_input(call)?;
        if input.todos.len() > MOST_ITEMS {
            return Err(CallError(format!("a plan has at most {MOST_ITEMS} items; combine some")));
        }
        if input.todos.iter().filter(|item| item.status == Status::InProgress).count() > 1 {
            return Err(CallError("only one item may be in_progress".to_owned()));
        }
        Ok(input
            .todos
            .into_iter()
            .map(|item| PlanItem {
                text: item.content.trim().chars().take(LONGEST_ITEM).collect(),
                state: match item.status {
                    Status::Pending => PlanState::Pending,
                    Status::InProgress => PlanState::Active,
                    Status::Completed => PlanState::Done,
                },
            })
            .collect())
    }
}

/// A schema written in this crate; the tests read every one, so the fallback is never sent.
pub(crate) fn schema(text: &str) -> Json {
    Json::parse(text).unwrap_or_else(|_| Json::empty_object())
}

impl Tool for TodoWrite {
    fn spec(&self) -> &ToolSpec {
        &self.0
    }

    fn preview(&self, call: &Call, _desk: &Desk) -> Result<Preview, CallError> {
        Self::read(call).map(|_| Preview::Effects(Vec::<Effect>::new()))
    }

    fn run(
        &self,
        call: Call,
        _desk: Arc<Desk>,
        _progress: Arc<dyn Progress>,
        _stop: CancellationToken,
    ) -> BoxFuture<'_, Report> {
        let report = match Self::read(&call) {
            Ok(items) => {
                let done = items.iter().filter(|item| item.state == PlanState::Done).count();
                Report::ok(format!("Plan set: {done} of {} done.", items.len())).with(Fact::PlanSet { items })
            }
            Err(error) => Report::failed(error.0),
        };
        Box::pin(std::future::ready(report))
    }
}
