//! What is an id, and what is not.

use crate::{CallId, IdError, TaskId};

#[test]
fn an_id_is_ten_letters_of_the_alphabet() {
    let good = ["0123456789", "abcdefghjk", "mnpqrstvwx", "yz00000000", "0000000000"];
    for text in good {
        assert_eq!(TaskId::parse(text).map(|id| id.to_string()), Ok(text.to_owned()));
        assert_eq!(TaskId::parse(&text.to_uppercase()).map(|id| id.to_string()), Ok(text.to_owned()));
    }
    let bad = [
        "",
        "0",
        "012345678",
        "01234567890",
        "i123456789",
        "l123456789",
        "o123456789",
        "u123456789",
        "-123456789",
        " 123456789",
        "0123456789\n",
        "012345678é",
        "../0123456",
        "0000\x0000000",
    ];
    for text in bad {
        assert_eq!(TaskId::parse(text), Err(IdError::NotATask(text.to_owned())));
    }
}

#[test]
fn randomness_becomes_fifty_bits_of_id() {
    let table = [
        ([0; 8], "0000000000"),
        ([255; 8], "zzzzzzzzzz"),
        ([1, 0, 0, 0, 0, 0, 0, 0], "1000000000"),
        ([0x20, 0, 0, 0, 0, 0, 0, 0], "0100000000"),
        // The bits above fifty are not used.
        ([0, 0, 0, 0, 0, 0, 0xfc, 0xff], "0000000000"),
        ([0, 0, 0, 0, 0, 0, 3, 0], "000000000r"),
    ];
    for (bytes, wanted) in table {
        let id = TaskId::from_random(bytes);
        assert_eq!(id.as_str(), wanted);
        assert_eq!(TaskId::parse(id.as_str()), Ok(id));
    }
}

#[test]
fn ids_are_plain_text_in_json() {
    let id = TaskId::from_random([7; 8]);
    let text = serde_json::to_string(&(id, CallId::from("toolu_1"))).expect("text");
    assert_eq!(text, format!("[\"{id}\",\"toolu_1\"]"));
    assert_eq!(serde_json::from_str::<(TaskId, CallId)>(&text).expect("ids"), (id, CallId::from("toolu_1")));
    assert!(serde_json::from_str::<TaskId>("\"no id\"").is_err());
    assert_eq!(format!("{id:?}"), format!("TaskId({id})"));
}
