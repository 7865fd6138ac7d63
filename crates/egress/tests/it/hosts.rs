//! The parser of hosts, as a table through the door of the proxy, and against the `url` crate.

use egress::{Host, Target};
use proptest::prelude::*;

use crate::world::{Fixed, Server, World, listed, status};

/// What a text in a CONNECT leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Then {
    /// Connected.
    Yes,
    /// A host nobody listed: the user is asked, and says no.
    Asks,
    /// Refused without asking: it is no host that could be reached.
    No,
}
use Then::{Asks, No, Yes};

const LISTED: &[&str] = &["good.example", "*.files.example", "xn--bcher-kva.example", "127.0.0.1:8443"];

const TABLE: &[(&str, Then)] = &[
    // names that are listed
    ("good.example:443", Yes),
    ("GOOD.example:443", Yes),
    ("Good.Example:443", Yes),
    ("a.files.example:443", Yes),
    ("a.b.c.files.example:443", Yes),
    ("A-1.FILES.example:443", Yes),
    ("xn--bcher-kva.example:443", Yes),
    ("XN--BCHER-KVA.example:443", Yes),
    ("127.0.0.1:8443", Yes),
    // names that are not
    ("evil.example:443", Asks),
    ("files.example:443", Asks),
    ("good.example.evil.example:443", Asks),
    ("evilgood.example:443", Asks),
    ("evil-good.example:443", Asks),
    ("goodexample:443", Asks),
    ("xfiles.example:443", Asks),
    ("a.xfiles.example:443", Asks),
    ("a.files.example.evil.org:443", Asks),
    ("files.example.evil.org:443", Asks),
    ("good.example0:443", Asks),
    ("good.exampl:443", Asks),
    ("ood.example:443", Asks),
    ("www.good.example:443", Asks),
    ("sub.xn--bcher-kva.example:443", Asks),
    ("localhost:443", Asks),
    ("metadata.google.internal:443", Asks),
    ("1.2.3.4.nip.io:443", Asks),
    ("127.0.0.1.nip.io:443", Asks),
    ("0x7f.good.com:443", Asks),
    ("1.2.3.4a:443", Asks),
    ("a--b.example:443", Asks),
    ("0:443", No),
    // trailing dots and empty labels
    ("good.example.:443", No),
    ("good.example..:443", No),
    ("good..example:443", No),
    (".good.example:443", No),
    ("..:443", No),
    (".:443", No),
    (":443", No),
    ("", No),
    ("a.files.example.:443", No),
    (".files.example:443", No),
    // NUL, control characters, blanks
    ("good.example\0:443", No),
    ("good.example\0.evil.org:443", No),
    ("evil.org\0.files.example:443", No),
    ("good.example\t:443", No),
    ("good.example\x0b:443", No),
    ("good.example\x7f:443", No),
    ("good.example\x01:443", No),
    ("good.example\u{a0}:443", No),
    (" good.example:443", No),
    ("good.example :443", No),
    ("good.example: 443", No),
    ("good .example:443", No),
    ("good.example\n:443", No),
    ("good.example\r:443", No),
    // user names, paths, encodings
    ("user@good.example:443", No),
    ("user:pass@good.example:443", No),
    ("good.example@evil.org:443", No),
    ("good.example:443@evil.org:443", No),
    ("good.example%2eevil.org:443", No),
    ("good%2eexample:443", No),
    ("good.example%00.evil.org:443", No),
    ("good.example%20:443", No),
    ("good.example/:443", No),
    ("good.example/evil.org:443", No),
    ("good.example\\evil.org:443", No),
    ("good.example\\@evil.org:443", No),
    ("good.example?evil.org:443", No),
    ("good.example#evil.org:443", No),
    ("https://good.example:443", No),
    ("//good.example:443", No),
    ("good.example;evil.org:443", No),
    ("good.example,evil.org:443", No),
    ("good.example:443,evil.org:443", No),
    ("{good.example}:443", No),
    ("\"good.example\":443", No),
    ("*.files.example:443", No),
    ("*:443", No),
    ("$HOME.files.example:443", No),
    // underscores and hyphens
    ("_dmarc.files.example:443", No),
    ("a_b.files.example:443", No),
    ("-a.files.example:443", No),
    ("a-.files.example:443", No),
    ("-.files.example:443", No),
    ("good.-example:443", No),
    // other scripts, as they are and as broken xn--
    ("b\u{fc}cher.example:443", No),
    ("g\u{43e}\u{43e}d.example:443", No),
    ("good\u{3002}example:443", No),
    ("good\u{ff0e}example:443", No),
    ("good.example\u{200d}:443", No),
    ("\u{ff47}ood.example:443", No),
    ("good.\u{2460}xample:443", No),
    ("xn--.files.example:443", No),
    ("xn--a.files.example:443", No),
    ("xn--zzzzzzzz99999.files.example:443", No),
    ("xn--good-.files.example:443", No),
    ("xn--\u{fc}.files.example:443", No),
    // IPv4 in every form
    ("1.2.3.4:443", No),
    ("8.8.8.8:443", No),
    ("127.0.0.1:443", No),
    ("127.0.0.2:8443", No),
    ("127.1:8443", No),
    ("127.0.1:8443", No),
    ("127:8443", No),
    ("2130706433:8443", No),
    ("0x7f000001:8443", No),
    ("0X7F000001:8443", No),
    ("0x7f.0.0.1:8443", No),
    ("0x7f.1:8443", No),
    ("0177.0.0.1:8443", No),
    ("017700000001:8443", No),
    ("127.0.0.01:8443", No),
    ("127.0.0.1.:8443", No),
    ("127.000.000.001:8443", No),
    ("127.0.0.0x1:8443", No),
    ("0x:443", No),
    ("good.0x7f:443", No),
    ("1.2.3.4.5:443", No),
    ("good.example.1:443", No),
    ("256.256.256.256:443", No),
    ("169.254.169.254:80", No),
    ("169.254.169.254:443", No),
    ("0.0.0.0:8443", No),
    ("10.0.0.1:443", No),
    ("\u{ff11}27.0.0.1:8443", No),
    // IPv6
    ("[::1]:8443", No),
    ("[::1]:443", No),
    ("::1:443", No),
    ("[::ffff:127.0.0.1]:8443", No),
    ("[::ffff:7f00:1]:8443", No),
    ("[0:0:0:0:0:0:0:1]:8443", No),
    ("[::127.0.0.1]:8443", No),
    ("[::]:8443", No),
    ("[fe80::1%25eth0]:443", No),
    ("[fd00:ec2::254]:80", No),
    ("[2001:db8::1]:443", No),
    ("[2606:4700::1111]:443", No),
    ("[good.example]:443", No),
    ("[127.0.0.1]:8443", No),
    ("[::1:8443", No),
    ("::1]:8443", No),
    ("[]:443", No),
    ("[::1]8443", No),
    // ports
    ("good.example", No),
    ("good.example:", No),
    ("good.example:0", No),
    ("good.example:0443", No),
    ("good.example:+443", No),
    ("good.example:-443", No),
    ("good.example:443 ", No),
    ("good.example:443a", No),
    ("good.example:0x1bb", No),
    ("good.example:65536", No),
    ("good.example:66979", No),
    ("good.example:4294967739", No),
    ("good.example:18446744073709552059", No),
    ("good.example:443:443", No),
    ("good.example::443", No),
    ("good.example:\u{664}\u{664}\u{663}", No),
    ("good.example:80", No),
    ("good.example:22", No),
    ("good.example:8443", No),
    ("evil.example:22", No),
    ("127.0.0.1:8444", No),
];

#[tokio::test]
async fn every_text_in_a_connect_gets_the_right_answer_and_one_line() {
    let echo = Server::echo().await;
    let world = World::new(listed(LISTED));
    for name in ["good.example", "a.files.example", "a.b.c.files.example", "a-1.files.example", "xn--bcher-kva.example"]
    {
        world.internet.name(name, &[&["93.184.216.34"]]);
    }
    world.internet.server("93.184.216.34:443", echo.address);
    world.internet.server("127.0.0.1:8443", echo.address);
    let long: String = "a".repeat(64);
    let longest = format!("{0}.{0}.{0}.{1}.files.example:443", "a".repeat(63), "a".repeat(47));
    let too_long = format!("{0}.{0}.{0}.{1}.files.example:443", "a".repeat(63), "a".repeat(48));
    world.internet.name(longest.trim_end_matches(":443"), &[&["93.184.216.34"]]);
    let more = [
        (format!("{long}.files.example:443"), No),
        (format!("{}.files.example:443", &long[1..]), Yes),
        (longest, Yes),
        (too_long, No),
        ("a.".repeat(130) + "files.example:443", No),
    ];
    world.internet.name(&format!("{}.files.example", &long[1..]), &[&["93.184.216.34"]]);
    let table: Vec<(String, Then)> = TABLE.iter().map(|(text, then)| ((*text).to_owned(), *then)).chain(more).collect();
    assert!(table.len() >= 120, "{}", table.len());
    let mut wrong = Vec::new();
    for (text, then) in table {
        let asker = Fixed::no();
        world.begin(asker.clone());
        let before = world.ledger().len();
        let answer = world.probe(format!("CONNECT {text} HTTP/1.1\r\n\r\n").as_bytes()).await;
        let lines = world.ledger();
        let verdict = lines.last().unwrap()["verdict"].as_str().unwrap().to_owned();
        let got = match (status(&answer), asker.asked().len(), verdict.as_str()) {
            (200, 0, "allowed") => Some(Yes),
            (403, 1, "refused") => Some(Asks),
            (400 | 403, 0, "refused") => Some(No),
            _ => None,
        };
        if got != Some(then) || lines.len() != before + 1 {
            wrong.push((text, then, answer, lines.len() - before));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    // Nothing but what was listed was ever looked up.
    assert!(world.internet.resolved.lock().unwrap().iter().all(|name| name.ends_with(".example")));
}

#[test]
fn the_parser_reads_names_in_lower_case() {
    assert_eq!(Host::parse("Files.EXAMPLE").unwrap().as_str(), "files.example");
    assert_eq!(Target::parse("Files.EXAMPLE", Some(80)).unwrap().to_string(), "files.example:80");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_the_parser_accepts_the_reference_reads_alike(text in "[a-zA-Z0-9.x\\-]{1,30}|xn--[a-z0-9\\-]{1,12}\\.[a-z]{1,4}|\\PC{1,20}|[0-9xa-fA-F.]{1,16}") {
        if let Ok(host) = Host::parse(&text) {
            prop_assert_eq!(url::Host::parse(&text), Ok(url::Host::Domain(host.as_str().to_owned())));
        }
    }

    #[test]
    fn a_target_is_what_a_url_of_it_means(text in "[a-z0-9.\\-]{1,20}(:[0-9]{0,6})?|[0-9.]{4,15}:[0-9]{1,5}|\\PC{1,16}") {
        if let Ok(target) = Target::parse(&text, Some(80)) {
            let url = url::Url::parse(&format!("http://{text}/")).unwrap();
            prop_assert_eq!(url.host_str().map(str::to_owned), Some(target.host()));
            prop_assert_eq!(url.port_or_known_default(), Some(target.port()));
            prop_assert!(url.username().is_empty() && url.path() == "/");
        }
    }
}
