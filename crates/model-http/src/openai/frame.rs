//! The shape of one streamed chunk. Read twice at most: first the usual way without copying, then leniently, because
//! compatible servers put arrays, objects and numbers where strings belong.

use std::borrow::Cow;
use std::fmt;

use event::Usage;
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, SeqAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

/// Text that is borrowed from the event where it has no escapes.
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct Str<'a>(#[serde(borrow)] pub(super) Cow<'a, str>);

/// One chunk.
#[derive(Deserialize)]
pub(super) struct Frame<'a> {
    #[serde(borrow, default)]
    pub(super) model: Option<Str<'a>>,
    #[serde(borrow, default)]
    pub(super) choices: Option<First<Choice<'a>>>,
    #[serde(default)]
    pub(super) usage: Option<WireUsage>,
    #[serde(borrow, default)]
    pub(super) error: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) object: Option<Str<'a>>,
}

/// The only choice that is asked for.
#[derive(Deserialize)]
pub(super) struct Choice<'a> {
    #[serde(borrow, default)]
    pub(super) delta: Option<Delta<'a>>,
    #[serde(borrow, default)]
    pub(super) finish_reason: Option<Str<'a>>,
}

/// What a chunk adds.
#[derive(Deserialize, Default)]
pub(super) struct Delta<'a> {
    #[serde(borrow, default)]
    pub(super) content: Option<Str<'a>>,
    #[serde(borrow, default)]
    pub(super) reasoning_content: Option<Str<'a>>,
    #[serde(borrow, default)]
    pub(super) reasoning: Option<Str<'a>>,
    #[serde(borrow, default)]
    pub(super) refusal: Option<Str<'a>>,
    #[serde(borrow, default)]
    pub(super) tool_calls: Option<Vec<&'a RawValue>>,
}

/// Token counts as the dialect has them.
#[derive(Deserialize, Default, Clone, Copy)]
pub(super) struct WireUsage {
    #[serde(default)]
    prompt_tokens: Option<u64>,
    #[serde(default)]
    completion_tokens: Option<u64>,
    #[serde(default)]
    prompt_tokens_details: Option<PromptDetails>,
    #[serde(default)]
    prompt_cache_hit_tokens: Option<u64>,
}

#[derive(Deserialize, Default, Clone, Copy)]
struct PromptDetails {
    #[serde(default)]
    cached_tokens: Option<u64>,
}

impl WireUsage {
    /// In Deskhand's words: cached tokens are not counted as input again.
    pub(super) fn usage(self) -> Usage {
        let cached = self.prompt_tokens_details.and_then(|details| details.cached_tokens);
        let cache_read = cached.or(self.prompt_cache_hit_tokens).unwrap_or(0);
        Usage {
            input: self.prompt_tokens.unwrap_or(0).saturating_sub(cache_read),
            output: self.completion_tokens.unwrap_or(0),
            cache_read,
            cache_write: 0,
        }
    }
}

/// The first element of a list; reading it allocates nothing.
pub(super) struct First<T>(pub(super) Option<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for First<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FirstOf<T>(std::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for FirstOf<T> {
            type Value = First<T>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a list")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<First<T>, A::Error> {
                let first = list.next_element()?;
                while list.next_element::<IgnoredAny>()?.is_some() {}
                Ok(First(first))
            }
        }
        deserializer.deserialize_seq(FirstOf(std::marker::PhantomData))
    }
}

/// What was found in a chunk of an unusual shape.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Lenient {
    pub(super) text: String,
    pub(super) reasoning: String,
    pub(super) calls: Vec<String>,
    pub(super) finish: Option<String>,
}

impl Lenient {
    /// Takes what can be understood; none where the data is not even JSON.
    pub(super) fn parse(data: &[u8]) -> Option<Self> {
        let value: Value = serde_json::from_slice(data).ok()?;
        let Some(choice) = value.get("choices").and_then(|choices| choices.get(0)) else {
            return Some(Self::default());
        };
        let mut found =
            Self { finish: choice.get("finish_reason").and_then(Value::as_str).map(str::to_owned), ..Self::default() };
        let Some(delta) = choice.get("delta") else { return Some(found) };
        match delta.get("content") {
            Some(Value::String(text)) => found.text.push_str(text),
            // A list of typed parts, as one provider streams reasoning and text side by side.
            Some(Value::Array(parts)) => {
                for part in parts {
                    match part.get("type").and_then(Value::as_str) {
                        Some("thinking") => collect(part.get("thinking"), &mut found.reasoning),
                        _ => collect(part.get("text"), &mut found.text),
                    }
                }
            }
            _ => {}
        }
        for name in ["reasoning_content", "reasoning"] {
            if found.reasoning.is_empty() {
                collect(delta.get(name), &mut found.reasoning);
            }
        }
        let calls = delta.get("tool_calls").and_then(Value::as_array);
        found.calls = calls.into_iter().flatten().map(Value::to_string).collect();
        Some(found)
    }
}

/// All text within a value: itself, or that of its parts.
fn collect(value: Option<&Value>, into: &mut String) {
    match value {
        Some(Value::String(text)) => into.push_str(text),
        Some(Value::Array(parts)) => {
            for part in parts {
                match part {
                    Value::String(text) => into.push_str(text),
                    other => into.push_str(other.get("text").and_then(Value::as_str).unwrap_or_default()),
                }
            }
        }
        _ => {}
    }
}
