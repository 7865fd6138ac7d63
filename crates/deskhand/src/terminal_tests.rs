//! Cards as they are printed, without colours.

use event::{Access, Approval, ApprovalId, CallId, Digest, Effect, Folder, Json, Scope, TaskId};
use view::View;

use super::{Paint, approval_card, read_only_note};

fn card(reason: &str, files: Option<u64>, running: bool, effects: Vec<Effect>) -> String {
    let approval = Approval {
        id: ApprovalId::from("a1"),
        call: CallId::from("c1"),
        tool: "Bash".into(),
        input: Json::parse(r#"{"command":"rm -r old\u001b[2J"}"#).unwrap(),
        effects,
        reason: reason.into(),
        binds: Digest::of(b"x"),
        offers: vec![Scope::Once],
        running,
        files,
    };
    approval_card(&approval, Paint { on: false })
}

#[test]
fn a_card_of_a_running_call_names_count_tree_and_command() {
    let delete = || vec![Effect::DeletePath("/work/Reports/old".into())];
    let waits = "the call is running and waits for your answer";
    let shown = card("delete from `/work/Reports/old`", Some(12), true, delete());
    let lines: Vec<&str> = shown.trim_start().lines().collect();
    assert_eq!(lines[0], "? Deskhand wants to delete from `/work/Reports/old`");
    assert!(lines[2].starts_with("  │ rm -r old") && !shown.contains('\u{1b}'), "{shown}");
    assert_eq!(lines[3..], [format!("  12 files of yours would go; {waits}")]);
    // A count that was said is not said again.
    let shown = card("delete 12 files in `/work/Reports/old`", Some(12), true, delete());
    assert_eq!(shown.lines().last(), Some(format!("  {waits}").as_str()));
    // Several things are all named.
    let several = [delete(), vec![Effect::Connect("example.org".into())]].concat();
    assert!(card("do both", None, true, several).ends_with("and to connect to `example.org`"));
    // A card before a call is as it was.
    assert!(!card("delete", None, false, delete()).contains(waits));
}

#[test]
fn folders_that_commands_cannot_change_are_spoken_of_where_there_are_some() {
    let mut view = View::empty(TaskId::from_random([7; 8]));
    assert_eq!(read_only_note(&view), None);
    let path = "/home/ann/Reports".to_owned();
    view.folders.push(Folder { name: "Reports".into(), path, access: Access::ReadOnly });
    assert!(read_only_note(&view).is_some_and(|note| note.contains("commands can read your folders here")));
}
