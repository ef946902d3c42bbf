//! The built-in fallback provider, which uses no model and no network. For each perspective, it
//! asks a few questions that quote the selected text, and says that no model was asked.

mod cues;
mod fill;
mod joined;
mod parts;
mod reading;
mod split;
mod unwrap;

use super::{Cause, Chunk, Chunks, Finish, Provider, ProviderError, TimeoutExtension};
use crate::event::FailureKind;
use crate::lang::Lang;
use crate::perspective::Perspective;
use crate::request::Prompt;
use futures::stream::{self, StreamExt};

/// Provider that asks the user questions about the selected text instead of asking a model.
#[derive(Clone, Copy, Debug, Default)]
pub struct Worksheet {
    /// Whether the settings select the worksheet; otherwise it is used because no model is
    /// available.
    pub is_chosen: bool,
}

impl Provider for Worksheet {
    fn label(&self, lang: Lang) -> String {
        lang.pick("内蔵のワークシート（モデルなし）", "built-in worksheet (no model)").to_owned()
    }

    fn host(&self) -> Option<String> {
        None
    }

    fn sends(&self) -> bool {
        false
    }

    fn asks_model(&self) -> bool {
        false
    }

    fn model(&self, _: &Prompt) -> String {
        String::new()
    }

    /// Says that no model was asked, and how to use one.
    fn note(&self, lang: Lang) -> Option<String> {
        let told = lang.pick(
            "モデルには尋ねていません。問いは、この文章から組み立てたものです。モデルに答えさせるには、",
            "No model was asked. The questions are built from your text. To get answers from a model, ",
        );
        let step = match self.is_chosen {
            true => lang.pick(
                "`kaizodo setup` を実行するか、設定の provider を auto にしてください。",
                "run `kaizodo setup` or set `provider` to `auto`.",
            ),
            false => lang.pick(
                "`kaizodo setup` を実行するか、Ollama を起動してください（何が使えるかは `kaizodo doctor` で分かります）。",
                "run `kaizodo setup` or start Ollama (`kaizodo doctor` shows what is available).",
            ),
        };
        let demo = lang.pick(
            "モデルの答えの例は `kaizodo demo` で見られます。",
            " To see a model's answers first, run `kaizodo demo`.",
        );
        Some([told, step, demo].concat())
    }

    fn stream(&self, prompt: Prompt, _: TimeoutExtension) -> Chunks {
        if prompt.is_follow_up {
            let error = ProviderError::new(FailureKind::Configuration, None);
            return stream::iter([Err(error.because(Cause::NoModel))]).boxed();
        }
        let chunks = move || {
            let Prompt { perspective, selection, lang, .. } = &prompt;
            let text = worksheet(perspective, &selection.text, &selection.language_id, *lang);
            let lines: Vec<_> =
                text.split_inclusive('\n').map(|line| Chunk::Text(line.to_owned())).collect();
            let finish = Chunk::Finish { reason: Finish::Stop, usage: None };
            stream::iter(lines.into_iter().chain([finish]).map(Ok))
        };
        // Computes nothing before the stream is polled.
        stream::once(async move { chunks() }).flatten().boxed()
    }
}

/// Returns a perspective's questions about a text, as Markdown. A pure function.
pub fn worksheet(
    perspective: &Perspective,
    selection_text: &str,
    language_id: &str,
    lang: Lang,
) -> String {
    let text = match split::is_prose(selection_text, language_id) {
        true => unwrap::unwrapped(selection_text),
        false => unwrap::unwrapped_comments(selection_text).into(),
    };
    let reading = reading::read(&text, language_id);
    match perspective.worksheet(lang) {
        Some(template) => fill::fill(template, &reading, lang),
        None => general(perspective, &reading, lang),
    }
}

/// Returns questions for a perspective that has no worksheet, based on its description.
fn general(perspective: &Perspective, reading: &reading::Reading<'_>, lang: Lang) -> String {
    let template =
        lang.pick(include_str!("worksheet/general.ja.md"), include_str!("worksheet/general.en.md"));
    let description = perspective.description(lang).replace(['\n', '\r'], " ");
    format!("> {}\n\n{}", description.trim(), fill::fill(template, reading, lang))
}

#[cfg(test)]
mod tests;
