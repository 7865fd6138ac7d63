//! Documents of the four kinds, made and read again by a task in the whole image, installed before as anybody would, in each
//! tier. `DESKHAND_DOCUMENTS_IMAGE` names the image's directory; `cargo xtask image --smoke` does, and nothing is tried
//! without it.

use std::path::{Path, PathBuf};

use crate::stage::{Stage, log_lines};

/// What the task runs, and what it says for each document.
const SCRIPT: &str = r#"
replies:
  - calls:
      - id: make
        tool: Bash
        input:
          description: Make documents and read them again
          command: python3 smoke.py documents && echo "made=all"
          timeout_seconds: 900
  - expect: { contains: ["made=all"] }
    text: "{{make:made}} documents are there."
"#;

/// Every file that the task leaves, and how such a file begins.
const FILES: [(&str, &[u8]); 4] = [
    ("book.xlsx", b"PK\x03\x04"),
    ("text.docx", b"PK\x03\x04"),
    ("deck.pptx", b"PK\x03\x04"),
    ("report.pdf", b"%PDF-"),
];

#[test]
fn documents_are_made_and_read_in_namespaces() {
    made_and_read("namespace");
}

#[test]
fn documents_are_made_and_read_in_a_machine() {
    made_and_read("vm");
}

fn made_and_read(tier: &str) {
    let Some(image) = std::env::var_os("DESKHAND_DOCUMENTS_IMAGE").map(PathBuf::from) else {
        println!("skipped: this needs the whole image; run cargo xtask image --office --smoke");
        return;
    };
    let stage = Stage::new();
    stage.world.configure("[machine]\nemulate = true\nmemory_mib = 1536\ncpus = 2\n").unwrap();
    let key = image.join("manifest.toml.pub");
    stage.run(&["image", "install", image.to_str().unwrap(), "--key", key.to_str().unwrap()]).exits(0);
    let smoke = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../images/smoke.py");
    stage.world.write("documents", "smoke.py", std::fs::read(smoke).unwrap()).unwrap();
    let (folder, script) = (stage.folder("documents"), stage.script(SCRIPT));
    let job = ["run", "Make documents", "--script", &script, "--folder", &folder, "--mode", "auto", "--tier", tier];
    let ended = stage.run(&job);
    // What each check said stands in the log alone.
    assert_eq!(ended.code, Some(0), "{}", log_lines(&stage.task_folder()).join("\n"));
    assert!(ended.stdout.contains("all documents are there"), "{}", ended.stdout);
    assert_eq!(stage.show(&stage.task())["tier"], tier);
    for (name, head) in FILES {
        let bytes = std::fs::read(Path::new(&folder).join(name)).unwrap();
        assert!(bytes.starts_with(head) && bytes.len() > 1_000, "{name} has {} bytes", bytes.len());
    }
    // One Undo takes every one of them away again.
    stage.run(&["undo", &stage.task()]).exits(0);
    assert!(FILES.iter().all(|(name, _)| !Path::new(&folder).join(name).exists()));
}
