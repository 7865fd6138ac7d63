//! Stands between one task and the fake model and looks at the clock: when a request's first byte comes, when an
//! answer's last byte goes. Bytes pass unchanged.
//!
//! Separate from the fake model so that contestants are timed by one clock, which is also the clock of their start and
//! end. Two threads for each connection: good for one task at a time, not for a crowd.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Instant;

use anyhow::{Context, Result};

use super::times::{Request, Times};

/// Largest piece that passes at once.
const PIECE: usize = 256 * 1024;

/// A relay on loopback. It stops listening when dropped; connections end with their ends.
pub(super) struct Relay {
    address: SocketAddr,
    log: Arc<Mutex<Vec<Seen>>>,
    stop: Arc<AtomicBool>,
    listener: Option<JoinHandle<()>>,
}

/// One request as it passes.
struct Seen {
    head: Vec<u8>,
    request: Request,
}

/// One connection: which request of the log it is at, and whether its answer has begun.
#[derive(Clone)]
struct Line {
    log: Arc<Mutex<Vec<Seen>>>,
    at: Arc<Mutex<Option<(usize, Passing)>>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Passing {
    Request,
    Answer,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Relay {
    /// A relay to a server on loopback, `HOST:PORT`.
    pub(super) fn start(server: &str) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").context("cannot listen on loopback")?;
        let address = listener.local_addr()?;
        let (log, stop) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let (seen, ended, server) = (Arc::clone(&log), Arc::clone(&stop), server.to_owned());
        let thread = std::thread::spawn(move || {
            for client in listener.incoming() {
                if ended.load(Ordering::Relaxed) {
                    break;
                }
                // A connection that cannot be made is the client's to complain about.
                client.and_then(|client| connect(client, &server, &seen)).unwrap_or_default();
            }
        });
        Ok(Self { address, log, stop, listener: Some(thread) })
    }

    /// Its address, as a provider's base URL.
    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What passed so far, in the order of arrival; only requests that post something.
    pub(super) fn times(&self) -> Times {
        let log = lock(&self.log);
        Times { requests: log.iter().filter(|seen| seen.head.starts_with(b"POST ")).map(|seen| seen.request).collect() }
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // Wakes the thread that waits for a connection.
        drop(TcpStream::connect(self.address));
        if let Some(listener) = self.listener.take() {
            drop(listener.join());
        }
    }
}

fn connect(client: TcpStream, server: &str, log: &Arc<Mutex<Vec<Seen>>>) -> std::io::Result<()> {
    let server = TcpStream::connect(server)?;
    for end in [&client, &server] {
        end.set_nodelay(true)?;
    }
    let line = Line { log: Arc::clone(log), at: Arc::default() };
    let (up, down) = (line.clone(), line);
    let ends = (client.try_clone()?, server.try_clone()?);
    std::thread::spawn(move || pass(client, server, |piece| up.asked(piece)));
    std::thread::spawn(move || pass(ends.1, ends.0, |piece| down.answered(piece)));
    Ok(())
}

/// Passes bytes on until one side is done; the clock is read before the bytes go on.
fn pass(mut from: TcpStream, mut to: TcpStream, note: impl Fn(&[u8])) {
    let mut buffer = vec![0; PIECE];
    while let Ok(count) = from.read(&mut buffer) {
        let Some(piece) = buffer.get(..count).filter(|piece| !piece.is_empty()) else { break };
        note(piece);
        if to.write_all(piece).is_err() {
            break;
        }
    }
    // Either end may be gone already.
    drop(to.shutdown(Shutdown::Write));
}

impl Line {
    fn asked(&self, piece: &[u8]) {
        let now = Instant::now();
        let mut log = lock(&self.log);
        let mut at = lock(&self.at);
        let index = match *at {
            Some((index, Passing::Request)) => index,
            Some((_, Passing::Answer)) | None => {
                let request = Request { arrived: now, ended: now, asked_bytes: 0 };
                log.push(Seen { head: Vec::new(), request });
                log.len() - 1
            }
        };
        *at = Some((index, Passing::Request));
        if let Some(seen) = log.get_mut(index) {
            seen.request.asked_bytes += body_bytes(&mut seen.head, piece) as u64;
        }
    }

    fn answered(&self, _piece: &[u8]) {
        let now = Instant::now();
        let mut log = lock(&self.log);
        let mut at = lock(&self.at);
        if let Some((index, passing)) = at.as_mut() {
            *passing = Passing::Answer;
            if let Some(seen) = log.get_mut(*index) {
                seen.request.ended = now;
            }
        }
    }
}

/// Adds a piece to a request's head until the head is whole; gives how many bytes of the piece lie behind it.
fn body_bytes(head: &mut Vec<u8>, piece: &[u8]) -> usize {
    const END: &[u8] = b"\r\n\r\n";
    if head.ends_with(END) {
        return piece.len();
    }
    let before = head.len();
    head.extend_from_slice(piece);
    let Some(end) = head.windows(END.len()).position(|window| window == END).map(|at| at + END.len()) else { return 0 };
    head.truncate(end);
    piece.len() - (end - before)
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::{TcpListener, TcpStream};

    use super::{Relay, body_bytes};

    /// A server that answers each of so many requests of 9 body bytes on one connection, then ends.
    fn server(requests: usize) -> (String, std::thread::JoinHandle<Vec<u8>>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let thread = std::thread::spawn(move || {
            let (mut client, _) = listener.accept().unwrap();
            let mut asked = Vec::new();
            for number in 1..=requests {
                while asked.windows(9).filter(|window| window == b"nine byte").count() < number {
                    let mut piece = [0; 100];
                    let count = client.read(&mut piece).unwrap();
                    assert!(count > 0, "the request was cut");
                    asked.extend_from_slice(&piece[..count]);
                }
                client.write_all(b"answer").unwrap();
            }
            asked
        });
        (address, thread)
    }

    #[test]
    fn bytes_pass_unchanged_and_requests_are_timed() {
        let (address, server) = server(2);
        let relay = Relay::start(&address).unwrap();
        let mut client = TcpStream::connect(relay.url().trim_start_matches("http://")).unwrap();
        let mut answer = [0; 6];
        for _ in 0..2 {
            client.write_all(b"POST / HTTP/1.1\r\n\r\nnine byte").unwrap();
            client.read_exact(&mut answer).unwrap();
            assert_eq!(&answer, b"answer");
        }
        assert_eq!(server.join().unwrap(), b"POST / HTTP/1.1\r\n\r\nnine byte".repeat(2));
        let times = relay.times();
        assert_eq!(times.requests.iter().map(|request| request.asked_bytes).collect::<Vec<_>>(), [9, 9]);
        let moments: Vec<_> = times.requests.iter().flat_map(|request| [request.arrived, request.ended]).collect();
        assert!(moments.is_sorted() && moments[0] < moments[3], "{moments:?}");
    }

    #[test]
    fn a_head_may_come_in_pieces() {
        let mut head = Vec::new();
        let counts =
            [&b"POST / HTTP/1.1\r\n"[..], b"a: b\r\n\r", b"\nbody", b"more"].map(|piece| body_bytes(&mut head, piece));
        assert_eq!(counts, [0, 0, 4, 4]);
        assert_eq!(head, b"POST / HTTP/1.1\r\na: b\r\n\r\n");
    }
}
