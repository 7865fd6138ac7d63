//! The table of permissions.

use event::{Access, Effect, Folder, Grant, Mode, Scope};

use crate::{Place, place};

/// What an organisation allows at most. A task or person can only narrow it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Organisation {
    /// The loosest mode people may choose; none means no limit.
    pub loosest_mode: Option<Mode>,
    /// Whether commands may run at all.
    pub commands: Permission,
}

/// A switch of the organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Permission {
    /// People decide.
    #[default]
    Open,
    /// Nobody may.
    Closed,
}

/// Everything a decision depends on besides the effects.
#[derive(Debug, Clone, Copy)]
pub struct Rules<'a> {
    /// The task's mode.
    pub mode: Mode,
    /// The folders it was granted.
    pub folders: &'a [Folder],
    /// The stored permissions that apply to it.
    pub grants: &'a [Grant],
    /// The organisation's rules.
    pub organisation: &'a Organisation,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Go ahead.
    Allow,
    /// Ask the user first.
    Ask {
        /// Why, in one plain sentence.
        reason: String,
        /// How far an Allow may reach.
        offers: Vec<Scope>,
    },
    /// No, whoever asks.
    Deny {
        /// Why, in one plain sentence.
        reason: String,
        /// What the model can do instead.
        hint: String,
    },
}

/// Decides over all effects of one call: any Deny denies, else any Ask asks, else it is allowed.
///
/// The reason and the offered scopes are those of the gravest effect: deletion, then leaving the machine, then
/// commands, then writes.
pub fn decide(effects: &[Effect], rules: &Rules<'_>) -> Verdict {
    let mut gravest: Option<(u8, Verdict)> = None;
    for effect in effects {
        match judge(effect, rules) {
            Verdict::Allow => {}
            denied @ Verdict::Deny { .. } => return denied,
            ask @ Verdict::Ask { .. } => {
                let weight = gravity(effect);
                if gravest.as_ref().is_none_or(|(heaviest, _)| weight > *heaviest) {
                    gravest = Some((weight, ask));
                }
            }
        }
    }
    gravest.map_or(Verdict::Allow, |(_, ask)| ask)
}

fn gravity(effect: &Effect) -> u8 {
    match effect {
        Effect::DeletePath(_) => 4,
        Effect::Connect(_) | Effect::Send { .. } | Effect::Browse(_) | Effect::Control(_) => 3,
        Effect::Run(_) | Effect::Schedule(_) | Effect::Remember(_) => 2,
        Effect::WritePath(_) => 1,
        Effect::ReadPath(_) => 0,
    }
}

fn judge(effect: &Effect, rules: &Rules<'_>) -> Verdict {
    if let Some(denied) = bounds(effect, rules) {
        return denied;
    }
    let mode = effective_mode(rules);
    if !needs_asking(effect, mode, rules) || granted(effect, rules.grants) {
        return Verdict::Allow;
    }
    Verdict::Ask { reason: in_words(effect), offers: offers(effect) }
}

/// What no mode and no grant can allow.
fn bounds(effect: &Effect, rules: &Rules<'_>) -> Option<Verdict> {
    match effect {
        Effect::ReadPath(path) => match place(path, rules.folders) {
            Place::Outside => Some(outside(path)),
            Place::Folder(..) | Place::Outputs(_) | Place::Uploads(_) | Place::Scratch(_) => None,
        },
        Effect::WritePath(path) | Effect::DeletePath(path) => match place(path, rules.folders) {
            Place::Outside => Some(outside(path)),
            Place::Uploads(_) => Some(Verdict::Deny {
                reason: format!("`{path}` is an upload and cannot be changed"),
                hint: "copy it to /outputs first".to_owned(),
            }),
            Place::Folder(folder, _) if folder.access == Access::ReadOnly => Some(Verdict::Deny {
                reason: format!("folder `{}` was granted read-only", folder.name),
                hint: "write to /outputs instead".to_owned(),
            }),
            Place::Folder(..) | Place::Outputs(_) | Place::Scratch(_) => None,
        },
        Effect::Run(_) if rules.organisation.commands == Permission::Closed => Some(Verdict::Deny {
            reason: "the organisation does not allow commands".to_owned(),
            hint: "use the file tools".to_owned(),
        }),
        Effect::Run(_)
        | Effect::Connect(_)
        | Effect::Send { .. }
        | Effect::Browse(_)
        | Effect::Control(_)
        | Effect::Schedule(_)
        | Effect::Remember(_) => None,
    }
}

fn outside(path: &str) -> Verdict {
    Verdict::Deny {
        reason: format!("`{path}` is outside the granted folders"),
        hint: "ask for the folder with RequestFolder".to_owned(),
    }
}

fn effective_mode(rules: &Rules<'_>) -> Mode {
    fn looseness(mode: Mode) -> u8 {
        match mode {
            Mode::Ask => 0,
            Mode::Auto => 1,
            Mode::Skip => 2,
        }
    }
    match rules.organisation.loosest_mode {
        Some(limit) if looseness(limit) < looseness(rules.mode) => limit,
        Some(_) | None => rules.mode,
    }
}

fn needs_asking(effect: &Effect, mode: Mode, rules: &Rules<'_>) -> bool {
    match effect {
        Effect::ReadPath(_) => false,
        // Deletion asks in every mode, whatever was granted.
        Effect::DeletePath(_) => true,
        Effect::WritePath(path) => mode == Mode::Ask && matches!(place(path, rules.folders), Place::Folder(..)),
        Effect::Run(_) | Effect::Remember(_) => mode == Mode::Ask,
        Effect::Connect(_) | Effect::Send { .. } | Effect::Browse(_) | Effect::Control(_) | Effect::Schedule(_) => {
            mode != Mode::Skip
        }
    }
}

fn granted(effect: &Effect, grants: &[Grant]) -> bool {
    grants.iter().any(|grant| covers(&grant.allows, effect))
}

/// Whether a grant's effect covers a declared one: same kind, and the subject equals, is beneath, or is any.
fn covers(allowed: &Effect, wanted: &Effect) -> bool {
    match (allowed, wanted) {
        (Effect::ReadPath(root), Effect::ReadPath(path)) | (Effect::WritePath(root), Effect::WritePath(path)) => {
            beneath(root, path)
        }
        (Effect::Run(any), Effect::Run(command)) => any.is_empty() || any == command,
        (Effect::Connect(any), Effect::Connect(host)) => any.is_empty() || any == host,
        (Effect::Browse(any), Effect::Browse(site)) => any.is_empty() || any == site,
        (Effect::Control(any), Effect::Control(app)) => any.is_empty() || any == app,
        (Effect::Send { connector, tool }, Effect::Send { connector: to, tool: call }) => {
            connector == to && (tool.is_empty() || tool == call)
        }
        (Effect::Schedule(any), Effect::Schedule(name)) => any.is_empty() || any == name,
        (Effect::Remember(any), Effect::Remember(what)) => any.is_empty() || any == what,
        // Nothing stored ever covers a deletion, and kinds do not cover one another.
        (
            Effect::ReadPath(_)
            | Effect::WritePath(_)
            | Effect::DeletePath(_)
            | Effect::Run(_)
            | Effect::Connect(_)
            | Effect::Send { .. }
            | Effect::Browse(_)
            | Effect::Control(_)
            | Effect::Schedule(_)
            | Effect::Remember(_),
            _,
        ) => false,
    }
}

fn beneath(root: &str, path: &str) -> bool {
    if path.split('/').any(|part| part == "..") {
        return false;
    }
    root.is_empty()
        || path == root
        || path.strip_prefix(root).is_some_and(|rest| root.ends_with('/') || rest.starts_with('/'))
}

fn offers(effect: &Effect) -> Vec<Scope> {
    match effect {
        Effect::DeletePath(_) | Effect::Schedule(_) => vec![Scope::Once],
        Effect::WritePath(_) | Effect::Run(_) => vec![Scope::Once, Scope::Task, Scope::Folder, Scope::Always],
        // A host is the same host in every folder.
        Effect::Connect(_) => vec![Scope::Once, Scope::Task, Scope::Always],
        Effect::ReadPath(_) | Effect::Send { .. } | Effect::Browse(_) | Effect::Control(_) | Effect::Remember(_) => {
            vec![Scope::Once, Scope::Task]
        }
    }
}

/// What an effect does, in plain words that continue "Deskhand wants to".
pub fn in_words(effect: &Effect) -> String {
    match effect {
        Effect::ReadPath(path) => format!("read `{path}`"),
        Effect::WritePath(path) => format!("change `{path}` in your folder; Undo brings the old content back"),
        Effect::DeletePath(path) => format!("delete from `{path}`; deletion asks every time"),
        Effect::Run(_) => {
            "run a command in the sandbox; it reaches only this task's folders, and Deskhand asks before \
                           it deletes your files or connects to a new host"
                .to_owned()
        }
        Effect::Connect(host) => format!("connect to `{host}`"),
        Effect::Send { connector, tool } => format!("use `{tool}` of connector `{connector}`"),
        Effect::Browse(site) => format!("act on the web site `{site}`"),
        Effect::Control(app) => format!("control the application `{app}` on your desktop"),
        Effect::Schedule(name) => format!("make the schedule `{name}`, which runs without you watching"),
        Effect::Remember(what) => format!("remember `{what}` beyond this task"),
    }
}
