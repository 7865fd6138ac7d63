//! Pictures: kept among the task's blobs under their digest and handed to the model.

use std::io::Write;
use std::path::Path;

use event::{Digest, Outcome, Part};
use tool::Report;

/// The largest picture handed to a model, in bytes.
pub(super) const CAP: u64 = 5 * 1024 * 1024;

/// A report with the picture.
pub(super) fn report(bytes: &[u8], digest: Digest, media: &'static str, blobs: &Path) -> Report {
    if bytes.len() as u64 > CAP {
        return too_large(bytes.len() as u64);
    }
    if let Err(error) = keep(bytes, digest, blobs) {
        return Report::failed(format!("the picture cannot be kept for the model: {error}"));
    }
    let text = Part::text(format!("[{media}, {} bytes]", bytes.len()));
    let image = Part::Image { media: media.to_owned(), blob: digest };
    Report { outcome: Outcome::Ok, output: vec![text, image], facts: Vec::new() }
}

/// A report that says what to do about a picture that is too large.
pub(super) fn too_large(bytes: u64) -> Report {
    Report::failed(format!(
        "the picture has {bytes} bytes, more than the {CAP} a model is shown; make a smaller copy with Bash and read that"
    ))
}

/// Blobs are named by digest and lie in the task's own directory, so one that is there is the same.
fn keep(bytes: &[u8], digest: Digest, blobs: &Path) -> std::io::Result<()> {
    let path = blobs.join(digest.to_string());
    if std::fs::metadata(&path).is_ok_and(|meta| meta.len() == bytes.len() as u64) {
        return Ok(());
    }
    std::fs::create_dir_all(blobs)?;
    let number = getrandom::u64().map_err(|_| std::io::Error::other("the system gives no random numbers"))?;
    let temporary = blobs.join(format!(".new-{number:016x}"));
    let written = std::fs::File::create_new(&temporary).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&temporary, &path)
    });
    if written.is_err() {
        // What is left of it would only take space; the failure itself is what counts.
        let _gone = std::fs::remove_file(&temporary).is_ok();
    }
    written
}
