//! Locks: what they say, and which differences stop a build.

use super::{Lock, named};

const BASE: &str = "# a comment\n# epoch 1795392000\nbash 5.2-1\njq 1.7\n";

#[test]
fn a_lock_reads_what_it_wrote() {
    let lock = Lock::parse(BASE).unwrap();
    assert_eq!(Lock::parse(&lock.text(5)).unwrap(), lock);
    assert_eq!(named(&lock.text(5)), Some(5));
    assert_eq!(named(BASE), Some(1_795_392_000));
    assert_eq!(lock.count(), 2);
    assert!(Lock::parse("alone").is_err());
}

#[test]
fn only_what_is_installed_counts() {
    let status = "Package: jq\nStatus: install ok installed\nVersion: 1.7\n\n\
                  Package: gone\nStatus: deinstall ok config-files\nVersion: 1\n\n\
                  Package: bash\nStatus: install ok installed\nVersion: 5.2-1\n";
    assert_eq!(Lock::installed(status), Lock::parse(BASE).unwrap());
}

#[test]
fn every_difference_is_named() {
    let found = Lock::parse("bash 5.3\nzip 3.0\n").unwrap();
    let lock = Lock::parse(BASE).unwrap();
    assert_eq!(lock.differences(&found), ["bash: 5.2-1 is now 5.3", "jq: 1.7 is gone", "zip: 3.0 is new"]);
    assert!(lock.differences(&lock).is_empty());
}

#[test]
fn a_layer_may_only_add() {
    let base = Lock::parse(BASE).unwrap();
    let full = Lock::parse("bash 5.2-1\njq 1.7\npandoc 3\n").unwrap();
    assert_eq!(full.beyond(&base).unwrap(), Lock::parse("pandoc 3\n").unwrap());
    let other = Lock::parse("bash 5.2-2\njq 1.7\n").unwrap();
    assert!(other.beyond(&base).unwrap_err().to_string().contains("`bash`"));
}
