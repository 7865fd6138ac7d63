//! Every fact, written and read back; and the exact words of the stored form, which never change.

use crate::{
    Access, Actor, Answer, Approval, ApprovalId, Attachment, Block, CallId, Change, ChangeKind, Choice, CommandId,
    Digest, Effect, Ending, Event, Fact, FileCard, Folder, Grant, GrantId, Json, Limits, Mark, Mode, ModelRef,
    OpaqueBlock, Outcome, Part, PauseReason, PlanItem, PlanState, Question, QuestionAnswer, QuestionId, Reply, Scope,
    Seq, Stop, TaskId, TextBlock, ThinkingBlock, Tier, Timestamp, ToolCall, Usage,
};

fn text(text: &str) -> String {
    text.to_owned()
}

fn json(text: &str) -> Json {
    Json::parse(text).expect("JSON")
}

/// Blocks as a provider may send them: odd numbers, odd spaces, keys nobody knows.
const WIRE: &str = r#"{ "type":"server_tool_use","n":1.50,"big":12345678901234567890123,"x":{"b":null,"a":[ ]} }"#;

fn reply() -> Reply {
    let wire = Some(json(WIRE));
    Reply {
        blocks: vec![
            Block::Thinking(ThinkingBlock { text: text("hm"), wire: wire.clone() }),
            Block::Text(TextBlock { text: text("one"), wire: None }),
            Block::Text(TextBlock { text: String::new(), wire: wire.clone() }),
            Block::ToolCall(ToolCall { id: CallId::from("c1"), tool: text("Read"), input: json(WIRE), wire }),
            Block::Opaque(OpaqueBlock { kind: text("server_tool_use"), wire: json(WIRE) }),
            Block::Text(TextBlock { text: text("two"), wire: None }),
        ],
        stop: Stop::Other(text("pause_turn")),
        usage: Usage { input: 1, output: 2, cache_read: 3, cache_write: 4 },
        model: text("m-1"),
        dialect: text("anthropic"),
    }
}

fn asking() -> Vec<Fact> {
    let approval = Approval {
        id: ApprovalId::from("a1"),
        call: CallId::from("c1"),
        tool: text("Bash"),
        input: json(r#"{"command":"rm -r \u202e/x"}"#),
        effects: vec![
            Effect::ReadPath(text("/work/a")),
            Effect::WritePath(text("/work/a")),
            Effect::DeletePath(text("/work/a")),
            Effect::Run(text("rm")),
            Effect::Connect(text("example.com")),
            Effect::Send { connector: text("mail"), tool: text("send") },
            Effect::Browse(text("example.com")),
            Effect::Control(text("Calculator")),
            Effect::Schedule(text("daily")),
            Effect::Remember(text("name")),
        ],
        reason: text("it deletes files"),
        binds: Digest::of(b"x"),
        offers: vec![Scope::Once, Scope::Task, Scope::Folder, Scope::Always],
        running: false,
        files: None,
    };
    let running = Approval {
        id: ApprovalId::from("a2"),
        effects: vec![Effect::DeletePath(text("/work/a"))],
        running: true,
        files: Some(12),
        ..approval.clone()
    };
    let grant = Grant { id: GrantId::from("g1"), scope: Scope::Task, allows: Effect::Run(String::new()) };
    let choice = Choice { label: text("A"), description: String::new() };
    let question = Question { text: text("Which?"), header: text("Pick"), choices: vec![choice], several: true };
    let answer = QuestionAnswer { chosen: vec![text("A")], other: Some(text("or B")) };
    let command = Some(CommandId::from("k1"));
    let (question_id, approval_id) = (QuestionId::from("q1"), ApprovalId::from("a1"));
    let allow = Answer::Allow { scope: Scope::Folder };
    let deny = Answer::Deny { note: Some(text("no")) };
    vec![
        Fact::ApprovalAsked(approval),
        Fact::ApprovalAsked(running),
        Fact::ApprovalAnswered { approval: approval_id.clone(), answer: allow, command: command.clone() },
        Fact::ApprovalAnswered { approval: approval_id, answer: deny, command: None },
        Fact::GrantAdded(grant),
        Fact::GrantRevoked { grant: GrantId::from("g1") },
        Fact::QuestionAsked { question: question_id.clone(), call: CallId::from("c2"), questions: vec![question] },
        Fact::QuestionAnswered { question: question_id, answers: vec![answer], command },
    ]
}

fn working() -> Vec<Fact> {
    let attachment = Attachment { name: text("a.pdf"), bytes: 9 };
    let image = Part::Image { media: text("image/png"), blob: Digest::of(b"png") };
    let item = |state| PlanItem { text: text("do"), state };
    let change =
        |kind| Change { path: text("/work/a"), kind, before: None, after: Some(Digest::of(b"a")), entry: Some(1) };
    let changes = [ChangeKind::Made, ChangeKind::Changed, ChangeKind::Deleted].map(change).to_vec();
    let card = FileCard { path: text("/outputs/a"), title: text("A"), bytes: 1, media: text("text/plain") };
    let call = CallId::from("c1");
    let mut facts = vec![
        Fact::Said { text: text("hi\u{2028}\n\0"), attachments: vec![attachment], command: Some(CommandId::from("k")) },
        Fact::TurnStarted { turn: 1 },
        Fact::StepStarted { step: 1, model: ModelRef(text("p/m")) },
        Fact::Replied { step: 1, reply: reply(), ms: 5 },
        Fact::ReplyCut { step: 1, text: text("half"), reason: text("line dropped") },
        Fact::RetryPlanned { step: 1, attempt: 2, after_ms: 500, reason: text("busy") },
        Fact::ToolStarted { call: call.clone(), tool: text("Read"), effects: vec![Effect::ReadPath(text("/work/a"))] },
        Fact::PlanSet { items: [PlanState::Pending, PlanState::Active, PlanState::Done].map(item).to_vec() },
        Fact::NoteSet { text: text("# n") },
        Fact::FilesChanged { call: Some(call.clone()), turn: 1, changes, more: 3, undo: false },
        Fact::FilesChanged { call: None, turn: 0, changes: Vec::new(), more: 0, undo: true },
        Fact::Presented { files: vec![card] },
        Fact::Compacted { through: Seq(9), summary: text("so far") },
    ];
    let outcomes =
        [Outcome::Ok, Outcome::Failed, Outcome::Denied, Outcome::Stopped, Outcome::TimedOut, Outcome::Unknown];
    facts.extend(outcomes.map(|outcome| Fact::ToolFinished {
        call: call.clone(),
        outcome,
        output: vec![Part::text("x"), image.clone()],
        ms: 1,
    }));
    facts
}

fn setting() -> Vec<Fact> {
    let folder = |access| Folder { name: text("a"), path: text("/home/u/a"), access };
    let (message, hint) = (text("stopped"), text("do this"));
    let failed = Ending::Failed { code: text("refused"), message: message.clone(), hint: hint.clone() };
    let created = |project, tier| Fact::TaskCreated {
        title: text("T"),
        mode: Mode::Ask,
        model: ModelRef(text("p/m")),
        folders: vec![folder(Access::ReadOnly)],
        limits: Limits::default(),
        project,
        tier,
        made_by: text("deskhand 0.1.0"),
    };
    let mut facts = vec![
        created(None, None),
        created(Some(text("P")), Some(Tier::Vm)),
        Fact::FolderAdded(folder(Access::ReadWrite)),
        Fact::FolderRemoved { name: text("a") },
        Fact::ModelSet { model: ModelRef(text("q/n")) },
        Fact::LimitsSet { limits: Limits { steps: None, tokens: Some(1), minutes: None } },
        Fact::Titled { title: text("U") },
        Fact::InstructionsSet { text: text("Write short.\n") },
        Fact::EffortSet { effort: Some(text("high")) },
        Fact::EffortSet { effort: None },
        Fact::FilePinned { path: text("/work/a/b.md") },
        Fact::FileUnpinned { path: text("/work/a/b.md") },
        Fact::ToolWithdrawn { tool: text("Bash"), reason: message.clone(), hint: hint.clone() },
        Fact::SandboxStarted { tier: Tier::Namespace, folders_read_only: false },
        Fact::SandboxStarted { tier: Tier::Namespace, folders_read_only: true },
        Fact::LogMended { bytes: 7 },
        Fact::Resumed { command: None },
    ];
    let marks = [Mark::Pinned, Mark::Unpinned, Mark::Archived, Mark::Unarchived, Mark::Seen, Mark::Unseen];
    facts.extend(marks.map(Fact::Marked));
    facts.extend([Some(text("P")), None].map(|name| Fact::Marked(Mark::Project { name })));
    facts.extend([Mode::Ask, Mode::Auto, Mode::Skip].map(|mode| Fact::ModeSet { mode }));
    let reasons = [PauseReason::User, PauseReason::Model, PauseReason::Limit];
    facts.extend(reasons.map(|reason| Fact::Paused { reason, message: message.clone(), hint: hint.clone() }));
    facts.extend([Ending::Done, Ending::Stopped, failed].map(|ending| Fact::TurnEnded { turn: 1, ending }));
    facts
}

/// The stored name of a fact. A new fact does not compile until it has a name here and an example above.
fn name(fact: &Fact) -> &'static str {
    match fact {
        Fact::TaskCreated { .. } => "task_created",
        Fact::Said { .. } => "said",
        Fact::TurnStarted { .. } => "turn_started",
        Fact::StepStarted { .. } => "step_started",
        Fact::Replied { .. } => "replied",
        Fact::ReplyCut { .. } => "reply_cut",
        Fact::RetryPlanned { .. } => "retry_planned",
        Fact::ApprovalAsked(_) => "approval_asked",
        Fact::ApprovalAnswered { .. } => "approval_answered",
        Fact::GrantAdded(_) => "grant_added",
        Fact::GrantRevoked { .. } => "grant_revoked",
        Fact::QuestionAsked { .. } => "question_asked",
        Fact::QuestionAnswered { .. } => "question_answered",
        Fact::ToolStarted { .. } => "tool_started",
        Fact::ToolFinished { .. } => "tool_finished",
        Fact::PlanSet { .. } => "plan_set",
        Fact::NoteSet { .. } => "note_set",
        Fact::FilesChanged { .. } => "files_changed",
        Fact::Presented { .. } => "presented",
        Fact::FolderAdded(_) => "folder_added",
        Fact::FolderRemoved { .. } => "folder_removed",
        Fact::ModeSet { .. } => "mode_set",
        Fact::ModelSet { .. } => "model_set",
        Fact::LimitsSet { .. } => "limits_set",
        Fact::Titled { .. } => "titled",
        Fact::Marked(_) => "marked",
        Fact::InstructionsSet { .. } => "instructions_set",
        Fact::EffortSet { .. } => "effort_set",
        Fact::FilePinned { .. } => "file_pinned",
        Fact::FileUnpinned { .. } => "file_unpinned",
        Fact::ToolWithdrawn { .. } => "tool_withdrawn",
        Fact::SandboxStarted { .. } => "sandbox_started",
        Fact::LogMended { .. } => "log_mended",
        Fact::Compacted { .. } => "compacted",
        Fact::Paused { .. } => "paused",
        Fact::Resumed { .. } => "resumed",
        Fact::TurnEnded { .. } => "turn_ended",
    }
}

fn event(fact: Fact) -> Event {
    let task = TaskId::from_random([0; 8]);
    Event { seq: Seq(7), at: Timestamp(-1), task, actor: Actor::Tool, prev: Digest::of(b""), fact }
}

#[test]
fn every_fact_is_read_back_as_it_was_written() {
    let facts = [asking(), working(), setting()].concat();
    let mut names: Vec<&str> = facts.iter().map(name).collect();
    for fact in facts {
        let start = format!(
            r#"{{"seq":7,"at":-1,"task":"0000000000","actor":"tool","prev":"{}","fact":{{"type":"{}""#,
            Digest::of(b""),
            name(&fact)
        );
        let event = event(fact);
        let line = event.to_line().expect("a line");
        assert!(line.starts_with(&start), "{line}");
        assert!(!line.contains('\n'));
        let back = Event::from_line(&line).expect("an event");
        assert_eq!(back, event);
        assert_eq!(back.to_line().expect("a line"), line);
    }
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 37, "an example of every fact");
}

#[test]
fn a_providers_blocks_come_back_byte_for_byte() {
    let line = event(Fact::Replied { step: 1, reply: reply(), ms: 5 }).to_line().expect("a line");
    assert_eq!(line.matches(WIRE).count(), 5);
    let Fact::Replied { reply: back, .. } = Event::from_line(&line).expect("an event").fact else {
        panic!("another fact")
    };
    assert_eq!(back.calls().map(|call| call.input.as_str()).collect::<Vec<_>>(), [WIRE]);
    assert_eq!(back.text(), "one\n\ntwo");
}

#[test]
fn the_stored_form_of_a_short_log_never_changes() {
    let folder = Folder { name: text("a"), path: text("/home/u/a"), access: Access::ReadWrite };
    let created = Fact::TaskCreated {
        title: text("T"),
        mode: Mode::Ask,
        model: ModelRef(text("p/m")),
        folders: vec![folder],
        limits: Limits::default(),
        project: None,
        tier: None,
        made_by: text("deskhand 0.1.0"),
    };
    let stored = |fact: &Fact| serde_json::to_string(fact).expect("text");
    assert_eq!(
        stored(&created),
        r#"{"type":"task_created","data":{"title":"T","mode":"ask","model":"p/m","folders":[{"name":"a","path":"/home/u/a","access":"read_write"}],"limits":{"steps":500,"tokens":null,"minutes":480},"made_by":"deskhand 0.1.0"}}"#
    );
    assert_eq!(
        stored(&Fact::Said { text: text("hi"), attachments: Vec::new(), command: None }),
        r#"{"type":"said","data":{"text":"hi"}}"#
    );
    assert_eq!(
        stored(&Fact::ToolFinished {
            call: CallId::from("c"),
            outcome: Outcome::TimedOut,
            output: vec![Part::text("x")],
            ms: 1
        }),
        r#"{"type":"tool_finished","data":{"call":"c","outcome":"timed_out","output":[{"type":"text","data":"x"}],"ms":1}}"#
    );
    assert_eq!(
        stored(&Fact::TurnEnded { turn: 2, ending: Ending::Done }),
        r#"{"type":"turn_ended","data":{"turn":2,"ending":{"type":"done"}}}"#
    );
    // Fields that came later are not written where they say nothing.
    let changed = Fact::FilesChanged { call: None, turn: 1, changes: Vec::new(), more: 0, undo: false };
    assert_eq!(stored(&changed), r#"{"type":"files_changed","data":{"turn":1,"changes":[]}}"#);
    assert_eq!(stored(&Fact::Marked(Mark::Pinned)), r#"{"type":"marked","data":{"type":"pinned"}}"#);
    assert_eq!(
        stored(&Fact::Marked(Mark::Project { name: Some(text("P")) })),
        r#"{"type":"marked","data":{"type":"project","data":{"name":"P"}}}"#
    );
}

#[test]
fn a_line_of_another_shape_is_no_event() {
    let good = event(Fact::TurnStarted { turn: 1 }).to_line().expect("a line");
    for line in
        ["", "{}", "[]", "null", &good[1..], &good.replace("turn_started", "turn_imagined"), &good.replace('7', "-7")]
    {
        assert!(Event::from_line(line).is_err(), "{line}");
    }
    // A field of a newer release is passed over.
    assert!(Event::from_line(&good.replace("{\"turn\":1", "{\"mood\":\"good\",\"turn\":1")).is_ok());
}
