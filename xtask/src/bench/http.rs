//! Just enough HTTP to ask a server on loopback: one request, one connection, the whole answer.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context, Result, bail};

/// A server on loopback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Server {
    /// `127.0.0.1:PORT`.
    pub(super) host: String,
    /// Sent as a bearer token with every request.
    pub(super) token: Option<String>,
}

impl Server {
    /// Reads `http://HOST:PORT`, with `?token=…` where there is one.
    pub(super) fn parse(url: &str) -> Result<Self> {
        let rest =
            url.trim().strip_prefix("http://").with_context(|| format!("`{url}` is not a plain HTTP address"))?;
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let token = path.split_once("token=").map(|(_, token)| token.split('&').next().unwrap_or(token).to_owned());
        Ok(Self { host: host.to_owned(), token })
    }

    /// Gets a path.
    pub(super) fn get(&self, path: &str) -> Result<Vec<u8>> {
        self.ask("GET", path, "")
    }

    /// Posts JSON to a path.
    pub(super) fn post(&self, path: &str, body: &str) -> Result<Vec<u8>> {
        self.ask("POST", path, body)
    }

    fn ask(&self, method: &str, path: &str, body: &str) -> Result<Vec<u8>> {
        let mut stream = TcpStream::connect(&self.host).with_context(|| format!("cannot reach `{}`", self.host))?;
        stream.set_read_timeout(Some(Duration::from_mins(1)))?;
        stream.write_all(self.request(method, path, body).as_bytes())?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        content(&answer).with_context(|| format!("{method} {path} at `{}`", self.host))
    }

    fn request(&self, method: &str, path: &str, body: &str) -> String {
        let host = &self.host;
        let token = self.token.as_ref().map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
        format!(
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\n{token}Connection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
    }
}

/// The content of a whole answer; an error where the server refused.
fn content(answer: &[u8]) -> Result<Vec<u8>> {
    let end =
        answer.windows(4).position(|window| window == b"\r\n\r\n").context("the answer has no end of its head")?;
    let head = String::from_utf8_lossy(&answer[..end]).to_ascii_lowercase();
    let body = &answer[end + 4..];
    let body = if head.contains("transfer-encoding: chunked") { unchunk(body)? } else { body.to_vec() };
    let status = head.split_whitespace().nth(1).unwrap_or_default();
    if !status.starts_with('2') {
        bail!("answered {status}: {}", String::from_utf8_lossy(&body).trim());
    }
    Ok(body)
}

/// RFC 9112, section 7.1: size in hexadecimal, line break, bytes, line break; a size of 0 ends it.
fn unchunk(mut rest: &[u8]) -> Result<Vec<u8>> {
    let mut whole = Vec::new();
    loop {
        let end = rest.windows(2).position(|window| window == b"\r\n").context("a chunk has no size")?;
        let size = String::from_utf8_lossy(&rest[..end]);
        let size = size.split(';').next().unwrap_or_default().trim();
        let size = usize::from_str_radix(size, 16).with_context(|| format!("`{size}` is no chunk size"))?;
        if size == 0 {
            return Ok(whole);
        }
        let start = end + 2;
        whole.extend_from_slice(rest.get(start..start + size).context("a chunk is cut")?);
        rest = rest.get(start + size + 2..).context("a chunk is cut")?;
    }
}

#[cfg(test)]
mod tests {
    use super::{Server, content};

    #[test]
    fn an_address_may_carry_a_token() {
        let server = |host: &str, token: Option<&str>| Server { host: host.into(), token: token.map(str::to_owned) };
        assert_eq!(Server::parse("http://127.0.0.1:80\n").unwrap(), server("127.0.0.1:80", None));
        assert_eq!(Server::parse("http://127.0.0.1:80/?token=ab").unwrap(), server("127.0.0.1:80", Some("ab")));
        assert_eq!(Server::parse("ftp://x").unwrap_err().to_string(), "`ftp://x` is not a plain HTTP address");
    }

    #[test]
    fn a_request_names_host_origin_and_token() {
        let server = Server { host: "127.0.0.1:80".into(), token: Some("ab".into()) };
        assert_eq!(
            server.request("POST", "/x", "{}"),
            "POST /x HTTP/1.1\r\nHost: 127.0.0.1:80\r\nOrigin: http://127.0.0.1:80\r\nAuthorization: Bearer ab\r\n\
             Connection: close\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
        );
    }

    #[test]
    fn answers_are_read_whole_or_refused() {
        let read = |answer: &str| content(answer.as_bytes()).map_err(|error| error.to_string());
        assert_eq!(read("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"), Ok(b"hi".to_vec()));
        assert_eq!(
            read("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\nA;x\r\n0123456789\r\n0\r\n\r\n"),
            Ok(b"hi0123456789".to_vec())
        );
        assert_eq!(read("HTTP/1.1 401 No\r\n\r\nwho?\n"), Err("answered 401: who?".into()));
        assert_eq!(read("HTTP/1.1 200"), Err("the answer has no end of its head".into()));
        assert_eq!(read("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhi"), Err("a chunk is cut".into()));
    }
}
