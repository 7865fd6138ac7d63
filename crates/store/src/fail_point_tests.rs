//! What the variable for fail points may say.

use crate::FAIL_POINTS;
use crate::fail_point::wanted::Wanted;

/// The passes at which a place would end the process, of the first five.
fn due(text: &str, name: &str) -> Option<Vec<u32>> {
    let wanted = Wanted::parse(text)?;
    Some((1..=5).filter(|_| wanted.is_due(name)).collect())
}

#[test]
fn a_place_ends_the_process_once_and_only_under_its_own_name() {
    assert_eq!(due("engine.tool.ran", "engine.tool.ran"), Some(vec![1]));
    assert_eq!(due("engine.tool.ran:3", "engine.tool.ran"), Some(vec![3]));
    assert_eq!(due("engine.tool.ran:3", "engine.append.after"), Some(vec![]));
    for nothing in ["", ":1", "engine.tool.ran:0", "engine.tool.ran:x", "engine.tool.ran:"] {
        assert_eq!(due(nothing, "engine.tool.ran"), None, "{nothing}");
    }
}

#[test]
fn every_place_has_a_name_of_its_own() {
    let names: std::collections::BTreeSet<&str> = FAIL_POINTS.into_iter().collect();
    assert_eq!(names.len(), FAIL_POINTS.len());
    assert!(names.iter().all(|name| name.split('.').count() == 3 && !name.contains(':')), "{names:?}");
}
