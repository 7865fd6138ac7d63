//! Text from pieces cut anywhere, and memory that does not grow.

use sandbox::Stream;

use super::{Collector, HEAD, TAIL};

#[test]
fn characters_cut_by_pieces_of_two_streams_come_out_whole() {
    let mut collector = Collector::default();
    let euro = "€".as_bytes();
    let mut live = collector.take(Stream::Out, &euro[..1]);
    live += &collector.take(Stream::Error, b"E");
    live += &collector.take(Stream::Out, &euro[1..2]);
    live += &collector.take(Stream::Error, &[0xff, b'!']);
    live += &collector.take(Stream::Out, &[euro[2], b'a', 0xc3]);
    assert_eq!(live, "E\u{fffd}!€a");
    assert_eq!(collector.finish(100), "E\u{fffd}!€a\u{fffd}");
}

#[test]
fn any_cut_of_a_text_gives_the_same_text() {
    let text = "aé€😀\n".repeat(3);
    for at in 0..=text.len() {
        let mut collector = Collector::default();
        collector.take(Stream::Out, &text.as_bytes()[..at]);
        collector.take(Stream::Out, &text.as_bytes()[at..]);
        assert_eq!(collector.finish(1000), text, "cut at {at}");
    }
}

#[test]
fn long_output_keeps_its_beginning_and_end_and_counts_the_rest() {
    for (count, piece) in [(2_000_usize, "0123456789"), (5_000, "äöü"), (100_000, "0123456789abcdef")] {
        let mut collector = Collector::default();
        for _ in 0..count {
            collector.take(Stream::Out, piece.as_bytes());
            assert!(collector.head.capacity() + collector.tail.capacity() <= 2 * HEAD + 8 * TAIL);
        }
        let all = count * piece.len();
        let text = collector.finish(3_000);
        assert!(text.len() <= 3_000, "{} bytes", text.len());
        let (head, rest) = text.split_once("\n[… ").unwrap();
        let (left_out, tail) = rest.split_once(" bytes left out …]\n").unwrap();
        assert_eq!(head.len() + tail.len() + left_out.parse::<usize>().unwrap(), all);
        let expected = piece.repeat(count);
        assert!(expected.starts_with(head) && expected.ends_with(tail));
        assert!(head.len() > 1_900 && tail.len() > 900, "{} {}", head.len(), tail.len());
    }
}

#[test]
fn short_output_is_unchanged_up_to_the_cap() {
    for length in [0, 1, HEAD - 1, HEAD, HEAD + 1, HEAD + TAIL] {
        let mut collector = Collector::default();
        let text = "x".repeat(length);
        for piece in text.as_bytes().chunks(1000) {
            collector.take(Stream::Error, piece);
        }
        assert!(collector.finish(length) == text, "{length}");
    }
}
