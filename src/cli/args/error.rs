//! Argument errors in Japanese; the English ones are clap's own.

use crate::lang::Lang;
use clap::error::{ContextKind, ContextValue, ErrorKind};

/// Tells what is wrong and where to find help: clap's own text in English, and for what is not an
/// error.
pub(crate) fn explain(error: &clap::Error, lang: Lang) -> String {
    if lang == Lang::En || !error.use_stderr() {
        return error.render().to_string();
    }
    let of = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(texts)) => texts.join(" "),
        _ => String::new(),
    };
    let arg = of(ContextKind::InvalidArg);
    let value = of(ContextKind::InvalidValue);
    let what = match error.kind() {
        ErrorKind::UnknownArgument => format!("`{arg}` という引数はありません。"),
        ErrorKind::InvalidSubcommand => {
            format!("`{}` というコマンドはありません。", of(ContextKind::InvalidSubcommand))
        }
        ErrorKind::InvalidValue if value.is_empty() => format!("`{arg}` に値がありません。"),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            match of(ContextKind::ValidValue).split_whitespace().collect::<Vec<_>>().join("、") {
                known if known.is_empty() => format!("`{arg}` に `{value}` は使えません。"),
                known => format!("`{arg}` に `{value}` は使えません。使えるのは {known} です。"),
            }
        }
        ErrorKind::ArgumentConflict => {
            format!("`{arg}` は `{}` と一緒に使えません。", of(ContextKind::PriorArg))
        }
        ErrorKind::TooManyValues => format!("`{arg}` に値は付けられません。"),
        ErrorKind::MissingRequiredArgument => format!("`{arg}` が要ります。"),
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            return error.render().to_string();
        }
        _ => "引数を読み取れません。".to_owned(),
    };
    let near =
        [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand, ContextKind::SuggestedValue]
            .into_iter()
            .map(of)
            .find(|near| !near.is_empty())
            .map(|near| format!("`{near}` のことでしょうか。"))
            .unwrap_or_default();
    format!("kaizodo: {what}{near}使い方は `--help` で見られます。\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::args::command;

    fn said(args: &[&str]) -> String {
        let args = ["kaizodo"].iter().chain(args);
        explain(&command(Lang::Ja).try_get_matches_from(args).unwrap_err(), Lang::Ja)
    }

    #[test]
    fn tells_what_was_typed_wrongly() {
        insta::assert_snapshot!(
            [
                said(&["run", "--modle", "x"]),
                said(&["rnu"]),
                said(&["run", "--lang", "fr"]),
                said(&["run", "--lang"]),
                said(&["run", "a", "--text", "b"]),
                said(&["completions"]),
                said(&["run", "a", "b"]),
                said(&["run", "--json=x"]),
            ].concat(),
            @r"
        kaizodo: `--modle` という引数はありません。`--model` のことでしょうか。使い方は `--help` で見られます。
        kaizodo: `rnu` というコマンドはありません。使い方は `--help` で見られます。
        kaizodo: `--lang <LANG>` に `fr` は使えません。使えるのは ja、en です。使い方は `--help` で見られます。
        kaizodo: `--lang <LANG>` に値がありません。使い方は `--help` で見られます。
        kaizodo: `[FILE[:A[-B]]]` は `--text <TEXT>` と一緒に使えません。使い方は `--help` で見られます。
        kaizodo: `<SHELL>` が要ります。使い方は `--help` で見られます。
        kaizodo: `b` という引数はありません。使い方は `--help` で見られます。
        kaizodo: `--json` に値は付けられません。使い方は `--help` で見られます。
        "
        );
        assert!(said(&[]).contains("使い方: kaizodo <コマンド>"));
    }
}
