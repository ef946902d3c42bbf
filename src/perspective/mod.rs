//! Perspectives: ways of looking at a selection, as Markdown files.

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
    /// Where the perspective comes from.
    pub origin: Origin,
    /// The perspective's name, unique in a catalog, such as `depth`.
    pub name: String,
    /// The heading of the perspective's sections; if it is empty, the name is used.
    pub title: Texts,
    /// What the perspective covers, in a sentence or two.
    pub description: Texts,
    /// The instructions for a model.
    pub instructions: Texts,
    /// The questions for the reader if no model is asked.
    pub worksheet: Texts,
    /// The perspective's place among the others: lower numbers first, `None` last.
    pub order: Option<i64>,
    /// The set that the perspective belongs to.
    pub group: Option<String>,
    /// The language of the answers, if it does not follow the selection's language.
    pub lang: Option<Lang>,
    /// The models to ask, best first; if one cannot answer, the next is asked. If empty, the models
    /// from the settings are asked.
    pub model: Vec<String>,
    /// In a set of several models, the model that answers this perspective; the section's heading
    /// names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of_model: Option<String>,
    /// Sampling temperature for this perspective, if it sets one.
    pub temperature: Option<f32>,
    /// Maximum number of tokens that a model may write for this perspective.
    pub max_tokens: Option<u32>,
    /// How much a model should reason before it answers, if the perspective sets this.
    pub effort: Option<Effort>,
    /// Maximum context that is sent with a selection in a run with this perspective.
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
    /// As much as most models do by default.
    Medium,
    /// At length.
    High,
}

impl Effort {
    /// All levels, lowest first.
    pub const ALL: [Effort; 5] =
        [Effort::None, Effort::Minimal, Effort::Low, Effort::Medium, Effort::High];

    /// Returns the name that is used in settings and requests.
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

/// The separator between a perspective and its model in the name of a branch. No perspective's name
/// contains it.
pub const MODEL_SEPARATOR: char = '@';

/// Where a perspective comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Part of the program.
    #[default]
    BuiltIn,
    /// The user's own folder.
    User,
    /// The repository of the document.
    Repository,
}

impl Perspective {
    /// Returns the heading in this language.
    pub fn title(&self, lang: Lang) -> &str {
        self.title.get(lang).unwrap_or(&self.name)
    }

    /// Returns a copy for one section in a set of several models, answered by `model` alone.
    #[must_use]
    pub fn of(&self, model: &str) -> Perspective {
        let of_model = Some(model.to_owned());
        Perspective { model: vec![model.to_owned()], of_model, ..self.clone() }
    }

    /// Returns the name of the section's branch: the perspective's name or, in a set of several
    /// models, one such as `depth@gpt-5`.
    pub fn branch(&self) -> String {
        match &self.of_model {
            None => self.name.clone(),
            Some(model) => format!("{}{MODEL_SEPARATOR}{model}", self.name),
        }
    }

    /// Returns the section's heading in this language: the perspective's title and, in a set of
    /// several models, the model.
    pub fn heading(&self, lang: Lang) -> String {
        let title = self.title(lang);
        match &self.of_model {
            None => title.to_owned(),
            Some(model) => format!("{title} · {}", file_name(model)),
        }
    }

    /// Returns what the perspective covers, in this language.
    pub fn description(&self, lang: Lang) -> &str {
        self.description.get(lang).unwrap_or_default()
    }

    /// Returns the instructions for a model, in this language.
    pub fn instructions(&self, lang: Lang) -> &str {
        self.instructions.get(lang).unwrap_or_default()
    }

    /// Returns `true` for a built-in perspective outside the default set. It can always be
    /// requested by name, but appears in menus only if the user wants that.
    pub fn is_of_further_set(&self) -> bool {
        self.origin == Origin::BuiltIn && self.group.as_deref() != Some(DEFAULT_SET)
    }

    /// Returns the questions for the reader in this language, as a template of the worksheet.
    pub fn worksheet(&self, lang: Lang) -> Option<&str> {
        self.worksheet.get(lang)
    }
}

/// Text with a version for each of one or more languages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Texts {
    /// The version for every language that has none of its own.
    pub plain: Option<String>,
    /// The Japanese version.
    pub ja: Option<String>,
    /// The English version.
    pub en: Option<String>,
}

impl Texts {
    /// Returns the version in this language, otherwise the one for all languages, otherwise the one
    /// in the other language, which is better than no text.
    pub fn get(&self, lang: Lang) -> Option<&str> {
        let (own, other) = lang.pick((&self.ja, &self.en), (&self.en, &self.ja));
        own.as_ref().or(self.plain.as_ref()).or(other.as_ref()).map(String::as_str)
    }

    fn is_empty(&self) -> bool {
        self.get(Lang::En).is_none()
    }
}
