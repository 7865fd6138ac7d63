//! Digests as text, and what breaks a chain.

use std::io::Read;

use crate::{Actor, Chain, ChainError, Digest, Event, Fact, Mode, Seq, TaskId, Timestamp};

/// From the BLAKE3 test vectors: the hash of nothing, and of one zero byte.
const NOTHING: &str = "af1349b9f5f9a1a6a0404dea36dcc949";
const ZERO: &str = "2d3adedff11b61f14c886e35afa03673";

fn line(seq: u64, prev: Digest) -> (Event, String) {
    let fact = Fact::ModeSet { mode: Mode::Auto };
    let task = TaskId::from_random([0; 8]);
    let event = Event { seq: Seq(seq), at: Timestamp(5), task, actor: Actor::User, prev, fact };
    let line = event.to_line().expect("a line");
    (event, line)
}

#[test]
fn a_digest_is_the_first_half_of_blake3() {
    assert_eq!(Digest::of(b"").to_string(), NOTHING);
    assert_eq!(Digest::of(&[0]).to_string(), ZERO);
    assert_eq!(format!("{:?}", Digest::of(b"")), format!("Digest({NOTHING})"));
}

#[test]
fn a_digest_is_read_as_it_is_written() {
    let digest = Digest::of(b"deskhand");
    assert_eq!(Digest::parse(&digest.to_string()), Some(digest));
    assert_eq!(Digest::parse(&NOTHING.to_uppercase()), Some(Digest::of(b"")));
    let bad =
        ["", "af", &NOTHING[1..], &format!("{NOTHING}0"), &NOTHING.replace('f', "g"), &"é".repeat(16), &" ".repeat(32)];
    for text in bad {
        assert_eq!(Digest::parse(text), None, "{text}");
    }
    let json = serde_json::to_string(&digest).expect("text");
    assert_eq!(json, format!("\"{digest}\""));
    assert_eq!(serde_json::from_str::<Digest>(&json).expect("a digest"), digest);
    assert!(serde_json::from_str::<Digest>("\"af\"").is_err());
}

/// Gives its bytes a few at a time, and is interrupted in between.
struct Trickle<'a>(&'a [u8], bool);

impl Read for Trickle<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.1 = !self.1;
        if self.1 {
            return Err(std::io::ErrorKind::Interrupted.into());
        }
        let count = buffer.len().min(7777);
        self.0.read(&mut buffer[..count])
    }
}

#[test]
fn a_reader_has_the_digest_of_its_bytes() {
    for length in [0, 1, 65_535, 65_536, 65_537, 300_000] {
        let bytes: Vec<u8> = (0..=250).cycle().take(length).collect();
        assert_eq!(Digest::of_reader(Trickle(&bytes, false)).expect("a digest"), Digest::of(&bytes), "{length}");
    }
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::PermissionDenied.into())
        }
    }
    assert_eq!(Digest::of_reader(Broken).map_err(|error| error.kind()), Err(std::io::ErrorKind::PermissionDenied));
}

#[test]
fn a_chain_takes_only_what_follows() {
    let (first, first_line) = line(1, Digest::of(b""));
    let (second, second_line) = line(2, Digest::of(first_line.as_bytes()));
    let mut chain = Chain::default();
    assert_eq!((chain.head, chain.digest), (Seq(0), Digest::of(b"")));
    assert_eq!(chain.check(&first, &first_line), Ok(()));
    let after_first = chain;
    assert_eq!(chain.check(&first, &first_line), Err(ChainError::OutOfOrder { expected: Seq(2), found: Seq(1) }));
    let (stranger, stranger_line) = line(2, Digest::of(b"another line"));
    assert_eq!(chain.check(&stranger, &stranger_line), Err(ChainError::Broken(Seq(2))));
    assert_eq!(chain, after_first, "a refused line is not stepped over");
    assert_eq!(chain.check(&second, &second_line), Ok(()));
    let mut written = Chain::default();
    written.advance(&first_line);
    written.advance(&second_line);
    assert_eq!(written, chain);
    assert_eq!(
        [ChainError::OutOfOrder { expected: Seq(2), found: Seq(9) }, ChainError::Broken(Seq(4))].map(|e| e.to_string()),
        [
            "event 9 stands where event 2 belongs",
            "event 4 does not follow the line before it: one of the two was altered"
        ]
    );
}
