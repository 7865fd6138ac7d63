//! The table of permissions: every effect in every mode, grants, gravity, the organisation.

use event::{Access, Effect, Folder, Grant, GrantId, Mode, Scope};

use crate::{Organisation, Permission, Rules, Verdict, decide};

fn folders() -> Vec<Folder> {
    vec![
        Folder { name: "Reports".into(), path: "/home/ann/Reports".into(), access: Access::ReadWrite },
        Folder { name: "Taxes".into(), path: "/home/ann/Taxes".into(), access: Access::ReadOnly },
    ]
}

fn letter(verdict: &Verdict) -> char {
    match verdict {
        Verdict::Allow => 'A',
        Verdict::Ask { .. } => '?',
        Verdict::Deny { .. } => 'X',
    }
}

/// One effect in the three modes: ask, auto, skip.
fn row(effect: &Effect) -> String {
    let organisation = Organisation::default();
    [Mode::Ask, Mode::Auto, Mode::Skip]
        .map(|mode| {
            let rules = Rules { mode, folders: &folders(), grants: &[], organisation: &organisation };
            letter(&decide(std::slice::from_ref(effect), &rules))
        })
        .into_iter()
        .collect()
}

#[test]
fn each_effect_in_each_mode() {
    let read = |path: &str| Effect::ReadPath(path.into());
    let write = |path: &str| Effect::WritePath(path.into());
    let delete = |path: &str| Effect::DeletePath(path.into());
    let table = [
        (read("/work/Reports/a.csv"), "AAA"),
        (read("/work/Taxes/2025.pdf"), "AAA"),
        (read("/outputs/r.md"), "AAA"),
        (read("/uploads/in.csv"), "AAA"),
        (read("/etc/passwd"), "XXX"),
        (read("/work/Other/a"), "XXX"),
        (read("/work"), "XXX"),
        (read("relative"), "XXX"),
        (read("/work/Reports/../Secret/a"), "XXX"),
        (read("/work/Reports/../../etc/passwd"), "XXX"),
        (read("/../work/Reports/a"), "XXX"),
        (write("/work/Reports/a.csv"), "?AA"),
        (write("/work/Taxes/a.csv"), "XXX"),
        (write("/outputs/report.md"), "AAA"),
        (write("/uploads/in.csv"), "XXX"),
        (write("/work/Reports/../Taxes/a"), "XXX"),
        (delete("/work/Reports/a.csv"), "???"),
        (delete("/work/Taxes/a.csv"), "XXX"),
        (delete("/outputs/a"), "???"),
        (Effect::Run("ls".into()), "?AA"),
        (Effect::Connect("example.org".into()), "??A"),
        (Effect::Send { connector: "mail".into(), tool: "send".into() }, "??A"),
        (Effect::Browse("example.org".into()), "??A"),
        (Effect::Control("Calculator".into()), "??A"),
        (Effect::Schedule("weekly".into()), "??A"),
        (Effect::Remember("tone".into()), "?AA"),
    ];
    for (effect, expected) in table {
        assert_eq!(row(&effect), expected, "{effect:?}");
    }
}

#[test]
fn a_grant_covers_its_kind_and_what_lies_beneath() {
    let organisation = Organisation::default();
    let ask = |grant: Effect, effect: Effect| {
        let grants = [Grant { id: GrantId::from("g1"), scope: Scope::Task, allows: grant }];
        let rules = Rules { mode: Mode::Ask, folders: &folders(), grants: &grants, organisation: &organisation };
        letter(&decide(&[effect], &rules))
    };
    let write = |path: &str| Effect::WritePath(path.into());
    let run = |command: &str| Effect::Run(command.into());
    assert_eq!(ask(write("/work/Reports"), write("/work/Reports/a")), 'A');
    assert_eq!(ask(write("/work/Reports/in"), write("/work/Reports/in/../a")), '?');
    assert_eq!(ask(write("/work/Reports"), write("/work/Reports")), 'A');
    assert_eq!(ask(write("/work/Rep"), write("/work/Reports/a")), '?');
    assert_eq!(ask(write("/work/Reports"), run("ls")), '?');
    assert_eq!(ask(write("/work/Taxes"), write("/work/Taxes/a")), 'X');
    assert_eq!(ask(run(""), run("make")), 'A');
    assert_eq!(ask(run("ls"), run("ls -l")), '?');
    let delete = Effect::DeletePath("/work/Reports/a".into());
    assert_eq!(ask(delete.clone(), delete), '?', "no stored grant covers a deletion");
}

#[test]
fn each_effect_offers_the_scopes_that_make_sense_for_it() {
    use Scope::{Always, Folder, Once, Task};
    let organisation = Organisation::default();
    let rules = Rules { mode: Mode::Ask, folders: &folders(), grants: &[], organisation: &organisation };
    let table = [
        (Effect::DeletePath("/work/Reports/a".into()), vec![Once]),
        (Effect::Connect("example.org".into()), vec![Once, Task, Always]),
        (Effect::Run("ls".into()), vec![Once, Task, Folder, Always]),
        (Effect::WritePath("/work/Reports/a".into()), vec![Once, Task, Folder, Always]),
        (Effect::Schedule("weekly".into()), vec![Once]),
        (Effect::Browse("example.org".into()), vec![Once, Task]),
    ];
    for (effect, expected) in table {
        match decide(std::slice::from_ref(&effect), &rules) {
            Verdict::Ask { offers, .. } => assert_eq!(offers, expected, "{effect:?}"),
            other => panic!("{effect:?}: {other:?}"),
        }
    }
}

#[test]
fn a_host_that_was_allowed_stands_for_itself_only() {
    let organisation = Organisation::default();
    let connect = |host: &str| Effect::Connect(host.into());
    let grants = [Grant { id: GrantId::from("g1"), scope: Scope::Always, allows: connect("example.org") }];
    let rules = Rules { mode: Mode::Auto, folders: &folders(), grants: &grants, organisation: &organisation };
    for (host, expected) in [("example.org", 'A'), ("www.example.org", '?'), ("example.org.evil.net", '?')] {
        assert_eq!(letter(&decide(&[connect(host)], &rules)), expected, "{host}");
    }
    assert_eq!(letter(&decide(&[connect("example.org"), Effect::DeletePath("/outputs/a".into())], &rules)), '?');
}

#[test]
fn the_gravest_effect_speaks() {
    let organisation = Organisation::default();
    let rules = Rules { mode: Mode::Ask, folders: &folders(), grants: &[], organisation: &organisation };
    let verdict = decide(&[Effect::Run("rm a".into()), Effect::DeletePath("/work/Reports".into())], &rules);
    assert_eq!(
        verdict,
        Verdict::Ask {
            reason: "delete from `/work/Reports`; deletion asks every time".into(),
            offers: vec![Scope::Once],
        }
    );
    let denied = decide(&[Effect::Run("x".into()), Effect::ReadPath("/etc/shadow".into())], &rules);
    assert_eq!(letter(&denied), 'X');
    assert_eq!(decide(&[], &rules), Verdict::Allow);
}

#[test]
fn the_organisation_only_narrows() {
    let organisation = Organisation { loosest_mode: Some(Mode::Ask), commands: Permission::Open };
    let rules = Rules { mode: Mode::Skip, folders: &folders(), grants: &[], organisation: &organisation };
    assert_eq!(letter(&decide(&[Effect::Run("ls".into())], &rules)), '?');
    let closed = Organisation { loosest_mode: None, commands: Permission::Closed };
    let rules = Rules { mode: Mode::Skip, folders: &folders(), grants: &[], organisation: &closed };
    assert_eq!(letter(&decide(&[Effect::Run("ls".into())], &rules)), 'X');
}
