//! Files of a task: what they are called, what a browser may do with them, and which are none of its business.

use api_types::{FileInfo, FileKind, FolderRequest};
use event::{Access, Timestamp};

use crate::house::{House, TOKEN, new_task, turn_ended};
use crate::raw::{Answer, Raw};

async fn get(house: &House, path: &str) -> Answer {
    let host = house.address.to_string();
    let bearer = format!("Bearer {TOKEN}");
    Raw::new(house.address).ask("GET", path, &[("host", &host), ("authorization", &bearer)], b"").await
}

async fn task_with_files(house: &House) -> event::TaskId {
    let reports = house.home().join("Reports");
    for (name, text) in [("a.csv", "a,b\n"), ("page.html", "<script>1</script>"), ("x.pdf", "%PDF"), ("y.bin", "\u{1}")]
    {
        std::fs::write(reports.join(name), text).unwrap();
    }
    let mut new = new_task("hello");
    let path = reports.to_string_lossy().into_owned();
    new.folders = vec![FolderRequest { path, access: Access::ReadOnly }];
    let task = house.client.create(&new).await.unwrap().id;
    house.until(task, turn_ended).await;
    std::fs::write(house.tasks.desk(task).unwrap().outputs.join("über.svg"), "<svg/>").unwrap();
    task
}

#[tokio::test]
async fn files_are_shown_or_saved_and_never_run() {
    const LOCKED: &str = "sandbox; default-src 'none'; img-src 'self' data:; media-src 'self'; style-src \
                          'unsafe-inline'; frame-ancestors 'self'";
    const PDF: &str = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'";
    let house = House::open().await;
    let task = task_with_files(&house).await;
    let octets = "application/octet-stream";
    for (path, body, media, disposition, policy) in [
        ("/work/Reports/a.csv", "a,b\n", "text/csv; charset=utf-8", "inline; filename=\"a.csv\"", LOCKED),
        ("a.csv&download=true", "a,b\n", "text/csv; charset=utf-8", "attachment; filename=\"a.csv\"", LOCKED),
        ("page.html", "<script>1</script>", "text/html; charset=utf-8", "inline; filename=\"page.html\"", LOCKED),
        ("/outputs/%C3%BCber.svg", "<svg/>", "image/svg+xml", "inline; filename=\"_ber.svg\"", LOCKED),
        ("x.pdf", "%PDF", "application/pdf", "inline; filename=\"x.pdf\"", PDF),
        ("y.bin", "\u{1}", octets, "attachment; filename=\"y.bin\"", LOCKED),
    ] {
        let answer = get(&house, &format!("/api/v1/tasks/{task}/files?path={path}")).await;
        assert_eq!((answer.status, String::from_utf8_lossy(&answer.body).as_ref()), (200, body), "{path}");
        assert_eq!(answer.header("content-type"), Some(media), "{path}");
        assert!(answer.header("content-disposition").unwrap().starts_with(&format!("{disposition};")), "{path}");
        assert_eq!(answer.header("content-security-policy"), Some(policy), "{path}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
    }
}

#[tokio::test]
async fn only_places_of_the_task_are_reached() {
    let house = House::open().await;
    let task = task_with_files(&house).await;
    let secret = house.home().join("Secret/key").to_string_lossy().into_owned();
    std::fs::write(&secret, "secret").unwrap();
    let root = house.tasks.parts().store.places(task).unwrap().root;
    std::fs::write(root.join("events.jsonl"), "log").unwrap();
    for path in [
        secret.as_str(),
        "/work/Reports/../Secret/key",
        "/work/Other/a.csv",
        "/outputs/../events.jsonl",
        "../../../../etc/passwd",
        "/blobs/x",
        "/journal/x",
        "/outputs/%00",
        "/work/Reports",
        "/outputs",
        "",
    ] {
        let answer = get(&house, &format!("/api/v1/tasks/{task}/files?path={path}")).await;
        assert_eq!((answer.status, answer.code().as_str()), (404, "no_file"), "{path}");
    }
}

#[tokio::test]
async fn places_and_directories_are_listed() {
    let house = House::open().await;
    let task = task_with_files(&house).await;
    let list = |path: &'static str| {
        let house = &house;
        async move {
            let answer = get(house, &format!("/api/v1/tasks/{task}/listing{path}")).await;
            assert_eq!(answer.status, 200, "{path}");
            serde_json::from_slice::<Vec<FileInfo>>(&answer.body).unwrap()
        }
    };
    let folder = |path: &str, changed_at| FileInfo {
        path: path.to_owned(),
        name: path.rsplit_once('/').unwrap().1.to_owned(),
        kind: FileKind::Folder,
        bytes: 0,
        changed_at: Timestamp(changed_at),
        media: if changed_at == 0 { "inode/directory" } else { "application/octet-stream" }.to_owned(),
    };
    let places = ["/work/Reports", "/outputs", "/uploads"].map(|path| folder(path, 0));
    assert_eq!(list("").await, places);
    let output = FileInfo {
        path: "/outputs/über.svg".to_owned(),
        name: "über.svg".to_owned(),
        kind: FileKind::File,
        bytes: 6,
        changed_at: Timestamp(5),
        media: "image/svg+xml".to_owned(),
    };
    assert_eq!(list("?path=/outputs").await, [output]);
    let reports = list("?path=/work/Reports/").await;
    let paths: Vec<&str> = reports.iter().map(|file| file.path.as_str()).collect();
    let expected = ["2026", "a.csv", "page.html", "x.pdf", "y.bin"].map(|name| format!("/work/Reports/{name}"));
    assert_eq!(paths, expected);
    let outside = get(&house, &format!("/api/v1/tasks/{task}/listing?path=/etc")).await;
    assert_eq!((outside.status, outside.code().as_str()), (404, "no_file"));
}
