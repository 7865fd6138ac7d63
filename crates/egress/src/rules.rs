//! Which hosts may be reached. Pure: rules and a wish in, a verdict out.
//!
//! Lives here: the settings of a person, the bounds of an organisation, and how both decide. Does not live here:
//! asking the user, which the gate does where a verdict says so; addresses, which are checked after resolving.

use std::fmt;

use serde::Deserialize;

use crate::host::{Pattern, Target};
use crate::registries;

/// Ports of a rule that names none, and of hosts that no rule names.
const USUAL_PORTS: [u16; 2] = [80, 443];

/// How much may be reached without asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Allow {
    /// Nothing, and nobody is asked.
    None,
    /// Package registries and the list; anything else asks. A registry takes uploads from whoever has a key for it, so
    /// this lets out what a program was told to upload there.
    Registries,
    /// The list; anything else asks.
    #[default]
    List,
    /// Every host on the usual ports, but for those that are denied.
    All,
}

/// A host of the list, with what may be done there.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Which hosts.
    pub host: Pattern,
    /// Which ports; none means 80 and 443.
    #[serde(default)]
    pub ports: Vec<u16>,
    /// Which methods, in upper case; none means all.
    #[serde(default)]
    pub methods: Vec<String>,
    /// Beginnings of paths, compared at a `/`; none means all.
    #[serde(default)]
    pub paths: Vec<String>,
    /// The one identity that may be used there; the gate adds it, the program never has it.
    #[serde(default)]
    pub identity: Option<Identity>,
}

impl Rule {
    /// A rule for a host with nothing further said.
    pub fn host(host: Pattern) -> Self {
        Self { host, ports: Vec::new(), methods: Vec::new(), paths: Vec::new(), identity: None }
    }

    /// Whether requests must be seen one by one: such a host cannot be reached through a tunnel.
    fn is_inspected(&self) -> bool {
        !self.methods.is_empty() || !self.paths.is_empty() || self.identity.is_some()
    }

    fn has_port(&self, port: u16) -> bool {
        match self.host {
            Pattern::Local(_) => true,
            Pattern::Exact(_) | Pattern::Beneath(_) if self.ports.is_empty() => USUAL_PORTS.contains(&port),
            Pattern::Exact(_) | Pattern::Beneath(_) => self.ports.contains(&port),
        }
    }

    fn has_request(&self, method: &str, path: &str) -> bool {
        let method_fits = self.methods.is_empty() || self.methods.iter().any(|listed| listed == method);
        let path_fits = self.paths.is_empty() || (is_plain(path) && self.paths.iter().any(|begin| begins(path, begin)));
        method_fits && path_fits
    }
}

/// Whether every server reads a path alike: no dots, encoded or not, no doubled or encoded slashes, no ends of lines and
/// none of the forms that stand for them in old decoders.
fn is_plain(path: &str) -> bool {
    let path = path.split('?').next().unwrap_or(path);
    let lower = path.to_ascii_lowercase();
    let odd = [
        "%2e", "%2f", "%5c", "%25", "%3b", "%3f", "%23", "%0", "%1", "%c0", "%c1", "%e0%8", "%e0%9", "%f0%8", "%u",
        "\\", "//", ";",
    ];
    let is_dots = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte == b'.');
    !odd.iter().any(|odd| lower.contains(odd)) && !path.split('/').any(is_dots)
}

fn begins(path: &str, begin: &str) -> bool {
    path.strip_prefix(begin)
        .is_some_and(|rest| rest.is_empty() || begin.ends_with('/') || rest.starts_with('/') || rest.starts_with('?'))
}

/// The header by which a host knows who asks.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// The header's name, such as `authorization`.
    pub header: String,
    /// What stands before the secret, such as `Bearer `.
    #[serde(default)]
    pub prefix: String,
    /// The name under which the secret is kept; see [`crate::Secrets`].
    pub secret: String,
}

/// What one party allows.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// How much.
    pub allow: Allow,
    /// Hosts that may be reached under [`Allow::Registries`] and [`Allow::List`], and what is special about them.
    pub list: Vec<Rule>,
    /// Hosts that may never be reached, whatever else is said.
    pub denied: Vec<Pattern>,
}

/// Everything a decision depends on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rules {
    /// The person's settings.
    pub person: Policy,
    /// What the organisation allows at most, where there is one. It narrows and never widens.
    pub organisation: Option<Policy>,
}

/// What a connection wants to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// Bytes both ways, unseen: CONNECT.
    Tunnel,
    /// One request.
    Request {
        /// Its method.
        method: String,
        /// Path and query.
        path: String,
    },
}

/// The answer of the rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Go ahead.
    Allow(Pass),
    /// The user may allow it.
    Ask,
    /// No, whoever asks.
    Refuse(String),
}

/// How an allowed connection is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pass {
    /// The rule that allows it, for the ledger.
    pub rule: String,
    /// The port to dial.
    pub port: u16,
    /// Whether the gate speaks TLS to the host although the program speaks plainly to the gate.
    pub upgrade: bool,
    /// The identity to add.
    pub identity: Option<Identity>,
    /// Whether the request is looked at before it goes out: it must then mean what it says.
    pub inspected: bool,
}

impl Pass {
    /// A connection made as the program wants it.
    pub(crate) fn plain(rule: String, port: u16) -> Self {
        Self { rule, port, upgrade: false, identity: None, inspected: false }
    }

    /// Whether a connection under the other pass is one that this pass would make.
    pub(crate) fn is_made_like(&self, other: &Self) -> bool {
        (self.port, self.upgrade, &self.identity) == (other.port, other.upgrade, &other.identity)
    }
}

/// Decides over one connection or request.
pub fn decide(rules: &Rules, target: &Target, wish: &Wish) -> Verdict {
    let mut bound = None;
    if let Some(organisation) = &rules.organisation {
        match judge(organisation, target, wish) {
            Verdict::Allow(pass) => bound = Some(pass),
            Verdict::Ask => return Verdict::Refuse(format!("your organisation does not allow `{}`", target.host())),
            Verdict::Refuse(why) => return Verdict::Refuse(format!("your organisation does not allow it: {why}")),
        }
    }
    match (judge(&rules.person, target, wish), bound) {
        // What the organisation says about how a host is reached holds, whatever the person's list says.
        (Verdict::Allow(pass), Some(bound)) if bound.inspected => {
            Verdict::Allow(Pass { rule: pass.rule, identity: bound.identity.or(pass.identity), ..bound })
        }
        // Asking ends in a connection without any inspection, which the organisation may want.
        (Verdict::Ask, Some(bound)) if bound.inspected => {
            Verdict::Refuse(format!("`{}` is not in your list of hosts", target.host()))
        }
        (verdict, _) => verdict,
    }
}

fn judge(policy: &Policy, target: &Target, wish: &Wish) -> Verdict {
    if policy.denied.iter().any(|pattern| pattern.matches(target)) {
        return Verdict::Refuse(format!("`{}` is on the list of denied hosts", target.host()));
    }
    if policy.allow == Allow::None {
        return Verdict::Refuse("the network is switched off in the settings".to_owned());
    }
    let closest = closest(policy, target);
    if closest.iter().any(|rule| rule.is_inspected()) {
        return inspect(&closest, target, wish);
    }
    let pass = |rule: String| Verdict::Allow(Pass::plain(rule, target.port()));
    if let Some(rule) = closest.iter().find(|rule| rule.has_port(target.port())) {
        return pass(rule.host.to_string());
    }
    if target.name().is_none() {
        return Verdict::Refuse("addresses cannot be reached, only names".to_owned());
    }
    if !USUAL_PORTS.contains(&target.port()) {
        return Verdict::Refuse(format!("port {} is not in the list for `{}`", target.port(), target.host()));
    }
    match policy.allow {
        Allow::All => pass("all hosts".to_owned()),
        Allow::Registries if registries::holds(target) => pass("package registries".to_owned()),
        Allow::Registries | Allow::List | Allow::None => Verdict::Ask,
    }
}

/// The rules that describe a host most closely. A wider rule never loosens what a closer one says.
fn closest<'p>(policy: &'p Policy, target: &Target) -> Vec<&'p Rule> {
    let matching: Vec<&Rule> = policy.list.iter().filter(|rule| rule.host.matches(target)).collect();
    let best = matching.iter().map(|rule| rule.host.closeness()).max();
    matching.into_iter().filter(|rule| Some(rule.host.closeness()) == best).collect()
}

/// Decides where requests must be seen: only the rules that say how count.
fn inspect(rules: &[&Rule], target: &Target, wish: &Wish) -> Verdict {
    let host = target.host();
    let Wish::Request { method, path } = wish else {
        return Verdict::Refuse(format!(
            "only certain requests to `{host}` are allowed, so it cannot be tunnelled; ask for http://{host}/… through \
             the proxy, which adds TLS"
        ));
    };
    let upgrade = target.name().is_some();
    let port = if upgrade && target.port() == 80 { 443 } else { target.port() };
    let fits = |rule: &&&Rule| rule.is_inspected() && rule.has_port(port) && rule.has_request(method, path);
    match rules.iter().find(fits) {
        Some(rule) => {
            let (rule, identity) = (rule.host.to_string(), rule.identity.clone());
            Verdict::Allow(Pass { rule, port, upgrade, identity, inspected: true })
        }
        None => Verdict::Refuse(format!("this request to `{host}` is not allowed: method, path or port is not listed")),
    }
}

impl fmt::Display for Allow {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::None => "none",
            Self::Registries => "registries",
            Self::List => "list",
            Self::All => "all",
        })
    }
}
