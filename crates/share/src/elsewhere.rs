//! Systems without `openat2`: no shares yet, and that is said.

use std::path::Path;
use std::sync::Arc;

use event::TaskId;
use sandbox::{Mount, SandboxError, Share, Shares};

/// Shares behind the folder guard.
#[derive(Debug, Clone, Copy, Default)]
pub struct GuardedShares;

impl Shares for GuardedShares {
    fn open(&self, _task: TaskId, _journal: &Path, _mounts: Vec<Mount>) -> Result<Arc<dyn Share>, SandboxError> {
        Err(SandboxError::Unavailable {
            what: "files cannot be shared with a sandbox on this system yet".to_owned(),
            hint: "use the file tools".to_owned(),
        })
    }
}
