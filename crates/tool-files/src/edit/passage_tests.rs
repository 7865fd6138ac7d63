//! Replacing, and the words where it cannot be done.

use super::{Wanted, replace};

fn replaced(text: &str, old: &str, new: &str) -> Result<String, String> {
    replace(text, &Wanted { old, new, all: false }).map(|replaced| replaced.text)
}

#[test]
fn a_passage_is_replaced_and_line_endings_stay() {
    let table = [
        ("one two", "two", "2", "one 2"),
        ("a\nb\nc\n", "b\n", "", "a\nc\n"),
        ("a\r\nb\r\nc", "a\nb", "x\ny", "x\r\ny\r\nc"),
        ("a\r\nb\r\nc", "a\r\nb", "x\r\ny", "x\r\ny\r\nc"),
        ("a\r\nb\r\n", "b", "x\ny", "a\r\nx\r\ny\r\n"),
        ("a\r\nb\n", "b", "x\ny", "a\r\nx\ny\n"),
        ("ünï", "ï", "i", "üni"),
    ];
    for (text, old, new, expected) in table {
        assert_eq!(replaced(text, old, new).as_deref(), Ok(expected), "{text:?}");
    }
}

#[test]
fn all_places_at_once() {
    let wanted = Wanted { old: "a", new: "bb", all: true };
    let found = replace("a-a-a", &wanted).unwrap();
    assert_eq!((found.text.as_str(), found.places, found.start), ("bb-bb-bb", 3, 0));
}

#[test]
fn each_refusal_helps() {
    let text = "fn main() {\n    let a = 1;\n\tlet b = 2;\n}\nrepeat\nrepeat\nEnd\n";
    let table = [
        (
            "repeat",
            "`old_string` occurs 2 times (lines 5, 6). Add lines around it so that it occurs once, or set \
                    replace_all.",
        ),
        ("\tlet a = 1;\n  let b = 2;", "Line 2 is the same but for white space; the file has `    let a = 1;`."),
        ("    let a = 1;\n    let b = 2;", "Line 3 is the same but for white space; the file has `\\tlet b = 2;`."),
        ("let  a =  1", "Line 2 is the same but for white space; the file has `    let a = 1;`."),
        ("2\t    let a = 1;", "It holds the line numbers that Read shows; they are not part of the file."),
        ("end", "Line 7 is the same but for upper and lower case; the file has `End`."),
        ("repeat\nrepeat\nend of it", "It agrees from line 5 on, but line 7 of the file is `End`."),
        ("End\nmore", "It agrees from line 7 on, but the file ends after line 7."),
        ("nothing like it", "Read the file again and copy the passage exactly."),
        ("        ", "Read the file again and copy the passage exactly."),
    ];
    for (old, hint) in table {
        let words = replaced(text, old, "x").unwrap_err();
        assert!(words.ends_with(hint), "{old:?}: {words}");
    }
}
