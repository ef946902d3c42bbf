//! A provider that replays a cassette, without network and key.

use super::line::{Cassette, Found, Line, file_of};
use crate::event::FailureKind;
use crate::lang::{Lang, Message};
use crate::provider::{Cause, Chunk, Chunks, Patience, Provider, ProviderError};
use crate::request::Prompt;
use futures::stream::{self, StreamExt};
use std::sync::Arc;

/// Number of characters per piece of an answer.
const PIECE: usize = 24;

/// Provider that replays a cassette.
#[derive(Clone, Debug)]
pub struct Player {
    cassette: Arc<Cassette>,
    /// The cassette's display name.
    name: String,
    /// The model named in the settings.
    model: Option<String>,
}

/// The cassette has no answer to a prompt.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.message(Lang::En))]
pub struct PlayError {
    /// The cassette's name.
    pub cassette: String,
    /// The text's file name.
    pub file: String,
    /// The perspective's name.
    pub perspective: String,
    /// Why there is no answer.
    pub kind: PlayErrorKind,
}

/// Why a cassette has no answer to a prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlayErrorKind {
    /// The prompt was recorded for another model.
    OtherModel {
        /// The model of the request.
        asked: String,
        /// The model that was recorded.
        recorded: String,
    },
    /// The text and the perspective were recorded with another prompt.
    OtherWording,
    /// Nothing was recorded.
    Nothing,
}

impl Player {
    /// Creates a player. `model` is the model of the settings; if `None`, that of the settings at
    /// recording time is used.
    pub fn new(cassette: Arc<Cassette>, name: String, model: Option<String>) -> Self {
        Player { cassette, name, model }
    }

    fn missing(&self, prompt: &Prompt, kind: PlayErrorKind) -> ProviderError {
        let error = PlayError {
            cassette: self.name.clone(),
            file: file_of(prompt),
            perspective: prompt.perspective.name.clone(),
            kind,
        };
        ProviderError::new(FailureKind::Configuration, None)
            .because(Cause::Cassette(Box::new(error)))
    }
}

impl Message for PlayError {
    fn message(&self, lang: Lang) -> String {
        let PlayError { cassette, file, perspective, kind } = self;
        match kind {
            PlayErrorKind::OtherModel { asked, recorded } => lang.pick(
                format!("カセット {cassette} にある {file} の {perspective} への答えは {recorded} のもので、{asked} の答えはありません。`--model {recorded}` を付けるか、`--record` で記録し直してください。"),
                format!("{file}, {perspective}: {cassette} has an answer from {recorded} but none from {asked}. Use `--model {recorded}`, or record it again with `--record`."),
            ),
            PlayErrorKind::OtherWording => lang.pick(
                format!("カセット {cassette} にある {file} の {perspective} への答えは、いまとは違う文言で尋ねたときのものです。`--record` で記録し直してください。"),
                format!("{file}, {perspective}: the answer in {cassette} was recorded for another wording. Record it again with `--record`."),
            ),
            PlayErrorKind::Nothing => lang.pick(
                format!("カセット {cassette} に {file} の {perspective} への答えがありません。`--record` で記録してください。"),
                format!("{file}, {perspective}: {cassette} has no answer to this. Record one with `--record`."),
            ),
        }
    }
}

impl Provider for Player {
    fn label(&self, lang: Lang) -> String {
        lang.pick(format!("カセット({})", self.name), format!("recorded answers ({})", self.name))
    }

    fn host(&self) -> Option<String> {
        None
    }

    fn model(&self, prompt: &Prompt) -> String {
        let named = prompt.model.as_deref().or(self.model.as_deref());
        named.unwrap_or_else(|| self.cassette.first_model()).to_owned()
    }

    fn stream(&self, prompt: Prompt, _: Patience) -> Chunks {
        let model = self.model(&prompt);
        let missing = |kind| vec![Err(self.missing(&prompt, kind))];
        let chunks = match self.cassette.find(&prompt, &model) {
            Found::Answer(line) => pieces(line),
            Found::OtherModel(recorded) => {
                let recorded = recorded.to_owned();
                missing(PlayErrorKind::OtherModel { asked: model, recorded })
            }
            Found::OtherWording => missing(PlayErrorKind::OtherWording),
            Found::Nothing => missing(PlayErrorKind::Nothing),
        };
        stream::iter(chunks).boxed()
    }
}

/// Returns a recorded answer as a stream of chunks.
pub(crate) fn pieces(line: &Line) -> Vec<Result<Chunk, ProviderError>> {
    let chars: Vec<_> = line.answer.chars().collect();
    let texts = chars.chunks(PIECE).map(|piece| Chunk::Text(piece.iter().collect()));
    let finish = Chunk::Finish { reason: line.finish, usage: line.usage };
    texts.chain([finish]).map(Ok).collect()
}
