//! Every sequence of bytes comes back, and usual names are left as they are.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use proptest::prelude::*;

use super::{name_of, text_of};

#[test]
fn usual_names_stay_as_they_are() {
    for name in ["a.txt", "é ü", "日本", "", "a\u{FFFD}b", "\u{E000}"] {
        assert_eq!(text_of(OsStr::new(name)), name);
        assert_eq!(name_of(name), name);
    }
}

proptest! {
    #[test]
    fn any_bytes_come_back(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
        let name = OsStr::from_bytes(&bytes);
        prop_assert_eq!(name_of(&text_of(name)), name);
    }

    #[test]
    fn names_that_hold_private_characters_come_back(text in "[a\u{EF7F}-\u{F000}é]{0,8}") {
        prop_assert_eq!(name_of(&text_of(OsStr::new(&text))), OsStr::new(&text));
    }

    #[test]
    fn two_names_never_have_one_text(
        one in proptest::collection::vec(any::<u8>(), 0..4),
        other in "[\u{EF7F}-\u{F000}]{0,2}",
    ) {
        let (one, other) = (OsStr::from_bytes(&one), OsStr::new(&other));
        prop_assert_eq!(text_of(one) == text_of(other), one == other);
    }
}
