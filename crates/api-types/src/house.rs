//! What concerns the installation and not one task: settings, models, readiness, standing permissions.

use event::{Effect, GrantId, Limits, Mode, ModelRef};
use model::Offer;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{NetworkChange, NetworkSettings};

/// What this installation is set up with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Settings {
    /// Deskhand's version.
    pub version: String,
    /// Where tasks are kept on this computer.
    pub home: String,
    /// The file these settings are kept in.
    pub file: String,
    /// The mode of a new task where none is chosen.
    pub default_mode: Mode,
    /// The model of a new task where none is chosen; none where no provider is set up.
    pub default_model: Option<ModelRef>,
    /// The instructions of a new task where none are given; empty where there are none.
    pub instructions: String,
    /// Where new tasks stop by themselves.
    pub limits: Limits,
    /// The providers that are known, set up or not.
    pub providers: Vec<ProviderState>,
    /// Where keys entered here are kept.
    pub key_place: KeyPlace,
    /// What models cost, as far as the settings say.
    pub prices: Vec<ModelPrice>,
    /// What tasks may reach on the network.
    pub network: NetworkSettings,
    /// What the old contents that Undo needs may cost, in MiB; 0 means no limit.
    pub journal_quota_mib: u64,
}

/// What to change; what is not named stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct SettingsChange {
    /// The mode of a new task.
    #[serde(default)]
    pub default_mode: Option<Mode>,
    /// The model of a new task; an empty name means none.
    #[serde(default)]
    pub default_model: Option<ModelRef>,
    /// The instructions of a new task.
    #[serde(default)]
    pub instructions: Option<String>,
    /// Where new tasks stop by themselves.
    #[serde(default)]
    pub limits: Option<Limits>,
    /// What tasks may reach on the network.
    #[serde(default)]
    pub network: Option<NetworkChange>,
    /// What the old contents that Undo needs may cost, in MiB; 0 means no limit.
    #[serde(default)]
    pub journal_quota_mib: Option<u64>,
}

/// What a model costs, in units of the currency for a million tokens.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ModelPrice {
    /// The model.
    pub model: ModelRef,
    /// Three letters, such as `USD`.
    pub currency: String,
    /// Tokens read.
    pub input: f64,
    /// Tokens written.
    pub output: f64,
    /// Tokens read from the provider's cache.
    pub cache_read: f64,
    /// Tokens written to the provider's cache.
    pub cache_write: f64,
}

/// Where a key is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeyPlace {
    /// Nowhere: there is none.
    None,
    /// In an environment variable.
    Environment,
    /// In the system's keychain.
    Keychain,
    /// In an encrypted file of Deskhand.
    EncryptedFile,
}

/// Where a provider's settings come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProviderOrigin {
    /// Deskhand knows it and looks for it: a cloud service, or a local server on its usual port.
    Known,
    /// The settings file.
    Settings,
}

/// What a provider speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProviderDialect {
    /// Anthropic Messages.
    Anthropic,
    /// OpenAI Chat Completions.
    Openai,
}

/// A provider, set up or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProviderState {
    /// Its name, the first part of its models' names.
    pub name: String,
    /// What it speaks.
    pub dialect: ProviderDialect,
    /// Where it is.
    pub base_url: String,
    /// Where its settings come from.
    pub origin: ProviderOrigin,
    /// Whether it is on this computer.
    pub local: bool,
    /// Where its key is kept.
    pub key: KeyPlace,
    /// Why it cannot be used, as far as is known without asking it.
    pub unavailable: Option<String>,
}

/// A provider to add, change or try.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProviderRequest {
    /// What it speaks.
    pub dialect: ProviderDialect,
    /// Where it is, such as `https://api.example.com/v1`.
    pub base_url: String,
    /// Its key; none keeps the one that is stored as long as scheme, host and port stay the same, an empty text removes
    /// it.
    #[serde(default)]
    pub key: Option<String>,
}

impl std::fmt::Debug for ProviderRequest {
    /// Never shows the key.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("ProviderRequest")
            .field("dialect", &self.dialect)
            .field("base_url", &self.base_url)
            .field("key", &self.key.as_ref().map(|_| "…"))
            .finish()
    }
}

/// What came of asking a provider for its models.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProviderTest {
    /// Whether it answered as it should.
    pub ok: bool,
    /// What was found.
    pub detail: String,
    /// The one next step where it did not.
    pub hint: Option<String>,
    /// The models it offers.
    pub models: Vec<ModelOffer>,
}

/// How to show a file of a task on this computer's desktop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reveal {
    /// Show the folder it is in, with the file chosen where the desktop can.
    Folder,
    /// Open it with the program the user chose for its kind.
    Open,
}

/// A file to show on this computer's desktop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RevealRequest {
    /// Its path as the model knows it.
    pub path: String,
    /// How.
    pub how: Reveal,
}

/// A provider and the models it offers now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProviderModels {
    /// The provider's name.
    pub provider: String,
    /// Its models; empty where it could not be asked.
    pub models: Vec<ModelOffer>,
    /// Why it cannot be used now.
    pub unavailable: Option<String>,
}

/// A model on offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ModelOffer {
    /// The name to run it with.
    pub name: ModelRef,
    /// The provider's name for people.
    pub title: String,
    /// How hard it can be told to try, weakest first; empty where it cannot, or nobody knows.
    pub efforts: Vec<String>,
}

impl From<Offer> for ProviderModels {
    fn from(offer: Offer) -> Self {
        let models = offer.models.into_iter().map(|model| ModelOffer {
            name: model.name,
            title: model.title,
            efforts: model.efforts,
        });
        Self { provider: offer.provider, models: models.collect(), unavailable: offer.unavailable }
    }
}

/// One check of readiness.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Check {
    /// What was checked.
    pub name: String,
    /// Whether it is as it should be.
    pub ok: bool,
    /// What was found.
    pub detail: String,
    /// The one next step where it is not.
    pub hint: Option<String>,
}

/// A permission given for a folder, which counts for later tasks in it too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StandingGrant {
    /// Its id, such as `s3`.
    pub id: GrantId,
    /// The folder's absolute path.
    pub folder: String,
    /// What it allows, with `/work` standing for that folder.
    pub allows: Effect,
}
