//! Sends a question, and adapts and resends it after each refusal, until an answer begins.

use super::Inner;
use super::call::Call;
use super::dialect::{Dialect, FirstRequestGuard, Lesson, SharedDialect, learn};
use super::request::ChatRequest;
use super::response_body::{BodyKind, ResponseBody};
use super::send::{EndpointConfig, SendError, build, send};
use super::stream::AnswerStream;
use crate::event::FailureKind;
use crate::provider::endpoint::Endpoint;
use crate::provider::transport::{error, fault};
use crate::provider::{Cause, ProviderError, RequestNote, TimeoutExtension};
use crate::request::Prompt;
use async_openai::config::Config;
use async_openai::error::OpenAIError;
use futures::stream::{self, Stream};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// Maximum number of requests for one question. It should never be reached, because each refusal
/// teaches something new.
const REQUESTS_MAX: usize = 16;

/// An item of the stream that an [`Asking`] becomes.
pub(crate) enum Step {
    /// A note for the user about how the answer is requested.
    Tell(RequestNote),
    /// The answer, which has begun. Always the last step.
    Answer(Box<AnswerStream>),
}

/// A question that is being asked: it is sent again, adapted after each refusal, until an answer
/// begins.
pub(crate) struct Asking {
    inner: Arc<Inner>,
    prompt: Prompt,
    extension: TimeoutExtension,
    /// The endpoint with its key and the configuration made from it; `None` until the key is
    /// needed.
    ready: Option<(Endpoint, Arc<dyn Config>)>,
    known: Arc<SharedDialect>,
    lead: Option<FirstRequestGuard>,
    /// What refusals of this question have taught.
    taught: Dialect,
    /// The dialect of the next request, if it was chosen in an earlier step.
    next: Option<Dialect>,
    told: Vec<RequestNote>,
    sent: usize,
    steps: VecDeque<Step>,
}

impl Asking {
    pub(crate) fn new(inner: Arc<Inner>, prompt: Prompt, extension: TimeoutExtension) -> Self {
        Self {
            known: inner.known(&prompt),
            inner,
            prompt,
            extension,
            ready: None,
            lead: None,
            taught: Dialect::default(),
            next: None,
            told: vec![],
            sent: 0,
            steps: VecDeque::new(),
        }
    }

    pub(crate) fn into_stream(self) -> impl Stream<Item = Result<Step, ProviderError>> {
        // Boxed, since it is moved with each item.
        stream::unfold(Some(Box::new(self)), |asking| async move {
            let mut asking = asking?;
            let step = asking.step().await;
            let goes_on = !matches!(step, Ok(Step::Answer(_)) | Err(_));
            Some((step, goes_on.then_some(asking)))
        })
    }

    async fn step(&mut self) -> Result<Step, ProviderError> {
        loop {
            if let Some(step) = self.steps.pop_front() {
                return Ok(step);
            }
            let (endpoint, config) = self.ready().await?;
            let dialect = match self.next.take() {
                Some(dialect) => dialect,
                None => self.turn().await,
            };
            let (inner, prompt) = (Arc::clone(&self.inner), self.prompt.clone());
            let question = ChatRequest::new(&prompt, &endpoint, inner.model(&prompt), dialect);
            if let Some(note) = question.note_before().filter(|note| !self.told.contains(note)) {
                // The user gets the note before a wait that may be long. The next step sends the
                // request.
                self.told.push(note);
                self.next = Some(dialect);
                return Ok(Step::Tell(note));
            }
            self.sent += 1;
            let start = Instant::now();
            let call = Call::new(&endpoint, self.extension.clone(), !question.streams());
            let call = Arc::new(call);
            let sent = match build(&inner.http, config, &question).await {
                Ok(request) => send(&inner.http, request, &call).await,
                Err(cause) => Err(not_made(cause, &call).into()),
            };
            match sent {
                Ok(body) => self.answered(&question, dialect, body, call),
                Err(error) => self.learn(error, &question, &endpoint, start.elapsed())?,
            }
        }
    }

    /// Returns the endpoint with its key and its configuration. The first call obtains the key.
    async fn ready(&mut self) -> Result<(Endpoint, Arc<dyn Config>), ProviderError> {
        if let Some(ready) = &self.ready {
            return Ok(ready.clone());
        }
        let endpoint = self.inner.endpoint.with_key().await?;
        let config: Arc<dyn Config> = Arc::new(EndpointConfig::new(&endpoint)?);
        Ok(self.ready.insert((endpoint, config)).clone())
    }

    /// Waits until the next request may be sent, and returns its dialect.
    async fn turn(&mut self) -> Dialect {
        let (dialect, lead) = self.known.turn(self.taught, self.lead.take()).await;
        self.lead = lead;
        dialect
    }

    fn answered(
        &mut self,
        question: &ChatRequest<'_>,
        dialect: Dialect,
        body: (ResponseBody, BodyKind),
        call: Arc<Call>,
    ) {
        self.known.answered(dialect);
        self.lead = None;
        let notes = question.notes().filter(|note| !self.told.contains(note)).map(Step::Tell);
        self.steps.extend(notes);
        self.steps.push_back(Step::Answer(Box::new(AnswerStream::new(
            body,
            call,
            Arc::clone(&self.known),
        ))));
    }

    /// Learns from a refusal, which arrived after `took`.
    ///
    /// # Errors
    /// Returns the refusal if there is no other way to ask, or after [`REQUESTS_MAX`] requests.
    fn learn(
        &mut self,
        refused: SendError,
        question: &ChatRequest<'_>,
        endpoint: &Endpoint,
        took: Duration,
    ) -> Result<(), ProviderError> {
        let SendError { error, body } = refused;
        if error.kind == FailureKind::Unauthorized {
            endpoint.refused_key();
        }
        match learn(error.status, &body, &question.sent()) {
            Lesson::Again(dialect) if self.sent < REQUESTS_MAX => {
                tracing::debug!(
                    host = error.host,
                    ?dialect,
                    "asks again, without what was refused"
                );
                self.taught = dialect;
                self.known.learned(dialect, took);
                Ok(())
            }
            Lesson::Stays(Some(cause)) => Err(because(error, cause)),
            Lesson::Again(_) | Lesson::Stays(None) => Err(error),
        }
    }
}

/// Returns the error with a cause that its status does not show, and with the matching kind.
fn because(error: ProviderError, cause: Cause) -> ProviderError {
    let kind = match cause {
        Cause::WindowFull { .. } => FailureKind::TooLarge,
        _ => FailureKind::BadRequest,
    };
    ProviderError { kind, ..error }.because(cause)
}

/// Returns the error for a request that could not be built.
fn not_made(cause: OpenAIError, call: &Call) -> ProviderError {
    match cause {
        OpenAIError::Reqwest(cause) => fault(cause, &call.host, &call.redactor),
        _ => error(FailureKind::Internal, &call.host, None),
    }
}
