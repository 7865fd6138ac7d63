//! JSON that comes out as it came in.

use std::collections::BTreeMap;

use crate::Json;

#[test]
fn every_byte_is_kept_but_line_breaks_between_tokens() {
    let table = [
        ("{}", "{}"),
        ("{ \"b\" : 1.0 , \"a\":1e5,\"a\":2 }", "{ \"b\" : 1.0 , \"a\":1e5,\"a\":2 }"),
        ("12345678901234567890.000", "12345678901234567890.000"),
        ("\"\\u00e4\\/\\n\u{2028}\"", "\"\\u00e4\\/\\n\u{2028}\""),
        ("{\n  \"a\": [\r\n    1,\n    2\n  ]\n}", "{  \"a\": [    1,    2  ]}"),
        ("[\t1,\t2]", "[\t1,\t2]"),
    ];
    for (text, wanted) in table {
        let json = Json::parse(text).expect("JSON");
        assert_eq!(json.as_str(), wanted);
        let stored = serde_json::to_string(&json).expect("text");
        assert_eq!(stored, wanted);
        assert_eq!(serde_json::from_str::<Json>(&stored).expect("JSON"), json);
        assert_eq!(serde_json::from_str::<Json>(text).expect("JSON"), json);
    }
}

#[test]
fn what_is_no_json_is_refused() {
    for text in ["", "{", "{]", "01", "nul", "\"\n\"", "{} {}", "{\"a\":}", "'a'"] {
        assert!(Json::parse(text).is_err(), "{text}");
    }
}

#[test]
fn values_go_in_and_out() {
    let map = BTreeMap::from([("path".to_owned(), "a\nb".to_owned())]);
    let json = Json::of(&map).expect("JSON");
    assert_eq!(json.as_str(), "{\"path\":\"a\\nb\"}");
    assert_eq!(json.decode::<BTreeMap<String, String>>().expect("a map"), map);
    assert!(json.decode::<Vec<u8>>().is_err());
    assert_eq!(Json::empty_object().as_str(), "{}");
    assert_ne!(Json::parse("1.0").expect("JSON"), Json::parse("1").expect("JSON"));
    assert_eq!(format!("{json:?}"), json.as_str());
}
