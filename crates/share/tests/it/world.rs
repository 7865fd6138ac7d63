//! A share over real directories, mounted in a mount namespace of the test's own thread.

use std::ffi::CString;
use std::fs::{self, File};
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};

use event::{Access, CallId, Change, ChangeKind, Consent, Inquiry, TaskId};
use folder::Journal;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use rustix::mount::{MountFlags, MountPropagationFlags, UnmountFlags, mount, mount_change, unmount};
use rustix::thread::UnshareFlags;
use sandbox::{Asker, Errand, Mount, Share, Shares};
use share::GuardedShares;
use tempfile::TempDir;
use tokio::sync::watch;

/// What the user of the test says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Says {
    Yes,
    No,
    /// Nothing yet.
    Waits,
}

/// The user of the test: remembers what was asked.
pub(crate) struct User {
    pub(crate) asked: Mutex<Vec<Inquiry>>,
    says: watch::Sender<Says>,
    /// Held once more for every question that somebody waits for.
    open: Arc<()>,
}

impl User {
    /// How many questions wait for an answer.
    pub(crate) fn open(&self) -> usize {
        Arc::strong_count(&self.open) - 1
    }
}

impl Asker for User {
    fn ask(&self, inquiry: Inquiry) -> BoxFuture<'static, Consent> {
        self.asked.lock().unwrap().push(inquiry);
        let (mut says, open) = (self.says.subscribe(), Arc::clone(&self.open));
        async move {
            let said = says.wait_for(|says| *says != Says::Waits).await.map(|said| *said);
            drop(open);
            match said {
                Ok(Says::Yes) => Consent::Given,
                _ => Consent::Refused { why: "no".to_owned() },
            }
        }
        .boxed()
    }
}

/// All of it.
pub(crate) struct World {
    pub(crate) share: Arc<dyn Share>,
    pub(crate) user: Arc<User>,
    directory: TempDir,
}

impl World {
    pub(crate) fn new(shares: GuardedShares) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let at = directory.path();
        for name in ["folder", "outputs", "uploads", "journal", "mount", "outside"] {
            fs::create_dir(at.join(name)).unwrap();
        }
        fs::write(at.join("outside/secret"), "outside").unwrap();
        let own = |name: &str, access| Mount {
            host: at.join(name),
            inside: PathBuf::from(format!("/{name}")),
            access,
            guarded: false,
        };
        let mounts = vec![
            folder_mount(at, Access::ReadWrite),
            own("outputs", Access::ReadWrite),
            own("uploads", Access::ReadOnly),
        ];
        let share = shares.open(TaskId::from_random([1; 8]), &at.join("journal"), mounts).unwrap();
        let user = Arc::new(User { asked: Mutex::default(), says: watch::channel(Says::No).0, open: Arc::default() });
        Self { share, user, directory }
    }

    /// The user's folder on the host.
    pub(crate) fn host(&self) -> PathBuf {
        self.directory.path().join("folder")
    }

    pub(crate) fn at(&self, path: &str) -> PathBuf {
        self.directory.path().join(path)
    }

    /// The user's folder as the machine sees it.
    pub(crate) fn seen(&self) -> PathBuf {
        self.at("mount/work/x")
    }

    pub(crate) fn says(&self, says: Says) {
        self.user.says.send_replace(says);
    }

    pub(crate) fn asked(&self) -> Vec<Inquiry> {
        self.user.asked.lock().unwrap().clone()
    }

    pub(crate) fn grant(&self, access: Option<Access>) {
        let mut mounts: Vec<_> = self.share.mounts().into_iter().filter(|mount| !mount.guarded).collect();
        mounts.extend(access.map(|access| folder_mount(self.directory.path(), access)));
        self.share.set_mounts(mounts);
    }

    pub(crate) fn begin(&self, number: u32) {
        let (call, asker) = (CallId(format!("c{number}")), Arc::clone(&self.user) as Arc<dyn Asker>);
        self.share.begin(Errand { call, turn: number, asker });
    }

    /// Runs a command in the user's folder as the machine sees it.
    pub(crate) fn run(&self, command: &str) -> Output {
        Command::new("timeout")
            .args(["60", "sh", "-c", command])
            .current_dir(self.seen())
            .env("HOME", self.at("outside"))
            .env("LC_ALL", "C.UTF-8")
            // The test may run as another user than the one files are shown to belong to.
            .envs([("GIT_CONFIG_COUNT", "1"), ("GIT_CONFIG_KEY_0", "safe.directory"), ("GIT_CONFIG_VALUE_0", "*")])
            .output()
            .unwrap()
    }

    /// Runs a whole errand; gives whether the command succeeded, and what changed.
    pub(crate) fn errand(&self, number: u32, command: &str) -> (bool, Vec<Change>) {
        self.begin(number);
        let output = self.run(command);
        if !output.status.success() {
            println!("{command}: {}", String::from_utf8_lossy(&output.stderr));
        }
        (output.status.success(), self.share.end())
    }

    pub(crate) fn journal(&self) -> Journal {
        Journal::open(self.at("journal")).unwrap()
    }

    /// The old content of a change, out of the journal.
    pub(crate) fn kept(&self, change: &Change) -> Vec<u8> {
        let mut content = Vec::new();
        std::io::Read::read_to_end(&mut self.journal().object(change.before.unwrap()).unwrap(), &mut content).unwrap();
        content
    }
}

fn folder_mount(at: &Path, access: Access) -> Mount {
    Mount { host: at.join("folder").canonicalize().unwrap(), inside: "/work/x".into(), access, guarded: true }
}

/// Changes by path and kind.
pub(crate) fn told(changes: &[Change]) -> Vec<(&str, ChangeKind)> {
    changes.iter().map(|change| (change.path.as_str(), change.kind)).collect()
}

/// Runs a test with a mounted share; without mounts allowed it says so.
pub(crate) fn mounted(test: impl FnOnce(&World) + Send + 'static) {
    mounted_with(GuardedShares::default(), test);
}

/// As [`mounted`], with shares of its own.
pub(crate) fn mounted_with(shares: GuardedShares, test: impl FnOnce(&World) + Send + 'static) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let entered = runtime.handle().clone();
    let thread = std::thread::spawn(move || {
        let _entered = entered.enter();
        let Some(wire) = own_namespace() else { return };
        let world = World::new(shares);
        let at = world.at("mount");
        let (user, group) = (rustix::process::geteuid(), rustix::process::getegid());
        let (wire_number, user, group) = (wire.as_raw_fd(), user.as_raw(), group.as_raw());
        let options = format!("fd={wire_number},rootmode=40000,user_id={user},group_id={group},allow_other");
        let options = CString::new(options).unwrap();
        let flags = MountFlags::NOSUID | MountFlags::NODEV;
        if let Err(error) = mount("share", &at, "fuse", flags, options.as_c_str()) {
            println!("skipped: cannot mount: {error}");
            return;
        }
        let share = Arc::clone(&world.share);
        let serving = std::thread::spawn(move || share.serve(wire));
        let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| test(&world)));
        world.share.end();
        unmount(&at, UnmountFlags::DETACH).unwrap();
        serving.join().unwrap();
        if let Err(panic) = done {
            std::panic::resume_unwind(panic);
        }
    });
    let done = thread.join();
    runtime.shutdown_background();
    if let Err(panic) = done {
        std::panic::resume_unwind(panic);
    }
}

/// A mount namespace for this thread, and the device; none, said aloud, where that is not allowed.
fn own_namespace() -> Option<OwnedFd> {
    // SAFETY: this thread was started for the test and shares no descriptors-by-path with others; a mount namespace
    // of its own changes nothing for them.
    #[allow(unsafe_code)]
    let unshared = unsafe { rustix::thread::unshare_unsafe(UnshareFlags::NEWNS) };
    let flags = MountPropagationFlags::PRIVATE | MountPropagationFlags::REC;
    if let Err(error) = unshared.and_then(|()| mount_change("/", flags)) {
        println!("skipped: no mount namespace: {error}");
        return None;
    }
    match File::options().read(true).write(true).open("/dev/fuse") {
        Ok(device) => Some(device.into()),
        Err(error) => {
            println!("skipped: cannot open /dev/fuse: {error}");
            None
        }
    }
}
