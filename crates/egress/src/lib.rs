//! The one gate to the network: a proxy for machines and a client for tools, under one list of hosts.
//!
//! Lives here: what a host name is, which hosts may be reached, resolving and dialling, the ledger. Does not live here:
//! asking the user (`sandbox::Asker`), tools (`tool-web`), carrying connections out of a machine (`sandbox-*`).
//!
//! What is never opened: TLS of a program. A host with rules about methods, paths or identity therefore cannot be
//! tunnelled; programs ask for `http://host/…` through the proxy and the gate speaks TLS to the host.

mod address;
mod body;
mod disguise;
mod fetch;
mod forward;
mod gate;
mod head;
mod hello;
mod host;
mod identity;
mod ledger;
mod network;
mod passage;
mod proxy;
mod registries;
mod relay;
mod road;
mod rules;
mod trust;
mod tunnel;

pub use address::forbidden;
pub use fetch::{Address, FetchError, Page, Visit};
pub use gate::{Gate, Secrets, Settings, SettingsError};
pub use host::{Host, HostError, Pattern, Target};
pub use ledger::Traffic;
pub use network::GateNetworks;
pub use registries::registries;
pub use relay::{Relay, RelayError};
pub use road::{Road, SystemRoad};
pub use rules::{Allow, Identity, Pass, Policy, Rule, Rules, Verdict, Wish, decide};
