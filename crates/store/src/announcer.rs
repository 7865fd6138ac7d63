//! From one index to many listeners, with bounded memory: what changes among all tasks.

use std::sync::{Mutex, MutexGuard, PoisonError};

use futures_util::stream;
use tokio::sync::broadcast::{self, error::RecvError};

use crate::{Headlines, News};

/// News a listener may have waiting. One that falls further behind is told that it missed some, and goes on from there.
const WAITING: usize = 256;
/// More news than this at once are told as one [`News::Missed`]: reading the list again costs less.
const AT_ONCE: usize = WAITING / 2;

/// The listeners of one store.
#[derive(Debug, Default)]
pub struct Announcer {
    stage: Mutex<Stage>,
}

#[derive(Debug, Default)]
enum Stage {
    /// Nobody has listened yet; costs nothing.
    #[default]
    Quiet,
    /// Somebody listens, or did.
    Open(broadcast::Sender<News>),
    /// The store has closed.
    Closed,
}

impl Announcer {
    /// What is told from now on; ends at once where the announcer is closed.
    pub fn listen(&self) -> Headlines {
        let mut stage = self.stage();
        if matches!(*stage, Stage::Quiet) {
            *stage = Stage::Open(broadcast::Sender::new(WAITING));
        }
        let Stage::Open(sender) = &*stage else { return Box::pin(stream::empty()) };
        Box::pin(stream::unfold(sender.subscribe(), |mut receiver| async move {
            match receiver.recv().await {
                Ok(news) => Some((news, receiver)),
                Err(RecvError::Lagged(_)) => {
                    // What still waits is older than the list that is read now.
                    let receiver = receiver.resubscribe();
                    Some((News::Missed, receiver))
                }
                Err(RecvError::Closed) => None,
            }
        }))
    }

    /// Whether anybody listens now.
    pub fn is_heard(&self) -> bool {
        matches!(&*self.stage(), Stage::Open(sender) if sender.receiver_count() > 0)
    }

    /// Tells every listener, in order.
    pub fn tell(&self, news: Vec<News>) {
        let stage = self.stage();
        let Stage::Open(sender) = &*stage else { return };
        let news = if news.len() > AT_ONCE { vec![News::Missed] } else { news };
        for piece in news {
            // An error says that nobody listens now, and then nobody misses it.
            let _nobody_listens = sender.send(piece);
        }
    }

    /// Ends every listener's stream, once it has taken what waits.
    pub fn close(&self) {
        *self.stage() = Stage::Closed;
    }

    fn stage(&self) -> MutexGuard<'_, Stage> {
        // Every change is one assignment.
        self.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
