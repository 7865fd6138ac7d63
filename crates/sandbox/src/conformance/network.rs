//! Connections of programs inside: they end at the gate on the host, and nowhere else.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::future::{BoxFuture, try_join_all};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, DuplexStream};

use super::world::{Check, Checked, World, holds, same};
use crate::{Errand, Network};

pub(super) const CHECKS: &[Check] = &[
    ("a program reaches the gate and hears its answer", |world| Box::pin(answer(world))),
    ("megabytes come through whole, many at a time", |world| Box::pin(volume(world))),
    ("a connection is cut by either side", |world| Box::pin(cut(world))),
    ("without a network nobody answers", |world| Box::pin(nobody(world))),
];

/// Speaks a line at a time: `echo WORDS`, `send COUNT`, `take COUNT`, `hang`.
#[derive(Default)]
struct Gate {
    served: AtomicUsize,
    ended: AtomicUsize,
}

impl Network for Gate {
    fn serve(self: Arc<Self>, connection: DuplexStream) -> BoxFuture<'static, ()> {
        Box::pin(async move {
            self.served.fetch_add(1, Ordering::Relaxed);
            let mut connection = BufReader::new(connection);
            // Whatever fails here is seen inside.
            converse(&mut connection).await.ok();
            self.ended.fetch_add(1, Ordering::Relaxed);
        })
    }

    fn begin(&self, _: Errand) {}

    fn end(&self) {}
}

async fn converse(connection: &mut BufReader<DuplexStream>) -> std::io::Result<()> {
    let mut line = String::new();
    connection.read_line(&mut line).await?;
    let (verb, rest) = line.trim_end().split_once(' ').unwrap_or((line.trim_end(), ""));
    let count: u64 = rest.parse().unwrap_or(0);
    match verb {
        "echo" => connection.write_all(format!("{rest}\n").as_bytes()).await?,
        "send" => {
            tokio::io::copy(&mut tokio::io::repeat(b'x').take(count), connection).await?;
        }
        "take" => {
            let taken = tokio::io::copy(&mut (&mut *connection).take(count), &mut tokio::io::sink()).await?;
            connection.write_all(format!("{taken}\n").as_bytes()).await?;
        }
        "hang" => {
            // Until the program goes.
            connection.read_u8().await?;
        }
        _ => {}
    }
    connection.shutdown().await
}

/// Defines `gate`, which sends its input to the port of the proxy and says what comes back.
const CLIENT: &str = "gate() { if command -v bash >/dev/null; then \
    bash -c 'exec 3<>/dev/tcp/127.0.0.1/3128 4<&0 || exit 1; cat <&4 >&3 & cat <&3; wait'; else nc 127.0.0.1 3128; fi; }; ";

async fn answer(world: &World<'_>) -> Checked {
    let gate = Arc::new(Gate::default());
    let desk = world.desk_with(&[], Some(Arc::clone(&gate) as _)).await?;
    let said = desk.says(&format!("{CLIENT} echo echo good day | gate")).await?;
    same("said", &said, &"good day\n".to_owned())?;
    same("served", &gate.served.load(Ordering::Relaxed), &1)?;
    let names = "echo $http_proxy $https_proxy $HTTP_PROXY $HTTPS_PROXY $ALL_PROXY $no_proxy";
    let proxy = "http://127.0.0.1:3128";
    let expected = format!("{proxy} {proxy} {proxy} {proxy} {proxy} localhost,127.0.0.1\n");
    same("variables", &desk.says(names).await?, &expected)?;
    let interfaces = desk.says("tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d ' '").await?;
    same("interfaces", &interfaces, &"lo\n".to_owned())
}

async fn volume(world: &World<'_>) -> Checked {
    let desk = world.desk_with(&[], Some(Arc::new(Gate::default()))).await?;
    let down = format!("{CLIENT} echo send 4000000 | gate | tr -d '\\n' | wc -c | tr -d ' '");
    let up = format!("{CLIENT} (echo take 3000000; head -c 3000000 /dev/zero) | gate");
    let many = (0..8).map(|number| {
        let (script, expected) = if number % 2 == 0 { (&down, "4000000\n") } else { (&up, "3000000\n") };
        let desk = &desk;
        async move { same("bytes", &desk.says(script).await?, &expected.to_owned()) }
    });
    try_join_all(many).await.map(drop)
}

async fn cut(world: &World<'_>) -> Checked {
    let gate = Arc::new(Gate::default());
    let desk = world.desk_with(&[], Some(Arc::clone(&gate) as _)).await?;
    // The gate closes without a word; the program hears the end.
    same("closed", &desk.says(&format!("{CLIENT} echo nonsense | gate")).await?, &String::new())?;
    // The program is ended; the gate hears it.
    let hanging = crate::Command {
        timeout: std::time::Duration::from_millis(500),
        ..super::world::shell(&format!("{CLIENT} (echo hang; sleep 4711) | gate"))
    };
    let ran = desk.run(hanging).await.map_err(super::world::text)?;
    holds(format!("{ran:?}"), ran.exit.timed_out)?;
    for _ in 0..1000 {
        if gate.ended.load(Ordering::Relaxed) == 2 {
            break;
        }
        desk.says(":").await?;
    }
    same("ended", &gate.ended.load(Ordering::Relaxed), &2)?;
    same("goes on", &desk.says(&format!("{CLIENT} echo echo on | gate")).await?, &"on\n".to_owned())
}

async fn nobody(world: &World<'_>) -> Checked {
    let desk = world.desk(&[]).await?;
    let ran = desk.shell(&format!("{CLIENT} echo echo on | gate")).await?;
    holds(format!("{ran:?}"), ran.out.is_empty())?;
    same("variables", &desk.says("echo ${http_proxy:-none}").await?, &"none\n".to_owned())
}
