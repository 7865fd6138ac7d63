//! The OpenAPI document: what the routes say of themselves, with title, schemas of the stream and security.

use std::sync::LazyLock;

use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Components, OpenApi as Document};
use utoipa::{Modify, OpenApi};

use crate::guard::COOKIE;
use crate::router;

static TEXT: LazyLock<String> = LazyLock::new(|| {
    // A document that cannot be written would show at once in the test that compares it with the committed one.
    let mut text = router::document().to_pretty_json().unwrap_or_default();
    text.push('\n');
    text
});

/// The whole document as `/api/openapi.json` gives it and as it is committed: OpenAPI 3.1, indented, always the same.
pub fn openapi_json() -> &'static str {
    &TEXT
}

/// The document before the routes add themselves.
pub(crate) fn opening() -> Document {
    Opening::openapi()
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Deskhand",
        description = "Every route wants the token of this launch as a bearer, or the session cookie that `/?token=…` \
                       gives once; on the loopback port also the exact host and no foreign origin. Every error is an \
                       `ErrorBody`. `Event` and `Delta` travel on the stream of a task: frames `event` carry a stored \
                       event as it stands in the log, with its sequence as `id`; frames `delta` carry something \
                       unfinished, without an id; one frame `live` carries a `Live` once everything that was stored when \
                       the stream opened has been sent; a frame `error` carries an `ErrorBody` and is the last one. \
                       `Headline` travels on the stream of changes, in frames without a name. Other frames may be \
                       added: pass over what you do not know.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    components(schemas(
        event::Event,
        event::Delta,
        api_types::ErrorBody,
        api_types::Headline,
        api_types::Live
    )),
    modifiers(&Security)
)]
struct Opening;

struct Security;

impl Modify for Security {
    fn modify(&self, document: &mut Document) {
        let bearer = SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build());
        let cookie = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new(format!("{COOKIE}PORT"))));
        let components = document.components.get_or_insert_with(Components::new);
        components.add_security_scheme("bearer", bearer);
        components.add_security_scheme("session", cookie);
        let either = ["bearer", "session"];
        document.security =
            Some(either.map(|name| utoipa::openapi::SecurityRequirement::new(name, Vec::<String>::new())).into());
    }
}
