//! Tables of names.

use event::{TaskId, Timestamp};

use crate::layout::{folder_name, imported_name, task_of};

fn task() -> TaskId {
    TaskId::parse("0123456789").expect("an id")
}

#[test]
fn a_folder_is_named_after_date_slug_and_id() {
    let day = 86_400_000;
    let table = [
        (0, "Sort my Invoices!", "1970-01-01-sort-my-invoices-0123456789"),
        (-1, "x", "1969-12-31-x-0123456789"),
        (951_782_400_000, "leap", "2000-02-29-leap-0123456789"),
        (951_782_400_000 + day, "leap", "2000-03-01-leap-0123456789"),
        (4_107_542_400_000, "no leap", "2100-03-01-no-leap-0123456789"),
        (4_107_542_400_000 - day, "no leap", "2100-02-28-no-leap-0123456789"),
        (1_798_761_599_999, "..//..", "2026-12-31-task-0123456789"),
        (1_798_761_599_999, "../../etc/passwd", "2026-12-31-etc-passwd-0123456789"),
        (1_798_761_599_999, "Größe ＆ 売上", "2026-12-31-größe-売上-0123456789"),
        (1_798_761_599_999, "", "2026-12-31-task-0123456789"),
        (1_798_761_599_999, "a\0b\nc", "2026-12-31-a-b-c-0123456789"),
    ];
    let named: Vec<String> = table.iter().map(|(at, slug, _)| folder_name(Timestamp(*at), slug, task())).collect();
    let wanted: Vec<&str> = table.iter().map(|(_, _, name)| *name).collect();
    assert_eq!(named, wanted);
}

#[test]
fn a_long_slug_still_makes_a_valid_name() {
    let name = folder_name(Timestamp(0), &"売".repeat(500), task());
    assert_eq!(name, format!("1970-01-01-{}-0123456789", "売".repeat(48)));
    assert!(folder_name(Timestamp(0), &"𐐨".repeat(500), task()).len() <= 255);
}

#[test]
fn the_task_is_the_last_part_of_the_name() {
    let table = [
        ("2026-01-01-a-0123456789", Some(task())),
        ("moved-0123456789", Some(task())),
        ("0123456789", None),
        ("2026-01-01-a-0123456789 (copy)", None),
        ("2026-01-01-a-012345678", None),
        ("2026-01-01-a-012345678I", None),
        ("2026-01-01-a-ABCDEFGHJK", None),
        ("", None),
    ];
    for (name, wanted) in table {
        assert_eq!(task_of(name), wanted, "{name}");
    }
}

#[test]
fn an_imported_folder_keeps_its_date_and_slug() {
    let at = Timestamp(951_782_400_000);
    let table = [
        ("2026-01-01-tidy-up-0123456789", "2026-01-01-tidy-up-0123456789"),
        ("Tidy Up-0123456789", "2000-02-29-tidy-up-0123456789"),
        ("2026-01-01-\u{1b}[2J\u{202e}x-0123456789", "2026-01-01-2j-x-0123456789"),
        ("é-0123456789", "2000-02-29-é-0123456789"),
        ("-0123456789", "2000-02-29-task-0123456789"),
    ];
    for (name, wanted) in table {
        assert_eq!(imported_name(name, task(), at), wanted, "{name}");
    }
}
