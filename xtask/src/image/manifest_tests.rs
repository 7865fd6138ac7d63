//! The manifest: its text, digests and escapes.

use super::{File, first_word, hexadecimal, one_line, sha256_of, text};

#[test]
fn a_manifest_is_what_its_description_says() {
    let file = |name: &str, role: &str, packages| File {
        name: name.to_owned(),
        role: role.to_owned(),
        size: 12,
        sha256: "ab".repeat(32),
        packages,
    };
    let written = text(7, 5, "mkfs.erofs 1.5", &[file("base.erofs", "base", Some(3)), file("vmlinuz", "kernel", None)]);
    let digest = "ab".repeat(32);
    assert_eq!(
        written,
        format!(
            "format = 1\nversion = 7\nsuite = \"trixie\"\narchitecture = \"amd64\"\nepoch = 5\npacked_by = \"mkfs.erofs 1.5\"\n\
             \n[[file]]\nname = \"base.erofs\"\nrole = \"base\"\nsize = 12\nsha256 = \"{digest}\"\npackages = 3\n\
             \n[[file]]\nname = \"vmlinuz\"\nrole = \"kernel\"\nsize = 12\nsha256 = \"{digest}\"\n"
        )
    );
}

#[test]
fn digests_and_words() {
    assert_eq!(sha256_of(b"").unwrap(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_eq!(hexadecimal(&[0, 255, 16]), "00ff10");
    assert!(first_word(b"short").is_err());
    assert_eq!(one_line("mkfs \"1\"\n\\"), "mkfs 1");
}
