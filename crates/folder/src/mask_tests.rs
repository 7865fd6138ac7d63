//! Which names are refused, however they are written.

use super::{is_temporary, masked};

#[test]
fn every_spelling_of_a_store_of_keys_is_masked() {
    for name in [".ssh", ".SSH", ".\u{17F}sh", ".s\u{200D}sh", ".s\u{AD}sh\u{FEFF}", ".\u{212A}ube", ".Deskhand"] {
        assert!(masked(name).is_some(), "{name:?}");
    }
    for name in ["ssh", ".ssh2", ".ssh.txt", ".\u{15B}sh", "\u{200D}"] {
        assert!(masked(name).is_none(), "{name:?}");
    }
    assert!(is_temporary(".des\u{212A}hand-0123456789abcdef.TMP"));
    assert!(!is_temporary("deskhand-1.tmp"));
}
