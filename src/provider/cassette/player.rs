//! A provider that replays a cassette, without network or key.

use super::line::{Cassette, Line, file_of};
use crate::event::FailureKind;
use crate::lang::Lang;
use crate::provider::{
    CassetteError, CassetteErrorKind, Cause, Chunk, Chunks, Provider, ProviderError,
    TimeoutExtension,
};
use crate::request::Prompt;
use futures::stream::{self, StreamExt};
use std::sync::Arc;

/// Number of characters per chunk of an answer.
const PIECE: usize = 24;

/// Provider that replays the recorded answers of a cassette.
#[derive(Clone, Debug)]
pub struct Player {
    cassette: Arc<Cassette>,
    /// The cassette's display name.
    name: String,
    /// The model named in the settings.
    model: Option<String>,
}

impl Player {
    /// Creates a player. `name` is the cassette's display name. `model` is the model from the
    /// settings; if it is `None`, the model in the settings at recording time is used.
    pub fn new(cassette: Arc<Cassette>, name: String, model: Option<String>) -> Self {
        Player { cassette, name, model }
    }

    fn missing(&self, prompt: &Prompt, kind: CassetteErrorKind) -> ProviderError {
        let error = CassetteError {
            cassette: self.name.clone(),
            file: file_of(prompt),
            perspective: prompt.perspective.name.clone(),
            kind,
        };
        ProviderError::new(FailureKind::Configuration, None)
            .because(Cause::Cassette(Box::new(error)))
    }
}

impl Provider for Player {
    fn label(&self, lang: Lang) -> String {
        lang.pick(format!("カセット（{}）", self.name), format!("recorded answers ({})", self.name))
    }

    fn host(&self) -> Option<String> {
        None
    }

    fn sends(&self) -> bool {
        false
    }

    fn model(&self, prompt: &Prompt) -> String {
        let named = prompt.model.as_deref().or(self.model.as_deref());
        named.unwrap_or_else(|| self.cassette.first_model()).to_owned()
    }

    fn stream(&self, prompt: Prompt, _: TimeoutExtension) -> Chunks {
        let model = self.model(&prompt);
        let chunks = match self.cassette.find(&prompt, &model) {
            Ok(line) => pieces(line),
            Err(kind) => vec![Err(self.missing(&prompt, kind))],
        };
        stream::iter(chunks).boxed()
    }
}

/// Returns a recorded answer as chunks.
pub(crate) fn pieces(line: &Line) -> Vec<Result<Chunk, ProviderError>> {
    let chars: Vec<_> = line.answer.chars().collect();
    let texts = chars.chunks(PIECE).map(|piece| Chunk::Text(piece.iter().collect()));
    let finish = Chunk::Finish { reason: line.finish, usage: line.usage };
    texts.chain([finish]).map(Ok).collect()
}
