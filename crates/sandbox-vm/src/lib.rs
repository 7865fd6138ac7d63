//! The vm tier: one QEMU per task, restored from a snapshot, with the guest as its first process.
//!
//! Lives here: finding QEMU and an accelerator, starting, saving, restoring, pausing and ending machines, carrying the
//! messages of their files. Does not live here: the program inside (`guest`), the contract and the frames (`sandbox`),
//! making the image (`cargo xtask vm-image` and `image`).

mod accelerator;
mod arguments;
mod confinement;
mod console;
mod failure;
mod files;
mod image;
mod launch;
mod machine;
mod monitor;
mod qemu;
mod snapshot;
mod vm;

pub use image::{VmImage, VmOptions};
pub use vm::VmSandbox;
