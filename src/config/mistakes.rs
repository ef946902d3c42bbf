//! Finds all mistakes in a settings file, so that users need not correct them one at a time.

use super::error::{Mistake, bounded};
use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue, Deserializer, Error};

/// Maximum number of mistakes that are reported for one file.
const MISTAKES: usize = 20;

type Key<'a> = Spanned<DeString<'a>>;
type Value<'a> = Spanned<DeValue<'a>>;

/// Returns the mistakes in `text`, which cannot be parsed as a `T`, in the order of their lines.
/// `told` converts an error to a mistake.
pub(crate) fn all<T: DeserializeOwned>(
    text: &str,
    told: impl Fn(&Error) -> Mistake,
) -> Vec<Mistake> {
    let (table, slips) = DeTable::parse_recoverable(text);
    let mut found: Vec<_> = slips.iter().take(MISTAKES).map(&told).collect();
    // What a syntax error leaves of its line says nothing about the value.
    let lines: Vec<_> = found.iter().map(|mistake| mistake.line).collect();
    let mut wrong = Vec::new();
    for (key, value) in table.get_ref() {
        check::<T>(std::slice::from_ref(key), value, &mut wrong);
    }
    let wrong = wrong.iter().map(|(path, error)| {
        let Mistake { line, reason } = told(error);
        Mistake { line, reason: bounded(&in_place(path, reason)) }
    });
    found.extend(wrong.filter(|mistake| !lines.contains(&mistake.line)));
    found.sort();
    found.dedup();
    found.truncate(MISTAKES);
    found
}

/// Returns the reason, prefixed with the name of the faulty setting. If the setting is unknown, the
/// reason already names it.
fn in_place(path: &str, reason: String) -> String {
    match reason.starts_with("unknown field ") {
        true => reason,
        false => format!("{path}: {reason}"),
    }
}

/// Checks one value by itself and, if it cannot be read, the values in it.
fn check<'a, T: DeserializeOwned>(
    path: &[Key<'a>],
    value: &Value<'a>,
    wrong: &mut Vec<(String, Error)>,
) {
    if wrong.len() >= MISTAKES {
        return;
    }
    let Some(error) = error::<T>(path, value.clone()) else { return };
    let before = wrong.len();
    if let DeValue::Table(table) = value.get_ref() {
        // Even an empty table fails for an unknown name, and for a table that is one value.
        // Checking the members would then say nothing.
        let empty = Spanned::new(value.span(), DeValue::Table(DeTable::new()));
        if self::error::<T>(path, empty).is_none() {
            for (key, value) in table {
                let path: Vec<_> = path.iter().chain([key]).cloned().collect();
                check::<T>(&path, value, wrong);
            }
        }
    }
    if wrong.len() == before {
        let names: Vec<_> = path.iter().map(|key| key.get_ref().as_ref()).collect();
        wrong.push((names.join("."), error));
    }
}

/// Returns why a file with only this value could not be read; `None` if it could.
fn error<'a, T: DeserializeOwned>(path: &[Key<'a>], value: Value<'a>) -> Option<Error> {
    let mut value = value;
    for key in path.iter().rev() {
        let span = value.span();
        let table = DeTable::from_iter([(key.clone(), value)]);
        value = Spanned::new(span, DeValue::Table(table));
    }
    let span = value.span();
    let DeValue::Table(table) = value.into_inner() else { return None };
    T::deserialize(Deserializer::from(Spanned::new(span, table))).err()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Settings;
    use crate::lang::{Lang, Message};

    fn told(text: &str, lang: Lang) -> Vec<String> {
        let error = Settings::from_toml("c.toml", text).unwrap_err();
        error.each().map(|mistake| mistake.message(lang)).collect()
    }

    #[test]
    fn every_mistake_is_told_with_its_line_and_what_is_wanted() {
        let text = "modle = \"a\"\nlang = \"fr\"\n[limits]\nmax_tokens = \"many\"\nrun_bytes = 9\n\n[journl]\nenabled = 1\nkeep_days = 2\n[sets]\na = 3\nb = [\"time\"]\n";
        insta::assert_snapshot!(told(text, Lang::En).join("\n"), @r#"
        The settings in c.toml, line 1, cannot be read and are not used: unknown setting `modle`; did you mean `model`?
        The settings in c.toml, line 2, cannot be read and are not used: lang: `fr` is not a valid value; expected one of `auto`, `ja`, `en`.
        The settings in c.toml, line 4, cannot be read and are not used: limits.max_tokens: expected a whole number, found string "many".
        The settings in c.toml, line 7, cannot be read and are not used: unknown setting `journl`; did you mean `journal`?
        The settings in c.toml, line 11, cannot be read and are not used: sets.a: expected a list of perspectives, or a table with `perspectives`, `focus` and `models`.
        "#);
        insta::assert_snapshot!(told(text, Lang::Ja).join("\n"), @r#"
        設定 c.toml の 1 行目を読めないので、そこに書かれた設定は使いません: `modle` という設定はありません。`model` のことでしょうか。
        設定 c.toml の 2 行目を読めないので、そこに書かれた設定は使いません: lang: `fr` という値は使えません。あるのは `auto`、`ja`、`en` です。
        設定 c.toml の 4 行目を読めないので、そこに書かれた設定は使いません: limits.max_tokens: 0 以上の整数を書くところに、文字列 "many" があります。
        設定 c.toml の 7 行目を読めないので、そこに書かれた設定は使いません: `journl` という設定はありません。`journal` のことでしょうか。
        設定 c.toml の 11 行目を読めないので、そこに書かれた設定は使いません: sets.a: 視点の名前の配列か、`perspectives`、`focus`、`models` をキーに持つテーブルを書いてください。
        "#);
    }

    #[test]
    fn slips_of_the_grammar_do_not_hide_other_mistakes() {
        let text = "model = \nlang = 3\n[headers\nx = 'sk-canary\nfocus = 'of'\n";
        insta::assert_snapshot!(told(text, Lang::En).join("\n"), @"
        The settings in c.toml, line 1, cannot be read and are not used: string values must be quoted, expected literal string
        The settings in c.toml, line 2, cannot be read and are not used: lang: expected a string.
        The settings in c.toml, line 3, cannot be read and are not used: unclosed table, expected `]`
        ");
        let whole = Settings::from_toml("c.toml", text).unwrap_err().message(Lang::Ja);
        assert!(!whole.contains("canary"), "{whole}");
    }

    #[test]
    fn there_are_bounds() {
        let text: String = (0..99).map(|n| format!("x{n} = 1\n")).collect();
        assert_eq!(told(&text, Lang::Ja).len(), MISTAKES);
    }
}
