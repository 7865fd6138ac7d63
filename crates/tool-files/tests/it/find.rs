//! Glob and Grep.

use std::time::{Duration, SystemTime};

use event::Outcome;
use serde_json::json;
use tokio_util::sync::CancellationToken;
use tool::OUTPUT_CAP;

use crate::world::World;

fn tree() -> World {
    let world = World::new();
    for (age, (name, content)) in [
        ("Reports/a.md", "# Title\nalpha\nbeta\ngamma\nAlpha again\n"),
        ("Reports/sub/b.md", "alpha\n"),
        ("Reports/sub/c.csv", "x;y\n1;2\n"),
        ("Reports/sub/.hidden.md", "alpha hidden\n"),
        ("Reports/built/d.md", "alpha\n"),
        ("Reports/.git/e.md", "alpha\n"),
        ("Reports/.gitignore", "built/\n"),
        ("Reports/bin", "alpha\0"),
        ("Taxes/2025/f.pdf", "alpha"),
    ]
    .into_iter()
    .enumerate()
    {
        world.write(name, content);
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(2_000_000 - age as u64);
        std::fs::File::options().write(true).open(world.path(name)).unwrap().set_modified(time).unwrap();
    }
    std::os::unix::fs::symlink(world.path("outside"), world.path("Reports/way-out")).unwrap();
    world
}

#[tokio::test]
async fn glob_finds_newest_first() {
    let world = tree();
    let table = [
        (json!({"pattern": "*.md"}), "/work/Reports/a.md\n"),
        (json!({"pattern": "**/*.md"}), "/work/Reports/a.md\n/work/Reports/sub/b.md\n/work/Reports/sub/.hidden.md\n"),
        (
            json!({"pattern": "./sub/*.{md,csv}"}),
            "/work/Reports/sub/b.md\n/work/Reports/sub/c.csv\n/work/Reports/sub/.hidden.md\n",
        ),
        (json!({"pattern": "*.csv", "path": "sub"}), "/work/Reports/sub/c.csv\n"),
        (json!({"pattern": "**/*", "path": "/work/Taxes"}), "/work/Taxes/2025/f.pdf\n"),
        (json!({"pattern": "/work/Taxes/**/*.pdf"}), "/work/Taxes/2025/f.pdf\n"),
        (json!({"pattern": "built/*"}), "no file in `/work/Reports` matches `built/*`"),
        (json!({"pattern": "*", "path": "built"}), "/work/Reports/built/d.md\n"),
        (
            json!({"pattern": "*.csv"}),
            "no file in `/work/Reports` matches `*.csv`; to look in its directories too, use `**/*.csv`",
        ),
        (json!({"pattern": "way-out/*"}), "no file in `/work/Reports` matches `way-out/*`"),
    ];
    for (input, expected) in table {
        assert_eq!(world.ok("Glob", input.clone()).await, expected, "{input}");
    }
    assert!(world.failed("Glob", json!({"pattern": "a[", "path": "sub"})).await.contains("is not a pattern"));
    assert!(world.failed("Glob", json!({"pattern": "*", "path": "a.md"})).await.contains("is not a directory"));
    assert!(world.failed("Glob", json!({"pattern": "*", "path": "nowhere"})).await.contains("does not exist"));
    assert!(world.failed("Glob", json!({"pattern": "*", "path": "way-out"})).await.contains("is a symbolic link"));
    assert!(world.failed("Glob", json!({"pattern": "/etc/*"})).await.contains("lies in no place of this task"));
}

#[tokio::test]
async fn glob_is_capped() {
    let world = World::new();
    for number in 0..620 {
        world.write(&format!("Reports/{number:040}"), "");
    }
    let shown = world.ok("Glob", json!({"pattern": "*"})).await;
    assert!(shown.len() <= OUTPUT_CAP);
    assert_eq!(shown.lines().count(), 501);
    assert!(shown.ends_with("[120 more; use a narrower pattern]\n"));
    for number in 0..600 {
        world.write(&format!("Reports/long/{number:0200}"), "");
    }
    assert!(world.ok("Glob", json!({"pattern": "long/*"})).await.len() <= OUTPUT_CAP);
}

#[tokio::test]
async fn grep_in_its_forms() {
    let world = tree();
    let table = [
        (
            json!({"pattern": "alpha"}),
            "/work/Reports/a.md\n2:alpha\n\n/work/Reports/sub/.hidden.md\n1:alpha hidden\n\n/work/Reports/sub/b.md\n1:alpha\n\
             [1 binary files left out]\n",
        ),
        (
            json!({"pattern": "ALPHA", "ignore_case": true, "path": "a.md"}),
            "/work/Reports/a.md\n2:alpha\n5:Alpha again\n",
        ),
        (json!({"pattern": "beta", "context": 1, "path": "a.md"}), "/work/Reports/a.md\n2-alpha\n3:beta\n4-gamma\n"),
        (
            json!({"pattern": "Title|again", "context": 1, "path": "a.md"}),
            "/work/Reports/a.md\n1:# Title\n2-alpha\n--\n4-gamma\n5:Alpha again\n",
        ),
        (
            json!({"pattern": "alpha", "output": "files", "glob": "*.md"}),
            "/work/Reports/a.md\n/work/Reports/sub/.hidden.md\n/work/Reports/sub/b.md\n",
        ),
        (
            json!({"pattern": "(?i)alpha", "output_mode": "count", "glob": "*.md"}),
            "/work/Reports/a.md: 2\n/work/Reports/sub/.hidden.md: 1\n/work/Reports/sub/b.md: 1\n",
        ),
        (
            json!({"pattern": "alpha", "glob": "sub/*.md", "limit": 1}),
            "/work/Reports/sub/.hidden.md\n1:alpha hidden\n[there is more; narrow the search or raise the limit]\n",
        ),
        (json!({"pattern": "zeta", "path": "sub"}), "no match in `/work/Reports/sub`\n"),
        (json!({"pattern": "^1;2$"}), "/work/Reports/sub/c.csv\n2:1;2\n[1 binary files left out]\n"),
        (json!({"pattern": "alpha", "path": "/work/Taxes"}), "/work/Taxes/2025/f.pdf\n1:alpha\n"),
    ];
    for (input, expected) in table {
        assert_eq!(world.ok("Grep", input.clone()).await, expected, "{input}");
    }
    for (input, expected) in [
        (json!({"pattern": "("}), "is not a regular expression"),
        (json!({"pattern": "a\\nb"}), "is not a regular expression"),
        (json!({"pattern": "(\\w{500}){500}"}), "is not a regular expression"),
        (json!({"pattern": "x", "path": "none"}), "does not exist"),
        (json!({"pattern": "x", "path": "way-out/canary"}), "is a symbolic link"),
        (json!({"pattern": "x", "path": "/etc"}), "lies in no place"),
        (json!({"pattern": "x", "glob": "["}), "is not a pattern"),
    ] {
        let words = world.failed("Grep", input.clone()).await;
        assert!(words.contains(expected), "{input}: {words}");
    }
}

#[tokio::test]
async fn grep_is_capped() {
    let world = World::new();
    world.write("Reports/a", "match this line, please\n".repeat(5_000));
    world.write("Reports/wide", "x".repeat(100_000) + "\n");
    let shown = world.ok("Grep", json!({"pattern": "match"})).await;
    assert_eq!(shown.lines().filter(|line| line.contains(":match")).count(), 200);
    let shown = world.ok("Grep", json!({"pattern": "match", "limit": 100_000})).await;
    assert!(shown.len() <= OUTPUT_CAP && shown.len() > OUTPUT_CAP / 2, "{}", shown.len());
    let wide = world.ok("Grep", json!({"pattern": "xxx"})).await;
    assert!(wide.len() < 600 && wide.contains("[… cut]"), "{}", wide.len());
    // A single line larger than the memory it may take is left out and told.
    world.write("Reports/wide", "x".repeat(40 << 20));
    let wide = world.ok("Grep", json!({"pattern": "yyy"})).await;
    assert_eq!(wide, "no match in `/work/Reports`\n[1 files or directories could not be searched]\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn grep_obeys_stop() {
    let world = World::new();
    // Seconds of work if it is not stopped.
    for number in 0..64 {
        world.write(&format!("Reports/{number}"), "a line of text\n".repeat(200_000));
    }
    let stop = CancellationToken::new();
    let later = stop.clone();
    let search = world.run_until("Grep", json!({"pattern": "(a|l|i|n|e|o|f)+zzz$"}), stop);
    let (report, ()) = tokio::join!(search, async move { later.cancel() });
    assert_eq!(report.outcome, Outcome::Stopped);
}
