//! One reply under way: the request, the bytes, the events, the chunks. Dropping it closes the connection.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use event::Reply;
use futures_util::StreamExt as _;
use futures_util::stream;
use model::{Chunk, ModelError, Profile, ReplyStream};
use reqwest::Response;
use reqwest::header::CONTENT_TYPE;

use crate::client::Link;
use crate::conversation::KnownIds;
use crate::decoder::{Decoder, Ids, Progress};
use crate::offers::{LONGEST_ERROR, read_up_to};
use crate::sse::SseSplitter;

/// How long a whole reply waits for the end of its body, so that the connection can be used again.
const LINGER: Duration = Duration::from_millis(50);

/// Everything one request needs.
pub(crate) struct Request {
    pub(crate) link: Arc<Link>,
    pub(crate) profile: Arc<Profile>,
    pub(crate) parts: Vec<Bytes>,
    pub(crate) step: u32,
    pub(crate) known: KnownIds,
}

/// The stream of a reply. The request is sent when the stream is first asked for something.
pub(crate) fn open(request: Request) -> ReplyStream {
    let ids = Ids::new(request.step, request.known);
    let decoder = Decoder::new(&request.link.endpoint, request.profile.name.model(), ids);
    let reading = Reading {
        link: request.link,
        profile: request.profile,
        parts: Some(request.parts),
        response: None,
        splitter: SseSplitter::default(),
        decoder,
        ready: VecDeque::new(),
        state: State::Going,
    };
    stream::try_unfold(Box::new(reading), Reading::next).boxed()
}

enum State {
    Going,
    /// The reply is whole; its chunks before it are still to be given out.
    Whole(Box<Reply>),
    /// It failed; what came before is still to be given out.
    Failed(ModelError),
    Over,
}

struct Reading {
    link: Arc<Link>,
    profile: Arc<Profile>,
    parts: Option<Vec<Bytes>>,
    response: Option<Response>,
    splitter: SseSplitter,
    decoder: Decoder,
    ready: VecDeque<Chunk>,
    state: State,
}

impl Reading {
    async fn next(mut self: Box<Self>) -> Result<Option<(Chunk, Box<Self>)>, ModelError> {
        loop {
            if let Some(chunk) = self.ready.pop_front() {
                return Ok(Some((chunk, self)));
            }
            match std::mem::replace(&mut self.state, State::Over) {
                State::Going => {
                    self.state = State::Going;
                    self.advance().await?;
                }
                State::Whole(reply) => {
                    self.linger().await;
                    return Ok(Some((Chunk::Done(reply), self)));
                }
                State::Failed(error) => return Err(error),
                State::Over => return Ok(None),
            }
        }
    }

    /// Sends the request, or reads one more piece of the answer.
    async fn advance(&mut self) -> Result<(), ModelError> {
        if let Some(parts) = self.parts.take() {
            self.response = Some(self.send(parts).await?);
        }
        let Some(response) = &mut self.response else { return Ok(()) };
        match response.chunk().await {
            Ok(Some(bytes)) => self.feed(&bytes),
            Ok(None) => self.end(),
            Err(error) => return Err(self.link.blame(self.profile.name.model()).connection(&error)),
        }
        Ok(())
    }

    async fn send(&self, parts: Vec<Bytes>) -> Result<Response, ModelError> {
        let model = self.profile.name.model();
        let blame = self.link.blame(model);
        let mut response = self.link.post(model, parts).await?;
        let status = response.status();
        let content_type = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
        let content_type = content_type.to_ascii_lowercase();
        // Servers that forget to say what they send, or say it wrongly, are believed as long as it can be a stream.
        if status.is_success() && !content_type.contains("json") && !content_type.contains("html") {
            return Ok(response);
        }
        let body = read_up_to(&mut response, LONGEST_ERROR).await.map_err(|error| blame.connection(&error))?;
        if status.is_success() {
            return Err(blame.not_a_stream(&content_type, &body));
        }
        Err(blame.status(status.as_u16(), response.headers(), &body, SystemTime::now()))
    }

    fn feed(&mut self, bytes: &[u8]) {
        let Self { splitter, decoder, ready, state, .. } = self;
        let mut trouble = None;
        let cut = splitter.feed(bytes, |data| one_event(decoder, data, ready, state, &mut trouble));
        self.settle(trouble, cut.is_err());
    }

    /// The body ended properly.
    fn end(&mut self) {
        self.response = None;
        let Self { splitter, decoder, ready, state, .. } = self;
        let mut trouble = None;
        let cut = splitter.finish(|data| one_event(decoder, data, ready, state, &mut trouble));
        self.settle(trouble, cut.is_err());
        if matches!(self.state, State::Going) {
            let blame = self.link.blame(self.profile.name.model());
            self.state = match self.decoder.end(&mut self.ready) {
                Ok(Some(reply)) => State::Whole(reply),
                Ok(None) => State::Failed(blame.cut("ended before it was complete")),
                Err(trouble) => State::Failed(trouble.error(blame)),
            };
        }
    }

    fn settle(&mut self, trouble: Option<crate::decoder::Trouble>, line_too_long: bool) {
        let blame = self.link.blame(self.profile.name.model());
        if let Some(trouble) = trouble {
            self.state = State::Failed(trouble.error(blame));
        } else if line_too_long {
            self.state = State::Failed(blame.too_large("has a line longer than 8 MB"));
        }
        if matches!(self.state, State::Failed(_)) {
            self.response = None;
        }
    }

    /// Lets the body end, so that the connection is free for the next request; gives up soon.
    async fn linger(&mut self) {
        let Some(mut response) = self.response.take() else { return };
        let rest = async move { while let Ok(Some(_)) = response.chunk().await {} };
        // Whether it ended or time ran out makes no difference: the reply is whole.
        tokio::time::timeout(LINGER, rest).await.unwrap_or_default();
    }
}

/// Reads one event; says whether to go on.
fn one_event(
    decoder: &mut Decoder,
    data: &[u8],
    ready: &mut VecDeque<Chunk>,
    state: &mut State,
    trouble: &mut Option<crate::decoder::Trouble>,
) -> bool {
    match decoder.event(data, ready) {
        Ok(Progress::More) => true,
        Ok(Progress::Complete(reply)) => {
            *state = State::Whole(reply);
            false
        }
        Err(error) => {
            *trouble = Some(error);
            false
        }
    }
}
