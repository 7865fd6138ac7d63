//! A directory that is exchanged for a link out of the folder, again and again, while it is used: nothing gets out.

use std::fs;
use std::os::unix::fs::symlink;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::fs::{CWD, RenameFlags, renameat_with};

use crate::world::mounted;

const SWAPS: usize = 20_000;

#[test]
fn swapped_links_lead_nowhere() {
    mounted(|world| {
        let host = world.host();
        fs::create_dir(host.join("d")).unwrap();
        fs::write(host.join("d/secret"), "inside").unwrap();
        symlink(world.at("outside"), host.join("link")).unwrap();
        let over = Arc::new(AtomicBool::new(false));
        let (told, own) = (Arc::clone(&over), host.clone());
        let swapping = std::thread::spawn(move || {
            for _ in 0..SWAPS {
                renameat_with(CWD, own.join("d"), CWD, own.join("link"), RenameFlags::EXCHANGE).unwrap();
            }
            told.store(true, Ordering::SeqCst);
        });
        world.begin(1);
        // A kernel that follows the link does so in its own tree, where the target is another one: so it is only what
        // the share gives and changes that counts. The directory is opened anew for each use.
        let seen = world.seen();
        let (mut inside, mut turn) = (0_u32, 0_u32);
        while !over.load(Ordering::SeqCst) {
            turn += 1;
            for name in ["d", "link"] {
                let path = seen.join(name);
                if fs::symlink_metadata(&path).is_ok_and(|meta| meta.is_dir()) {
                    let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::DIRECTORY | rustix::fs::OFlags::PATH;
                    let Ok(directory) = rustix::fs::open(&path, flags, rustix::fs::Mode::empty()) else { continue };
                    let open = rustix::fs::OFlags::RDWR | rustix::fs::OFlags::CREATE;
                    let mode = rustix::fs::Mode::from_raw_mode(0o600);
                    if let Ok(file) = rustix::fs::openat(&directory, "secret", open, mode) {
                        let mut buffer = [0; 16];
                        let count = rustix::io::read(&file, &mut buffer).unwrap_or(0);
                        assert_ne!(&buffer[..count], b"outside");
                        inside += u32::from(count > 0);
                        let _written = rustix::io::pwrite(&file, b"inside", 0).is_ok();
                    }
                    let _made = rustix::fs::mkdirat(&directory, "made", mode).is_ok();
                }
            }
        }
        swapping.join().unwrap();
        println!("{turn} rounds, {inside} reads inside");
        assert_eq!(fs::read(world.at("outside/secret")).unwrap(), b"outside");
        assert_eq!(fs::read_dir(world.at("outside")).unwrap().count(), 1);
    });
}
