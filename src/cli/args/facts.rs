//! What help and manual say besides commands and options: variables, files, exit status.

use crate::lang::Lang;
use unicode_width::UnicodeWidthStr;

/// A heading, in both languages, and its terms, each with its meaning in both.
type Fact = ([&'static str; 2], &'static [(&'static str, [&'static str; 2])]);

const FACTS: [Fact; 3] = [
    (
        ["環境変数", "Environment"],
        &[
            ("OPENAI_API_KEY", ["尋ねる相手のキー", "The key for the server that is asked"]),
            ("OPENAI_BASE_URL", ["尋ねる相手の URL", "The URL of the server that is asked"]),
            ("KAIZODO_MODEL", ["尋ねるモデル", "The model to ask"]),
            (
                "KAIZODO_PROVIDER",
                [
                    "答える相手: auto、openai、local、worksheet のどれか",
                    "Who answers: auto, openai, local or worksheet",
                ],
            ),
            (
                "KAIZODO_LOG",
                ["標準エラーに出すログ(`debug` など)", "What is logged to stderr, such as `debug`"],
            ),
            (
                "PAGER",
                [
                    "`kaizodo trust` の長い出力を表示するページャー(未設定なら `less -R`、空なら使わない)",
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
                    "設定($XDG_CONFIG_HOME があればその下)",
                    "Settings; below $XDG_CONFIG_HOME where set",
                ],
            ),
            ("~/.config/kaizodo/perspectives/*.md", ["自分の視点", "Perspectives of your own"]),
            (
                ".kaizodo/",
                [
                    "リポジトリの視点と設定。`kaizodo trust` で信頼するまで使わない",
                    "A repository's perspectives and settings; unused until `kaizodo trust`",
                ],
            ),
        ],
    ),
    (
        ["終了コード", "Exit status"],
        &[
            ("0", ["すべて完成した", "Everything is complete"]),
            (
                "1",
                [
                    "完成しなかった節や、動かない点がある",
                    "Some section, or something set up, fails",
                ],
            ),
            ("2", ["使い方か設定に誤りがある", "Usage or settings are wrong"]),
            ("130", ["途中で止められた", "It was interrupted"]),
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
