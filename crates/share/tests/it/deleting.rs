//! What the user had is deleted with consent only.

use std::fs;
use std::process::Stdio;
use std::sync::Arc;

use event::Effect;

use crate::world::{Says, World, mounted, mounted_with};

fn fill(world: &World, directory: &str, files: usize) {
    let directory = world.host().join(directory);
    fs::create_dir_all(&directory).unwrap();
    for number in 0..files {
        fs::write(directory.join(format!("f{number}")), number.to_string()).unwrap();
    }
}

fn wait_until(is_so: impl Fn() -> bool) {
    while !is_so() {
        std::thread::yield_now();
    }
}

#[test]
fn a_file_of_the_user_is_deleted_with_consent_only() {
    mounted(|world| {
        fill(world, "", 2);
        let (success, changes) = world.errand(1, "rm f0");
        assert!(!success && changes.is_empty());
        assert!(world.host().join("f0").exists());
        world.says(Says::Yes);
        assert!(world.errand(2, "rm f0; printf '\\033[31m'").0);
        assert!(!world.host().join("f0").exists());
        let asked = world.asked();
        assert_eq!(asked.len(), 2);
        assert_eq!((&asked[0].effects, asked[0].files), (&vec![Effect::DeletePath("/work/x/f0".to_owned())], Some(1)));
        assert_eq!(asked[0].reason, "delete 1 file, `/work/x/f0` (Undo brings back what goes)");
    });
}

#[test]
fn a_tree_is_one_question_with_its_count() {
    mounted(|world| {
        fill(world, "d/one", 150);
        fill(world, "d/two/deep", 150);
        let (success, _) = world.errand(1, "echo mine > d/mine; rm -rf d");
        assert!(!success);
        let asked = world.asked();
        assert_eq!(asked.len(), 1, "{asked:?}");
        assert_eq!((&asked[0].effects, asked[0].files), (&vec![Effect::DeletePath("/work/x/d".to_owned())], Some(300)));
        assert_eq!(fs::read_dir(world.host().join("d/two/deep")).unwrap().count(), 150);
        world.says(Says::Yes);
        for (number, command) in (2..).zip(["find d/one -delete", "rm -rf d"]) {
            assert!(world.errand(number, command).0, "{command}");
            assert_eq!(world.asked().len(), number as usize);
        }
        assert!(!world.host().join("d").exists());
    });
}

#[test]
fn what_the_task_made_is_free_also_later() {
    mounted(|world| {
        assert!(world.errand(1, "mkdir d; echo 1 > d/a; echo 2 > b; ln -s b c").0);
        assert!(world.errand(2, "rm -r d b c").0);
        assert_eq!(world.asked(), []);
        // The user put another file there.
        assert!(world.errand(3, "echo 1 > a").0);
        fs::remove_file(world.host().join("a")).unwrap();
        fs::write(world.host().join("a"), "the user's").unwrap();
        assert!(!world.errand(4, "sleep 1.1; rm a").0);
        assert_eq!(world.asked().len(), 1);
    });
}

#[test]
fn a_file_of_the_user_stays_the_users_under_other_names_and_contents() {
    mounted(|world| {
        let ways = [
            ("f0", "mv f0 g && rm g"),
            ("f0", "> f0 && rm f0"),
            ("f0", "echo 1 > t && mv t f0 && rm f0"),
            ("d/f0", "mv d e && rm e/f0"),
        ];
        for (number, (name, command)) in (1..).zip(ways) {
            fill(world, "", 1);
            fill(world, "d", 1);
            assert!(!world.errand(number, command).0, "{command}");
            assert_eq!(world.asked().len(), number as usize, "{command}");
            let _gone = fs::remove_file(world.host().join(name)).is_ok();
        }
    });
}

#[test]
fn outputs_are_deleted_without_asking() {
    mounted(|world| {
        fs::write(world.at("outputs/a"), "1").unwrap();
        let (success, changes) = world.errand(1, "rm ../../outputs/a");
        assert!(success);
        assert_eq!(world.kept(&changes[0]), b"1");
        assert_eq!(world.asked(), []);
    });
}

#[test]
fn others_go_on_while_one_waits() {
    mounted(|world| {
        fill(world, "d", 3);
        fill(world, "e", 1);
        world.says(Says::Waits);
        world.begin(1);
        let spawn = |command: &str| {
            std::process::Command::new("sh")
                .args(["-c", command])
                .current_dir(world.seen())
                .stderr(Stdio::null())
                .spawn()
                .unwrap()
        };
        let mut waiting = spawn("exec rm -rf d");
        wait_until(|| !world.asked().is_empty());
        assert!(world.run("echo 1 > e/a; cat e/f0; mkdir g; rm e/a").status.success());
        assert_eq!(waiting.try_wait().unwrap(), None);
        // A program that is killed no longer waits.
        waiting.kill().unwrap();
        assert!(!waiting.wait().unwrap().success());
        wait_until(|| world.user.open() == 0);
        // The end refuses whoever waits.
        let mut waiting = spawn("exec rm e/f0");
        wait_until(|| world.asked().len() == 2);
        let share = Arc::clone(&world.share);
        assert!(share.end().iter().all(|change| change.path.starts_with("/work/x/g")));
        assert!(!waiting.wait().unwrap().success());
        assert!(world.host().join("e/f0").exists());
        assert!(world.host().join("d/f0").exists());
        // Outside an errand nobody can be asked.
        assert!(!world.run("rm e/f0").status.success());
        assert_eq!(world.asked().len(), 2);
        wait_until(|| world.user.open() == 0);
    });
}

#[test]
fn a_question_that_nobody_waits_for_is_taken_back_and_asked_anew() {
    mounted(|world| {
        fill(world, "d", 2);
        world.says(Says::Waits);
        world.begin(1);
        for times in 1..=2 {
            let rm = std::process::Command::new("rm").arg("f0").current_dir(world.seen().join("d")).spawn();
            let mut waiting = rm.unwrap();
            wait_until(|| world.asked().len() == times);
            waiting.kill().unwrap();
            waiting.wait().unwrap();
            wait_until(|| world.user.open() == 0);
        }
        // One file as before, not the directory: nobody has answered yet.
        let trees: Vec<_> = world.asked().iter().map(|inquiry| inquiry.effects.clone()).collect();
        assert_eq!(trees, vec![vec![Effect::DeletePath("/work/x/d/f0".to_owned())]; 2]);
        assert!(world.host().join("d/f0").exists());
        world.says(Says::Yes);
        assert!(world.run("rm d/f0").status.success());
        assert_eq!(world.asked().len(), 3);
    });
}

#[test]
fn one_no_in_a_directory_is_enough() {
    mounted(|world| {
        fill(world, "d", 3);
        assert!(!world.errand(1, "rm d/f0; rm d/f1; rm d/f2").0);
        assert_eq!(world.asked().len(), 1);
        world.says(Says::Yes);
        assert!(world.errand(2, "rm d/f0; rm d/f1; rm d/f2; rmdir d").0);
        let trees: Vec<_> = world.asked().iter().map(|inquiry| inquiry.effects.clone()).collect();
        let tree = |path: &str| vec![Effect::DeletePath(path.to_owned())];
        assert_eq!(trees[1..], [tree("/work/x/d/f0"), tree("/work/x/d")]);
    });
}

#[test]
fn what_cannot_be_kept_asks_before_it_changes() {
    mounted_with(share::GuardedShares::with_copy_cap(1000), |world| {
        fs::write(world.host().join("large"), vec![7; 2000]).unwrap();
        fs::write(world.host().join("small"), "1").unwrap();
        assert!(!world.errand(1, "echo more >> large").0);
        assert!(world.errand(1, "echo more >> small").0);
        assert_eq!(fs::metadata(world.host().join("large")).unwrap().len(), 2000);
        let asked = world.asked();
        assert_eq!(asked.len(), 1);
        assert!(asked[0].reason.contains("cannot be undone"), "{}", asked[0].reason);
        world.says(Says::Yes);
        let (success, changes) = world.errand(2, "echo more >> large");
        assert!(success);
        assert_eq!(changes.len(), 1);
    });
}
