//! Flushes that fail, that have nothing to do, and that are asked for by many at once.

use std::fs::File;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::sync::Arc;

use futures_util::future::{join_all, poll_immediate};
use store::StoreError;

use crate::flush::{Before, Flusher, LogFlush};

fn log(before: Vec<Before>) -> (tempfile::TempDir, Arc<LogFlush>) {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("log");
    let file = File::create(&path).expect("a file");
    (directory, Arc::new(LogFlush::new(Arc::new(file), path, before)))
}

#[tokio::test]
async fn a_flush_is_done_once_and_asked_for_often() {
    let (_directory, log) = log(Vec::new());
    let flusher = Flusher::default();
    // What was there before counts as not flushed, so somebody has to wait for the disk.
    assert!(poll_immediate(flusher.sync(&log)).await.is_none_or(|result| result.is_ok()));
    flusher.sync(&log).await.expect("a flush");
    assert!(poll_immediate(flusher.sync(&log)).await.is_some_and(|result| result.is_ok()), "nothing to do");
    for _ in 0..100 {
        log.written();
        let waiting: Vec<_> = (0..20).map(|_| flusher.sync(&log)).collect();
        assert_eq!(join_all(waiting).await.into_iter().flatten().count(), 20);
    }
}

#[tokio::test]
async fn a_failed_flush_stays_failed() {
    // A pipe cannot be flushed.
    let (_read, write) = std::io::pipe().expect("a pipe");
    let path = PathBuf::from("/somewhere/events.jsonl");
    let log = Arc::new(LogFlush::new(Arc::new(File::from(OwnedFd::from(write))), path.clone(), Vec::new()));
    let flusher = Flusher::default();
    let waiting: Vec<_> = (0..10).map(|_| flusher.sync(&log)).collect();
    for result in join_all(waiting).await {
        assert!(
            matches!(&result, Err(StoreError::Disk { action: "flush", path: told, .. }) if *told == path),
            "{result:?}"
        );
    }
    let later = poll_immediate(flusher.sync(&log)).await;
    assert!(matches!(later, Some(Err(StoreError::Disk { action: "flush", .. }))), "it is not tried again");
    // Other logs are not affected.
    let (_directory, other) = self::log(Vec::new());
    flusher.sync(&other).await.expect("a flush");
}

#[tokio::test]
async fn what_has_to_be_there_first_is_flushed_first() {
    let missing = PathBuf::from("/nowhere/to/be/found");
    let (directory, log) = log(vec![Before::Directory(missing.clone())]);
    let flusher = Flusher::default();
    let result = flusher.sync(&log).await;
    assert!(matches!(&result, Err(StoreError::Disk { action: "flush", path, .. }) if *path == missing), "{result:?}");
    let blob = directory.path().join("blob");
    std::fs::write(&blob, "x").expect("a blob");
    let (_directory, log) = self::log(vec![Before::Directory(directory.path().to_owned())]);
    flusher.sync(&log).await.expect("a flush");
    log.add([Before::File(blob.clone()), Before::File(blob)]);
    flusher.sync(&log).await.expect("a flush");
    log.add([Before::File(missing)]);
    assert!(flusher.sync(&log).await.is_err());
}

#[tokio::test]
async fn waiters_are_answered_after_the_flusher_is_gone() {
    let logs: Vec<_> = (0..50).map(|_| log(Vec::new())).collect();
    let flusher = Flusher::default();
    let waiting: Vec<_> = logs.iter().map(|(_, log)| flusher.sync(log)).collect();
    drop(flusher);
    assert_eq!(join_all(waiting).await.into_iter().flatten().count(), 50);
}
