//! Messages that no kernel would send, over a socket: whatever comes, the share goes on, and nothing outside is reached.

use std::fs;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, recv, send, socketpair};
use share::GuardedShares;

use crate::world::World;

const CASES: u32 = 25_000;

struct Peer {
    end: OwnedFd,
    last: u64,
}

impl Peer {
    fn new(world: &World) -> (Self, std::thread::JoinHandle<()>) {
        let (end, other) = socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None).unwrap();
        rustix::net::sockopt::set_socket_timeout(
            &end,
            rustix::net::sockopt::Timeout::Recv,
            Some(Duration::from_secs(20)),
        )
        .unwrap();
        let share = Arc::clone(&world.share);
        (Self { end, last: 1 << 40 }, std::thread::spawn(move || share.serve(other)))
    }

    fn send(&self, bytes: &[u8]) {
        // A message of no bytes is the end of the wire.
        if !bytes.is_empty() {
            assert_eq!(send(&self.end, bytes, SendFlags::empty()), Ok(bytes.len()));
        }
    }

    /// Sends a good request and waits for its answer, past those to others.
    fn ask(&mut self, opcode: u32, node: u64, body: &[u8]) -> (i32, Vec<u8>) {
        self.last += 1;
        self.send(&message(opcode, self.last, node, body));
        let mut buffer = vec![0; 300_000];
        loop {
            let (_, length) = recv(&self.end, &mut buffer[..], RecvFlags::empty()).expect("an answer");
            let answer = &buffer[..length];
            assert_eq!(u32::from_ne_bytes(answer[..4].try_into().unwrap()) as usize, length);
            if answer[8..16] == self.last.to_ne_bytes() {
                return (i32::from_ne_bytes(answer[4..8].try_into().unwrap()), answer[16..].to_vec());
            }
        }
    }

    /// Looks a name up; gives its node.
    fn lookup(&mut self, node: u64, name: &str) -> Result<u64, i32> {
        let (error, body) = self.ask(1, node, format!("{name}\0").as_bytes());
        if error != 0 {
            return Err(error);
        }
        match u64::from_ne_bytes(body[..8].try_into().unwrap()) {
            0 => Err(-2),
            node => Ok(node),
        }
    }
}

fn message(opcode: u32, unique: u64, node: u64, body: &[u8]) -> Vec<u8> {
    let mut bytes = u32::try_from(40 + body.len()).unwrap().to_ne_bytes().to_vec();
    bytes.extend_from_slice(&opcode.to_ne_bytes());
    bytes.extend_from_slice(&unique.to_ne_bytes());
    bytes.extend_from_slice(&node.to_ne_bytes());
    bytes.extend_from_slice(&[0; 16]);
    bytes.extend_from_slice(body);
    bytes
}

fn init() -> Vec<u8> {
    [7_u32, 36, 1 << 20, u32::MAX].iter().flat_map(|value| value.to_ne_bytes()).chain([0; 48]).collect()
}

/// Bytes of a body: numbers that mean something here and there, names that lead out, and noise.
fn body() -> impl Strategy<Value = Vec<u8>> {
    let number = prop_oneof![0..8_u64, Just(u64::MAX), Just(1 << 63), Just(1 << 32), any::<u64>()];
    let name = prop_oneof![
        Just("..".to_owned()),
        Just("../outside/secret".to_owned()),
        Just("/etc/passwd".to_owned()),
        Just(".".to_owned()),
        Just("a/../../outside".to_owned()),
        Just(".ssh".to_owned()),
        Just("link".to_owned()),
        Just("a".to_owned()),
        Just("n".repeat(300)),
        "[a-e]{1,2}",
    ];
    let piece = prop_oneof![
        number.prop_map(|number| number.to_ne_bytes().to_vec()),
        (0..600_u32).prop_map(|number| number.to_ne_bytes().to_vec()),
        name.prop_map(|name| [name.as_bytes(), b"\0"].concat()),
        proptest::collection::vec(any::<u8>(), 0..40),
    ];
    proptest::collection::vec(piece, 0..10).prop_map(|pieces| pieces.concat())
}

/// A message: well formed but for its body, cut off, with a length that is a lie, or noise.
fn crafted() -> impl Strategy<Value = Vec<u8>> {
    let opcode = prop_oneof![20 => 0..54_u32, 1 => any::<u32>()];
    let node = prop_oneof![10 => 0..12_u64, 1 => any::<u64>()];
    let formed =
        (opcode, 1..64_u64, node, body()).prop_map(|(opcode, unique, node, body)| message(opcode, unique, node, &body));
    (formed, 0..10_u8, any::<u32>(), proptest::collection::vec(any::<u8>(), 0..200)).prop_map(
        |(mut bytes, how, number, noise)| {
            match how {
                0 => bytes.truncate(number as usize % (bytes.len() + 1)),
                1 => bytes[..4].copy_from_slice(&number.to_ne_bytes()),
                2 => return noise,
                _ => {}
            }
            bytes
        },
    )
}

fn in_runtime(test: impl FnOnce(&World)) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let entered = runtime.enter();
    let world = World::new(GuardedShares::default());
    fs::write(world.host().join("a"), "inside").unwrap();
    fs::create_dir(world.host().join(".ssh")).unwrap();
    std::os::unix::fs::symlink(world.at("outside"), world.host().join("link")).unwrap();
    test(&world);
    drop(world);
    drop(entered);
    runtime.shutdown_background();
}

#[test]
fn whatever_comes_the_next_good_request_is_answered() {
    in_runtime(|world| {
        let (mut peer, serving) = Peer::new(world);
        world.begin(1);
        assert_eq!(peer.ask(26, 0, &init()).0, 0);
        let work = peer.lookup(1, "work").unwrap();
        let folder = peer.lookup(work, "x").unwrap();
        for name in ["a", "link"] {
            peer.lookup(folder, name).unwrap();
        }
        let peer = std::cell::RefCell::new(peer);
        let mut runner = TestRunner::new(Config { cases: CASES, failure_persistence: None, ..Config::default() });
        let outcome = runner.run(&crafted(), |bytes| {
            let mut peer = peer.borrow_mut();
            peer.send(&bytes);
            prop_assert_eq!(peer.ask(3, 1, &[0; 16]).0, 0);
            Ok(())
        });
        outcome.unwrap();
        assert_eq!(fs::read(world.at("outside/secret")).unwrap(), b"outside");
        assert_eq!(fs::read_dir(world.at("outside")).unwrap().count(), 1);
        drop(peer);
        serving.join().unwrap();
    });
}

#[test]
fn names_that_lead_out_are_refused() {
    in_runtime(|world| {
        let (mut peer, serving) = Peer::new(world);
        let work = peer.lookup(1, "work").unwrap();
        let folder = peer.lookup(work, "x").unwrap();
        for name in ["..", ".", "", "../outside", "a/b", "/etc"] {
            assert!(peer.lookup(folder, name).is_err(), "{name}");
            for opcode in [10, 11] {
                assert!(peer.ask(opcode, folder, format!("{name}\0").as_bytes()).0 < 0, "{name}");
            }
            let make = [&0o777_u32.to_ne_bytes()[..], &[0; 4], name.as_bytes(), b"\0"].concat();
            assert!(peer.ask(9, folder, &make).0 < 0, "{name}");
        }
        // A link is itself, never what it points to.
        let link = peer.lookup(folder, "link").unwrap();
        assert!(peer.lookup(link, "secret").is_err());
        assert!(peer.ask(14, link, &[0; 8]).0 < 0);
        assert!(peer.ask(27, link, &[0; 8]).0 < 0);
        assert!(peer.lookup(folder, ".ssh").is_err());
        drop(peer);
        serving.join().unwrap();
    });
}
