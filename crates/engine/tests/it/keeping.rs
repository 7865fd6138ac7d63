//! What is set about a task as a whole: it starts nothing, costs little, and the model hears of what concerns it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use event::{Fact, Mark, Mode, ModelRef, Reply, Stop, TextBlock, Usage, Wish};
use model::{Ask, Chunk, Conversation, Message, Model, Profile, ReplyStream, Setup};
use view::TaskState;

use crate::world::{Given, World};

/// A model that says one word and remembers how hard it was to try, and how many conversations were begun.
struct Trying {
    profile: Profile,
    efforts: Arc<Mutex<Vec<Option<String>>>>,
    begun: AtomicUsize,
}

struct Talk(Arc<Mutex<Vec<Option<String>>>>);

impl Trying {
    fn world() -> (World, Arc<Self>) {
        let profile = Profile { name: ModelRef("script/test".into()), context_tokens: None, dialect: "script" };
        let model = Arc::new(Self { profile, efforts: Arc::default(), begun: AtomicUsize::new(0) });
        (World::with(Given(vec![Arc::clone(&model) as Arc<dyn Model>])), model)
    }

    fn begun(&self) -> usize {
        self.begun.load(Ordering::SeqCst)
    }
}

impl Model for Trying {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    fn begin(&self, _setup: Arc<Setup>) -> Box<dyn Conversation> {
        self.begun.fetch_add(1, Ordering::SeqCst);
        Box::new(Talk(Arc::clone(&self.efforts)))
    }
}

impl Conversation for Talk {
    fn push(&mut self, _message: &Message) {}

    fn request_bytes(&self) -> usize {
        0
    }

    fn ask(&self, ask: &Ask) -> ReplyStream {
        self.0.lock().unwrap().push(ask.effort.clone());
        let reply = Reply {
            blocks: vec![event::Block::Text(TextBlock { text: "Done.".into(), wire: None })],
            stop: Stop::Finished,
            usage: Usage::default(),
            model: "test".into(),
            dialect: "script".into(),
        };
        Box::pin(futures_util::stream::iter([Ok(Chunk::Done(Box::new(reply)))]))
    }
}

fn say(text: &str) -> Wish {
    Wish::Say { text: text.into(), attachments: Vec::new() }
}

#[tokio::test]
async fn a_mark_on_a_quiet_task_writes_one_event_and_begins_nothing() {
    let (world, model) = Trying::world();
    world.start(Mode::Auto, "go").end().await;
    assert_eq!((world.view().state, world.view().unread, model.begun()), (TaskState::Done, true, 1));
    let before = world.events();
    for (id, mark, unread) in [("a", Mark::Seen, false), ("b", Mark::Pinned, false), ("c", Mark::Unseen, true)] {
        let running = world.open();
        running.wish(id, Wish::Mark(mark)).await.unwrap();
        running.end().await;
        assert_eq!((world.view().state, world.view().unread), (TaskState::Done, unread));
    }
    let after = world.events();
    assert_eq!(after[..before.len()], before);
    assert_eq!((after.len(), model.begun()), (before.len() + 3, 1), "{}", world.log());
    assert_eq!(world.view().changed_at, before.last().unwrap().at);
    // The same again changes nothing.
    let running = world.open();
    let head = running.wish("d", Wish::Mark(Mark::Pinned)).await.unwrap();
    running.end().await;
    assert_eq!((world.events(), world.view().head), (after, head));
}

#[tokio::test]
async fn a_mark_leaves_a_paused_task_paused() {
    let world = World::new("replies: [{ calls: [{ tool: Slow, input: { path: s } }] }, { text: done }]");
    let running = world.start(Mode::Auto, "go");
    world.until(|fact| matches!(fact, Fact::ToolStarted { .. })).await;
    running.wish("p", Wish::Pause).await.unwrap();
    world.watched.go.add_permits(1);
    running.end().await;
    let before = world.view();
    assert_eq!(before.state, TaskState::Paused);
    let running = world.open();
    running.wish("m", Wish::Mark(Mark::Archived)).await.unwrap();
    running.end().await;
    let view = world.view();
    assert_eq!(
        (view.state, view.archived, view.head),
        (TaskState::Paused, true, before.head.next()),
        "{}",
        world.log()
    );
    let running = world.open();
    running.wish("r", Wish::Resume).await.unwrap();
    running.end().await;
    assert_eq!((world.view().state, world.view().last_text.as_str()), (TaskState::Done, "done"));
}

#[tokio::test]
async fn a_task_that_goes_on_after_a_mark_knows_everything() {
    let world = World::new("replies: [{ text: first }, { expect: { contains: [more] }, text: second }]");
    world.start(Mode::Auto, "go").end().await;
    let running = world.open();
    running.wish("m", Wish::Mark(Mark::Pinned)).await.unwrap();
    // The runner may have ended already; then the message opens the task again, as a door would.
    let running = match running.wish("s", say("more")).await {
        Ok(_) => running,
        Err(_ended) => {
            running.end().await;
            let running = world.open();
            running.wish("s", say("more")).await.unwrap();
            running
        }
    };
    running.end().await;
    assert_eq!(world.view().last_text, "second", "{}", world.log());
}

#[tokio::test]
async fn the_model_hears_of_instructions_and_pinned_files() {
    let world = World::new(
        r#"
replies:
  - text: first
  - expect: { contains: ["which hold for this whole task:\nBe (very) kind.]", "pinned /work/Reports/a.md", again] }
    text: second
  - expect: { contains: ["They are now:\nBe brief.]", "unpinned /work/Reports/a.md", more] }
    text: third
"#,
    );
    world.start(Mode::Auto, "go").end().await;
    let told = async |wishes: Vec<Wish>| {
        for (number, wish) in wishes.into_iter().enumerate() {
            let running = world.open();
            running.wish(&format!("{}-{number}", world.view().head), wish).await.unwrap();
            running.end().await;
        }
    };
    let (pin, path) = (|path| Wish::PinFile { path }, "/work/Reports/a.md".to_owned());
    told(vec![Wish::SetInstructions { text: "Be [very] kind.".into() }, pin(path.clone()), say("again")]).await;
    assert_eq!(world.view().last_text, "second", "{}", world.log());
    told(vec![Wish::SetInstructions { text: "Be brief.".into() }, Wish::UnpinFile { path }, say("more")]).await;
    assert_eq!(world.view().last_text, "third", "{}", world.log());
}

#[tokio::test]
async fn the_effort_counts_from_the_next_step_on() {
    let (world, model) = Trying::world();
    world.start(Mode::Auto, "go").end().await;
    for (id, effort) in [("a", Some("high")), ("b", None)] {
        let running = world.open();
        running.wish(id, Wish::SetEffort { effort: effort.map(str::to_owned) }).await.unwrap();
        running.end().await;
        let running = world.open();
        running.wish(&format!("{id}-say"), say("more")).await.unwrap();
        running.end().await;
    }
    assert_eq!(*model.efforts.lock().unwrap(), [None, Some("high".to_owned()), None]);
}
