//! Read: text, pictures, directories, encodings, caps and what it says when it cannot.

use event::{Digest, Outcome, Part};
use serde_json::json;
use tool::OUTPUT_CAP;

use crate::world::{World, text};

#[tokio::test]
async fn text_comes_with_numbers_and_says_how_to_go_on() {
    let world = World::new();
    world.write("Reports/a.txt", "one\ntwo\nthree\n");
    let table = [
        (json!({"path": "a.txt"}), "1\tone\n2\ttwo\n3\tthree\n"),
        (json!({"path": "a.txt", "limit": 2}), "1\tone\n2\ttwo\n[lines 1-2 of 3; read on with offset 3]\n"),
        (json!({"path": "a.txt", "offset": 3, "limit": 2}), "3\tthree\n"),
        (json!({"path": "a.txt", "offset": 2, "limit": 1}), "2\ttwo\n[lines 2-2 of 3; read on with offset 3]\n"),
        (json!({"path": "a.txt", "offset": 0, "limit": 0}), "1\tone\n[lines 1-1 of 3; read on with offset 2]\n"),
    ];
    for (input, expected) in table {
        assert_eq!(world.ok("Read", input).await, expected);
    }
    let past = world.failed("Read", json!({"path": "a.txt", "offset": 9})).await;
    assert_eq!(past, "the file has 3 lines; offset 9 is past its end");
    world.write("Reports/empty", "");
    assert_eq!(world.read("empty").await, "[the file is empty]");
}

#[tokio::test]
async fn encodings_are_understood_and_named() {
    let world = World::new();
    world.write("Reports/bom", b"\xef\xbb\xbfa\r\nb\r\n");
    world.write("Reports/utf16", b"\xff\xfeh\0i\0\n\0");
    world.write("Reports/latin", b"caf\xe9\n");
    assert_eq!(world.read("bom").await, "1\ta\n2\tb\n");
    assert_eq!(world.read("utf16").await, "1\thi\n[the file is UTF-16]\n");
    assert_eq!(
        world.read("latin").await,
        "1\tcafé\n[the file is not UTF-8; it is shown as Latin-1, so some letters may be wrong]\n"
    );
}

#[tokio::test]
async fn small_and_large_files_look_the_same() {
    let world = World::new();
    let line = "a line of text that is there only to take some room in the file\n";
    for count in [10, 3_000, 40_000] {
        world.write("Reports/a", line.repeat(count));
        let shown = world.ok("Read", json!({"path": "a", "offset": 5, "limit": 3})).await;
        let tail = format!("[lines 5-7 of {count}; read on with offset 8]\n");
        assert_eq!(shown, format!("5\t{line}6\t{line}7\t{line}{tail}"));
        let whole = world.read("a").await;
        assert!(whole.len() <= OUTPUT_CAP);
    }
    world.write("Reports/wide", "x".repeat(3 << 20));
    let wide = world.read("wide").await;
    assert!(wide.len() < 2_100 && wide.ends_with("[… 3143728 bytes more in this line]\n"), "{}", wide.len());
    let mut utf16 = vec![0xff, 0xfe];
    utf16.extend("ab\n".repeat(100_000).encode_utf16().flat_map(u16::to_le_bytes));
    world.write("Reports/utf16", utf16);
    let shown = world.ok("Read", json!({"path": "utf16", "limit": 1})).await;
    assert_eq!(shown, "1\tab\n[the file is UTF-16; lines 1-1 of 100000; read on with offset 2]\n");
}

#[tokio::test]
async fn pictures_are_handed_over_as_blobs() {
    let world = World::new();
    let picture = [b"\x89PNG\r\n\x1a\n".as_slice(), &[0; 100]].concat();
    world.write("Reports/p.txt", &picture);
    let report = world.run("Read", json!({"path": "p.txt"})).await;
    let digest = Digest::of(&picture);
    let expected = vec![Part::text("[image/png, 108 bytes]"), Part::Image { media: "image/png".into(), blob: digest }];
    assert_eq!((report.outcome, report.output), (Outcome::Ok, expected));
    assert_eq!(std::fs::read(world.path("blobs").join(digest.to_string())).unwrap(), picture);
    assert_eq!(world.run("Read", json!({"path": "p.txt"})).await.outcome, Outcome::Ok);
    assert_eq!(std::fs::read_dir(world.path("blobs")).unwrap().count(), 1);
    for (size, outcome) in [(400_000, Outcome::Ok), (5 << 20, Outcome::Ok), ((5 << 20) + 1, Outcome::Failed)] {
        let mut picture = b"\xff\xd8\xff".to_vec();
        picture.resize(size, 7);
        world.write("Reports/large.jpg", &picture);
        let report = world.run("Read", json!({"path": "large.jpg"})).await;
        assert_eq!(report.outcome, outcome, "{size}: {}", text(&report));
        assert_eq!(report.output.len(), if outcome == Outcome::Ok { 2 } else { 1 });
    }
}

#[tokio::test]
async fn binary_files_are_named_not_shown() {
    let world = World::new();
    world.write("Reports/b.xlsx", b"PK\x03\x04\0\0rest");
    world.write("Reports/b.bin", vec![0; 300_000]);
    assert_eq!(
        world.read("b.xlsx").await,
        "[Excel workbook, 10 bytes: not text. Use Bash with a program that reads it.]"
    );
    assert_eq!(
        world.read("b.bin").await,
        "[binary file, 300000 bytes: not text. Use Bash with a program that reads it.]"
    );
}

#[tokio::test]
async fn a_directory_is_listed() {
    let world = World::new();
    world.write("Reports/b", "");
    world.write("Reports/sub/x", "");
    world.write("Reports/.ssh/id", "");
    std::os::unix::fs::symlink("/etc", world.path("Reports/link")).unwrap();
    assert_eq!(
        world.read("/work/Reports").await,
        "[directory with 3 names]\nb\nlink (symbolic link, not followed)\nsub/\n"
    );
    for number in 0..1_000 {
        world.write(&format!("Reports/many/{number:0200}"), "");
    }
    let many = world.read("many").await;
    assert!(many.len() <= OUTPUT_CAP && many.contains("[800 more; use Glob]"), "{}", many.len());
}

#[tokio::test]
async fn what_cannot_be_read_is_explained() {
    let world = World::new();
    world.write("Reports/report.md", "");
    world.write("Reports/Budget 2025.xlsx", "");
    world.write("Reports/.ssh/id", CANARY_TEXT);
    std::os::unix::fs::symlink("report.md", world.path("Reports/link")).unwrap();
    let table = [
        ("reprt.md", "`/work/Reports/reprt.md` does not exist. Did you mean `/work/Reports/report.md`?"),
        (
            "budget 2025.csv",
            "`/work/Reports/budget 2025.csv` does not exist. Did you mean `/work/Reports/Budget 2025.xlsx`?",
        ),
        (
            "nodir/deep/x",
            "`/work/Reports/nodir/deep/x` does not exist. `/work/Reports` holds nothing called `nodir`; Glob lists what is \
             there.",
        ),
        (
            "link",
            "`/work/Reports/link` cannot be used: `/work/Reports/link` is a symbolic link, and links are not followed. \
             Use the path the link points to, if it lies in a place of this task.",
        ),
        ("report.md/x", "`/work/Reports/report.md/x` is not a directory. Check the path: one of its parts is a file."),
        (
            ".ssh/id",
            "`/work/Reports/.ssh/id` is kept from tasks: `.ssh` is refused because it holds SSH keys. This cannot be \
             allowed; ask the user to hand over what is needed.",
        ),
        (
            "/etc/passwd",
            "`/etc/passwd` lies in no place of this task; its places are `/work/Reports`, `/work/Taxes`, `/outputs`, \
             `/uploads`. Use one of the task's places, or ask for the folder.",
        ),
    ];
    for (path, expected) in table {
        assert_eq!(world.failed("Read", json!({ "path": path })).await, expected);
    }
}

const CANARY_TEXT: &str = "key";
