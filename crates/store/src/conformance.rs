//! What every store has to do, as tests that each implementation runs on a fresh store of its own.
//!
//! [`conformance_tests!`](crate::conformance_tests) makes one test of each. What only one store can do (torn files, full
//! disks, archives) is tested where that store lives.

mod keeping;
mod reading;
mod recents;
mod writing;

use std::error::Error;
use std::sync::Arc;

use event::{Actor, Block, Event, Fact, Limits, Mode, ModelRef, Reply, Stop, TaskId, TextBlock, Usage};

use crate::Draft;
pub use keeping::{
    a_removed_task_is_gone_until_it_is_restored, a_shelf_holds_what_was_put_there,
    headlines_are_silent_about_what_no_list_shows, headlines_tell_what_changes, removing_a_task_ends_its_watches,
    the_trash_is_emptied_by_age,
};
pub use reading::{
    a_reader_can_start_in_the_middle, a_reader_gets_what_is_stored_and_then_what_comes, a_reader_outlives_the_writer,
    a_slow_reader_falls_behind_and_catches_up, a_slow_reader_of_deltas_holds_nobody_up,
    many_readers_get_everything_once_in_order,
};
pub use recents::{recents_come_newest_first, recents_show_where_a_task_stands, search_wants_every_word};
pub use writing::{
    a_blob_is_named_by_its_digest, a_draft_is_kept_until_it_is_dropped, a_sync_covers_what_was_appended_before,
    a_task_exists_once, a_task_has_one_writer, an_empty_append_writes_nothing, an_intact_log_has_no_damage,
    an_unknown_task_is_an_error_everywhere, events_are_numbered_chained_and_read_back,
    every_task_has_places_of_its_own,
};

/// What a test of the suite gives back: anything unexpected that is not a plain failed comparison.
pub type Checked = Result<(), Box<dyn Error>>;

/// Makes a test of every case of the suite. `$fresh` is called for each and gives a pair: what has to live as long as
/// the test, and the store.
#[macro_export]
macro_rules! conformance_tests {
    ($fresh:expr) => {
        $crate::conformance_tests!(@plain $fresh;
            events_are_numbered_chained_and_read_back
            an_empty_append_writes_nothing
            a_task_exists_once
            an_unknown_task_is_an_error_everywhere
            a_task_has_one_writer
            a_draft_is_kept_until_it_is_dropped
            a_blob_is_named_by_its_digest
            every_task_has_places_of_its_own
            an_intact_log_has_no_damage
            recents_come_newest_first
            recents_show_where_a_task_stands
            search_wants_every_word
            a_shelf_holds_what_was_put_there
            a_removed_task_is_gone_until_it_is_restored
            the_trash_is_emptied_by_age
        );
        $crate::conformance_tests!(@waiting $fresh;
            a_reader_gets_what_is_stored_and_then_what_comes
            a_reader_can_start_in_the_middle
            a_reader_outlives_the_writer
            many_readers_get_everything_once_in_order
            a_slow_reader_falls_behind_and_catches_up
            a_slow_reader_of_deltas_holds_nobody_up
            a_sync_covers_what_was_appended_before
            removing_a_task_ends_its_watches
            headlines_tell_what_changes
            headlines_are_silent_about_what_no_list_shows
        );
    };
    (@plain $fresh:expr; $($case:ident)*) => {
        $(
            #[test]
            fn $case() -> $crate::conformance::Checked {
                let (_world, store) = $fresh();
                $crate::conformance::$case(&store)
            }
        )*
    };
    (@waiting $fresh:expr; $($case:ident)*) => {
        $(
            #[tokio::test]
            async fn $case() -> $crate::conformance::Checked {
                let (_world, store) = $fresh();
                $crate::conformance::$case(&store).await
            }
        )*
    };
}

/// A task id with a number in it.
pub fn id(number: u64) -> TaskId {
    TaskId::from_random(number.to_le_bytes())
}

/// A first event.
pub fn created(title: &str) -> Draft {
    let fact = Fact::TaskCreated {
        title: title.to_owned(),
        mode: Mode::Ask,
        model: ModelRef("script/test".to_owned()),
        folders: Vec::new(),
        limits: Limits::default(),
        project: None,
        tier: None,
        made_by: "deskhand test".to_owned(),
    };
    (Actor::User, fact)
}

/// The user says something.
pub fn said(text: &str) -> Draft {
    (Actor::User, Fact::Said { text: text.to_owned(), attachments: Vec::new(), command: None })
}

/// The model replies with text.
pub fn replied(text: &str) -> Draft {
    let reply = Reply {
        blocks: vec![Block::Text(TextBlock { text: text.to_owned(), wire: None })],
        stop: Stop::Finished,
        usage: Usage::default(),
        model: "test".to_owned(),
        dialect: "script".to_owned(),
    };
    (Actor::Model, Fact::Replied { step: 1, reply, ms: 1 })
}

fn numbers(events: &[Arc<Event>]) -> Vec<u64> {
    events.iter().map(|event| event.seq.0).collect()
}
