//! Messages that no kernel would send, over a socket: whatever comes, the share goes on, and nothing outside is reached.

use std::fs;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, recv, send, socketpair};
use share::GuardedShares;

use crate::world::{Says, World};

const CASES: u32 = 25_000;

struct Peer {
    end: OwnedFd,
    last: u64,
    /// Whose requests these are.
    user: u32,
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
        (Self { end, last: 1 << 40, user: 0 }, std::thread::spawn(move || share.serve(other)))
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
        self.send(&message_of(self.user, opcode, self.last, node, body));
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
    message_of(0, opcode, unique, node, body)
}

/// As [`message`], from this user of the machine.
fn message_of(user: u32, opcode: u32, unique: u64, node: u64, body: &[u8]) -> Vec<u8> {
    let mut bytes = u32::try_from(40 + body.len()).unwrap().to_ne_bytes().to_vec();
    bytes.extend_from_slice(&opcode.to_ne_bytes());
    bytes.extend_from_slice(&unique.to_ne_bytes());
    bytes.extend_from_slice(&node.to_ne_bytes());
    bytes.extend_from_slice(&user.to_ne_bytes());
    bytes.extend_from_slice(&[0; 12]);
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

#[test]
fn permission_bits_hold_for_everybody_but_the_machines_root() {
    in_runtime(|world| {
        use std::os::unix::fs::PermissionsExt;
        const REFUSED: i32 = -13;
        const READ: u32 = 0;
        const WRITE: u32 = 1;
        const TO_RUN: u32 = 0x20;
        let set = |name: &str, mode| {
            fs::set_permissions(world.host().join(name), fs::Permissions::from_mode(mode)).unwrap();
        };
        fs::create_dir_all(world.host().join("d/inner")).unwrap();
        fs::write(world.host().join("d/b"), "inside").unwrap();
        let (mut peer, serving) = Peer::new(world);
        world.begin(1);
        let work = peer.lookup(1, "work").unwrap();
        let folder = peer.lookup(work, "x").unwrap();
        let (a, d) = (peer.lookup(folder, "a").unwrap(), peer.lookup(folder, "d").unwrap());
        let open = |peer: &mut Peer, flags: u32| peer.ask(14, a, &u64::from(flags).to_ne_bytes()).0;
        let resize = [&8_u64.to_ne_bytes()[..], &[0; 80]].concat();
        let make = |name: &str| [&0o700_u32.to_ne_bytes()[..], &[0; 4], name.as_bytes(), b"\0"].concat();
        let rename = |name: &str, into: u64| [&into.to_ne_bytes()[..], name.as_bytes(), b"\0moved\0"].concat();

        set("a", 0o077);
        set("d", 0o577);
        peer.user = 1000;
        for flags in [READ, WRITE, READ | TO_RUN] {
            assert_eq!(open(&mut peer, flags), REFUSED, "{flags}");
        }
        assert_eq!(peer.ask(4, a, &resize).0, REFUSED);
        // Names may be read and looked up in it, not changed.
        assert_eq!(peer.ask(27, d, &[0; 8]).0, 0);
        peer.lookup(d, "b").unwrap();
        assert_eq!(peer.ask(9, d, &make("new")).0, REFUSED);
        assert_eq!(peer.ask(6, d, b"new\0target\0").0, REFUSED);
        assert_eq!(peer.ask(8, d, &[&0o644_u64.to_ne_bytes()[..], &[0; 8], b"new\0"].concat()).0, REFUSED);
        assert_eq!(peer.ask(35, d, &[&[2, 0, 0, 0, 0xa4, 1, 0, 0][..], &[0; 8], b"new\0"].concat()).0, REFUSED);
        assert_eq!(peer.ask(10, d, b"b\0").0, REFUSED);
        assert_eq!(peer.ask(11, d, b"inner\0").0, REFUSED);
        assert_eq!(peer.ask(12, d, &rename("b", folder)).0, REFUSED);
        assert_eq!(peer.ask(12, folder, &rename("a", d)).0, REFUSED);
        // Whoever owns it may change the bits, and what they allow then counts at once.
        let mode = |mode: u32| [&1_u64.to_ne_bytes()[..], &[0; 60], &mode.to_ne_bytes(), &[0; 16]].concat();
        assert_eq!(peer.ask(4, d, &mode(0o300)).0, 0);
        assert_eq!(peer.ask(27, d, &[0; 8]).0, REFUSED);
        assert_eq!(peer.ask(9, d, &make("new")).0, 0);
        assert_eq!(peer.ask(4, d, &mode(0o600)).0, 0);
        assert_eq!(peer.lookup(d, "b"), Err(REFUSED));
        assert_eq!(peer.ask(4, a, &mode(0o500)).0, 0);
        assert_eq!([READ, READ | TO_RUN, WRITE].map(|flags| open(&mut peer, flags)), [0, 0, REFUSED]);
        peer.user = 0;
        peer.lookup(d, "b").unwrap();
        assert_eq!(fs::read(world.host().join("a")).unwrap(), b"inside");
        drop(peer);
        serving.join().unwrap();
    });
}

#[test]
fn a_machine_that_reads_nothing_does_not_hold_up_the_end() {
    in_runtime(|world| {
        let (mut peer, serving) = Peer::new(world);
        let work = peer.lookup(1, "work").unwrap();
        let folder = peer.lookup(work, "x").unwrap();
        world.says(Says::Waits);
        world.begin(1);
        // What waits, more than a socket holds of answers, and some that fill it.
        for unique in 1..=900 {
            peer.send(&message(10, unique, folder, b"a\0"));
        }
        peer.ask(3, 1, &[0; 16]);
        assert_eq!(world.user.open(), 1);
        let mut buffer = vec![0; 300_000];
        for unique in 1000..5000 {
            let request = message(3, unique, 1, &[0; 16]);
            if send(&peer.end, &request, SendFlags::DONTWAIT) != Ok(request.len()) {
                break;
            }
        }
        assert_eq!(world.share.end(), []);
        let mut refused = std::collections::BTreeSet::new();
        while refused.len() < 900 {
            let (_, length) = recv(&peer.end, &mut buffer[..], RecvFlags::empty()).expect("an answer");
            let unique = u64::from_ne_bytes(buffer[8..16].try_into().unwrap());
            if unique < 1000 && length == 16 {
                assert_eq!(buffer[4..8], (-1_i32).to_ne_bytes());
                refused.insert(unique);
            }
        }
        assert!(world.host().join("a").exists());
        drop(peer);
        serving.join().unwrap();
    });
}

#[test]
fn a_program_that_gives_up_again_and_again_is_refused_in_the_end() {
    const INTERRUPT: u32 = 36;
    const INTERRUPTED: i32 = -4;
    const NOT_PERMITTED: i32 = -1;
    in_runtime(|world| {
        let (mut peer, serving) = Peer::new(world);
        let work = peer.lookup(1, "work").unwrap();
        let folder = peer.lookup(work, "x").unwrap();
        world.says(Says::Waits);
        world.begin(1);
        let mut buffer = vec![0; 300_000];
        let mut answers = std::collections::BTreeMap::new();
        for unique in 1..=1_100_u64 {
            peer.send(&message(10, unique, folder, b"a\0"));
            peer.send(&message(INTERRUPT, (1 << 20) + unique, 0, &unique.to_ne_bytes()));
            while !answers.contains_key(&unique) {
                let (_, length) = recv(&peer.end, &mut buffer[..], RecvFlags::empty()).expect("an answer");
                assert!(length >= 16);
                let number = u64::from_ne_bytes(buffer[8..16].try_into().unwrap());
                answers.insert(number, i32::from_ne_bytes(buffer[4..8].try_into().unwrap()));
            }
        }
        let of = |wanted: i32| (1..=1_100).filter(|unique| answers[unique] == wanted).count();
        assert_eq!((of(INTERRUPTED), of(NOT_PERMITTED)), (1_024, 76));
        assert_eq!(answers[&1_100], NOT_PERMITTED);
        assert!(world.asked().len() <= 1_024 && world.host().join("a").exists());
        drop(peer);
        serving.join().unwrap();
    });
}
