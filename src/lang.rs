//! The two languages that kaizodo speaks. Which one a run uses is decided once, from the
//! selection, in [`crate::perspective::lang`].

use serde::{Deserialize, Serialize};

/// What speaks to people, in their language: what happened and, where there is one, the next step.
pub trait Message {
    /// Its sentences.
    fn message(&self, lang: Lang) -> String;
}

/// A language of prompts, panels and messages.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// Japanese.
    Ja,
    /// English.
    #[default]
    En,
}

impl Lang {
    /// The one for a locale's name, such as `ja_JP.UTF-8` or `en`; none for an empty name.
    pub fn of_locale(name: &str) -> Option<Self> {
        (!name.is_empty()).then(|| if name.starts_with("ja") { Lang::Ja } else { Lang::En })
    }

    /// The one of two texts that is in this language.
    pub fn pick<T>(self, ja: T, en: T) -> T {
        match self {
            Lang::Ja => ja,
            Lang::En => en,
        }
    }
}
