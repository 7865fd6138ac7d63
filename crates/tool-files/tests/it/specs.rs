//! What the model is told, and how calls are read.

use event::Effect;
use serde_json::{Value, json};
use tool::{Preview, Reach};

use crate::world::World;

#[test]
fn the_five_tools_fit_their_caps() {
    let tools = tool_files::tools();
    let names: Vec<_> = tools.iter().map(|tool| (tool.spec().name, tool.spec().reach)).collect();
    assert_eq!(
        names,
        [
            ("Read", Reach::Reads),
            ("Write", Reach::Changes),
            ("Edit", Reach::Changes),
            ("Glob", Reach::Reads),
            ("Grep", Reach::Reads)
        ]
    );
    let mut all = Vec::new();
    for tool in &tools {
        let spec = tool.spec();
        assert!(spec.description.len() <= 600, "{}: {}", spec.name, spec.description.len());
        assert!(!spec.description.contains("  "), "{}", spec.name);
        let schema: Value = spec.input.decode().unwrap();
        assert_eq!(schema["type"], "object", "{}", spec.name);
        assert_eq!(schema["additionalProperties"], false, "{}", spec.name);
        for required in schema["required"].as_array().unwrap() {
            assert!(schema["properties"].get(required.as_str().unwrap()).is_some());
        }
        all.push(json!({ "name": spec.name, "description": spec.description, "input_schema": schema }));
    }
    let bytes = serde_json::to_string(&all).unwrap().len();
    assert!(bytes <= 4096, "{bytes} bytes");
}

#[test]
fn each_call_declares_its_effect() {
    let world = World::new();
    let host = world.path("Reports/a.csv");
    let read = |path: &str| Effect::ReadPath(path.into());
    let write = |path: &str| Effect::WritePath(path.into());
    let table = [
        ("Read", json!({"path": "/work/Reports/a"}), read("/work/Reports/a")),
        ("Read", json!({"path": "a"}), read("/work/Reports/a")),
        ("Read", json!({"file_path": "sub/../a"}), read("/work/Reports/a")),
        ("Read", json!({"path": host}), read("/work/Reports/a.csv")),
        ("Read", json!({"path": "../../etc/passwd"}), read("/etc/passwd")),
        ("Read", json!({"path": "../../../etc/passwd"}), read("/..")),
        ("Write", json!({"path": "/outputs/r.md", "content": ""}), write("/outputs/r.md")),
        ("Edit", json!({"path": "a", "old_string": "a", "new_string": ""}), write("/work/Reports/a")),
        ("Glob", json!({"pattern": "**/*"}), read("/work/Reports")),
        ("Glob", json!({"pattern": "*.md", "path": "sub"}), read("/work/Reports/sub")),
        ("Glob", json!({"pattern": "/work/Taxes/2025/*.pdf"}), read("/work/Taxes/2025")),
        ("Glob", json!({"pattern": "/work/Taxes/a.pdf"}), read("/work/Taxes")),
        ("Glob", json!({"pattern": "/**/*"}), read("/")),
        ("Grep", json!({"pattern": "x"}), read("/work/Reports")),
        ("Grep", json!({"pattern": "x", "path": "/uploads"}), read("/uploads")),
    ];
    for (tool, input, effect) in table {
        assert_eq!(world.preview(tool, &input), Ok(Preview::Effects(vec![effect])), "{tool} {input}");
    }
}

#[tokio::test]
async fn input_that_cannot_be_used_is_explained() {
    let world = World::new();
    let table = [
        ("Read", json!({}), "missing field `path`"),
        ("Read", json!({"path": ""}), "`path` is empty"),
        ("Read", json!({"path": "a", "offset": -1}), "invalid value"),
        ("Read", json!({"path": "a", "lines": 3}), "unknown field `lines`, expected one of"),
        ("Write", json!({"path": "a"}), "missing field `content`"),
        (
            "Edit",
            json!({"path": "a", "old_string": "", "new_string": "x"}),
            "To make a file or replace all of it, use Write",
        ),
        ("Edit", json!({"path": "a", "old_string": "x", "new_string": "x"}), "nothing to change"),
        ("Glob", json!({"pattern": " "}), "`pattern` is empty"),
        ("Glob", json!({"pattern": "../*"}), "give the directory as `path`"),
        ("Grep", json!({"pattern": ""}), "`pattern` is empty"),
        ("Grep", json!({"pattern": "x", "output": "colour"}), "unknown variant `colour`"),
        ("Grep", json!({"pattern": "x", "multiline": true}), "unknown field `multiline`"),
    ];
    for (tool, input, expected) in table {
        let words = world.preview(tool, &input).unwrap_err();
        assert!(words.contains(expected), "{tool} {input}: {words}");
        assert!(world.failed(tool, input).await.contains(expected));
    }
}

#[tokio::test]
async fn a_call_that_is_stopped_before_it_begins_does_nothing() {
    let world = World::new();
    let inputs = [
        ("Read", json!({"path": "a"})),
        ("Write", json!({"path": "a", "content": "x"})),
        ("Edit", json!({"path": "a", "old_string": "x", "new_string": "y"})),
        ("Glob", json!({"pattern": "*"})),
        ("Grep", json!({"pattern": "x"})),
    ];
    for (tool, input) in inputs {
        let stop = tokio_util::sync::CancellationToken::new();
        stop.cancel();
        assert_eq!(world.run_until(tool, input, stop).await.outcome, event::Outcome::Stopped, "{tool}");
    }
    assert_eq!(std::fs::read_dir(world.path("Reports")).unwrap().count(), 0);
}
