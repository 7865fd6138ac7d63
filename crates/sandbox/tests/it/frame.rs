//! Frames: the table of kinds, and that no bytes make the reader fail.

use proptest::prelude::*;
use sandbox::{Frame, FrameError, FrameKind, HEADER_BYTES, MAX_PAYLOAD};

const KINDS: [(FrameKind, u8); 17] = [
    (FrameKind::Hello, 1),
    (FrameKind::Exec, 2),
    (FrameKind::Kill, 3),
    (FrameKind::Out, 4),
    (FrameKind::Error, 5),
    (FrameKind::Exit, 6),
    (FrameKind::Refused, 7),
    (FrameKind::Credit, 8),
    (FrameKind::Setup, 9),
    (FrameKind::Open, 10),
    (FrameKind::Data, 11),
    (FrameKind::Close, 12),
    (FrameKind::Reset, 13),
    (FrameKind::Hold, 14),
    (FrameKind::Release, 15),
    (FrameKind::Ping, 16),
    (FrameKind::Pong, 17),
];

#[test]
fn every_kind_has_its_number_and_comes_back() {
    for (kind, code) in KINDS {
        assert_eq!(kind.code(), code);
        let frame = Frame::new(0x0102_0304, kind, "hi");
        let bytes = frame.encode();
        assert_eq!(bytes, [&[0, 0, 0, 2, 1, 2, 3, 4, code][..], &b"hi"[..]].concat());
        assert_eq!(Frame::decode(&bytes), Ok(Some((frame, HEADER_BYTES + 2))));
    }
}

#[test]
fn a_kind_of_a_later_release_is_a_frame_without_kind() {
    for code in [0, 18, 200, 255] {
        let bytes = [0, 0, 0, 1, 0, 0, 0, 7, code, b'x'];
        let frame = Frame { stream: 7, kind: None, payload: b"x".to_vec() };
        assert_eq!(Frame::decode(&bytes), Ok(Some((frame, bytes.len()))));
    }
}

#[test]
fn an_incomplete_frame_waits_and_a_giant_one_is_refused() {
    let whole = Frame::new(1, FrameKind::Out, vec![7; 100]).encode();
    for cut in 0..whole.len() {
        assert_eq!(Frame::decode(&whole[..cut]), Ok(None), "cut at {cut}");
    }
    let largest = Frame::new(1, FrameKind::Out, vec![7; MAX_PAYLOAD]);
    assert_eq!(Frame::decode(&largest.encode()), Ok(Some((largest, HEADER_BYTES + MAX_PAYLOAD))));
    let giant = [0xff, 0xff, 0xff, 0xff, 0, 0, 0, 1, 4];
    assert_eq!(Frame::decode(&giant), Err(FrameError::TooLong(u32::MAX as usize)));
    let too_long = [0, 0x10, 0, 1, 0, 0, 0, 1, 4];
    assert_eq!(Frame::decode(&too_long), Err(FrameError::TooLong(MAX_PAYLOAD + 1)));
}

fn any_kind() -> impl Strategy<Value = FrameKind> {
    (0..KINDS.len()).prop_map(|at| KINDS[at].0)
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_failing(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(Some((frame, used))) = Frame::decode(&bytes) {
            prop_assert_eq!(used, HEADER_BYTES + frame.payload.len());
            prop_assert!(used <= bytes.len());
        }
    }

    #[test]
    fn frames_come_back_one_by_one_however_the_bytes_are_cut(
        frames in proptest::collection::vec(
            (any::<u32>(), any_kind(), proptest::collection::vec(any::<u8>(), 0..300)), 0..12),
        step in 1usize..50,
    ) {
        let frames: Vec<Frame> = frames.into_iter().map(|(stream, kind, bytes)| Frame::new(stream, kind, bytes)).collect();
        let wire: Vec<u8> = frames.iter().flat_map(Frame::encode).collect();
        let (mut buffer, mut read) = (Vec::new(), Vec::new());
        for piece in wire.chunks(step) {
            buffer.extend_from_slice(piece);
            while let Some((frame, used)) = Frame::decode(&buffer).unwrap() {
                read.push(frame);
                buffer.drain(..used);
            }
        }
        prop_assert_eq!(read, frames);
        prop_assert!(buffer.is_empty());
    }
}
