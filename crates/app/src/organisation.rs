//! The organisation's rules: `/etc/deskhand/policy.toml`. They can only narrow what people choose.

use std::path::Path;

use event::Mode;
use policy::{Organisation, Permission};
use serde::Deserialize;

use crate::ConfigError;
use crate::image::ImageKey;

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct PolicyFile {
    loosest_mode: Option<Mode>,
    commands: Commands,
    network: Option<egress::Policy>,
    machine: Machine,
}

/// `[machine]`: whose images may be used. Where keys are named, they are the only ones.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Machine {
    image_keys: Option<Vec<ImageKey>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "snake_case")]
enum Commands {
    #[default]
    Open,
    Closed,
}

/// What the organisation says, to those it concerns.
#[derive(Default)]
pub(crate) struct Said {
    /// What policy decides by.
    pub(crate) rules: Organisation,
    /// What the gate decides by.
    pub(crate) network: Option<egress::Policy>,
    /// The only keys whose images may be used.
    pub(crate) image_keys: Option<Vec<ImageKey>>,
}

/// Reads the rules; no file means no limits. A file that is not understood is an error: rules nobody can read must
/// not be taken for none.
pub(crate) fn read(path: &Path) -> Result<Said, ConfigError> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Said::default()),
        Err(source) => return Err(ConfigError::Read { path: path.to_owned(), source }),
    };
    let file: PolicyFile = toml::from_str(&text)
        .map_err(|error| ConfigError::Malformed { path: path.to_owned(), what: error.to_string().trim().to_owned() })?;
    let commands = match file.commands {
        Commands::Open => Permission::Open,
        Commands::Closed => Permission::Closed,
    };
    let rules = Organisation { loosest_mode: file.loosest_mode, commands };
    Ok(Said { rules, network: file.network, image_keys: file.machine.image_keys })
}
