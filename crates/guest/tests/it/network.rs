//! The door to the network under strain: connections that nobody reads, and more of them than are carried.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::future::BoxFuture;
use sandbox::{Errand, Network, Sandbox};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

use crate::still::Still;
use crate::world::{bash, bwrap, exited, order, python, run, says};

/// Sends without end to everybody.
#[derive(Default)]
struct Flood {
    now: AtomicUsize,
    most: AtomicUsize,
}

/// A connection that is cut is dropped where it stands.
struct Served<'a>(&'a Flood);

impl Drop for Served<'_> {
    fn drop(&mut self) {
        self.0.now.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Network for Flood {
    fn serve(self: Arc<Self>, connection: DuplexStream) -> BoxFuture<'static, ()> {
        Box::pin(async move {
            let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
            self.most.fetch_max(now, Ordering::SeqCst);
            let _served = Served(&self);
            let (mut reading, mut writing) = tokio::io::split(connection);
            let sending = async { while writing.write_all(&[b'x'; 8192]).await.is_ok() {} };
            let hearing = async { while reading.read_u8().await.is_ok() {} };
            tokio::select! {
                () = sending => {}
                () = hearing => {}
            }
        })
    }

    fn begin(&self, _: Errand) {}

    fn end(&self) {}
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_nobody_reads_hold_nothing_up() {
    let gate = Arc::new(Flood::default());
    let machine = bwrap().start(order(Arc::new(Still), Some(Arc::clone(&gate) as _))).await.unwrap();
    let hoard = "import socket\n\
        made = [socket.create_connection(('127.0.0.1', 3128)) for _ in range(200)]\n\
        print(sum(len(made[0].recv(65536)) > 0 for _ in range(100)), flush=True)\n\
        open('/tmp/hoarded', 'w').close()\n\
        open('/tmp/go').read()\n\
        for s in made[:100]: s.close()\n\
        late = made[199]; total = 0\n\
        while total < 1000000: total += len(late.recv(65536))\n\
        print('late', flush=True)";
    says(machine.as_ref(), bash("mkfifo /tmp/go")).await;
    let beside = async {
        let script = "until [ -e /tmp/hoarded ]; do :; done; head -c 3000000 /dev/zero | wc -c; echo > /tmp/go";
        says(machine.as_ref(), bash(script)).await
    };
    let (hoarder, beside) = tokio::join!(run(machine.as_ref(), python(hoard)), beside);
    assert_eq!(hoarder.unwrap(), ("100\nlate\n".to_owned(), exited(0)));
    assert_eq!(beside, "3000000\n");
    // One that is being cut may still be counted.
    let most = gate.most.load(Ordering::SeqCst);
    assert!((128..160).contains(&most), "{most} connections at a time");
    // All of them are gone with the program.
    for _ in 0..1000 {
        if gate.now.load(Ordering::SeqCst) == 0 {
            break;
        }
        says(machine.as_ref(), bash(":")).await;
    }
    assert_eq!(gate.now.load(Ordering::SeqCst), 0);
}
