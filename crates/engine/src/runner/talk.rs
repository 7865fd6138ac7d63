//! Talking to the model: finding it, asking it, hearing what comes, cutting it off.

use std::sync::Arc;

use event::{Event, Fact, Seq};
use futures_util::FutureExt as _;
use model::{ErrorKind, Model, ModelError};
use store::StoreError;

use super::asking::{Asking, Heard, Purpose};
use super::{MOST_AT_ONCE, Runner};
use crate::input::Input;
use crate::prompt::{Prompt, summary_request};

impl Runner {
    pub(super) fn ask(&mut self, step: u32) {
        self.state.live.model = true;
        let model_name = self.state.view.model.clone();
        let effort = self.state.view.effort.clone();
        match self.talk() {
            Ok((_, prompt)) => {
                let stream = prompt.conversation().ask(&model::Ask { step, aside: None, effort });
                self.asking = Some(Asking::new(stream, Purpose::Reply { step }));
            }
            Err(error) => {
                let error = ModelError { message: format!("{model_name}: {}", error.message), ..error };
                self.asking = Some(Asking::failed(error, Purpose::Reply { step }));
            }
        }
    }

    pub(super) fn summarise(&mut self, shortened: bool) -> Result<(), StoreError> {
        self.state.live.summarising = true;
        self.state.live.summaries += 1;
        let through = self.state.view.head;
        let ask = model::Ask {
            step: self.state.view.steps,
            aside: Some(summary_request()),
            effort: self.state.view.effort.clone(),
        };
        let task = self.state.view.task;
        let stored = if shortened { self.parts.store.read(task, Seq(0))? } else { Vec::new() };
        let setup = Arc::clone(&self.parts.setup);
        let talk = self.talk().map(|(model, prompt)| {
            if !shortened {
                prompt.flush();
                return prompt.conversation().ask(&ask);
            }
            // Pictures are left out: a shortened conversation is read once, for the summary.
            let mut short = Prompt::new(model.begin(setup)).shortened();
            short.take_in(&stored, &|_| None);
            short.flush();
            short.conversation().ask(&ask)
        });
        self.asking = Some(match talk {
            Ok(stream) => Asking::new(stream, Purpose::Summary { through, shortened }),
            Err(error) => Asking::failed(error, Purpose::Summary { through, shortened }),
        });
        Ok(())
    }

    /// Encodes the log once there is work to do.
    pub(super) fn prepare(&mut self) {
        if self.state.paused() || !(self.state.turn_open || self.state.unread) {
            return;
        }
        let Some(events) = self.unread_log.take() else { return };
        // Without a model the task still opens: it can be renamed, undone, or given another model.
        if let Ok(model) = self.parts.models.find(&self.state.view.model) {
            let prompt = self.build_prompt(&*model, &events);
            self.talk = Some((model, prompt));
        }
    }

    /// The present conversation; finds the model and encodes the log first where that has not been done.
    fn talk(&mut self) -> Result<&mut (Arc<dyn Model>, Prompt), ModelError> {
        if self.talk.is_none() {
            let model = self.parts.models.find(&self.state.view.model)?;
            let events = self.parts.store.read(self.state.view.task, Seq(0)).map_err(|error| {
                ModelError::new(ErrorKind::BadRequest, format!("cannot read the task: {error}"), error.hint())
            })?;
            let prompt = self.build_prompt(&*model, &events);
            self.talk = Some((model, prompt));
        }
        self.talk.as_mut().ok_or_else(|| ModelError::new(ErrorKind::NotFound, "there is no model", "choose a model"))
    }

    pub(super) fn build_prompt(&self, model: &dyn Model, events: &[Arc<Event>]) -> Prompt {
        let mut prompt = Prompt::new(model.begin(Arc::clone(&self.parts.setup)));
        prompt.take_in(events, &|digest| self.log.blob(digest).ok());
        prompt
    }

    pub(super) fn cut_model(&mut self) -> Result<(), StoreError> {
        self.retry_at = None;
        self.state.live.waiting = false;
        let text = self.asking.as_ref().map(|asking| asking.partial().to_owned()).unwrap_or_default();
        let was_reply = self.state.live.model;
        if self.state.live.summarising {
            self.forget_summary_request();
        }
        let kept = self.end_asking();
        if was_reply && !text.is_empty() {
            let step = self.state.view.steps;
            let cut = Fact::ReplyCut { step, text, reason: "stopped by you".to_owned() };
            self.append(vec![(event::Actor::User, cut)])?;
        }
        if kept { self.log.drop_draft() } else { Ok(()) }
    }

    /// A summary was asked for and did not come: the conversation held in memory was flushed for it in a way that the
    /// log does not tell, so it is built from the log again.
    fn forget_summary_request(&mut self) {
        self.talk = None;
    }

    /// Takes what of the stream is there already, without a round through the inbox for every token.
    fn hear_more(&mut self) -> Result<(), StoreError> {
        for _ in 0..MOST_AT_ONCE {
            match Asking::hear(&mut self.asking).now_or_never() {
                Some(Heard::Delta(delta)) => self.log.tell(delta),
                Some(heard) => return self.heard(heard),
                None => return Ok(()),
            }
        }
        Ok(())
    }

    /// Forgets the request under way; says whether some of its text was kept on the disk.
    fn end_asking(&mut self) -> bool {
        self.state.live.model = false;
        self.state.live.summarising = false;
        self.asking.take().is_some_and(|asking| asking.kept_any())
    }

    pub(super) fn heard(&mut self, heard: Heard) -> Result<(), StoreError> {
        match heard {
            Heard::Delta(delta) => {
                self.log.tell(delta);
                self.hear_more()
            }
            Heard::KeepDraft => {
                let text = self.asking.as_mut().map(Asking::take_unkept).unwrap_or_default();
                self.log.keep_draft(&text)
            }
            Heard::Replied { reply, ms } => {
                let kept = self.end_asking();
                self.take(Input::Replied { reply, ms })?;
                if kept { self.log.drop_draft() } else { Ok(()) }
            }
            Heard::Failed { error, partial } => {
                let kept = self.end_asking();
                self.take(Input::ModelFailed { error, partial })?;
                if kept { self.log.drop_draft() } else { Ok(()) }
            }
            Heard::Summarised { through, shortened, summary } => {
                self.end_asking();
                if summary.is_err() {
                    self.forget_summary_request();
                }
                self.take(Input::Summarised { through, shortened, summary })
            }
        }
    }
}
