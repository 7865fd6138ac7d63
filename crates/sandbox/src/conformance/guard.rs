//! The user's files: what commands may do to them by themselves, and what they must ask for.

use std::collections::BTreeMap;

use event::{Consent, Effect};

use super::world::{Check, Checked, World, exited, holds, no, same, shell, text};
use crate::Command;

pub(super) const CHECKS: &[Check] = &[
    ("removing the user's files is asked once and refused", |world| Box::pin(refused(world))),
    ("with the user's consent files are removed", |world| Box::pin(allowed(world))),
    ("making, moving, overwriting and truncating files asks nobody", |world| Box::pin(possible(world))),
    ("what the task made it may remove", |world| Box::pin(own(world))),
    ("outside of guarded folders files can be removed and moved", |world| Box::pin(elsewhere(world))),
    ("what a command changed is told when it ends", |world| Box::pin(told(world))),
    ("a read-only folder cannot be changed by any command", |world| Box::pin(read_only(world))),
];

const FILES: &[(&str, &str)] = &[("a", "A"), ("b", "B"), ("d/c", "C"), ("d/e/f", "F")];

/// Ways to lose a file by removal, and the path the user is asked about where there is only one it can be.
const REMOVALS: &[(&str, Option<&str>)] = &[
    ("rm a", Some("/work/desk/a")),
    ("rm -f a", Some("/work/desk/a")),
    ("unlink a", Some("/work/desk/a")),
    ("rm -rf d", Some("/work/desk/d")),
    ("cd /; rm /work/desk/a", Some("/work/desk/a")),
    ("cd d/e; rm ../../a", Some("/work/desk/a")),
    ("ln -s /work/desk /tmp/door; rm -r /tmp/door/a", Some("/work/desk/a")),
    ("rm /proc/self/cwd/a", Some("/work/desk/a")),
    ("rm a; rm a; rm a", Some("/work/desk/a")),
    ("rmdir d/empty", None),
    ("mv a /tmp/", None),
    ("mv a /outputs/", None),
    ("mv d /tmp/moved", None),
    ("find . -name a -delete", None),
    ("find . -type f -exec rm {} +", None),
    ("rm -rf /work/desk", None),
];

fn tree(entries: &[(&str, &str)]) -> BTreeMap<String, String> {
    entries.iter().map(|(name, content)| ((*name).to_owned(), (*content).to_owned())).collect()
}

async fn refused(world: &World<'_>) -> Checked {
    for (script, asked) in REMOVALS {
        let desk = world.desk(FILES).await?;
        std::fs::create_dir(desk.host("desk").join("d/empty")).map_err(text)?;
        let before = desk.tree("desk")?;
        let user = desk.begin(no());
        let ran = desk.shell(script).await?;
        let said = ran.error.contains("Operation not permitted");
        holds(format!("`{script}` was not refused: {ran:?}"), ran.exit != exited(0) && said)?;
        same(script, &desk.tree("desk")?, &before)?;
        let inquiries = user.asked();
        if let Some(path) = asked {
            let effects: Vec<_> = inquiries.iter().map(|inquiry| inquiry.effects.clone()).collect();
            same(script, &effects, &vec![vec![Effect::DeletePath((*path).to_owned())]])?;
        }
        holds(format!("`{script}` asked nobody"), !inquiries.is_empty())?;
        same("the machine goes on", &desk.says("cat a").await?, &"A".to_owned())?;
        // The next command asks anew.
        let user = desk.begin(no());
        desk.shell("rm b").await?;
        same("asked again", &user.asked().len(), &1)?;
        desk.end();
        desk.machine.stop().await;
    }
    Ok(())
}

async fn allowed(world: &World<'_>) -> Checked {
    let desk = world.desk(FILES).await?;
    let user = desk.begin(Consent::Given);
    desk.says("rm -r d").await?;
    let inquiries = user.asked();
    let told: Vec<_> = inquiries.iter().map(|inquiry| (inquiry.effects.clone(), inquiry.files)).collect();
    same("asked", &told, &vec![(vec![Effect::DeletePath("/work/desk/d".to_owned())], Some(2))])?;
    same("desk", &desk.tree("desk")?, &tree(&[("a", "A"), ("b", "B")]))?;
    // The consent belonged to that command alone.
    let user = desk.begin(no());
    let ran = desk.shell("rm a").await?;
    let told: Vec<_> = user.asked().iter().map(|inquiry| inquiry.files).collect();
    same("afterwards", &(ran.exit.code, told), &(Some(1), vec![Some(1)]))
}

async fn possible(world: &World<'_>) -> Checked {
    let desk = world.desk(FILES).await?;
    let user = desk.begin(no());
    let script = "echo new > new; mkdir dir; echo in > dir/in; echo over > a; : > b; echo more >> d/c; \
        cp a dir/copy; cp new d/e/f; chmod 600 a; touch -d '2020-01-01 00:00:00' a; \
        truncate -s 1 new; ln -s a soft && cat soft; cp /work/library/book ./book; \
        mv d/c moved; mv book dir/; cp a save && mv save b; mv d other";
    same("said", &desk.says(script).await?, &"over\n".to_owned())?;
    let expected = tree(&[
        ("a", "over\n"),
        ("b", "over\n"),
        ("dir/", ""),
        ("dir/book", "book"),
        ("dir/copy", "over\n"),
        ("dir/in", "in\n"),
        ("moved", "Cmore\n"),
        ("new", "n"),
        ("other/", ""),
        ("other/e/", ""),
        ("other/e/f", "new\n"),
        ("soft", "over\n"),
    ]);
    same("desk", &desk.tree("desk")?, &expected)?;
    same("asked", &user.asked(), &Vec::new())
}

async fn own(world: &World<'_>) -> Checked {
    let desk = world.desk(FILES).await?;
    let user = desk.begin(no());
    desk.says("mkdir -p o/p; echo 1 > o/p/x; cp a o/copy; ln -s ../a o/link; echo 2 > mine").await?;
    desk.says("rm mine; rm -r o").await?;
    desk.end();
    let user_of_next = desk.begin(no());
    desk.says("echo 3 > next; mkdir q; mv next q/; rm -r q").await?;
    same(
        "desk",
        &desk.tree("desk")?,
        &tree(&[("a", "A"), ("b", "B"), ("d/", ""), ("d/c", "C"), ("d/e/", ""), ("d/e/f", "F")]),
    )?;
    same("asked", &(user.asked(), user_of_next.asked()), &(Vec::new(), Vec::new()))
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

async fn told(world: &World<'_>) -> Checked {
    let desk = world.desk(FILES).await?;
    desk.begin(Consent::Given);
    desk.says(
        "echo over > a; echo new > new; rm b; echo o > /outputs/o; echo t > /tmp/t; echo x > gone; rm gone; cat d/c",
    )
    .await?;
    let paths: Vec<String> = desk.end().into_iter().map(|change| change.path).collect();
    let expected = ["/outputs/o", "/work/desk/a", "/work/desk/b", "/work/desk/new"];
    same("changes", &paths, &expected.map(str::to_owned).to_vec())?;
    same("nothing more", &desk.end().len(), &0)
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
    let user = desk.begin(Consent::Given);
    for script in changes {
        let command = Command { directory: "/work/library".into(), ..shell(script) };
        let ran = desk.run(command).await.map_err(text)?;
        let said = ["Read-only file system", "Permission denied", "Operation not permitted"]
            .iter()
            .any(|reason| ran.error.contains(reason));
        holds(format!("`{script}` was not refused: {ran:?}"), ran.exit != exited(0) && said)?;
    }
    same("asked", &user.asked(), &Vec::new())?;
    same("reading", &desk.says("cat /work/library/book").await?, &"book".to_owned())?;
    same("library", &desk.tree("library")?, &tree(&[("book", "book")]))
}
