//! Quoting earlier results: `{{id}}` is the whole result, `{{id:key}}` the rest of its line that begins with `key`
//! followed by `=` or `:`.

use std::collections::HashMap;

use serde_json::Value;

/// Results by the id the Script gave their calls.
pub(crate) type Results = HashMap<String, String>;

/// Fills in quotes in a text. A quote of something unknown is an error, because a report with a hole is worse.
pub(crate) fn fill(text: &str, results: &Results) -> Result<String, String> {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        filled.push_str(before);
        let Some((name, tail)) = after.split_once("}}") else {
            return Err("a `{{` has no `}}`".to_owned());
        };
        filled.push_str(&look_up(name.trim(), results)?);
        rest = tail;
    }
    filled.push_str(rest);
    Ok(filled)
}

/// Fills in quotes in every text of a value.
pub(crate) fn fill_value(value: &Value, results: &Results) -> Result<Value, String> {
    Ok(match value {
        Value::String(text) => Value::String(fill(text, results)?),
        Value::Array(items) => {
            Value::Array(items.iter().map(|item| fill_value(item, results)).collect::<Result<_, _>>()?)
        }
        Value::Object(fields) => Value::Object(
            fields
                .iter()
                .map(|(key, field)| Ok((key.clone(), fill_value(field, results)?)))
                .collect::<Result<_, String>>()?,
        ),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    })
}

fn look_up(name: &str, results: &Results) -> Result<String, String> {
    let (id, key) = name.split_once(':').map_or((name, None), |(id, key)| (id.trim(), Some(key.trim())));
    let result = results.get(id).ok_or_else(|| format!("there is no result `{id}` to quote"))?;
    let Some(key) = key else { return Ok(result.trim().to_owned()) };
    result
        .lines()
        .find_map(|line| {
            let rest = line.trim().strip_prefix(key)?.trim_start();
            rest.strip_prefix('=').or_else(|| rest.strip_prefix(':')).map(|value| value.trim().to_owned())
        })
        .ok_or_else(|| format!("result `{id}` has no line `{key}=…`"))
}
