//! Where words begin and end.

use super::words::tokens;

#[test]
fn a_text_is_taken_apart_into_words() {
    let table: [(&str, &[&str]); 14] = [
        ("", &[]),
        (" \n-!", &[]),
        ("one", &["one"]),
        ("Sort the invoices, please.", &["Sort", "the", "invoices", "please"]),
        ("report-2026_v2.csv", &["report", "2026", "v2", "csv"]),
        ("O'Neil's", &["O", "Neil", "s"]),
        ("Größe", &["Größe"]),
        ("Gro\u{308}ße", &["Gro\u{308}ße"]),
        ("売上2026年", &["売", "上", "2026", "年"]),
        ("カタカナ text", &["カ", "タ", "カ", "ナ", "text"]),
        ("한국어 단어", &["한국어", "단어"]),
        ("हिन्दी", &["हिन", "दी"]),
        ("a🎉b", &["a", "b"]),
        ("𠮷野家", &["𠮷", "野", "家"]),
    ];
    for (text, wanted) in table {
        assert_eq!(tokens(text), wanted, "{text}");
    }
}
