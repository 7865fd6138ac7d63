//! Commands that end by themselves: what they are given and what comes back.

use futures_util::StreamExt;
use futures_util::future::{join_all, try_join};

use super::world::{Check, Checked, Ran, World, exited, finish, holds, same, shell, text};
use crate::{Command, Exit, SandboxError};

pub(super) const CHECKS: &[Check] = &[
    ("exit codes and signals come back", |world| Box::pin(exits(world))),
    ("standard output and error come back apart", |world| Box::pin(streams(world))),
    ("the working directory is the one asked for", |world| Box::pin(directory(world))),
    ("a program that is not there is refused by name", |world| Box::pin(missing(world))),
    ("the environment is clean", |world| Box::pin(environment(world))),
    ("standard input is empty and no descriptor leaks", |world| Box::pin(descriptors(world))),
    ("commands run beside each other", |world| Box::pin(beside(world))),
    ("files stay between commands, variables do not", |world| Box::pin(state(world))),
    ("fifty megabytes come through whole", |world| Box::pin(volume(world))),
    ("a reader that waits makes the command wait", |world| Box::pin(waiting_reader(world))),
];

async fn exits(world: &World<'_>) -> Checked {
    let desk = world.desk(&[]).await?;
    let ended = |signal| Exit { code: None, signal: Some(signal), timed_out: false, out_of_memory: false };
    let table = [
        ("true", exited(0)),
        ("false", exited(1)),
        ("exit 3", exited(3)),
        ("exit 255", exited(255)),
        ("kill -TERM $$", ended(15)),
        ("kill -KILL $$", ended(9)),
        ("kill -SEGV $$", ended(11)),
        ("sleep 0 & wait; exit 4", exited(4)),
    ];
    for (script, exit) in table {
        same(script, &desk.shell(script).await?.exit, &exit)?;
    }
    Ok(())
}

async fn streams(world: &World<'_>) -> Checked {
    let desk = world.desk(&[]).await?;
    let ran = desk.shell("printf 'out\\n'; printf 'err\\n' >&2; printf more").await?;
    same("output", &ran, &Ran { out: "out\nmore".into(), error: "err\n".into(), exit: exited(0) })?;
    let nothing = desk.shell(":").await?;
    same("no output", &nothing, &Ran { out: String::new(), error: String::new(), exit: exited(0) })
}

async fn directory(world: &World<'_>) -> Checked {
    let desk = world.desk(&[("a b/c", "")]).await?;
    for directory in ["/work/desk", "/work/desk/a b", "/outputs", "/tmp", "/"] {
        let ran = desk.run(Command { directory: directory.into(), ..shell("pwd") }).await.map_err(text)?;
        same("pwd", &ran.out, &format!("{directory}\n"))?;
    }
    match desk.run(Command { directory: "/work/absent".into(), ..shell("pwd") }).await {
        Err(SandboxError::Spawn { program, what }) => {
            same("program", &program, &"sh".to_owned())?;
            holds(what.clone(), what.contains("/work/absent"))
        }
        other => Err(format!("a missing directory gave {other:?}")),
    }
}

async fn missing(world: &World<'_>) -> Checked {
    let desk = world.desk(&[("plain", "not a program")]).await?;
    for argv in [vec!["no-such-program-7"], vec!["/work/desk/plain"], vec!["/work/desk"], vec![]] {
        let name = argv.first().copied().unwrap_or_default().to_owned();
        let command = Command { argv: argv.into_iter().map(str::to_owned).collect(), ..shell("") };
        match desk.run(command).await {
            Err(SandboxError::Spawn { program, .. }) => same("program", &program, &name)?,
            other => return Err(format!("`{name}` gave {other:?}")),
        }
    }
    same("afterwards", &desk.says("echo on").await?, &"on\n".to_owned())
}

async fn environment(world: &World<'_>) -> Checked {
    let desk = world.desk(&[]).await?;
    let own = vec![("GREETING".to_owned(), "good day".to_owned()), ("TERM".to_owned(), "xterm".to_owned())];
    let command = Command { argv: vec!["env".into()], environment: own, ..shell("") };
    let ran = desk.run(command).await.map_err(text)?;
    let mut lines: Vec<&str> = ran.out.lines().filter(|line| !line.starts_with("DESKHAND_CALL=")).collect();
    lines.sort_unstable();
    let expected = [
        "GREETING=good day",
        "HOME=/tmp/home",
        "LANG=C.UTF-8",
        "LOGNAME=desk",
        "PATH=/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin",
        "SHELL=/bin/sh",
        "TERM=xterm",
        "TMPDIR=/tmp",
        "USER=desk",
    ];
    same("environment", &lines, &expected.to_vec())?;
    same("home", &desk.says("cd && touch note && ls").await?, &"note\n".to_owned())
}

async fn descriptors(world: &World<'_>) -> Checked {
    let desk = world.desk(&[]).await?;
    same("standard input", &desk.says("cat").await?, &String::new())?;
    same("descriptors", &desk.says("ls /proc/self/fd").await?, &"0\n1\n2\n3\n".to_owned())?;
    let signals = desk.says("grep -E '^Sig(Blk|Ign):' /proc/self/status").await?;
    same("signals", &signals, &"SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n".to_owned())
}

async fn beside(world: &World<'_>) -> Checked {
    let desk = world.desk(&[]).await?;
    desk.says("mkfifo /tmp/pipe").await?;
    // Each of the two can only end while the other runs.
    let (_, heard) = try_join(desk.shell("echo hello > /tmp/pipe"), desk.shell("cat /tmp/pipe")).await?;
    same("heard", &heard.out, &"hello\n".to_owned())?;
    let scripts: Vec<String> = (0..20).map(|number| format!("echo {number}; exit {number}")).collect();
    let many = join_all(scripts.iter().map(|script| desk.shell(script))).await;
    for (number, ran) in (0..20).zip(many) {
        same("one of many", &ran?, &Ran { out: format!("{number}\n"), error: String::new(), exit: exited(number) })?;
    }
    Ok(())
}

async fn state(world: &World<'_>) -> Checked {
    let desk = world.desk(&[("note", "from the host")]).await?;
    desk.says("here=1; export here; cd /tmp; echo kept > /tmp/file; echo made > /work/desk/new; echo o > /outputs/o")
        .await?;
    let seen = desk.says("cat /tmp/file new note; echo; echo ${here:-gone}; pwd").await?;
    same("state", &seen, &"kept\nmade\nfrom the host\ngone\n/work/desk\n".to_owned())?;
    let desk_files = [("new", "made\n"), ("note", "from the host")].map(|(name, text)| (name.into(), text.into()));
    same("host", &desk.tree("desk")?, &desk_files.into())?;
    same("outputs", &desk.tree("outputs")?, &[("o".to_owned(), "o\n".to_owned())].into())
}

async fn volume(world: &World<'_>) -> Checked {
    let desk = world.desk(&[]).await?;
    let mut execution = desk.start(shell("head -c 50000000 /dev/zero | tr '\\000' x")).await.map_err(text)?;
    let (mut bytes, mut largest, mut exit) = (0, 0, None);
    while let Some(item) = execution.output.next().await {
        match item.map_err(text)? {
            crate::Output::Bytes(_, piece) => {
                holds("a byte was altered", piece.iter().all(|&byte| byte == b'x'))?;
                largest = largest.max(piece.len());
                bytes += piece.len();
            }
            crate::Output::Exit(ended) => exit = Some(ended),
        }
    }
    same("bytes and exit", &(bytes, exit), &(50_000_000, Some(exited(0))))?;
    holds(format!("a piece of {largest} bytes"), largest <= 64 * 1024)
}

async fn waiting_reader(world: &World<'_>) -> Checked {
    const PIECES: &str =
        "i=0; while [ $i -lt 1000 ]; do head -c 65536 /dev/zero; i=$((i+1)); echo $i > /tmp/pieces; done";
    let desk = world.desk(&[]).await?;
    let execution = desk.start(shell(PIECES)).await.map_err(text)?;
    // Unread, the command comes to a halt: its count is the same over many looks.
    let (mut last, mut unchanged) = (String::new(), 0);
    while unchanged < 100 {
        let seen = desk.shell("cat /tmp/pieces").await?.out;
        unchanged = if seen == last && !seen.is_empty() { unchanged + 1 } else { 0 };
        last = seen;
    }
    let pieces: u32 = last.trim().parse().map_err(text)?;
    holds(format!("{pieces} pieces were written without a reader"), (1..=40).contains(&pieces))?;
    let ran = finish(execution).await.map_err(text)?;
    same("read in the end", &(ran.out.len(), ran.exit), &(65_536_000, exited(0)))
}
