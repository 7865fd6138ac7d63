//! Scripted models by name.

use std::sync::Arc;

use event::ModelRef;
use futures_util::future::BoxFuture;
use model::{ErrorKind, Model, ModelError, Models, Offer};
use model_script::{Script, ScriptModel};

/// Scripts on a shelf: `script/NAME` plays the text of that name, always from its beginning. The first one is the
/// default model.
#[derive(Debug, Clone)]
pub struct Shelf {
    scripts: &'static [(&'static str, &'static str)],
    offers: Vec<Offer>,
}

impl Shelf {
    /// Names and their Scripts.
    pub fn new(scripts: &'static [(&'static str, &'static str)]) -> Self {
        Self { scripts, offers: Vec::new() }
    }

    /// What the list of models shall show.
    #[must_use]
    pub fn offering(mut self, offers: Vec<Offer>) -> Self {
        self.offers = offers;
        self
    }
}

impl Models for Shelf {
    fn find(&self, name: &ModelRef) -> Result<Arc<dyn Model>, ModelError> {
        let wrong = |what: String| ModelError::new(ErrorKind::NotFound, what, "choose another");
        let (_, text) = self
            .scripts
            .iter()
            .find(|(known, _)| *known == name.model())
            .ok_or_else(|| wrong(format!("there is no model `{name}`")))?;
        let script = Script::parse(text).map_err(|error| wrong(format!("the Script of `{name}` is wrong: {error}")))?;
        Ok(Arc::new(ScriptModel::new(name.clone(), script)))
    }

    fn default_model(&self) -> BoxFuture<'_, Result<ModelRef, ModelError>> {
        let first = self.scripts.first().map(|(name, _)| ModelRef(format!("script/{name}")));
        let none = || ModelError::new(ErrorKind::NotFound, "the shelf is empty", "put a Script on it");
        Box::pin(std::future::ready(first.ok_or_else(none)))
    }

    fn offers(&self) -> BoxFuture<'_, Vec<Offer>> {
        Box::pin(std::future::ready(self.offers.clone()))
    }
}
