//! Titles, slugs and ids of new tasks.

use event::CommandId;

use crate::NewTask;
use crate::new_task::{slug_of, title_of};

#[test]
fn titles_are_the_first_words() {
    for (prompt, title) in [
        ("Tidy my downloads", "Tidy my downloads"),
        ("\n\n  First line \nsecond", "First line"),
        ("", "New task"),
        (
            "Please read every invoice in the folder and make one table of all of them",
            "Please read every invoice in the folder and make one table…",
        ),
    ] {
        assert_eq!(title_of(prompt), title);
    }
}

#[test]
fn slugs_are_plain() {
    for (title, slug) in [
        ("Tidy my downloads", "tidy-my-downloads"),
        ("Ärger & Co. — Übersicht", "rger-co-bersicht"),
        ("../../etc", "etc"),
        ("日本語", "task"),
    ] {
        assert_eq!(slug_of(title), slug);
    }
}

#[test]
fn a_repeated_command_gives_the_same_id() {
    let with = |command: &str| NewTask { command: Some(CommandId::from(command)), ..NewTask::default() };
    assert_eq!(with("a").task_id([1; 8]), with("a").task_id([2; 8]));
    assert_ne!(with("a").task_id([1; 8]), with("b").task_id([1; 8]));
    let ids: std::collections::HashSet<_> = (0..2_000).map(|n| with(&format!("cmd-{n}")).task_id([0; 8])).collect();
    assert_eq!(ids.len(), 2_000);
}
