//! The live stream: resumable, bounded for slow readers, and ended cleanly.

use std::time::Duration;

use api::MAX_STREAMS;
use api::client::{ClientError, StreamLine};
use api_types::{Code, SayRequest};
use event::{Actor, CallId, Delta, Fact, Seq, TaskId, Timestamp};
use store::{Store, TaskLog};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use crate::house::{House, TOKEN, new_task, next_event, turn_ended};

/// A stream read by hand. HTTP/1.0 so that the body comes as it is.
async fn open(house: &House, path: &str, header: &str) -> BufReader<TcpStream> {
    let mut stream = TcpStream::connect(house.address).await.unwrap();
    let request =
        format!("GET {path} HTTP/1.0\r\nhost: {}\r\nauthorization: Bearer {TOKEN}\r\n{header}\r\n", house.address);
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    loop {
        line.clear();
        stream.read_line(&mut line).await.unwrap();
        if line.trim_end().is_empty() {
            return stream;
        }
    }
}

/// The next frame without its empty line; empty at the end.
async fn frame(stream: &mut BufReader<TcpStream>) -> String {
    let mut frame = String::new();
    while !frame.ends_with("\n\n") {
        if stream.read_line(&mut frame).await.unwrap() == 0 {
            return String::new();
        }
    }
    frame.trim_end().to_owned()
}

/// The next frame that is neither a comment nor says that the reader has caught up.
async fn telling(stream: &mut BufReader<TcpStream>) -> String {
    loop {
        let frame = frame(stream).await;
        if frame != ":" && !frame.starts_with("event: live\n") {
            return frame;
        }
    }
}

#[tokio::test]
async fn frames_carry_the_stored_lines_and_the_deltas() {
    let house = House::open().await;
    let mut lines = {
        let task = house.begin("hello").await;
        house.client.stream(task, Seq(0)).await.unwrap()
    };
    let mut text = String::new();
    let mut seqs = Vec::new();
    loop {
        match lines.next().await.unwrap().unwrap() {
            StreamLine::Event { event, line } => {
                assert_eq!(event.to_line().unwrap(), line);
                seqs.push(event.seq.0);
                if turn_ended(&event.fact) {
                    break;
                }
            }
            StreamLine::Delta(delta) => {
                let Delta::Text { text: more, .. } = delta else { panic!("{delta:?}") };
                text.push_str(&more);
            }
        }
    }
    assert_eq!(seqs, (1..=6).collect::<Vec<u64>>());
    // a reader that comes late is not told of what is finished already
    assert!("Hello from the Script.".ends_with(&text), "{text}");
}

#[tokio::test]
async fn a_reader_that_was_cut_off_gets_every_event_exactly_once() {
    let house = House::open().await;
    let task = house.begin("hello").await;
    house.until(task, turn_ended).await;
    let path = format!("/api/v1/tasks/{task}/stream");
    let mut seen = Vec::new();
    let mut last = String::new();
    // cut off after every event; another turn runs meanwhile
    for round in 0..12 {
        if round == 3 {
            let say = SayRequest { id: "again".into(), text: "Again".to_owned(), attachments: Vec::new() };
            house.client.say(task, &say).await.unwrap();
        }
        // the header goes before the query, as a browser that connects again sends both
        let header = if last.is_empty() { String::new() } else { format!("Last-Event-ID: {last}\r\n") };
        let mut stream = open(&house, &format!("{path}?after=0"), &header).await;
        let (id, line) = loop {
            let frame = telling(&mut stream).await;
            let parts: Vec<&str> = frame.lines().collect();
            if let [id, "event: event", data] = parts[..] {
                break (id["id: ".len()..].to_owned(), data["data: ".len()..].to_owned());
            }
            assert!(frame.starts_with("event: delta\ndata: {"), "{frame}");
        };
        let event = event::Event::from_line(&line).unwrap();
        assert_eq!(event.seq.to_string(), id);
        seen.push(event);
        last = id;
        if seen.len() > 6 && turn_ended(&seen.last().unwrap().fact) {
            break;
        }
    }
    assert_eq!(seen, house.client.events(task, Seq(0), 1000).await.unwrap());
    assert!(matches!(seen.last().unwrap().fact, Fact::TurnEnded { turn: 2, .. }));

    let mut stream = open(&house, &path, "Last-Event-ID: x\r\n").await;
    let mut body = String::new();
    stream.read_to_string(&mut body).await.unwrap();
    assert!(body.contains("bad_request"), "{body}");
}

/// A task whose log the test holds itself.
fn held(house: &House) -> (TaskId, Box<dyn TaskLog>) {
    let task = TaskId::parse("keep000000").unwrap();
    let mut log = house.store.create(task, "held", Timestamp(0)).unwrap();
    note(&mut *log, "first");
    (task, log)
}

fn note(log: &mut dyn TaskLog, text: &str) {
    log.append(Timestamp(0), vec![(Actor::Tool, Fact::NoteSet { text: text.to_owned() })]).unwrap();
}

#[tokio::test]
async fn a_slow_reader_costs_bounded_memory_and_loses_no_event() {
    let house = House::open().await;
    let (task, mut log) = held(&house);
    let mut stream = open(&house, &format!("/api/v1/tasks/{task}/stream"), "").await;
    assert!(telling(&mut stream).await.starts_with("id: 1\n"));
    // 256 MB of output that nobody reads, then an event
    let text = "x".repeat(64 * 1024);
    for _ in 0..4000 {
        log.tell(Delta::Output { call: CallId::from("c"), text: text.clone() });
        tokio::task::yield_now().await;
    }
    note(&mut *log, "second");
    // what comes out now is what was waiting; most of it lay in the buffers of the two sockets
    let mut bytes = 0;
    let event = loop {
        let frame = telling(&mut stream).await;
        bytes += frame.len();
        if !frame.starts_with("event: delta") {
            break frame;
        }
    };
    assert!(event.starts_with("id: 2\n"), "{event}");
    assert!(bytes < 32 * 1024 * 1024, "{bytes} bytes were waiting");

    // more events than may wait: none is lost
    for number in 3..=9000 {
        note(&mut *log, &number.to_string());
    }
    for number in 3..=9000 {
        let frame = frame(&mut stream).await;
        assert!(frame.starts_with(&format!("id: {number}\n")), "{frame}");
    }
}

#[tokio::test]
async fn streams_are_counted_and_seats_given_back() {
    let house = House::open().await;
    let (task, mut log) = held(&house);
    let mut open = Vec::new();
    for _ in 0..MAX_STREAMS {
        open.push(house.client.stream(task, Seq(0)).await.unwrap());
    }
    let refused = house.client.stream(task, Seq(0)).await.err().unwrap();
    let ClientError::Refused { status, body } = refused else { panic!("{refused:?}") };
    assert_eq!((status.as_u16(), body.code), (503, Code::TooManyStreams));
    // other requests are not affected, and those that sit go on
    assert_eq!(house.client.view(task).await.unwrap().head, Seq(1));
    note(&mut *log, "second");
    for lines in &mut open {
        assert_eq!(next_event(lines).await.seq, Seq(1));
        assert_eq!(next_event(lines).await.seq, Seq(2));
    }
    open.clear();
    let free = async {
        while house.client.stream(task, Seq(0)).await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), free).await.expect("no seat was given back");
}

#[tokio::test]
async fn the_end_of_the_server_ends_streams_cleanly() {
    let mut house = House::open().await;
    let task = house.begin("endless").await;
    house.until(task, |fact| matches!(fact, Fact::ToolStarted { .. })).await;
    let mut lines = house.client.stream(task, Seq(0)).await.unwrap();
    assert_eq!(next_event(&mut lines).await.seq, Seq(1));
    house.stop.cancel();
    loop {
        match lines.next().await {
            None => break,
            Some(line) => drop(line.unwrap()),
        }
    }
    house.serving.join_next().await.unwrap().unwrap();
    let gone = house.client.create(&new_task("hello")).await.unwrap_err();
    assert!(matches!(gone, ClientError::NoAnswer { .. }), "{gone:?}");
}

#[tokio::test]
async fn a_silent_stream_has_a_heartbeat() {
    let house = House::open().await;
    let (task, mut log) = held(&house);
    let mut stream = open(&house, &format!("/api/v1/tasks/{task}/stream?after=1"), "").await;
    assert_eq!(frame(&mut stream).await, ":");
    assert_eq!(frame(&mut stream).await, "event: live\ndata: {\"head\":1}");
    // time runs by itself from here whenever nothing else happens
    tokio::time::pause();
    let begun = tokio::time::Instant::now();
    assert_eq!(frame(&mut stream).await, ":");
    assert_eq!(frame(&mut stream).await, ":");
    let waited = begun.elapsed().as_secs();
    assert!((29..=31).contains(&waited), "{waited} s");
    tokio::time::resume();
    note(&mut *log, "second");
    loop {
        let frame = frame(&mut stream).await;
        if frame != ":" {
            assert!(frame.starts_with("id: 2\n"), "{frame}");
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_is_told_once_that_it_has_caught_up() {
    let house = House::open().await;
    let (task, mut log) = held(&house);
    // more than one batch, and more than a runtime lets one task take without a pause
    for number in 2..=3000 {
        note(&mut *log, &number.to_string());
    }
    let mut stream = open(&house, &format!("/api/v1/tasks/{task}/stream"), "").await;
    assert_eq!(frame(&mut stream).await, ":");
    for number in 1..=3000 {
        let frame = frame(&mut stream).await;
        assert!(frame.starts_with(&format!("id: {number}\nevent: event\n")), "{frame}");
    }
    assert_eq!(frame(&mut stream).await, "event: live\ndata: {\"head\":3000}");
    note(&mut *log, "live");
    log.tell(Delta::Output { call: CallId::from("c"), text: "x".to_owned() });
    note(&mut *log, "and on");
    let mut kinds = Vec::new();
    for _ in 0..3 {
        let frame = frame(&mut stream).await;
        kinds.push(frame.lines().find_map(|line| line.strip_prefix("event: ").map(str::to_owned)).unwrap());
    }
    assert_eq!(kinds, ["event", "delta", "event"]);

    // one that has everything already, and one of a task without events
    let mut stream = open(&house, &format!("/api/v1/tasks/{task}/stream?after=3002"), "").await;
    assert_eq!(frame(&mut stream).await, ":");
    assert_eq!(frame(&mut stream).await, "event: live\ndata: {\"head\":3002}");
    let empty = TaskId::parse("empty00000").unwrap();
    let _log = house.store.create(empty, "empty", Timestamp(0)).unwrap();
    let mut stream = open(&house, &format!("/api/v1/tasks/{empty}/stream"), "").await;
    assert_eq!(frame(&mut stream).await, ":");
    assert_eq!(frame(&mut stream).await, "event: live\ndata: {\"head\":0}");
}

#[tokio::test]
async fn a_stream_ends_when_its_task_is_removed() {
    let house = House::open().await;
    let (task, log) = held(&house);
    drop(log);
    let mut lines = house.client.stream(task, Seq(0)).await.unwrap();
    assert_eq!(next_event(&mut lines).await.seq, Seq(1));
    house.tasks.remove(task).await.unwrap();
    assert!(lines.next().await.is_none());
}
