//! The image from the command line: installed, checked, damaged, replaced and taken away, as an ordinary user would.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::daemon::Daemon;
use crate::stage::Stage;

/// A folder with a small signed image, and its maker's public key in a file elsewhere.
struct Handed {
    folder: PathBuf,
    key: PathBuf,
}

fn ran(command: &mut Command) -> Vec<u8> {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

fn digits(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

/// Made and signed with the programs that `cargo xtask image` uses; none, said aloud, where there are none.
fn handed_over(stage: &Stage) -> Option<Handed> {
    if [("mkfs.erofs", "--help"), ("openssl", "version")]
        .iter()
        .any(|(program, argument)| Command::new(program).arg(argument).output().is_err())
    {
        println!("skipped: install erofs-utils and openssl");
        return None;
    }
    let folder = stage.world.root().join("handed over");
    let tree = stage.world.root().join("tree");
    fs::create_dir_all(tree.join("usr/bin")).unwrap();
    fs::create_dir_all(&folder).unwrap();
    fs::write(tree.join("usr/bin/tool"), "content").unwrap();
    ran(Command::new("mkfs.erofs").args(["-T7", "--all-root"]).arg(folder.join("base.erofs")).arg(&tree));
    let bytes = fs::read(folder.join("base.erofs")).unwrap();
    let sum = String::from_utf8(ran(Command::new("sha256sum").arg(folder.join("base.erofs")))).unwrap();
    let architecture = if cfg!(target_arch = "aarch64") { "arm64" } else { "amd64" };
    let manifest = format!(
        "format = 1\nversion = 3\narchitecture = \"{architecture}\"\nepoch = 7\n\n[[file]]\nname = \"base.erofs\"\n\
         role = \"base\"\nsize = {}\nsha256 = \"{}\"\n",
        bytes.len(),
        sum.split_whitespace().next().unwrap().trim_start_matches('\\')
    );
    let (text, private) = (folder.join("manifest.toml"), stage.world.root().join("private.pem"));
    fs::write(&text, manifest).unwrap();
    ran(Command::new("openssl").args(["genpkey", "-algorithm", "ed25519", "-out"]).arg(&private));
    let signed =
        ran(Command::new("openssl").args(["pkeyutl", "-sign", "-rawin", "-inkey"]).arg(&private).arg("-in").arg(&text));
    fs::write(folder.join("manifest.toml.sig"), digits(&signed) + "\n").unwrap();
    let public = ran(Command::new("openssl").args(["pkey", "-pubout", "-outform", "DER", "-in"]).arg(&private));
    let key = stage.world.root().join("maker.key");
    fs::write(&key, digits(&public[public.len() - 32..]) + "\n").unwrap();
    Some(Handed { folder, key })
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// What `doctor` says of the image, and its one next step.
fn doctor(stage: &Stage) -> (bool, String, Option<String>) {
    let lines = stage.run(&["doctor", "--json"]).json();
    let check = lines.iter().find(|check| check["name"] == "image").unwrap();
    let detail = stage.plain(check["detail"].as_str().unwrap());
    (check["ok"] == true, detail, check["hint"].as_str().map(str::to_owned))
}

#[test]
fn an_image_is_installed_checked_and_taken_away() {
    let stage = Stage::new();
    let Some(handed) = handed_over(&stage) else { return };
    let install = ["image", "install", text(&handed.folder)];
    let refused = stage.run(&install).exits(1).complaint();
    assert_eq!(refused.0, "no key is trusted to sign images");
    assert!(refused.1.contains("--key FILE") && refused.1.contains("`image_keys`"), "{}", refused.1);
    assert_eq!(stage.run(&["image", "status"]).exits(0).stdout.lines().count(), 1);
    assert_eq!(stage.run(&["image", "status", "--json"]).exits(0).value(), Value::Null);

    // Trusted for once, then for good.
    let told = stage.run(&[&install[..], &["--key", text(&handed.key)]].concat()).exits(0).stdout;
    assert!(told.starts_with("version 3: installed\n"), "{told}");
    let key = fs::read_to_string(&handed.key).unwrap();
    stage.world.configure(&format!("[machine]\nimage_keys = [\"{}\"]\n", key.trim())).unwrap();
    stage.run(&install).exits(0);
    let found = stage.run(&["image", "status", "--json"]).exits(0).value();
    assert_eq!((&found["version"], found["key"].as_str()), (&Value::from(3), Some(key.trim())));
    let tree = PathBuf::from(found["tree"].as_str().unwrap());
    assert_eq!(fs::read_to_string(tree.join("usr/bin/tool")).unwrap(), "content");
    assert_eq!(doctor(&stage), (true, "version 3, every byte as it was signed".to_owned(), None));

    assert!(stage.run(&["image", "remove"]).exits(0).stdout.starts_with("the image is gone"));
    assert!(!tree.exists());
    let (ok, detail, _) = doctor(&stage);
    assert!(ok && detail.starts_with("none is installed"), "{detail}");
}

#[test]
fn a_damaged_image_is_named_with_one_next_step() {
    let stage = Stage::new();
    let Some(handed) = handed_over(&stage) else { return };
    let install = ["image", "install", text(&handed.folder), "--key", text(&handed.key)];
    stage.run(&install).exits(0);
    let found = stage.run(&["image", "status", "--json"]).exits(0).value();
    let tool = Path::new(found["tree"].as_str().unwrap()).join("usr/bin/tool");
    fs::set_permissions(&tool, fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(&tool, "Content").unwrap();
    let hint = "install the image again: deskhand image install FOLDER";
    let said = "the installed image is damaged: `tree/usr/bin/tool` is not as it was put there";
    assert_eq!(doctor(&stage), (false, said.to_owned(), Some(hint.to_owned())));
    assert_eq!(stage.run(&["image", "status"]).exits(1).complaint(), (said.to_owned(), hint.to_owned()));
    stage.run(&install).exits(0);
    assert!(doctor(&stage).0);
    // What nobody signed is used only where the settings name it, and is called what it is.
    stage.world.configure(&format!("[machine]\nimage = \"{}\"\n", handed.folder.display())).unwrap();
    let (ok, detail, _) = doctor(&stage);
    assert!(ok && detail.contains("unsigned and unchecked"), "{detail}");
    // Every wish says so, whatever it found.
    let instead = "used instead: the folder that `image` under `[machine]` in `config.toml` names, unchecked";
    for wish in [&install[..], &["image", "status"], &["image", "remove"], &["image", "status"]] {
        let told = stage.run(wish).exits(0).stdout;
        assert_eq!(told.lines().last(), Some(instead), "{told}");
        assert!(!told.contains("programs of this computer"), "{told}");
    }
}

#[test]
fn a_daemon_keeps_the_image_it_began_with() {
    let stage = Stage::new();
    let Some(handed) = handed_over(&stage) else { return };
    let install = ["image", "install", text(&handed.folder), "--key", text(&handed.key)];
    stage.run(&install).exits(0);
    let daemon = Daemon::start(&stage);
    let before = stage.run(&["image", "status", "--json"]).exits(0).value()["folder"].as_str().unwrap().to_owned();
    assert!(stage.run(&install).exits(0).stdout.contains("the daemon takes it up when it starts again"));
    assert!(Path::new(&before).exists(), "tasks may be at work in it");
    daemon.end();
    stage.run(&install).exits(0);
    assert!(!Path::new(&before).exists());
}

#[test]
fn a_daemon_removes_an_image_that_nobody_uses_any_more() {
    let stage = Stage::new();
    let Some(handed) = handed_over(&stage) else { return };
    let install = ["image", "install", text(&handed.folder), "--key", text(&handed.key)];
    let folder = || stage.run(&["image", "status", "--json"]).exits(0).value()["folder"].as_str().unwrap().to_owned();
    stage.run(&install).exits(0);
    let before = folder();
    let daemon = Daemon::start(&stage);
    stage.run(&install).exits(0);
    daemon.end();
    assert!(Path::new(&before).exists());
    let daemon = Daemon::start(&stage);
    let deadline = Instant::now() + Duration::from_secs(20);
    while Path::new(&before).exists() {
        assert!(Instant::now() < deadline, "it is still there");
        std::thread::yield_now();
    }
    assert!(Path::new(&folder()).exists());
    daemon.end();
}
