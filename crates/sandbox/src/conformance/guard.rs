//! The user's files: what commands may do to them without and with the right to delete.

use std::collections::BTreeMap;

use super::world::{Check, Checked, World, exited, holds, same, shell, text};
use crate::Command;

pub(super) const CHECKS: &[Check] = &[
    ("removing and moving the user's files is refused", |world| Box::pin(refused(world))),
    ("making, overwriting and truncating files is possible", |world| Box::pin(possible(world))),
    ("with the right to delete files can be removed and moved", |world| Box::pin(allowed(world))),
    ("outside of guarded folders files can be removed and moved", |world| Box::pin(elsewhere(world))),
    ("a read-only folder cannot be changed by any command", |world| Box::pin(read_only(world))),
];

const FILES: &[(&str, &str)] = &[("a", "A"), ("b", "B"), ("d/c", "C"), ("d/e/f", "F")];

/// Every way to lose a file by removal that a shell has.
const REMOVALS: &[&str] = &[
    "rm a",
    "rm -f a",
    "rm -rf d",
    "unlink a",
    "rmdir empty",
    "rm -r empty",
    "mv a b",
    "mv -f b a",
    "mv a new",
    "mv a d/",
    "mv d/c .",
    "mv d gone",
    "mv a /tmp/",
    "mv a /outputs/",
    "mv d /tmp/moved",
    "mv -f /tmp/own a",
    "ln -f b a",
    "find . -name a -delete",
    "find . -type f -exec rm {} +",
    "install -T /tmp/own a",
    "cp --remove-destination b a",
    "cd /; rm /work/desk/a",
    "cd d/e; rm ../../a",
    "(cd /tmp; ln -s /work/desk door; rm -r door/a)",
    "rm /proc/self/cwd/a",
    "rm -rf /work/desk",
    "mv /work/desk /work/other",
];

fn tree(entries: &[(&str, &str)]) -> BTreeMap<String, String> {
    entries.iter().map(|(name, content)| ((*name).to_owned(), (*content).to_owned())).collect()
}

async fn refused(world: &World<'_>) -> Checked {
    for script in REMOVALS {
        let desk = world.desk(FILES).await?;
        desk.says("mkdir empty; echo own > /tmp/own").await?;
        let before = desk.tree("desk")?;
        let ran = desk.shell(script).await?;
        let said = ["Permission denied", "Operation not permitted", "Read-only file system"]
            .iter()
            .any(|reason| ran.error.contains(reason));
        holds(format!("`{script}` was not refused: {ran:?}"), ran.exit != exited(0) && said)?;
        // Some programs leave a second name behind; what the user had is all still there.
        let mut after = desk.tree("desk")?;
        after.retain(|name, _| before.contains_key(name));
        same(script, &after, &before)?;
        desk.machine.stop().await;
    }
    Ok(())
}

async fn possible(world: &World<'_>) -> Checked {
    let desk = world.desk(FILES).await?;
    let script = "echo new > new; mkdir dir; echo in > dir/in; echo over > a; : > b; echo more >> d/c; \
        cp a dir/copy; cp new d/e/f; ln a hard; chmod 600 a; touch -d 2020-01-01 a; dd if=/dev/zero of=cut bs=1 count=0 2>/dev/null; \
        truncate -s 1 new; ln -s a soft && cat soft; cp /work/library/book ./book";
    same("said", &desk.says(script).await?, &"over\n".to_owned())?;
    let expected = tree(&[
        ("a", "over\n"),
        ("b", ""),
        ("book", "book"),
        ("cut", ""),
        ("d/", ""),
        ("d/c", "Cmore\n"),
        ("d/e/", ""),
        ("d/e/f", "new\n"),
        ("dir/", ""),
        ("dir/copy", "over\n"),
        ("dir/in", "in\n"),
        ("hard", "over\n"),
        ("new", "n"),
        ("soft", "over\n"),
    ]);
    same("desk", &desk.tree("desk")?, &expected)
}

async fn allowed(world: &World<'_>) -> Checked {
    let desk = world.desk(FILES).await?;
    let script = "rm a; mv b new; mv d/c moved; rmdir d/e 2>/dev/null; rm -r d/e; mv new /outputs/; find d -delete";
    let ran = desk.run(Command { may_delete: true, ..shell(script) }).await.map_err(text)?;
    same("exit", &(ran.exit, ran.error), &(exited(0), String::new()))?;
    same("desk", &desk.tree("desk")?, &tree(&[("moved", "C")]))?;
    same("outputs", &desk.tree("outputs")?, &tree(&[("new", "B")]))?;
    // The right belonged to that command alone.
    let ran = desk.shell("rm moved").await?;
    same("afterwards", &(ran.exit.code, desk.tree("desk")?), &(Some(1), tree(&[("moved", "C")])))
}

async fn elsewhere(world: &World<'_>) -> Checked {
    let desk = world.desk(&[]).await?;
    for place in ["/tmp", "/outputs", "/dev/shm"] {
        let script = format!(
            "cd {place}; mkdir -p x/y; echo 1 > x/one; echo 2 > x/two; mv x/one x/y/; mv x/two x/three; \
             mv -f x/three x/y/one; cat x/y/one; rm x/y/one; rm -r x; ls x 2>&1 | wc -l"
        );
        same(place, &desk.says(&script).await?, &"2\n1\n".to_owned())?;
    }
    same("outputs", &desk.tree("outputs")?, &BTreeMap::new())
}

async fn read_only(world: &World<'_>) -> Checked {
    let desk = world.desk(&[]).await?;
    let changes = [
        "rm book",
        "echo x > book",
        "echo x >> book",
        "touch new",
        "mkdir new",
        "mv book other",
        "chmod 777 book",
        "ln book other",
    ];
    for may_delete in [false, true] {
        for script in changes {
            let command = Command { directory: "/work/library".into(), may_delete, ..shell(script) };
            let ran = desk.run(command).await.map_err(text)?;
            let said = ["Read-only file system", "Permission denied"].iter().any(|reason| ran.error.contains(reason));
            holds(format!("`{script}` was not refused: {ran:?}"), ran.exit != exited(0) && said)?;
        }
    }
    same("reading", &desk.says("cat /work/library/book").await?, &"book".to_owned())?;
    same("library", &desk.tree("library")?, &tree(&[("book", "book")]))
}
