//! The secret of one launch, and the session that a browser gets in its place.

use std::net::SocketAddr;

use event::Digest;

/// The secret of one launch. It is never shown by `Debug` and compared in constant time.
#[derive(Clone)]
pub struct Token {
    secret: String,
    session: String,
}

impl Token {
    /// A token with 128 bits of randomness, written as 32 hexadecimal digits.
    ///
    /// # Errors
    /// Where the system has no randomness.
    pub fn random() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes)?;
        Ok(Self::new(&Digest::of(&bytes).to_string()))
    }

    /// This token; whoever gives it sees to its randomness.
    pub fn new(secret: &str) -> Self {
        // The cookie is not the token: who sees one does not know the other.
        let session = Digest::of(format!("deskhand session {secret}").as_bytes()).to_string();
        Self { secret: secret.to_owned(), session }
    }

    /// The token itself, for printing the address to open. The name is long on purpose.
    pub fn expose(&self) -> &str {
        &self.secret
    }

    /// The address of the window at `port` with this token: for the user's own eyes, and for no process's arguments.
    pub fn address(&self, port: SocketAddr) -> String {
        format!("http://{port}/?token={}", self.secret)
    }

    /// The value of the session cookie.
    pub(crate) fn session(&self) -> &str {
        &self.session
    }

    pub(crate) fn is(&self, presented: &str) -> bool {
        !self.secret.is_empty() && same(&self.secret, presented)
    }

    pub(crate) fn is_session(&self, presented: &str) -> bool {
        !self.secret.is_empty() && same(&self.session, presented)
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Token(…)")
    }
}

/// Compares in a time that depends on the lengths only.
fn same(secret: &str, presented: &str) -> bool {
    let (secret, presented) = (secret.as_bytes(), presented.as_bytes());
    if secret.len() != presented.len() {
        return false;
    }
    let difference = secret.iter().zip(presented).fold(0, |seen, (a, b)| std::hint::black_box(seen | (a ^ b)));
    difference == 0
}
