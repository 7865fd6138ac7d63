//! The connection against a guest played by the test: what an honest and a hostile one can cause.

use std::sync::Arc;

use sandbox::{Exit, Frame, FrameKind, OUTPUT_WINDOW, Output, SandboxError, Stream};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

use super::{Item, Link};

struct World {
    link: Arc<Link>,
    guest: UnixStream,
    incoming: Vec<u8>,
}

impl World {
    fn new() -> Self {
        let (ours, guest) = UnixStream::pair().unwrap();
        let link = Link::new(ours);
        tokio::spawn(Arc::clone(&link).read());
        Self { link, guest, incoming: Vec::new() }
    }

    async fn say(&mut self, frame: Frame) {
        self.guest.write_all(&frame.encode()).await.unwrap();
    }

    /// The next frame from the host; none once it closed.
    async fn hear(&mut self) -> Option<Frame> {
        loop {
            if let Some((frame, used)) = Frame::decode(&self.incoming).unwrap() {
                self.incoming.drain(..used);
                return Some(frame);
            }
            if self.guest.read_buf(&mut self.incoming).await.unwrap() == 0 {
                return None;
            }
        }
    }
}

/// Items as text, because errors cannot be compared.
fn told(item: Option<Item>) -> String {
    match item {
        Some(Ok(Output::Bytes(Stream::Out, bytes))) => format!("out {}", String::from_utf8_lossy(&bytes)),
        Some(Ok(Output::Bytes(Stream::Error, bytes))) => format!("error {}", String::from_utf8_lossy(&bytes)),
        Some(Ok(Output::Exit(exit))) => format!("{exit:?}"),
        Some(Err(error)) => error.to_string(),
        None => "end".to_owned(),
    }
}

const EXIT: Exit = Exit { code: Some(0), signal: None, timed_out: false };

fn exit_frame(stream: u32) -> Frame {
    Frame::new(stream, FrameKind::Exit, serde_json::to_vec(&EXIT).unwrap())
}

#[tokio::test]
async fn commands_share_the_socket_and_each_gets_its_own() {
    let mut world = World::new();
    let (first, mut first_items) = world.link.begin("a".into(), b"one".to_vec()).unwrap();
    let (second, mut second_items) = world.link.begin("b".into(), b"two".to_vec()).unwrap();
    assert_eq!(world.hear().await, Some(Frame::new(first, FrameKind::Exec, "one")));
    assert_eq!(world.hear().await, Some(Frame::new(second, FrameKind::Exec, "two")));
    world.say(Frame::new(second, FrameKind::Error, "e2")).await;
    world.say(Frame::new(first, FrameKind::Out, "o1")).await;
    world.say(Frame { stream: first, kind: None, payload: b"later release".to_vec() }).await;
    world.say(exit_frame(first)).await;
    world.say(Frame::new(second, FrameKind::Refused, "no such file")).await;
    assert_eq!(told(first_items.recv().await), "out o1");
    assert_eq!(told(first_items.recv().await), format!("{EXIT:?}"));
    assert_eq!(told(first_items.recv().await), "end");
    assert_eq!(told(second_items.recv().await), "error e2");
    assert_eq!(told(second_items.recv().await), "cannot run `b`: no such file");
    assert_eq!(told(second_items.recv().await), "end");
}

#[tokio::test]
async fn a_killed_command_is_told_to_the_guest_and_forgotten() {
    let mut world = World::new();
    let (stream, items) = world.link.begin("a".into(), Vec::new()).unwrap();
    drop(items);
    world.link.kill(stream);
    world.link.kill(stream);
    world.link.grant(stream, 5);
    let (next, mut items) = world.link.begin("b".into(), Vec::new()).unwrap();
    assert_eq!(world.hear().await, Some(Frame::new(stream, FrameKind::Exec, "")));
    assert_eq!(world.hear().await, Some(Frame::new(stream, FrameKind::Kill, "")));
    assert_eq!(world.hear().await, Some(Frame::new(next, FrameKind::Exec, "")));
    // What the guest had sent before it heard of the kill does no harm.
    world.say(Frame::new(stream, FrameKind::Out, vec![0; 100_000])).await;
    world.say(exit_frame(stream)).await;
    world.say(exit_frame(next)).await;
    assert_eq!(told(items.recv().await), format!("{EXIT:?}"));
}

#[tokio::test]
async fn a_guest_that_sends_more_than_its_credit_is_cut_off() {
    let mut world = World::new();
    let (stream, mut items) = world.link.begin("a".into(), Vec::new()).unwrap();
    let half = OUTPUT_WINDOW as usize / 2;
    for _ in 0..2 {
        world.say(Frame::new(stream, FrameKind::Out, vec![b'x'; half])).await;
        assert_eq!(told(items.recv().await).len(), 4 + half);
    }
    world.link.grant(stream, 3);
    world.say(Frame::new(stream, FrameKind::Error, "123")).await;
    assert_eq!(told(items.recv().await), "error 123");
    world.say(Frame::new(stream, FrameKind::Out, "4")).await;
    let lost = "the sandbox ended unexpectedly: it sent more than it was allowed to";
    assert_eq!(told(items.recv().await), lost);
    let again = world.link.begin("b".into(), Vec::new()).err().map(|error| error.to_string());
    assert_eq!(again.as_deref(), Some(lost));
}

#[tokio::test]
async fn nonsense_and_silence_end_every_command_with_a_reason() {
    let nonsense: [(&[u8], &str); 3] = [
        (&[0xff; 9], "a frame announces 4294967295 bytes, more than is allowed"),
        (&Frame::new(1, FrameKind::Exit, "{").encode(), "EOF while parsing an object at line 1 column 1"),
        (&[], "its first process ended"),
    ];
    for (bytes, reason) in nonsense {
        let mut world = World::new();
        let (_, mut items) = world.link.begin("a".into(), Vec::new()).unwrap();
        assert_eq!(world.hear().await.map(|frame| frame.kind), Some(Some(FrameKind::Exec)));
        world.guest.write_all(bytes).await.unwrap();
        if bytes.is_empty() {
            drop(world.guest);
        }
        assert_eq!(told(items.recv().await), format!("the sandbox ended unexpectedly: {reason}"));
        assert_eq!(told(items.recv().await), "end");
    }
}

#[tokio::test]
async fn what_the_socket_does_not_take_at_once_arrives_later_and_whole() {
    let mut world = World::new();
    let payload: Vec<u8> = (0..1_000_000_u32).map(|number| (number % 251) as u8).collect();
    let mut streams = Vec::new();
    for _ in 0..4 {
        let (stream, items) = world.link.begin("a".into(), payload.clone()).unwrap();
        streams.push((stream, items));
    }
    for (stream, _) in &streams {
        assert_eq!(world.hear().await, Some(Frame::new(*stream, FrameKind::Exec, payload.clone())));
    }
}

#[tokio::test]
async fn a_guest_that_does_not_read_is_given_up() {
    let world = World::new();
    let mut refusals = Vec::new();
    for _ in 0..20 {
        if let Err(error) = world.link.begin("a".into(), vec![0; 1 << 20]) {
            refusals.push(error);
        }
    }
    assert!(
        matches!(refusals.first(), Some(SandboxError::Lost(reason)) if reason == "it does not read what it is sent")
    );
}
