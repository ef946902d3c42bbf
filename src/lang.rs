//! The two languages that kaizodo speaks. Unless the settings name one, the language of a run is
//! detected from its selection, in [`crate::perspective::lang`].

use serde::{Deserialize, Serialize};

/// A value with a message for the user: what happened and, if there is one, the next step.
pub trait Message {
    /// Returns the message in this language.
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
    /// Returns the language for a locale, such as `ja_JP.UTF-8` or `en`: English unless the name
    /// begins with `ja`. Returns `None` for an empty name.
    pub fn of_locale(name: &str) -> Option<Self> {
        (!name.is_empty()).then(|| if name.starts_with("ja") { Lang::Ja } else { Lang::En })
    }

    /// Returns whichever of the two values is in this language.
    pub fn pick<T>(self, ja: T, en: T) -> T {
        match self {
            Lang::Ja => ja,
            Lang::En => en,
        }
    }
}
