//! Choosing a folder: only what can be granted, or leads there, is shown.

use api_types::{FolderEntry, FolderListing};

use crate::house::{House, TOKEN};
use crate::raw::Raw;

async fn list(house: &House, path: &str) -> (u16, serde_json::Value) {
    let host = house.address.to_string();
    let bearer = format!("Bearer {TOKEN}");
    let headers = [("host", host.as_str()), ("authorization", &bearer)];
    let answer = Raw::new(house.address).ask("GET", &format!("/api/v1/folders{path}"), &headers, b"").await;
    (answer.status, answer.json())
}

#[tokio::test]
async fn home_is_shown_without_its_secrets() {
    let house = House::open().await;
    let home = house.home();
    std::fs::write(home.join("file.txt"), "").unwrap();
    std::os::unix::fs::symlink("/etc", home.join("link")).unwrap();
    let entry = |name: &str| FolderEntry {
        name: name.to_owned(),
        path: home.join(name).to_string_lossy().into_owned(),
        grantable: true,
    };
    let (status, found) = list(&house, "").await;
    let expected = FolderListing {
        path: home.to_string_lossy().into_owned(),
        parent: home.parent().map(|parent| parent.to_string_lossy().into_owned()),
        refused: Some(format!("`{}` cannot be granted", home.display())),
        folders: vec![entry("Letters"), entry("Reports")],
        more: false,
    };
    assert_eq!((status, found), (200, serde_json::to_value(&expected).unwrap()));

    let (status, found) = list(&house, &format!("?path={}/Reports", home.display())).await;
    let found: FolderListing = serde_json::from_value(found).unwrap();
    assert_eq!((status, found.refused, found.folders), (200, None, vec![entry_in(&home, "Reports/2026")]));

    // the way up shows only the way down again
    let (status, found) = list(&house, &format!("?path={}", home.parent().unwrap().display())).await;
    let found: FolderListing = serde_json::from_value(found).unwrap();
    let names: Vec<&str> = found.folders.iter().map(|folder| folder.name.as_str()).collect();
    assert_eq!((status, names, found.folders[0].grantable), (200, vec!["home"], false));
}

fn entry_in(home: &std::path::Path, path: &str) -> FolderEntry {
    let name = path.rsplit_once('/').unwrap().1.to_owned();
    FolderEntry { name, path: home.join(path).to_string_lossy().into_owned(), grantable: true }
}

#[tokio::test]
async fn what_cannot_be_granted_is_refused() {
    let house = House::open().await;
    let home = house.home();
    for path in [
        home.join(".ssh"),
        home.join("Secret"),
        home.join("Reports/../Secret"),
        home.join("missing"),
        "/etc".into(),
        "/proc/self".into(),
    ] {
        let (status, body) = list(&house, &format!("?path={}", path.display())).await;
        assert_eq!((status, body["code"].as_str()), (422, Some("folder_refused")), "{}", path.display());
    }
}
