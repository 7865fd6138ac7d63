//! Setting the installation up through the API: settings, providers, the example, showing files on the desktop.

use api_types::{JournalFreed, JournalUsage, ProviderRequest, ProviderTest, Reveal, Settings, TaskCreatedResponse};
use event::Mode;

use crate::house::{House, TOKEN, new_task, turn_ended};
use crate::raw::{Answer, Raw};

async fn ask(house: &House, method: &str, path: &str, body: &str) -> Answer {
    let (host, bearer) = (house.address.to_string(), format!("Bearer {TOKEN}"));
    let headers = [("host", host.as_str()), ("authorization", bearer.as_str()), ("content-type", "application/json")];
    Raw::new(house.address).ask(method, &format!("/api/v1{path}"), &headers, body.as_bytes()).await
}

fn read<A: serde::de::DeserializeOwned>(answer: &Answer) -> A {
    serde_json::from_slice(&answer.body).unwrap_or_else(|error| panic!("{error}: {:?}", answer.json()))
}

#[tokio::test]
async fn settings_change_where_they_are_named() {
    let house = House::open().await;
    let before = house.client.settings().await.unwrap();
    let answer = ask(&house, "PATCH", "/settings", r#"{"default_mode":"auto","instructions":"Be kind."}"#).await;
    let wanted = Settings { default_mode: Mode::Auto, instructions: "Be kind.".to_owned(), ..before };
    assert_eq!((answer.status, read::<Settings>(&answer)), (200, wanted.clone()));
    assert_eq!(house.client.settings().await.unwrap(), wanted);
    assert_eq!(read::<Settings>(&ask(&house, "PATCH", "/settings", "{}").await), wanted);
    let refused = ask(&house, "PATCH", "/settings", r#"{"default_model":"nobody/x"}"#).await;
    assert_eq!((refused.status, refused.code().as_str()), (422, "settings"));
    assert_eq!(refused.json()["hint"], "choose another");
    assert_eq!(ask(&house, "PATCH", "/settings", r#"{"default_mode":"yolo"}"#).await.code(), "bad_request");

    // a new task takes what it does not say itself from the settings
    let (mode, given) = {
        let task = house.begin("hello").await;
        house.until(task, turn_ended).await;
        let view = house.client.view(task).await.unwrap();
        (view.mode, view.instructions)
    };
    assert_eq!((mode, given.as_str()), (Mode::Auto, "Be kind."));
    let mut new = new_task("hello");
    new.id = "own".into();
    new.instructions = Some(String::new());
    new.effort = Some("high".to_owned());
    let view = house.client.view(house.client.create(&new).await.unwrap().id).await.unwrap();
    assert_eq!((view.instructions.as_str(), view.effort.as_deref()), ("", Some("high")));
    new.id = "too-long".into();
    new.instructions = Some("i".repeat(20_001));
    assert_eq!(
        house.client.create(&new).await.unwrap_err().to_string(),
        "the instructions may have 20000 characters at most"
    );
}

#[tokio::test]
async fn providers_are_set_tried_and_removed_and_no_key_is_shown() {
    let house = House::open().await;
    let key = "sk-very-secret-0123456789";
    let body = format!(r#"{{"dialect":"anthropic","base_url":"https://api.example.com","key":"{key}"}}"#);
    let set = ask(&house, "PUT", "/providers/my-claude", &body).await;
    assert_eq!(set.status, 200);
    let names: Vec<String> = read::<Settings>(&set).providers.into_iter().map(|it| it.name).collect();
    assert_eq!(names, ["script", "my-claude"]);
    assert_eq!(*house.installed.keys.lock().unwrap(), [("my-claude".to_owned(), key.to_owned())]);
    let settings = ask(&house, "GET", "/settings", "").await;
    for answer in [&set, &settings] {
        assert!(!String::from_utf8_lossy(&answer.body).contains("very-secret"));
    }
    let request: ProviderRequest = serde_json::from_str(&body).unwrap();
    assert!(!format!("{request:?}").contains("very-secret"));

    let tried = ask(&house, "POST", "/providers/new-one/test", &body).await;
    let test: ProviderTest = read(&tried);
    assert_eq!((tried.status, test.ok, test.detail.as_str()), (200, false, "nobody answers for `new-one`"));

    let removed = ask(&house, "DELETE", "/providers/my-claude", "").await;
    assert_eq!((removed.status, read::<Settings>(&removed).providers.len()), (200, 1));
    assert_eq!(ask(&house, "DELETE", "/providers/my-claude", "").await.code(), "no_provider");

    let long = "x".repeat(41);
    for name in ["a%2Fb", "a%20b", "script", "%E2%82%AC", long.as_str()] {
        for (method, path) in [("PUT", format!("/providers/{name}")), ("POST", format!("/providers/{name}/test"))] {
            assert_eq!(ask(&house, method, &path, &body).await.code(), "bad_request", "{method} {path}");
        }
    }
    for wrong in [r#"{"dialect":"smoke","base_url":"x"}"#, r#"{"dialect":"openai"}"#, ""] {
        assert_eq!(ask(&house, "PUT", "/providers/p", wrong).await.code(), "bad_request", "{wrong}");
    }
}

#[tokio::test]
async fn the_example_is_a_task_like_any_other() {
    let house = House::open().await;
    let answer = ask(&house, "POST", "/example", "").await;
    assert_eq!(answer.status, 201);
    let task = read::<TaskCreatedResponse>(&answer).id;
    house.until(task, turn_ended).await;
    assert_eq!(house.client.view(task).await.unwrap().title, "Try it");
}

#[tokio::test]
async fn a_file_is_shown_on_the_desktop() {
    let house = House::open().await;
    let task = house.begin("hello").await;
    house.until(task, turn_ended).await;
    let at = format!("/tasks/{task}/reveal");
    for (how, wanted) in [("folder", Reveal::Folder), ("open", Reveal::Open)] {
        let body = format!(r#"{{"path":"/outputs/a b.md","how":"{how}"}}"#);
        let shown = ask(&house, "POST", &at, &body).await;
        assert_eq!((shown.status, shown.body.len()), (204, 0));
        assert_eq!(house.installed.shown.lock().unwrap().pop(), Some(("/outputs/a b.md".to_owned(), wanted)));
    }
    let refused = ask(&house, "POST", &at, r#"{"path":"/outputs/x.nowhere","how":"open"}"#).await;
    assert_eq!((refused.status, refused.code().as_str()), (422, "desktop"));
    let unknown = ask(&house, "POST", "/tasks/0000000000/reveal", r#"{"path":"/outputs/x","how":"open"}"#).await;
    assert_eq!(unknown.code(), "no_task");
    assert_eq!(ask(&house, "POST", &at, r#"{"path":"/outputs/x","how":"print"}"#).await.code(), "bad_request");
}

#[tokio::test]
async fn the_network_and_the_quota_change_with_the_settings() {
    let house = House::open().await;
    let body = r#"{"network":{"allow":"registries","add_hosts":["a.org"]},"journal_quota_mib":3}"#;
    let answer = ask(&house, "PATCH", "/settings", body).await;
    let network = &answer.json()["network"];
    assert_eq!((answer.status, &network["allow"], &network["hosts"][0]), (200, &"registries".into(), &"a.org".into()));
    assert_eq!(answer.json()["journal_quota_mib"], 3);
    for wrong in [r#"{"network":{"allow":"some"}}"#, r#"{"network":{"add_hosts":"a"}}"#, r#"{"journal_quota_mib":-1}"#]
    {
        assert_eq!(ask(&house, "PATCH", "/settings", wrong).await.code(), "bad_request", "{wrong}");
    }
}

#[tokio::test]
async fn a_journal_is_measured_and_emptied_but_not_while_its_task_is_at_work() {
    let house = House::open().await;
    let task = house.begin("question").await;
    house.until(task, |fact| matches!(fact, event::Fact::QuestionAsked { .. })).await;
    let at = format!("/tasks/{task}/journal");
    let busy = ask(&house, "DELETE", &at, "").await;
    assert_eq!((busy.status, busy.code().as_str()), (423, "task_busy"));
    let usage: JournalUsage = read(&ask(&house, "GET", "/journal", "").await);
    assert_eq!((usage.bytes, usage.quota_bytes, usage.tasks[0].task), (7, Some(10 << 20), task));
    house.tasks.close().await;
    let freed: JournalFreed = read(&ask(&house, "DELETE", &at, "").await);
    assert_eq!(freed, JournalFreed { objects: 1, bytes: 7 });
    assert_eq!(ask(&house, "DELETE", "/tasks/0000000000/journal", "").await.code(), "no_task");
}
