//! The embedded default: no model, no network. It sets out, for each perspective and for the very
//! text that was chosen, the questions to work through, and says that no model was asked.

mod cues;
mod fill;
mod parts;
mod reading;
mod split;
mod unwrap;

use super::{Chunk, Finish, Provider, ProviderError};
use crate::lang::Lang;
use crate::perspective::{Perspective, Prompt};
use futures::stream::{self, BoxStream, StreamExt};

/// Asks the reader instead of a model.
#[derive(Clone, Copy, Debug, Default)]
pub struct Worksheet;

impl Provider for Worksheet {
    fn label(&self, lang: Lang) -> String {
        lang.pick("内蔵のワークシート(モデルなし)", "built-in worksheet (no model)").to_owned()
    }

    fn host(&self) -> Option<String> {
        None
    }

    fn model(&self, _: &Prompt) -> String {
        "worksheet".to_owned()
    }

    fn stream(&self, prompt: Prompt) -> BoxStream<'static, Result<Chunk, ProviderError>> {
        let chunks = move || {
            let Prompt { perspective, selection, lang, .. } = &prompt;
            let text = worksheet(perspective, &selection.text, &selection.language_id, *lang);
            let lines: Vec<_> =
                text.split_inclusive('\n').map(|line| Chunk::Text(line.to_owned())).collect();
            let note = Some(note(*lang).to_owned());
            let finish = Chunk::Finish { reason: Finish::Stop, usage: None, note };
            stream::iter(lines.into_iter().chain([finish]).map(Ok))
        };
        // Nothing is worked out before the stream is polled.
        stream::once(async move { chunks() }).flatten().boxed()
    }
}

/// The closing sentence: no model was asked, and the one step to have one asked.
fn note(lang: Lang) -> &'static str {
    lang.pick(
        "モデルには尋ねていません。これは、選んだ文章から組み立てた問いです。モデルに答えさせるには、`export OPENAI_API_KEY=…` を設定するか Ollama を起動してください(何が使えるかは `kaizodo doctor` で分かります)。",
        "No model was asked: these questions were put together from the text you selected. For a model's answer, set `export OPENAI_API_KEY=…` or start Ollama (`kaizodo doctor` tells which is ready).",
    )
}

/// The questions of a perspective about a text, as Markdown with room to write. It is a pure
/// function: the same text gives the same worksheet.
pub fn worksheet(
    perspective: &Perspective,
    selection_text: &str,
    language_id: &str,
    lang: Lang,
) -> String {
    let text = match split::is_prose(selection_text, language_id) {
        true => unwrap::unwrapped(selection_text),
        false => selection_text.into(),
    };
    let reading = reading::read(&text, language_id);
    match perspective.worksheet(lang) {
        Some(template) => fill::fill(template, &reading, lang),
        None => general(perspective, &reading, lang),
    }
}

/// Questions for a perspective that brings none: made of what it says that it looks at.
fn general(perspective: &Perspective, reading: &reading::Reading<'_>, lang: Lang) -> String {
    let template = lang
        .pick(include_str!("worksheet/general.ja.md"), include_str!("worksheet/general.en.md"))
        .replace("%L%", &perspective.name.chars().take(1).collect::<String>().to_uppercase());
    let description = perspective.description(lang).replace(['\n', '\r'], " ");
    format!("> {}\n\n{}", description.trim(), fill::fill(&template, reading, lang))
}

#[cfg(test)]
mod tests;
