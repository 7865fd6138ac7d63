//! Commands as clients write them: every wish in its stored words, and what may be left out.

use crate::{
    Access, Answer, ApprovalId, Attachment, CallId, Command, CommandId, Folder, GrantId, Limits, Mark, Mode, ModelRef,
    QuestionAnswer, QuestionId, Scope, UndoSelection, Wish,
};

fn text(text: &str) -> String {
    text.to_owned()
}

fn wishes() -> Vec<(Wish, &'static str)> {
    let folder = Folder { name: text("a"), path: text("/home/u/a"), access: Access::ReadOnly };
    let attachments = vec![Attachment { name: text("a.txt"), bytes: 4 }];
    let answers = vec![QuestionAnswer { chosen: vec![text("A")], other: None }];
    let undo = UndoSelection { turn: Some(2), path: Some(text("/work/a")), call: Some(CallId::from("c1")), redo: true };
    vec![
        (Wish::Say { text: text("hi"), attachments }, "say"),
        (Wish::Stop, "stop"),
        (Wish::Pause, "pause"),
        (Wish::Resume, "resume"),
        (Wish::Answer { approval: ApprovalId::from("a1"), answer: Answer::Allow { scope: Scope::Once } }, "answer"),
        (Wish::AnswerQuestions { question: QuestionId::from("q1"), answers }, "answer_questions"),
        (Wish::Undo { selection: undo }, "undo"),
        (Wish::SetMode { mode: Mode::Auto }, "set_mode"),
        (Wish::SetModel { model: ModelRef(text("p/m")) }, "set_model"),
        (Wish::SetLimits { limits: Limits::default() }, "set_limits"),
        (Wish::AddFolder(folder), "add_folder"),
        (Wish::RemoveFolder { name: text("a") }, "remove_folder"),
        (Wish::Revoke { grant: GrantId::from("g1") }, "revoke"),
        (Wish::Rename { title: text("T") }, "rename"),
        (Wish::Mark(Mark::Seen), "mark"),
        (Wish::SetInstructions { text: text("Write short.") }, "set_instructions"),
        (Wish::SetEffort { effort: Some(text("high")) }, "set_effort"),
        (Wish::PinFile { path: text("/work/a/b.md") }, "pin_file"),
        (Wish::UnpinFile { path: text("/work/a/b.md") }, "unpin_file"),
    ]
}

#[test]
fn every_wish_is_read_back_as_it_was_written() {
    for (wish, name) in wishes() {
        let command = Command { id: CommandId::from("k"), wish };
        let written = serde_json::to_string(&command).expect("text");
        assert!(written.starts_with(&format!(r#"{{"id":"k","wish":{{"type":"{name}""#)), "{written}");
        assert_eq!(serde_json::from_str::<Command>(&written).expect("a command"), command);
    }
}

#[test]
fn what_may_be_left_out_and_what_may_not() {
    let read = |wish: &str| serde_json::from_str::<Wish>(wish).ok();
    let table = [
        (r#"{"type":"say","data":{"text":"x"}}"#, Some(Wish::Say { text: text("x"), attachments: Vec::new() })),
        (r#"{"type":"undo","data":{}}"#, Some(Wish::Undo { selection: UndoSelection::default() })),
        (r#"{"type":"set_effort","data":{}}"#, Some(Wish::SetEffort { effort: None })),
        (r#"{"type":"mark","data":{"type":"pinned"}}"#, Some(Wish::Mark(Mark::Pinned))),
        (
            r#"{"type":"mark","data":{"type":"project","data":{"name":null}}}"#,
            Some(Wish::Mark(Mark::Project { name: None })),
        ),
        (r#"{"type":"mark","data":{"type":"loved"}}"#, None),
        (r#"{"type":"mark"}"#, None),
        (r#"{"type":"set_instructions","data":{}}"#, None),
        (r#"{"type":"pin_file","data":{}}"#, None),
    ];
    for (written, wanted) in table {
        assert_eq!(read(written), wanted, "{written}");
    }
}
