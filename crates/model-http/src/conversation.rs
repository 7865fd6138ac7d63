//! A conversation over HTTP: the encoded history and the requests made of it.

use std::collections::HashSet;
use std::sync::Arc;

use event::Reply;
use model::{Ask, Conversation, Message, Profile, ReplyStream, Setup};

use crate::anthropic::AnthropicEncoder;
use crate::client::Link;
use crate::dialect::Dialect;
use crate::history::History;
use crate::openai::OpenAiEncoder;
use crate::reply_stream::{self, Request};

/// Ids of calls made so far, so that a server that repeats them cannot confuse a task.
pub(crate) type KnownIds = Arc<HashSet<String>>;

enum Encoder {
    Anthropic(AnthropicEncoder),
    OpenAi(OpenAiEncoder),
}

/// A conversation with a model of one provider.
pub(crate) struct HttpConversation {
    link: Arc<Link>,
    profile: Arc<Profile>,
    encoder: Encoder,
    history: History,
    known: KnownIds,
}

impl HttpConversation {
    /// An empty conversation; everything before the first message is encoded here, once.
    pub(crate) fn begin(link: Arc<Link>, profile: Arc<Profile>, setup: &Setup) -> Self {
        let model = profile.name.model();
        let mut history = History::default();
        let encoder = match &link.endpoint.dialect {
            Dialect::Anthropic(settings) => {
                let encoder = AnthropicEncoder::new(settings.cache);
                history.append(|out| crate::anthropic::write_head(out, settings, model, setup));
                Encoder::Anthropic(encoder)
            }
            Dialect::OpenAi(settings) => {
                let encoder = OpenAiEncoder::new(settings.quirks.clone(), !setup.system.is_empty());
                history.append(|out| crate::openai::write_head(out, settings, model, setup));
                Encoder::OpenAi(encoder)
            }
        };
        Self { link, profile, encoder, history, known: KnownIds::default() }
    }

    fn tail(&self, ask: &Ask) -> Vec<u8> {
        let settings = &self.link.endpoint.dialect;
        let effort = ask.effort.as_deref().or_else(|| settings.effort());
        match &self.encoder {
            Encoder::Anthropic(encoder) => encoder.tail(ask.aside.as_deref(), effort),
            Encoder::OpenAi(encoder) => encoder.tail(ask.aside.as_deref(), effort),
        }
    }

    fn remember(&mut self, reply: &Reply) {
        if reply.calls().next().is_some() {
            Arc::make_mut(&mut self.known).extend(reply.calls().map(|call| call.id.0.clone()));
        }
    }
}

impl Conversation for HttpConversation {
    fn push(&mut self, message: &Message) {
        if let Message::Reply(reply) = message {
            self.remember(reply);
        }
        let encoder = &mut self.encoder;
        self.history.append(|out| match encoder {
            Encoder::Anthropic(encoder) => encoder.push(message, out),
            Encoder::OpenAi(encoder) => encoder.push(message, out),
        });
    }

    fn request_bytes(&self) -> usize {
        self.history.len() + self.tail(&Ask::default()).len()
    }

    fn ask(&self, ask: &Ask) -> ReplyStream {
        let parts = self.history.with_tail(&self.tail(ask));
        reply_stream::open(Request {
            link: Arc::clone(&self.link),
            profile: Arc::clone(&self.profile),
            parts,
            step: ask.step,
            known: Arc::clone(&self.known),
        })
    }
}
