//! Logs as people read them: one line per event, with everything that differs between runs given a stable name.
//!
//! `  5 model  replied step=1 reply={blocks=[text{text=Hello}] stop=finished …}`. Times, the chain and the task's id
//! are left out; ids of calls and commands become `c1`, `k1`, digests `#1`, by first appearance. Golden tests compare
//! these lines whole.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::fmt::{self, Write as _};

use event::{Event, Fact};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};

/// Prints logs. What a test knows to differ from run to run can be hidden.
#[derive(Debug, Clone, Default)]
pub struct LogPrinter {
    hidden: Vec<(String, String)>,
}

/// Prints a log, one line per event.
pub fn print_log<E: Borrow<Event>>(events: &[E]) -> String {
    LogPrinter::new().print(events)
}

impl LogPrinter {
    /// A printer that hides nothing beyond times, ids and digests.
    pub fn new() -> Self {
        Self::default()
    }

    /// Shows `text` as `name` wherever it stands, also within longer text.
    pub fn hide(mut self, text: &str, name: &str) -> Self {
        if !text.is_empty() {
            self.hidden.push((text.to_owned(), name.to_owned()));
        }
        self
    }

    /// Prints a log, one line per event.
    pub fn print<E: Borrow<Event>>(&self, events: &[E]) -> String {
        let mut names = Names { hidden: self.hidden.clone(), ..Names::default() };
        let mut text = String::new();
        for event in events {
            let event = event.borrow();
            names.hide_task(event);
            let actor = serde_json::to_value(event.actor).unwrap_or_default();
            let actor = actor.as_str().unwrap_or_default();
            // Writing into a String cannot fail.
            writeln!(text, "{:>3} {actor:<6} {}", event.seq.0, line(&event.fact, &mut names)).unwrap_or_default();
        }
        text
    }
}

fn line(fact: &Fact, names: &mut Names) -> String {
    let node = serde_json::to_string(fact).ok().and_then(|text| serde_json::from_str::<Node>(&text).ok());
    let Some(Node::Object(entries)) = node else { return "(cannot be shown)".to_owned() };
    let mut kind = String::new();
    let mut data = Node::Null;
    for (key, value) in entries {
        match (key.as_str(), value) {
            ("type", Node::Text(text)) => kind = text,
            (_, value) => data = value,
        }
    }
    let mut shown = kind;
    match data {
        Node::Object(fields) => fields_of(&fields, names, &mut shown, " "),
        Node::Null => {}
        other => {
            shown.push(' ');
            show(&other, "", names, &mut shown);
        }
    }
    shown
}

/// Stable names for what differs from run to run.
#[derive(Default)]
struct Names {
    hidden: Vec<(String, String)>,
    calls: HashMap<String, String>,
    commands: HashMap<String, String>,
    digests: HashMap<String, String>,
    task: Option<String>,
    /// Whether a tool's input is being shown, whose keys are the tool's and mean nothing here.
    in_input: bool,
}

impl Names {
    fn hide_task(&mut self, event: &Event) {
        let task = event.task.to_string();
        if self.task.as_ref() != Some(&task) {
            self.hidden.push((task.clone(), "<task>".to_owned()));
            self.task = Some(task);
        }
    }

    /// The name of a text that stands under a key.
    fn text(&mut self, key: &str, text: &str) -> String {
        let is_digest = text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if is_digest {
            return named(&mut self.digests, text, "#");
        }
        match key {
            _ if self.in_input => self.shown(text),
            "call" => named(&mut self.calls, text, "c"),
            "command" => named(&mut self.commands, text, "k"),
            "made_by" => "_".to_owned(),
            _ => self.shown(text),
        }
    }

    fn shown(&self, text: &str) -> String {
        self.hidden.iter().fold(text.to_owned(), |text, (hide, name)| text.replace(hide, name))
    }
}

fn named(names: &mut HashMap<String, String>, text: &str, prefix: &str) -> String {
    let next = names.len() + 1;
    names.entry(text.to_owned()).or_insert_with(|| format!("{prefix}{next}")).clone()
}

fn fields_of(fields: &[(String, Node)], names: &mut Names, out: &mut String, before: &str) {
    // Within a call (and only there) `id` is a call's id.
    let is_call = fields.iter().any(|(key, _)| key == "tool") && fields.iter().any(|(key, _)| key == "input");
    let is_approval = fields.iter().any(|(key, _)| key == "binds");
    let mut separator = before;
    for (key, value) in fields {
        // Milliseconds stand at the top of a fact only.
        let is_fact = before == " ";
        if is_fact && key == "ms" {
            continue;
        }
        out.push_str(separator);
        separator = " ";
        out.push_str(key);
        out.push('=');
        if is_fact && key == "after_ms" {
            out.push('_');
            continue;
        }
        let meaning = if key == "id" && is_call && !is_approval { "call" } else { key.as_str() };
        let outer = names.in_input;
        names.in_input |= key == "input" && is_call;
        show(value, meaning, names, out);
        names.in_input = outer;
    }
}

fn show(node: &Node, key: &str, names: &mut Names, out: &mut String) {
    match node {
        Node::Null => out.push_str("null"),
        Node::Plain(text) => out.push_str(text),
        Node::Text(text) => out.push_str(&quoted(&names.text(key, text))),
        Node::List(items) => {
            out.push('[');
            for (number, item) in items.iter().enumerate() {
                if number > 0 {
                    out.push(' ');
                }
                show(item, key, names, out);
            }
            out.push(']');
        }
        Node::Object(fields) => match variant(fields) {
            Some((kind, None)) => out.push_str(kind),
            Some((kind, Some(Node::Object(inner)))) => {
                out.push_str(kind);
                out.push('{');
                fields_of(inner, names, out, "");
                out.push('}');
            }
            Some((kind, Some(inner))) => {
                out.push_str(kind);
                out.push('(');
                show(inner, key, names, out);
                out.push(')');
            }
            None => {
                out.push('{');
                fields_of(fields, names, out, "");
                out.push('}');
            }
        },
    }
}

/// An enum's variant: an object of `type` and at most `data`.
fn variant(fields: &[(String, Node)]) -> Option<(&str, Option<&Node>)> {
    match fields {
        [(tag, Node::Text(kind))] if tag == "type" => Some((kind, None)),
        [(tag, Node::Text(kind)), (data, inner)] if tag == "type" && data == "data" => Some((kind, Some(inner))),
        _ => None,
    }
}

/// Text as it is where nothing in it could be misread, as a JSON string otherwise.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "_-./:#<>+@~*,;!?'%&".contains(c);
    let mistakable = matches!(text, "" | "null" | "true" | "false") || text.parse::<f64>().is_ok();
    if !mistakable && text.chars().all(plain) {
        return text.to_owned();
    }
    serde_json::to_string(text).unwrap_or_default()
}

/// JSON whose keys keep their order, so that lines read as the log does.
#[derive(Debug, PartialEq)]
enum Node {
    Null,
    /// A number or a truth value, as written.
    Plain(String),
    Text(String),
    List(Vec<Node>),
    Object(Vec<(String, Node)>),
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyNode)
    }
}

struct AnyNode;

impl<'de> Visitor<'de> for AnyNode {
    type Value = Node;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Plain(value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Plain(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Plain(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
        Ok(Node::Plain(value.to_string()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Node, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(Node::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Node::Object(entries))
    }
}
