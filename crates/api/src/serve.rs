//! Accepting connections and ending them.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, UnixListener, UnixStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::bind::Bound;
use crate::guard::Door;
use crate::house::ApiState;
use crate::router::{Front, router};

/// Streams that may be open at once. One more is refused with a clear error.
pub const MAX_STREAMS: usize = 256;
/// Connections of one door that may be open at once. One more waits until another ends.
const MAX_CONNECTIONS: usize = 512;
/// How long a connection may take to say what it wants, also between requests.
const HEADER_TIME: Duration = Duration::from_secs(30);
/// How long requests under way may take when the server ends.
const GRACE: Duration = Duration::from_secs(5);
/// How long to wait when the system has no connections left to give.
const BREATH: Duration = Duration::from_millis(100);

impl Bound {
    /// Serves until `stop` is cancelled: then nothing new is accepted, streams end, and requests under way have five
    /// seconds. Returns when the last connection is closed and the socket is removed. Whoever comes through the socket
    /// may cancel `stop` too.
    pub async fn serve(self, state: ApiState, stop: CancellationToken) {
        self.serve_then(state, stop, std::future::ready(())).await;
    }

    /// The same with something to do after the last connection and before the socket is removed: whoever finds the
    /// socket gone finds that done.
    pub async fn serve_then(self, state: ApiState, stop: CancellationToken, last: impl Future<Output = ()>) {
        let front = Arc::new(Front {
            state,
            address: self.address(),
            seats: Arc::new(Semaphore::new(MAX_STREAMS)),
            stop: stop.clone(),
        });
        let tcp = async {
            if let Some((listener, port)) = &self.tcp {
                accept(listener, router(&front, Door::Tcp { port: *port }), &stop).await;
            }
        };
        let socket = async {
            if let Some(socket) = &self.socket {
                accept(&socket.listener, router(&front, Door::Socket), &stop).await;
            }
        };
        tokio::join!(tcp, socket);
        last.await;
    }
}

/// A listener of either kind.
trait Accept {
    type Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static;

    /// The next connection; none where one came that is not let in.
    async fn next(&self) -> std::io::Result<Option<Self::Stream>>;
}

impl Accept for TcpListener {
    type Stream = tokio::net::TcpStream;

    async fn next(&self) -> std::io::Result<Option<Self::Stream>> {
        let (stream, _) = self.accept().await?;
        // Tokens are small and wanted at once.
        stream.set_nodelay(true)?;
        Ok(Some(stream))
    }
}

impl Accept for UnixListener {
    type Stream = UnixStream;

    async fn next(&self) -> std::io::Result<Option<Self::Stream>> {
        let (stream, _) = self.accept().await?;
        let peer = stream.peer_cred()?.uid();
        let ours = peer == 0 || peer == rustix::process::geteuid().as_raw();
        Ok(ours.then_some(stream))
    }
}

async fn accept(listener: &impl Accept, router: Router, stop: &CancellationToken) {
    let seats = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    // Ended with this set, whatever they are doing.
    let mut open = JoinSet::new();
    loop {
        let seat = tokio::select! {
            () = stop.cancelled() => break,
            seat = Arc::clone(&seats).acquire_owned() => seat,
        };
        let came = tokio::select! {
            () = stop.cancelled() => break,
            came = listener.next() => came,
        };
        while open.try_join_next().is_some() {}
        match came {
            Ok(Some(stream)) => {
                let talk = talk(stream, router.clone(), stop.clone());
                open.spawn(async move {
                    talk.await;
                    drop(seat);
                });
            }
            Ok(None) => {}
            Err(_out_of_descriptors) => tokio::time::sleep(BREATH).await,
        }
    }
    let all = async { while open.join_next().await.is_some() {} };
    // Those that take longer are cut when the set is dropped.
    let _cut = tokio::time::timeout(GRACE, all).await;
}

/// One connection, until either side ends it.
async fn talk(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, router: Router, stop: CancellationToken) {
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIME)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    let mut connection = std::pin::pin!(connection);
    tokio::select! {
        // A connection that breaks concerns nobody but the other side.
        _broken = connection.as_mut() => {}
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            let _broken = connection.await;
        }
    }
}
