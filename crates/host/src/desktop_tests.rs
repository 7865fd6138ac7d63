//! What the desktop's programs are started with, seen by programs that stand in for them.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::desktop::file_uri;
use crate::{Desktop, DesktopError};

struct Programs {
    root: tempfile::TempDir,
}

impl Programs {
    fn new() -> Self {
        Self { root: tempfile::tempdir().unwrap() }
    }

    /// A program that notes its arguments, one a line, and ends like this.
    fn add(&self, name: &str, code: i32) {
        let told = self.told_path(name);
        let program = self.root.path().join(name);
        let text = format!("#!/bin/sh\nprintf '%s\\n' \"$@\" > '{}'\nexit {code}\n", told.display());
        let draft = self.root.path().join(format!("{name}.draft"));
        std::fs::write(&draft, text).unwrap();
        // Written by another process: this one may be starting programs in other tests, and a program that any process
        // still has open for writing cannot be started.
        let made = Command::new("install").arg("-m755").arg(&draft).arg(&program).status().unwrap();
        assert!(made.success());
    }

    fn told_path(&self, name: &str) -> PathBuf {
        self.root.path().join(format!("{name}.told"))
    }

    fn told(&self, name: &str) -> Vec<String> {
        let told = std::fs::read_to_string(self.told_path(name)).unwrap_or_default();
        told.lines().map(str::to_owned).collect()
    }

    fn desktop(&self, variables: &[(&str, &str)]) -> Desktop {
        Desktop::from_environment(&|wanted| match wanted {
            "PATH" => Some(self.root.path().display().to_string()),
            _ => variables.iter().find(|(name, _)| *name == wanted).map(|(_, value)| (*value).to_owned()),
        })
    }
}

const SCREEN: (&str, &str) = ("DISPLAY", ":0");
const BUS: (&str, &str) = ("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent");

#[test]
fn a_file_and_an_address_are_one_argument_each() {
    let programs = Programs::new();
    programs.add("xdg-open", 0);
    let desktop = programs.desktop(&[SCREEN]);
    desktop.open_file(Path::new("/tmp/a b; echo $HOME `id`.txt")).unwrap();
    assert_eq!(programs.told("xdg-open"), ["/tmp/a b; echo $HOME `id`.txt"]);
    desktop.open_address("http://127.0.0.1:1/?token=a&b").unwrap();
    assert_eq!(programs.told("xdg-open"), ["http://127.0.0.1:1/?token=a&b"]);
    desktop.show_in_folder(Path::new("/tmp/in here/a.txt")).unwrap();
    assert_eq!(programs.told("xdg-open"), ["/tmp/in here"], "without a bus the folder is opened");
}

#[test]
fn the_file_manager_is_asked_first_and_the_folder_is_opened_where_it_fails() {
    let programs = Programs::new();
    programs.add("xdg-open", 0);
    programs.add("dbus-send", 0);
    let desktop = programs.desktop(&[SCREEN, BUS]);
    desktop.show_in_folder(Path::new("/tmp/a,b 'c'.txt")).unwrap();
    let told = programs.told("dbus-send");
    assert_eq!(told.iter().rev().nth(1).unwrap(), "array:string:file:///tmp/a%2Cb%20%27c%27.txt");
    assert_eq!(programs.told("xdg-open"), Vec::<String>::new());
    programs.add("dbus-send", 1);
    desktop.show_in_folder(Path::new("/tmp/a.txt")).unwrap();
    assert_eq!(programs.told("xdg-open"), ["/tmp"]);
}

#[test]
fn what_is_missing_is_said() {
    let programs = Programs::new();
    let error = programs.desktop(&[SCREEN]).open_file(Path::new("/tmp/a")).unwrap_err();
    assert!(matches!(error, DesktopError::NoOpener), "{error}");
    programs.add("xdg-open", 3);
    let error = programs.desktop(&[]).open_file(Path::new("/tmp/a")).unwrap_err();
    assert!(matches!(error, DesktopError::NoScreen), "{error}");
    assert_eq!(programs.told("xdg-open"), Vec::<String>::new());
    let error = programs.desktop(&[("WAYLAND_DISPLAY", "w")]).open_file(Path::new("/tmp/a")).unwrap_err();
    assert_eq!(error.to_string(), "`xdg-open` could not open it: it ended with exit status: 3");
    assert!(!error.hint().is_empty());
    assert!(!programs.desktop(&[]).is_there() && programs.desktop(&[SCREEN]).is_there());
}

#[test]
fn every_byte_of_a_name_survives_in_its_uri() {
    assert_eq!(file_uri(Path::new("/home/ann/Übersicht #1%.md")), "file:///home/ann/%C3%9Cbersicht%20%231%25.md");
}
