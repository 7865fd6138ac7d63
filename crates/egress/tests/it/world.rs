//! A small Internet on loopback: names, addresses, servers, and a task behind the gate.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use egress::{Allow, Gate, GateNetworks, Pattern, Policy, Road, Rule, Rules, Secrets, Settings};
use event::{Consent, Inquiry, TaskId};
use futures_util::future::BoxFuture;
use sandbox::{Asker, Errand, Network, Networks};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// No step of a test takes longer.
pub(crate) const LONG: Duration = Duration::from_secs(20);

/// Names and addresses of the small Internet.
#[derive(Default)]
pub(crate) struct Internet {
    names: Mutex<HashMap<String, VecDeque<Vec<IpAddr>>>>,
    servers: Mutex<HashMap<SocketAddr, SocketAddr>>,
    own: Mutex<Vec<IpAddr>>,
    pub(crate) dialled: Mutex<Vec<SocketAddr>>,
    pub(crate) resolved: Mutex<Vec<String>>,
    at_dial: Mutex<Option<Box<dyn Fn() + Send>>>,
}

impl Internet {
    /// From now on a name has these answers, one after the other; the last one stays.
    pub(crate) fn name(&self, name: &str, answers: &[&[&str]]) {
        let answers = answers.iter().map(|answer| answer.iter().map(|ip| ip.parse().unwrap()).collect()).collect();
        self.names.lock().unwrap().insert(name.to_owned(), answers);
    }

    /// From now on a server listens at this address.
    pub(crate) fn server(&self, address: &str, server: SocketAddr) {
        self.servers.lock().unwrap().insert(address.parse().unwrap(), server);
    }

    pub(crate) fn own(&self, address: &str) {
        self.own.lock().unwrap().push(address.parse().unwrap());
    }

    /// What happens elsewhere each time an address is dialled.
    pub(crate) fn at_dial(&self, act: impl Fn() + Send + 'static) {
        *self.at_dial.lock().unwrap() = Some(Box::new(act));
    }

    pub(crate) fn dialled(&self) -> Vec<String> {
        self.dialled.lock().unwrap().iter().map(ToString::to_string).collect()
    }
}

impl Road for Internet {
    fn resolve<'r>(&'r self, name: &'r str) -> BoxFuture<'r, io::Result<Vec<IpAddr>>> {
        self.resolved.lock().unwrap().push(name.to_owned());
        let mut names = self.names.lock().unwrap();
        let answer = names
            .get_mut(name)
            .map(|answers| if answers.len() > 1 { answers.pop_front().unwrap() } else { answers[0].clone() });
        Box::pin(std::future::ready(answer.ok_or_else(|| io::ErrorKind::NotFound.into())))
    }

    fn dial(&self, address: SocketAddr) -> BoxFuture<'_, io::Result<TcpStream>> {
        self.dialled.lock().unwrap().push(address);
        if let Some(act) = self.at_dial.lock().unwrap().as_ref() {
            act();
        }
        let server = self.servers.lock().unwrap().get(&address).copied();
        Box::pin(async move { TcpStream::connect(server.ok_or(io::ErrorKind::ConnectionRefused)?).await })
    }

    fn is_own(&self, address: IpAddr) -> bool {
        self.own.lock().unwrap().contains(&address)
    }
}

/// A server that ends with its handle.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) heard: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    async fn start<F, Fut>(serve: F) -> Self
    where
        F: Fn(TcpStream, Arc<Mutex<Vec<String>>>) -> Fut + Send + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let shared = Arc::clone(&heard);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(timeout(LONG, serve(stream, Arc::clone(&shared))));
            }
        });
        Self { address, heard, task }
    }

    /// Sends back what it gets.
    pub(crate) async fn echo() -> Self {
        Self::start(|mut stream, _| async move {
            let (mut from, mut to) = stream.split();
            tokio::io::copy(&mut from, &mut to).await.unwrap_or_default();
            to.shutdown().await.unwrap_or_default();
        })
        .await
    }

    /// Answers the first bytes with these and then says nothing more.
    pub(crate) async fn hanging(answer: &'static [u8]) -> Self {
        Self::start(move |mut stream, _| async move {
            stream.read_u8().await.unwrap();
            stream.write_all(answer).await.unwrap();
            std::future::pending::<()>().await;
        })
        .await
    }

    /// Answers requests over plain HTTP.
    pub(crate) async fn http(answer: fn(&str) -> Vec<u8>) -> Self {
        Self::start(move |stream, heard| async move { exchange(stream, answer, &heard).await }).await
    }

    /// Answers requests over TLS.
    pub(crate) async fn https(config: Arc<rustls::ServerConfig>, answer: fn(&str) -> Vec<u8>) -> Self {
        Self::start(move |stream, heard| {
            let acceptor = tokio_rustls::TlsAcceptor::from(Arc::clone(&config));
            async move {
                if let Ok(stream) = acceptor.accept(stream).await {
                    exchange(stream, answer, &heard).await;
                }
            }
        })
        .await
    }

    /// A company's proxy that opens every tunnel itself, with certificates of the company's own, and answers in it.
    pub(crate) async fn intercepting(config: Arc<rustls::ServerConfig>, answer: fn(&str) -> Vec<u8>) -> Self {
        Self::start(move |mut stream, heard| {
            let acceptor = tokio_rustls::TlsAcceptor::from(Arc::clone(&config));
            async move {
                let wanted = read_head(&mut stream).await;
                heard.lock().unwrap().push(wanted);
                stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.unwrap();
                if let Ok(stream) = acceptor.accept(stream).await {
                    exchange(stream, answer, &heard).await;
                }
            }
        })
        .await
    }

    pub(crate) fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

async fn exchange<S>(mut stream: S, answer: fn(&str) -> Vec<u8>, heard: &Mutex<Vec<String>>)
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    let mut request = Vec::new();
    let mut piece = [0; 4096];
    while !is_whole(&request) {
        match stream.read(&mut piece).await {
            Ok(0) | Err(_) => return,
            Ok(read) => request.extend_from_slice(&piece[..read]),
        }
    }
    let request = String::from_utf8(request).unwrap();
    heard.lock().unwrap().push(request.clone());
    // A client that has had enough leaves in the middle.
    stream.write_all(&answer(&request)).await.unwrap_or_default();
    stream.shutdown().await.unwrap_or_default();
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length =
        head.lines().find_map(|line| line.strip_prefix("content-length: ")).map(|n| n.parse::<usize>().unwrap());
    if head.contains("transfer-encoding: chunked") {
        body.ends_with("0\r\n\r\n")
    } else {
        body.len() >= length.unwrap_or(0)
    }
}

/// An answer with a length.
pub(crate) fn ok(body: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

/// Says yes or no, and counts.
pub(crate) struct Fixed {
    pub(crate) consent: Consent,
    pub(crate) asked: Mutex<Vec<Inquiry>>,
}

impl Fixed {
    pub(crate) fn yes() -> Arc<Self> {
        Arc::new(Self { consent: Consent::Given, asked: Mutex::default() })
    }

    pub(crate) fn no() -> Arc<Self> {
        Arc::new(Self { consent: Consent::Refused { why: "the user said no".to_owned() }, asked: Mutex::default() })
    }

    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().iter().map(|inquiry| inquiry.reason.clone()).collect()
    }
}

impl Asker for Fixed {
    fn ask(&self, inquiry: Inquiry) -> BoxFuture<'static, Consent> {
        self.asked.lock().unwrap().push(inquiry);
        Box::pin(std::future::ready(self.consent.clone()))
    }
}

/// Keys of the tests.
pub(crate) struct Keys;

impl Secrets for Keys {
    fn secret(&self, name: &str) -> Option<String> {
        (name == "model").then(|| "sk-the-users-own-key".to_owned())
    }
}

/// A task behind the gate.
pub(crate) struct World {
    pub(crate) internet: Arc<Internet>,
    pub(crate) gate: Arc<Gate>,
    pub(crate) networks: GateNetworks,
    pub(crate) network: Arc<dyn Network>,
    pub(crate) task: TaskId,
    directory: tempfile::TempDir,
    serving: AtomicUsize,
}

impl World {
    pub(crate) fn new(rules: Rules) -> Self {
        Self::with(Settings { rules, ..Settings::default() })
    }

    pub(crate) fn with(settings: Settings) -> Self {
        let internet = Arc::new(Internet::default());
        let road: Arc<dyn Road> = Arc::clone(&internet) as Arc<dyn Road>;
        let gate = Arc::new(Gate::new(settings, road, Arc::new(Keys)).unwrap());
        let directory = tempfile::tempdir().unwrap();
        let networks = GateNetworks::new(Arc::clone(&gate));
        let task = TaskId::from_random([7; 8]);
        let network = networks.open(task, &directory.path().join("ledger.jsonl"));
        Self { internet, gate, networks, network, task, directory, serving: AtomicUsize::new(0) }
    }

    pub(crate) fn ledger_path(&self) -> PathBuf {
        self.directory.path().join("ledger.jsonl")
    }

    /// Another network, with its ledger elsewhere.
    pub(crate) fn networks_at(&self, ledger: &str) -> Arc<dyn Network> {
        self.networks.open(TaskId::from_random([8; 8]), &self.directory.path().join(ledger))
    }

    /// The lines of the ledger.
    pub(crate) fn ledger(&self) -> Vec<Value> {
        ledger(&self.ledger_path())
    }

    /// Host and verdict of each line.
    pub(crate) fn decisions(&self) -> Vec<(String, String)> {
        let text = |line: &Value, field: &str| line[field].as_str().unwrap().to_owned();
        self.ledger().iter().map(|line| (text(line, "host"), text(line, "verdict"))).collect()
    }

    /// A command begins.
    pub(crate) fn begin(&self, asker: Arc<dyn Asker>) {
        let call = format!("call-{}", self.serving.fetch_add(1, Ordering::Relaxed));
        self.network.begin(Errand { call: call.as_str().into(), turn: 1, asker });
    }

    /// A program connects.
    pub(crate) fn connect(&self) -> (DuplexStream, JoinHandle<()>) {
        let (program, connection) = tokio::io::duplex(64 << 10);
        (program, tokio::spawn(Arc::clone(&self.network).serve(connection)))
    }

    /// A program sends these bytes, says that it is done, and reads to the end.
    pub(crate) async fn probe(&self, bytes: &[u8]) -> String {
        let (mut program, serving) = self.connect();
        // The gate may hang up before everything is sent.
        program.write_all(bytes).await.unwrap_or_default();
        program.shutdown().await.unwrap_or_default();
        let answer = read_all(&mut program).await;
        timeout(LONG, serving).await.expect("a connection ends").unwrap();
        answer
    }
}

/// The decisions in a ledger: what was written when it was decided and at its end is one.
pub(crate) fn ledger(path: &Path) -> Vec<Value> {
    let mut lines: Vec<Value> = Vec::new();
    for line in std::fs::read_to_string(path).unwrap_or_default().lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        match lines.iter_mut().find(|known| line.get("id").is_some() && known["id"] == line["id"]) {
            Some(known) => *known = line,
            None => lines.push(line),
        }
    }
    lines
}

/// Reads to the end, as text.
pub(crate) async fn read_all(stream: &mut (impl tokio::io::AsyncRead + Unpin)) -> String {
    let mut bytes = Vec::new();
    timeout(LONG, stream.read_to_end(&mut bytes)).await.expect("a stream ends").unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Reads a head.
pub(crate) async fn read_head(stream: &mut (impl tokio::io::AsyncRead + Unpin)) -> String {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        bytes.push(timeout(LONG, stream.read_u8()).await.expect("a head ends").unwrap());
    }
    String::from_utf8(bytes).unwrap()
}

/// The status of an answer; 0 where there is none.
pub(crate) fn status(answer: &str) -> u16 {
    answer.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)).and_then(|code| code.parse().ok()).unwrap_or(0)
}

pub(crate) fn pattern(text: &str) -> Pattern {
    Pattern::parse(text).unwrap()
}

/// Rules of a person with a list of hosts.
pub(crate) fn listed(hosts: &[&str]) -> Rules {
    let list = hosts.iter().map(|host| Rule::host(pattern(host))).collect();
    of(Policy { allow: Allow::List, list, denied: Vec::new() })
}

pub(crate) fn of(person: Policy) -> Rules {
    Rules { person, organisation: None }
}

/// An authority of its own, with certificates it made.
pub(crate) struct Authority {
    issuer: rcgen::Issuer<'static, rcgen::KeyPair>,
    pub(crate) pem: String,
    der: rustls::pki_types::CertificateDer<'static>,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut params = rcgen::CertificateParams::new(Vec::<String>::new()).unwrap();
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        params.distinguished_name.push(rcgen::DnType::CommonName, "Authority of a test");
        let certificate = params.self_signed(&key).unwrap();
        let der = certificate.der().clone();
        Self { pem: pem(&der), der, issuer: rcgen::Issuer::new(params, key) }
    }

    /// What a server of this name needs.
    pub(crate) fn server(&self, name: &str) -> Arc<rustls::ServerConfig> {
        let key = rcgen::KeyPair::generate().unwrap();
        let params = rcgen::CertificateParams::new(vec![name.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                rustls::pki_types::PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
            )
            .unwrap();
        Arc::new(config)
    }

    /// What a program inside needs that believes this authority.
    pub(crate) fn client(&self) -> Arc<rustls::ClientConfig> {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(self.der.clone()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        Arc::new(config)
    }
}

fn pem(der: &[u8]) -> String {
    use base64::Engine as _;
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    let lines: Vec<&str> = text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
}

/// The first message of a TLS client that asks for this name.
pub(crate) fn hello(name: &str) -> Vec<u8> {
    let name = rustls::pki_types::ServerName::try_from(name.to_owned()).unwrap();
    let mut client = rustls::ClientConnection::new(Authority::new().client(), name).unwrap();
    let mut bytes = Vec::new();
    client.write_tls(&mut bytes).unwrap();
    bytes
}
