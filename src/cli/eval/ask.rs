//! Asks about a text, and collects the events with their times.

use super::texts::Text;
use crate::eval::{Answer, Wording};
use crate::event::Event;
use crate::lang::Lang;
use crate::session::{Question, Run, RunOptions, RunReader, Session, SessionError};
use crate::text::Selection;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// Asks about the given text from several perspectives, for answers in the text's language. Returns
/// the answer, and the text as it was sent.
pub(crate) async fn run(
    session: &Session,
    text: &Text,
    options: &RunOptions,
) -> Result<(Answer, String), SessionError> {
    let started = Instant::now();
    let ask = RunOptions { lang: Some(text.lang), ..options.clone() };
    let run = session.start(text.selection.clone(), &ask)?;
    let answer = Answer::of(gathered(&run, started).await);
    let sent = run.request().map(|request| request.selection.text.clone());
    Ok((answer, sent.unwrap_or_default()))
}

/// Asks one question, worded as `wording`, about a text. Asks `model`, or the model in the settings
/// if it is `None`.
pub(crate) async fn question(
    session: &Session,
    text: &Text,
    name: &str,
    wording: Wording,
    model: Option<&str>,
    lang: Lang,
) -> Result<Answer, SessionError> {
    let Wording { system, material, instruction } = wording;
    let selection = Selection { text: material, ..text.selection.clone() };
    let question = Question {
        name: name.to_owned(),
        system: system.to_owned(),
        instruction: instruction.to_owned(),
        lang,
        model: model.map(str::to_owned),
    };
    let started = Instant::now();
    let mut coming = session.ask(selection, question).await?;
    let mut events = Vec::new();
    while let Some(event) = coming.recv().await {
        events.push((since(started), event));
    }
    Ok(Answer::of(events))
}

/// Collects the events of a run until it is over, each with the milliseconds since `started`.
async fn gathered(run: &Arc<Run>, started: Instant) -> Vec<(u64, Event)> {
    let mut reader = RunReader::new(run, Duration::ZERO);
    let mut events = Vec::new();
    while let Some((run, progress)) = reader.changed().await {
        let now = since(started);
        events.extend(reader.events(&run).into_iter().map(|stamped| (now, stamped.event)));
        if progress.over {
            break;
        }
    }
    events
}

fn since(started: Instant) -> u64 {
    u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX)
}
