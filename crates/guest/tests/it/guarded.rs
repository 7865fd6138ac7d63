//! The deletion guard against real programs, and programs at work in places without a guard.

use std::collections::BTreeSet;
use std::path::Path;

use event::Access;
use sandbox::{Command, Machine, ResourceLimits};

use crate::world::{bash, exited, mount, python, run, says, scratch, start};

async fn machine(desk: &Path, outputs: &Path) -> Box<dyn Machine> {
    let mounts =
        vec![mount(desk, "/work/desk", Access::ReadWrite, true), mount(outputs, "/outputs", Access::ReadWrite, false)];
    start(mounts, ResourceLimits::default()).await
}

fn names(directory: &Path) -> BTreeSet<String> {
    std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[tokio::test]
async fn programs_cannot_remove_what_the_user_had() {
    let (_directory, root) = scratch();
    let (desk, outputs) = (root.join("desk"), root.join("outputs"));
    std::fs::create_dir_all(desk.join("sub")).unwrap();
    std::fs::create_dir_all(&outputs).unwrap();
    for name in ["a", "b", "sub/c"] {
        std::fs::write(desk.join(name), name).unwrap();
    }
    let machine = machine(&desk, &outputs).await;
    let exchange = "import ctypes,os; libc=ctypes.CDLL(None,use_errno=True); \
        r=libc.renameat2(-100,b'/work/desk/a',-100,b'/work/desk/b',2); raise SystemExit(os.strerror(ctypes.get_errno()) if r else 0)";
    let programs = [
        python("import os; os.remove('/work/desk/a')"),
        python("import os; os.rename('/work/desk/a', '/work/desk/z')"),
        python("import os; os.replace('/work/desk/b', '/work/desk/a')"),
        python("import os; os.rename('/work/desk/a', '/work/desk/sub/a')"),
        python("import pathlib; pathlib.Path('/work/desk/a').unlink()"),
        python("import shutil; shutil.rmtree('/work/desk/sub')"),
        python("import shutil; shutil.move('/work/desk/a', '/outputs/a')"),
        python("import os; d=os.open('/work/desk', os.O_RDONLY); os.unlink('a', dir_fd=d)"),
        python("import os; os.chdir('/work/desk'); os.rmdir('sub')"),
        python(exchange),
        bash("sed -i s/a/x/ /work/desk/a"),
        bash("perl -e 'unlink(\"/work/desk/a\") or die $!'"),
        bash("find /work/desk -mindepth 1 -delete"),
        bash("rsync -a --delete /var/tmp/none/ /work/desk/ || rm /work/desk/b"),
    ];
    for program in programs {
        let (output, exit) = run(machine.as_ref(), program.clone()).await.unwrap();
        assert_ne!(exit, exited(0), "{program:?} {output}");
        for name in ["a", "b", "sub/c"] {
            assert_eq!(std::fs::read_to_string(desk.join(name)).ok().as_deref(), Some(name), "{program:?} {output}");
        }
    }
    let overwrite = "open('/work/desk/a','w').write('new'); f=open('/work/desk/b','r+'); f.truncate(0)";
    says(machine.as_ref(), python(overwrite)).await;
    assert_eq!(std::fs::read_to_string(desk.join("a")).unwrap(), "new");
    assert_eq!(std::fs::read_to_string(desk.join("b")).unwrap(), "");
    says(machine.as_ref(), Command { may_delete: true, ..python("import os; os.remove('/work/desk/a')") }).await;
    assert!(!desk.join("a").exists());
}

#[tokio::test]
async fn git_clean_is_refused_and_git_works_where_deleting_is_free() {
    let (_directory, root) = scratch();
    let (desk, outputs) = (root.join("desk"), root.join("outputs"));
    std::fs::create_dir_all(&desk).unwrap();
    std::fs::create_dir_all(&outputs).unwrap();
    let machine = machine(&desk, &outputs).await;
    let commit = "git init -q . && git -c user.name=d -c user.email=d@localhost commit -q --allow-empty -m one && \
        echo x > x && git add x && git -c user.name=d -c user.email=d@localhost commit -qm two && git log --format=%s";
    for place in ["/outputs/repo", "/tmp/repo"] {
        let script =
            format!("mkdir {place} && cd {place} && {commit} && git status --porcelain && find .git -name '*.lock'");
        assert_eq!(says(machine.as_ref(), bash(&script)).await, "two\none\n", "{place}");
    }
    let prepare = Command { may_delete: true, ..bash(&format!("cd /work/desk && {commit} && echo y > untracked")) };
    assert_eq!(says(machine.as_ref(), prepare).await, "two\none\n");
    for script in ["git clean -fdx", "git rm -q x", "git reset -q --hard HEAD~1"] {
        let (output, exit) = run(machine.as_ref(), bash(&format!("cd /work/desk && {script}"))).await.unwrap();
        assert_ne!(exit, exited(0), "{script}: {output}");
        let left = names(&desk);
        assert!(left.contains("x") && left.contains("untracked"), "{script}: {left:?}");
    }
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
}
