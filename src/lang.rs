//! The two languages that kaizodo speaks. Unless the settings name one, the language of a run is
//! detected from its selection, in [`crate::perspective::lang`].

use serde::{Deserialize, Serialize};

/// Errors and notices that have a message for the user. The message says what happened and, if
/// there is a remedy, what to do next.
pub trait Message {
    /// Returns the message in `lang`.
    fn message(&self, lang: Lang) -> String;
}

/// The language of a prompt, a panel or a message.
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
