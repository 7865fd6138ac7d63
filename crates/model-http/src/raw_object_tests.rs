//! Objects keep the order of their keys and the bytes of their values.

use crate::raw_object::RawObject;

#[test]
fn nothing_but_the_space_between_entries_changes() {
    let text = "{ \"b\" : 1.0 , \"a\\u0041\" : [ 1 , 2 ],\n \"c\":\"\\/\\u00e4\" , \"b\" : null }";
    let object = RawObject::parse(text).unwrap();
    assert_eq!(object.to_text(), r#"{"b":1.0,"a\u0041":[ 1 , 2 ],"c":"\/\u00e4","b":null}"#);
    assert_eq!(object.text("c").as_deref(), Some("/ä"));
    assert_eq!(object.raw("aA"), Some("[ 1 , 2 ]"));
    assert_eq!(object.raw("missing"), None);
}

#[test]
fn entries_are_replaced_in_their_place_and_added_at_the_end() {
    let mut object = RawObject::parse(r#"{"x":1,"text":"","z":2}"#).unwrap();
    object.set_text("text", "a \"b\"");
    object.set("new", "[]".to_owned());
    object.remove("x");
    object.absorb(RawObject::parse(r#"{"z":3,"last":4}"#).unwrap());
    assert_eq!(object.to_text(), r#"{"text":"a \"b\"","z":3,"new":[],"last":4}"#);
}

#[test]
fn only_telling_keys_make_an_object_more_than_known() {
    let more = |text: &str| RawObject::parse(text).unwrap().has_more_than(&["type", "text"]);
    assert!(!more(r#"{"type":"text","text":"a"}"#));
    assert!(!more(r#"{"type":"text","text":"a","citations":null}"#));
    assert!(more(r#"{"type":"text","text":"a","citations":[]}"#));
    assert!(more(r#"{"type":"text","text":"a","novelty":false}"#));
}

#[test]
fn what_is_no_object_is_refused() {
    for text in ["", "[]", "1", "{", r#"{"a":}"#, r#"{"a":1}{"#] {
        assert!(RawObject::parse(text).is_err(), "{text}");
    }
}
