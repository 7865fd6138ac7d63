//! The tools about the task: what they accept, refuse and write.

use std::path::Path;
use std::sync::Arc;

use event::{
    Access, CallId, Consent, Effect, Fact, FileCard, Folder, Inquiry, Json, Outcome, PlanItem, PlanState, TaskId,
};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio_util::sync::CancellationToken;
use tool::{Call, Desk, FolderRequest, Preview, Progress, Report, Tool};

struct Silent;

impl Progress for Silent {
    fn output(&self, _text: &str) {}
    fn fact(&self, _fact: Fact) {}

    fn ask(&self, _inquiry: Inquiry) -> BoxFuture<'static, Consent> {
        Box::pin(std::future::ready(Consent::Given))
    }
}

fn tool(name: &str) -> Arc<dyn Tool> {
    crate::tools().into_iter().find(|tool| tool.spec().name == name).unwrap()
}

fn call(name: &str, input: &str) -> Call {
    Call { id: CallId::from("c1"), tool: name.into(), input: Json::parse(input).unwrap() }
}

fn desk(root: &Path) -> Desk {
    let folder = root.join("Reports");
    let outputs = root.join("outputs");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::create_dir_all(&outputs).unwrap();
    Desk {
        task: TaskId::from_random([1; 8]),
        turn: 1,
        start: "/work/Reports".into(),
        tier: None,
        folders: vec![Folder {
            name: "Reports".into(),
            path: folder.to_string_lossy().into_owned(),
            access: Access::ReadWrite,
        }],
        outputs,
        uploads: root.join("uploads"),
        blobs: root.join("blobs"),
        journal: root.join("journal"),
        ledger: root.join("network.jsonl"),
    }
}

fn run(name: &str, input: &str, desk: &Desk) -> Report {
    tool(name)
        .run(call(name, input), Arc::new(desk.clone()), Arc::new(Silent), CancellationToken::new())
        .now_or_never()
        .expect("these tools never wait")
}

#[test]
fn every_schema_is_an_object_and_every_description_is_short() {
    for tool in crate::tools() {
        let spec = tool.spec();
        assert!(spec.input.as_str().contains("\"properties\""), "{}", spec.name);
        assert!(spec.description.len() <= 420, "{}: {}", spec.name, spec.description.len());
    }
}

#[test]
fn a_plan_is_set_whole() {
    let directory = tempfile::tempdir().unwrap();
    let desk = desk(directory.path());
    let input = r#"{"todos":[{"content":" Read ","status":"completed"},{"content":"Write","status":"in_progress"},
        {"content":"Check","state":"pending"}]}"#;
    let items = [("Read", PlanState::Done), ("Write", PlanState::Active), ("Check", PlanState::Pending)]
        .map(|(text, state)| PlanItem { text: text.into(), state });
    let expected = Report::ok("Plan set: 1 of 3 done.").with(Fact::PlanSet { items: items.to_vec() });
    assert_eq!(run("TodoWrite", input, &desk), expected);
}

#[test]
fn bad_input_is_refused_with_a_reason() {
    let directory = tempfile::tempdir().unwrap();
    let desk = desk(directory.path());
    let two_active = r#"{"todos":[{"content":"a","status":"in_progress"},{"content":"b","status":"in_progress"}]}"#;
    let many = format!(r#"{{"todos":[{}]}}"#, vec![r#"{"content":"a","status":"pending"}"#; 41].join(","));
    let long_note = format!(r#"{{"text":"{}"}}"#, "a".repeat(16_001));
    for (name, input, expected) in [
        ("TodoWrite", two_active, "only one item"),
        ("TodoWrite", many.as_str(), "at most 40"),
        ("TodoWrite", "{}", "todos"),
        ("TodoWrite", "\"cut\"", "cannot be read"),
        ("Note", long_note.as_str(), "16000 bytes"),
        ("AskUserQuestion", r#"{"questions":[]}"#, "one to four"),
        ("AskUserQuestion", r#"{"questions":[{"question":" ","options":[]}]}"#, "no text"),
        ("PresentFiles", r#"{"files":[]}"#, "1 to 20"),
        ("RequestFolder", r#"{"path":"Reports","reason":"x"}"#, "absolute path"),
    ] {
        let error = tool(name).preview(&call(name, input), &desk).unwrap_err();
        assert!(error.0.contains(expected), "{name}: {error}");
    }
}

#[test]
fn questions_and_wishes_are_previews() {
    let directory = tempfile::tempdir().unwrap();
    let desk = desk(directory.path());
    let input = r#"{"questions":[{"question":"Units?","header":"Units","options":[{"label":"Metric","description":"mm"},
        {"label":"US"}],"multiSelect":false}]}"#;
    let Ok(Preview::Questions(questions)) = tool("AskUserQuestion").preview(&call("AskUserQuestion", input), &desk)
    else {
        panic!("questions")
    };
    assert_eq!(questions.len(), 1);
    assert_eq!(questions[0].choices.iter().map(|choice| choice.label.as_str()).collect::<Vec<_>>(), ["Metric", "US"]);
    let input = r#"{"path":"/home/ann/Photos","access":"write","reason":"to sort them"}"#;
    assert_eq!(
        tool("RequestFolder").preview(&call("RequestFolder", input), &desk),
        Ok(Preview::Folder(FolderRequest {
            path: "/home/ann/Photos".into(),
            access: Access::ReadWrite,
            reason: "to sort them".into()
        }))
    );
}

#[test]
fn finished_files_become_cards_and_others_do_not() {
    let directory = tempfile::tempdir().unwrap();
    let desk = desk(directory.path());
    std::fs::write(desk.outputs.join("report.md"), "# Hi").unwrap();
    std::fs::write(directory.path().join("secret.txt"), "s").unwrap();
    std::os::unix::fs::symlink(directory.path().join("secret.txt"), desk.outputs.join("leak.txt")).unwrap();
    let report = run("PresentFiles", r#"{"files":[{"path":"/outputs/report.md","title":"Report"}]}"#, &desk);
    let card =
        FileCard { path: "/outputs/report.md".into(), title: "Report".into(), bytes: 4, media: "text/markdown".into() };
    assert_eq!(report, Report::ok("Presented 1 file to the user.").with(Fact::Presented { files: vec![card] }));
    for path in ["/outputs/leak.txt", "/outputs/none.md", "/outputs", "/etc/passwd", "/work/Reports/../../x"] {
        let report = run("PresentFiles", &format!(r#"{{"files":["{path}"]}}"#), &desk);
        assert_eq!((report.outcome, report.facts), (Outcome::Failed, Vec::new()), "{path}");
    }
    let preview = tool("PresentFiles").preview(&call("PresentFiles", r#"{"files":["a.md"]}"#), &desk);
    assert_eq!(preview, Ok(Preview::Effects(vec![Effect::ReadPath("/work/Reports/a.md".into())])));
}
