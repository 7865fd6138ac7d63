//! Ways out of a folder: each must be refused for reading and for writing, for the right reason.

use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;

use folder::{Expect, Replacement, Writer};

use crate::world::{CANARY, World, author, variant};

fn furnish(world: &World) -> UnixListener {
    let reports = world.path("Reports");
    let outside = world.path("outside");
    std::fs::write(reports.join("a.txt"), "inside").unwrap();
    std::fs::create_dir_all(reports.join("sub/deep")).unwrap();
    std::fs::create_dir_all(reports.join(".ssh")).unwrap();
    std::fs::write(reports.join(".ssh/id"), CANARY).unwrap();
    std::fs::write(reports.join("sub/b.txt"), "inside").unwrap();
    symlink(outside.join("canary"), reports.join("link-file")).unwrap();
    symlink(&outside, reports.join("link-dir")).unwrap();
    symlink("link-dir", reports.join("chain")).unwrap();
    symlink("chain", reports.join("chain2")).unwrap();
    symlink(outside.join("not-there"), reports.join("dangling")).unwrap();
    symlink("a.txt", reports.join("link-inside")).unwrap();
    symlink("sub", reports.join("link-inside-dir")).unwrap();
    symlink("../../outside", reports.join("sub/climb")).unwrap();
    symlink("loop", reports.join("loop")).unwrap();
    symlink("/proc/self/root", reports.join("magic-root")).unwrap();
    symlink("/proc/self/cwd", reports.join("magic-cwd")).unwrap();
    symlink("/dev/null", reports.join("device-link")).unwrap();
    rustix::fs::mknodat(
        rustix::fs::CWD,
        reports.join("pipe"),
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::from_raw_mode(0o644),
        0,
    )
    .unwrap();
    symlink("/etc", world.path("outputs").join("etc")).unwrap();
    UnixListener::bind(reports.join("socket")).unwrap()
}

/// Path, why reading fails, why writing fails.
const ROWS: &[(&str, &str, &str)] = &[
    // no path at all
    ("", "BadName", "BadName"),
    (" ", "NotAbsolute", "NotAbsolute"),
    ("a.txt", "NotAbsolute", "NotAbsolute"),
    ("work/Reports/a.txt", "NotAbsolute", "NotAbsolute"),
    ("./work/Reports/a.txt", "NotAbsolute", "NotAbsolute"),
    ("~/a.txt", "NotAbsolute", "NotAbsolute"),
    ("file:///work/Reports/a.txt", "NotAbsolute", "NotAbsolute"),
    ("\\work\\Reports\\a.txt", "NotAbsolute", "NotAbsolute"),
    // climbing
    ("/work/Reports/..", "Climbs", "Climbs"),
    ("/work/Reports/../outside/canary", "Climbs", "Climbs"),
    ("/work/Reports/sub/../../outside/canary", "Climbs", "Climbs"),
    ("/work/Reports/../../etc/passwd", "Climbs", "Climbs"),
    ("/work/../work/Reports/a.txt", "Climbs", "Climbs"),
    ("/work/..", "Climbs", "Climbs"),
    ("/work/../..", "Climbs", "Climbs"),
    ("/..", "Climbs", "Climbs"),
    ("/../outputs/a", "Climbs", "Climbs"),
    ("/work/Reports/sub/./../a.txt", "Climbs", "Climbs"),
    // places that are not this task's
    ("/", "Outside", "Outside"),
    ("//", "Outside", "Outside"),
    ("/work", "Outside", "Outside"),
    ("/work/", "Outside", "Outside"),
    ("/work//", "Outside", "Outside"),
    ("/work/Rep", "Outside", "Outside"),
    ("/work/Rep/a.txt", "Outside", "Outside"),
    ("/work/Reports2/a.txt", "Outside", "Outside"),
    ("/work/Reports /a.txt", "Outside", "Outside"),
    ("/work/reports/a.txt", "Outside", "Outside"),
    ("/work/REPORTS/a.txt", "Outside", "Outside"),
    ("/Work/Reports/a.txt", "Outside", "Outside"),
    ("/work/Rep\u{43e}rts/a.txt", "Outside", "Outside"),
    ("/work/Reports\u{200b}/a.txt", "Outside", "Outside"),
    ("/work\u{2215}Reports/a.txt", "Outside", "Outside"),
    ("/outputs2/a", "Outside", "Outside"),
    ("/output", "Outside", "Outside"),
    ("/uploadsx/a", "Outside", "Outside"),
    ("/tmp/a", "Outside", "Outside"),
    ("/etc/passwd", "Outside", "Outside"),
    ("/proc/self/root/etc/passwd", "Outside", "Outside"),
    ("/dev/null", "Outside", "Outside"),
    // symbolic links
    ("/work/Reports/link-file", "SymbolicLink", "SymbolicLink"),
    ("/work/Reports/link-file/", "SymbolicLink", "BadName"),
    ("/work/Reports/link-dir/canary", "SymbolicLink", "SymbolicLink"),
    ("/work/Reports/link-dir", "SymbolicLink", "SymbolicLink"),
    ("/work/Reports/link-dir/new/file", "SymbolicLink", "SymbolicLink"),
    ("/work/Reports/chain/canary", "SymbolicLink", "SymbolicLink"),
    ("/work/Reports/chain2/canary", "SymbolicLink", "SymbolicLink"),
    ("/work/Reports/dangling", "SymbolicLink", "SymbolicLink"),
    ("/work/Reports/link-inside", "SymbolicLink", "SymbolicLink"),
    ("/work/Reports/link-inside-dir/b.txt", "SymbolicLink", "SymbolicLink"),
    ("/work/Reports/sub/climb/canary", "SymbolicLink", "SymbolicLink"),
    ("/work/Reports/loop", "SymbolicLink", "SymbolicLink"),
    ("/work/Reports/magic-root/etc/passwd", "SymbolicLink", "SymbolicLink"),
    ("/work/Reports/magic-cwd/Cargo.toml", "SymbolicLink", "SymbolicLink"),
    ("/work/Reports/device-link", "SymbolicLink", "SymbolicLink"),
    ("/outputs/etc/passwd", "SymbolicLink", "SymbolicLink"),
    // names that are none
    ("/work/Reports/a.txt\0", "BadName", "BadName"),
    ("/work/Reports/a.txt\0.png", "BadName", "BadName"),
    ("/work/Rep\0orts/a.txt", "BadName", "BadName"),
    ("/work/Reports/line\nbreak", "NotFound", "BadName"),
    ("/work/Reports/\u{1b}[2J", "NotFound", "BadName"),
    // not regular files
    ("/work/Reports/pipe", "Special", "Special"),
    ("/work/Reports/socket", "Special", "Special"),
    ("/work/Reports/sub", "IsADirectory", "IsADirectory"),
    ("/work/Reports/sub/", "IsADirectory", "BadName"),
    ("/work/Reports", "IsADirectory", "IsADirectory"),
    ("/work/Reports/", "IsADirectory", "IsADirectory"),
    ("/work/Reports/.", "IsADirectory", "IsADirectory"),
    ("/work/Reports/a.txt/", "NotADirectory", "BadName"),
    ("/work/Reports/a.txt/.", "NotADirectory", "BadName"),
    ("/work/Reports/a.txt/b", "NotADirectory", "NotADirectory"),
    ("/work/Reports/a.txt/b/c", "NotADirectory", "NotADirectory"),
    // kept from tasks
    ("/work/Reports/.ssh/id", "Secret", "Secret"),
    ("/work/Reports/.SSH/id", "Secret", "Secret"),
    ("/work/Reports/.ssh", "Secret", "Secret"),
    ("/work/Reports/sub/.gnupg/new", "Secret", "Secret"),
    ("/work/Reports/.deskhand/x", "Secret", "Secret"),
    ("/work/Reports/.deskhand-0123456789abcdef.tmp", "Reserved", "Reserved"),
    ("/work/Reports/.Deskhand-x.TMP", "Reserved", "Reserved"),
    // look-alikes of real names are other names
    ("/work/Reports/\u{430}.txt", "NotFound", "written"),
    ("/work/Reports/..hidden", "NotFound", "written"),
    ("/work/Reports/...", "NotFound", "written"),
    ("/work/Reports/%2e%2e", "NotFound", "written"),
    ("/work/Reports/..\\outside", "NotFound", "written"),
    ("/work/Reports/\u{2024}\u{2024}/canary", "NotFound", "written"),
    // read-only places
    ("/work/Taxes/new.txt", "NotFound", "ReadOnly"),
    ("/uploads/new.txt", "NotFound", "ReadOnly"),
];

/// The rows, with those that depend on where the world lies.
fn table(world: &World) -> Vec<(String, &'static str, &'static str)> {
    let host = |name: &str| world.path(name).to_str().unwrap().to_owned();
    let mut rows: Vec<_> = ROWS.iter().map(|(path, read, write)| ((*path).to_owned(), *read, *write)).collect();
    rows.extend([
        (host("outside/canary"), "Outside", "Outside"),
        (host("xReports/canary"), "Outside", "Outside"),
        (host("Reports/a.txt"), "Outside", "Outside"),
        (format!("/work/Reports{}", host("outside/canary")), "NotFound", "written"),
        (format!("/work/Reports/{}", "n".repeat(256)), "TooLong", "TooLong"),
        (format!("/work/Reports/{}", "d/".repeat(3_000)), "TooLong", "TooLong"),
        (format!("/work/Reports/{}", "é".repeat(128)), "TooLong", "TooLong"),
    ]);
    rows
}

#[test]
fn every_way_out_is_refused() {
    let world = World::new();
    let _socket = furnish(&world);
    let (guard, journal) = (world.guard(), world.journal());
    let writer = Writer::new(&guard, &journal, author(1));
    let (outside, neighbour) = (world.snapshot("outside"), world.snapshot("xReports"));
    let rows = table(&world);
    assert!(rows.len() >= 90, "{} rows", rows.len());
    for (path, reading, writing) in &rows {
        let read = guard.open(path).map(|mut file| file.read_all(1 << 20).unwrap());
        let found = match &read {
            Ok(bytes) => format!("read {}", String::from_utf8_lossy(bytes)),
            Err(error) => variant(error),
        };
        assert_eq!(found, *reading, "reading {path:?}: {read:?}");
        let put = writer.put(path, &Replacement::bytes(b"hostile", Expect::Anything));
        let found = match &put {
            Ok(_) => "written".to_owned(),
            Err(error) => variant(error),
        };
        assert_eq!(found, *writing, "writing {path:?}: {put:?}");
    }
    assert_eq!(world.snapshot("outside"), outside);
    assert_eq!(world.snapshot("xReports"), neighbour);
    assert_eq!(world.names("Taxes"), Vec::<String>::new());
    assert_eq!(world.names("uploads"), Vec::<String>::new());
    assert_eq!(world.read("Reports/a.txt"), "inside");
    assert_eq!(std::fs::read(world.path("Reports/.ssh/id")).unwrap(), CANARY);
}

#[test]
fn other_operations_refuse_the_same() {
    let world = World::new();
    let _socket = furnish(&world);
    let (guard, journal) = (world.guard(), world.journal());
    let writer = Writer::new(&guard, &journal, author(1));
    let outside = world.snapshot("outside");
    let link = "/work/Reports/link-dir";
    assert_eq!(variant(&guard.list(link).unwrap_err()), "SymbolicLink");
    assert_eq!(variant(&guard.look(link).unwrap_err()), "SymbolicLink");
    assert_eq!(variant(&guard.mark(link).unwrap_err()), "SymbolicLink");
    assert_eq!(variant(&guard.walk(link, &mut |_| std::ops::ControlFlow::Continue(())).unwrap_err()), "SymbolicLink");
    assert_eq!(variant(&writer.remove("/work/Reports/link-file", Expect::Anything).unwrap_err()), "SymbolicLink");
    assert_eq!(variant(&writer.remove("/work/Reports/link-dir/canary", Expect::Anything).unwrap_err()), "SymbolicLink");
    assert_eq!(variant(&writer.make_directory("/work/Reports/link-dir/d", None).unwrap_err()), "SymbolicLink");
    assert_eq!(variant(&writer.make_directory("/work/Reports/link-dir", None).unwrap_err()), "SymbolicLink");
    assert_eq!(variant(&writer.remove_directory("/work/Reports/link-dir").unwrap_err()), "NotADirectory");
    assert_eq!(variant(&writer.remove("/work/Reports", Expect::Anything).unwrap_err()), "IsADirectory");
    assert_eq!(variant(&writer.remove("/work/Taxes/x", Expect::Anything).unwrap_err()), "ReadOnly");
    assert_eq!(world.snapshot("outside"), outside);
    assert!(world.path("Reports/link-file").is_symlink());
}

#[test]
fn the_error_names_the_link() {
    let world = World::new();
    let _socket = furnish(&world);
    let error = world.guard().open("/work/Reports/sub/climb/canary").unwrap_err();
    assert_eq!(
        error.to_string(),
        "`/work/Reports/sub/climb/canary` cannot be used: `/work/Reports/sub/climb` is a symbolic link, and links are \
         not followed"
    );
}

#[test]
fn a_folder_that_became_a_link_is_gone() {
    let world = World::new();
    std::fs::remove_dir(world.path("Reports")).unwrap();
    assert_eq!(variant(&world.guard().open("/work/Reports/a").unwrap_err()), "Gone");
    symlink(world.path("outside"), world.path("Reports")).unwrap();
    let error = world.guard().open("/work/Reports/canary").unwrap_err();
    assert_eq!(variant(&error), "Gone");
    assert!(error.to_string().ends_with("a symbolic link stands in its path now"), "{error}");
    assert_eq!(variant(&world.try_put(1, "/work/Reports/canary", "x").unwrap_err()), "Gone");
    assert_eq!(std::fs::read(world.path("outside/canary")).unwrap(), CANARY);
}

#[test]
fn slashes_and_dots_lead_to_the_same_file() {
    let world = World::new();
    std::fs::write(world.path("Reports/a.txt"), "inside").unwrap();
    for path in ["/work/Reports/a.txt", "//work///Reports//a.txt", "/work/./Reports/./a.txt"] {
        let file = world.guard().open(path).unwrap();
        assert_eq!(file.path(), "/work/Reports/a.txt");
    }
}
