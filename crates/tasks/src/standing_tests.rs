//! Standing permissions: what they cover in a later task, and taking them back.

use event::{Access, Effect, Folder, Grant, GrantId, Scope};

use crate::{Reach, StandingGrants};

fn folder(name: &str, path: &str) -> Folder {
    Folder { name: name.into(), path: path.into(), access: Access::ReadWrite }
}

fn write(path: &str) -> Effect {
    Effect::WritePath(path.into())
}

fn run() -> Effect {
    Effect::Run(String::new())
}

#[test]
fn a_folder_keeps_its_permission_under_another_name() {
    let home = tempfile::tempdir().unwrap();
    let standing = StandingGrants::new(home.path());
    let given_in = [folder("Reports", "/a/Reports"), folder("Other", "/a/Other")];
    standing
        .keep(&[write("/work/Reports/x.md"), Effect::DeletePath("/work/Reports".into())], &given_in, Reach::Folders)
        .unwrap();
    let later = |folders: &[Folder]| standing.for_folders(folders).unwrap();
    assert_eq!(later(&[folder("Reports-2", "/a/Reports")]), [write("/work/Reports-2")]);
    assert_eq!(later(&[folder("Other", "/a/Other"), folder("Reports", "/b/Reports")]), []);
    standing.revoke(&GrantId::from("s1")).unwrap();
    assert_eq!(later(&given_in), []);
}

#[test]
fn commands_are_covered_only_where_every_folder_allows_them() {
    let home = tempfile::tempdir().unwrap();
    let standing = StandingGrants::new(home.path());
    let (one, two) = (folder("One", "/a/One"), folder("Two", "/a/Two"));
    standing.keep(&[Effect::Run("make".into())], std::slice::from_ref(&one), Reach::Folders).unwrap();
    assert_eq!(standing.for_folders(std::slice::from_ref(&one)).unwrap(), [run()]);
    assert_eq!(standing.for_folders(&[one.clone(), two.clone()]).unwrap(), []);
    assert_eq!(standing.for_folders(&[]).unwrap(), []);
    standing.keep(&[Effect::Run("make".into()), write("/work/One/a")], &[one], Reach::Everywhere).unwrap();
    assert_eq!(standing.for_folders(&[]).unwrap(), [run()]);
    assert_eq!(standing.for_folders(&[two]).unwrap(), [write("/work/Two"), run()]);
}

#[test]
fn a_file_that_is_not_understood_is_an_error_and_not_no_permission() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("grants.json"), "[{").unwrap();
    let error = StandingGrants::new(home.path()).list().unwrap_err();
    assert_eq!(error.code(), "standing");
}

#[test]
fn a_host_is_kept_for_every_folder_or_not_at_all() {
    let home = tempfile::tempdir().unwrap();
    let standing = StandingGrants::new(home.path());
    let host = Effect::Connect("files.example.org".into());
    standing.keep(std::slice::from_ref(&host), &[folder("One", "/a/One")], Reach::Folders).unwrap();
    assert_eq!(standing.list().unwrap(), []);
    standing.keep(std::slice::from_ref(&host), &[], Reach::Everywhere).unwrap();
    assert_eq!(standing.for_folders(&[folder("Other", "/b/Other")]).unwrap(), [host]);
}

#[test]
fn a_task_loses_what_it_had_from_there_and_from_nowhere_else() {
    let home = tempfile::tempdir().unwrap();
    let standing = StandingGrants::new(home.path());
    let folders = [folder("One", "/a/One"), folder("Two", "/a/Two")];
    standing.keep(&[write("/work/One/a"), run()], &folders, Reach::Folders).unwrap();
    standing.keep(&[write("/work/Two/a")], &folders, Reach::Folders).unwrap();
    let grant = |id: &str, scope, allows| Grant { id: GrantId::from(id), scope, allows };
    let grants = [
        grant("g1", Scope::Folder, write("/work/One")),
        grant("g2", Scope::Always, write("/work/Two")),
        grant("g3", Scope::Task, write("/work/One")),
        grant("g4", Scope::Folder, run()),
    ];
    let lost = |id: &str| {
        let taken = standing.revoke(&GrantId::from(id)).unwrap().unwrap();
        let lost = standing.lost(&taken, &folders, &grants).unwrap();
        lost.into_iter().map(|grant| grant.0).collect::<Vec<_>>()
    };
    assert_eq!(lost("s1"), ["g1"], "what was given for this task only stays");
    assert_eq!(lost("s2"), ["g4"], "commands need every folder");
    assert_eq!(lost("s4"), ["g2"]);
    // What another one still covers is not lost.
    standing.keep(&[write("/work/One/a")], &folders[..1], Reach::Folders).unwrap();
    standing.keep(&[write("/work/One/a")], &folders[..1], Reach::Everywhere).unwrap();
    assert_eq!(lost("s4"), [""; 0]);
}
