//! Whether a server can have read all of a prompt, by the tokens that it says it has read: a pure
//! policy.
//!
//! Some servers cut a prompt to their window without a word (Ollama's default was 2,048 tokens and is
//! 4,096), and the answer looks whole. No false alarm may come of it: what is compared is less than
//! any tokenizer makes of the text.

use crate::event::Usage;
use crate::perspective::Prompt;

/// Windows are multiples of this. A count of exactly so many tokens is hardly chance.
const WINDOW: u64 = 512;
/// Fewer tokens than any window has: some servers leave out what they had read before.
const WINDOW_LEAST: u64 = 256;
/// A prompt with fewer tokens fits into every window.
const PROMPT_LEAST: u64 = 1000;

/// A prompt that was not read to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cut {
    /// Tokens that were read.
    pub(crate) read: u64,
    /// Tokens that the prompt has at least.
    pub(crate) least: u64,
}

/// Whether the prompt was cut, where the server counts what it read.
pub(crate) fn cut(prompt: &Prompt, usage: Option<Usage>) -> Option<Cut> {
    let Usage { prompt_tokens: read, cached_tokens, .. } = usage?;
    if read < WINDOW_LEAST {
        return None;
    }
    let mut sum = Tokens::default();
    for text in [&*prompt.system, &*prompt.shared, &prompt.instruction] {
        sum = sum.with(Tokens::of(text));
    }
    // Some count what came from a cache apart.
    let is_window = read.is_multiple_of(WINDOW) && read < sum.usual();
    let is_cut = read + cached_tokens < sum.least() || is_window;
    (is_cut && sum.usual() >= PROMPT_LEAST).then(|| Cut { read, least: sum.least().max(read + 1) })
}

/// What a text consists of, as far as tokenizers agree on it.
///
/// They make at least one token of each word, but for a few that join frequent pairs of words (by a
/// third in the mean). Chinese, Japanese and Korean get 1.3 to 2.5 characters a token, scripts like
/// Thai 4 at most. Blanks, rows of signs and base64 can become few tokens or many, so that they
/// count for nothing, or for one word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Tokens {
    words: u64,
    east_asian: u64,
    unspaced: u64,
}

/// What a character belongs to.
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

    /// Fewer than any tokenizer makes of it.
    fn least(self) -> u64 {
        self.words * 2 / 3 + self.east_asian / 4 + self.unspaced / 8
    }

    /// Fewer than nearly all tokenizers make of it.
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
        // Signs, and letters of full width.
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
        // Marks of other scripts stand within words.
        _ => Class::Word,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::Lang;
    use proptest::prelude::*;

    fn prompt(text: &str) -> Prompt {
        Prompt {
            system: "".into(),
            shared: text.into(),
            instruction: String::new(),
            perspective: Default::default(),
            selection: Default::default(),
            lang: Lang::En,
            model: None,
            temperature: None,
            effort: None,
            max_tokens: 9,
            idempotency_key: None,
        }
    }

    fn is_cut(text: &str, prompt_tokens: u64, cached_tokens: u64) -> bool {
        let usage = Usage { prompt_tokens, cached_tokens, completion_tokens: 1 };
        cut(&prompt(text), Some(usage)).is_some()
    }

    const ENGLISH: &str =
        "The weekly meeting runs long because nobody decides who owns a question. ";
    const JAPANESE: &str = "会議が長くて決まらない。半年前は三人で三十分だった。";

    /// Texts, and fewer tokens for one piece of each than a good tokenizer makes of it: a token for
    /// each word, two characters and more of other scripts, rows of 128 signs.
    #[test]
    fn what_was_read_whole_is_no_cut() {
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
                // Not a window's size, which is looked at more closely.
                let count = count + u64::from(count.is_multiple_of(WINDOW));
                assert!(!is_cut(&text, count, 0), "{times} times {piece:.40}: {count}");
            }
        }
    }

    #[test]
    fn what_was_cut_to_a_window_is_told() {
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
    fn counts_that_say_nothing_are_no_alarm() {
        let long = ENGLISH.repeat(2000);
        for (read, cached) in [(0, 0), (40, 0), (255, 0), (300, 30_000), (9000, 9000)] {
            assert!(!is_cut(&long, read, cached), "{read} {cached}");
        }
        assert_eq!(super::cut(&prompt(&long), None), None);
    }

    proptest! {
        /// A tokenizer that makes one token of every word, of two East Asian characters and of four of
        /// unspaced scripts is believed.
        #[test]
        fn no_text_is_fewer_tokens_than_the_least(text in "(\\PC{0,40}[ \n]){0,60}", times in 1usize..60) {
            let text = text.repeat(times);
            let sum = Tokens::of(&text);
            prop_assert!(sum.least() <= sum.usual());
            prop_assert!(sum.least() <= text.chars().count() as u64);
            let whole = sum.words + sum.east_asian.div_ceil(2) + sum.unspaced.div_ceil(4);
            prop_assert!(!is_cut(&text, whole, 0));
        }

        /// However a text is cut into system, selection and question, no more is counted than for it
        /// as a whole, but for a word that was cut in two.
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
