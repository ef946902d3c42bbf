//! The rival that a set's answers are compared with, and the judge that compares them.

use super::tape::Tape;
use super::texts::Text;
use super::{Setup, ask, session};
use crate::eval::{Answer, Judgement, Opinion, plain, question};
use crate::lang::Lang;
use crate::privacy::{Count, counted};
use crate::session::{RunOptions, Session, SessionError};
use futures::future::try_join;

/// Name of the rival that asks one plain question instead of a set of perspectives.
pub(crate) const PLAIN: &str = "plain";
/// Prefix of the name of a rival that asks another model.
const MODEL: &str = "model:";

/// The source of the answers that a set's answers are compared with.
pub(crate) struct Rival {
    name: String,
    kind: RivalKind,
}

enum RivalKind {
    /// One plain question to the same model.
    Plain,
    /// Another set, answered by the same model.
    Set(RunOptions),
    /// The same set, answered by another model.
    Model(Box<Session>),
}

impl Rival {
    /// Returns the rival with this name, or a message if the name is invalid.
    pub(crate) fn of(name: &str, setup: &Setup, tape: &Tape, lang: Lang) -> Result<Self, String> {
        let kind = match (name, name.strip_prefix(MODEL)) {
            (PLAIN, _) => RivalKind::Plain,
            (_, Some("")) => {
                return Err(lang.pick(
                    "`--against model:` の後に、モデルの名前を書いてください。".to_owned(),
                    "Put a model's name after `--against model:`.".to_owned(),
                ));
            }
            (_, Some(model)) => RivalKind::Model(Box::new(session(setup, tape, Some(model)))),
            (set, None) => {
                RivalKind::Set(RunOptions { set: Some(set.to_owned()), ..RunOptions::default() })
            }
        };
        Ok(Rival { name: name.to_owned(), kind })
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Returns the request for the rival's set, if the rival is another set.
    pub(crate) fn options(&self) -> Option<&RunOptions> {
        match &self.kind {
            RivalKind::Set(ask) => Some(ask),
            RivalKind::Plain | RivalKind::Model(_) => None,
        }
    }

    /// Returns the session that asks the rival's model, if the rival is another model.
    pub(crate) fn session(&self) -> Option<&Session> {
        match &self.kind {
            RivalKind::Model(session) => Some(session),
            RivalKind::Plain | RivalKind::Set(_) => None,
        }
    }

    /// Asks the rival about `text`. `session` and `ours` are the session and the request of the set
    /// that the rival is compared with.
    pub(crate) async fn answer(
        &self,
        session: &Session,
        text: &Text,
        ours: &RunOptions,
    ) -> Result<Answer, SessionError> {
        Ok(match &self.kind {
            RivalKind::Plain => {
                let wording = plain(&text.selection.text, text.lang);
                ask::question(session, text, PLAIN, wording, None, text.lang).await?
            }
            RivalKind::Set(theirs) => ask::run(session, text, theirs).await?.0,
            RivalKind::Model(other) => ask::run(other, text, ours).await?.0,
        })
    }
}

/// Asks the judge `model` which of the answers `ours` and `theirs` to `text` it prefers, once in
/// each order. `sent` is the text as it was sent.
pub(crate) async fn judged(
    session: &Session,
    text: &Text,
    sent: &str,
    ours: &str,
    theirs: &str,
    model: &str,
) -> Result<Judgement, SessionError> {
    let opinion = |set_first: bool| async move {
        let (a, b) = if set_first { (ours, theirs) } else { (theirs, ours) };
        let wording = question(sent, a, b, text.lang);
        match ask::question(session, text, "judge", wording, Some(model), text.lang).await {
            // The text was sent before, so they are in the answers.
            Err(SessionError::Secrets(found)) => {
                Ok(Opinion::failed(secrets(&found, text.lang), set_first))
            }
            answer => Ok(said(&answer?, set_first)),
        }
    };
    let (first, second) = try_join(opinion(true), opinion(false)).await?;
    Ok(Judgement::of([first, second]))
}

/// Returns the message that answers with secrets are not shown to the judge.
fn secrets(found: &[Count], lang: Lang) -> String {
    let list = counted(found, lang);
    lang.pick(
        format!("答えに秘密らしいもの（{list}）があるので、審査役には送りませんでした。伏せて送るには、config.toml の secrets を \"redact\" にしてください。"),
        format!("The answers seem to contain secrets ({list}), so the judge was not asked. To send them with the secrets redacted, set secrets = \"redact\" in config.toml."),
    )
}

fn said(answer: &Answer, set_first: bool) -> Opinion {
    let failure = answer
        .sections
        .iter()
        .filter(|section| !section.is_complete())
        .find_map(|section| section.outcome.as_ref()?.failure());
    match failure {
        Some(failure) => Opinion::failed(failure.message.clone(), set_first),
        None => Opinion::of(&answer.text(), set_first),
    }
}
