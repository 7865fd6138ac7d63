//! What the reader of one command holds.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::stream::Stream;
use tokio::sync::mpsc;

use super::Link;
use super::lanes::Item;
use crate::Output;

/// Credit is returned to the guest in portions of this size.
const PORTION: usize = 256 * 1024;

/// The output of one command. Dropping it before the end kills the command.
pub(super) struct Outputs {
    link: Arc<Link>,
    stream: u32,
    items: mpsc::UnboundedReceiver<Item>,
    /// Bytes taken for which the guest has got no new credit.
    owed: usize,
    ended: bool,
}

impl Outputs {
    pub(super) fn new(link: Arc<Link>, stream: u32, items: mpsc::UnboundedReceiver<Item>) -> Self {
        Self { link, stream, items, owed: 0, ended: false }
    }
}

impl Stream for Outputs {
    type Item = Item;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Item>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let item = match self.items.poll_recv(context) {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(item) => item,
        };
        match &item {
            Some(Ok(Output::Bytes(_, bytes))) => {
                self.owed += bytes.len();
                if self.owed >= PORTION {
                    self.link.grant(self.stream, u32::try_from(self.owed).unwrap_or(u32::MAX));
                    self.owed = 0;
                }
            }
            Some(Ok(Output::Exit(_)) | Err(_)) | None => self.ended = true,
        }
        Poll::Ready(item)
    }
}

impl Drop for Outputs {
    fn drop(&mut self) {
        if !self.ended {
            self.link.kill(self.stream);
        }
    }
}
