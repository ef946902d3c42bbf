//! A single free-form question outside of runs: sent to the same server as runs and through the
//! same gate, with secrets redacted in the same way. It is not saved.

use super::cost::Tariff;
use super::drive::{RequestContext, send};
use super::server::Lookup;
use super::{Session, SessionError, clock};
use crate::engine::Work;
use crate::event::{BranchId, Event, Outcome};
use crate::lang::Lang;
use crate::perspective::Perspective;
use crate::privacy::clear;
use crate::request::{FIRST_SHARED, Prompt};
use crate::text::Selection;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// A question about a text, written by the caller rather than taken from a perspective.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Name of the question; also the name of the branch in the answer's events.
    pub name: String,
    /// The system message; an empty string means no system message.
    pub system: String,
    /// The instruction that follows the text in the prompt.
    pub instruction: String,
    /// The language of the answer.
    pub lang: Lang,
    /// The model to ask; `None` for the one from the settings.
    pub model: Option<String>,
}

impl Session {
    /// Returns the display name of the provider that the current settings select.
    pub async fn answered_by(&self, lang: Lang) -> String {
        self.selector.select(&self.config(), Lookup::MayQuery).await.provider.label(lang)
    }

    /// Like [`Session::answered_by`], but no server is queried, so that the name may lack a host that
    /// the server forwards to.
    pub async fn would_be_answered_by(&self, lang: Lang) -> String {
        self.selector.select(&self.config(), Lookup::KnownOnly).await.provider.label(lang)
    }

    /// Asks `question` about the text of `selection`, and returns the events of the answer. The
    /// channel closes when the answer ends; dropping the receiver cancels the request. If the
    /// question may cost more than a run may, it is not sent, and the answer ends with that failure.
    ///
    /// # Errors
    /// Fails if the document or the text must not be sent.
    pub async fn ask(
        &self,
        mut selection: Selection,
        question: Question,
    ) -> Result<mpsc::Receiver<Event>, SessionError> {
        self.may_send(&selection.uri)?;
        let config = self.config();
        let Question { name, system, instruction, lang, model } = question;
        selection.text =
            clear(&selection.text, config.secrets, lang).map_err(SessionError::Secrets)?.text;
        let selected = self.selector.select(&config, Lookup::MayQuery).await;
        let branch = BranchId(name.as_str().into());
        let prompt = Prompt {
            turns: Prompt::first(system, selection.text.as_str(), instruction),
            shared: FIRST_SHARED,
            perspective: Arc::new(Perspective { name, ..Perspective::default() }),
            selection: Arc::new(selection),
            lang,
            model,
            max_tokens: config.limits.budget.max_tokens,
            effort: config.limits.budget.effort,
            ..Prompt::default()
        }
        .with_fallbacks(&config.fallbacks);
        let tariff = Tariff::new(&config, &selected);
        if let Err(failure) = tariff.check(&[tariff.billable(&branch, &prompt)], lang) {
            let (refused, events) = mpsc::channel(1);
            // There is room for one event, and its receiver is here.
            let _ = refused.try_send(Event::ended(branch, Outcome::Failed(failure)));
            return Ok(events);
        }
        let work = Work { branch, prompt, note: None, token: CancellationToken::new() };
        let run = clock::new_run_id(clock::now());
        let of = RequestContext { run, budget: config.limits.budget, lang };
        Ok(send(&self.selector, &selected, &config, of, vec![work]).await.0)
    }
}
