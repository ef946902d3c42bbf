//! Detects from the reported prompt tokens that a server has truncated the prompt. A pure policy.
//!
//! Some servers silently truncate a prompt to their context window (Ollama's default was 2,048
//! tokens and is 4,096), and the answer looks complete. To avoid false alarms, the count is
//! compared with a lower bound for any tokenizer.

use crate::event::Usage;
use crate::request::Prompt;

/// Context windows are multiples of this. A count of exactly such a multiple is hardly a
/// coincidence.
const WINDOW: u64 = 512;
/// Smaller counts are ignored: no window is this small, but some servers do not count cached
/// tokens.
const WINDOW_LEAST: u64 = 256;
/// Shorter prompts, in tokens, fit into any window.
const PROMPT_LEAST: u64 = 1000;

/// Evidence that a server has truncated a prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cut {
    /// Number of prompt tokens that the server reported.
    pub(crate) read: u64,
    /// Lower bound of the number of tokens in the whole prompt.
    pub(crate) least: u64,
}

/// Returns the evidence that the server has truncated `prompt`, if the reported `usage` contains
/// any.
pub(crate) fn cut(prompt: &Prompt, usage: Option<Usage>) -> Option<Cut> {
    let Usage { prompt_tokens: read, cached_tokens, .. } = usage?;
    if read < WINDOW_LEAST {
        return None;
    }
    let mut sum = Tokens::default();
    for turn in &prompt.turns {
        sum = sum.with(Tokens::of(&turn.text));
    }
    // Some servers count cached tokens separately.
    let is_window = read.is_multiple_of(WINDOW) && read < sum.usual();
    let is_cut = read + cached_tokens < sum.least() || is_window;
    (is_cut && sum.usual() >= PROMPT_LEAST).then(|| Cut { read, least: sum.least().max(read + 1) })
}

/// Counts of words and characters, for estimating a lower bound of a text's tokens.
///
/// Tokenizers make at least one token of each word, except a few that join frequent pairs of words
/// (saving a third on average). A token holds 1.3 to 2.5 characters of Chinese, Japanese and
/// Korean, and up to 4 of scripts like Thai. Blanks, runs of symbols and base64 vary widely, so
/// they are ignored or count as one word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Tokens {
    words: u64,
    east_asian: u64,
    unspaced: u64,
}

/// The class of a character.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Word,
    EastAsian,
    Unspaced,
    Between,
}

impl Tokens {
    fn of(text: &str) -> Self {
        let mut sum = Tokens::default();
        let mut before = Class::Between;
        for class in text.chars().map(class) {
            match class {
                Class::Word => sum.words += u64::from(before != Class::Word),
                Class::EastAsian => sum.east_asian += 1,
                Class::Unspaced => sum.unspaced += 1,
                Class::Between => {}
            }
            before = class;
        }
        sum
    }

    fn with(self, other: Self) -> Self {
        Tokens {
            words: self.words + other.words,
            east_asian: self.east_asian + other.east_asian,
            unspaced: self.unspaced + other.unspaced,
        }
    }

    /// Returns a lower bound on the number of tokens that holds for all tokenizers.
    fn least(self) -> u64 {
        self.words * 2 / 3 + self.east_asian / 4 + self.unspaced / 8
    }

    /// Returns a lower bound on the number of tokens that holds for nearly all tokenizers.
    fn usual(self) -> u64 {
        self.words + self.east_asian * 2 / 5 + self.unspaced / 5
    }
}

fn class(c: char) -> Class {
    match c {
        '\0'..='\x7f' if c.is_ascii_alphanumeric() => Class::Word,
        '\0'..='\x7f' => Class::Between,
        // Thai and Lao; Tibetan and Myanmar; Khmer.
        '\u{0e00}'..='\u{0eff}' | '\u{0f00}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' => {
            Class::Unspaced
        }
        // Symbols and full-width letters.
        '\u{2000}'..='\u{2bff}' | '\u{3000}'..='\u{303f}' | '\u{ff00}'..='\u{ffef}' => {
            Class::Between
        }
        '\u{1100}'..='\u{11ff}'
        | '\u{3040}'..='\u{30ff}'
        | '\u{3130}'..='\u{318f}'
        | '\u{3400}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7af}'
        | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}' => Class::EastAsian,
        _ if c.is_whitespace() => Class::Between,
        // Combining marks of other scripts are part of words.
        _ => Class::Word,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::FIRST_SHARED;
    use proptest::prelude::*;

    fn prompt(text: &str) -> Prompt {
        Prompt {
            turns: Prompt::first("", text, ""),
            shared: FIRST_SHARED,
            max_tokens: 9,
            ..Prompt::default()
        }
    }

    fn is_cut(text: &str, prompt_tokens: u64, cached_tokens: u64) -> bool {
        let usage =
            Usage { prompt_tokens, cached_tokens, completion_tokens: 1, reasoning_tokens: 0 };
        cut(&prompt(text), Some(usage)).is_some()
    }

    const ENGLISH: &str =
        "The weekly meeting runs long because nobody decides who owns a question. ";
    const JAPANESE: &str = "会議が長くて決まらない。半年前は三人で三十分だった。";

    /// Texts, each with a count per repetition that is lower than that of a good tokenizer: one
    /// token for each word, for two or more characters of other scripts, for 128 symbols.
    #[test]
    fn prompts_that_were_read_in_full_are_not_truncated() {
        for (piece, fewest) in [
            (ENGLISH, 12),
            (JAPANESE, 11),
            ("会议太长,没有人做决定。", 5),
            ("회의가 길어지고 아무도 결정하지 않는다. ", 8),
            ("การประชุมยาวเกินไปและไม่มีใครตัดสินใจ", 9),
            ("Die wöchentliche Besprechung dauert zu lange. ", 8),
            ("Совещание длится слишком долго, и никто не решает. ", 9),
            ("बैठक बहुत लंबी चलती है और कोई निर्णय नहीं लेता। ", 11),
            ("let total = items.iter().map(|item| item.price).sum::<u64>();\n", 17),
            ("<td></td><td></td>", 6),
            ("1,1,1,1,1,1,1,1\n", 9),
            ("de ad be ef 00 00 00 00 ", 8),
            (&format!("{}\n", "A9f+/".repeat(200)), 140),
            (&" ".repeat(1000), 8),
            (&"=".repeat(1000), 8),
            (&"a".repeat(1000), 8),
            ("😀", 1),
        ] {
            for times in [1, 10, 100, 1000, 3000] {
                let text = piece.repeat(times);
                let count = fewest * times as u64;
                // Avoids a multiple of a window's size, which has a stricter check.
                let count = count + u64::from(count.is_multiple_of(WINDOW));
                assert!(!is_cut(&text, count, 0), "{times} times {piece:.40}: {count}");
            }
        }
    }

    #[test]
    fn truncation_to_a_window_is_detected() {
        for (piece, times, read) in [
            (ENGLISH, 600, 4096),
            (ENGLISH, 400, 2048),
            (JAPANESE, 600, 4096),
            (ENGLISH, 2000, 8191),
            (JAPANESE, 1500, 8000),
        ] {
            assert!(is_cut(&piece.repeat(times), read, 0), "{times} times {piece}: {read}");
        }
        let cut = cut(
            &prompt(&ENGLISH.repeat(600)),
            Some(Usage { prompt_tokens: 4096, ..Usage::default() }),
        );
        assert_eq!(cut, Some(Cut { read: 4096, least: 4800 }));
    }

    #[test]
    fn uninformative_counts_raise_no_alarm() {
        let long = ENGLISH.repeat(2000);
        for (read, cached) in [(0, 0), (40, 0), (255, 0), (300, 30_000), (9000, 9000)] {
            assert!(!is_cut(&long, read, cached), "{read} {cached}");
        }
        assert_eq!(super::cut(&prompt(&long), None), None);
    }

    proptest! {
        /// The lower bound holds for a tokenizer that makes one token of each word, of two East
        /// Asian characters and of four characters of unspaced scripts.
        #[test]
        fn no_text_is_fewer_tokens_than_the_least(text in "(\\PC{0,40}[ \n]){0,60}", times in 1usize..60) {
            let text = text.repeat(times);
            let sum = Tokens::of(&text);
            prop_assert!(sum.least() <= sum.usual());
            prop_assert!(sum.least() <= text.chars().count() as u64);
            let whole = sum.words + sum.east_asian.div_ceil(2) + sum.unspaced.div_ceil(4);
            prop_assert!(!is_cut(&text, whole, 0));
        }

        /// However a text is split into parts, the count is that of the whole, except for a word
        /// that was split in two.
        #[test]
        fn the_sum_of_the_parts_is_the_whole(text in "\\PC{0,80}", at in 0usize..80) {
            let at = text.char_indices().nth(at).map_or(text.len(), |(at, _)| at);
            let (a, b) = text.split_at(at);
            let (parts, whole) = (Tokens::of(a).with(Tokens::of(b)), Tokens::of(&text));
            prop_assert!(parts.words - whole.words <= 1);
            prop_assert_eq!((parts.east_asian, parts.unspaced), (whole.east_asian, whole.unspaced));
        }
    }
}
