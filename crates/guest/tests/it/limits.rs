//! What a command may use: memory, files, processes.

use std::time::Duration;

use sandbox::{Command, Exit, ResourceLimits};

use crate::world::{bash, exited, limited, python, run, says};

#[tokio::test]
async fn memory_of_a_process_is_limited() {
    let machine = limited(ResourceLimits { memory: 256 << 20, ..ResourceLimits::default() }).await;
    let take = |megabytes: u32| {
        python(&format!("try: x = bytearray({megabytes} << 20); print('taken')\nexcept MemoryError: print('refused')"))
    };
    assert_eq!(says(machine.as_ref(), take(64)).await, "taken\n");
    assert_eq!(says(machine.as_ref(), take(600)).await, "refused\n");
    let (output, exit) = run(machine.as_ref(), bash("head -c 400M /dev/zero > /tmp/big")).await.unwrap();
    assert_eq!((output.contains("No space left on device"), exit), (true, exited(1)), "{output}");
}

#[tokio::test]
async fn the_size_of_a_file_is_limited() {
    let machine = limited(ResourceLimits { file: 1 << 20, ..ResourceLimits::default() }).await;
    let script = "{ head -c 2M /dev/zero > /tmp/big; } 2>/dev/null; stat -c %s /tmp/big; ulimit -c";
    assert_eq!(says(machine.as_ref(), bash(script)).await, "1048576\n0\n");
}

#[tokio::test]
async fn a_fork_bomb_is_contained_and_ended() {
    if rustix::process::geteuid().is_root() {
        // The kernel does not count the superuser's processes; the run as an ordinary user makes this test.
        return;
    }
    let machine = limited(ResourceLimits { processes: 64, ..ResourceLimits::default() }).await;
    let bomb = Command { timeout: Duration::from_secs(1), ..bash("bomb() { bomb | bomb & }; bomb; sleep 4713") };
    let (_, exit) = run(machine.as_ref(), bomb.clone()).await.unwrap();
    assert_eq!(exit, Exit { code: None, signal: Some(9), timed_out: true, out_of_memory: false });
    assert_eq!(says(machine.as_ref(), bash("echo /proc/[0-9]*")).await.split_whitespace().count(), 2);
    // Beside another command, whose processes are spared.
    let neighbour = bash("echo ready; read line < /tmp/go; echo $line");
    says(machine.as_ref(), bash("mkfifo /tmp/go")).await;
    let beside = async {
        let (_, exit) = run(machine.as_ref(), bomb).await.unwrap();
        says(machine.as_ref(), bash("echo on > /tmp/go")).await;
        exit
    };
    let (neighbour, exit) = tokio::join!(run(machine.as_ref(), neighbour), beside);
    assert_eq!(neighbour.unwrap(), ("ready\non\n".to_owned(), exited(0)));
    assert_eq!(exit, Exit { code: None, signal: Some(9), timed_out: true, out_of_memory: false });
    assert_eq!(says(machine.as_ref(), bash("echo /proc/[0-9]*")).await.split_whitespace().count(), 2);
}
