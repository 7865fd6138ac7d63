//! Lists of models.

use event::ModelRef;
use model::{ErrorKind, ModelInfo};
use model_http::{Endpoint, Provider, Quirks};
use testkit::{Answer, FakeServer};

use crate::stage::{anthropic, openai};

fn server() -> FakeServer {
    FakeServer::start(Vec::<Answer>::new()).unwrap()
}

fn page(text: &str) -> Answer {
    Answer::document("application/json", text.to_owned())
}

fn info(name: &str, title: &str) -> ModelInfo {
    ModelInfo { name: ModelRef(name.to_owned()), title: title.to_owned(), efforts: Vec::new() }
}

async fn list(endpoint: Endpoint) -> Vec<ModelInfo> {
    Provider::new(endpoint).list_models().await.unwrap()
}

#[tokio::test]
async fn both_dialects_list_what_the_server_offers() {
    let server = server();
    assert_eq!(list(anthropic(&server)).await, [info("claude/fake-model", "Fake Model")]);
    assert_eq!(list(openai(&server, Quirks::PLAIN)).await, [info("local/fake-model", "Fake Model")]);
    let paths: Vec<String> = server.records().into_iter().map(|record| record.path).collect();
    assert_eq!(paths, ["/v1/models?limit=1000", "/v1/models"]);
}

#[tokio::test]
async fn pages_are_followed_to_the_last_one() {
    let server = server();
    server.list_models_as([
        page(r#"{"data":[{"id":"a","display_name":"A"},{"id":"b"}],"has_more":true,"last_id":"b"}"#),
        page(r#"{"data":[{"id":"c","name":"Sea"}],"has_more":false,"last_id":"c"}"#),
    ]);
    let expected = [info("claude/a", "A"), info("claude/b", "b"), info("claude/c", "Sea")];
    assert_eq!(list(anthropic(&server)).await, expected);
    assert_eq!(server.records()[1].path, "/v1/models?limit=1000&after_id=b");
}

#[tokio::test]
async fn a_list_that_never_ends_is_left_after_some_pages() {
    let server = server();
    server
        .list_models_as((0..50).map(|number| {
            page(&format!(r#"{{"data":[{{"id":"m{number}"}}],"has_more":true,"last_id":"m{number}"}}"#))
        }));
    assert_eq!(list(anthropic(&server)).await.len(), 10);
    let server = self::server();
    server.list_models_as((0..50).map(|_| page(r#"{"data":[{"id":"m"}],"has_more":true,"last_id":"m"}"#)));
    assert_eq!(list(anthropic(&server)).await.len(), 2);
}

#[tokio::test]
async fn an_empty_list_and_a_wrong_answer_are_told_apart() {
    let server = server();
    server.list_models_as([
        page(r#"{"object":"list","data":null}"#),
        page("<html>"),
        Answer::status(401, r#"{"error":{"message":"no"}}"#),
        Answer::status(404, r#"{"error":"nothing here"}"#),
    ]);
    assert_eq!(list(openai(&server, Quirks::OLLAMA)).await, []);
    let provider = Provider::new(openai(&server, Quirks::OLLAMA));
    let mut errors = Vec::new();
    for _ in 0..3 {
        let error = provider.list_models().await.unwrap_err();
        errors.push((error.kind, error.message));
    }
    let place = server.url();
    let expected = [
        (ErrorKind::NotFound, format!("`local` at `{place}` gave no list of models")),
        (ErrorKind::Unauthorized, "`local` answered 401: no".to_owned()),
        (ErrorKind::NotFound, format!("`local` answered 404 at `{place}`: nothing here")),
    ];
    assert_eq!(errors, expected);
}

#[tokio::test]
async fn efforts_are_those_the_list_names() {
    let server = server();
    server.list_models_as([page(
        r#"{"data":[
            {"id":"all","capabilities":{"effort":{"supported":true,"max":{"supported":true},"low":{"supported":true},
             "medium":{"supported":true},"high":{"supported":true},"xhigh":{"supported":false},"odd":{"supported":true}}}},
            {"id":"none","capabilities":{"effort":{"supported":false,"low":{"supported":true}}}},
            {"id":"silent"},
            {"id":"null","capabilities":null,"supported_parameters":null},
            {"id":"strange","capabilities":["effort"],"supported_parameters":"reasoning_effort"},
            {"id":"router","supported_parameters":["tools","reasoning_effort"]},
            {"id":"plain","supported_parameters":["tools"]}
        ]}"#,
    )]);
    let found = list(anthropic(&server)).await;
    let efforts: Vec<(&str, String)> =
        found.iter().map(|model| (model.name.model(), model.efforts.join(" "))).collect();
    let expected = [
        ("all", "low medium high max"),
        ("none", ""),
        ("silent", ""),
        ("null", ""),
        ("strange", ""),
        ("router", "low medium high"),
        ("plain", ""),
    ];
    assert_eq!(efforts, expected.map(|(name, efforts)| (name, efforts.to_owned())));
}
