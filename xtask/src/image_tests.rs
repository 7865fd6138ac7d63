//! When the image has to be built again.

use std::path::PathBuf;

use super::inputs::{record, recorded};
use super::root::packages;
use super::{Layers, Options, Smoke, Versions};

fn parse(arguments: &[&str]) -> Result<Options, String> {
    let arguments: Vec<String> = arguments.iter().map(|&argument| argument.to_owned()).collect();
    Options::parse(&arguments).map_err(|error| error.to_string())
}

#[test]
fn options_are_read_and_unknown_ones_named() {
    let plain =
        Options { office: Layers::Base, smoke: Smoke::Skip, versions: Versions::Locked, snapshot: None, out: None };
    assert_eq!(parse(&[]), Ok(plain));
    assert_eq!(
        parse(&["--office", "--smoke", "--update", "--snapshot", "20261123", "--out", "/tmp/image"]),
        Ok(Options {
            office: Layers::BaseAndOffice,
            smoke: Smoke::Run,
            versions: Versions::Update,
            snapshot: Some("20261123".to_owned()),
            out: Some(PathBuf::from("/tmp/image")),
        })
    );
    assert_eq!(parse(&["--lock"]).map(|options| options.office), Ok(Layers::BaseAndOffice));
    assert!(parse(&["--all"]).unwrap_err().contains("`--all`"));
    assert!(parse(&["--out"]).unwrap_err().contains("needs a folder"));
}

#[test]
fn a_list_has_names_and_comments() {
    assert_eq!(packages("# head\n\njq\n  zip # why\n"), ["jq", "zip"]);
}

#[test]
fn a_record_is_read_again() {
    assert_eq!(recorded(&record("abc", &[])), Some("abc"));
    assert_eq!(recorded(""), None);
}
