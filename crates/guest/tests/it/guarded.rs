//! The user's files behind the guard, against real programs.

use std::path::Path;
use std::sync::{Arc, Mutex};

use event::{Access, CallId, Consent, Inquiry, TaskId};
use futures_util::future::BoxFuture;
use sandbox::{Asker, Errand, Machine, Sandbox, Share, Shares};
use share::GuardedShares;

use crate::world::{bash, bwrap, exited, mount, order, python, run, says, scratch};

/// A user who says no, and how often.
#[derive(Default)]
pub(crate) struct No(Mutex<Vec<Inquiry>>);

impl No {
    pub(crate) fn times(&self) -> usize {
        self.0.lock().unwrap().len()
    }
}

impl Asker for No {
    fn ask(&self, inquiry: Inquiry) -> BoxFuture<'static, Consent> {
        self.0.lock().unwrap().push(inquiry);
        Box::pin(std::future::ready(Consent::Refused { why: "no".to_owned() }))
    }
}

pub(crate) struct Desk {
    pub(crate) machine: Box<dyn Machine>,
    pub(crate) files: Arc<dyn Share>,
    pub(crate) user: Arc<No>,
}

/// A machine over `desk` and `outputs` of a directory.
pub(crate) async fn desk(root: &Path) -> Desk {
    for name in ["desk", "outputs", "journal"] {
        std::fs::create_dir_all(root.join(name)).unwrap();
    }
    let mounts = vec![
        mount(&root.join("desk"), "/work/desk", Access::ReadWrite, true),
        mount(&root.join("outputs"), "/outputs", Access::ReadWrite, false),
    ];
    let task = TaskId::from_random([3; 8]);
    let files = GuardedShares::default().open(task, &root.join("journal"), mounts).unwrap();
    let user = Arc::new(No::default());
    let errand = Errand { call: CallId::from("c"), turn: 1, asker: Arc::clone(&user) as Arc<dyn Asker> };
    files.begin(errand);
    let machine = bwrap().start(order(Arc::clone(&files), None)).await.unwrap();
    Desk { machine, files, user }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn programs_cannot_remove_what_the_user_had() {
    let (_directory, root) = scratch();
    std::fs::create_dir_all(root.join("desk/sub")).unwrap();
    for name in ["a", "b", "sub/c"] {
        std::fs::write(root.join("desk").join(name), name).unwrap();
    }
    let desk = desk(&root).await;
    let programs = [
        python("import os; os.remove('/work/desk/a')"),
        python("import pathlib; pathlib.Path('/work/desk/a').unlink()"),
        python("import shutil; shutil.rmtree('/work/desk/sub')"),
        python("import shutil; shutil.move('/work/desk/a', '/outputs/a')"),
        python("import os; d=os.open('/work/desk', os.O_RDONLY); os.unlink('a', dir_fd=d)"),
        bash("perl -e 'unlink(\"/work/desk/a\") or die $!'"),
        bash("find /work/desk -mindepth 1 -delete"),
        bash("cd /work/desk && git init -q . && git clean -fdxq"),
    ];
    for program in programs {
        let (output, exit) = run(desk.machine.as_ref(), program.clone()).await.unwrap();
        assert_ne!(exit, exited(0), "{program:?} {output}");
        for name in ["a", "b", "sub/c"] {
            let content = std::fs::read_to_string(root.join("desk").join(name)).ok();
            assert_eq!(content.as_deref(), Some(name), "{program:?} {output}");
        }
    }
    assert!(desk.user.times() > 0);
    let overwrite = "open('/work/desk/a','w').write('new'); f=open('/work/desk/b','r+'); f.truncate(0)";
    says(desk.machine.as_ref(), python(overwrite)).await;
    assert_eq!(std::fs::read_to_string(root.join("desk/a")).unwrap(), "new");
    assert_eq!(std::fs::read_to_string(root.join("desk/b")).unwrap(), "");
    desk.files.end();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn git_works_everywhere_without_a_question() {
    let (_directory, root) = scratch();
    let desk = desk(&root).await;
    let commit = "git init -q . && git -c user.name=d -c user.email=d@localhost commit -q --allow-empty -m one && \
        echo x > x && git add x && git -c user.name=d -c user.email=d@localhost commit -qm two && git log --format=%s";
    for place in ["/outputs/repo", "/tmp/repo", "/work/desk/repo"] {
        let script =
            format!("mkdir {place} && cd {place} && {commit} && git status --porcelain && find .git -name '*.lock'");
        assert_eq!(says(desk.machine.as_ref(), bash(&script)).await, "two\none\n", "{place}");
    }
    assert_eq!(desk.user.times(), 0);
}

#[tokio::test]
async fn interpreters_with_threads_and_compilers_of_their_own_run() {
    let machine = crate::world::bare().await;
    let threads = "from concurrent.futures import ThreadPoolExecutor as T; import sqlite3, subprocess, ssl, socket, multiprocessing\n\
        print(sum(T(8).map(lambda n: n * n, range(100))), subprocess.check_output(['echo', 'on']).decode().strip(), \
        sqlite3.connect('/tmp/d').execute('select 6*7').fetchone()[0], multiprocessing.Pool(2).map(len, ['ab', 'c']))";
    assert_eq!(says(machine.as_ref(), python(threads)).await, "328350 on 42 [2, 1]\n");
    // Where it is installed: its engine compiles while running and starts threads of its own.
    let node = "command -v node >/dev/null || { echo 42; exit; }; node -e 'setTimeout(() => require(\"fs\").promises.writeFile(\"/tmp/n\", \"42\\n\").then(() => console.log(require(\"fs\").readFileSync(\"/tmp/n\", \"utf8\").trim())), 1)'";
    assert_eq!(says(machine.as_ref(), bash(node)).await, "42\n");
    // A server of the program's own is nobody's business.
    let server = "import http.server, threading, urllib.request\n\
        s = http.server.HTTPServer(('127.0.0.1', 8000), http.server.SimpleHTTPRequestHandler)\n\
        threading.Thread(target=s.serve_forever, daemon=True).start()\n\
        print(urllib.request.urlopen('http://127.0.0.1:8000/').status)";
    let (output, exit) = run(machine.as_ref(), python(server)).await.unwrap();
    // The server's own line about the request goes to the other output, before or after.
    assert_eq!((output.lines().any(|line| line == "200"), exit), (true, exited(0)), "{output}");
}
