//! First messages, whole, in pieces and broken.

use std::sync::Arc;

use proptest::prelude::*;

use super::{Hello, look};

fn hello(name: &str) -> Vec<u8> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    let name = rustls::pki_types::ServerName::try_from(name.to_owned()).unwrap();
    let mut client = rustls::ClientConnection::new(Arc::new(config), name).unwrap();
    let mut bytes = Vec::new();
    client.write_tls(&mut bytes).unwrap();
    bytes
}

#[test]
fn a_name_is_known_with_the_last_byte_and_not_before() {
    let bytes = hello("good.example");
    for end in 0..bytes.len() {
        assert_eq!(look(&bytes[..end]), Hello::Unfinished, "{end}");
    }
    assert_eq!(look(&bytes), Hello::Asks(Some("good.example".to_owned())));
    assert_eq!(look(&[bytes, b"more".to_vec()].concat()), Hello::Asks(Some("good.example".to_owned())));
    assert_eq!(look(&hello("93.184.216.34")), Hello::Asks(None));
}

#[test]
fn a_message_in_many_records_is_read_too() {
    let bytes = hello("good.example");
    let records: Vec<u8> =
        bytes[5..].chunks(20).flat_map(|part| [&[22, 3, 1, 0, part.len() as u8], part].concat()).collect();
    assert_eq!(look(&records), Hello::Asks(Some("good.example".to_owned())));
}

#[test]
fn what_never_ends_is_foreign() {
    assert_eq!(look(b"\x16\x03\x01\xff\xff"), Hello::Foreign);
    let endless: Vec<u8> =
        b"\x16\x03\x01\x00\x05\x01\x00\x7f\xff\x00".iter().copied().chain([22, 3, 1, 0, 1, 0].repeat(6000)).collect();
    assert_eq!(look(&endless), Hello::Foreign);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_changed_message_never_asks_for_a_third_name(at in 0usize..200, byte in any::<u8>()) {
        let mut bytes = hello("good.example");
        let at = at % bytes.len();
        bytes[at] = byte;
        // Nothing panics; a name that is found stands in the message, in small or capital letters.
        if let Hello::Asks(Some(name)) = look(&bytes) {
            bytes.make_ascii_lowercase();
            prop_assert!(bytes.windows(name.len()).any(|window| window == name.to_ascii_lowercase().as_bytes()));
        }
    }
}
