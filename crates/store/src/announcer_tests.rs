//! Telling listeners, slow ones included.

use event::TaskId;
use futures_util::{FutureExt, StreamExt};

use crate::{Announcer, News};

fn gone(number: u64) -> News {
    News::Gone(TaskId::from_random(number.to_le_bytes()))
}

/// What a listener can take without waiting, and whether its stream has ended.
fn waiting(headlines: &mut crate::Headlines) -> (Vec<News>, bool) {
    let mut taken = Vec::new();
    loop {
        match headlines.next().now_or_never() {
            Some(Some(news)) => taken.push(news),
            Some(None) => return (taken, true),
            None => return (taken, false),
        }
    }
}

#[test]
fn everybody_who_listens_hears_everything_in_order() {
    let announcer = Announcer::default();
    assert!(!announcer.is_heard());
    announcer.tell(vec![gone(1)]);
    let mut early = announcer.listen();
    announcer.tell(vec![gone(2), gone(3)]);
    let mut late = announcer.listen();
    announcer.tell(vec![gone(4)]);
    assert!(announcer.is_heard());
    assert_eq!(waiting(&mut early), (vec![gone(2), gone(3), gone(4)], false));
    assert_eq!(waiting(&mut late), (vec![gone(4)], false));
    announcer.tell(vec![gone(5)]);
    announcer.close();
    assert_eq!(waiting(&mut early), (vec![gone(5)], true));
    assert_eq!(waiting(&mut announcer.listen()), (vec![], true));
    drop((early, late));
    assert!(!announcer.is_heard());
}

#[test]
fn nobody_is_heard_once_the_last_listener_has_gone() {
    let announcer = Announcer::default();
    let one = announcer.listen();
    let other = announcer.listen();
    drop(one);
    assert!(announcer.is_heard());
    drop(other);
    assert!(!announcer.is_heard());
}

#[test]
fn a_slow_listener_is_told_that_it_missed_some_and_goes_on() {
    let announcer = Announcer::default();
    let mut slow = announcer.listen();
    for number in 0..1000 {
        announcer.tell(vec![gone(number)]);
    }
    assert_eq!(waiting(&mut slow), (vec![News::Missed], false));
    announcer.tell(vec![gone(1)]);
    assert_eq!(waiting(&mut slow), (vec![gone(1)], false));
}

#[test]
fn a_flood_is_one_piece_of_news() {
    let announcer = Announcer::default();
    let mut listener = announcer.listen();
    announcer.tell((0..10_000).map(gone).collect());
    assert_eq!(waiting(&mut listener), (vec![News::Missed], false));
}
