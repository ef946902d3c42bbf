//! Merges the settings that say who is asked: `provider`, `base_url` and `gguf`.
//!
//! A layer may name only a server or a model file, and leave the provider to a lower layer. That
//! provider was not chosen for this server or file, so it must not send the text to a host that no
//! layer names. For the same reason, the key, headers and query that a layer gives for its server are
//! not sent to another one that a later layer names.

use super::{Config, ProviderChoice, Settings};
use crate::provider::Gguf;

/// Returns for each layer whether it names a server that a later layer replaces with another one.
/// Its key, headers and query were meant for that server alone.
pub(super) fn is_server_replaced(layers: &[&Settings]) -> Vec<bool> {
    let last = layers.iter().rev().find_map(|layer| layer.base_url.as_ref());
    layers.iter().map(|layer| layer.base_url.is_some() && layer.base_url.as_ref() != last).collect()
}

/// What the layers so far say about who is asked.
#[derive(Default)]
pub(super) struct Destination<'a> {
    provider: ProviderChoice,
    base_url: Option<&'a String>,
    gguf: Option<&'a Gguf>,
    /// Whether the layer that named the file came after the layer that named the URL.
    is_file_last: bool,
    /// Whether the layer that chose `openai` also named a file.
    is_unclear: bool,
}

impl<'a> Destination<'a> {
    /// Adds a layer above those that were added before.
    pub(super) fn add(&mut self, layer: &'a Settings) {
        match layer.provider {
            Some(provider) => {
                self.provider = provider;
                self.is_unclear = provider == ProviderChoice::OpenAi && layer.gguf.is_some();
            }
            // The file takes the place of the models that the lower layer chose. The worksheet
            // stays, since it is the choice to ask no model.
            None if layer.gguf.is_some() && self.asks_models_elsewhere() => {
                self.provider = ProviderChoice::Auto;
                self.is_unclear = false;
            }
            None => {}
        }
        if layer.base_url.is_some() {
            self.base_url = layer.base_url.as_ref();
            self.is_file_last = false;
            self.is_unclear = false;
        }
        if layer.gguf.is_some() {
            self.gguf = layer.gguf.as_ref();
            self.is_file_last = true;
        }
    }

    fn asks_models_elsewhere(&self) -> bool {
        matches!(self.provider, ProviderChoice::OpenAi | ProviderChoice::Editor)
    }

    /// Writes the result to `config`. Of the URL and the file, at most one is left.
    pub(super) fn write_to(self, config: &mut Config) {
        let is_file = match self.provider {
            ProviderChoice::OpenAi => self.is_unclear,
            ProviderChoice::Local => self.gguf.is_some(),
            ProviderChoice::Auto | ProviderChoice::Editor | ProviderChoice::Worksheet => {
                self.is_file_last
            }
        };
        config.provider = self.provider;
        config.base_url = self.base_url.filter(|_| !is_file).cloned();
        config.gguf = self.gguf.filter(|_| is_file).cloned();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::Lang;

    /// What a layer may say, as TOML. `N` stands for the layer's number.
    const PROVIDERS: [&str; 6] = [
        "",
        "provider='auto'",
        "provider='openai'",
        "provider='local'",
        "provider='editor'",
        "provider='worksheet'",
    ];
    const TARGETS: [&str; 3] = ["", "base_url='http://N'", "gguf='~/N'"];

    fn layers(number: usize) -> Vec<Settings> {
        let all = PROVIDERS.iter().flat_map(|p| TARGETS.iter().map(move |t| format!("{p}\n{t}")));
        all.map(|text| Settings::from_toml("c", &text.replace('N', &number.to_string())).unwrap())
            .collect()
    }

    #[test]
    fn text_goes_nowhere_that_no_layer_names() {
        let (files, editors, variables) = (layers(0), layers(1), layers(2));
        for file in &files {
            for editor in &editors {
                for environment in &variables {
                    let all = [file, editor, environment];
                    let config = Config::from_layers(all, Lang::En);
                    check(&all, &config);
                }
            }
        }
    }

    #[test]
    fn credentials_stay_with_the_server_they_were_given_for() {
        let of = |text: &str| Settings::from_toml("c", text).unwrap();
        let secrets = "key_command = ['pass']\nheaders = { a = 'b' }\nquery = { c = 'd' }\n";
        let file = of(&format!("base_url = 'https://mine.test'\n{secrets}"));
        let anywhere = of(secrets);
        let (mine, other) =
            (of("base_url = 'https://mine.test'"), of("base_url = 'https://o.test'"));
        let has = |layers: &[&Settings]| {
            let config = Config::from_layers(layers.iter().copied(), Lang::En);
            let all = [
                config.key_command.is_some(),
                !config.headers.is_empty(),
                !config.query.is_empty(),
            ];
            assert!(all == [all[0]; 3], "{all:?}");
            all[0]
        };
        assert!(has(&[&file]) && has(&[&file, &mine]) && has(&[&file, &of("lang = 'ja'")]));
        assert!(!has(&[&file, &other]) && !has(&[&file, &mine, &other]));
        assert!(has(&[&anywhere, &other]) && has(&[&other, &file]) && has(&[&file, &other, &file]));
    }

    /// Checks the laws that hold for all layers.
    fn check(layers: &[&Settings], config: &Config) {
        let said = || {
            let named = |s: &Settings| format!("{:?} {:?} {:?}", s.provider, s.base_url, s.gguf);
            layers.iter().map(|layer| named(layer)).collect::<Vec<_>>().join(" | ")
        };
        let last = |is: &dyn Fn(&Settings) -> bool| layers.iter().rposition(|layer| is(layer));
        let url = last(&|layer| layer.base_url.is_some());
        let file = last(&|layer| layer.gguf.is_some());
        let provider = last(&|layer| layer.provider.is_some());
        assert!(config.base_url.is_none() || config.gguf.is_none(), "{}", said());
        // Each value is the one that was named last.
        assert!(config.base_url.is_none() || config.base_url == layers[url.unwrap()].base_url);
        assert!(config.gguf.is_none() || config.gguf == layers[file.unwrap()].gguf);
        match config.provider {
            // OpenAI itself is asked only if nobody names a server, and if nobody names a file
            // after the choice of OpenAI.
            ProviderChoice::OpenAi if config.base_url.is_none() && config.gguf.is_none() => {
                assert!(url.is_none() && file < provider, "{}", said());
            }
            // With a key, `auto` asks OpenAI if neither is left.
            ProviderChoice::Auto if config.base_url.is_none() && config.gguf.is_none() => {
                assert!(url.is_none() && file.is_none(), "{}", said());
            }
            _ => {}
        }
        // A choice that keeps the text on this computer ends only by another choice.
        for stays in [ProviderChoice::Local, ProviderChoice::Worksheet] {
            let chosen = provider.and_then(|at| layers[at].provider) == Some(stays);
            assert!(!chosen || config.provider == stays, "{}", said());
        }
        // A file that is named last is used, or nobody is asked.
        if file.is_some() && file >= url && file >= provider {
            let is_no_model = matches!(config.provider, ProviderChoice::Worksheet);
            let is_own = file == provider && config.provider == ProviderChoice::Editor;
            assert!(config.gguf.is_some() || is_no_model || is_own, "{}", said());
        }
    }
}
