//! The layers of settings that are in force at one moment.

use super::{Config, Settings, SettingsError};
use crate::lang::Lang;

/// The layers, the lowest first. A repository's comes between the user's file and the editor.
#[derive(Clone, Debug, Default)]
pub struct Layers {
    /// The user's file.
    pub user: Layer,
    /// What the editor sends.
    pub editor: Layer,
    /// The environment.
    pub environment: Settings,
    /// The command line's flags.
    pub flags: Settings,
    /// The language of messages.
    pub locale: Lang,
    /// Something else that could not be read: a variable.
    pub unread: bool,
}

/// A layer that may be read anew.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layer {
    /// What it says.
    pub settings: Settings,
    /// It could not be read, and none that could was there before.
    pub unread: bool,
}

impl Layer {
    /// Takes what was read. What cannot be read leaves what was there before in force.
    ///
    /// # Errors
    /// What could not be read.
    pub fn take(&mut self, read: Result<Settings, SettingsError>) -> Result<(), SettingsError> {
        match read {
            Ok(settings) => {
                *self = Layer { settings, unread: false };
                Ok(())
            }
            Err(error) => {
                self.unread |= self.settings == Settings::default();
                Err(error)
            }
        }
    }
}

impl Layers {
    /// The settings where no repository has a say.
    pub fn config(&self) -> Config {
        self.config_in(&Settings::default())
    }

    /// The settings in a repository that the user trusts.
    pub fn config_in(&self, repository: &Settings) -> Config {
        let Layers { user, editor, environment, flags, locale, unread } = self;
        let layers = [&user.settings, repository, &editor.settings, environment, flags];
        let mut config = Config::from_layers(layers, *locale);
        config.unread = *unread || user.unread || editor.unread;
        config
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_stands_between_the_user_and_the_editor() {
        let lang = |text: &str| Settings::from_toml("t", text).unwrap();
        let mut layers = Layers::default();
        layers.user.settings = lang("lang = 'ja'");
        assert_eq!(layers.config().lang, Some(Lang::Ja));
        assert_eq!(layers.config_in(&lang("lang = 'en'")).lang, Some(Lang::En));
        layers.editor.settings = lang("lang = 'ja'");
        assert_eq!(layers.config_in(&lang("lang = 'en'")).lang, Some(Lang::Ja));
    }

    #[test]
    fn what_cannot_be_read_leaves_what_was_there() {
        let mut layers = Layers::default();
        let broken = || Settings::from_toml("t", "lang = ");
        assert!(layers.user.take(broken()).is_err());
        assert!(layers.config().unread, "nothing is known of what it said");
        layers.user.take(Settings::from_toml("t", "lang = 'ja'")).unwrap();
        assert!(!layers.config().unread);
        assert!(layers.user.take(broken()).is_err());
        assert_eq!((layers.config().unread, layers.config().lang), (false, Some(Lang::Ja)));
    }
}
