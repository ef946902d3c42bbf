//! Detects the language of an answer and measures its length.

use crate::lang::Lang;
use crate::perspective::lang::{is_han, is_kana};
use crate::text::quotation::Reading;
use unicode_segmentation::UnicodeSegmentation;

/// Returns the length of a text: characters without whitespace in Japanese, words in English.
pub fn length(text: &str, lang: Lang) -> usize {
    match lang {
        Lang::Ja => text.graphemes(true).filter(|g| !g.trim().is_empty()).count(),
        Lang::En => text.unicode_words().count(),
    }
}

/// Returns the language tag before a file name's extension, such as `ja` in `notes.ja.md`.
pub fn tagged(name: &str) -> Option<Lang> {
    let mut parts = name.rsplit('.');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(_), Some("ja"), Some(_)) => Some(Lang::Ja),
        (Some(_), Some("en"), Some(_)) => Some(Lang::En),
        _ => None,
    }
}

/// Returns the language of an answer; `None` if it is neither Japanese nor English, or has no
/// words.
///
/// The majority script decides, outside of quotations and code: an English answer may mention a
/// Japanese name, and a Japanese one is full of Latin names. An answer without kana is not
/// Japanese.
pub fn spoken(answer: &str) -> Option<Lang> {
    let own = Reading::of(answer).own;
    let of = |text: &str| by_letters(&Letters::of(text));
    // An answer may consist only of quotations or code.
    if own.chars().any(char::is_alphabetic) { of(&own) } else { of(answer) }
}

/// Counts of letters by script.
#[derive(Debug, Default)]
struct Letters {
    kana: usize,
    han: usize,
    /// Words in Latin letters, except those of one letter, which often number lists.
    words: usize,
    latin: usize,
    other: usize,
}

impl Letters {
    fn of(text: &str) -> Self {
        let is_latin = |c: char| {
            c.is_ascii_alphabetic() || ('\u{c0}'..='\u{24f}').contains(&c) && c.is_alphabetic()
        };
        let mut letters = Letters::default();
        for c in text.chars() {
            match c {
                c if is_kana(c) => letters.kana += 1,
                c if is_han(c) => letters.han += 1,
                c if is_latin(c) => letters.latin += 1,
                c if c.is_alphabetic() => letters.other += 1,
                _ => {}
            }
        }
        let words = text.split(|c: char| !is_latin(c));
        letters.words = words.filter(|word| word.chars().nth(1).is_some()).count();
        letters
    }
}

fn by_letters(letters: &Letters) -> Option<Lang> {
    let Letters { kana, han, words, latin, other } = *letters;
    let japanese = kana + han;
    // A Latin word carries about as much as two or three Japanese characters.
    let is_japanese = kana > 0 && japanese >= 2 * words && japanese > other;
    let is_english = latin > 0 && latin > japanese && latin > other;
    match (is_japanese, is_english) {
        (true, _) => Some(Lang::Ja),
        (false, true) => Some(Lang::En),
        (false, false) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn length_is_counted_as_people_count() {
        assert_eq!(length("解像度 を\n上げる。", Lang::Ja), 8);
        assert_eq!(length("か\u{3099}👩‍👩‍👧‍👦", Lang::Ja), 2);
        assert_eq!(length("- D1 It's slow; the build-server waits.", Lang::En), 7);
        assert_eq!((length("", Lang::Ja), length(" \n", Lang::En)), (0, 0));
    }

    #[test]
    fn file_names_have_language_tags() {
        assert_eq!(tagged("notes.ja.md"), Some(Lang::Ja));
        assert_eq!(tagged("1-a.b.en.rs"), Some(Lang::En));
        for name in ["notes.md", "ja.md", "a.fr.md", "a.md.ja", "ja", ""] {
            assert_eq!(tagged(name), None, "{name}");
        }
    }

    #[test]
    fn the_language_of_an_answer_is_told_by_its_own_words() {
        for (answer, lang) in [
            ("- D1 ビルドが遅い(根拠「the build takes an hour on main」)", Some(Lang::Ja)),
            ("- `retry_after()` が呼ばれるのは HTTP 429 のときだけ", Some(Lang::Ja)),
            (
                "- D1 The build is slow (evidence \"一時間かかるのはいつものことだ\").",
                Some(Lang::En),
            ),
            ("The 会議 is too long because nobody prepares an agenda.", Some(Lang::En)),
            ("- B1 建立缓存,减少等待时间", None),
            ("회의가 너무 길다", None),
            ("Встреча слишком длинная", None),
            ("「一時間かかる」", Some(Lang::Ja)),
            ("1. 2. —", None),
            ("", None),
        ] {
            assert_eq!(spoken(answer), lang, "{answer}");
        }
    }

    proptest! {
        #[test]
        fn quotations_do_not_change_the_detected_language(quoted in "[a-zぁ-ん一-十 ]{1,30}") {
            prop_assert_eq!(spoken(&format!("これは遅い「{quoted}」")), Some(Lang::Ja));
            prop_assert_eq!(spoken(&format!("it is slow “{quoted}”")), Some(Lang::En));
        }

        #[test]
        fn length_adds_up_over_lines(a in "[a-zあ-ん漢字、 ]{0,20}", b in "[a-zあ-ん漢字、 ]{0,20}") {
            let whole = format!("{a}\n{b}");
            for lang in [Lang::Ja, Lang::En] {
                prop_assert_eq!(length(&whole, lang), length(&a, lang) + length(&b, lang));
            }
        }
    }
}
