//! What tasks may reach on the network, as it is shown and changed.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How much tasks reach without asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NetworkAllow {
    /// Nothing, and nobody is asked.
    None,
    /// Package registries and the list; any other host asks.
    Registries,
    /// The list; any other host asks.
    #[default]
    List,
    /// Every host but the denied ones.
    All,
}

/// What tasks may reach.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct NetworkSettings {
    /// How much is open without asking.
    pub allow: NetworkAllow,
    /// The list: names such as `files.example.org`, `*.example.org` or `127.0.0.1:8080`.
    pub hosts: Vec<String>,
    /// Hosts that are never reached, whatever else is said.
    pub denied: Vec<String>,
    /// Further hosts, for which the settings file says more, such as methods or paths. Changed only there.
    pub rules: Vec<String>,
    /// Package registries that are open where `allow` says so.
    pub registries: Vec<String>,
    /// The company's proxy that everything goes through, by its host alone; none where there is none.
    pub proxy: Option<String>,
    /// What the organisation allows at most; none where it says nothing.
    pub organisation: Option<NetworkAllow>,
}

/// What to change; what is not named stays as it is. Hosts are added and taken out one by one, so that nobody's change
/// takes back another's.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct NetworkChange {
    /// How much is open without asking.
    #[serde(default)]
    pub allow: Option<NetworkAllow>,
    /// Hosts to put on the list.
    #[serde(default)]
    pub add_hosts: Vec<String>,
    /// Hosts to take from the list.
    #[serde(default)]
    pub remove_hosts: Vec<String>,
    /// Hosts to deny.
    #[serde(default)]
    pub add_denied: Vec<String>,
    /// Hosts to deny no longer.
    #[serde(default)]
    pub remove_denied: Vec<String>,
}
