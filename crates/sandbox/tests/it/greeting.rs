//! The first words on the wire stay as they are: host and guest may be of different releases.

use sandbox::{GuestHello, GuestSetup, PROTOCOL, ResourceLimits};

#[test]
fn the_json_of_the_greeting_is_stable() {
    let setup = GuestSetup {
        protocol: PROTOCOL,
        share: true,
        network: false,
        limits: ResourceLimits { memory: 1, processes: 2, file: 3 },
        seed: "00ff".into(),
        now: 4,
    };
    let text = r#"{"protocol":2,"share":true,"network":false,"limits":{"memory":1,"processes":2,"file":3},"seed":"00ff","now":4}"#;
    assert_eq!(serde_json::to_string(&setup).unwrap(), text);
    assert_eq!(serde_json::from_str::<GuestSetup>(text).unwrap(), setup);

    let hello = GuestHello { protocol: PROTOCOL, landlock: 7, share_error: None };
    let text = r#"{"protocol":2,"landlock":7}"#;
    assert_eq!(serde_json::to_string(&hello).unwrap(), text);
    assert_eq!(serde_json::from_str::<GuestHello>(text).unwrap(), hello);
    let failed = GuestHello { share_error: Some("no device".into()), ..hello };
    let text = r#"{"protocol":2,"landlock":7,"share_error":"no device"}"#;
    assert_eq!(serde_json::to_string(&failed).unwrap(), text);
    assert_eq!(serde_json::from_str::<GuestHello>(text).unwrap(), failed);
}
