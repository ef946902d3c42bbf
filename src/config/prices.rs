//! The prices of models: the user's own, and a few that are built in.

use crate::event::{Usage, Usd};
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The built-in prices, with the month in which they were looked up.
const BUILT_IN: &str = include_str!("prices.toml");

static TABLE: LazyLock<BuiltIn> =
    LazyLock::new(|| toml::from_str(BUILT_IN).unwrap_or_else(|_| BuiltIn::default()));

#[derive(Default, Deserialize)]
struct BuiltIn {
    #[cfg(test)]
    as_of: String,
    models: Prices,
}

/// Prices by model name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Prices(BTreeMap<String, Price>);

/// The price of a model's input and output tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// Price of the prompt's tokens.
    input: Rate,
    /// Price of prompt tokens from a prefix cache; `input` if `None`.
    #[serde(default, alias = "cachedInput")]
    cached_input: Option<Rate>,
    /// Price of the answer's tokens, including reasoning.
    output: Rate,
}

/// The price of a token in trillionths of a dollar, which is also the price of a million tokens in
/// millionths of a dollar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Rate(u64);

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        const MAX: f64 = 1e6;
        let dollars = f64::deserialize(from)?;
        if !(0.0..=MAX).contains(&dollars) {
            return Err(serde::de::Error::custom("not a price in dollars per million tokens"));
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the range was checked"
        )]
        Ok(Rate((dollars * 1e6).round() as u64))
    }
}

impl Rate {
    fn of(self, tokens: u64) -> u128 {
        u128::from(self.0) * u128::from(tokens)
    }
}

impl Price {
    /// Returns the cost of a request with this token usage, to the billionth of a dollar.
    pub fn of(&self, usage: &Usage) -> Usd {
        let cached = usage.cached_tokens.min(usage.prompt_tokens);
        let picos = self.input.of(usage.prompt_tokens - cached)
            + self.cached_input.unwrap_or(self.input).of(cached)
            + self.output.of(usage.completion_tokens);
        Usd::from_nanos(u64::try_from((picos + 500) / 1000).unwrap_or(u64::MAX))
    }
}

impl Prices {
    /// Returns the user's own price for a model. Looks up the model's full name, then the name
    /// without a date, without a provider, and without both.
    pub fn own(&self, model: &str) -> Option<&Price> {
        names(model).into_iter().find_map(|name| self.0.get(name))
    }

    /// Returns the user's own price for a model, or the built-in price if the user has set none.
    pub fn find(&self, model: &str) -> Option<&Price> {
        self.own(model).or_else(|| TABLE.models.own(model))
    }
}

/// Returns a model's name, then the name without its date, without its provider, and without both.
fn names(model: &str) -> [&str; 4] {
    let short = model.rsplit('/').next().unwrap_or(model);
    [model, undated(model), short, undated(short)]
}

/// Returns a name without its date: `-2025-08-07`, `-20250807` or `@20250807`.
fn undated(name: &str) -> &str {
    let is_date = |date: &str| {
        let digits = date.bytes().filter(u8::is_ascii_digit).count();
        let parts: Vec<_> = date.split('-').map(str::len).collect();
        digits == 8 && (parts == [4, 2, 2] || parts == [8])
    };
    [11, 9]
        .into_iter()
        .find_map(|length| {
            let (before, date) = name.split_at_checked(name.len().checked_sub(length)?)?;
            let date = date.strip_prefix(['-', '@'])?;
            (is_date(date) && !before.is_empty()).then_some(before)
        })
        .unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prices(text: &str) -> Prices {
        toml::from_str(text).unwrap()
    }

    fn usage(prompt_tokens: u64, cached_tokens: u64, completion_tokens: u64) -> Usage {
        Usage { prompt_tokens, cached_tokens, completion_tokens, reasoning_tokens: 0 }
    }

    #[test]
    fn the_built_in_prices_can_be_read() {
        assert_eq!(TABLE.models.0.len(), BUILT_IN.matches("input = ").count() / 2);
        assert!(TABLE.as_of.len() == 7 && TABLE.models.0.len() >= 5, "{}", TABLE.as_of);
        assert!(TABLE.models.0.contains_key(crate::config::DEFAULT_MODEL));
    }

    #[test]
    fn a_request_costs_to_the_billionth_what_its_tokens_cost() {
        let none = Prices::default();
        let mini = none.find("gpt-5-mini").unwrap();
        for (usage, nanos) in [
            (usage(0, 0, 0), 0),
            (usage(1_000_000, 0, 0), 250_000_000),
            (usage(1_000_000, 1_000_000, 0), 25_000_000),
            (usage(0, 0, 1_000_000), 2_000_000_000),
            (usage(6_600, 4_096, 1_234), 626_000 + 102_400 + 2_468_000),
            (usage(10, 99, 0), 250),
        ] {
            assert_eq!(mini.of(&usage), Usd::from_nanos(nanos), "{usage:?}");
        }
        let own = prices("m = { input = 0.0005, output = 3 }");
        let price = own.find("m").unwrap();
        assert_eq!(price.of(&usage(1, 0, 0)), Usd::from_nanos(1), "half a billionth goes up");
        assert_eq!(
            price.of(&usage(3, 3, 0)),
            Usd::from_nanos(2),
            "no price of its own for the cache"
        );
        assert_eq!(price.of(&usage(u64::MAX, 0, u64::MAX)), Usd::from_nanos(u64::MAX));
    }

    #[test]
    fn a_model_is_found_with_a_provider_and_a_date() {
        let none = Prices::default();
        let mini = none.find("gpt-5-mini");
        assert!(mini.is_some());
        for name in [
            "openai/gpt-5-mini",
            "gpt-5-mini-2025-08-07",
            "openai/gpt-5-mini-2025-08-07",
            "gpt-5-mini-20250807",
            "azure/openai/gpt-5-mini@20250807",
        ] {
            assert_eq!(none.find(name), mini, "{name}");
        }
        for name in [
            "",
            "gpt-5",
            "gpt-5-mini-fast",
            "gpt-5-mini:free",
            "gpt-5-mini-2025",
            "gpt-5-mini-2025-8-07",
            "-2025-08-07",
            "日本語-2025-08-07",
            "字字字字",
        ] {
            assert_eq!(none.find(name), None, "{name}");
        }
    }

    #[test]
    fn the_users_own_price_goes_before() {
        let own = prices("gpt-5-mini = { input = 1, cached_input = 1, output = 1 }");
        for name in ["gpt-5-mini", "openai/gpt-5-mini-2025-08-07"] {
            assert_eq!(own.find(name).unwrap().of(&usage(9, 5, 1)), Usd::from_nanos(10_000));
        }
        let exact = "'openai/gpt-5-mini' = { input = 2, cachedInput = 2, output = 2 }";
        let both = prices(&format!("{exact}\ngpt-5-mini = {{ input = 1, output = 1 }}"));
        assert_eq!(
            both.find("openai/gpt-5-mini").unwrap().of(&usage(1, 0, 0)),
            Usd::from_nanos(2000)
        );
        assert_eq!(both.find("gpt-5-mini").unwrap().of(&usage(1, 0, 0)), Usd::from_nanos(1000));
        assert!(both.find("gpt-5-nano").is_some(), "the built-in ones stay");
    }

    #[test]
    fn what_is_no_price_is_refused() {
        for text in [
            "m = 3",
            "m = { input = 1 }",
            "m = { input = -1, output = 1 }",
            "m = { input = 1, output = 1, x = 1 }",
        ] {
            assert!(toml::from_str::<Prices>(text).is_err(), "{text}");
        }
    }
}
