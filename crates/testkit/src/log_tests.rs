//! Logs printed for people, compared whole.

use event::{
    Access, Actor, Block, CallId, Change, ChangeKind, CommandId, Digest, Effect, Event, Fact, Folder, Json, Limits,
    Mode, ModelRef, Outcome, Part, Reply, Seq, Stop, TaskId, TextBlock, Timestamp, ToolCall, Usage,
};

use crate::log::{LogPrinter, print_log};

fn log(random: u8) -> Vec<Event> {
    let task = TaskId::from_random([random; 8]);
    let call = CallId(format!("toolu_{random}"));
    let digest = |name: &str| Digest::of(format!("{name}{random}").as_bytes());
    let reply = Reply {
        blocks: vec![
            Block::Text(TextBlock { text: "I look, then \"write\".".to_owned(), wire: None }),
            Block::ToolCall(ToolCall {
                id: call.clone(),
                tool: "Write".to_owned(),
                input: Json::parse(r#"{"file_path":"/work/a.txt","n":1.50,"id":"kept","command":"ls","ms":5}"#)
                    .unwrap(),
                wire: None,
            }),
        ],
        stop: Stop::Tools,
        usage: Usage { input: 10, output: 5, cache_read: 0, cache_write: 0 },
        model: "fake-model".to_owned(),
        dialect: "anthropic".to_owned(),
    };
    let change = |path: &str, before| Change {
        path: path.to_owned(),
        kind: ChangeKind::Changed,
        before,
        after: Some(digest("after")),
        entry: Some(1),
    };
    let facts = vec![
        (
            Actor::User,
            Fact::TaskCreated {
                title: format!("Task {task}"),
                mode: Mode::Ask,
                model: ModelRef("script/demo".to_owned()),
                folders: vec![Folder {
                    name: "Reports".to_owned(),
                    path: format!("/tmp/x{random}/Reports"),
                    access: Access::ReadWrite,
                }],
                limits: Limits::default(),
                project: None,
                tier: None,
                made_by: format!("deskhand/0.{random}"),
            },
        ),
        (
            Actor::User,
            Fact::Said {
                text: "two\nlines".to_owned(),
                attachments: vec![],
                command: Some(CommandId(format!("cmd-{random}"))),
            },
        ),
        (Actor::Engine, Fact::TurnStarted { turn: 1 }),
        (Actor::Model, Fact::Replied { step: 1, reply, ms: u64::from(random) }),
        (
            Actor::Tool,
            Fact::ToolStarted {
                call: call.clone(),
                tool: "Write".to_owned(),
                effects: vec![Effect::WritePath("/work/a.txt".to_owned()), Effect::Run("ls -l".to_owned())],
            },
        ),
        (
            Actor::Tool,
            Fact::ToolFinished { call: call.clone(), outcome: Outcome::Ok, output: vec![Part::text("done")], ms: 9 },
        ),
        (
            Actor::Tool,
            Fact::FilesChanged {
                call: Some(call),
                turn: 1,
                more: 0,
                undo: false,
                changes: vec![change("/work/a.txt", None), change("/work/b c.txt", Some(digest("before")))],
            },
        ),
        (Actor::Engine, Fact::RetryPlanned { step: 2, attempt: 1, after_ms: u64::from(random), reason: String::new() }),
    ];
    let event = |(number, (actor, fact)): (usize, (Actor, Fact))| Event {
        seq: Seq(number as u64 + 1),
        at: Timestamp(i64::from(random)),
        task,
        actor,
        prev: digest("prev"),
        fact,
    };
    facts.into_iter().enumerate().map(event).collect()
}

const PRINTED: &str = r#"  1 user   task_created title="Task <task>" mode=ask model=script/demo folders=[{name=Reports path=<tmp>/Reports access=read_write}] limits={steps=500 tokens=null minutes=480} made_by=_
  2 user   said text="two\nlines" command=k1
  3 engine turn_started turn=1
  4 model  replied step=1 reply={blocks=[text{text="I look, then \"write\"."} tool_call{id=c1 tool=Write input={file_path=/work/a.txt n=1.5 id=kept command=ls ms=5}}] stop=tools usage={input=10 output=5 cache_read=0 cache_write=0} model=fake-model dialect=anthropic}
  5 tool   tool_started call=c1 tool=Write effects=[write_path(/work/a.txt) run("ls -l")]
  6 tool   tool_finished call=c1 outcome=ok output=[text(done)]
  7 tool   files_changed call=c1 turn=1 changes=[{path=/work/a.txt kind=changed after=#1 entry=1} {path="/work/b c.txt" kind=changed before=#2 after=#1 entry=1}]
  8 engine retry_planned step=2 attempt=1 after_ms=_ reason=""
"#;

#[test]
fn logs_of_different_runs_print_the_same_readable_lines() {
    for random in [1, 200] {
        let printer = LogPrinter::new().hide(&format!("/tmp/x{random}"), "<tmp>");
        assert_eq!(printer.print(&log(random)), PRINTED);
    }
}

#[test]
fn without_hiding_only_what_the_test_chose_differs() {
    let printed = print_log(&log(7));
    assert_eq!(printed.replace("/tmp/x7", "<tmp>"), PRINTED);
}
