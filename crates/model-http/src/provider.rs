//! The public door: a provider, the models behind it, and what it offers.

use std::sync::Arc;

use event::ModelRef;
use futures_util::future::BoxFuture;
use model::{Conversation, Model, ModelError, ModelInfo, Profile, Setup};

use crate::client::Link;
use crate::conversation::HttpConversation;
use crate::endpoint::Endpoint;

/// A provider: an endpoint with credentials, and the connections to it. Cheap to make; nothing is opened or read
/// before the first request. Cheap to clone; clones share their connections.
#[derive(Clone)]
pub struct Provider {
    link: Arc<Link>,
}

impl Provider {
    /// A provider with these settings.
    pub fn new(endpoint: Endpoint) -> Self {
        Self { link: Arc::new(Link::new(endpoint)) }
    }

    /// Its settings.
    pub fn endpoint(&self) -> &Endpoint {
        &self.link.endpoint
    }

    /// A model of this provider by the provider's own id. Does no input or output.
    pub fn model(&self, id: &str, context_tokens: Option<u64>) -> Arc<dyn Model> {
        let profile = Profile {
            name: ModelRef(format!("{}/{id}", self.link.endpoint.provider)),
            context_tokens,
            dialect: self.link.endpoint.dialect.name(),
        };
        Arc::new(HttpModel { link: Arc::clone(&self.link), profile: Arc::new(profile) })
    }

    /// Asks the provider which models it offers, in its own order.
    pub fn list_models(&self) -> BoxFuture<'static, Result<Vec<ModelInfo>, ModelError>> {
        let link = Arc::clone(&self.link);
        Box::pin(async move { crate::offers::list(&link).await })
    }
}

struct HttpModel {
    link: Arc<Link>,
    profile: Arc<Profile>,
}

impl Model for HttpModel {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    fn begin(&self, setup: Arc<Setup>) -> Box<dyn Conversation> {
        Box::new(HttpConversation::begin(Arc::clone(&self.link), Arc::clone(&self.profile), &setup))
    }
}
