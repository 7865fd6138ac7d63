//! AskUserQuestion: one to four questions, with choices and always room for the user's own words.

use std::sync::Arc;

use event::{Choice, Question};
use futures_util::future::BoxFuture;
use serde::Deserialize;
use tokio_util::sync::CancellationToken;
use tool::{Call, CallError, Desk, Preview, Progress, Reach, Report, Tool, ToolSpec, parse_input};

use crate::plan::schema;

/// Characters of a question, a choice or its description.
const LONGEST_TEXT: usize = 1_000;

pub(crate) struct AskUserQuestion(ToolSpec);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    questions: Vec<Asked>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Asked {
    question: String,
    #[serde(default)]
    header: String,
    #[serde(default)]
    options: Vec<Offered>,
    #[serde(default, alias = "multi_select")]
    multi_select: bool,
}

#[derive(Deserialize)]
struct Offered {
    label: String,
    #[serde(default)]
    description: String,
}

/// Text of a question as it may stand on a card.
fn short(text: &str) -> String {
    text.chars().take(LONGEST_TEXT).collect()
}

impl AskUserQuestion {
    pub(crate) fn new() -> Self {
        Self(ToolSpec {
            name: "AskUserQuestion",
            description: "Asks the user and waits for the answer. Only where the answer changes the result and you \
                          cannot find it out yourself. One call with up to 4 questions; 2 to 4 options each, the \
                          recommended one first. The user can always answer in their own words, so no option \
                          \"Other\"."
                .to_owned(),
            input: schema(
                r#"{"type":"object","properties":{"questions":{"type":"array","minItems":1,"maxItems":4,"items":{"type":"object","properties":{"question":{"type":"string"},"header":{"type":"string","description":"one or two words"},"options":{"type":"array","maxItems":4,"items":{"type":"object","properties":{"label":{"type":"string"},"description":{"type":"string"}},"required":["label"]}},"multiSelect":{"type":"boolean"}},"required":["question","options"]}}},"required":["questions"]}"#,
            ),
            reach: Reach::Changes,
        })
    }

    fn read(call: &Call) -> Result<Vec<Question>, CallError> {
        let input: Input = parse_input(call)?;
        if !(1..=4).contains(&input.questions.len()) {
            return Err(CallError("ask one to four questions in a call".to_owned()));
        }
        input
            .questions
            .into_iter()
            .map(|asked| {
                if asked.question.trim().is_empty() {
                    return Err(CallError("a question has no text".to_owned()));
                }
                if asked.options.len() > 4 {
                    return Err(CallError("give at most four options".to_owned()));
                }
                let choices = asked
                    .options
                    .into_iter()
                    .map(|option| Choice { label: short(&option.label), description: short(&option.description) })
                    .collect();
                let (text, header) = (short(&asked.question), short(&asked.header));
                Ok(Question { text, header, choices, several: asked.multi_select })
            })
            .collect()
    }
}

impl Tool for AskUserQuestion {
    fn spec(&self) -> &ToolSpec {
        &self.0
    }

    fn preview(&self, call: &Call, _desk: &Desk) -> Result<Preview, CallError> {
        Self::read(call).map(Preview::Questions)
    }

    fn run(
        &self,
        _call: Call,
        _desk: Arc<Desk>,
        _progress: Arc<dyn Progress>,
        _stop: CancellationToken,
    ) -> BoxFuture<'_, Report> {
        Box::pin(std::future::ready(Report::failed("The question was not put to the user.")))
    }
}
