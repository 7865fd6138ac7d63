//! Tickets: addresses that let one browser in once, for as long as it takes to open it. They may be seen in a list of
//! processes, where the token of the launch must not stand.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use event::Digest;
use tokio::time::Instant;

/// How long a ticket is good for: a cold browser needs some seconds.
const LIFE: Duration = Duration::from_mins(1);
/// Tickets that may be open at once; one more takes the place of the oldest.
const MOST: usize = 8;

/// The tickets of one launch. Cheap to clone; a clone knows the same tickets.
#[derive(Clone, Default)]
pub struct Tickets {
    open: Arc<Mutex<Vec<Ticket>>>,
}

/// A ticket that nobody has used. What it says is not kept.
struct Ticket {
    digest: Digest,
    until: Instant,
}

impl Tickets {
    /// An address of the window at `port` that lets a browser in once, within a minute. Another path may be put into
    /// it.
    ///
    /// # Errors
    /// Where the system has no randomness.
    pub fn address(&self, port: SocketAddr) -> Result<String, getrandom::Error> {
        Ok(format!("http://{port}/?ticket={}", self.mint()?))
    }

    /// A ticket with 128 bits of randomness, written as 32 hexadecimal digits.
    fn mint(&self) -> Result<String, getrandom::Error> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes)?;
        let ticket = Digest::of(&bytes).to_string();
        let now = Instant::now();
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|ticket| now < ticket.until);
        if open.len() >= MOST {
            open.remove(0);
        }
        open.push(Ticket { digest: Digest::of(ticket.as_bytes()), until: now + LIFE });
        Ok(ticket)
    }

    /// Takes a ticket; true once for each that is good. How long the comparing takes tells of its digest at most.
    pub(crate) fn take(&self, presented: &str) -> bool {
        let digest = Digest::of(presented.as_bytes());
        let now = Instant::now();
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(at) = open.iter().position(|ticket| ticket.digest == digest) else { return false };
        now < open.remove(at).until
    }
}

impl std::fmt::Debug for Tickets {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Tickets(…)")
    }
}
