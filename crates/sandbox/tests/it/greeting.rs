//! The first words on the wire stay as they are: host and guest may be of different releases.

use sandbox::{GuestHello, GuestSetup, PROTOCOL, ResourceLimits, SeenMount};

#[test]
fn the_json_of_the_greeting_is_stable() {
    let setup = GuestSetup {
        protocol: PROTOCOL,
        mounts: vec!["/work/a".into()],
        deletable: vec!["/tmp".into()],
        guards: true,
        limits: ResourceLimits { memory: 1, processes: 2, file: 3 },
    };
    let text = r#"{"protocol":1,"mounts":["/work/a"],"deletable":["/tmp"],"guards":true,"limits":{"memory":1,"processes":2,"file":3}}"#;
    assert_eq!(serde_json::to_string(&setup).unwrap(), text);
    assert_eq!(serde_json::from_str::<GuestSetup>(text).unwrap(), setup);

    let hello = GuestHello { protocol: PROTOCOL, landlock: 7, mounts: vec![SeenMount { device: 4, inode: 5 }] };
    let text = r#"{"protocol":1,"landlock":7,"mounts":[{"device":4,"inode":5}]}"#;
    assert_eq!(serde_json::to_string(&hello).unwrap(), text);
    assert_eq!(serde_json::from_str::<GuestHello>(text).unwrap(), hello);
}
