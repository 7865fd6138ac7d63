//! How many files this process may hold open.

/// Raises the limit to what the system allows this user: every folder a machine works in holds many files open here.
/// Where the system says no, the limit stays, and work on very many files at once fails with a clear error.
#[cfg(unix)]
pub fn allow_many_files() {
    use rustix::process::{Resource, getrlimit, setrlimit};

    let limit = getrlimit(Resource::Nofile);
    let wished = rustix::process::Rlimit { current: limit.maximum, maximum: limit.maximum };
    let _kept = setrlimit(Resource::Nofile, wished).is_ok();
}

/// There is no such limit here.
#[cfg(not(unix))]
pub fn allow_many_files() {}
