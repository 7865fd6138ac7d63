//! Encodings there and back.

use super::{Encoding, cut, decode, encode};

#[test]
fn each_encoding_comes_back_byte_for_byte() {
    let table: [(&[u8], &str, Encoding); 8] = [
        (b"plain \xc3\xa9", "plain é", Encoding::Utf8),
        (b"", "", Encoding::Utf8),
        (b"\xef\xbb\xbfmarked", "marked", Encoding::Utf8Marked),
        (b"\xff\xfeh\0i\0", "hi", Encoding::Utf16Low),
        (b"\xfe\xff\0h\0i", "hi", Encoding::Utf16High),
        (b"\xff\xfe=\xd8\x00\xde", "\u{1f600}", Encoding::Utf16Low),
        (b"caf\xe9", "café", Encoding::Latin1),
        (b"\xef\xbb\xbfcaf\xe9", "ï»¿café", Encoding::Latin1),
    ];
    for (bytes, text, encoding) in table {
        assert_eq!(decode(bytes), (text.to_owned(), encoding));
        assert_eq!(encode(text, encoding).unwrap(), bytes);
    }
    assert_eq!(encode("€", Encoding::Latin1), None);
    assert_eq!(decode(b"\xff\xfeh\0i").0, "h\u{fffd}");
}

#[test]
fn cutting_keeps_letters_whole() {
    assert_eq!((cut("éé", 3), cut("éé", 1), cut("ab", 9), cut("", 0)), ("é", "", "ab", ""));
}
