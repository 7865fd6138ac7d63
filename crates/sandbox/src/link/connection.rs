//! One connection of a program inside: between the frames of the link and the network's gate.

use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, ReadHalf, WriteHalf};
use tokio::sync::Semaphore;

use super::Link;
use super::lanes::{self, State};
use super::queue::{Next, Outlet};
use crate::{Frame, FrameKind};

/// Bytes between the gate and the frames.
const BUFFER: usize = 64 * 1024;
/// Bytes of one frame.
const PIECE: usize = 32 * 1024;

/// Begins to carry a connection, or resets it where there is no network or there are too many.
pub(super) fn begin(link: &Arc<Link>, state: &mut State, stream: u32) {
    let network = link.network.as_ref().map(Arc::clone);
    let Some((network, ends)) = network.and_then(|network| Some((network, state.add_connection(stream)?))) else {
        link.write(state, &Frame::new(stream, FrameKind::Reset, Vec::new()));
        return;
    };
    let carrier = Carrier { link: Arc::clone(link), stream };
    let lanes::Ends { bytes, credit, slot } = ends;
    let task = tokio::spawn(async move {
        let (ours, theirs) = tokio::io::duplex(BUFFER);
        let (reading, writing) = tokio::io::split(ours);
        tokio::join!(network.serve(theirs), carrier.bring(reading, credit), carrier.take(writing, bytes));
        drop(slot);
    });
    state.own_connection(stream, task.abort_handle());
}

struct Carrier {
    link: Arc<Link>,
    stream: u32,
}

impl Carrier {
    /// From the gate to the program.
    async fn bring(&self, mut reading: ReadHalf<DuplexStream>, credit: Arc<Semaphore>) {
        let mut buffer = vec![0; PIECE];
        loop {
            // Never closed: the link cuts the task instead.
            let Ok(first) = credit.acquire().await else { return };
            first.forget();
            let room = (1 + credit.available_permits()).min(PIECE);
            let piece = buffer.get_mut(..room).unwrap_or_default();
            let count = reading.read(piece).await.unwrap_or(0);
            if count == 0 {
                break;
            }
            credit.forget_permits(count - 1);
            self.link.room().await;
            self.link.send(&Frame::new(self.stream, FrameKind::Data, piece.get(..count).unwrap_or_default()));
        }
        let mut state = self.link.state();
        self.link.write(&mut state, &Frame::new(self.stream, FrameKind::Close, Vec::new()));
        state.close_connection(self.stream);
    }

    /// From the program to the gate. What comes after the gate has gone is thrown away, so that the program can end
    /// the connection in its own time.
    async fn take(&self, mut writing: WriteHalf<DuplexStream>, mut bytes: Outlet<()>) {
        let mut is_open = true;
        while let Some(Next::Bytes(_, piece)) = bytes.next().await {
            is_open = is_open && writing.write_all(&piece).await.is_ok();
            let count = u32::try_from(piece.len()).unwrap_or(u32::MAX);
            let mut state = self.link.state();
            if state.widen_connection(self.stream, count) {
                self.link.write(&mut state, &Frame::new(self.stream, FrameKind::Credit, count.to_be_bytes()));
            }
        }
        // The gate may be gone, which is as good as told.
        writing.shutdown().await.ok();
    }
}
