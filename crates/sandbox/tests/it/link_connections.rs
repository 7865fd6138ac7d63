//! Connections of programs inside, carried to a gate played by the test.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use sandbox::{CONNECTION, CONNECTION_WINDOW, Errand, Frame, FrameKind, Network};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

use crate::link::World;

/// What the gate does with every connection.
#[derive(Clone, Copy)]
enum Gate {
    /// Sends everything back.
    Echo,
    /// Closes at once.
    Closing,
    /// Sends for ever.
    Flood,
    /// Neither reads nor writes.
    Waiting,
}

impl Network for Gate {
    fn serve(self: Arc<Self>, connection: DuplexStream) -> BoxFuture<'static, ()> {
        Box::pin(async move {
            let (mut reading, mut writing) = tokio::io::split(connection);
            match *self {
                Gate::Echo => {
                    tokio::io::copy(&mut reading, &mut writing).await.ok();
                    writing.shutdown().await.ok();
                }
                Gate::Closing => {}
                Gate::Flood => while writing.write_all(&[7; 4096]).await.is_ok() {},
                Gate::Waiting => {
                    std::future::pending::<()>().await;
                    drop((reading.read_u8().await, writing));
                }
            }
        })
    }

    fn begin(&self, _: Errand) {}

    fn end(&self) {}
}

const ONE: u32 = CONNECTION | 1;

fn frame(stream: u32, kind: FrameKind, payload: impl Into<Vec<u8>>) -> Frame {
    Frame::new(stream, kind, payload)
}

async fn open(gate: Gate) -> World {
    let mut world = World::new(Some(Arc::new(gate)));
    world.say(frame(ONE, FrameKind::Open, "")).await;
    world
}

#[tokio::test]
async fn bytes_go_both_ways_with_credit_and_each_side_ends_its_own() {
    let mut world = open(Gate::Echo).await;
    for round in 0..3_u8 {
        world.say(frame(ONE, FrameKind::Data, vec![round; 1000])).await;
        let (mut credit, mut data) = (0, Vec::new());
        while credit < 1000 || data.len() < 1000 {
            let heard = world.hear().await.unwrap();
            match heard.kind {
                Some(FrameKind::Credit) => credit += u32::from_be_bytes(heard.payload.try_into().unwrap()),
                Some(FrameKind::Data) => data.extend(heard.payload),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!((credit, data), (1000, vec![round; 1000]));
    }
    world.say(frame(ONE, FrameKind::Close, "")).await;
    assert_eq!(world.hear().await, Some(frame(ONE, FrameKind::Close, "")));
    // The number is free again.
    world.say(frame(ONE, FrameKind::Open, "")).await;
    world.say(frame(ONE, FrameKind::Close, "")).await;
    assert_eq!(world.hear().await, Some(frame(ONE, FrameKind::Close, "")));
}

#[tokio::test]
async fn a_gate_that_closes_ends_its_side_and_takes_the_rest() {
    let mut world = open(Gate::Closing).await;
    assert_eq!(world.hear().await, Some(frame(ONE, FrameKind::Close, "")));
    world.say(frame(ONE, FrameKind::Data, "late")).await;
    assert_eq!(world.hear().await, Some(frame(ONE, FrameKind::Credit, 4_u32.to_be_bytes())));
    world.say(frame(ONE, FrameKind::Close, "")).await;
    // Of one that is over may still be spoken.
    world.say(frame(ONE, FrameKind::Data, "after the end")).await;
    world.say(frame(0, FrameKind::Ping, "there?")).await;
    assert_eq!(world.hear().await, Some(frame(0, FrameKind::Pong, "there?")));
}

#[tokio::test]
async fn no_more_is_sent_than_the_guest_takes() {
    let mut world = open(Gate::Flood).await;
    let mut got = 0;
    while got < CONNECTION_WINDOW as usize {
        let heard = world.hear().await.unwrap();
        assert_eq!(heard.kind, Some(FrameKind::Data));
        got += heard.payload.len();
    }
    assert_eq!(got, CONNECTION_WINDOW as usize);
    world.say(frame(0, FrameKind::Ping, "next")).await;
    assert_eq!(world.hear().await, Some(frame(0, FrameKind::Pong, "next")));
    world.say(frame(ONE, FrameKind::Credit, 10_u32.to_be_bytes())).await;
    let mut more = 0;
    while more < 10 {
        more += world.hear().await.unwrap().payload.len();
    }
    assert_eq!(more, 10);
    world.say(frame(ONE, FrameKind::Reset, "")).await;
    world.say(frame(0, FrameKind::Ping, "after")).await;
    assert_eq!(world.hear().await, Some(frame(0, FrameKind::Pong, "after")));
}

#[tokio::test]
async fn a_guest_that_breaks_the_rules_of_a_connection_is_cut_off() {
    let window = CONNECTION_WINDOW as usize;
    let breaches = [
        vec![frame(ONE, FrameKind::Open, "")],
        vec![frame(ONE, FrameKind::Data, vec![0; window]), frame(ONE, FrameKind::Data, vec![0; window])],
        vec![frame(ONE, FrameKind::Close, ""), frame(ONE, FrameKind::Data, "x")],
        vec![frame(ONE, FrameKind::Credit, 1_u32.to_be_bytes())],
        vec![frame(ONE, FrameKind::Credit, "x")],
    ];
    for breach in breaches {
        let mut world = open(Gate::Waiting).await;
        for frame in breach.clone() {
            world.say(frame).await;
        }
        while world.hear().await.is_some() {}
        assert!(world.link.ping().await.is_err(), "{breach:?}");
    }
}

#[tokio::test]
async fn too_many_connections_are_refused_one_by_one() {
    let mut world = World::new(Some(Arc::new(Gate::Waiting)));
    for number in 0..256 {
        world.say(frame(CONNECTION + number, FrameKind::Open, "")).await;
    }
    world.say(frame(CONNECTION + 999, FrameKind::Open, "")).await;
    assert_eq!(world.hear().await, Some(frame(CONNECTION + 999, FrameKind::Reset, "")));
}
