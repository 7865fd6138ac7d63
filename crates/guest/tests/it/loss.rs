//! Twenty ways to lose data, in a folder of many files: nothing is deleted without an Allow, and one Undo brings every
//! byte, right and time back.
//!
//! Both tiers run it. `DESKHAND_LOSS_FILES` sets how many files the folder has, `DESKHAND_LOSS_ONLY` which way is tried.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant, UNIX_EPOCH};

use event::{Access, CallId, Consent, Digest, Effect, Inquiry, TaskId};
use folder::{Guard, Journal, Root, Selection, Trust};
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use sandbox::{Asker, Command, Errand, Mount, Order, Output, ResourceLimits, Sandbox, Shares};

/// Files in one directory of the folder.
const IN_ONE: usize = 100;

/// What a refusal of deletion leaves.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// It deletes: refused, every file stays as it was.
    Deletes,
    /// It overwrites, renames or changes rights: allowed without asking.
    Changes,
    /// It does either, depending on the program's version.
    Either,
}

struct Way {
    name: &'static str,
    kind: Kind,
    /// A program that must be there; the way is left out with a word where it is not.
    needs: &'static str,
    script: &'static str,
}

const fn way(name: &'static str, kind: Kind, needs: &'static str, script: &'static str) -> Way {
    Way { name, kind, needs, script }
}

const WAYS: &[Way] = &[
    way("unlink", Kind::Deletes, "sh", "find . -type f -name '*.txt' -print0 | xargs -0 rm -f"),
    way("rmdir", Kind::Deletes, "sh", "rm -rf d*"),
    way("truncate", Kind::Changes, "truncate", "find . -type f -name '*.txt' -exec truncate -s 0 {} +"),
    way("redirect", Kind::Changes, "sh", "for f in d*/*.txt; do : > \"$f\"; done"),
    way(
        "mv over",
        Kind::Changes,
        "mv",
        "for d in d*; do mkdir /tmp/new && cp $d/* /tmp/new && for f in /tmp/new/*; do echo moved > $f; done && \
         mkdir new && cp /tmp/new/* new && mv -f new/* $d && rmdir new && rm -r /tmp/new || exit 1; done",
    ),
    way(
        "dd",
        Kind::Changes,
        "dd",
        "for f in d*/*.txt; do dd if=/dev/zero of=$f bs=1 count=4 conv=notrunc 2>/dev/null; done",
    ),
    way("sed -i", Kind::Changes, "sed", "find . -type f -name '*.txt' -print0 | xargs -0 sed -i 's/content/changed/'"),
    way("git clean", Kind::Deletes, "git", "git init -q . && git clean -fdxq"),
    way(
        "git checkout",
        Kind::Either,
        "git",
        "git init -q . && git add -A && git -c user.name=a -c user.email=a@b commit -qm one && \
         find . -name '*.txt' -not -path './.git/*' -print0 | xargs -0 sed -i 's/content/other/' && git checkout -qf .",
    ),
    way("rsync --delete", Kind::Deletes, "rsync", "mkdir -p /tmp/none && rsync -a --delete /tmp/none/ ./"),
    way(
        "sqlite VACUUM INTO",
        Kind::Changes,
        "python3",
        "python3 - <<'P'\nimport sqlite3, os\nfor n in ('one.db', 'two.db'):\n    c = sqlite3.connect(n, isolation_level=None)\n    \
         c.execute('DELETE FROM t')\n    c.execute(\"VACUUM INTO 'new.db'\")\n    c.close()\n    os.replace('new.db', n)\nP",
    ),
    way("zip -m", Kind::Deletes, "zip", "zip -qrm all.zip d*"),
    way("chmod 000", Kind::Changes, "chmod", "chmod -R 000 d*"),
    way(
        "symlink swap",
        Kind::Either,
        "python3",
        "python3 - <<'P'\nimport os, glob\nfor p in glob.glob('d*/*.txt'):\n    os.symlink('/etc/passwd', p + '~')\n    os.replace(p + '~', p)\nP",
    ),
    way(
        "case-fold rename",
        Kind::Changes,
        "python3",
        "python3 - <<'P'\nimport os, glob\nfor p in glob.glob('d*/*.txt'):\n    os.rename(p, os.path.join(os.path.dirname(p), os.path.basename(p).upper()))\nP",
    ),
    way("find -delete", Kind::Deletes, "find", "find . -mindepth 1 -delete"),
    way("shred", Kind::Either, "shred", "find d* -type f -print0 | xargs -0 shred -n 1 -u"),
    way(
        "python open('w')",
        Kind::Changes,
        "python3",
        "python3 - <<'P'\nimport glob\nfor p in glob.glob('d*/*.txt'):\n    open(p, 'w').close()\nP",
    ),
    way(
        "tar overwrite",
        Kind::Either,
        "tar",
        "mkdir -p /tmp/t && cp -r d* /tmp/t/ && find /tmp/t -type f -exec sed -i 's/content/tar/' {} + && tar -C /tmp/t -cf /tmp/t.tar . && tar -xf /tmp/t.tar",
    ),
    way(
        "LibreOffice save",
        Kind::Either,
        "soffice",
        "soffice --headless --convert-to ods:calc8 --outdir . table.csv >/dev/null 2>&1; mv -f table.ods table.csv",
    ),
];

/// What stands at a path.
type Known = (Option<Digest>, u32, u128);

/// Answers every question the same way, and counts.
struct Answers {
    consent: bool,
    asked: AtomicUsize,
}

impl Asker for Answers {
    fn ask(&self, inquiry: Inquiry) -> BoxFuture<'static, Consent> {
        assert!(inquiry.effects.iter().all(|effect| matches!(effect, Effect::DeletePath(_))), "{inquiry:?}");
        self.asked.fetch_add(1, Ordering::Relaxed);
        let refused = Consent::Refused { why: "the test says no".to_owned() };
        Box::pin(std::future::ready(if self.consent { Consent::Given } else { refused }))
    }
}

/// A folder of many files with its journal, and how machines over it are made.
pub(crate) struct Loss<'a> {
    pub(crate) sandbox: &'a dyn Sandbox,
    pub(crate) shares: &'a dyn Shares,
    pub(crate) scratch: &'a Path,
    pub(crate) files: usize,
    /// Undo may take this long.
    pub(crate) most: Duration,
}

impl Loss<'_> {
    fn make(&self, folder: &Path) {
        for number in 0..self.files {
            let directory = folder.join(format!("d{:02}", number / IN_ONE.min(self.files / 3)));
            std::fs::create_dir_all(&directory).unwrap();
            let path = directory.join(format!("file {number}.txt").replace(' ', "-"));
            std::fs::write(&path, format!("content {number}\n").repeat(number % 13 + 1)).unwrap();
            let mode = [0o644, 0o600, 0o755, 0o640][number % 4];
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            let at = UNIX_EPOCH + Duration::new(1_400_000_000 + number as u64, 123_456_789);
            std::fs::File::options().write(true).open(&path).unwrap().set_modified(at).unwrap();
        }
        std::fs::write(folder.join("table.csv"), "a,b\n1,2\n").unwrap();
        for name in ["one.db", "two.db"] {
            let script = "import sqlite3,sys; c=sqlite3.connect(sys.argv[1]); c.execute('create table t(a)'); \
                          c.executemany('insert into t values(?)', [(i,) for i in range(1000)]); c.commit()";
            let made = std::process::Command::new("python3").args(["-c", script]).arg(folder.join(name)).status();
            assert!(made.is_ok_and(|status| status.success()), "python3 is needed");
        }
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        for (number, directory) in entries.filter(|path| path.is_dir()).chain([folder.to_owned()]).enumerate() {
            let at = UNIX_EPOCH + Duration::new(1_300_000_000 + number as u64, 987_654_321);
            std::fs::File::open(directory).unwrap().set_modified(at).unwrap();
        }
    }

    /// Tries one way, refused first and then allowed; gives how long the Undo took.
    async fn try_way(&self, way: &Way) -> Duration {
        let slug: String =
            way.name.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' }).collect();
        let refused = Scene::new(self, &format!("{slug}-refused"));
        let asked = refused.run(self, way, false).await;
        let after = tree(&refused.folder);
        match way.kind {
            Kind::Deletes => {
                assert!(asked > 0, "{}: nobody was asked", way.name);
                // A new file beside them gives a directory another time, and is no loss.
                let is_kept = |path: &str, known: &Known| {
                    after.get(path).is_some_and(|now| now == known || (known.0.is_none() && now.0.is_none()))
                };
                let lost: Vec<_> =
                    refused.before.iter().filter(|(path, known)| !is_kept(path, known)).take(5).collect();
                assert!(lost.is_empty(), "{}: refused, but changed: {lost:?}", way.name);
            }
            Kind::Changes => assert_eq!(asked, 0, "{}: asked for what can be undone", way.name),
            Kind::Either => {}
        }
        refused.undo(self, way);
        let allowed = Scene::new(self, &format!("{slug}-allowed"));
        allowed.run(self, way, true).await;
        assert_ne!(tree(&allowed.folder), allowed.before, "{}: it did nothing", way.name);
        allowed.undo(self, way)
    }
}

struct Scene {
    root: PathBuf,
    folder: PathBuf,
    before: BTreeMap<String, Known>,
}

impl Scene {
    fn new(loss: &Loss<'_>, name: &str) -> Self {
        let root = loss.scratch.join(name);
        let folder = root.join("desk");
        for directory in [&folder, &root.join("outputs"), &root.join("journal")] {
            std::fs::create_dir_all(directory).unwrap();
        }
        loss.make(&folder);
        let before = tree(&folder);
        Self { root, folder, before }
    }

    async fn run(&self, loss: &Loss<'_>, way: &Way, consent: bool) -> usize {
        let mount = |name: &str, inside: &str, guarded| Mount {
            host: self.root.join(name),
            inside: inside.into(),
            access: Access::ReadWrite,
            guarded,
        };
        let mounts = vec![mount("desk", "/work/desk", true), mount("outputs", "/outputs", false)];
        let task = TaskId::from_random([7; 8]);
        let files = loss.shares.open(task, &self.root.join("journal"), mounts).unwrap();
        let order =
            Order { task, tier: None, files: Arc::clone(&files), network: None, limits: ResourceLimits::default() };
        let machine = loss.sandbox.start(order).await.unwrap();
        let answers = Arc::new(Answers { consent, asked: AtomicUsize::new(0) });
        let asker = Arc::clone(&answers) as Arc<dyn Asker>;
        files.begin(Errand { call: CallId("c1".to_owned()), turn: 1, asker });
        let command = Command {
            argv: ["sh", "-c", way.script].map(str::to_owned).to_vec(),
            directory: "/work/desk".to_owned(),
            environment: Vec::new(),
            timeout: Duration::from_hours(1),
        };
        let mut execution = machine.exec(command).await.unwrap();
        let mut told = String::new();
        while let Some(item) = execution.output.next().await {
            match item.unwrap() {
                Output::Bytes(_, bytes) => told.push_str(&String::from_utf8_lossy(&bytes[..bytes.len().min(200)])),
                Output::Exit(exit) => assert!(!exit.timed_out, "{}: timed out\n{told}", way.name),
            }
        }
        let ending = Arc::clone(&files);
        tokio::task::spawn_blocking(move || ending.end()).await.unwrap();
        machine.stop().await;
        answers.asked.load(Ordering::Relaxed)
    }

    fn undo(&self, loss: &Loss<'_>, way: &Way) -> Duration {
        let root = |known: &str, host: PathBuf, trust| Root {
            known: known.to_owned(),
            host,
            access: Access::ReadWrite,
            trust,
        };
        let guard = Guard::new([
            root("/work/desk", self.folder.clone(), Trust::Granted),
            root("/outputs", self.root.join("outputs"), Trust::Own),
        ]);
        let begun = Instant::now();
        let journal = Journal::open(self.root.join("journal")).unwrap();
        let plan = folder::plan(&guard, &journal, &Selection::Task).unwrap();
        let undone = folder::apply(&guard, &journal, &plan, 2).unwrap();
        let took = begun.elapsed();
        assert!(undone.failed.is_empty(), "{}: {:?}", way.name, undone.failed.first());
        let after = tree(&self.folder);
        let differs: Vec<_> =
            self.before.iter().filter(|(path, known)| after.get(*path) != Some(known)).take(5).collect();
        let extra: Vec<_> = after.keys().filter(|path| !self.before.contains_key(*path)).take(5).collect();
        assert!(differs.is_empty() && extra.is_empty(), "{}: not restored: {differs:?} extra {extra:?}", way.name);
        assert!(took <= loss.most, "{}: Undo took {took:?}", way.name);
        std::fs::remove_dir_all(&self.root).unwrap();
        took
    }
}

/// A folder and everything beneath it: content, rights and times.
fn tree(folder: &Path) -> BTreeMap<String, Known> {
    let mut found = BTreeMap::from([(String::new(), known(folder))]);
    let mut open = vec![folder.to_owned()];
    while let Some(directory) = open.pop() {
        let Ok(entries) = std::fs::read_dir(&directory) else { continue };
        for entry in entries {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
            found.insert(name, known(&path));
            if path.is_dir() && !path.is_symlink() {
                open.push(path);
            }
        }
    }
    found
}

fn known(path: &Path) -> Known {
    let meta = std::fs::symlink_metadata(path).unwrap();
    let content = match (meta.is_dir(), meta.is_symlink()) {
        (true, _) => None,
        (false, true) => Some(Digest::of(std::fs::read_link(path).unwrap().as_os_str().as_encoded_bytes())),
        (false, false) => Some(Digest::of(&std::fs::read(path).unwrap_or_default())),
    };
    let modified = meta.modified().unwrap().duration_since(UNIX_EPOCH).unwrap().as_nanos();
    (content, meta.permissions().mode() & 0o7777, modified)
}

/// How many files the folder shall have.
pub(crate) fn files_or(usual: usize) -> usize {
    std::env::var("DESKHAND_LOSS_FILES").ok().and_then(|files| files.parse().ok()).unwrap_or(usual)
}

/// Tries every way that the machine has the program for; prints what each took.
pub(crate) async fn try_all(loss: &Loss<'_>, there: impl Fn(&str) -> bool) {
    let only = std::env::var("DESKHAND_LOSS_ONLY").ok();
    for way in WAYS.iter().filter(|way| only.as_deref().is_none_or(|only| way.name == only)) {
        if !there(way.needs) {
            println!("{}: left out, there is no `{}`", way.name, way.needs);
            continue;
        }
        let begun = Instant::now();
        let undo = loss.try_way(way).await;
        println!(
            "{}: {} files, undo {:.2} s, all {:.1} s",
            way.name,
            loss.files,
            undo.as_secs_f64(),
            begun.elapsed().as_secs_f64()
        );
    }
}
