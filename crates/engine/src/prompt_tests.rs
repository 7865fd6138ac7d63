//! What the model sees: wording, order, and that it only grows.

use std::sync::{Arc, Mutex};

use event::{
    Access, Actor, Attachment, Block, CallId, Digest, Event, Fact, Folder, Json, Limits, Mode, ModelRef, Outcome, Part,
    Reply, Seq, Stop, TaskId, TextBlock, Timestamp, ToolCall, Usage,
};
use model::{Ask, Content, Conversation, Message, ReplyStream};
use tool::Toolbox;

use crate::prompt::{MAX_SETUP_BYTES, Prompt, setup};

/// A conversation that keeps its messages in words.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<String>>>);

impl Kept {
    fn words(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

impl Conversation for Kept {
    fn push(&mut self, message: &Message) {
        let words = match message {
            Message::User(content) => format!("user: {}", contents(content)),
            Message::Reply(reply) => format!("model: {}", reply.text()),
            Message::Results(results, content) => {
                let results: Vec<String> = results
                    .iter()
                    .map(|result| {
                        let failed = if result.failed { " failed" } else { "" };
                        format!("{}{failed}: {}", result.call, contents(&result.content))
                    })
                    .collect();
                format!("results: {} + {}", results.join(" / "), contents(content))
            }
        };
        self.0.lock().unwrap().push(words);
    }

    fn request_bytes(&self) -> usize {
        0
    }

    fn ask(&self, _ask: &Ask) -> ReplyStream {
        Box::pin(futures_util::stream::empty())
    }
}

fn contents(content: &[Content]) -> String {
    let words: Vec<String> = content
        .iter()
        .map(|part| match part {
            Content::Text(text) => text.clone(),
            Content::Image { media, bytes } => format!("<{media} {} bytes>", bytes.len()),
        })
        .collect();
    words.join(" | ")
}

fn folder(name: &str, access: Access) -> Folder {
    Folder { name: name.into(), path: format!("/home/ann/{name}"), access }
}

fn created(folders: Vec<Folder>) -> Fact {
    Fact::TaskCreated {
        title: "t".into(),
        mode: Mode::Ask,
        model: ModelRef("m/x".into()),
        folders,
        limits: Limits::default(),
        project: None,
        tier: None,
        made_by: "test".into(),
    }
}

fn said(text: &str) -> Fact {
    Fact::Said { text: text.into(), attachments: Vec::new(), command: None }
}

fn replied(text: &str, calls: &[&str], stop: Stop) -> Fact {
    let mut blocks = vec![Block::Text(TextBlock { text: text.into(), wire: None })];
    blocks.extend(calls.iter().map(|call| {
        Block::ToolCall(ToolCall {
            id: CallId::from(*call),
            tool: "Look".into(),
            input: Json::empty_object(),
            wire: None,
        })
    }));
    let reply = Reply { blocks, stop, usage: Usage::default(), model: "x".into(), dialect: "d".into() };
    Fact::Replied { step: 1, reply, ms: 1 }
}

fn finished(call: &str, outcome: Outcome, text: &str) -> Fact {
    Fact::ToolFinished { call: CallId::from(call), outcome, output: vec![Part::text(text)], ms: 1 }
}

fn step() -> Fact {
    Fact::StepStarted { step: 1, model: ModelRef("m/x".into()) }
}

fn log(facts: Vec<Fact>) -> Vec<Event> {
    facts
        .into_iter()
        .zip(1..)
        .map(|(fact, seq)| Event {
            seq: Seq(seq),
            at: Timestamp(1_795_305_600_000),
            task: TaskId::from_random([1; 8]),
            actor: Actor::Engine,
            prev: Digest::of(b""),
            fact,
        })
        .collect()
}

fn told(facts: Vec<Fact>) -> Vec<String> {
    let kept = Kept::default();
    let mut prompt = Prompt::new(Box::new(kept.clone()));
    for event in log(facts) {
        if Prompt::restarts(&event) {
            kept.0.lock().unwrap().clear();
            prompt.restart(Box::new(kept.clone()));
        }
        prompt.feed(&event, &|_| Some(vec![0; 3]));
    }
    kept.words()
}

#[test]
fn the_first_message_tells_date_and_places() {
    let with = told(vec![
        created(vec![folder("Reports", Access::ReadWrite), folder("Taxes", Access::ReadOnly)]),
        said("Go"),
        step(),
    ]);
    assert_eq!(
        with,
        ["user: [Today is 2026-11-22 (UTC). Granted folders: /work/Reports (read and write), /work/Taxes \
          (read-only). Relative paths start at /work/Reports.] | Go"]
    );
    let without = told(vec![created(vec![]), said("Go"), step()]);
    assert_eq!(
        without,
        ["user: [Today is 2026-11-22 (UTC). No folder is granted; work in /outputs, which is also where relative \
          paths start.] | Go"]
    );
}

#[test]
fn results_stand_in_the_order_of_the_calls_with_what_was_said_meanwhile() {
    let words = told(vec![
        created(vec![]),
        said("Go"),
        step(),
        replied("Looking.", &["c1", "c2", "c3"], Stop::Tools),
        finished("c2", Outcome::Ok, "second"),
        said("hurry"),
        finished("c1", Outcome::Failed, "first"),
        step(),
    ]);
    assert_eq!(
        words[1..],
        ["model: Looking.", "results: c1 failed: first / c2: second / c3 failed: Outcome unknown. + hurry"]
    );
}

#[test]
fn what_is_said_while_the_model_speaks_comes_after_its_words() {
    let words = told(vec![
        created(vec![]),
        said("Go"),
        step(),
        said("also this"),
        replied("Done.", &[], Stop::Finished),
        step(),
    ]);
    assert_eq!(words[1..], ["model: Done.", "user: also this"]);
}

#[test]
fn a_conversation_never_ends_with_the_models_own_words() {
    for (stop, expected) in [
        (Stop::OutputLimit, Some("user: [Your reply reached its length limit. Go on exactly where it ended.]")),
        (Stop::Finished, Some("user: [Go on.]")),
        (Stop::ProviderPause, None),
    ] {
        let words = told(vec![created(vec![]), said("Go"), step(), replied("So", &[], stop), step()]);
        assert_eq!(words.get(2).map(String::as_str), expected);
    }
}

#[test]
fn changes_of_the_world_are_told() {
    let attachments = vec![Attachment { name: "in.csv".into(), bytes: 12 }];
    let words = told(vec![
        created(vec![]),
        Fact::Said { text: "Go".into(), attachments, command: None },
        Fact::FolderAdded(folder("Photos", Access::ReadOnly)),
        Fact::FolderRemoved { name: "Photos".into() },
        Fact::ModeSet { mode: Mode::Skip },
        step(),
    ]);
    let parts: Vec<&str> = words[0].split(" | ").skip(1).collect();
    assert_eq!(
        parts,
        [
            "Go\n\n[Attached: /uploads/in.csv (12 bytes)]",
            "[The user granted /work/Photos (read-only).]",
            "[The user took /work/Photos back; it can no longer be used.]",
            "[The user changed the mode: Deskhand now asks only for deletion.]",
        ]
    );
}

#[test]
fn what_the_user_wants_kept_in_mind_is_told_where_it_changes() {
    let instructed = |text: &str| Fact::InstructionsSet { text: text.into() };
    let pinned = |path: &str| Fact::FilePinned { path: path.into() };
    let words = told(vec![
        created(vec![]),
        instructed("Write short.\n- In [German]\u{202e}."),
        said("Go"),
        step(),
        replied("a", &[], Stop::Finished),
        instructed("Write long."),
        pinned("/work/Reports/a].md"),
        Fact::FileUnpinned { path: "/outputs/b.md".into() },
        Fact::EffortSet { effort: Some("high".into()) },
        Fact::Marked(event::Mark::Pinned),
        instructed(""),
        said("more"),
        step(),
    ]);
    let first: Vec<&str> = words[0].split(" | ").skip(1).collect();
    assert_eq!(
        first,
        ["[The user's instructions, which hold for this whole task:\nWrite short.\n- In (German)\\u{202e}.]", "Go"]
    );
    let second: Vec<&str> = words[2].split(" | ").collect();
    assert_eq!(
        second,
        [
            "user: [The user changed the instructions for this task. They are now:\nWrite long.]",
            "[The user pinned /work/Reports/a).md: it matters for this task.]",
            "[The user unpinned /outputs/b.md.]",
            "[The user took the instructions for this task back.]",
            "more",
        ]
    );
}

#[test]
fn what_the_user_wants_kept_in_mind_has_a_size() {
    let paths = (0..60).map(|number| Fact::FilePinned { path: format!("/outputs/{number}{}", "p".repeat(4000)) });
    let mut facts = vec![created(vec![]), Fact::InstructionsSet { text: "i".repeat(30_000) }, said("Go"), step()];
    facts.extend(paths);
    facts.push(Fact::Compacted { through: Seq(64), summary: "s".into() });
    let words = told(facts);
    let parts: Vec<&str> = words[0].split(" | ").collect();
    assert_eq!(parts.len(), 4, "{parts:?}");
    assert!(parts[1].ends_with("i… (cut here)]") && parts[1].len() < 20_200, "{}", parts[1].len());
    assert_eq!(parts[2].matches("/outputs/").count(), 50);
    assert!(parts[2].len() < 50 * 450, "{}", parts[2].len());
}

#[test]
fn pictures_are_shown() {
    let picture = Part::Image { media: "image/png".into(), blob: Digest::of(b"p") };
    let result = Fact::ToolFinished { call: CallId::from("c1"), outcome: Outcome::Ok, output: vec![picture], ms: 1 };
    let words = told(vec![created(vec![]), said("Go"), step(), replied("", &["c1"], Stop::Tools), result, step()]);
    assert_eq!(words.last().unwrap(), "results: c1: <image/png 3 bytes> + ");
}

#[test]
fn after_a_compaction_the_summary_stands_for_everything_it_covers() {
    let words = told(vec![
        created(vec![folder("Reports", Access::ReadWrite)]),
        said("Go"),
        step(),
        replied("Looking.", &["c1"], Stop::Tools),
        finished("c1", Outcome::Ok, "a great deal"),
        said("said during the summary"),
        Fact::Compacted { through: Seq(5), summary: "We looked.".into() },
        step(),
        replied("Done.", &[], Stop::Finished),
    ]);
    assert_eq!(words.len(), 2, "{words:?}");
    assert!(words[0].starts_with("user: [Today is 2026-11-22 (UTC). Granted folders: /work/Reports"), "{}", words[0]);
    assert!(words[0].contains("We looked.") && words[0].ends_with("said during the summary"), "{}", words[0]);
    assert!(!words[0].contains("a great deal"));
}

#[test]
fn after_a_compaction_what_still_holds_is_told_again() {
    let instructed = |text: &str| Fact::InstructionsSet { text: text.into() };
    let pinned = |path: &str| Fact::FilePinned { path: path.into() };
    let words = told(vec![
        created(vec![]),
        instructed("Write short."),
        said("Go"),
        pinned("/outputs/a.md"),
        pinned("/outputs/b.md"),
        step(),
        instructed("Write long."),
        Fact::FileUnpinned { path: "/outputs/a.md".into() },
        Fact::Compacted { through: Seq(8), summary: "We looked.".into() },
        step(),
    ]);
    let parts: Vec<&str> = words[0].split(" | ").skip(1).collect();
    assert_eq!(
        parts[..2],
        [
            "[The user's instructions, which hold for this whole task:\nWrite long.]",
            "[Pinned by the user, because they matter for this task: /outputs/b.md.]",
        ]
    );
    assert!(parts[2].contains("We looked."), "{}", parts[2]);
    assert_eq!(parts.len(), 3);
}

#[test]
fn history_only_grows() {
    let facts = vec![
        created(vec![]),
        Fact::InstructionsSet { text: "Write short.".into() },
        Fact::FilePinned { path: "/outputs/a.md".into() },
        said("Go"),
        step(),
        replied("a", &["c1"], Stop::Tools),
        finished("c1", Outcome::Ok, "r"),
        said("more"),
        step(),
        replied("b", &[], Stop::Finished),
        said("again"),
        step(),
    ];
    let whole = told(facts.clone());
    for cut in 0..facts.len() {
        let part = told(facts[..cut].to_vec());
        assert_eq!(part, whole[..part.len()], "cut at {cut}");
    }
}

#[test]
fn the_setup_is_small_and_the_same_every_time() {
    let toolbox = Toolbox::new(tool_task::tools());
    let one = setup(&toolbox);
    let size: usize = one.tools.iter().map(|tool| tool.description.len() + tool.input.as_str().len()).sum();
    assert!(one.system.len() + size <= MAX_SETUP_BYTES, "{}", one.system.len() + size);
    assert!(one.system.len() <= 3_500, "{}", one.system.len());
    assert_eq!(one, setup(&toolbox));
    let names: Vec<&str> = one.tools.iter().map(|tool| tool.name.as_str()).collect();
    assert!(names.is_sorted());
    insta::assert_snapshot!(one.system);
}
