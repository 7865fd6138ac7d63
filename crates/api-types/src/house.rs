//! What concerns the installation and not one task: settings, models, readiness, standing permissions.

use event::{Effect, GrantId, Mode, ModelRef};
use model::Offer;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What this installation is set up with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Settings {
    /// Deskhand's version.
    pub version: String,
    /// The mode of a new task where none is chosen.
    pub default_mode: Mode,
    /// The model of a new task where none is chosen; none where no provider is set up.
    pub default_model: Option<ModelRef>,
    /// The providers that are set up.
    pub providers: Vec<ProviderState>,
}

/// A provider that is set up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProviderState {
    /// Its name, the first part of its models' names.
    pub name: String,
    /// Why it cannot be used, as far as is known without asking it.
    pub unavailable: Option<String>,
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
}

impl From<Offer> for ProviderModels {
    fn from(offer: Offer) -> Self {
        let models = offer.models.into_iter().map(|model| ModelOffer { name: model.name, title: model.title });
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
