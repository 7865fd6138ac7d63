//! What the gate works by: `config.toml`, the organisation's rules and the environment, as its settings; and how a
//! person sees and changes their part of it.

use std::sync::Arc;

use api_types::{NetworkAllow, NetworkChange, NetworkSettings};
use egress::{Allow, Gate, Pattern, Policy, Relay, Rule, Rules, Secrets, Settings, SystemRoad};
use host::{ExposeSecret as _, KeyChain};
use tool::Refusal;

use crate::config::NetworkConfig;
use crate::config_edit::{Edit, HostList};
use crate::{App, Config};

/// The gate's settings. `get` reads an environment variable.
///
/// # Errors
/// What cannot be used, in words for the user.
pub(crate) fn settings(
    config: &NetworkConfig,
    organisation: Option<&Policy>,
    get: impl Fn(&str) -> Option<String>,
) -> Result<Settings, String> {
    let listed = config.hosts.iter().cloned().map(Rule::host).chain(config.rules.iter().cloned());
    let person = Policy { allow: config.allow, list: listed.collect(), denied: config.denied.clone() };
    let relay = match &config.proxy {
        Some(address) => Relay::parse("network.proxy", address).map(Some),
        None => Relay::from_environment(get),
    };
    let relay = relay.map_err(|error| error.to_string())?;
    let authorities = match &config.ca_file {
        Some(path) => std::fs::read(path).map_err(|error| format!("cannot read `{}`: {error}", path.display()))?,
        None => Vec::new(),
    };
    Ok(Settings { rules: Rules { person, organisation: organisation.cloned() }, relay, authorities })
}

/// Credentials out of the keychain, for hosts whose rule names one.
pub(crate) struct Kept(pub(crate) Arc<KeyChain>);

impl Secrets for Kept {
    fn secret(&self, name: &str) -> Option<String> {
        self.0.read(&format!("host/{name}")).ok().flatten().map(|secret| secret.expose_secret().to_owned())
    }
}

/// A change of the lists that has been understood.
#[derive(Debug, Default)]
pub(crate) struct Wished {
    allow: Option<Allow>,
    add: Vec<(HostList, Pattern)>,
    remove: Vec<(HostList, Pattern)>,
}

impl Wished {
    /// Reads every host of a change.
    ///
    /// # Errors
    /// The first that names none.
    pub(crate) fn read(change: &NetworkChange) -> Result<Self, Refusal> {
        let NetworkChange { allow, add_hosts, remove_hosts, add_denied, remove_denied } = change;
        let read = |hosts: &[String], denied: &[String]| {
            let hosts = hosts.iter().map(|text| (HostList::Hosts, text));
            let all = hosts.chain(denied.iter().map(|text| (HostList::Denied, text)));
            all.map(|(list, text)| pattern(text).map(|pattern| (list, pattern))).collect::<Result<Vec<_>, _>>()
        };
        let allow = allow.map(|allow| match allow {
            NetworkAllow::None => Allow::None,
            NetworkAllow::Registries => Allow::Registries,
            NetworkAllow::List => Allow::List,
            NetworkAllow::All => Allow::All,
        });
        Ok(Self { allow, add: read(add_hosts, add_denied)?, remove: read(remove_hosts, remove_denied)? })
    }

    /// What that changes in the file.
    pub(crate) fn edits(self, config: &NetworkConfig) -> Vec<Edit> {
        let is_listed = |(list, pattern): &(HostList, Pattern)| match list {
            HostList::Hosts => config.hosts.contains(pattern),
            HostList::Denied => config.denied.contains(pattern),
        };
        let allow = self.allow.filter(|allow| *allow != config.allow).map(Edit::Allow);
        let remove = self.remove.into_iter().filter(is_listed).map(|(list, pattern)| Edit::RemoveHost(list, pattern));
        let add = self.add.into_iter().map(|(list, pattern)| Edit::AddHost(list, pattern));
        allow.into_iter().chain(remove).chain(add).collect()
    }
}

fn pattern(text: &str) -> Result<Pattern, Refusal> {
    let text = text.trim();
    Pattern::parse(text).map_err(|error| Refusal {
        message: format!("`{text}` names no host: {error}"),
        hint: "write a name such as `files.example.org`, or `*.example.org` for every name beneath it".to_owned(),
    })
}

impl App {
    /// What the file says of the network, as the gate would have it.
    ///
    /// # Errors
    /// What cannot be used, in words for the user.
    pub(crate) fn gate_settings(&self, config: &Config) -> Result<Settings, String> {
        let settings = settings(&config.network, self.organisation.as_ref(), &*self.variable)?;
        // The gate looks at all of it when it is made; a change that it would refuse must not reach the file.
        let secrets = Arc::new(Kept(Arc::clone(&self.keys)));
        Gate::new(settings.clone(), Arc::new(SystemRoad), secrets).map_err(|error| error.to_string())?;
        Ok(settings)
    }

    /// The network as the settings show it.
    pub(crate) fn network_shown(&self) -> NetworkSettings {
        let config = self.config();
        let NetworkConfig { allow, hosts, rules, denied, .. } = &config.network;
        let named = |patterns: &[Pattern]| patterns.iter().map(ToString::to_string).collect();
        NetworkSettings {
            allow: allow_shown(*allow),
            hosts: named(hosts),
            denied: named(denied),
            rules: rules.iter().map(|rule| rule.host.to_string()).collect(),
            registries: named(&egress::registries()),
            proxy: self.network.settings().relay.as_ref().map(|relay| relay.host.clone()),
            organisation: self.organisation.as_ref().map(|policy| allow_shown(policy.allow)),
        }
    }
}

fn allow_shown(allow: Allow) -> NetworkAllow {
    match allow {
        Allow::None => NetworkAllow::None,
        Allow::Registries => NetworkAllow::Registries,
        Allow::List => NetworkAllow::List,
        Allow::All => NetworkAllow::All,
    }
}
