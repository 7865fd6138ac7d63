//! Asking a provider which models it has: `GET /v1/models`, the same shape in both dialects.

use event::ModelRef;
use model::{ModelError, ModelInfo};
use reqwest::Response;
use serde::Deserialize;
use std::time::SystemTime;

use crate::client::Link;

/// The longest list that is read.
const LONGEST_LIST: usize = 8 * 1024 * 1024;
/// The longest error body that is read.
pub(crate) const LONGEST_ERROR: usize = 64 * 1024;
/// Pages that are asked for at most.
const PAGES: usize = 10;
/// Every level of effort a list may name, weakest first.
const EFFORTS: [&str; 6] = ["minimal", "low", "medium", "high", "xhigh", "max"];
/// The levels that everyone has who knows `reasoning_effort`.
const COMMON_EFFORTS: [&str; 3] = ["low", "medium", "high"];

#[derive(Deserialize)]
struct Page {
    #[serde(default)]
    data: Option<Vec<Entry>>,
    #[serde(default)]
    has_more: Option<bool>,
    #[serde(default)]
    last_id: Option<String>,
}

#[derive(Deserialize)]
struct Entry {
    id: String,
    #[serde(default)]
    display_name: Option<String>,
    #[serde(default)]
    name: Option<String>,
    /// What the model can do, in Anthropic's words; read leniently.
    #[serde(default)]
    capabilities: serde_json::Value,
    /// What a request for the model may hold, in the words of OpenRouter; read leniently.
    #[serde(default)]
    supported_parameters: serde_json::Value,
}

impl Entry {
    /// How hard the model can be told to try, weakest first, as far as the list says. Most lists say nothing, and the
    /// name of a model is no place to guess it from.
    ///
    /// Source: `capabilities.effort` of Anthropic's Models API, a `supported` for each level and one for all of them;
    /// `supported_parameters` of OpenRouter's list of models.
    fn efforts(&self) -> Vec<String> {
        let says = |place: &str| self.capabilities.pointer(place).and_then(serde_json::Value::as_bool) == Some(true);
        let takes = |name: &str| {
            let parameters = self.supported_parameters.as_array();
            parameters.is_some_and(|known| known.iter().any(|known| known.as_str() == Some(name)))
        };
        let levels: Vec<&str> = if says("/effort/supported") {
            EFFORTS.into_iter().filter(|level| says(&format!("/effort/{level}/supported"))).collect()
        } else if takes("reasoning_effort") {
            COMMON_EFFORTS.to_vec()
        } else {
            Vec::new()
        };
        levels.into_iter().map(str::to_owned).collect()
    }
}

/// All models, page by page.
pub(crate) async fn list(link: &Link) -> Result<Vec<ModelInfo>, ModelError> {
    let mut found = Vec::new();
    let mut after: Option<String> = None;
    for _ in 0..PAGES {
        let page = page(link, after.as_deref()).await?;
        for entry in page.data.unwrap_or_default() {
            let efforts = entry.efforts();
            let title = entry.display_name.or(entry.name).unwrap_or_else(|| entry.id.clone());
            let name = ModelRef(format!("{}/{}", link.endpoint.provider, entry.id));
            found.push(ModelInfo { name, title, efforts });
        }
        match (page.has_more, page.last_id) {
            (Some(true), Some(last)) if after.as_ref() != Some(&last) => after = Some(last),
            _ => break,
        }
    }
    Ok(found)
}

async fn page(link: &Link, after: Option<&str>) -> Result<Page, ModelError> {
    let mut response = link.models_page(after).await?;
    let blame = link.blame("");
    let status = response.status();
    let limit = if status.is_success() { LONGEST_LIST } else { LONGEST_ERROR };
    let body = read_up_to(&mut response, limit).await.map_err(|error| blame.connection(&error))?;
    if !status.is_success() {
        return Err(blame.status(status.as_u16(), response.headers(), &body, SystemTime::now()));
    }
    serde_json::from_slice(&body).map_err(|_| blame.no_list())
}

/// The body's first bytes, never more than `limit`.
pub(crate) async fn read_up_to(response: &mut Response, limit: usize) -> Result<Vec<u8>, reqwest::Error> {
    let mut body = Vec::new();
    while body.len() < limit {
        let Some(part) = response.chunk().await? else { break };
        body.extend_from_slice(part.get(..part.len().min(limit - body.len())).unwrap_or_default());
    }
    Ok(body)
}
