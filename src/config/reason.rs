//! Translates the reason why a setting cannot be read into the user's language.
//!
//! The reasons come from serde, in English. The kinds that are known here are rephrased, with the
//! next step; anything else, such as a TOML syntax error, stays as it is.

use crate::lang::{Lang, Message};
use crate::privacy::NeverSendError;
use crate::provider::{ExtraBodyError, GgufError, KeyCommandError, LlamaCommandError};

/// Minimum similarity, from 0 to 1, of an unknown name and the known name that it is taken for.
const ALIKE: f64 = 0.8;
/// Maximum number of bytes of an unknown name that are compared and shown.
const NAME_BYTES: usize = 120;

/// Turns `reason`, the English explanation of why a setting cannot be read, into a sentence in
/// `lang`. Returns an unrecognized `reason` unchanged.
pub(crate) fn explain(reason: &str, lang: Lang) -> String {
    let (place, kind) = match reason.split_once(": ") {
        // serde's own messages contain a colon, too.
        Some((path, rest)) if is_path(path) => (Some(path), rest),
        _ => (None, reason),
    };
    let said = unknown_name(kind, lang).or_else(|| wrong_type(kind, lang));
    let said = said.or_else(|| key_command(kind, lang)).or_else(|| too_much(kind, lang));
    let said = said.or_else(|| extra_body(kind, lang)).or_else(|| models(kind, lang));
    let said = said.or_else(|| model_file(kind, lang)).or_else(|| form(kind, lang));
    let said = said.or_else(|| never_send(kind, lang));
    match (place, said) {
        (None, said) => said.unwrap_or_else(|| reason.to_owned()),
        // The message about an unknown name needs no path in front.
        (Some(_), Some(said)) if kind.starts_with("unknown field") => said,
        (Some(place), said) => format!("{place}: {}", said.as_deref().unwrap_or(kind)),
    }
}

/// Returns `true` for a setting's name, such as `limits.max_tokens`.
fn is_path(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || "._-[]".contains(c))
}

/// Translates the errors of a key command.
fn key_command(reason: &str, lang: Lang) -> Option<String> {
    let bad = KeyCommandError::ALL.into_iter().find(|bad| bad.message(Lang::En) == reason)?;
    Some(bad.message(lang))
}

/// Translates the errors of a pattern in `never_send`, which follow the pattern.
fn never_send(reason: &str, lang: Lang) -> Option<String> {
    let (pattern, why) = reason.rsplit_once("`: ").filter(|_| reason.starts_with('`'))?;
    let bad = NeverSendError::ALL.into_iter().find(|bad| bad.message(Lang::En) == why)?;
    Some(format!("{pattern}`: {}", bad.message(lang)))
}

/// Translates the errors of a model file and of its program.
fn model_file(reason: &str, lang: Lang) -> Option<String> {
    let file = GgufError::ALL.into_iter().find(|bad| bad.message(Lang::En) == reason);
    let program = LlamaCommandError::ALL.into_iter().find(|bad| bad.message(Lang::En) == reason);
    file.map(|bad| bad.message(lang)).or_else(|| Some(program?.message(lang)))
}

/// Translates `more than 64 entries` and `a name of more than 200 bytes`; see `allowed.rs`.
fn too_much(reason: &str, lang: Lang) -> Option<String> {
    let is_name = reason.starts_with("a name of ");
    let bound = reason.trim_start_matches("a name of ").strip_prefix("more than ")?;
    let (bound, what) = bound.split_once(' ')?;
    Some(match (is_name, what) {
        (true, "bytes") => lang.pick(
            format!("`sets` と `perspectives` の名前は {bound} バイトまでです。"),
            format!("names in `sets` and `perspectives` may be at most {bound} bytes long."),
        ),
        (false, "entries") => lang.pick(
            format!("`sets`、その中の各セット、`perspectives` に書けるのは、それぞれ {bound} 個までです。"),
            format!("`sets`, each set and `perspectives` may have at most {bound} entries."),
        ),
        _ => return None,
    })
}

/// Translates the errors of a list of models; see `perspective/models.rs`.
fn models(reason: &str, lang: Lang) -> Option<String> {
    if reason == "a model's name, or a list of names" {
        return Some(lang.pick(
            "モデルの名前か、名前の配列を書いてください。".to_owned(),
            format!("expected {reason}."),
        ));
    }
    let bound = reason.strip_prefix("more than ")?.strip_suffix(" models")?;
    Some(lang.pick(
        format!("モデルを並べられるのは {bound} 個までです。"),
        format!("a list of models may have at most {bound} entries."),
    ))
}

/// Translates serde's errors about a set, a program, and a name that is not a string.
fn form(reason: &str, lang: Lang) -> Option<String> {
    let said = match reason {
        "a list of perspectives, or a table with `perspectives`, `focus` and `models`" => lang
            .pick(
                "視点の名前の配列か、`perspectives`、`focus`、`models` をキーに持つテーブルを書いてください。"
                    .to_owned(),
                format!("expected {reason}."),
            ),
        "a program, or a list of a program and its arguments" => lang.pick(
            "プログラムか、プログラムと引数の配列を書いてください。".to_owned(),
            format!("expected {reason}."),
        ),
        "wanted string or table" => {
            lang.pick("文字列を書いてください。", "expected a string.").to_owned()
        }
        _ => return None,
    };
    Some(said)
}

/// Translates the errors of an `extra_body`.
fn extra_body(reason: &str, lang: Lang) -> Option<String> {
    let bad = ExtraBodyError::ALL.into_iter().find(|bad| bad.message(Lang::En) == reason)?;
    Some(bad.message(lang))
}

/// Translates ``unknown field `x`, expected one of `a`, `b` ``, and the same about a variant.
fn unknown_name(reason: &str, lang: Lang) -> Option<String> {
    let is_field = reason.starts_with("unknown field ");
    if !is_field && !reason.starts_with("unknown variant ") {
        return None;
    }
    let mut names = reason.split('`').skip(1).step_by(2);
    let name = names.next()?;
    // The name may come from an untrusted file and have any length.
    let name = name.get(..name.floor_char_boundary(NAME_BYTES)).unwrap_or_default();
    // Settings may also be written in camel case, but the user's file has them in snake case.
    let known: Vec<&str> = names.filter(|n| !n.chars().any(char::is_uppercase)).collect();
    let near = known
        .iter()
        .map(|n| (strsim::jaro_winkler(n, name), *n))
        .filter(|(score, _)| *score >= ALIKE)
        .max_by(|a, b| a.0.total_cmp(&b.0));
    let list = |between| known.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(between);
    let mut said = match is_field {
        true => lang.pick(
            format!("`{name}` という設定はありません。"),
            format!("unknown setting `{name}`"),
        ),
        false => lang.pick(
            format!("`{name}` という値は使えません。"),
            format!("`{name}` is not a valid value"),
        ),
    };
    said += &match near {
        Some((_, near)) => {
            lang.pick(format!("`{near}` のことでしょうか。"), format!("; did you mean `{near}`?"))
        }
        None => lang.pick(
            format!("あるのは {} です。", list("、")),
            format!("; expected one of {}.", list(", ")),
        ),
    };
    Some(said)
}

/// Translates ``invalid type: integer `3`, expected a string``.
fn wrong_type(reason: &str, lang: Lang) -> Option<String> {
    let (found, expected) = reason.strip_prefix("invalid type: ")?.rsplit_once(", expected ")?;
    let (expected_ja, expected_en) = match expected {
        "a string" => ("文字列", "a string"),
        "a boolean" => ("真偽値（true か false）", "true or false"),
        "a map" => ("テーブル", "a table"),
        "a sequence" => ("配列", "a list"),
        "u32" | "u64" | "usize" => ("0 以上の整数", "a whole number"),
        _ => return None,
    };
    let (kind, value) = found.split_once(' ').map_or((found, ""), |(k, v)| (k, v));
    let found_ja = match kind {
        "integer" => "整数",
        "string" => "文字列",
        "boolean" => "真偽値",
        "sequence" => "配列",
        "map" => "テーブル",
        "floating" => "小数",
        _ => return None,
    };
    let value = value.trim_start_matches("point ");
    let space = if value.is_empty() { "" } else { " " };
    Some(lang.pick(
        format!("{expected_ja}を書くところに、{found_ja}{space}{value}{space}があります。"),
        format!("expected {expected_en}, found {found}."),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(reason: &str, en: &str, ja: &str) {
        assert_eq!((&*explain(reason, Lang::En), &*explain(reason, Lang::Ja)), (en, ja));
    }

    #[test]
    fn a_slip_is_told_with_the_name_that_was_meant() {
        check(
            "unknown field `modle`, expected one of `provider`, `baseUrl`, `base_url`, `model`",
            "unknown setting `modle`; did you mean `model`?",
            "`modle` という設定はありません。`model` のことでしょうか。",
        );
        check(
            "limits.x: unknown field `x`, expected `a` or `b`",
            "unknown setting `x`; expected one of `a`, `b`.",
            "`x` という設定はありません。あるのは `a`、`b` です。",
        );
        check(
            "provider: unknown variant `gpt`, expected one of `auto`, `openai`",
            "provider: `gpt` is not a valid value; expected one of `auto`, `openai`.",
            "provider: `gpt` という値は使えません。あるのは `auto`、`openai` です。",
        );
    }

    #[test]
    fn a_wrong_type_is_told_by_what_is_wanted() {
        check(
            "invalid type: integer `3`, expected a string",
            "expected a string, found integer `3`.",
            "文字列を書くところに、整数 `3` があります。",
        );
        check(
            "limits.max_tokens: invalid type: map, expected u32",
            "limits.max_tokens: expected a whole number, found map.",
            "limits.max_tokens: 0 以上の整数を書くところに、テーブルがあります。",
        );
    }

    #[test]
    fn too_much_is_told_with_the_bound() {
        check(
            "more than 64 entries",
            "`sets`, each set and `perspectives` may have at most 64 entries.",
            "`sets`、その中の各セット、`perspectives` に書けるのは、それぞれ 64 個までです。",
        );
        check(
            "a name of more than 200 bytes",
            "names in `sets` and `perspectives` may be at most 200 bytes long.",
            "`sets` と `perspectives` の名前は 200 バイトまでです。",
        );
    }

    #[test]
    fn what_is_not_known_stays_as_it_is() {
        let odd = "key with no value, expected `=`";
        check(odd, odd, odd);
        check("a: odd", "a: odd", "a: odd");
        check("No such file: odd", "No such file: odd", "No such file: odd");
    }
}
