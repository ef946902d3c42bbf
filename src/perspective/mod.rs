//! Perspectives: ways of looking at a selection, as Markdown files.

mod catalog;
mod file;
pub mod lang;
mod models;
mod problem;

pub use catalog::{Catalog, DEFAULT_SET, FOCUS, UnknownPerspectiveError};
pub(crate) use catalog::{file_of, nearest};
pub use models::{Models, TooManyModelsError, short_model_name};
pub use problem::{PerspectiveNotice, PerspectiveNoticeKind};

use crate::lang::Lang;
use crate::text::ContextMode;
use serde::{Deserialize, Serialize};

/// A way of looking at a selection, defined by a Markdown file with YAML front matter.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Perspective {
    /// Where the perspective comes from.
    pub origin: Origin,
    /// The perspective's name, such as `depth`. Names are unique in a catalog.
    pub name: String,
    /// The heading of the perspective's sections; if there is no title, the name is used.
    pub title: Texts,
    /// What the perspective covers, in a sentence or two.
    pub description: Texts,
    /// The instructions for a model.
    pub instructions: Texts,
    /// The questions that the worksheet asks the user, if no model is asked.
    pub worksheet: Texts,
    /// The perspective's position in the catalog: lower numbers first, `None` last.
    pub order: Option<i64>,
    /// Name of the set that the perspective belongs to.
    pub group: Option<String>,
    /// The language of the perspective's answers; `None` for the language of the run.
    pub lang: Option<Lang>,
    /// The models to ask, best first; if one cannot answer, the next is asked. If empty, the models
    /// from the settings are asked.
    pub model: Vec<String>,
    /// The model that answers this copy of the perspective in a set of several models, and is named
    /// in the section's heading; `None` in other sets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of_model: Option<String>,
    /// Sampling temperature for this perspective, if it sets one.
    pub temperature: Option<f32>,
    /// Maximum number of tokens that a model may write for this perspective; `None` for the limit
    /// in the settings.
    pub max_tokens: Option<u32>,
    /// How much a model should reason before it answers; `None` for the value in the settings.
    pub effort: Option<Effort>,
    /// Maximum context that is sent with a selection in a run with this perspective; `None` for no
    /// maximum other than that in the settings.
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
    /// A file in the user's own folder of perspectives.
    User,
    /// A file in the repository that contains the document.
    Repository,
}

impl Perspective {
    /// Returns the perspective's title in `lang`, or its name if it has no title.
    pub fn title(&self, lang: Lang) -> &str {
        self.title.get(lang).unwrap_or(&self.name)
    }

    /// Returns a copy of the perspective that `model` alone answers, for a section in a set of
    /// several models.
    #[must_use]
    pub fn of(&self, model: &str) -> Perspective {
        let of_model = Some(model.to_owned());
        Perspective { model: vec![model.to_owned()], of_model, ..self.clone() }
    }

    /// Returns the name of the branch that answers this perspective: the perspective's name and, in
    /// a set of several models, the model, as in `depth@gpt-5`.
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
            Some(model) => format!("{title} · {}", short_model_name(model)),
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

    /// Returns the questions that the worksheet asks the user in this language, as a template;
    /// `None` if the perspective has none.
    pub fn worksheet(&self, lang: Lang) -> Option<&str> {
        self.worksheet.get(lang)
    }
}

/// A text in one or more languages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Texts {
    /// The version for languages that have no specific version.
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
