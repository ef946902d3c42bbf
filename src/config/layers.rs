//! The layers that the settings are merged from.

use super::{Config, EarlierSettings, Settings, SettingsError};
use crate::lang::Lang;

/// The layers of the settings, from lowest to highest priority. A repository's layer comes between
/// the user's file and the editor.
#[derive(Clone, Debug, Default)]
pub struct Layers {
    /// The user's settings file.
    pub user: Layer,
    /// The editor's settings.
    pub editor: Layer,
    /// Settings from environment variables.
    pub environment: Settings,
    /// Settings from command-line flags.
    pub flags: Settings,
    /// The language of messages, and of selections whose language is ambiguous.
    pub locale: Lang,
    /// Whether an environment variable was ignored because its value is invalid.
    pub unreadable: bool,
}

/// A layer of the settings that can be reloaded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layer {
    /// The settings that were last read successfully.
    pub settings: Settings,
    /// Whether the last read failed. What the layer says is then unknown, even if earlier settings
    /// stay in force.
    pub unreadable: bool,
}

impl Layer {
    /// Applies the result of reloading the layer. After an error, the previous settings stay in
    /// force, and the layer counts as unreadable.
    ///
    /// # Errors
    /// Returns the error in `read`, if any, which then says whether there are previous settings.
    pub fn take(&mut self, read: Result<Settings, SettingsError>) -> Result<(), SettingsError> {
        match read {
            Ok(settings) => {
                *self = Layer { settings, unreadable: false };
                Ok(())
            }
            Err(error) => {
                self.unreadable = true;
                Err(SettingsError {
                    earlier: self.earlier(EarlierSettings::KeptLocalOnly),
                    ..error
                })
            }
        }
    }

    /// Returns `kept` if the layer has settings that stay in force after an error.
    pub(crate) fn earlier(&self, kept: EarlierSettings) -> EarlierSettings {
        if self.settings == Settings::default() { EarlierSettings::Absent } else { kept }
    }
}

impl Layers {
    /// Merges the layers, without any repository's settings.
    pub fn config(&self) -> Config {
        self.config_in(&Settings::default())
    }

    /// Merges the layers with the settings of a trusted repository.
    pub fn config_in(&self, repository: &Settings) -> Config {
        let Layers { user, editor, environment, flags, locale, unreadable } = self;
        let layers = [&user.settings, repository, &editor.settings, environment, flags];
        let mut config = Config::from_layers(layers, *locale);
        config.unreadable = *unreadable || user.unreadable || editor.unreadable;
        config
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::Message;

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
    fn sets_of_other_names_stay() {
        let of = |text: &str| Settings::from_toml("t", text).unwrap();
        let mut layers = Layers::default();
        layers.user.settings = of("sets = { a = ['depth'] }");
        layers.editor.settings = of("sets = { a = ['time'] }");
        let sets = layers.config_in(&of("sets = { a = ['scale'], b = ['breadth'] }")).sets;
        let sets: Vec<_> =
            sets.iter().map(|(name, set)| (name.as_str(), set.perspectives.concat())).collect();
        assert_eq!(sets, [("a", "time".to_owned()), ("b", "breadth".to_owned())]);
    }

    #[test]
    fn a_failed_read_keeps_the_previous_settings() {
        let mut layers = Layers::default();
        let broken = || Settings::from_toml("t", "lang = ");
        assert!(layers.user.take(broken()).is_err());
        assert!(layers.config().unreadable, "nothing is known of what it said");
        layers.user.take(Settings::from_toml("t", "lang = 'ja'")).unwrap();
        assert!(!layers.config().unreadable);
        let said = layers.user.take(broken()).unwrap_err().message(Lang::En);
        assert!(
            said.contains("so the earlier settings stay in force, and nothing is sent"),
            "{said}"
        );
        assert_eq!((layers.config().unreadable, layers.config().lang), (true, Some(Lang::Ja)));
        layers.user.take(Settings::from_toml("t", "lang = 'en'")).unwrap();
        assert_eq!((layers.config().unreadable, layers.config().lang), (false, Some(Lang::En)));
    }
}
