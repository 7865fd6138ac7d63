//! A JSON object whose keys keep their order and whose values keep their bytes.
//!
//! Providers sign and extend their blocks; what we do not understand must go back exactly as it came.

use std::fmt;

use event::Json;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// An object as a list of raw keys (quotes included) and raw values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct RawObject {
    entries: Vec<(String, String)>,
}

impl RawObject {
    /// Reads an object.
    pub(crate) fn parse(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// The raw value of a key.
    pub(crate) fn raw(&self, key: &str) -> Option<&str> {
        self.entries.iter().find(|(raw, _)| is_key(raw, key)).map(|(_, value)| value.as_str())
    }

    /// The value of a key, if it is a string.
    pub(crate) fn text(&self, key: &str) -> Option<String> {
        serde_json::from_str(self.raw(key)?).ok()
    }

    /// Puts a raw value in the place of the old one, or at the end.
    pub(crate) fn set(&mut self, key: &str, raw: String) {
        match self.entries.iter_mut().find(|(name, _)| is_key(name, key)) {
            Some((_, value)) => *value = raw,
            None => self.entries.push((crate::json_text::quoted(key), raw)),
        }
    }

    /// Puts text in the place of the old value, or at the end.
    pub(crate) fn set_text(&mut self, key: &str, text: &str) {
        self.set(key, crate::json_text::quoted(text));
    }

    /// Removes a key.
    pub(crate) fn remove(&mut self, key: &str) {
        self.entries.retain(|(name, _)| !is_key(name, key));
    }

    /// Whether there is any key besides these. A `null` says nothing and does not count.
    pub(crate) fn has_more_than(&self, known: &[&str]) -> bool {
        self.entries.iter().any(|(name, value)| value != "null" && !known.iter().any(|key| is_key(name, key)))
    }

    /// Takes over entries of another object: those with the same key are replaced.
    pub(crate) fn absorb(&mut self, other: Self) {
        for (name, value) in other.entries {
            match self.entries.iter_mut().find(|(own, _)| *own == name) {
                Some((_, old)) => *old = value,
                None => self.entries.push((name, value)),
            }
        }
    }

    /// The object as text: keys and values as they came, nothing between them.
    pub(crate) fn to_text(&self) -> String {
        let size = self.entries.iter().map(|(name, value)| name.len() + value.len() + 2).sum::<usize>() + 2;
        let mut text = String::with_capacity(size);
        text.push('{');
        for (number, (name, value)) in self.entries.iter().enumerate() {
            if number > 0 {
                text.push(',');
            }
            text.push_str(name);
            text.push(':');
            text.push_str(value);
        }
        text.push('}');
        text
    }

    /// The object as JSON for an event.
    pub(crate) fn to_json(&self) -> Result<Json, serde_json::Error> {
        Json::parse(&self.to_text())
    }
}

/// Whether a raw key (with quotes, perhaps with escapes) means this plain name.
fn is_key(raw: &str, name: &str) -> bool {
    let inner = raw.get(1..raw.len().saturating_sub(1)).unwrap_or_default();
    inner == name || (inner.contains('\\') && serde_json::from_str::<String>(raw).is_ok_and(|key| key == name))
}

impl<'de> Deserialize<'de> for RawObject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = RawObject;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<RawObject, A::Error> {
                let mut entries = Vec::new();
                while let Some((name, value)) = map.next_entry::<&'de RawValue, &'de RawValue>()? {
                    entries.push((name.get().to_owned(), value.get().to_owned()));
                }
                Ok(RawObject { entries })
            }
        }
        deserializer.deserialize_map(Entries)
    }
}
