//! A plain HTTP/1.1 client of a few lines, so that the server's tests depend on no client of ours.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// One connection that stays open.
pub(crate) struct Plain {
    socket: TcpStream,
}

impl Plain {
    pub(crate) fn connect(address: SocketAddr) -> Self {
        let socket = TcpStream::connect(address).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        Self { socket }
    }

    /// Sends a request and reads until the connection closes or the last chunk has come.
    pub(crate) fn exchange(&mut self, request_line: &str, body: &str) -> Vec<u8> {
        self.send(request_line, body);
        self.rest()
    }

    pub(crate) fn send(&mut self, request_line: &str, body: &str) {
        let length = body.len();
        let text = format!("{request_line} HTTP/1.1\r\nhost: x\r\ncontent-length: {length}\r\n\r\n{body}");
        self.socket.write_all(text.as_bytes()).unwrap();
    }

    pub(crate) fn rest(&mut self) -> Vec<u8> {
        let mut all = Vec::new();
        let mut buffer = [0; 4096];
        while !all.ends_with(b"0\r\n\r\n") {
            match self.socket.read(&mut buffer) {
                Ok(0) | Err(_) => break,
                Ok(read) => all.extend_from_slice(&buffer[..read]),
            }
        }
        all
    }

    /// Sends a request without a body; gives an answer that says its length, as text.
    pub(crate) fn exchange_document(&mut self, request_line: &str) -> String {
        let text = format!("{request_line} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        self.socket.write_all(text.as_bytes()).unwrap();
        let mut answer = String::new();
        self.socket.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Reads at least so many bytes.
    pub(crate) fn some(&mut self, bytes: usize) -> Vec<u8> {
        let mut all = vec![0; bytes];
        self.socket.read_exact(&mut all).unwrap();
        all
    }
}

/// The body of a chunked answer, as far as it came.
pub(crate) fn unchunk(answer: &[u8]) -> Vec<u8> {
    let head = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    let mut rest = &answer[head + 4..];
    let mut body = Vec::new();
    while let Some(line) = rest.windows(2).position(|window| window == b"\r\n") {
        let size = usize::from_str_radix(std::str::from_utf8(&rest[..line]).unwrap(), 16).unwrap();
        let piece = &rest[line + 2..];
        body.extend_from_slice(&piece[..size.min(piece.len())]);
        if size == 0 || piece.len() < size + 2 {
            break;
        }
        rest = &piece[size + 2..];
    }
    body
}
