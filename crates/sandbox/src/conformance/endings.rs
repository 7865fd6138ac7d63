//! Commands that are ended: by time, by the host, with their machine. Nothing of them may be left.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::StreamExt;

use super::world::{Check, Checked, Desk, Silent, World, exited, finish, holds, same, shell, text};
use crate::{Command, Exit, Output, SandboxError};

pub(super) const CHECKS: &[Check] = &[
    ("a command that takes too long is ended with its group", |world| Box::pin(timeout(world))),
    ("descendants that left the group end with the command", |world| Box::pin(escapees(world))),
    ("ending one command leaves the others alone", |world| Box::pin(neighbours(world))),
    ("a command whose reader is dropped is ended", |world| Box::pin(dropped(world))),
    ("a background process does not hold a command open", |world| Box::pin(background(world))),
    ("while a machine is held no time passes for its commands", |world| Box::pin(held(world))),
    ("a command that waits for the user can be ended", |world| Box::pin(unanswered(world))),
    ("stopping a machine ends what runs in it", |world| Box::pin(stopped(world))),
];

/// Every way of leaving a process group that a shell knows, with output kept and without.
const ESCAPES: &str = "\
    sleep 4711 & \
    setsid sleep 4711 & \
    nohup sleep 4711 >/dev/null 2>&1 & \
    (setsid sh -c 'sleep 4711 & sleep 4711 &' &); \
    env -i setsid -f sleep 4711; \
    env -i setsid -f sleep 4711 </dev/null >/dev/null 2>&1; \
    (trap '' HUP TERM INT; setsid -f sleep 4711 >/dev/null 2>&1) ";

fn killed_in_time() -> Exit {
    Exit { code: None, signal: Some(9), timed_out: true, out_of_memory: false }
}

async fn timeout(world: &World<'_>) -> Checked {
    let desk = world.desk(&[]).await?;
    for script in ["sleep 4711", "sleep 4711 & sleep 4711", "trap '' TERM; echo on; while :; do sleep 1; done"] {
        let begun = Instant::now();
        let command = Command { timeout: Duration::from_millis(200), ..shell(script) };
        let ran = desk.run(command).await.map_err(text)?;
        same(script, &ran.exit, &killed_in_time())?;
        let took = begun.elapsed();
        holds(format!("took {took:?}"), took >= Duration::from_millis(200) && took < Duration::from_secs(20))?;
        same("left", &desk.count("sleep 4711").await?, &0)?;
    }
    let ran = desk.run(Command { timeout: Duration::MAX, ..shell("echo on") }).await.map_err(text)?;
    same("without end", &ran.exit, &exited(0))
}

async fn escapees(world: &World<'_>) -> Checked {
    let desk = world.desk(&[]).await?;
    // Ended by itself.
    let begun = Instant::now();
    let ran = desk.shell(&format!("{ESCAPES}; echo done")).await?;
    same("output and exit", &(ran.out.as_str(), ran.exit), &("done\n", exited(0)))?;
    holds(format!("took {:?}", begun.elapsed()), begun.elapsed() < Duration::from_secs(20))?;
    same("left after the exit", &desk.count("sleep 4711").await?, &0)?;
    // Ended by time.
    let command = Command { timeout: Duration::from_millis(300), ..shell(&format!("{ESCAPES}; sleep 4711")) };
    same("exit", &desk.run(command).await.map_err(text)?.exit, &killed_in_time())?;
    same("left after the timeout", &desk.count("sleep 4711").await?, &0)
}

async fn neighbours(world: &World<'_>) -> Checked {
    let desk = world.desk(&[]).await?;
    let waiting = "echo ready; (setsid sh -c 'read line < /tmp/go; echo $line > /tmp/went' &) ; cat /tmp/went.pipe";
    desk.says("mkfifo /tmp/go /tmp/went.pipe").await?;
    let mut neighbour = desk.start(shell(waiting)).await.map_err(text)?;
    let first = neighbour.output.next().await.transpose().map_err(text)?;
    same("ready", &first, &Some(Output::Bytes(crate::Stream::Out, b"ready\n".to_vec())))?;
    let ran = desk.shell(&format!("{ESCAPES}; echo done")).await?;
    same("output and exit", &(ran.out.as_str(), ran.exit), &("done\n", exited(0)))?;
    same("left", &desk.count("sleep 4711").await?, &0)?;
    let command = Command { timeout: Duration::from_millis(200), ..shell(&format!("{ESCAPES}; sleep 4711")) };
    same("exit", &desk.run(command).await.map_err(text)?.exit, &killed_in_time())?;
    same("left", &desk.count("sleep 4711").await?, &0)?;
    // The neighbour and its child in a session of its own live and still hear.
    same(
        "gone",
        &desk.says("echo gone > /tmp/go; until [ -s /tmp/went ]; do :; done; echo bye > /tmp/went.pipe").await?,
        &String::new(),
    )?;
    let ran = finish(neighbour).await.map_err(text)?;
    same("neighbour", &(ran.out.as_str(), ran.exit), &("bye\n", exited(0)))?;
    same("its child", &desk.says("cat /tmp/went").await?, &"gone\n".to_owned())
}

async fn dropped(world: &World<'_>) -> Checked {
    let desk = world.desk(&[]).await?;
    let script = format!("{ESCAPES}; echo ready; sleep 4711");
    let mut execution = desk.start(shell(&script)).await.map_err(text)?;
    let first = execution.output.next().await.transpose().map_err(text)?;
    same("ready", &first, &Some(Output::Bytes(crate::Stream::Out, b"ready\n".to_vec())))?;
    drop(execution);
    until_gone(&desk).await
}

/// Looks again and again; each look is a command of some milliseconds.
async fn until_gone(desk: &Desk) -> Checked {
    let mut left = 0;
    for _ in 0..2_000 {
        left = desk.count("sleep 4711").await?;
        if left == 0 {
            return Ok(());
        }
    }
    Err(format!("{left} processes are left"))
}

async fn background(world: &World<'_>) -> Checked {
    let desk = world.desk(&[]).await?;
    for script in ["sleep 4711 & echo on", "(while :; do echo y; done) & echo on"] {
        let begun = Instant::now();
        let ran = desk.shell(script).await?;
        same(script, &ran.exit, &exited(0))?;
        holds(format!("`{script}` took {:?}", begun.elapsed()), begun.elapsed() < Duration::from_secs(20))?;
        same("left", &desk.count("sleep 4711").await?, &0)?;
    }
    Ok(())
}

async fn held(world: &World<'_>) -> Checked {
    const ALLOWED: Duration = Duration::from_secs(3);
    let desk = world.desk(&[]).await?;
    let waits = "echo ready; until [ -e /work/desk/go ]; do sleep 0.05; done; echo on";
    let mut execution = desk.start(Command { timeout: ALLOWED, ..shell(waits) }).await.map_err(text)?;
    let first = execution.output.next().await.transpose().map_err(text)?;
    same("ready", &first, &Some(Output::Bytes(crate::Stream::Out, b"ready\n".to_vec())))?;
    desk.machine.hold().await;
    desk.machine.hold().await;
    let longer = ALLOWED + Duration::from_millis(500);
    let early = tokio::time::timeout(longer, execution.output.next()).await;
    holds(format!("while it was held it said {early:?}"), early.is_err())?;
    std::fs::write(desk.host("desk").join("go"), "").map_err(text)?;
    desk.machine.release().await;
    let ran = finish(execution).await.map_err(text)?;
    same("held command", &(ran.out.as_str(), ran.exit), &("on\n", exited(0)))?;
    let command = Command { timeout: Duration::from_millis(200), ..shell("sleep 4711") };
    same("afterwards", &desk.run(command).await.map_err(text)?.exit, &killed_in_time())
}

async fn unanswered(world: &World<'_>) -> Checked {
    let desk = world.desk(&[("a", "A")]).await?;
    let user = Arc::new(Silent::default());
    desk.begin_for(Arc::clone(&user) as _);
    // While it waits, others go on elsewhere; the kernel keeps them out of that very directory.
    let (waiting, ()) = tokio::join!(desk.shell("rm a"), async {
        user.asked().await;
        // What became of it is looked at below.
        desk.shell("echo c > /outputs/c").await.ok();
        desk.end();
    });
    same("refused at the end", &waiting?.exit, &exited(1))?;
    same("written beside", &desk.says("cat /outputs/c").await?, &"c\n".to_owned())?;
    // A machine can be stopped at any time.
    desk.begin_for(Arc::clone(&user) as _);
    let execution = desk.start(shell("rm a")).await.map_err(text)?;
    user.asked().await;
    let begun = Instant::now();
    desk.machine.stop().await;
    holds(format!("stopping took {:?}", begun.elapsed()), begun.elapsed() < Duration::from_secs(20))?;
    drop(execution);
    desk.end();
    holds("the file is gone", desk.host("desk").join("a").exists())
}

async fn stopped(world: &World<'_>) -> Checked {
    let desk = world.desk(&[]).await?;
    let mut execution = desk.start(shell("echo ready; sleep 4711")).await.map_err(text)?;
    let first = execution.output.next().await.transpose().map_err(text)?;
    same("ready", &first, &Some(Output::Bytes(crate::Stream::Out, b"ready\n".to_vec())))?;
    desk.machine.stop().await;
    desk.machine.stop().await;
    match execution.output.next().await {
        Some(Err(SandboxError::Lost(_))) => {}
        other => return Err(format!("a command in a stopped machine gave {other:?}")),
    }
    match desk.run(shell("echo on")).await {
        Err(SandboxError::Lost(_)) => Ok(()),
        other => Err(format!("a stopped machine gave {other:?}")),
    }
}
