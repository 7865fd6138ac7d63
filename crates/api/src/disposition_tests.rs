//! File names in headers.

use crate::disposition::{Disposition, disposition};

#[test]
fn no_name_can_leave_its_quotes() {
    for (name, header) in [
        ("a b.csv", "inline; filename=\"a b.csv\"; filename*=UTF-8''a%20b.csv"),
        ("x\"; evil=\"y", "inline; filename=\"x_; evil=_y\"; filename*=UTF-8''x%22%3B%20evil%3D%22y"),
        (
            "line\r\nSet-Cookie: a",
            "inline; filename=\"line__Set-Cookie: a\"; filename*=UTF-8''line%0D%0ASet-Cookie%3A%20a",
        ),
        ("Übersicht.md", "inline; filename=\"_bersicht.md\"; filename*=UTF-8''%C3%9Cbersicht.md"),
    ] {
        assert_eq!(disposition(Disposition::Show, name), header);
    }
    assert_eq!(disposition(Disposition::Save, "a"), "attachment; filename=\"a\"; filename*=UTF-8''a");
}
