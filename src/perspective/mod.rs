//! Ways of looking, as Markdown files.

mod catalog;
mod file;
pub mod lang;
mod models;
mod problem;

pub use catalog::{Catalog, DEFAULT_SET, FOCUS, UnknownPerspectiveError};
pub use models::{Models, TooManyModelsError, file_name};
pub use problem::{PerspectiveNotice, PerspectiveNoticeKind};

use crate::lang::Lang;
use crate::text::ContextMode;
use serde::{Deserialize, Serialize};

/// A way of looking at a selection, as configuration: one Markdown file with YAML front matter.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Perspective {
    /// Where it comes from.
    pub origin: Origin,
    /// Its name, unique in a catalog: `depth`.
    pub name: String,
    /// Its heading; where there is none, the name stands in.
    pub title: Texts,
    /// What it covers, in a sentence or two.
    pub description: Texts,
    /// What is asked of a model.
    pub instructions: Texts,
    /// What is asked of the reader where no model is.
    pub worksheet: Texts,
    /// Its place among the others; small numbers first, none last.
    pub order: Option<i64>,
    /// The set that it belongs to.
    pub group: Option<String>,
    /// The language of its answers, where that does not follow the selection.
    pub lang: Option<Lang>,
    /// Models of its own, the best first, of which the next is asked where one cannot answer; empty
    /// for the models of the settings.
    pub model: Vec<String>,
    /// The model that it is asked of in a set of several models, which its section is named after.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of_model: Option<String>,
    /// Sampling temperature of its own.
    pub temperature: Option<f32>,
    /// Maximum number of tokens that a model may write for it.
    pub max_tokens: Option<u32>,
    /// How much a model should reason about it.
    pub effort: Option<Effort>,
    /// The most of what stands around a selection that is sent in a run of it.
    pub context: Option<ContextMode>,
}

/// How much a model should reason before it answers.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    serde::Serialize,
    serde::Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Effort {
    /// Not at all.
    None,
    /// Hardly.
    Minimal,
    /// A little.
    Low,
    /// As much as most models do by themselves.
    Medium,
    /// At length.
    High,
}

impl Effort {
    /// All of them, the least first.
    pub const ALL: [Effort; 5] =
        [Effort::None, Effort::Minimal, Effort::Low, Effort::Medium, Effort::High];

    /// As it is written in settings and in requests.
    pub fn name(self) -> &'static str {
        match self {
            Effort::None => "none",
            Effort::Minimal => "minimal",
            Effort::Low => "low",
            Effort::Medium => "medium",
            Effort::High => "high",
        }
    }
}

/// What stands between a perspective and its model in the name of a branch. No perspective has it in
/// its name.
pub const OF: char = '@';

/// Where a perspective comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// It is part of the program.
    #[default]
    BuiltIn,
    /// The user's own folder.
    User,
    /// The repository of the document.
    Repository,
}

impl Perspective {
    /// The heading in this language.
    pub fn title(&self, lang: Lang) -> &str {
        self.title.get(lang).unwrap_or(&self.name)
    }

    /// The same perspective as one section of a set of several models: asked of this one alone.
    #[must_use]
    pub fn of(&self, model: &str) -> Perspective {
        let of_model = Some(model.to_owned());
        Perspective { model: vec![model.to_owned()], of_model, ..self.clone() }
    }

    /// The name of its section's branch: its own or, in a set of several models, `depth@gpt-5`.
    pub fn branch(&self) -> String {
        match &self.of_model {
            None => self.name.clone(),
            Some(model) => format!("{}{OF}{model}", self.name),
        }
    }

    /// The heading of its section in this language: its title, with the model in a set of several.
    pub fn heading(&self, lang: Lang) -> String {
        let title = self.title(lang);
        match &self.of_model {
            None => title.to_owned(),
            Some(model) => format!("{title} · {}", file_name(model)),
        }
    }

    /// What it covers, in this language.
    pub fn description(&self, lang: Lang) -> &str {
        self.description.get(lang).unwrap_or_default()
    }

    /// What is asked of a model, in this language.
    pub fn instructions(&self, lang: Lang) -> &str {
        self.instructions.get(lang).unwrap_or_default()
    }

    /// Whether it is a built-in one of another set than the default one: it can always be named,
    /// and is in no menu before the user wants it there.
    pub fn is_of_further_set(&self) -> bool {
        self.origin == Origin::BuiltIn && self.group.as_deref() != Some(DEFAULT_SET)
    }

    /// The questions for the reader, in this language, as a template of the worksheet.
    pub fn worksheet(&self, lang: Lang) -> Option<&str> {
        self.worksheet.get(lang)
    }
}

/// A text in some languages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Texts {
    /// For every language that has none of its own.
    pub plain: Option<String>,
    /// Japanese.
    pub ja: Option<String>,
    /// English.
    pub en: Option<String>,
}

impl Texts {
    /// The text in this language; else the one for all; else the one in the other language, since
    /// something that can be read beats nothing.
    pub fn get(&self, lang: Lang) -> Option<&str> {
        let (own, other) = lang.pick((&self.ja, &self.en), (&self.en, &self.ja));
        own.as_ref().or(self.plain.as_ref()).or(other.as_ref()).map(String::as_str)
    }

    fn is_empty(&self) -> bool {
        self.get(Lang::En).is_none()
    }
}
