//! What comes out of a queue, and what it costs.

use std::task::{Context, Poll, Waker};

use super::{Next, Outlet, PIECE, RUNS, locked, queue};
use crate::Stream;

fn read(outlet: &mut Outlet<u8>) -> Poll<Option<Next<u8>>> {
    outlet.poll(&mut Context::from_waker(Waker::noop()))
}

fn bytes(stream: Stream, bytes: &[u8]) -> Poll<Option<Next<u8>>> {
    Poll::Ready(Some(Next::Bytes(stream, bytes.to_vec())))
}

#[test]
fn bytes_come_in_their_order_and_then_the_last_word() {
    let (inlet, mut outlet) = queue();
    assert_eq!(read(&mut outlet), Poll::Pending);
    inlet.add(Stream::Out, b"a");
    inlet.add(Stream::Out, b"b");
    inlet.add(Stream::Error, b"c");
    inlet.add(Stream::Out, b"");
    inlet.add(Stream::Error, b"d");
    inlet.add(Stream::Out, b"e");
    inlet.end(7);
    assert_eq!(read(&mut outlet), bytes(Stream::Out, b"ab"));
    assert_eq!(read(&mut outlet), bytes(Stream::Error, b"cd"));
    assert_eq!(read(&mut outlet), bytes(Stream::Out, b"e"));
    assert_eq!(read(&mut outlet), Poll::Ready(Some(Next::Last(7))));
    assert_eq!(read(&mut outlet), Poll::Ready(None));
}

#[test]
fn long_runs_come_in_pieces_whatever_their_place_in_memory() {
    let (inlet, mut outlet) = queue();
    let all: Vec<u8> = (0..3 * PIECE).map(|index| u8::try_from(index % 251).unwrap_or_default()).collect();
    let (first, second) = all.split_at(PIECE + 1);
    inlet.add(Stream::Out, first);
    let mut got = Vec::new();
    let mut sizes = Vec::new();
    let mut take = |outlet: &mut Outlet<u8>| {
        let Poll::Ready(Some(Next::Bytes(_, piece))) = read(outlet) else { return };
        sizes.push(piece.len());
        got.extend(piece);
    };
    take(&mut outlet);
    inlet.add(Stream::Out, second);
    take(&mut outlet);
    take(&mut outlet);
    take(&mut outlet);
    assert_eq!(sizes, [PIECE; 3]);
    assert!(got == all);
    drop(inlet);
    assert_eq!(read(&mut outlet), Poll::Ready(None));
}

#[test]
fn small_frames_cost_little_more_than_their_content() {
    const COUNT: usize = 1 << 20;
    let (inlet, mut outlet) = queue();
    for index in 0..COUNT {
        let byte = [u8::try_from(index / 2 % 251).unwrap_or_default()];
        inlet.add(if index % 2 == 0 { Stream::Out } else { Stream::Error }, &byte);
    }
    let cost = {
        let queue = locked(&outlet.0);
        assert!(queue.runs.len() <= RUNS);
        queue.out.capacity() + queue.error.capacity() + queue.runs.capacity() * size_of::<(Stream, usize)>()
    };
    assert!(cost <= 3 * COUNT, "{cost} bytes for {COUNT}");
    // Each stream is whole and in its order.
    let mut streams = [Vec::new(), Vec::new()];
    while let Poll::Ready(Some(Next::Bytes(stream, piece))) = read(&mut outlet) {
        streams[usize::from(stream == Stream::Error)].extend(piece);
    }
    let expected: Vec<u8> = (0..COUNT / 2).map(|index| u8::try_from(index % 251).unwrap_or_default()).collect();
    assert!(streams[0] == expected && streams[1] == expected);
    drop(inlet);
}

#[test]
fn what_nobody_will_read_is_not_kept() {
    let (inlet, outlet) = queue::<u8>();
    inlet.add(Stream::Out, &[1; 100]);
    drop(outlet);
    inlet.add(Stream::Error, &[1; 100]);
    let queue = locked(&inlet.0);
    assert_eq!((queue.out.capacity(), queue.error.capacity(), queue.runs.len()), (0, 0, 0));
}
