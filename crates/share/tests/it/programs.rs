//! Programs that make, rename and remove files all day work, and leave nothing lying about.

use std::fs;

use crate::world::mounted;

#[test]
fn git_and_sqlite_leave_no_locks() {
    mounted(|world| {
        let git = "git init -q . && echo 1 > a && git add a && git -c user.name=a -c user.email=a@b commit -qm one && \
                   echo 2 >> a && git -c user.name=a -c user.email=a@b commit -qam two && git log --oneline | wc -l && git fsck";
        let (success, _) = world.errand(1, git);
        assert!(success);
        let (success, _) = world.errand(
            2,
            "git status --porcelain && git -c user.name=a -c user.email=a@b commit -q --amend -m other && git gc -q",
        );
        assert!(success);
        let sqlite = "sqlite3 b.db 'create table t(a); insert into t values(1); insert into t values(2); vacuum; select count(*) from t'";
        let (success, _) = world.errand(3, sqlite);
        assert!(success);
        let left = world.run("find . -name '*.lock' -o -name 'tmp_obj*' -o -name '*-journal'");
        assert_eq!(String::from_utf8_lossy(&left.stdout), "");
        assert_eq!(world.asked(), []);
    });
}

#[test]
fn archives_and_pages_of_memory_work() {
    mounted(|world| {
        fs::write(world.host().join("a"), vec![b'x'; 3_000_000]).unwrap();
        let (success, _) =
            world.errand(1, "tar cf t.tar a && mkdir d && tar xf t.tar -C d && cmp a d/a && cp a e && cmp a e");
        assert!(success);
        let (success, _) =
            world.errand(2, "cp --sparse=always a f && fallocate -l 5000000 g && stat -c %s g | grep -q 5000000");
        assert!(success);
        let (success, _) = world.errand(3, "df . >/dev/null && rm g && python3 -c \"import os; f=open('h','w+'); os.unlink('h'); f.write('1'); f.flush(); print(os.fstat(f.fileno()).st_size)\"");
        assert!(success);
    });
}
