//! Heads of requests and answers, read strictly: what two programs could read differently is refused.
//!
//! Lives here: cutting a head into its parts and saying how long its body is. Does not live here: moving bodies
//! (`body`), deciding (`rules`). Source: RFC 9112, and RFC 9110 for what travels only one hop.

/// Most bytes of a head.
pub(crate) const LARGEST_HEAD: usize = 32 << 10;
/// Most headers.
const MOST_HEADERS: usize = 100;
/// Most characters of a method.
const LONGEST_METHOD: usize = 32;

/// What is wrong with a head, for the ledger and the program.
pub(crate) type Wrong = &'static str;

/// A header as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) name: String,
    pub(crate) value: Vec<u8>,
}

/// The headers of a head, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Headers(pub(crate) Vec<Header>);

/// A request's head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) is_new: bool,
    pub(crate) headers: Headers,
}

/// An answer's head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) reason: String,
    pub(crate) headers: Headers,
}

/// How a body ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    /// There is none.
    Empty,
    /// After so many bytes.
    Length(u64),
    /// With a chunk of size nought.
    Chunked,
    /// With the connection. Answers only.
    Close,
}

/// Headers that mean the connection and not the message.
const ONE_HOP: [&str; 10] = [
    "connection",
    "expect",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Headers that say where a message ends and to whom it goes.
const DECISIVE: [&str; 4] = ["connection", "content-length", "host", "transfer-encoding"];

fn regular(name: &str) -> String {
    name.to_ascii_lowercase().replace('_', "-")
}

impl Headers {
    /// The values of a header.
    pub(crate) fn all<'h>(&'h self, name: &'h str) -> impl Iterator<Item = &'h [u8]> {
        self.0.iter().filter(move |header| header.name.eq_ignore_ascii_case(name)).map(|header| header.value.as_slice())
    }

    /// The one value of a header as text; an error where it is there twice or is no ASCII.
    pub(crate) fn one<'h>(&'h self, name: &'h str) -> Result<Option<&'h str>, Wrong> {
        let mut values = self.all(name);
        let first = values.next();
        if values.next().is_some() {
            return Err("a header that may be there once is there twice");
        }
        let text = first.map(std::str::from_utf8).transpose().map_err(|_| "a header is not plain text")?;
        Ok(text.map(|text| text.trim_matches([' ', '\t'])))
    }

    /// Takes out what is meant for one hop, also what `Connection` names, and length and host, which are written anew.
    pub(crate) fn stripped(&self) -> Self {
        let mut gone: Vec<String> = ONE_HOP.iter().map(|&name| name.to_owned()).collect();
        gone.extend(["content-length".to_owned(), "host".to_owned()]);
        for value in self.all("connection") {
            gone.extend(String::from_utf8_lossy(value).split(',').map(|name| name.trim().to_ascii_lowercase()));
        }
        let kept = |header: &&Header| !gone.iter().any(|name| header.name.eq_ignore_ascii_case(name));
        Self(self.0.iter().filter(kept).cloned().collect())
    }

    fn write(&self, out: &mut Vec<u8>) {
        for header in &self.0 {
            out.extend_from_slice(header.name.as_bytes());
            out.extend_from_slice(b": ");
            out.extend_from_slice(&header.value);
            out.extend_from_slice(b"\r\n");
        }
    }

    /// Whether the other side wants to end after this message.
    pub(crate) fn wants_close(&self) -> bool {
        ["connection", "proxy-connection"].iter().any(|name| {
            self.all(name).any(|value| {
                String::from_utf8_lossy(value).split(',').any(|word| word.trim().eq_ignore_ascii_case("close"))
            })
        })
    }
}

/// Where the head in `bytes` ends, or what is wrong with what has come so far; none while it is not whole. The first
/// `seen` bytes were looked at before.
pub(crate) fn end(bytes: &[u8], seen: usize) -> Result<Option<usize>, Wrong> {
    if bytes.first().is_some_and(|byte| !byte.is_ascii_alphabetic()) {
        return Err("it is not HTTP");
    }
    for (at, &byte) in bytes.iter().enumerate().skip(seen) {
        let before = at.checked_sub(1).and_then(|before| bytes.get(before)).copied();
        match byte {
            b'\n' if before != Some(b'\r') => return Err("a line ends with a bare line feed"),
            b'\n' if bytes[..at].ends_with(b"\r\n\r") => return Ok(Some(at + 1)),
            b' ' | b'\t' if before == Some(b'\n') => return Err("a header goes on in the next line"),
            b'\n' | b'\r' | b'\t' | b' '..=b'~' | 0x80.. => {}
            _ => return Err("there is a control character"),
        }
        if before == Some(b'\r') && byte != b'\n' {
            return Err("there is a bare carriage return");
        }
    }
    if bytes.len() >= LARGEST_HEAD { Err("the head is too large") } else { Ok(None) }
}

/// Reads the whole head of a request.
pub(crate) fn request(head: &[u8]) -> Result<Request, Wrong> {
    let mut slots = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut parsed = httparse::Request::new(&mut slots);
    match parsed.parse(head) {
        Ok(httparse::Status::Complete(length)) if length == head.len() => {}
        Ok(_) => return Err("the head is not one request"),
        Err(httparse::Error::TooManyHeaders) => return Err("there are too many headers"),
        Err(_) => return Err("it is not an HTTP request"),
    }
    let method = parsed.method.unwrap_or_default();
    let target = parsed.path.unwrap_or_default();
    if method.is_empty()
        || method.len() > LONGEST_METHOD
        || !method.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'-')
    {
        return Err("the method is not one of HTTP's");
    }
    if matches!(method, "TRACE" | "TRACK") {
        return Err("the method shows headers that are nobody's business");
    }
    if !target.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("the address has a character that is not allowed");
    }
    // Some servers read `_` in a header's name as `-`, and so would see another length or host than this gate.
    let is_lookalike = |name: &str| name.contains('_') && DECISIVE.contains(&regular(name).as_str());
    if parsed.headers.iter().any(|header| is_lookalike(header.name)) {
        return Err("a header is named almost like one that says where the request ends or goes");
    }
    Ok(Request {
        method: method.to_owned(),
        target: target.to_owned(),
        is_new: parsed.version == Some(1),
        headers: headers(parsed.headers),
    })
}

/// Reads the whole head of an answer.
pub(crate) fn answer(head: &[u8]) -> Result<Answer, Wrong> {
    let mut slots = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut parsed = httparse::Response::new(&mut slots);
    match parsed.parse(head) {
        Ok(httparse::Status::Complete(length)) if length == head.len() => {}
        Ok(_) | Err(_) => return Err("it is not an HTTP answer"),
    }
    let status = parsed.code.filter(|status| (100..600).contains(status)).ok_or("the status is not one of HTTP's")?;
    let reason = parsed.reason.unwrap_or_default().to_owned();
    Ok(Answer { status, reason, headers: headers(parsed.headers) })
}

fn headers(parsed: &[httparse::Header<'_>]) -> Headers {
    let own = |header: &httparse::Header<'_>| Header { name: header.name.to_owned(), value: header.value.to_vec() };
    Headers(parsed.iter().map(own).collect())
}

/// How the body of a message is told from what follows it, by its headers alone.
fn framing(headers: &Headers, is_new: bool) -> Result<Option<Framing>, Wrong> {
    let length = headers.one("content-length").map_err(|_| "there is more than one length")?;
    let encodings: Vec<&[u8]> = headers.all("transfer-encoding").collect();
    match (length, encodings.as_slice()) {
        (None, []) => Ok(None),
        (Some(_), [_, ..]) => Err("there is a length and an encoding"),
        (None, [encoding]) if is_new && encoding.trim_ascii().eq_ignore_ascii_case(b"chunked") => {
            Ok(Some(Framing::Chunked))
        }
        (None, [_, ..]) => Err("the transfer encoding is not plain `chunked`"),
        (Some(length), []) => {
            let is_plain = !length.is_empty() && length.len() <= 18 && length.bytes().all(|byte| byte.is_ascii_digit());
            if !is_plain {
                return Err("the length is not a plain number");
            }
            length.parse().map(|length| Some(Framing::Length(length))).map_err(|_| "the length is not a plain number")
        }
    }
}

impl Request {
    /// How its body ends.
    pub(crate) fn framing(&self) -> Result<Framing, Wrong> {
        Ok(match framing(&self.headers, self.is_new)? {
            None | Some(Framing::Length(0)) => Framing::Empty,
            Some(framing) => framing,
        })
    }
}

impl Answer {
    /// How its body ends, when it answers this method.
    pub(crate) fn framing(&self, method: &str) -> Result<Framing, Wrong> {
        let told = framing(&self.headers, true)?;
        if method == "HEAD" || matches!(self.status, 100..=199 | 204 | 304) {
            return Ok(Framing::Empty);
        }
        Ok(told.unwrap_or(Framing::Close))
    }
}

/// A request as the gate sends it to a host.
pub(crate) fn write_request(method: &str, target: &str, host: &str, headers: &Headers, framing: Framing) -> Vec<u8> {
    let mut out = format!("{method} {target} HTTP/1.1\r\nhost: {host}\r\n").into_bytes();
    headers.write(&mut out);
    match framing {
        Framing::Length(length) => out.extend_from_slice(format!("content-length: {length}\r\n").as_bytes()),
        Framing::Chunked => out.extend_from_slice(b"transfer-encoding: chunked\r\n"),
        Framing::Empty if matches!(method, "POST" | "PUT" | "PATCH") => {
            out.extend_from_slice(b"content-length: 0\r\n");
        }
        Framing::Empty | Framing::Close => {}
    }
    out.extend_from_slice(b"connection: close\r\n\r\n");
    out
}

/// An answer as the gate sends it to the program. `length` is repeated where there is no body to measure.
pub(crate) fn write_answer(answer: &Answer, framing: Framing, stays: bool) -> Vec<u8> {
    let mut out = format!("HTTP/1.1 {} {}\r\n", answer.status, answer.reason).into_bytes();
    answer.headers.stripped().write(&mut out);
    match framing {
        Framing::Length(length) => out.extend_from_slice(format!("content-length: {length}\r\n").as_bytes()),
        Framing::Chunked => out.extend_from_slice(b"transfer-encoding: chunked\r\n"),
        Framing::Empty => {
            // The answer to HEAD tells how long the body would be.
            if let Ok(Some(length)) = answer.headers.one("content-length")
                && !matches!(answer.status, 100..=199 | 204)
            {
                out.extend_from_slice(format!("content-length: {length}\r\n").as_bytes());
            }
        }
        Framing::Close => {}
    }
    out.extend_from_slice(if stays { b"connection: keep-alive\r\n\r\n" } else { b"connection: close\r\n\r\n" });
    out
}
