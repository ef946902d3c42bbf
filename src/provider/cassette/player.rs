//! A provider that answers from a cassette: no network, no key, and nothing that was not recorded.

use super::line::{Cassette, Found, Line, file_of};
use crate::event::FailureKind;
use crate::lang::Lang;
use crate::perspective::Prompt;
use crate::provider::{Chunk, Provider, ProviderError};
use futures::stream::{self, BoxStream, StreamExt};
use std::sync::Arc;

/// Characters in a piece of an answer.
const PIECE: usize = 24;

/// Answers from a cassette.
#[derive(Clone, Debug)]
pub struct Player {
    cassette: Arc<Cassette>,
    /// The cassette's name, for people.
    name: String,
    /// The model that the settings name.
    model: Option<String>,
}

impl Player {
    /// Plays a cassette of this name, as the model that the settings name or, where they name none,
    /// as the one that they named when it was recorded.
    pub fn new(cassette: Arc<Cassette>, name: String, model: Option<String>) -> Self {
        Player { cassette, name, model }
    }

    fn missing(&self, prompt: &Prompt, found: &Found<'_>) -> ProviderError {
        let (file, perspective, name) = (file_of(prompt), &prompt.perspective.name, &self.name);
        let model = self.model(prompt);
        let sentence = match found {
            Found::OtherModel(other) => prompt.lang.pick(
                format!("カセット {name} にある {file} の {perspective} への答えは {other} のもので、{model} の答えはありません。`--model {other}` を付けるか、`--record` で記録し直してください。"),
                format!("{file}, {perspective}: {name} holds an answer of {other}, and none of {model}. Say `--model {other}`, or record it anew with `--record`."),
            ),
            Found::OtherWording => prompt.lang.pick(
                format!("カセット {name} にある {file} の {perspective} への答えは、いまとは違う文言で尋ねたときのものです。`--record` で記録し直してください。"),
                format!("{file}, {perspective}: {name} holds an answer that was recorded for another wording. Record it anew with `--record`."),
            ),
            Found::Nothing | Found::Answer(_) => prompt.lang.pick(
                format!("カセット {name} に {file} の {perspective} への答えがありません。`--record` で記録してください。"),
                format!("{file}, {perspective}: {name} holds no answer to this. Record one with `--record`."),
            ),
        };
        let detail = Some(sentence);
        ProviderError { detail, ..ProviderError::new(FailureKind::Configuration, None) }
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

    fn stream(&self, prompt: Prompt) -> BoxStream<'static, Result<Chunk, ProviderError>> {
        let chunks = match self.cassette.find(&prompt, &self.model(&prompt)) {
            Found::Answer(line) => pieces(line),
            missing => vec![Err(self.missing(&prompt, &missing))],
        };
        stream::iter(chunks).boxed()
    }
}

/// An answer as it would have come.
pub(crate) fn pieces(line: &Line) -> Vec<Result<Chunk, ProviderError>> {
    let chars: Vec<_> = line.answer.chars().collect();
    let texts = chars.chunks(PIECE).map(|piece| Chunk::Text(piece.iter().collect()));
    let finish = Chunk::Finish { reason: line.finish, usage: line.usage };
    texts.chain([finish]).map(Ok).collect()
}
