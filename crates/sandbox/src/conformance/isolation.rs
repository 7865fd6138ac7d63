//! What a machine must not see, reach or become.

use super::world::{Check, Checked, World, same, shell, text};

pub(super) const CHECKS: &[Check] = &[
    ("machines do not see each other", |world| Box::pin(apart(world))),
    ("there is no network but the machine's own loopback", |world| Box::pin(network(world))),
    ("commands have no privileges and can get none", |world| Box::pin(privileges(world))),
    ("nothing can be changed but what was given", |world| Box::pin(writable(world))),
    ("the first process of the machine is out of reach", |world| Box::pin(first_process(world))),
];

async fn apart(world: &World<'_>) -> Checked {
    let (one, two) = (world.desk(&[("mine", "1")]).await?, world.desk(&[]).await?);
    one.says("echo secret > /tmp/secret; echo secret > /outputs/secret").await?;
    let seen = two.says("ls /tmp/secret /outputs/secret /work/desk/mine 2>/dev/null; true").await?;
    same("seen from the other", &seen, &String::new())?;
    let waiting = one.start(shell("sleep 4711")).await.map_err(text)?;
    same("processes of the other", &two.count("sleep 4711").await?, &0)?;
    drop(waiting);
    two.machine.stop().await;
    same("the one goes on", &one.says("cat /tmp/secret").await?, &"secret\n".to_owned())
}

async fn network(world: &World<'_>) -> Checked {
    let desk = world.desk(&[]).await?;
    let interfaces = desk.says("tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d ' '").await?;
    same("interfaces", &interfaces, &"lo\n".to_owned())?;
    same("routes", &desk.says("tail -n +2 /proc/net/route").await?, &String::new())
}

async fn privileges(world: &World<'_>) -> Checked {
    let desk = world.desk(&[]).await?;
    let status = desk.says("grep -E '^(Cap|NoNewPrivs|Seccomp:)' /proc/self/status").await?;
    let none = "0000000000000000";
    let expected = format!(
        "CapInh:\t{none}\nCapPrm:\t{none}\nCapEff:\t{none}\nCapBnd:\t{none}\nCapAmb:\t{none}\nNoNewPrivs:\t1\nSeccomp:\t2\n"
    );
    same("status", &status, &expected)?;
    same("user", &desk.says("id -u; id -g; id -un; hostname").await?, &"1000\n1000\ndesk\ndeskhand\n".to_owned())
}

async fn writable(world: &World<'_>) -> Checked {
    let desk = world.desk(&[]).await?;
    let script = "for place in / /etc /usr /usr/bin /dev /proc /proc/sys/kernel /work /opt /var /tmp /dev/shm /outputs \
        /work/desk /work/library; do touch $place/try-it 2>/dev/null && echo $place; done; true";
    same("writable", &desk.says(script).await?, &"/tmp\n/dev/shm\n/outputs\n/work/desk\n".to_owned())?;
    let settings = "for name in kernel/core_pattern kernel/modprobe vm/overcommit_memory; do \
        cat /proc/sys/$name > /tmp/value; cat /tmp/value 2>/dev/null > /proc/sys/$name && echo $name; done 2>/dev/null; true";
    same("kernel settings", &desk.says(settings).await?, &String::new())
}

async fn first_process(world: &World<'_>) -> Checked {
    let desk = world.desk(&[]).await?;
    let script = "kill -9 1; kill -STOP 1; cat /proc/1/environ; readlink /proc/1/fd/* /proc/1/exe; ls /proc/1/root/; head -c 1 /proc/1/mem";
    let learnt = desk.shell(&format!("({script}) 2>/dev/null; true")).await?;
    same("learnt", &learnt.out, &String::new())?;
    // Everybody this command may signal is its own.
    desk.shell("sleep 4711 & kill -9 -1; true").await?;
    same("still there", &desk.says("echo on").await?, &"on\n".to_owned())
}
