//! Proxies and certificates, which come from the environment: each test runs itself again as a child with its own.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::process::{Command, Output};
use std::sync::Arc;

use base64::Engine as _;
use model::ErrorKind;
use model_http::{Endpoint, Secret};
use testkit::{Answer, FakeServer, Turn};

use crate::stage::{KEY, asked, failure, reply};

/// Where a child finds what to ask.
const ASK: &str = "DESKHAND_TEST_ASK";

/// What the child is told to ask, in a child.
fn told() -> Option<Vec<String>> {
    Some(std::env::var(ASK).ok()?.split(' ').map(str::to_owned).collect())
}

/// Runs one test of this binary again, with these variables and nothing else.
fn again(test: &str, ask: &str, variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--nocapture"]).env_clear().env(ASK, ask).envs(variables.iter().copied());
    command.output().unwrap()
}

fn assert_passed(output: &Output) {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

fn endpoint(url: &str) -> Endpoint {
    Endpoint::anthropic("claude", url, Some(Secret::new(KEY)))
}

#[tokio::test]
async fn a_proxy_is_used_for_other_hosts_and_never_for_this_one() {
    if let Some(urls) = told() {
        for url in urls {
            reply(&*asked(endpoint(&url))).await;
        }
        return;
    }
    let proxy = FakeServer::start([Turn::text("through the proxy")]).unwrap();
    let local = FakeServer::start([Turn::text("straight"), Turn::text("straight")]).unwrap();
    let named = local.url().replace("127.0.0.1", "localhost");
    let ask = format!("http://models.invalid {} {named}", local.url());
    let test = "network::a_proxy_is_used_for_other_hosts_and_never_for_this_one";
    assert_passed(&again(test, &ask, &[("http_proxy", &proxy.url())]));
    let paths = |server: &FakeServer| server.records().into_iter().map(|record| record.path).collect::<Vec<_>>();
    assert_eq!(paths(&proxy), ["http://models.invalid/v1/messages"]);
    assert_eq!(paths(&local), ["/v1/messages", "/v1/messages"]);
}

#[tokio::test]
async fn a_certificate_counts_if_the_systems_store_has_it_and_only_then() {
    if let Some(words) = told() {
        let conversation = asked(endpoint(&words[1]));
        if words[0] == "trusted" {
            assert_eq!(reply(&*conversation).await.text(), "over TLS");
            return;
        }
        let error = failure(&*conversation).await;
        assert_eq!(error.kind, ErrorKind::Unreachable);
        assert!(error.message.contains("certificate"), "{error}");
        assert_eq!(error.hint, "if a company proxy inspects traffic, add its certificate to the system's store");
        return;
    }
    let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let other = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let test = "network::a_certificate_counts_if_the_systems_store_has_it_and_only_then";
    let server = TlsServer::start(&own, 2);
    for (word, certificate) in [("trusted", &own), ("unknown", &other)] {
        let file = directory.path().join(word);
        std::fs::write(&file, pem(certificate.cert.der())).unwrap();
        let ask = format!("{word} https://localhost:{}", server.port);
        assert_passed(&again(test, &ask, &[("SSL_CERT_FILE", &file.to_string_lossy())]));
    }
    server.thread.join().unwrap();
}

#[tokio::test]
async fn a_server_without_tls_behind_an_https_address_is_unreachable() {
    let server = FakeServer::start([Turn::text("a")]).unwrap();
    let error = failure(&*asked(endpoint(&server.url().replace("http:", "https:")))).await;
    assert_eq!(error.kind, ErrorKind::Unreachable);
    assert_eq!(server.asked(), 0);
}

/// A certificate as a file of the system's store has it.
fn pem(der: &[u8]) -> String {
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    let lines: Vec<&str> = text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
}

/// Answers a few connections over TLS, each with the same reply, then ends.
struct TlsServer {
    port: u16,
    thread: std::thread::JoinHandle<()>,
}

impl TlsServer {
    fn start(certified: &rcgen::CertifiedKey<rcgen::KeyPair>, connections: usize) -> Self {
        let key = rustls::pki_types::PrivateKeyDer::try_from(certified.signing_key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certified.cert.der().clone()], key)
            .unwrap();
        let config = Arc::new(config);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let thread = std::thread::spawn(move || {
            for _ in 0..connections {
                let (socket, _) = listener.accept().unwrap();
                socket.set_read_timeout(Some(std::time::Duration::from_secs(20))).unwrap();
                let connection = rustls::ServerConnection::new(Arc::clone(&config)).unwrap();
                // A client that does not trust the certificate leaves in the middle, which is what the test wants.
                serve(rustls::StreamOwned::new(connection, socket)).unwrap_or_default();
            }
        });
        Self { port, thread }
    }
}

fn serve(mut stream: rustls::StreamOwned<rustls::ServerConnection, std::net::TcpStream>) -> std::io::Result<()> {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    while !request.ends_with(br#""cache_control":{"type":"ephemeral"}}"#) {
        let read = stream.read(&mut buffer)?;
        if read == 0 {
            return Ok(());
        }
        request.extend_from_slice(&buffer[..read]);
    }
    let body = Answer::turn(Turn::text("over TLS")).body(testkit::Dialect::Anthropic, 0);
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length";
    stream.write_all(format!("{head}: {}\r\n\r\n", body.len()).as_bytes())?;
    stream.write_all(&body)?;
    stream.flush()
}
