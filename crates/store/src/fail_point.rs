//! Named places where a test can end the process, as a crash would.
//!
//! Lives here because the engine and every store can reach it. In release builds a place is nothing at all. In debug
//! builds the variable `DESKHAND_FAIL_POINT=NAME` or `NAME:N` ends the process when the place is reached for the N-th
//! time. It ends by `abort`: no destructor runs and nothing buffered is written, which is what the end by SIGKILL leaves.

/// Every place there is, in the order in which a task comes by. A test goes through all of them.
pub const FAIL_POINTS: [&str; 12] = [
    "store.create.directories",
    "store.create.renamed",
    "engine.append.before",
    "store.append.before_write",
    "store.append.written",
    "engine.append.after",
    "engine.intent.synced",
    "engine.tool.ran",
    "engine.result.before",
    "engine.result.stored",
    "engine.end.before_sync",
    "engine.end.synced",
];

/// A place to end the process at; see the module.
#[cfg(not(debug_assertions))]
#[inline(always)]
pub fn fail_point(_name: &'static str) {}

#[cfg(debug_assertions)]
pub use wanted::fail_point;

#[cfg(debug_assertions)]
pub(crate) mod wanted {
    //! What the variable asks for; only in debug builds.

    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU32, Ordering};

    /// The variable. Read from the environment directly: handing it in from the door through every store and engine
    /// would put a test's switch into their interfaces.
    const VARIABLE: &str = "DESKHAND_FAIL_POINT";

    /// Where to end, and how often to come by first.
    pub(crate) struct Wanted {
        pub(crate) name: String,
        pub(crate) left: AtomicU32,
    }

    impl Wanted {
        pub(crate) fn parse(text: &str) -> Option<Self> {
            let (name, times) = match text.rsplit_once(':') {
                Some((name, times)) => (name, times.parse().ok().filter(|times| *times > 0)?),
                None => (text, 1),
            };
            (!name.is_empty()).then(|| Self { name: name.to_owned(), left: AtomicU32::new(times) })
        }

        /// Whether this is the time to end.
        pub(crate) fn is_due(&self, name: &str) -> bool {
            self.name == name && self.left.fetch_sub(1, Ordering::Relaxed) == 1
        }
    }

    /// A place to end the process at; see the module.
    pub fn fail_point(name: &'static str) {
        static WANTED: OnceLock<Option<Wanted>> = OnceLock::new();
        let wanted = WANTED.get_or_init(|| Wanted::parse(&std::env::var(VARIABLE).ok()?));
        if wanted.as_ref().is_some_and(|wanted| wanted.is_due(name)) {
            std::process::abort();
        }
    }
}
