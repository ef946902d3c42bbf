//! The lines of a cassette, and the lookup of recorded answers.

use crate::event::Usage;
use crate::provider::{CassetteErrorKind, Finish};
use crate::request::Prompt;
use crate::text::digest;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// A line of a cassette: a recorded answer, and the request that it belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Line {
    /// Digest of the whole prompt: the text of all its turns, and the model.
    pub(crate) prompt: String,
    /// Digest of the selected text alone.
    pub(crate) text: String,
    /// Name of the file that the text comes from, for display.
    #[serde(default)]
    pub(crate) file: String,
    /// Name of the prompt's perspective.
    pub(crate) perspective: String,
    /// The model that answered; empty if the server chose it.
    #[serde(default)]
    pub(crate) model: String,
    /// Whether the prompt named the model, rather than the settings.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) own_model: bool,
    /// The recorded answer.
    pub(crate) answer: String,
    /// Why the model stopped.
    #[serde(default = "stopped")]
    pub(crate) finish: Finish,
    /// Token usage, if the provider reported it.
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

/// Returns the digest of a whole prompt for a model.
fn of_prompt(prompt: &Prompt, model: &str) -> String {
    // Length prefixes keep the parts apart.
    let parts = prompt.turns.iter().map(|turn| &*turn.text).chain([model]);
    let parts: Vec<_> = parts.map(|part| format!("{} {part}", part.len())).collect();
    digest("kaizodo cassette prompt", &parts.concat())
}

fn of_text(prompt: &Prompt) -> String {
    digest("kaizodo cassette text", &prompt.selection.text)
}

/// Returns the name of the file that a prompt is about.
pub(crate) fn file_of(prompt: &Prompt) -> String {
    let name = prompt.selection.uri.rsplit('/').next().unwrap_or_default();
    percent_encoding::percent_decode_str(name).decode_utf8_lossy().into_owned()
}

/// A set of recorded answers.
#[derive(Clone, Debug, Default)]
pub struct Cassette {
    /// Lines by the digest of their prompt.
    answers: HashMap<String, Line>,
    /// The model of the first line whose model came from the settings.
    first_model: Option<String>,
}

impl Cassette {
    /// Parses a cassette. Empty lines are skipped. If there are several answers to a prompt, the
    /// last one takes precedence.
    ///
    /// # Errors
    /// Returns the number (1-based) of the first invalid line, and why it is invalid.
    pub fn parse(text: &str) -> Result<Self, (usize, serde_json::Error)> {
        let mut cassette = Cassette::default();
        for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let line: Line = serde_json::from_str(line).map_err(|error| (at + 1, error))?;
            if !line.own_model {
                cassette.first_model.get_or_insert_with(|| line.model.clone());
            }
            cassette.answers.insert(line.prompt.clone(), line);
        }
        Ok(cassette)
    }

    /// Returns the model that the settings named at recording time. It is the default if neither
    /// the prompt nor the current settings name a model. Empty if unknown.
    pub(crate) fn first_model(&self) -> &str {
        self.first_model.as_deref().unwrap_or_default()
    }

    /// Returns the line with the answer of `model` to `prompt`, or why there is none.
    pub(crate) fn find(&self, prompt: &Prompt, model: &str) -> Result<&Line, CassetteErrorKind> {
        if let Some(line) = self.answers.get(&of_prompt(prompt, model)) {
            return Ok(line);
        }
        let text = of_text(prompt);
        let mut error = CassetteErrorKind::Nothing;
        for line in self.answers.values() {
            if line.prompt == of_prompt(prompt, &line.model) {
                let (asked, recorded) = (model.to_owned(), line.model.clone());
                return Err(CassetteErrorKind::OtherModel { asked, recorded });
            }
            if line.text == text && line.perspective == prompt.perspective.name {
                error = CassetteErrorKind::OtherWording;
            }
        }
        Err(error)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::perspective::Perspective;
    use crate::request::FIRST_SHARED;
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
            turns: Prompt::first("system", shared, instruction),
            shared: FIRST_SHARED,
            perspective: Arc::new(perspective),
            selection: Arc::new(selection),
            max_tokens: 9,
            ..Prompt::default()
        }
    }

    fn recorded(prompt: &Prompt, model: &str, answer: &str) -> String {
        let line = Line::new(prompt, model.into(), answer.into(), Finish::Stop, None);
        serde_json::to_string(&line).unwrap() + "\n"
    }

    #[test]
    fn only_an_identical_prompt_is_answered() {
        let asked = prompt("shared", "why?");
        let text = recorded(&asked, "m", "old") + "\n" + &recorded(&asked, "m", "new");
        let cassette = Cassette::parse(&text).unwrap();
        let line = cassette.find(&asked, "m").unwrap();
        assert_eq!((line.answer.as_str(), line.file.as_str()), ("new", "議.md"));
        let other = CassetteErrorKind::OtherModel { asked: "n".into(), recorded: "m".into() };
        assert_eq!(cassette.find(&asked, "n"), Err(other));
        assert_eq!(
            cassette.find(&prompt("shared", "how?"), "m"),
            Err(CassetteErrorKind::OtherWording)
        );
        let mut other = prompt("shared", "how?");
        other.perspective = Arc::new(Perspective { name: "time".into(), ..Perspective::default() });
        assert_eq!(cassette.find(&other, "m"), Err(CassetteErrorKind::Nothing));
        assert_eq!(cassette.first_model(), "m");
        assert_eq!(Cassette::default().first_model(), "");
    }

    #[test]
    fn a_broken_line_is_named() {
        let text = recorded(&prompt("a", "b"), "m", "x") + "{\"prompt\": 1}\n";
        assert_eq!(Cassette::parse(&text).unwrap_err().0, 2);
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
