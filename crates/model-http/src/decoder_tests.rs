//! Recorded streams through splitter and decoder, cut in two at every byte, and ids that are missing or repeated.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use event::Reply;
use model::Chunk;

use crate::decoder::{Decoder, Ids, Progress, Size, Trouble};
use crate::endpoint::Endpoint;
use crate::quirks::Quirks;
use crate::sse::SseSplitter;

fn read(stream: &[u8], endpoint: &Endpoint, place: usize) -> (VecDeque<Chunk>, Reply) {
    let mut decoder = Decoder::new(endpoint, "m", Ids::new(1, Arc::default()));
    let mut splitter = SseSplitter::default();
    let (mut chunks, mut whole) = (VecDeque::new(), None);
    let (first, second) = stream.split_at(place);
    for piece in [first, second] {
        let each = |data: &[u8]| {
            if let Progress::Complete(reply) = decoder.event(data, &mut chunks).unwrap() {
                whole = Some(*reply);
            }
            whole.is_none()
        };
        splitter.feed(piece, each).unwrap();
    }
    (chunks, whole.unwrap())
}

#[test]
fn a_stream_cut_in_two_anywhere_reads_the_same() {
    let anthropic = Endpoint::anthropic("a", "http://localhost", None);
    let openai = Endpoint::openai("o", "http://localhost", None, Quirks::PLAIN);
    let streams: [(&[u8], &Endpoint); 5] = [
        (include_bytes!("../tests/it/recorded/anthropic_text_and_call.sse"), &anthropic),
        (include_bytes!("../tests/it/recorded/anthropic_thinking_and_calls.sse"), &anthropic),
        (include_bytes!("../tests/it/recorded/anthropic_server_tools.sse"), &anthropic),
        (include_bytes!("../tests/it/recorded/openai_reasoning_and_text.sse"), &openai),
        (include_bytes!("../tests/it/recorded/openai_parallel_calls.sse"), &openai),
    ];
    for (stream, endpoint) in streams {
        let whole = read(stream, endpoint, 0);
        for place in 1..=stream.len() {
            assert_eq!(read(stream, endpoint, place), whole, "cut at {place}");
        }
    }
}

#[test]
fn ids_are_kept_where_they_can_be_and_made_where_they_cannot() {
    let known = Arc::new(HashSet::from(["old".to_owned(), "call_3_2".to_owned()]));
    let mut ids = Ids::new(3, known);
    let offered = [Some("new"), None, Some(""), Some("old"), Some("new"), Some("call_3_6"), None];
    let given: Vec<String> = offered.into_iter().map(|id| ids.next(id.map(str::to_owned))).collect();
    assert_eq!(given, ["new", "call_3_3", "call_3_4", "call_3_5", "call_3_6", "call_3_7", "call_3_8"]);
}

#[test]
fn sizes_add_up_to_a_limit() {
    let mut size = Size::default();
    assert_eq!(size.add(100 * 1024 * 1024), Ok(()));
    assert_eq!(size.add(1), Err(Trouble::TooLarge));
    assert_eq!(Size::default().add(usize::MAX), Err(Trouble::TooLarge));
    let mut size = Size::default();
    assert!((0..10_000).all(|_| size.add_block(1) == Ok(())));
    assert_eq!(size.add_block(1), Err(Trouble::TooLarge));
}
