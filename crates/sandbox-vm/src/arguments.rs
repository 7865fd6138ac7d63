//! The command line of QEMU. A saved machine can only be restored under the same devices, in the same order.

use std::os::fd::RawFd;

use crate::accelerator::Accelerator;

/// Where QEMU finds things, as it sees them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) kernel: String,
    pub(crate) initrd: String,
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
    line.add("-machine", "q35,memory-backend=memory,usb=off,vmport=off,smbus=off,sata=off,hpet=off,graphics=off");
    let (accelerator, cpu) = match accelerator {
        Accelerator::Kvm => ("kvm", "host"),
        Accelerator::Emulation => ("tcg,thread=multi,tb-size=256", "max"),
    };
    line.add("-accel", accelerator);
    line.add("-cpu", cpu);
    line.add("-smp", &cpus.to_string());
    line.add("-m", &memory_mib.to_string());
    line.add("-object", &format!("memory-backend-file,id=memory,size={memory_mib}M,mem-path={memory},share={shared}"));
    line.flags(&["-nodefaults", "-no-user-config", "-no-reboot"]);
    line.add("-display", "none");
    line.add("-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny");
    line.add("-kernel", &seen.kernel);
    line.add("-initrd", &seen.initrd);
    line.add("-append", KERNEL_LINE);
    line.add("-chardev", "stdio,id=console,signal=off");
    line.add("-serial", "chardev:console");
    line.add("-chardev", &format!("socket,id=monitor,fd={}", sockets.monitor));
    line.add("-mon", "chardev=monitor,mode=control");
    line.add("-device", "virtio-serial-pci,id=ports,max_ports=4");
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
    use super::{Birth, Seen, Sockets, arguments};
    use crate::accelerator::Accelerator;

    fn line(birth: Birth) -> Vec<String> {
        let seen = Seen {
            kernel: "/image/kernel".to_owned(),
            initrd: "/image/initrd".to_owned(),
            disks: vec!["/image/a,b".to_owned()],
            memory: "/state/memory".to_owned(),
        };
        let sockets = Sockets { monitor: 7, control: 8, files: 9 };
        arguments(Accelerator::Emulation, (256, 1), birth, &seen, sockets)
    }

    #[test]
    fn a_restored_machine_differs_in_nothing_but_its_memory() {
        let (cold, restored) = (line(Birth::Cold), line(Birth::Restored));
        let differing: Vec<_> = cold.iter().zip(&restored).filter(|(a, b)| a != b).collect();
        let [(shared, own)] = differing.as_slice() else { panic!("{differing:?}") };
        assert_eq!(shared.replace("share=on", "share=off"), **own);
        assert_eq!(restored[cold.len()..], ["-incoming", "defer"]);
    }

    #[test]
    fn there_is_no_network_and_no_disk_that_can_be_written() {
        let line = line(Birth::Cold);
        assert!(line.contains(&"-nodefaults".to_owned()));
        assert!(
            !line.iter().any(|part| part.starts_with("-net") || part == "-nic" || part.contains("virtio-net")),
            "{line:?}"
        );
        let drives: Vec<_> = line.iter().filter(|part| part.starts_with("if=none")).collect();
        assert_eq!(drives, ["if=none,id=disk0,format=raw,readonly=on,file.locking=off,file=/image/a,,b"]);
    }
}
