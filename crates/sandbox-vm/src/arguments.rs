//! The command line of QEMU. A saved machine can only be restored under the same devices, in the same order.
//!
//! A restored machine has its kernel in its memory already. QEMU would still read the one it is told to start, keep it
//! and never use it, so it is given the beginning of the kernel alone, which has the same devices made.

use std::os::fd::RawFd;

use crate::accelerator::Accelerator;

/// Where QEMU finds things, as it sees them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) kernel: String,
    pub(crate) initrd: String,
    /// The beginning of the kernel.
    pub(crate) beginning: String,
    pub(crate) disks: Vec<String>,
    pub(crate) memory: String,
}

/// Sockets that QEMU is given, by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sockets {
    pub(crate) monitor: RawFd,
    pub(crate) control: RawFd,
    pub(crate) files: RawFd,
}

/// How the machine comes to life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Birth {
    /// From nothing, with its memory in the file.
    Cold,
    /// As it was saved; what it changes of its memory is its own.
    Restored,
}

/// What is said to the kernel. `panic=-1` ends the machine when its first process ends.
const KERNEL_LINE: &str = "console=ttyS0 quiet loglevel=4 panic=-1 reboot=t edd=off random.trust_cpu=on";

/// The machine without its memory and devices, for every start alike. Its memory is in no core dump, and is not searched
/// for pages that other machines have as well, which would tell them of each other.
const MACHINE: &str =
    "q35,usb=off,vmport=off,smbus=off,sata=off,hpet=off,graphics=off,mem-merge=off,dump-guest-core=off";

/// What no start has: devices that were not asked for, settings of the user's, a window. Programs that QEMU starts and
/// rights that it takes are denied by the kernel.
const NOTHING_ELSE: [&str; 7] = [
    "-nodefaults",
    "-no-user-config",
    "-no-reboot",
    "-display",
    "none",
    "-sandbox",
    "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny",
];

/// How instructions are run. Machines within the machine are nobody's business: where KVM runs them they would be the
/// host kernel's work. Emulated, they would only be more emulation, and QEMU 7.2 without them describes its caches such
/// that the guest's own C library copies wrongly. Translated code is kept up to 128 MB.
fn cpu_flags(accelerator: Accelerator) -> [&'static str; 4] {
    match accelerator {
        Accelerator::Kvm => ["-accel", "kvm", "-cpu", "host,vmx=off,svm=off"],
        Accelerator::Emulation => ["-accel", "tcg,thread=multi,tb-size=128", "-cpu", "max"],
    }
}

/// Everything after the program's name for a machine that does nothing: its processor is made and stands still.
pub(crate) fn trial_arguments(accelerator: Accelerator, monitor: RawFd) -> Vec<String> {
    let mut line = Line::default();
    line.add("-name", "deskhand-trial");
    line.add("-machine", MACHINE);
    line.flags(&cpu_flags(accelerator));
    line.add("-m", "16");
    line.flags(&NOTHING_ELSE);
    line.flags(&["-S"]);
    line.add("-chardev", &format!("socket,id=monitor,fd={monitor}"));
    line.add("-mon", "chardev=monitor,mode=control");
    line.0
}

/// Changes with every change of what a machine is made of, whatever its image and its numbers of sockets are.
pub(crate) fn fingerprint(accelerator: Accelerator, size: (u32, u32), disks: usize) -> String {
    let named = |name: &str| name.to_owned();
    let disks = (0..disks).map(|index| format!("disk{index}")).collect();
    let (kernel, initrd, beginning) = (named("kernel"), named("initrd"), named("beginning"));
    let seen = Seen { kernel, initrd, beginning, disks, memory: named("memory") };
    let sockets = Sockets { monitor: 0, control: 1, files: 2 };
    let both =
        [Birth::Cold, Birth::Restored].map(|birth| arguments(accelerator, size, birth, &seen, sockets).join(" "));
    both.join("\n")
}

/// Everything after the program's name.
pub(crate) fn arguments(
    accelerator: Accelerator,
    (memory_mib, cpus): (u32, u32),
    birth: Birth,
    seen: &Seen,
    sockets: Sockets,
) -> Vec<String> {
    let mut line = Line::default();
    let shared = match birth {
        Birth::Cold => "on",
        Birth::Restored => "off",
    };
    let memory = escaped(&seen.memory);
    line.add("-name", "deskhand");
    line.add("-machine", &format!("{MACHINE},memory-backend=memory"));
    line.flags(&cpu_flags(accelerator));
    line.add("-smp", &cpus.to_string());
    line.add("-m", &memory_mib.to_string());
    line.add("-object", &format!("memory-backend-file,id=memory,size={memory_mib}M,mem-path={memory},share={shared}"));
    line.flags(&NOTHING_ELSE);
    match birth {
        Birth::Cold => {
            line.add("-kernel", &seen.kernel);
            line.add("-initrd", &seen.initrd);
            line.add("-append", KERNEL_LINE);
        }
        Birth::Restored => line.add("-kernel", &seen.beginning),
    }
    line.add("-chardev", "stdio,id=console,signal=off");
    line.add("-serial", "chardev:console");
    line.add("-chardev", &format!("socket,id=monitor,fd={}", sockets.monitor));
    line.add("-mon", "chardev=monitor,mode=control");
    // What the machine sends is taken at once. A thread that is woken for it would have the guest's driver, which waits
    // until it was taken, spin for as long as that takes.
    line.add("-device", "virtio-serial-pci,id=ports,max_ports=4,ioeventfd=off");
    for (number, name, socket) in [(1, "control", sockets.control), (2, "files", sockets.files)] {
        line.add("-chardev", &format!("socket,id={name}-wire,fd={socket}"));
        let port = format!("virtserialport,bus=ports.0,nr={number},chardev={name}-wire,id={name},name=deskhand.{name}");
        line.add("-device", &port);
    }
    line.add("-device", "virtio-rng-pci");
    for (index, disk) in seen.disks.iter().enumerate() {
        let file = escaped(disk);
        line.add("-drive", &format!("if=none,id=disk{index},format=raw,readonly=on,file.locking=off,file={file}"));
        line.add("-device", &format!("virtio-blk-pci,drive=disk{index}"));
    }
    if birth == Birth::Restored {
        line.add("-incoming", "defer");
    }
    line.0
}

/// Commas part the options, so one in a path is written twice.
fn escaped(path: &str) -> String {
    path.replace(',', ",,")
}

#[derive(Default)]
struct Line(Vec<String>);

impl Line {
    fn add(&mut self, name: &str, value: &str) {
        self.0.extend([name.to_owned(), value.to_owned()]);
    }

    fn flags(&mut self, names: &[&str]) {
        self.0.extend(names.iter().map(|&name| name.to_owned()));
    }
}

#[cfg(test)]
mod tests {
    use super::{Birth, Seen, Sockets, arguments, fingerprint, trial_arguments};
    use crate::accelerator::Accelerator;

    fn line(accelerator: Accelerator, birth: Birth) -> Vec<String> {
        let seen = Seen {
            kernel: "/image/kernel".to_owned(),
            initrd: "/image/initrd".to_owned(),
            beginning: "/state/kernel".to_owned(),
            disks: vec!["/image/a,b".to_owned()],
            memory: "/state/memory".to_owned(),
        };
        let sockets = Sockets { monitor: 7, control: 8, files: 9 };
        arguments(accelerator, (256, 1), birth, &seen, sockets)
    }

    #[test]
    fn a_restored_machine_differs_in_its_memory_and_what_it_starts_alone() {
        let mut cold = line(Accelerator::Emulation, Birth::Cold).join(" ");
        let restored = line(Accelerator::Emulation, Birth::Restored).join(" ");
        cold.push_str(" -incoming defer");
        let started = format!("-kernel /image/kernel -initrd /image/initrd -append {}", super::KERNEL_LINE);
        assert_eq!(cold.replace(&started, "-kernel /state/kernel").replace("share=on", "share=off"), restored);
    }

    #[test]
    fn machines_within_the_machine_are_off() {
        for line in [line(Accelerator::Kvm, Birth::Cold), trial_arguments(Accelerator::Kvm, 3)] {
            let cpu = line.iter().skip_while(|part| *part != "-cpu").nth(1).map_or("", String::as_str);
            assert_eq!(cpu, "host,vmx=off,svm=off", "{line:?}");
        }
    }

    #[test]
    fn everything_that_a_machine_is_made_of_is_in_its_fingerprint() {
        let prints = [
            fingerprint(Accelerator::Kvm, (256, 1), 0),
            fingerprint(Accelerator::Emulation, (256, 1), 0),
            fingerprint(Accelerator::Emulation, (257, 1), 0),
            fingerprint(Accelerator::Emulation, (256, 2), 0),
            fingerprint(Accelerator::Emulation, (256, 1), 1),
        ];
        for (index, print) in prints.iter().enumerate() {
            assert!(print.contains(super::MACHINE) && print.contains(super::KERNEL_LINE), "{print}");
            assert!(!prints[..index].contains(print), "{print}");
        }
    }

    #[test]
    fn there_is_no_network_and_no_disk_that_can_be_written() {
        let line = line(Accelerator::Emulation, Birth::Cold);
        assert!(line.contains(&"-nodefaults".to_owned()));
        assert!(
            !line.iter().any(|part| part.starts_with("-net") || part == "-nic" || part.contains("virtio-net")),
            "{line:?}"
        );
        let drives: Vec<_> = line.iter().filter(|part| part.starts_with("if=none")).collect();
        assert_eq!(drives, ["if=none,id=disk0,format=raw,readonly=on,file.locking=off,file=/image/a,,b"]);
    }
}
