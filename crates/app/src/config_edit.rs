//! Changing `config.toml` without touching what its author wrote around it: comments, order and unknown blanks stay.
//! Pure: from text to text.

use egress::{Allow, Pattern};
use event::{Limits, Mode, ModelRef};
use toml_edit::{Array, DocumentMut, Item, Table, TableLike, Value};

use crate::config::DialectName;

/// One change of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Edit {
    /// The mode of new tasks.
    Mode(Mode),
    /// The model of new tasks; none to choose by what is on offer.
    Model(Option<ModelRef>),
    /// The instructions of new tasks.
    Instructions(String),
    /// Where new tasks stop.
    Limits(Limits),
    /// What a provider speaks and where it is; the rest of its table stays.
    Provider {
        /// Its name.
        name: String,
        /// What it speaks.
        dialect: DialectName,
        /// Where it is.
        base_url: String,
    },
    /// No environment variables with secrets for a provider any more.
    ForgetSecrets(String),
    /// No settings for a provider any more.
    ForgetProvider(String),
    /// How much of the network is open without asking.
    Allow(Allow),
    /// A host more on a list; one that is there already stays as it is written.
    AddHost(HostList, Pattern),
    /// A host less on a list.
    RemoveHost(HostList, Pattern),
    /// What the old contents that Undo needs may cost, in MiB.
    JournalQuota(u64),
}

/// A list of hosts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HostList {
    /// Those that may be reached.
    Hosts,
    /// Those that may not.
    Denied,
}

/// Makes the changes.
///
/// # Errors
/// The text of what stands in the way, such as a file that is not TOML.
pub(crate) fn edited(text: &str, edits: &[Edit]) -> Result<String, String> {
    let mut document: DocumentMut = text.parse().map_err(|error: toml_edit::TomlError| error.to_string())?;
    for edit in edits {
        make(document.as_table_mut(), edit)?;
    }
    Ok(document.to_string())
}

fn make(root: &mut Table, edit: &Edit) -> Result<(), String> {
    match edit {
        Edit::Mode(mode) => put(root, "default_mode", mode_name(*mode)),
        Edit::Model(Some(model)) => put(root, "default_model", model.0.as_str()),
        Edit::Model(None) => {
            root.remove("default_model");
        }
        Edit::Instructions(text) => put(root, "instructions", text.as_str()),
        Edit::Limits(limits) => {
            let table = table(root, "limits")?;
            // In the file, 0 is what means no limit.
            put(table, "steps", i64::from(limits.steps.unwrap_or(0)));
            put(table, "tokens", i64::try_from(limits.tokens.unwrap_or(0)).unwrap_or(i64::MAX));
            put(table, "minutes", i64::from(limits.minutes.unwrap_or(0)));
        }
        Edit::Provider { name, dialect, base_url } => {
            let provider = table(table(root, "providers")?, name)?;
            put(provider, "dialect", dialect_name(*dialect));
            put(provider, "base_url", base_url.as_str());
        }
        Edit::ForgetSecrets(name) => {
            let provider = table(table(root, "providers")?, name)?;
            provider.remove("key_env");
            provider.remove("headers_env");
        }
        Edit::ForgetProvider(name) => {
            let Some(providers) = root.get_mut("providers").and_then(Item::as_table_like_mut) else { return Ok(()) };
            providers.remove(name);
            if providers.is_empty() {
                root.remove("providers");
            }
        }
        Edit::Allow(allow) => put(table(root, "network")?, "allow", allow.to_string()),
        Edit::AddHost(list, pattern) => add_host(list_of(table(root, "network")?, *list)?, pattern),
        Edit::RemoveHost(list, pattern) => {
            if root.contains_key("network") {
                list_of(table(root, "network")?, *list)?.retain(|entry| !names(entry, pattern));
            }
        }
        Edit::JournalQuota(mib) => {
            put(table(root, "journal")?, "quota_mib", i64::try_from(*mib).unwrap_or(i64::MAX));
        }
    }
    Ok(())
}

/// Sets a value; blanks and comments around an old one stay.
fn put(table: &mut (impl TableLike + ?Sized), key: &str, value: impl Into<Value>) {
    let mut value = value.into();
    if let Some(old) = table.get(key).and_then(Item::as_value) {
        *value.decor_mut() = old.decor().clone();
    }
    match table.get_mut(key) {
        Some(item) => *item = Item::Value(value),
        None => {
            table.insert(key, Item::Value(value));
        }
    }
}

/// A table by name, made where it is not there.
fn table<'t>(parent: &'t mut (impl TableLike + ?Sized), name: &str) -> Result<&'t mut dyn TableLike, String> {
    if !parent.contains_key(name) {
        let mut fresh = Table::new();
        // One that holds only tables needs no line of its own.
        fresh.set_implicit(name == "providers");
        parent.insert(name, Item::Table(fresh));
    }
    let found = parent.get_mut(name).and_then(Item::as_table_like_mut);
    found.ok_or_else(|| format!("`{name}` is not a table"))
}

/// A list of hosts in `[network]`, made where it is not there.
fn list_of(network: &mut dyn TableLike, list: HostList) -> Result<&mut Array, String> {
    let key = match list {
        HostList::Hosts => "hosts",
        HostList::Denied => "denied",
    };
    if !network.contains_key(key) {
        network.insert(key, Item::Value(Value::Array(Array::new())));
    }
    let found = network.get_mut(key).and_then(Item::as_array_mut);
    found.ok_or_else(|| format!("`network.{key}` is not a list"))
}

fn add_host(list: &mut Array, pattern: &Pattern) {
    if list.iter().any(|entry| names(entry, pattern)) {
        return;
    }
    let mut entry = Value::from(pattern.to_string());
    // A list with a line for each stays one.
    let before = list.iter().last().and_then(|last| last.decor().prefix()?.as_str());
    match before.and_then(|before| before.rsplit_once('\n')) {
        Some((_, margin)) => {
            entry.decor_mut().set_prefix(format!("\n{margin}"));
            list.push_formatted(entry);
        }
        None => list.push(entry),
    }
}

/// Whether an entry is this pattern, however it is written.
fn names(entry: &Value, pattern: &Pattern) -> bool {
    entry.as_str().and_then(|text| Pattern::parse(text).ok()).is_some_and(|listed| listed == *pattern)
}

fn mode_name(mode: Mode) -> &'static str {
    match mode {
        Mode::Ask => "ask",
        Mode::Auto => "auto",
        Mode::Skip => "skip",
    }
}

fn dialect_name(dialect: DialectName) -> &'static str {
    match dialect {
        DialectName::Anthropic => "anthropic",
        DialectName::Openai => "openai",
    }
}
