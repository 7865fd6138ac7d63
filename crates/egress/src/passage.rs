//! How one connection or request gets its answer: rules first, then the user, once for each host and command.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use event::{CallId, Consent, Effect, Inquiry};
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared, WeakShared};
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

/// How long a program may have hung up before it is no longer asked for. Some only say that they have sent everything;
/// what a rule answers reaches them all the same.
const PATIENCE: Duration = Duration::from_secs(1);

/// Who is asked, and what was answered already: one command's, or one fetch's.
pub(crate) struct Asking {
    call: CallId,
    asker: Arc<dyn Asker>,
    asked: Mutex<Asked>,
    refused: Mutex<Vec<RefusedHost>>,
    over: CancellationToken,
}

#[derive(Default)]
struct Asked {
    hosts: HashMap<Host, Question>,
    /// Questions so far, also those that were given up; the number of the last one.
    count: usize,
}

/// What is known of the user's answer about a host.
struct Question {
    /// Tells it from others about the same host.
    number: usize,
    answer: Answer,
    withdrawn: Withdrawn,
}

/// Held weakly while it is open: a question that no connection waits for is given up.
enum Answer {
    Open(WeakShared<BoxFuture<'static, Consent>>),
    Known(Consent),
}

/// Ends when a host that was allowed by the task's rules is so no longer.
type Withdrawn = Shared<BoxFuture<'static, ()>>;

impl Question {
    /// The answer, or the waiting for it; nothing where it has to be asked again.
    fn ask(&self) -> Option<Put> {
        let withdrawn = self.withdrawn.clone();
        if withdrawn.clone().now_or_never().is_some() {
            return None;
        }
        let answer = match &self.answer {
            Answer::Known(consent) => std::future::ready(consent.clone()).boxed().shared(),
            Answer::Open(open) => open.upgrade()?,
        };
        Some(Put { number: self.number, answer, withdrawn })
    }
}

type Waiting = Shared<BoxFuture<'static, Consent>>;

/// A question as one connection waits for it.
struct Put {
    number: usize,
    answer: Waiting,
    withdrawn: Withdrawn,
}

impl Asking {
    /// For a call. `granted` is a host that was allowed before it began.
    pub(crate) fn new(call: CallId, asker: Arc<dyn Asker>, granted: Option<Host>) -> Self {
        let question = |host: &Host| {
            let withdrawn = asker.withdrawn(Effect::Connect(host.to_string())).shared();
            Question { number: 0, answer: Answer::Known(Consent::Given), withdrawn }
        };
        let hosts = granted.into_iter().map(|host| (host.clone(), question(&host))).collect();
        Self {
            call,
            asked: Mutex::new(Asked { hosts, count: 0 }),
            asker,
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

    /// The user's answer about a host. Everyone who asks about the same host waits for the same answer, and nobody any
    /// more once each of them has `gone`.
    async fn ask(&self, host: &Host, gone: impl Future<Output = ()>) -> Result<Withdrawn, Fault> {
        let Some(Put { number, answer, withdrawn }) = self.question(host) else {
            return Err(Fault::refused(format!("this command has asked for {MOST_QUESTIONS} hosts already")));
        };
        let left = async {
            gone.await;
            tokio::time::sleep(PATIENCE).await;
        };
        let consent = tokio::select! {
            biased;
            () = self.over.cancelled() => {
                return Err(Fault::refused("the command ended before there was an answer"));
            }
            consent = answer => consent,
            () = left => return Err(Fault::malformed("the program hung up before there was an answer")),
        };
        self.know((host, number), &consent);
        match consent {
            Consent::Given => Ok(withdrawn),
            Consent::Refused { why } => Err(Fault::refused(format!("`{host}` was not allowed: {why}"))),
        }
    }

    fn question(&self, host: &Host) -> Option<Put> {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = asked.hosts.get(host).and_then(Question::ask) {
            return Some(known);
        }
        if asked.count >= MOST_QUESTIONS {
            return None;
        }
        asked.count += 1;
        let number = asked.count;
        let effect = Effect::Connect(host.to_string());
        let inquiry = Inquiry { effects: vec![effect.clone()], reason: format!("connect to `{host}`"), files: None };
        let withdrawn = self.asker.withdrawn(effect).shared();
        let answer = self.asker.ask(inquiry).shared();
        // Not polled yet, so it can be held weakly.
        if let Some(open) = answer.downgrade() {
            let question = Question { number, answer: Answer::Open(open), withdrawn: withdrawn.clone() };
            asked.hosts.insert(host.clone(), question);
        }
        Some(Put { number, answer, withdrawn })
    }

    /// Keeps the answer to a question for the connections that come later. Where another one about the host was put
    /// meanwhile, that one's answer is what they wait for.
    fn know(&self, (host, number): (&Host, usize), consent: &Consent) {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(question) = asked.hosts.get_mut(host)
            && question.number == number
            && matches!(question.answer, Answer::Open(_))
        {
            question.answer = Answer::Known(consent.clone());
        }
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
    /// Set where it is an answer that allows it, and not the settings.
    answered: Option<Withdrawn>,
}

impl Passage {
    /// Begins a decision about a host, as it was written by the program.
    pub(crate) fn begin(&self, host: &str, port: u16) -> Result<Entry, Fault> {
        let call = self.asking.as_ref().map(|asking| &asking.call);
        self.ledger.begin(host, port, call).map_err(|error| unwritten(&error))
    }

    /// Decides, asking the user where the rules leave it to them and until the program has `gone`. What comes out
    /// stands in the ledger already where it is allowed, and in the entry where it is not.
    pub(crate) async fn settle(
        &self,
        (target, wish): (&Target, &Wish),
        entry: &mut Entry,
        gone: impl Future<Output = ()>,
    ) -> Result<Settled, Fault> {
        match self.answer(target, wish, gone).await {
            Ok(settled) => {
                entry.allow(&settled.pass.rule).map_err(|error| unwritten(&error))?;
                Ok(settled)
            }
            Err(fault) => {
                self.refuse(entry, &fault);
                Err(fault)
            }
        }
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

    async fn answer(&self, target: &Target, wish: &Wish, gone: impl Future<Output = ()>) -> Result<Settled, Fault> {
        let Some(asking) = &self.asking else {
            return Err(Fault::refused("no command is running, so nothing may use the network"));
        };
        let host = match self.gate.decide(target, wish) {
            Verdict::Allow(pass) => return Ok(Settled { pass, answered: None }),
            Verdict::Refuse(why) => return Err(Fault::refused(why)),
            Verdict::Ask => target.name().ok_or_else(|| Fault::refused("addresses cannot be reached, only names"))?,
        };
        let withdrawn = asking.ask(host, gone).await?;
        // The settings may have changed while the user thought.
        match self.gate.decide(target, wish) {
            Verdict::Allow(pass) => Ok(Settled { pass, answered: None }),
            Verdict::Refuse(why) => Err(Fault::refused(why)),
            Verdict::Ask => {
                let rule = "allowed by the user".to_owned();
                Ok(Settled { pass: Pass::plain(rule, target.port()), answered: Some(withdrawn) })
            }
        }
    }

    /// Waits until a connection that was allowed is no longer so; gives the reason.
    pub(crate) async fn revoked(&self, target: &Target, wish: &Wish, settled: &Settled) -> String {
        let mut changes = self.gate.watch();
        loop {
            match (self.gate.decide(target, wish), &settled.answered) {
                (Verdict::Allow(pass), _) if pass.is_made_like(&settled.pass) => {}
                (Verdict::Allow(_), _) => return format!("cut: `{}` is reached in another way now", target.host()),
                (Verdict::Ask, Some(_)) => {}
                (Verdict::Ask, None) => return format!("cut: `{}` is no longer in the list", target.host()),
                (Verdict::Refuse(why), _) => return format!("cut: {why}"),
            }
            let withdrawn = async {
                match &settled.answered {
                    Some(withdrawn) => withdrawn.clone().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                () = withdrawn => return format!("cut: `{}` has to be asked for now", target.host()),
                changed = changes.changed() => if changed.is_err() {
                    return "cut: the gate was closed".to_owned();
                },
            }
        }
    }
}

/// Nothing happens that leaves no trace.
fn unwritten(error: &std::io::Error) -> Fault {
    Fault {
        status: 503,
        why: format!("the ledger of the network cannot be written: {error}"),
        next: "see `deskhand doctor`",
    }
}
