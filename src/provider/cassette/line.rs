//! The lines of a cassette, and how an answer is found among them.

use crate::event::Usage;
use crate::perspective::Prompt;
use crate::provider::Finish;
use crate::text::digest;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// One request and its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Line {
    /// A digest of the whole prompt: system, shared part, instruction and model.
    pub(crate) prompt: String,
    /// A digest of the text alone.
    pub(crate) text: String,
    /// The name of the text's file, for people.
    #[serde(default)]
    pub(crate) file: String,
    /// The perspective's name.
    pub(crate) perspective: String,
    /// The model that was asked; empty where its server chose it.
    #[serde(default)]
    pub(crate) model: String,
    /// Whether the perspective, or who asked, named that model, and not the settings.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) own_model: bool,
    /// What it answered.
    pub(crate) answer: String,
    /// Why it stopped.
    #[serde(default = "stopped")]
    pub(crate) finish: Finish,
    /// What it cost, where that was told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) usage: Option<Usage>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_false(flag: &bool) -> bool {
    !*flag
}

fn stopped() -> Finish {
    Finish::Stop
}

impl Line {
    pub(crate) fn new(
        prompt: &Prompt,
        model: String,
        answer: String,
        finish: Finish,
        usage: Option<Usage>,
    ) -> Self {
        Line {
            prompt: of_prompt(prompt, &model),
            text: of_text(prompt),
            file: file_of(prompt),
            perspective: prompt.perspective.name.clone(),
            model,
            own_model: prompt.model.is_some(),
            answer,
            finish,
            usage,
        }
    }
}

/// The digest of a whole prompt, as it is put to this model.
fn of_prompt(prompt: &Prompt, model: &str) -> String {
    // The length of each part tells where it ends.
    let parts = [&*prompt.system, &*prompt.shared, &prompt.instruction, model];
    let parts: Vec<_> = parts.iter().map(|part| format!("{} {part}", part.len())).collect();
    digest("kaizodo cassette prompt", &parts.concat())
}

fn of_text(prompt: &Prompt) -> String {
    digest("kaizodo cassette text", &prompt.selection.text)
}

/// The name of the file that a prompt is about.
pub(crate) fn file_of(prompt: &Prompt) -> String {
    let name = prompt.selection.uri.rsplit('/').next().unwrap_or_default();
    percent_encoding::percent_decode_str(name).decode_utf8_lossy().into_owned()
}

/// Why a cassette cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct CassetteError {
    /// The line that is none, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub reason: String,
}

/// Recorded answers.
#[derive(Clone, Debug, Default)]
pub struct Cassette {
    /// By the digest of the prompt.
    answers: HashMap<String, Line>,
    /// The model of the first answer that the settings' model gave.
    first_model: Option<String>,
}

/// What a cassette has for a prompt.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found<'a> {
    /// Its answer.
    Answer(&'a Line),
    /// The answer of another model to the same words; its name.
    OtherModel(&'a str),
    /// An answer to the same text from the same perspective, to other words.
    OtherWording,
    /// Nothing.
    Nothing,
}

impl Cassette {
    /// Reads a cassette. Of several answers to one prompt the last counts.
    ///
    /// # Errors
    /// A line that is none; empty ones are passed over.
    pub fn parse(text: &str) -> Result<Self, CassetteError> {
        let mut cassette = Cassette::default();
        for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let bad = |error: serde_json::Error| CassetteError {
                line: at + 1,
                reason: error.to_string(),
            };
            let line: Line = serde_json::from_str(line).map_err(bad)?;
            if !line.own_model {
                cassette.first_model.get_or_insert_with(|| line.model.clone());
            }
            cassette.answers.insert(line.prompt.clone(), line);
        }
        Ok(cassette)
    }

    /// The model of the settings when it was recorded: the one that is meant where nobody names one.
    pub(crate) fn first_model(&self) -> &str {
        self.first_model.as_deref().unwrap_or_default()
    }

    pub(crate) fn find(&self, prompt: &Prompt, model: &str) -> Found<'_> {
        if let Some(line) = self.answers.get(&of_prompt(prompt, model)) {
            return Found::Answer(line);
        }
        let text = of_text(prompt);
        let mut found = Found::Nothing;
        for line in self.answers.values() {
            if line.prompt == of_prompt(prompt, &line.model) {
                return Found::OtherModel(&line.model);
            }
            if line.text == text && line.perspective == prompt.perspective.name {
                found = Found::OtherWording;
            }
        }
        found
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::lang::Lang;
    use crate::perspective::Perspective;
    use crate::text::Selection;
    use proptest::prelude::*;
    use std::sync::Arc;

    pub(crate) fn prompt(shared: &str, instruction: &str) -> Prompt {
        let selection = Selection {
            uri: "file:///a/%E8%AD%B0.md".into(),
            text: "text".into(),
            ..Selection::default()
        };
        let perspective = Perspective { name: "depth".into(), ..Perspective::default() };
        Prompt {
            system: "system".into(),
            shared: shared.into(),
            instruction: instruction.into(),
            perspective: Arc::new(perspective),
            selection: Arc::new(selection),
            lang: Lang::En,
            model: None,
            temperature: None,
            max_tokens: 9,
            effort: None,
            idempotency_key: None,
        }
    }

    fn recorded(prompt: &Prompt, model: &str, answer: &str) -> String {
        let line = Line::new(prompt, model.into(), answer.into(), Finish::Stop, None);
        serde_json::to_string(&line).unwrap() + "\n"
    }

    #[test]
    fn only_the_very_prompt_is_answered() {
        let asked = prompt("shared", "why?");
        let text = recorded(&asked, "m", "old") + "\n" + &recorded(&asked, "m", "new");
        let cassette = Cassette::parse(&text).unwrap();
        let Found::Answer(line) = cassette.find(&asked, "m") else { panic!("it is there") };
        assert_eq!((line.answer.as_str(), line.file.as_str()), ("new", "議.md"));
        assert_eq!(cassette.find(&asked, "n"), Found::OtherModel("m"));
        assert_eq!(cassette.find(&prompt("shared", "how?"), "m"), Found::OtherWording);
        let mut other = prompt("shared", "how?");
        other.perspective = Arc::new(Perspective { name: "time".into(), ..Perspective::default() });
        assert_eq!(cassette.find(&other, "m"), Found::Nothing);
        assert_eq!(cassette.first_model(), "m");
        assert_eq!(Cassette::default().first_model(), "");
    }

    #[test]
    fn a_broken_line_is_named() {
        let text = recorded(&prompt("a", "b"), "m", "x") + "{\"prompt\": 1}\n";
        assert_eq!(Cassette::parse(&text).unwrap_err().line, 2);
        let least = r#"{"prompt":"p","text":"t","perspective":"depth","answer":"x","later":1}"#;
        assert!(Cassette::parse(least).is_ok(), "what a later version adds is passed over");
    }

    proptest! {
        #[test]
        fn no_two_prompts_share_a_digest(
            a in "[ 0-9a]{0,4}", b in "[ 0-9a]{0,4}", c in "[ 0-9a]{0,4}", d in "[ 0-9a]{0,4}",
        ) {
            let same = a == c && b == d;
            prop_assert_eq!(of_prompt(&prompt(&a, &b), "m") == of_prompt(&prompt(&c, &d), "m"), same);
        }
    }
}
