//! A ticket is good once, for a minute, and few are open at a time.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::Duration;

use crate::Tickets;

fn mint(tickets: &Tickets) -> String {
    let address = tickets.address(SocketAddr::from(([127, 0, 0, 1], 4000))).unwrap();
    address.strip_prefix("http://127.0.0.1:4000/?ticket=").unwrap().to_owned()
}

#[tokio::test(start_paused = true)]
async fn a_ticket_is_good_once_and_for_a_minute() {
    let tickets = Tickets::default();
    let (used, late, last) = (mint(&tickets), mint(&tickets), mint(&tickets));
    assert!(used.len() == 32 && used.bytes().all(|digit| digit.is_ascii_hexdigit()), "{used}");
    assert!(!tickets.take("") && !tickets.take(&used[..31]));
    assert!(tickets.clone().take(&used), "every door knows it");
    assert!(!tickets.take(&used));
    tokio::time::advance(Duration::from_millis(59_999)).await;
    assert!(tickets.take(&last));
    tokio::time::advance(Duration::from_millis(1)).await;
    assert!(!tickets.take(&late));
    assert_eq!(format!("{tickets:?}"), "Tickets(…)");
}

#[tokio::test(start_paused = true)]
async fn few_are_open_and_the_oldest_goes_first() {
    let tickets = Tickets::default();
    let minted: Vec<String> = (0..9).map(|_| mint(&tickets)).collect();
    assert_eq!(minted.iter().collect::<BTreeSet<_>>().len(), 9);
    let good: Vec<bool> = minted.iter().map(|ticket| tickets.take(ticket)).collect();
    assert_eq!(good, [false, true, true, true, true, true, true, true, true]);
}
