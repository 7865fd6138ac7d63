//! What machines of one snapshot must not have in common: the state of the random number generator, and the clock.

use std::fs::File;
use std::os::fd::AsRawFd;

use rustix::time::{ClockId, Timespec};

use super::VmError;

/// Bytes of a seed.
const SEED: usize = 32;

/// What `RNDADDENTROPY` takes (random(4)).
#[repr(C)]
struct Entropy {
    bits: libc::c_int,
    bytes: libc::c_int,
    content: [u8; SEED],
}

/// Adds the seed and has every generator start anew from it. An empty seed changes nothing.
pub(super) fn reseed(seed: &str) -> Result<(), VmError> {
    if seed.is_empty() {
        return Ok(());
    }
    let refused = || VmError::system("use", "the seed")(std::io::Error::from(std::io::ErrorKind::InvalidData));
    let content = parse(seed).ok_or_else(refused)?;
    let random = File::options().write(true).open("/dev/urandom").map_err(VmError::system("open", "/dev/urandom"))?;
    add(&random, content).map_err(VmError::system("seed", "/dev/urandom"))
}

#[expect(unsafe_code, reason = "the generator has no safe door")]
fn add(random: &File, content: [u8; SEED]) -> std::io::Result<()> {
    const ADD_ENTROPY: libc::Ioctl = 0x4008_5203_u32 as libc::Ioctl;
    const RESEED: libc::Ioctl = 0x5207;
    let bytes = libc::c_int::try_from(SEED).unwrap_or_default();
    let entropy = Entropy { bits: bytes * 8, bytes, content };
    // SAFETY: the first call reads the structure, which is as large as it says and lives through the call; the second
    // takes no argument.
    let answers = unsafe {
        [libc::ioctl(random.as_raw_fd(), ADD_ENTROPY, &raw const entropy), libc::ioctl(random.as_raw_fd(), RESEED, 0)]
    };
    if answers.contains(&-1) { Err(std::io::Error::last_os_error()) } else { Ok(()) }
}

fn parse(text: &str) -> Option<[u8; SEED]> {
    let mut bytes = [0; SEED];
    if text.len() != SEED * 2 {
        return None;
    }
    for (index, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(index * 2..index * 2 + 2)?, 16).ok()?;
    }
    Some(bytes)
}

/// Sets the clock to this many milliseconds since 1970; 0 leaves it as it is.
pub(super) fn set_clock(now: u64) -> Result<(), VmError> {
    if now == 0 {
        return Ok(());
    }
    let seconds = i64::try_from(now / 1000).unwrap_or_default();
    let nanoseconds = i64::try_from(now % 1000 * 1_000_000).unwrap_or_default();
    let time = Timespec { tv_sec: seconds, tv_nsec: nanoseconds };
    rustix::time::clock_settime(ClockId::Realtime, time).map_err(VmError::system("set", "the clock"))
}

/// Sets the clock by the machine's own hardware clock, which goes on while the machine stands still. It knows whole
/// seconds, so a smaller difference stays.
pub(super) fn follow_hardware() -> std::io::Result<()> {
    let text = |name: &str| std::fs::read_to_string(format!("/sys/class/rtc/rtc0/{name}"));
    let hardware: i64 = text("since_epoch")?.trim().parse().map_err(|_| std::io::ErrorKind::InvalidData)?;
    let ours = rustix::time::clock_gettime(ClockId::Realtime);
    if (hardware - ours.tv_sec).abs() > 1 {
        rustix::time::clock_settime(ClockId::Realtime, Timespec { tv_sec: hardware, tv_nsec: 0 })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn a_seed_is_32_bytes_in_hexadecimal() {
        assert_eq!(parse(&"0f".repeat(32)), Some([15; 32]));
        assert_eq!(parse(&"0f".repeat(31)), None);
        assert_eq!(parse(&"zz".repeat(32)), None);
        assert_eq!(parse(&"ä".repeat(32)), None);
    }
}
