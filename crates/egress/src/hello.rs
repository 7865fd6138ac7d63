//! Which host a TLS client asks for: the name in its first message. Nothing is decrypted.
//!
//! Only the name that is sent openly is seen. With encrypted client hello that is the outer one, which belongs to the
//! operator and so differs from the tunnel's name; such a connection is cut like any other that differs.

use rustls::server::Acceptor;

/// Most bytes of a first message, in however many records.
pub(crate) const LARGEST_HELLO: usize = 32 << 10;
/// Most bytes of one record (RFC 8446, 5.2).
const LARGEST_RECORD: usize = (16 << 10) + 256;
/// The first byte of a TLS connection: a handshake record.
pub(crate) const HANDSHAKE: u8 = 22;

/// What is known after the first bytes of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Hello {
    /// The message is not whole yet.
    Unfinished,
    /// It asks for this name; none where it asks for no name or for an address.
    Asks(Option<String>),
    /// These bytes are no beginning of a TLS connection.
    Foreign,
}

/// Looks at the first bytes of a client.
pub(crate) fn look(bytes: &[u8]) -> Hello {
    match bytes.first() {
        None => return Hello::Unfinished,
        Some(&HANDSHAKE) => {}
        Some(_) => return Hello::Foreign,
    }
    // Nothing is read before the first record is whole, so that single bytes cost nothing.
    if let [_, _, _, high, low, rest @ ..] = bytes {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        if length > LARGEST_RECORD {
            return Hello::Foreign;
        }
        if rest.len() < length {
            return Hello::Unfinished;
        }
    } else {
        return Hello::Unfinished;
    }
    let mut acceptor = Acceptor::default();
    let mut rest = bytes;
    loop {
        let Ok(read) = acceptor.read_tls(&mut rest) else { return Hello::Foreign };
        match acceptor.accept() {
            Ok(Some(accepted)) => return Hello::Asks(accepted.client_hello().server_name().map(str::to_owned)),
            Ok(None) if read == 0 || rest.is_empty() => break,
            Ok(None) => {}
            Err(_) => return Hello::Foreign,
        }
    }
    if bytes.len() >= LARGEST_HELLO { Hello::Foreign } else { Hello::Unfinished }
}

#[cfg(test)]
#[path = "hello_tests.rs"]
mod tests;
