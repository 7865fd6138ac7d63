//! What commands find in a machine, and what machines of one saved machine do not share.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use futures_util::StreamExt;

use crate::world::{desk, machines, vm};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_machines_differ_in_their_random_numbers_and_know_the_time() {
    let Some(sandbox) = vm() else { return };
    let mut numbers = Vec::new();
    for _ in 0..2 {
        let desk = desk(&sandbox).await.unwrap();
        numbers.push(desk.says("head -c 16 /dev/urandom | od -An -tx1; cat /proc/sys/kernel/random/uuid").await);
        let before = now();
        let inside: u64 = desk.says("date +%s").await.trim().parse().unwrap();
        assert!((before.saturating_sub(1)..=now() + 1).contains(&inside), "{before} {inside}");
        desk.machine.stop().await;
    }
    assert_ne!(numbers[0], numbers[1]);
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_is_nobody_and_reaches_nothing_of_the_machine() {
    let Some(sandbox) = vm() else { return };
    let desk = desk(&sandbox).await.unwrap();
    assert_eq!(desk.says("id -u; id -g; id -G").await, "1000\n1000\n1000\n");
    assert_eq!(
        desk.says("grep -E '^(CapEff|CapPrm|NoNewPrivs|Seccomp):' /proc/self/status | tr -d '\\t '").await,
        "CapPrm:0000000000000000\nCapEff:0000000000000000\nNoNewPrivs:1\nSeccomp:2\n"
    );
    assert_eq!(desk.says("tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d ' '").await, "lo\n");
    let attempts = [
        "cat /dev/vport*",
        "echo x > /dev/vport0p1",
        "cat /dev/fuse",
        "cat /proc/1/environ",
        "cat /proc/1/maps",
        "cat /proc/kcore",
        "echo 1 > /sys/fs/cgroup/cgroup.procs",
        "echo max > $(echo /sys/fs/cgroup/call-*/memory.max)",
        "mount -t tmpfs x /tmp",
        "umount /work",
        "mknod /tmp/disk b 254 0",
        "date -s 2001-01-01; test $(date +%Y) = 2001",
        "insmod /modules/*fuse.ko",
        "echo b > /proc/sysrq-trigger",
        "dmesg -n 8",
        "reboot -f",
        "kill -9 1",
        "unshare -U true",
        "chown 0 /outputs",
        "touch /etc/new",
    ];
    for attempt in attempts {
        let (said, exit) = desk.run(attempt).await.unwrap();
        assert_ne!(exit.code, Some(0), "{attempt}: {said}");
    }
    assert_eq!(desk.says("echo alive").await, "alive\n");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_that_runs_out_is_said_and_ends_the_command_alone() {
    let Some(sandbox) = vm() else { return };
    let desk = desk(&sandbox).await.unwrap();
    let begun = Instant::now();
    let (said, exit) = desk.run("dd if=/dev/zero of=/dev/shm/much bs=1M count=1000; tail /dev/zero").await.unwrap();
    assert!(exit.out_of_memory, "{exit:?} {said}");
    println!("out of memory after {:?}", begun.elapsed());
    desk.says("rm -f /dev/shm/much").await;
    let (said, exit) = desk.run("echo well").await.unwrap();
    assert_eq!((said.as_str(), exit.out_of_memory), ("well\n", false));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_held_machine_uses_no_time_and_goes_on_with_the_right_one() {
    let Some(sandbox) = vm() else { return };
    let desk = desk(&sandbox).await.unwrap();
    let mut looping = desk.machine.exec(crate::world::shell("while :; do :; done")).await.unwrap();
    desk.machine.hold().await;
    let [machine] = machines()[..] else { panic!("{:?}", machines()) };
    let before = ticks(machine);
    let nothing = tokio::time::timeout(Duration::from_secs(3), looping.output.next()).await;
    assert!(nothing.is_err(), "it went on");
    let after = ticks(machine);
    let begun = Instant::now();
    desk.machine.release().await;
    drop(looping);
    let inside: u64 = desk.says("date +%s").await.trim().parse().unwrap();
    println!("{} ticks while held; first answer {:?} after", after - before, begun.elapsed());
    assert!(after - before <= 1, "{} ticks", after - before);
    assert!(now().abs_diff(inside) <= 2, "{} {inside}", now());
}

/// Processor time of a process in hundredths of a second.
fn ticks(process: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    let (_, rest) = stat.rsplit_once(')').unwrap();
    rest.split_whitespace().skip(11).take(2).map(|field| field.parse::<u64>().unwrap()).sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_go_both_ways_and_into_the_journal() {
    let Some(sandbox) = vm() else { return };
    let desk = desk(&sandbox).await.unwrap();
    let folder = desk.root.join("desk");
    std::fs::write(folder.join("letter"), "dear").unwrap();
    assert_eq!(
        desk.says("cat letter; echo -n ' friend' >> letter; echo made > new; stat -c '%u %a' new").await,
        "dear1000 644\n"
    );
    assert_eq!(std::fs::read_to_string(folder.join("letter")).unwrap(), "dear friend");
    assert_eq!(std::fs::read_to_string(folder.join("new")).unwrap(), "made\n");
    let (_, exit) = desk.run("rm letter").await.unwrap();
    assert_ne!(exit.code, Some(0));
    let begun = Instant::now();
    desk.says("dd if=/dev/zero of=/outputs/big bs=1M count=50 conv=fsync 2>&1").await;
    let written = begun.elapsed();
    let begun = Instant::now();
    assert_eq!(desk.says("cat /outputs/big | wc -c").await.trim(), "52428800");
    println!("50 MB written in {written:?}, read in {:?}", begun.elapsed());
    let begun = Instant::now();
    desk.says("mkdir many && cd many && i=0; while [ $i -lt 1000 ]; do echo $i > f$i; i=$((i+1)); done").await;
    println!("1000 small files in {:?}", begun.elapsed());
    assert_eq!(std::fs::read_dir(folder.join("many")).unwrap().count(), 1000);
    let files = std::sync::Arc::clone(&desk.files);
    let changes = tokio::task::spawn_blocking(move || files.end()).await.unwrap();
    assert!(changes.len() >= 1003, "{}", changes.len());
    assert!(std::fs::read_dir(desk.root.join("journal")).unwrap().count() > 0);
}
