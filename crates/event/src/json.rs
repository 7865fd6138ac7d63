//! JSON kept exactly as it was received, so that it can be sent back byte for byte.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// A JSON value kept as its exact text, on one line.
///
/// Line breaks between tokens are removed on entry because a log has one event per line; nothing else changes.
#[derive(Clone)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(value_type = Object))]
pub struct Json(Box<RawValue>);

impl Json {
    /// Reads JSON text and keeps its bytes.
    pub fn parse(text: &str) -> Result<Self, serde_json::Error> {
        Ok(Self::one_line(RawValue::from_string(text.to_owned())?))
    }

    /// Encodes a value.
    pub fn of<T: Serialize>(value: &T) -> Result<Self, serde_json::Error> {
        Ok(Self::one_line(serde_json::value::to_raw_value(value)?))
    }

    /// The empty object `{}`.
    pub fn empty_object() -> Self {
        Self(RawValue::from_string("{}".to_owned()).unwrap_or_else(|_| RawValue::NULL.to_owned()))
    }

    /// The exact text.
    pub fn as_str(&self) -> &str {
        self.0.get()
    }

    /// Decodes into a type.
    pub fn decode<'a, T: Deserialize<'a>>(&'a self) -> Result<T, serde_json::Error> {
        serde_json::from_str(self.0.get())
    }

    fn one_line(raw: Box<RawValue>) -> Self {
        // A raw line break can only stand between tokens: inside strings JSON demands an escape.
        if !raw.get().contains(['\n', '\r']) {
            return Self(raw);
        }
        let text: String = raw.get().chars().filter(|c| !matches!(c, '\n' | '\r')).collect();
        Self(RawValue::from_string(text).unwrap_or(raw))
    }
}

impl std::fmt::Debug for Json {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.0.get())
    }
}

impl PartialEq for Json {
    fn eq(&self, other: &Self) -> bool {
        self.0.get() == other.0.get()
    }
}

impl Eq for Json {}

impl Serialize for Json {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::one_line(Box::<RawValue>::deserialize(deserializer)?))
    }
}
