//! Detects the language of a selection, to choose the language of a run.

use crate::lang::Lang;

/// Returns the language in which to answer a selection with this text.
///
/// Any kana makes the text Japanese, so that code with Japanese comments is answered in Japanese.
/// Han characters alone may be Japanese or Chinese, and a text without letters may be anything: in
/// both cases `fallback` (setting or locale) decides. Everything else is answered in English. Next
/// to Han characters, a Latin word counts only if it is more than an acronym, so `API設計` is left to
/// `fallback`.
pub fn detect(text: &str, fallback: Lang) -> Lang {
    // The shrug ¯\_(ツ)_/¯ is common in English texts.
    if text.replace("(ツ)", "").chars().any(is_kana) {
        return Lang::Ja;
    }
    let words = text.split(|c: char| !c.is_alphabetic() || is_han(c));
    let has_han = text.contains(is_han);
    let decides = |word: &str| match has_han {
        true => word.chars().count() > 1 && !word.chars().all(char::is_uppercase),
        false => !word.is_empty(),
    };
    if words.into_iter().any(decides) { Lang::En } else { fallback }
}

/// Returns `true` for hiragana and katakana, including their iteration and length marks and
/// half-width forms, and for 々 and 〆, which are used only in Japanese. The middle dot is excluded,
/// because Chinese names contain it as well.
pub(crate) fn is_kana(c: char) -> bool {
    matches!(c,
        '\u{3005}' | '\u{3006}'
        | '\u{3041}'..='\u{309f}'
        | '\u{30a1}'..='\u{30fa}'
        | '\u{30fc}'..='\u{30ff}'
        | '\u{31f0}'..='\u{31ff}'
        | '\u{ff66}'..='\u{ff9f}'
        | '\u{1aff0}'..='\u{1b16f}')
}

/// Returns `true` for Han characters of any language.
pub(crate) fn is_han(c: char) -> bool {
    matches!(c,
        '\u{3007}'
        | '\u{2e80}'..='\u{2fdf}'
        | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: Option<Lang>) {
        assert_eq!(detect(text, Lang::Ja), expect.unwrap_or(Lang::Ja), "{text}");
        assert_eq!(detect(text, Lang::En), expect.unwrap_or(Lang::En), "{text}");
    }

    #[test]
    fn kana_is_japanese() {
        for text in [
            "会議が長い",
            "let n = 3; // 再試行の回数",
            "テスト",
            "ﾃｽﾄ failed",
            "サーバー",
            "ゝ",
            "人々",
            "〆切",
            "か\u{3099}",
            "fix 「会議」 で",
        ] {
            check(text, Some(Lang::Ja));
        }
    }

    #[test]
    fn letters_without_kana_are_english() {
        for text in [
            "The build is slow",
            "x",
            "FIX NOW",
            "fn main() {}",
            "the word 会議 here",
            "no idea ¯\\_(ツ)_/¯",
            "Grüße",
            "회의",
            "ＡＢＣ",
        ] {
            check(text, Some(Lang::En));
        }
    }

    #[test]
    fn what_decides_nothing_is_left_to_the_fallback() {
        for text in ["会議延長", "会議・議題", "API設計", "課題A", "", " \r\n", "👩‍👩‍👧‍👦", "12:30", "——"]
        {
            check(text, None);
        }
    }
}
