//! The way of file messages: a stream of bytes from the machine, one packet a message for the share.
//!
//! Each message begins with its length (the kernel's fuse.h). One thread a direction, so that a request that waits for
//! an answer of the user holds up nothing; both end when either side does. What the machine sends is not trusted.

use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::sync::Arc;

use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType};
use sandbox::Share;

/// Bytes of the smallest request.
const REQUEST_HEADER: usize = 40;
/// Bytes of the largest message: what fits a packet.
const MESSAGE: usize = (1 << 20) + 8192;
/// Bytes a packet's buffer is asked to hold; the system gives what it allows.
const PACKETS: usize = 1 << 21;

/// Serves the machine's files on threads of their own until it ends.
pub(crate) fn serve(machine: UnixStream, share: Arc<dyn Share>) -> std::io::Result<()> {
    let (ours, theirs) =
        rustix::net::socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)?;
    for end in [&ours, &theirs] {
        rustix::net::sockopt::set_socket_send_buffer_size(end, PACKETS)?;
    }
    machine.set_nonblocking(false)?;
    let machine = Arc::new(machine);
    let ours = Arc::new(ours);
    start("share", move || share.serve(theirs), 512 * 1024)?;
    let (stream, packets) = (Arc::clone(&machine), Arc::clone(&ours));
    start("share-requests", move || ending(&stream, &packets, carry_requests), 64 * 1024)?;
    start("share-replies", move || ending(&machine, &ours, carry_replies), 64 * 1024)
}

fn start(name: &str, act: impl FnOnce() + Send + 'static, stack: usize) -> std::io::Result<()> {
    std::thread::Builder::new().name(name.to_owned()).stack_size(stack).spawn(act).map(drop)
}

/// Carries one way; when that ends, so does the other.
fn ending(stream: &UnixStream, packets: &OwnedFd, carry: fn(&UnixStream, &OwnedFd)) {
    carry(stream, packets);
    // Where one is closed already there is nothing to do.
    stream.shutdown(Shutdown::Both).ok();
    rustix::net::shutdown(packets, rustix::net::Shutdown::Both).ok();
}

fn carry_requests(mut stream: &UnixStream, packets: &OwnedFd) {
    let mut incoming: Vec<u8> = Vec::new();
    let mut chunk = vec![0; 64 * 1024];
    loop {
        match stream.read(&mut chunk) {
            Ok(0) => return,
            Ok(count) => incoming.extend_from_slice(chunk.get(..count).unwrap_or_default()),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(_) => return,
        }
        let mut used = 0;
        loop {
            let rest = incoming.get(used..).unwrap_or_default();
            let Some(head) = rest.first_chunk::<4>() else { break };
            let length = u32::from_ne_bytes(*head) as usize;
            if !(REQUEST_HEADER..=MESSAGE).contains(&length) {
                return;
            }
            let Some(message) = rest.get(..length) else { break };
            if send(packets, message).is_err() {
                return;
            }
            used += length;
        }
        incoming.drain(..used);
        incoming.shrink_to(256 * 1024);
    }
}

fn send(packets: &OwnedFd, message: &[u8]) -> rustix::io::Result<()> {
    loop {
        match rustix::net::send(packets, message, SendFlags::NOSIGNAL) {
            Ok(_) => return Ok(()),
            Err(rustix::io::Errno::INTR) => {}
            Err(errno) => return Err(errno),
        }
    }
}

fn carry_replies(mut stream: &UnixStream, packets: &OwnedFd) {
    let mut buffer = vec![0; MESSAGE];
    loop {
        match rustix::net::recv(packets, buffer.as_mut_slice(), RecvFlags::empty()) {
            Ok((_, 0)) => return,
            Ok((_, count)) => {
                if stream.write_all(buffer.get(..count).unwrap_or_default()).is_err() {
                    return;
                }
            }
            Err(rustix::io::Errno::INTR) => {}
            Err(_) => return,
        }
    }
}
