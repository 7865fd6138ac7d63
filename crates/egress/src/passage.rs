//! How one connection or request gets its answer: rules first, then the user, once for each host and command.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use event::{CallId, Consent, Effect, Inquiry};
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};
use sandbox::{Asker, RefusedHost};
use tokio_util::sync::CancellationToken;

use crate::gate::{Fault, Gate};
use crate::host::{Host, Target};
use crate::ledger::{Entry, Ledger};
use crate::rules::{Pass, Verdict, Wish};

/// Hosts the user is asked about for one command; whatever comes after is refused.
const MOST_QUESTIONS: usize = 20;
/// Refusals of one command that are remembered, to be told of.
const MOST_REFUSALS: usize = 8;

/// Who is asked, and what was answered already: one command's, or one fetch's.
pub(crate) struct Asking {
    call: CallId,
    asker: Arc<dyn Asker>,
    /// A host that was allowed before the call began.
    granted: Option<Host>,
    asked: Mutex<HashMap<Host, Shared<BoxFuture<'static, Consent>>>>,
    refused: Mutex<Vec<RefusedHost>>,
    over: CancellationToken,
}

impl Asking {
    pub(crate) fn new(call: CallId, asker: Arc<dyn Asker>, granted: Option<Host>) -> Self {
        Self {
            call,
            asker,
            granted,
            asked: Mutex::default(),
            refused: Mutex::default(),
            over: CancellationToken::new(),
        }
    }

    /// What was refused so far: the first hosts, each once.
    pub(crate) fn refused(&self) -> Vec<RefusedHost> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, host: &str, why: &str) {
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        if refused.len() < MOST_REFUSALS && refused.iter().all(|known| known.host != host) {
            refused.push(RefusedHost { host: host.to_owned(), why: why.to_owned() });
        }
    }

    /// Ends it: whoever waits is refused.
    pub(crate) fn end(&self) {
        self.over.cancel();
    }

    /// Is cancelled when it ends.
    pub(crate) fn over(&self) -> &CancellationToken {
        &self.over
    }

    /// The user's answer about a host. Everyone who asks about the same host waits for the same answer.
    async fn ask(&self, host: &Host) -> Result<(), String> {
        if self.granted.as_ref() == Some(host) {
            return Ok(());
        }
        let Some(answer) = self.question(host) else {
            return Err(format!("this command has asked for {MOST_QUESTIONS} hosts already"));
        };
        let consent = tokio::select! {
            biased;
            () = self.over.cancelled() => return Err("the command ended before there was an answer".to_owned()),
            consent = answer => consent,
        };
        match consent {
            Consent::Given => Ok(()),
            Consent::Refused { why } => Err(format!("`{host}` was not allowed: {why}")),
        }
    }

    fn question(&self, host: &Host) -> Option<Shared<BoxFuture<'static, Consent>>> {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(answer) = asked.get(host) {
            return Some(answer.clone());
        }
        if asked.len() >= MOST_QUESTIONS {
            return None;
        }
        let inquiry = Inquiry {
            effects: vec![Effect::Connect(host.to_string())],
            reason: format!("connect to `{host}`"),
            files: None,
        };
        let answer = self.asker.ask(inquiry).shared();
        asked.insert(host.clone(), answer.clone());
        Some(answer)
    }
}

/// Everything a connection needs to get its answers.
#[derive(Clone)]
pub(crate) struct Passage {
    pub(crate) gate: Arc<Gate>,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) asking: Option<Arc<Asking>>,
}

/// An allowed connection.
pub(crate) struct Settled {
    pub(crate) pass: Pass,
    /// Whether it is the user's answer that allows it.
    by_user: bool,
}

impl Passage {
    /// Begins a decision about a host, as it was written by the program.
    pub(crate) fn begin(&self, host: &str, port: u16) -> Result<Entry, Fault> {
        let call = self.asking.as_ref().map(|asking| &asking.call);
        self.ledger.begin(host, port, call).map_err(|error| Fault {
            status: 503,
            why: format!("the ledger of the network cannot be written: {error}"),
            next: "see `deskhand doctor`",
        })
    }

    /// Decides, asking the user where the rules leave it to them. What comes out stands in the entry already.
    pub(crate) async fn settle(&self, target: &Target, wish: &Wish, entry: &mut Entry) -> Result<Settled, Fault> {
        let settled = self.answer(target, wish).await;
        match &settled {
            Ok(settled) => entry.allow(&settled.pass.rule),
            Err(fault) => self.refuse(entry, fault),
        }
        settled
    }

    /// Writes a refusal down. One that was decided, and is no accident of the network, is remembered as well.
    pub(crate) fn refuse(&self, entry: &mut Entry, fault: &Fault) {
        entry.refuse(&fault.why);
        if fault.status == 403
            && let Some(asking) = &self.asking
        {
            asking.note(entry.host(), &fault.why);
        }
    }

    async fn answer(&self, target: &Target, wish: &Wish) -> Result<Settled, Fault> {
        let Some(asking) = &self.asking else {
            return Err(Fault::refused("no command is running, so nothing may use the network"));
        };
        let host = match self.gate.decide(target, wish) {
            Verdict::Allow(pass) => return Ok(Settled { pass, by_user: false }),
            Verdict::Refuse(why) => return Err(Fault::refused(why)),
            Verdict::Ask => target.name().ok_or_else(|| Fault::refused("addresses cannot be reached, only names"))?,
        };
        asking.ask(host).await.map_err(Fault::refused)?;
        // The settings may have changed while the user thought.
        match self.gate.decide(target, wish) {
            Verdict::Allow(pass) => Ok(Settled { pass, by_user: false }),
            Verdict::Refuse(why) => Err(Fault::refused(why)),
            Verdict::Ask => {
                let rule = "allowed by the user".to_owned();
                let pass = Pass { rule, port: target.port(), upgrade: false, identity: None };
                Ok(Settled { pass, by_user: true })
            }
        }
    }

    /// Waits until a connection that was allowed is no longer so; gives the reason.
    pub(crate) async fn revoked(&self, target: &Target, wish: &Wish, settled: &Settled) -> String {
        let mut changes = self.gate.watch();
        loop {
            match self.gate.decide(target, wish) {
                Verdict::Allow(_) => {}
                Verdict::Ask if settled.by_user => {}
                Verdict::Ask => return format!("cut: `{}` is no longer in the list", target.host()),
                Verdict::Refuse(why) => return format!("cut: {why}"),
            }
            if changes.changed().await.is_err() {
                return "cut: the gate was closed".to_owned();
            }
        }
    }
}
