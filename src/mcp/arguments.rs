//! The arguments of the tools.

use crate::lang::Lang;
use rmcp::schemars::{self, JsonSchema};
use serde::Deserialize;

/// Arguments of the tool `look`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Look {
    /// The text itself, not the name of a file.
    pub(crate) text: String,
    /// The format of the text as an LSP language ID, for example `markdown` or `rust`.
    pub(crate) language: Option<String>,
    /// A set of perspectives: `default`, `review` (code), `decide`, `readers`, `premortem`, or one that `perspectives` lists.
    pub(crate) set: Option<String>,
    /// Names of perspectives, in the order of their sections; they take precedence over `set`.
    pub(crate) perspectives: Option<Vec<String>>,
    /// Whether to put the views together into a focus, with one more request. Without it, the user's settings decide.
    pub(crate) focus: Option<bool>,
    /// The language of the answers. If omitted, the settings or the language of the text decide.
    pub(crate) lang: Option<AnswerLang>,
}

/// A language that answers can be written in.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
#[serde(rename_all = "lowercase")]
pub(crate) enum AnswerLang {
    Ja,
    En,
}

impl From<AnswerLang> for Lang {
    fn from(lang: AnswerLang) -> Self {
        match lang {
            AnswerLang::Ja => Lang::Ja,
            AnswerLang::En => Lang::En,
        }
    }
}

/// Arguments of the tool `read`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Read {
    /// The run: its name, a prefix of its name, `last`, or `last~1` (the one before), `last~2` …
    pub(crate) run: String,
    /// The only section to return, by its branch or heading. If omitted, all sections.
    pub(crate) section: Option<String>,
}

/// Arguments of the tool `runs`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Runs {
    /// Words that must all occur in a run's texts, in any order.
    pub(crate) query: Option<String>,
    /// Maximum number of runs to list: 20 by default, 100 at most.
    pub(crate) limit: Option<usize>,
}

/// Arguments of the tool `ask`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ask {
    /// The run: its name, a prefix of its name, `last`, or `last~1` (the one before), `last~2` …
    pub(crate) run: String,
    /// The section to ask about: its branch or its heading. Without it, the question is about all answers.
    pub(crate) section: Option<String>,
    /// The question.
    pub(crate) question: String,
}

/// Arguments of the tool `perspectives`, which takes none.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Nothing {}
