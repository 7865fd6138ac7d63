//! A share in which nothing is and nothing changes, so that these tests see the guest and not the folder guard.

use std::os::fd::OwnedFd;
use std::sync::Arc;

use event::Change;
use sandbox::{Errand, Mount, PLACES, Share};

/// Answers only what makes an empty tree: <https://docs.kernel.org/filesystems/fuse.html>, messages of `linux/fuse.h`.
pub(crate) struct Still;

const LOOKUP: u32 = 1;
const FORGET: u32 = 2;
const GETATTR: u32 = 3;
const INIT: u32 = 26;
const OPENDIR: u32 = 27;
const READDIR: u32 = 28;
const RELEASEDIR: u32 = 29;
const INTERRUPT: u32 = 36;
const BATCH_FORGET: u32 = 42;

impl Share for Still {
    fn mounts(&self) -> Vec<Mount> {
        Vec::new()
    }

    fn set_mounts(&self, _: Vec<Mount>) {}

    fn serve(self: Arc<Self>, wire: OwnedFd) {
        let mut buffer = vec![0; 1 << 20];
        while let Ok(count) = rustix::io::read(&wire, &mut buffer) {
            let Some(request) = buffer.get(..count).filter(|request| request.len() >= 40) else { return };
            if let Some(reply) = answer(request)
                && rustix::io::write(&wire, &reply).is_err()
            {
                return;
            }
        }
    }

    fn begin(&self, _: Errand) {}

    fn end(&self) -> Vec<Change> {
        Vec::new()
    }
}

fn answer(request: &[u8]) -> Option<Vec<u8>> {
    let word = |at: usize| u32::from_le_bytes(request[at..at + 4].try_into().unwrap());
    let (opcode, unique) = (word(4), &request[8..16]);
    let node = u64::from_le_bytes(request[16..24].try_into().unwrap());
    let body = match opcode {
        INIT => {
            Ok([&7_u32.to_le_bytes()[..], &31_u32.to_le_bytes(), &[0; 12], &4096_u32.to_le_bytes(), &[0; 40]].concat())
        }
        LOOKUP if node == 1 => {
            let name = request[40..].split(|&byte| byte == 0).next().unwrap();
            let place = PLACES.iter().position(|place| place.as_bytes() == name);
            place
                .map(|place| [&(place as u64 + 2).to_le_bytes()[..], &[0; 32], &directory(place as u64 + 2)].concat())
                .ok_or(2)
        }
        LOOKUP => Err(2),
        GETATTR => Ok([&[0; 16][..], &directory(node)].concat()),
        OPENDIR => Ok(vec![0; 16]),
        READDIR | RELEASEDIR => Ok(Vec::new()),
        FORGET | BATCH_FORGET | INTERRUPT => return None,
        _ => Err(38_i32),
    };
    let (error, body) = body.map_or_else(|error: i32| (-error, Vec::new()), |body| (0, body));
    let length = u32::try_from(16 + body.len()).unwrap();
    Some([&length.to_le_bytes()[..], &error.to_le_bytes(), unique, &body].concat())
}

/// The attributes of a directory that belongs to the user inside.
fn directory(node: u64) -> Vec<u8> {
    let numbers = [node, 0, 0, 0, 0, 0].map(u64::to_le_bytes).concat();
    let words = [0, 0, 0, 0o040_755, 2, 1000, 1000, 0, 4096, 0_u32].map(u32::to_le_bytes).concat();
    [numbers, words].concat()
}
