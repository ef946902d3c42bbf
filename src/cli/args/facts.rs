//! The parts of help and manual besides commands and options: variables, files, exit status.

use crate::lang::Lang;
use unicode_width::UnicodeWidthStr;

/// A heading, in both languages, and its terms, each with its meaning in both.
type Fact = ([&'static str; 2], &'static [(&'static str, [&'static str; 2])]);

const FACTS: [Fact; 3] = [
    (
        ["環境変数", "Environment"],
        &[
            ("OPENAI_API_KEY", ["問い合わせ先の API キー", "API key for the server"]),
            ("OPENAI_BASE_URL", ["問い合わせ先の URL", "Base URL of the server"]),
            (
                "KAIZODO_GGUF",
                [
                    "llama-server で動かす、自分のモデルのファイル",
                    "Model file of your own, served by llama-server",
                ],
            ),
            ("KAIZODO_MODEL", ["問い合わせるモデル", "The model to ask"]),
            (
                "KAIZODO_PROVIDER",
                [
                    "尋ねる相手: auto、openai、local、worksheet のどれか",
                    "Who answers: auto, openai, local or worksheet",
                ],
            ),
            (
                "KAIZODO_FOCUS",
                [
                    "焦点をいつ書くか: auto、ask、off のどれか",
                    "When to write the focus: auto, ask or off",
                ],
            ),
            (
                "KAIZODO_LOG",
                [
                    "標準エラーに出すログ（`debug` など）",
                    "What to log to stderr, for example `debug`",
                ],
            ),
            (
                "PAGER",
                [
                    "`kaizodo trust` の長い出力を表示するページャー（未設定なら `less -R`、空なら使わない）",
                    "Pager for long output of `kaizodo trust` (unset: `less -R`; empty: no pager)",
                ],
            ),
        ],
    ),
    (
        ["ファイル", "Files"],
        &[
            (
                "~/.config/kaizodo/config.toml",
                [
                    "設定（$XDG_CONFIG_HOME があればその下）",
                    "Settings (under $XDG_CONFIG_HOME if it is set)",
                ],
            ),
            ("~/.config/kaizodo/perspectives/*.md", ["自分で作った視点", "Your own perspectives"]),
            (
                ".kaizodo/",
                [
                    "リポジトリの視点と設定。`kaizodo trust` で信頼するまでは使わない",
                    "A repository's perspectives and settings; ignored until you run `kaizodo trust`",
                ],
            ),
        ],
    ),
    (
        ["終了コード", "Exit status"],
        &[
            ("0", ["すべて完了した", "Everything completed"]),
            (
                "1",
                [
                    "完了しなかった節がある、または問題が見つかった",
                    "A section is incomplete, or a problem was found",
                ],
            ),
            ("2", ["使い方か設定に誤りがある", "Invalid usage or settings"]),
            ("130", ["途中で中断された", "Interrupted"]),
        ],
    ),
];

/// The text at the end of the help.
pub(crate) fn help(lang: Lang) -> String {
    let terms = FACTS.iter().flat_map(|(_, terms)| *terms);
    let width = terms.map(|(term, _)| term.width()).max().unwrap_or(0);
    let mut out = Vec::new();
    for ([ja, en], terms) in FACTS {
        out.push(format!("{}:", lang.pick(ja, en)));
        for (term, [ja, en]) in terms {
            let space = " ".repeat(width - term.width() + 2);
            out.push(format!("  {term}{space}{}", lang.pick(ja, en)));
        }
        out.push(String::new());
    }
    out.join("\n").trim_end().to_owned()
}

/// The manual's sections, in roff.
pub(crate) fn roff(lang: Lang) -> String {
    let escaped = |text: &str| text.replace('\\', "\\\\").replace('-', "\\-");
    let mut out = String::new();
    for ([ja, en], terms) in FACTS {
        out += &format!(".SH {}\n", lang.pick(ja, en).to_uppercase());
        for (term, [ja, en]) in terms {
            out += &format!(".TP\n\\fB{}\\fR\n{}\n", escaped(term), escaped(lang.pick(ja, en)));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_begins_with_what_roff_takes_for_its_own() {
        for lang in [Lang::Ja, Lang::En] {
            for line in roff(lang).lines().filter(|l| l.starts_with(['.', '\''])) {
                assert!(line.starts_with(".SH ") || line == ".TP", "{line}");
            }
        }
    }
}
