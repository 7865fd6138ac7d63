//! The link against a guest played by the test: what an honest and a hostile one can cause.

use std::io::IoSlice;
use std::mem::MaybeUninit;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags};
use sandbox::link::{Link, greet};
use sandbox::{
    Command, Exit, Frame, FrameKind, GuestHello, GuestSetup, Network, OUTPUT_WINDOW, Output, PROTOCOL, ResourceLimits,
    SandboxError, Stream,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

type Items = BoxStream<'static, Result<Output, SandboxError>>;

pub(crate) struct World {
    pub(crate) link: Arc<Link>,
    guest: UnixStream,
    incoming: Vec<u8>,
}

impl World {
    pub(crate) fn new(network: Option<Arc<dyn Network>>) -> Self {
        let (ours, guest) = UnixStream::pair().unwrap();
        Self { link: Link::start(ours, network), guest, incoming: Vec::new() }
    }

    pub(crate) async fn say(&mut self, frame: Frame) {
        self.guest.write_all(&frame.encode()).await.unwrap();
    }

    /// The next frame from the host; none once it closed.
    pub(crate) async fn hear(&mut self) -> Option<Frame> {
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

    /// Begins a command and hears of it.
    async fn begin(&mut self, program: &str) -> (u32, Items) {
        let items = self.link.exec(&command(program)).unwrap().output;
        let frame = self.hear().await.unwrap();
        assert_eq!(frame.kind, Some(FrameKind::Exec));
        assert_eq!(serde_json::from_slice::<Command>(&frame.payload).unwrap(), command(program));
        (frame.stream, items)
    }
}

fn command(program: &str) -> Command {
    Command {
        argv: vec![program.to_owned()],
        directory: "/".to_owned(),
        environment: Vec::new(),
        timeout: Duration::from_secs(1),
    }
}

/// Items as text, because errors cannot be compared.
async fn told(items: &mut Items) -> String {
    match items.next().await {
        Some(Ok(Output::Bytes(Stream::Out, bytes))) => format!("out {}", String::from_utf8_lossy(&bytes)),
        Some(Ok(Output::Bytes(Stream::Error, bytes))) => format!("error {}", String::from_utf8_lossy(&bytes)),
        Some(Ok(Output::Exit(exit))) => format!("{exit:?}"),
        Some(Err(error)) => error.to_string(),
        None => "end".to_owned(),
    }
}

/// Reads this many bytes of standard output, in however many pieces.
async fn output(items: &mut Items, wanted: usize) -> usize {
    let mut found = 0;
    while found < wanted {
        match items.next().await {
            Some(Ok(Output::Bytes(Stream::Out, bytes))) => found += bytes.len(),
            other => panic!("{other:?}"),
        }
    }
    found
}

const EXIT: Exit = Exit { code: Some(0), signal: None, timed_out: false, out_of_memory: false };

fn exit_frame(stream: u32) -> Frame {
    Frame::new(stream, FrameKind::Exit, serde_json::to_vec(&EXIT).unwrap())
}

#[tokio::test]
async fn commands_share_the_socket_and_each_gets_its_own() {
    let mut world = World::new(None);
    let (first, mut first_items) = world.begin("a").await;
    let (second, mut second_items) = world.begin("b").await;
    world.say(Frame::new(second, FrameKind::Error, "e2")).await;
    world.say(Frame::new(first, FrameKind::Out, "o1")).await;
    world.say(Frame { stream: first, kind: None, payload: b"later release".to_vec() }).await;
    world.say(exit_frame(first)).await;
    world.say(Frame::new(second, FrameKind::Refused, "no such file")).await;
    assert_eq!(told(&mut first_items).await, "out o1");
    assert_eq!(told(&mut first_items).await, format!("{EXIT:?}"));
    assert_eq!(told(&mut first_items).await, "end");
    assert_eq!(told(&mut second_items).await, "error e2");
    assert_eq!(told(&mut second_items).await, "cannot run `b`: no such file");
    assert_eq!(told(&mut second_items).await, "end");
}

#[tokio::test]
async fn a_command_whose_reader_is_dropped_is_killed_and_forgotten() {
    let mut world = World::new(None);
    let (stream, items) = world.begin("a").await;
    drop(items);
    assert_eq!(world.hear().await, Some(Frame::new(stream, FrameKind::Kill, "")));
    let (next, mut items) = world.begin("b").await;
    // What the guest had sent before it heard of the kill does no harm.
    world.say(Frame::new(stream, FrameKind::Out, vec![0; 100_000])).await;
    world.say(exit_frame(stream)).await;
    world.say(exit_frame(next)).await;
    assert_eq!(told(&mut items).await, format!("{EXIT:?}"));
}

#[tokio::test]
async fn credit_is_returned_and_a_guest_that_sends_more_is_cut_off() {
    let mut world = World::new(None);
    let (stream, mut items) = world.begin("a").await;
    let half = OUTPUT_WINDOW as usize / 2;
    for _ in 0..2 {
        world.say(Frame::new(stream, FrameKind::Out, vec![b'x'; half])).await;
        assert_eq!(output(&mut items, half).await, half);
        let mut credit = 0;
        while credit < half {
            let frame = world.hear().await.unwrap();
            assert_eq!((frame.stream, frame.kind), (stream, Some(FrameKind::Credit)));
            credit += u32::from_be_bytes(frame.payload.try_into().unwrap()) as usize;
        }
        assert_eq!(credit, half);
    }
    for _ in 0..2 {
        world.say(Frame::new(stream, FrameKind::Out, vec![b'x'; half])).await;
    }
    world.say(Frame::new(stream, FrameKind::Error, "4")).await;
    // The whole of it is taken in before any of it is read, so no credit came back in time.
    assert_eq!(world.hear().await, None);
    let lost = "the sandbox ended unexpectedly: it sent more than it was allowed to";
    assert_eq!(output(&mut items, 2 * half).await, 2 * half);
    assert_eq!(told(&mut items).await, lost);
    let again = world.link.exec(&command("b")).err().map(|error| error.to_string());
    assert_eq!(again.as_deref(), Some(lost));
}

#[tokio::test]
async fn nonsense_and_silence_end_every_command_with_a_reason() {
    let connection = sandbox::CONNECTION | 1;
    let nonsense: [(&[u8], &str); 4] = [
        (&[0xff; 9], "a frame announces 4294967295 bytes, more than is allowed"),
        (&Frame::new(1, FrameKind::Exit, "{").encode(), "EOF while parsing an object at line 1 column 1"),
        (&Frame::new(0, FrameKind::Ping, [0; 65]).encode(), "its question is too long"),
        (&[], "its first process ended"),
    ];
    for (bytes, reason) in nonsense {
        let mut world = World::new(None);
        let (_, mut items) = world.begin("a").await;
        // Without a network a connection is refused and nothing else happens.
        world.say(Frame::new(connection, FrameKind::Open, "")).await;
        assert_eq!(world.hear().await, Some(Frame::new(connection, FrameKind::Reset, "")));
        world.guest.write_all(bytes).await.unwrap();
        let link = Arc::clone(&world.link);
        if bytes.is_empty() {
            drop(world.guest);
        }
        assert_eq!(told(&mut items).await, format!("the sandbox ended unexpectedly: {reason}"));
        assert_eq!(told(&mut items).await, "end");
        assert_eq!(link.ping().await.unwrap_err().to_string(), format!("the sandbox ended unexpectedly: {reason}"));
    }
}

#[tokio::test]
async fn what_the_socket_does_not_take_at_once_arrives_later_and_whole() {
    let mut world = World::new(None);
    let long = Command { argv: vec!["x".repeat(1_000_000)], ..command("") };
    let executions: Vec<_> = (0..4).map(|_| world.link.exec(&long).unwrap()).collect();
    for _ in &executions {
        let frame = world.hear().await.unwrap();
        assert_eq!(serde_json::from_slice::<Command>(&frame.payload).unwrap(), long);
    }
    let too_long = Command { argv: vec!["x".repeat(2_000_000)], ..command("") };
    assert!(matches!(world.link.exec(&too_long), Err(SandboxError::Spawn { .. })));
}

#[tokio::test]
async fn a_guest_that_does_not_read_is_given_up() {
    let world = World::new(None);
    let long = Command { argv: vec!["x".repeat(1_000_000)], ..command("") };
    let mut kept = Vec::new();
    let error = loop {
        match world.link.exec(&long) {
            Ok(execution) => kept.push(execution),
            Err(error) => break error,
        }
    };
    assert!(kept.len() < 20, "{} commands were taken", kept.len());
    assert!(matches!(error, SandboxError::Lost(reason) if reason == "it does not read what it is sent"));
}

#[tokio::test]
async fn both_sides_answer_questions_and_clocks_are_told_to_stop() {
    let mut world = World::new(None);
    world.say(Frame::new(0, FrameKind::Ping, "there?")).await;
    assert_eq!(world.hear().await, Some(Frame::new(0, FrameKind::Pong, "there?")));
    world.link.hold();
    world.link.release();
    assert_eq!(world.hear().await, Some(Frame::new(0, FrameKind::Hold, "")));
    assert_eq!(world.hear().await, Some(Frame::new(0, FrameKind::Release, "")));
    let link = Arc::clone(&world.link);
    let (answer, ()) = tokio::join!(link.ping(), async {
        let question = world.hear().await.unwrap();
        assert_eq!((question.stream, question.kind), (0, Some(FrameKind::Ping)));
        // An answer to nothing changes nothing.
        world.say(Frame::new(0, FrameKind::Pong, [9; 8])).await;
        world.say(Frame::new(0, FrameKind::Pong, question.payload)).await;
    });
    assert!(answer.is_ok());
    world.link.close("it was stopped");
    assert_eq!(world.link.ping().await.unwrap_err().to_string(), "the sandbox ended unexpectedly: it was stopped");
}

#[tokio::test]
async fn the_greeting_brings_a_descriptor_where_one_was_sent() {
    let setup = GuestSetup {
        protocol: PROTOCOL,
        share: true,
        network: false,
        limits: ResourceLimits::default(),
        seed: String::new(),
        now: 0,
    };
    let hello = GuestHello { protocol: PROTOCOL, landlock: 7, share_error: None };
    let frame = Frame::new(0, FrameKind::Hello, serde_json::to_vec(&hello).unwrap()).encode();
    for with_descriptor in [true, false] {
        let (mut ours, guest) = UnixStream::pair().unwrap();
        let file = tempfile::tempfile().unwrap();
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut control = SendAncillaryBuffer::new(&mut space);
        let descriptors = [file.as_fd()];
        if with_descriptor {
            control.push(SendAncillaryMessage::ScmRights(&descriptors));
        }
        let (first, rest) = frame.split_at(5);
        rustix::net::sendmsg(&guest, &[IoSlice::new(first)], &mut control, SendFlags::empty()).unwrap();
        guest.try_write(rest).ok();
        let mut guest = guest;
        let mut came = false;
        let (greeting, ()) = tokio::join!(greet(&mut ours, &setup, |_| came = true), async {
            let mut bytes = Vec::new();
            while Frame::decode(&bytes).unwrap().is_none() {
                guest.read_buf(&mut bytes).await.unwrap();
            }
            let (frame, _) = Frame::decode(&bytes).unwrap().unwrap();
            assert_eq!(serde_json::from_slice::<GuestSetup>(&frame.payload).unwrap(), setup);
        });
        assert_eq!((greeting, came), (Some(hello.clone()), with_descriptor));
    }
    let (mut ours, guest) = UnixStream::pair().unwrap();
    drop(guest);
    assert!(greet(&mut ours, &setup, drop).await.is_none());
}
