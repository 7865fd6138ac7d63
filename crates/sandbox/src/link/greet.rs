//! The first words of the host, and what the guest answers.

use std::io::{IoSliceMut, Result};
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;

use rustix::net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags};
use tokio::io::{AsyncWriteExt, Interest};
use tokio::net::UnixStream;

use crate::{Frame, FrameKind, GuestHello, GuestSetup};

/// Introduces the machine to the guest and waits for its greeting; none when it ended instead or spoke out of turn.
/// Waits for ever where nothing comes: the caller knows how long is too long.
///
/// `on_files` gets the descriptor of the guest's FUSE device, in the namespace tier, as soon as it comes: the guest
/// needs answers on it before it can end its greeting. Give `drop` where none is expected.
pub async fn greet(socket: &mut UnixStream, setup: &GuestSetup, on_files: impl FnOnce(OwnedFd)) -> Option<GuestHello> {
    let frame = Frame::new(0, FrameKind::Setup, serde_json::to_vec(setup).ok()?);
    socket.write_all(&frame.encode()).await.ok()?;
    let mut on_files = Some(on_files);
    let mut bytes = Vec::new();
    loop {
        let mut files = None;
        let count = socket.async_io(Interest::READABLE, || receive(socket, &mut bytes, &mut files)).await.ok()?;
        if count == 0 {
            return None;
        }
        // A second descriptor has no use and is closed.
        if let Some(files) = files
            && let Some(on_files) = on_files.take()
        {
            on_files(files);
        }
        if let Some((frame, used)) = Frame::decode(&bytes).ok()? {
            let whole = frame.kind == Some(FrameKind::Hello) && used == bytes.len();
            return serde_json::from_slice(&whole.then_some(frame.payload)?).ok();
        }
    }
}

fn receive(socket: &UnixStream, bytes: &mut Vec<u8>, files: &mut Option<OwnedFd>) -> Result<usize> {
    let mut chunk = [0; 4096];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let message = rustix::net::recvmsg(socket, &mut [IoSliceMut::new(&mut chunk)], &mut control, FLAGS)?;
    for part in control.drain() {
        if let RecvAncillaryMessage::ScmRights(descriptors) = part {
            *files = descriptors.last().or(files.take());
        }
    }
    bytes.extend_from_slice(chunk.get(..message.bytes).unwrap_or_default());
    Ok(message.bytes)
}

/// A descriptor must not reach programs that are started meanwhile.
#[cfg(target_os = "linux")]
const FLAGS: RecvFlags = RecvFlags::CMSG_CLOEXEC;
/// No descriptor comes there.
#[cfg(not(target_os = "linux"))]
const FLAGS: RecvFlags = RecvFlags::empty();
