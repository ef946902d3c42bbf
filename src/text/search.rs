//! Searches texts for words in any order, ignoring case, width and the kind of kana.

use icu_normalizer::ComposingNormalizerBorrowed;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Maximum number of words in a query; the others are ignored.
const WORDS: usize = 32;
/// Maximum width of a snippet in columns.
const COLUMNS: usize = 72;
/// Maximum number of columns in front of the match.
const COLUMNS_BEFORE: usize = 24;

/// Folds a text into the form in which texts are compared: compatibility forms such as full-width
/// letters and half-width katakana are normalized (NFKC), upper case becomes lower case, and
/// katakana becomes hiragana.
pub(crate) fn folded(text: &str) -> String {
    let text = ComposingNormalizerBorrowed::new_nfkc().normalize(text);
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\0'..='\u{7f}' => out.push(c.to_ascii_lowercase()),
            // Unicode has hiragana and katakana in the same order.
            '\u{30a1}'..='\u{30f6}' | '\u{30fd}' | '\u{30fe}' => out.push(hiragana(c)),
            'ς' => out.push('σ'),
            c => out.extend(c.to_lowercase()),
        }
    }
    out
}

fn hiragana(katakana: char) -> char {
    char::from_u32(u32::from(katakana) - 0x60).unwrap_or(katakana)
}

/// A search through several texts. Holds the words that have not been found yet, and a snippet with
/// the first match.
#[derive(Clone, Debug)]
pub struct Search {
    missing: Vec<String>,
    snippet: Option<String>,
}

impl Search {
    /// Creates a search for all words of a query.
    pub fn new(query: &str) -> Self {
        let query = folded(query);
        let missing = query.split_whitespace().take(WORDS).map(str::to_owned).collect();
        Search { missing, snippet: None }
    }

    /// Returns `true` if every word was found, or if the query has no words.
    pub fn is_done(&self) -> bool {
        self.missing.is_empty()
    }

    /// Searches `text` for the words that have not been found yet.
    pub fn look(&mut self, text: &str) {
        if self.is_done() {
            return;
        }
        let all = folded(text);
        if self.snippet.is_none() && self.missing.iter().any(|word| all.contains(word.as_str())) {
            self.snippet = text.lines().find_map(|line| snippet(line, &self.missing));
        }
        self.missing.retain(|word| !all.contains(word.as_str()));
    }

    /// Returns the first match, with some of the line around it; `None` if nothing was found.
    pub fn snippet(self) -> Option<String> {
        self.snippet
    }
}

/// Returns the first of `words` in a line, with the text around it; `None` if the line has none of
/// them.
fn snippet(line: &str, words: &[String]) -> Option<String> {
    let text = folded(line);
    let hit = words.iter().filter_map(|word| text.find(word.as_str())).min()?;
    let graphemes: Vec<&str> = line.graphemes(true).collect();
    // The index of the match among the graphemes of the unfolded line.
    let mut passed = 0;
    let at = graphemes.iter().position(|grapheme| {
        passed += folded(grapheme).len();
        passed > hit
    });
    let (before, after) = graphemes.split_at(at.unwrap_or_default());
    let mut room = COLUMNS_BEFORE;
    let head = before.iter().rev().take_while(|grapheme| fits(grapheme, &mut room)).count();
    let before = before.get(before.len() - head..).unwrap_or_default();
    let mut room = COLUMNS - before.concat().width();
    let tail = after.iter().take_while(|grapheme| fits(grapheme, &mut room)).count();
    let shown = [before, after.get(..tail).unwrap_or_default()].concat().concat();
    let is_cut = |cut: bool| if cut { "…" } else { "" };
    let (front, back) = (at.unwrap_or_default() > head, after.len() > tail);
    Some(format!("{}{}{}", is_cut(front), shown.trim(), is_cut(back)))
}

fn fits(grapheme: &str, room: &mut usize) -> bool {
    // Everything takes some room, so that a line is bounded in bytes as well.
    match room.checked_sub(grapheme.width().max(grapheme.len() / 16).max(1)) {
        Some(left) => {
            *room = left;
            true
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Returns the snippet of a search through some texts; `None` if a word is missing.
    fn search(query: &str, texts: &[&str]) -> Option<String> {
        let mut search = Search::new(query);
        texts.iter().for_each(|text| search.look(text));
        search.is_done().then(|| search.snippet().unwrap_or_default())
    }

    #[test]
    fn width_case_and_kana_make_no_difference() {
        for (query, text) in [
            ("api", "ＡＰＩの設計"),
            ("ＡＰＩ", "the API design"),
            ("カイギ", "長いかいぎ"),
            ("かいぎ", "ｶｲｷﾞが長い"),
            ("ｶﾞｲｹﾞﾝ", "がいげん"),
            ("が", "か\u{3099}"),
            ("ヴ", "ゔ"),
            ("１２", "12 人"),
            ("ΟΔΟΣ", "οδός οδος"),
            ("㈱", "(株)"),
        ] {
            assert!(search(query, &[text]).is_some(), "{query} in {text}");
            assert!(search(text, &[text]).is_some(), "{text}");
        }
        assert_eq!(search("かいき", &["かいぎ"]), None, "a voiced sound is another one");
    }

    #[test]
    fn all_words_are_somewhere_in_any_order() {
        let texts = ["会議が長い", "Decisions are slow."];
        assert_eq!(search("slow　会議", &texts).as_deref(), Some("会議が長い"));
        assert_eq!(search("decisions slow", &texts).as_deref(), Some("Decisions are slow."));
        assert_eq!(search("会議 fast", &texts), None);
        assert_eq!(search(" \u{3000}", &texts).as_deref(), Some(""), "nothing is looked for");
    }

    #[test]
    fn a_snippet_is_the_hit_and_some_of_its_line() {
        let long = format!("一行目\n  {}ＫＥＹ{}\n", "前".repeat(40), "後".repeat(40));
        let found = search("key", &[&long]).unwrap();
        assert_eq!(found, format!("…{}ＫＥＹ{}…", "前".repeat(12), "後".repeat(21)));
        assert_eq!(search("目", &[&long]).unwrap(), "一行目");
        assert_eq!(search("a", &["xxxx\r\n  a  \n"]).unwrap(), "a");
        let marks = format!("a{}", "\u{301}".repeat(100_000));
        assert!(search("a\u{301}\u{301}", &[&marks]).is_some());
    }

    proptest! {
        /// The snippet contains the match and is short.
        #[test]
        fn a_snippet_holds_its_hit(line in "[a-zぁ-んァ-ヶｦ-ﾟＡ-Ｚ会議 ]{1,200}") {
            let words: Vec<&str> = line.split_whitespace().collect();
            for word in words.iter().filter(|word| word.width() < 20) {
                let found = search(word, &[&line]).unwrap();
                prop_assert!(folded(&found).contains(&folded(word)), "{word}: {found}");
                prop_assert!(found.width() <= COLUMNS + 2, "{found}");
            }
        }

        #[test]
        fn any_text_is_found_in_itself(text in "\\PC{0,80}") {
            prop_assert!(search(&text, &[&text]).is_some());
        }
    }
}
