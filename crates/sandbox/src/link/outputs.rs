//! What the reader of one command holds.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::Link;
use super::lanes::Ending;
use super::queue::{Next, Outlet};
use crate::{Output, SandboxError};
use futures_util::stream::Stream;

/// Credit is returned to the guest in portions of this size.
const PORTION: usize = 256 * 1024;

/// The output of one command. Dropping it before the end kills the command.
pub(super) struct Outputs {
    link: Arc<Link>,
    stream: u32,
    items: Outlet<Ending>,
    /// Bytes taken for which the guest has got no new credit.
    owed: usize,
    ended: bool,
}

impl Outputs {
    pub(super) fn new(link: Arc<Link>, stream: u32, items: Outlet<Ending>) -> Self {
        Self { link, stream, items, owed: 0, ended: false }
    }

    fn return_credit(&mut self, bytes: usize) {
        self.owed += bytes;
        if self.owed >= PORTION {
            self.link.grant(self.stream, u32::try_from(self.owed).unwrap_or(u32::MAX));
            self.owed = 0;
        }
    }
}

impl Stream for Outputs {
    type Item = Result<Output, SandboxError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let next = match self.items.poll(context) {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(next) => next,
        };
        self.ended = !matches!(next, Some(Next::Bytes(..)));
        Poll::Ready(next.map(|next| match next {
            Next::Bytes(stream, bytes) => {
                self.return_credit(bytes.len());
                Ok(Output::Bytes(stream, bytes))
            }
            Next::Last(ending) => ending.map(Output::Exit),
        }))
    }
}

impl Drop for Outputs {
    fn drop(&mut self) {
        if !self.ended {
            self.link.kill(self.stream);
        }
    }
}
