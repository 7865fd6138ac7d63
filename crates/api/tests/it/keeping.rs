//! Keeping tasks through the API: marks and shelves, removing and restoring, exporting, the stream of changes.

use std::time::Duration;

use api::MAX_STREAMS;
use api_types::{Headline, TaskSummary};
use event::{Command, CommandId, Fact, Mark, Seq, TaskId, Wish};
use store::{Query, Shelf};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use crate::house::{House, TOKEN, new_task, turn_ended};
use crate::raw::{Answer, Raw};

async fn ask(house: &House, method: &str, path: &str) -> Answer {
    let (host, bearer) = (house.address.to_string(), format!("Bearer {TOKEN}"));
    let headers = [("host", host.as_str()), ("authorization", bearer.as_str())];
    Raw::new(house.address).ask(method, &format!("/api/v1{path}"), &headers, b"").await
}

async fn mark(house: &House, task: TaskId, mark: Mark) {
    let id = CommandId::from(format!("{mark:?}").as_str());
    house.client.command(task, &Command { id, wish: Wish::Mark(mark) }).await.unwrap();
}

/// The stream of changes, read by hand.
struct Changes(BufReader<TcpStream>);

impl Changes {
    async fn open(house: &House) -> Self {
        let mut stream = TcpStream::connect(house.address).await.unwrap();
        let head = format!("host: {}\r\nauthorization: Bearer {TOKEN}\r\n\r\n", house.address);
        stream.write_all(format!("GET /api/v1/changes HTTP/1.0\r\n{head}").as_bytes()).await.unwrap();
        let mut changes = Self(BufReader::new(stream));
        assert!(changes.line().await.starts_with("HTTP/1.0 200"));
        while !changes.line().await.is_empty() {}
        // It listens from this comment on.
        assert_eq!(changes.line().await, ":");
        changes
    }

    async fn line(&mut self) -> String {
        let mut line = String::new();
        let read = tokio::time::timeout(Duration::from_secs(30), self.0.read_line(&mut line));
        read.await.expect("nothing came").unwrap();
        line.trim_end().to_owned()
    }

    async fn next(&mut self) -> Headline {
        loop {
            if let Some(data) = self.line().await.strip_prefix("data: ") {
                return serde_json::from_str(data).unwrap();
            }
        }
    }

    /// The summary that fits; others before it are passed over.
    async fn until(&mut self, fits: impl Fn(&TaskSummary) -> bool) -> TaskSummary {
        loop {
            match self.next().await {
                Headline::Task(summary) if fits(&summary) => return summary,
                Headline::Task(_) => {}
                other => panic!("{other:?}"),
            }
        }
    }
}

#[tokio::test]
async fn changes_are_told_as_they_happen() {
    let house = House::open().await;
    let mut changes = Changes::open(&house).await;
    let task = house.begin("hello").await;
    let done = changes.until(|summary| summary.state == view::TaskState::Done).await;
    assert_eq!((done.id, done.title.as_str(), done.unread), (task, "Play hello", true));
    mark(&house, task, Mark::Seen).await;
    assert!(!changes.until(|_| true).await.unread);
    mark(&house, task, Mark::Pinned).await;
    let pinned = changes.until(|_| true).await;
    assert!(pinned.pinned);
    assert_eq!(house.client.recents(&Query::default()).await.unwrap(), [pinned]);
    for (shelf, count) in [(Shelf::Current, 1), (Shelf::Pinned, 1), (Shelf::Archived, 0)] {
        let query = Query { shelf, ..Query::default() };
        assert_eq!(house.client.recents(&query).await.unwrap().len(), count, "{shelf:?}");
    }

    assert_eq!(ask(&house, "DELETE", &format!("/tasks/{task}")).await.status, 204);
    assert_eq!(changes.next().await, Headline::Gone { id: task });
    assert_eq!(ask(&house, "POST", &format!("/tasks/{task}/restore")).await.status, 204);
    assert_eq!(changes.until(|_| true).await.id, task);
    house.stop.cancel();
    while !changes.line().await.is_empty() {}
}

#[tokio::test]
async fn changes_take_a_seat_like_every_stream() {
    let house = House::open().await;
    let task = house.begin("hello").await;
    house.until(task, turn_ended).await;
    let mut open = Vec::new();
    for _ in 0..MAX_STREAMS {
        open.push(Changes::open(&house).await);
    }
    let refused = ask(&house, "GET", "/changes").await;
    assert_eq!((refused.status, refused.code().as_str()), (503, "too_many_streams"));
    open.clear();
    let free = async {
        while house.client.stream(task, Seq(0)).await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), free).await.expect("no seat was given back");
}

#[tokio::test]
async fn a_quiet_stream_of_changes_has_a_heartbeat() {
    let house = House::open().await;
    let mut changes = Changes::open(&house).await;
    assert_eq!(changes.line().await, "");
    // time runs by itself from here whenever nothing else happens
    tokio::time::pause();
    let begun = tokio::time::Instant::now();
    assert_eq!(changes.line().await, ":");
    assert!((14..=16).contains(&begun.elapsed().as_secs()), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_shelf_is_listed() {
    let house = House::open().await;
    let mut tasks = Vec::new();
    for (script, number) in [("hello", 1), ("hello", 2), ("hello", 3)] {
        let mut new = new_task(script);
        new.id = format!("{script}-{number}").as_str().into();
        tasks.push(house.client.create(&new).await.unwrap().id);
    }
    for task in &tasks {
        house.until(*task, turn_ended).await;
    }
    mark(&house, tasks[0], Mark::Pinned).await;
    mark(&house, tasks[1], Mark::Archived).await;
    let on = async |shelf: &str| {
        let answer = ask(&house, "GET", &format!("/tasks{shelf}")).await;
        let found: Vec<TaskSummary> = serde_json::from_slice(&answer.body).unwrap();
        let mut found: Vec<usize> =
            found.iter().map(|summary| tasks.iter().position(|task| *task == summary.id).unwrap()).collect();
        found.sort_unstable();
        found
    };
    assert_eq!(on("").await, [0, 1, 2]);
    assert_eq!(on("?shelf=all").await, [0, 1, 2]);
    assert_eq!(on("?shelf=current").await, [0, 2]);
    assert_eq!(on("?shelf=pinned&limit=5").await, [0]);
    assert_eq!(on("?shelf=archived").await, [1]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_task_at_work_is_removed_and_comes_back_stopped() {
    let house = House::on_disk().await;
    let task = house.begin("endless").await;
    house.until(task, |fact| matches!(fact, Fact::ToolStarted { .. })).await;
    assert_eq!(ask(&house, "DELETE", &format!("/tasks/{task}")).await.status, 204);
    assert_eq!(house.client.recents(&Query::default()).await.unwrap(), []);
    assert_eq!(ask(&house, "GET", &format!("/tasks/{task}")).await.code(), "no_task");
    assert_eq!(ask(&house, "DELETE", &format!("/tasks/{task}")).await.code(), "no_task");
    assert_eq!(ask(&house, "POST", &format!("/tasks/{task}/restore")).await.status, 204);
    assert_eq!(ask(&house, "POST", &format!("/tasks/{task}/restore")).await.code(), "task_exists");
    let recents = house.client.recents(&Query::default()).await.unwrap();
    assert_eq!(recents.iter().map(|it| (it.id, it.state)).collect::<Vec<_>>(), [(task, view::TaskState::Stopped)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_export_is_one_file_to_save() {
    let house = House::on_disk().await;
    let task = house.begin("hello").await;
    house.until(task, turn_ended).await;
    house.tasks.ended(task).await;
    let answer = ask(&house, "GET", &format!("/tasks/{task}/export")).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/octet-stream")));
    let saved = answer.header("content-disposition").unwrap();
    assert!(saved.starts_with("attachment") && saved.contains("play-hello.deskhand.tar"), "{saved}");
    let file = house.directory.path().join("one.tar");
    std::fs::write(&file, &answer.body).unwrap();
    let other = House::on_disk().await;
    assert_eq!(other.tasks.parts().store.import(&file).unwrap(), task);
    assert_eq!(other.client.view(task).await.unwrap(), house.client.view(task).await.unwrap());
}

#[tokio::test]
async fn a_giant_tasks_events_come_in_one_answer() {
    let house = House::open().await;
    let task = TaskId::parse("g1ant00000").unwrap();
    let mut log = store::Store::create(&house.store, task, "giant", event::Timestamp(0)).unwrap();
    let note = (event::Actor::Tool, Fact::NoteSet { text: "n".to_owned() });
    log.append(event::Timestamp(0), vec![note; 1500]).unwrap();
    let path = format!("/tasks/{task}/events");
    let count =
        async |query: &str| ask(&house, "GET", &format!("{path}{query}")).await.json().as_array().unwrap().len();
    assert_eq!(count("").await, 1500);
    assert_eq!(count("?limit=7").await, 7);
    assert_eq!(count("?limit=1000000").await, 1500);
    assert_eq!(count("?after=1400").await, 100);
}
