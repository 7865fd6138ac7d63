//! Kinds by first bytes.

use super::{Kind, by_name, of};
use crate::text::Encoding;

#[test]
fn each_kind_by_its_first_bytes() {
    let table: [(&[u8], Kind); 13] = [
        (b"", Kind::Text(None)),
        (b"hello", Kind::Text(None)),
        (b"BMW is a maker of cars", Kind::Text(None)),
        (b"\xef\xbb\xbfhello", Kind::Text(Some(Encoding::Utf8Marked))),
        (b"\xff\xfeh\0", Kind::Text(Some(Encoding::Utf16Low))),
        (b"caf\xe9", Kind::Text(None)),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", Kind::Picture("image/png")),
        (b"\xff\xd8\xff\xe0", Kind::Picture("image/jpeg")),
        (b"GIF89a\0", Kind::Picture("image/gif")),
        (b"RIFF\0\0\0\0WEBPVP8 ", Kind::Picture("image/webp")),
        (b"%PDF-1.7\n", Kind::Pdf),
        (b"PK\x03\x04\x14\0\0\0", Kind::Binary("ZIP archive")),
        (b"a\0b", Kind::Binary("binary file")),
    ];
    for (head, expected) in table {
        assert_eq!(of(head), expected, "{head:?}");
    }
    assert_eq!(by_name("/work/R/Budget.XLSX"), Some("Excel workbook"));
    assert_eq!(by_name("/work/R/a.bin"), None);
}
