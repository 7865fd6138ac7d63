//! The networks of tasks: where the connections of a machine arrive.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use event::TaskId;
use futures_util::future::BoxFuture;
use sandbox::{Errand, Network, Networks, RefusedHost};
use tokio::io::DuplexStream;
use tokio::sync::Semaphore;

use crate::gate::Gate;
use crate::ledger::{Ledger, Traffic};
use crate::passage::{Asking, Passage};
use crate::proxy;

/// Connections of one task at a time. A further one is refused.
const MOST_CONNECTIONS: usize = 256;

/// Makes the networks of tasks over one gate.
pub struct GateNetworks {
    gate: Arc<Gate>,
    ledgers: Mutex<HashMap<TaskId, Weak<Ledger>>>,
}

impl GateNetworks {
    /// Networks over this gate.
    pub fn new(gate: Arc<Gate>) -> Self {
        Self { gate, ledgers: Mutex::default() }
    }

    /// What has passed for a task since its network was opened; nothing where it has none.
    pub fn traffic(&self, task: TaskId) -> Traffic {
        let ledgers = self.ledgers.lock().unwrap_or_else(PoisonError::into_inner);
        ledgers.get(&task).and_then(Weak::upgrade).map(|ledger| ledger.traffic()).unwrap_or_default()
    }
}

impl Networks for GateNetworks {
    fn open(&self, task: TaskId, ledger: &Path) -> Arc<dyn Network> {
        let ledger = Arc::new(Ledger::new(ledger));
        let mut ledgers = self.ledgers.lock().unwrap_or_else(PoisonError::into_inner);
        ledgers.retain(|_, ledger| ledger.strong_count() > 0);
        ledgers.insert(task, Arc::downgrade(&ledger));
        Arc::new(TaskNetwork {
            gate: Arc::clone(&self.gate),
            ledger,
            errand: Mutex::new(None),
            slots: Semaphore::new(MOST_CONNECTIONS),
        })
    }
}

/// The network of one task.
struct TaskNetwork {
    gate: Arc<Gate>,
    ledger: Arc<Ledger>,
    errand: Mutex<Option<Arc<Asking>>>,
    slots: Semaphore,
}

impl TaskNetwork {
    fn replace(&self, errand: Option<Arc<Asking>>) {
        let mut current = self.errand.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(before) = std::mem::replace(&mut *current, errand) {
            before.end();
        }
    }

    fn passage(&self) -> Passage {
        let asking = self.errand.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Passage { gate: Arc::clone(&self.gate), ledger: Arc::clone(&self.ledger), asking }
    }
}

impl Network for TaskNetwork {
    fn serve(self: Arc<Self>, connection: DuplexStream) -> BoxFuture<'static, ()> {
        Box::pin(async move {
            let passage = self.passage();
            let Ok(_slot) = self.slots.try_acquire() else {
                proxy::turn_away(&passage, connection).await;
                return;
            };
            let over = passage.asking.as_ref().map(|asking| asking.over().clone()).unwrap_or_default();
            tokio::select! {
                biased;
                () = over.cancelled() => {}
                () = proxy::serve(&passage, connection) => {}
            }
        })
    }

    fn begin(&self, errand: Errand) {
        self.replace(Some(Arc::new(Asking::new(errand.call, errand.asker, None))));
    }

    fn refused(&self) -> Vec<RefusedHost> {
        let errand = self.errand.lock().unwrap_or_else(PoisonError::into_inner);
        errand.as_ref().map(|asking| asking.refused()).unwrap_or_default()
    }

    fn end(&self) {
        self.replace(None);
    }
}

impl Drop for TaskNetwork {
    fn drop(&mut self) {
        self.replace(None);
    }
}
