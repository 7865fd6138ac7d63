//! The written form of what travels.

use serde_json::json;

use crate::{Base64, Code, ErrorBody, Headline, Live, NewTaskRequest, ProviderRequest, TaskShelf, Upload};

#[test]
fn a_new_task_needs_only_an_id_and_a_prompt() {
    let short: NewTaskRequest = serde_json::from_value(json!({"id": "c1", "prompt": "Hello"})).unwrap();
    let expected = NewTaskRequest {
        id: "c1".into(),
        prompt: "Hello".to_owned(),
        folders: Vec::new(),
        attachments: Vec::new(),
        mode: None,
        model: None,
        effort: None,
        instructions: None,
        limits: None,
        project: None,
        tier: None,
    };
    assert_eq!(short, expected);
}

#[test]
fn bytes_travel_as_base_64() {
    let upload = Upload { name: "a.bin".to_owned(), content_base64: Base64(vec![0, 255, 16]) };
    let written = serde_json::to_value(&upload).unwrap();
    assert_eq!(written, json!({"name": "a.bin", "content_base64": "AP8Q"}));
    assert_eq!(serde_json::from_value::<Upload>(written).unwrap(), upload);
    for wrong in ["AP8", "A P8Q", "AP8Q====", "ÄÖ"] {
        let refused = serde_json::from_value::<Base64>(json!(wrong)).unwrap_err().to_string();
        assert!(refused.starts_with("not base 64"), "{wrong}: {refused}");
    }
}

#[test]
fn an_error_of_a_newer_version_can_still_be_read() {
    let body: ErrorBody = serde_json::from_value(json!({"code": "on_fire", "message": "it burns"})).unwrap();
    assert_eq!(body, ErrorBody { code: Code::Unknown, message: "it burns".to_owned(), hint: None });
    assert_eq!(serde_json::to_value(Code::FolderRefused).unwrap(), json!("folder_refused"));
}

#[test]
fn what_the_streams_carry_has_a_fixed_form() {
    let id = event::TaskId::parse("0000000000").unwrap();
    assert_eq!(serde_json::to_value(Headline::Gone { id }).unwrap(), json!({"type": "gone", "data": {"id": id}}));
    assert_eq!(serde_json::to_value(Headline::Missed).unwrap(), json!({"type": "missed"}));
    assert_eq!(serde_json::to_value(Live { head: event::Seq(7) }).unwrap(), json!({"head": 7}));
}

#[test]
fn every_shelf_is_one_of_the_store() {
    let table = [
        ("all", store::Shelf::All),
        ("current", store::Shelf::Current),
        ("pinned", store::Shelf::Pinned),
        ("archived", store::Shelf::Archived),
    ];
    for (name, shelf) in table {
        let read: TaskShelf = serde_json::from_value(json!(name)).unwrap();
        assert_eq!(store::Shelf::from(read), shelf);
    }
}

#[test]
fn a_key_is_never_shown() {
    let request: ProviderRequest =
        serde_json::from_value(json!({"dialect": "openai", "base_url": "http://x", "key": "sk-secret"})).unwrap();
    assert_eq!(request.key.as_deref(), Some("sk-secret"));
    assert!(!format!("{request:?}").contains("secret"));
}
