//! Finds the quotations in an answer, and those that misquote the text.

/// Opening and closing quotation marks. A straight mark closes itself.
const PAIRS: [(char, char); 6] =
    [('「', '」'), ('『', '』'), ('“', '”'), ('«', '»'), ('‹', '›'), ('"', '"')];

/// An answer, split into its quotations and the rest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading<'a> {
    /// The quoted passages outside of code, without their quotation marks.
    pub quotations: Vec<&'a str>,
    /// The answer without quotations and code: its own words.
    pub own: String,
}

impl<'a> Reading<'a> {
    /// Splits an answer into its quotations and its own words.
    pub fn of(answer: &'a str) -> Self {
        let mut reading = Reading::default();
        let mut fenced = false;
        for line in answer.lines() {
            let is_fence = ["```", "~~~"].iter().any(|fence| line.trim_start().starts_with(fence));
            fenced ^= is_fence;
            if !fenced && !is_fence {
                reading.line(line);
            }
            reading.own.push('\n');
        }
        reading
    }

    fn line(&mut self, line: &'a str) {
        let mut rest = line;
        let mut before = None;
        while let Some(c) = rest.chars().next() {
            let passed = if let Some((inside, passed)) = quotation(before, rest) {
                self.quotations.push(inside);
                Some(passed)
            } else {
                code(rest)
            };
            let passed = match passed {
                Some(passed) => {
                    self.own.push(' ');
                    passed
                }
                None => {
                    self.own.push(c);
                    c.len_utf8()
                }
            };
            let (gone, left) = rest.split_at(passed);
            before = gone.chars().next_back();
            rest = left;
        }
    }
}

/// Returns the content of a quotation at the start of `text`, and its length in bytes including the
/// marks.
fn quotation(before: Option<char>, text: &str) -> Option<(&str, usize)> {
    let open = text.chars().next()?;
    let (_, close) = *PAIRS.iter().find(|(sign, _)| *sign == open)?;
    let inside = prefix(text.get(open.len_utf8()..)?, QUOTED_BYTES);
    let end = match open == close {
        true => straight_end(before, inside)?,
        false => paired_end(inside, open, close)?,
    };
    let (quoted, _) = inside.split_at(end);
    let passed = open.len_utf8() + end + close.len_utf8();
    (!quoted.trim().is_empty()).then_some((quoted, passed))
}

/// Returns at most the first `bytes` bytes of a text, cut at a character boundary.
fn prefix(text: &str, bytes: usize) -> &str {
    let end = (0..=bytes.min(text.len())).rev().find(|at| text.is_char_boundary(*at));
    text.get(..end.unwrap_or_default()).unwrap_or_default()
}

fn paired_end(inside: &str, open: char, close: char) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, c) in inside.char_indices() {
        if c == open {
            depth += 1;
        } else if c == close {
            match depth.checked_sub(1) {
                Some(less) => depth = less,
                None => return Some(at),
            }
        }
    }
    None
}

/// Returns the end of a quotation in straight marks: such a mark opens if no word precedes it, and
/// closes if no word follows. Of quoted code that contains such marks, only a part is found.
fn straight_end(before: Option<char>, inside: &str) -> Option<usize> {
    let is_word = |c: char| c.is_ascii_alphanumeric();
    if before.is_some_and(is_word) || inside.starts_with(char::is_whitespace) {
        return None;
    }
    inside
        .match_indices('"')
        .map(|(at, _)| at)
        .find(|at| !inside.get(at + 1..).is_some_and(|rest| rest.starts_with(is_word)))
}

/// Returns the length in bytes of a code span at the start of `text`.
fn code(text: &str) -> Option<usize> {
    let ticks = text.len() - text.trim_start_matches('`').len();
    let (fence, inside) = text.split_at(ticks);
    let inside = prefix(inside, ANSWER_BYTES);
    if ticks == 0 {
        return None;
    }
    let mut from = 0;
    loop {
        let at = from + inside.get(from..)?.find(fence)?;
        let run = inside.get(at..)?;
        let length = run.len() - run.trim_start_matches('`').len();
        if length == ticks {
            return Some(ticks + at + ticks);
        }
        from = at + length;
    }
}

/// A normalized text in which quotations are looked up.
#[derive(Clone, Debug)]
pub struct Source(String);

impl Source {
    /// Normalizes a text: drops whitespace (an answer may break lines in other places), backticks
    /// and asterisks, and makes curly apostrophes and quotation marks straight.
    pub fn new(text: &str) -> Self {
        Source(bare(text))
    }

    /// Returns `true` if the text, once both are normalized, contains a quotation verbatim.
    /// Punctuation that an answer adds at the ends (an ellipsis, a full stop) is ignored.
    pub fn holds(&self, quotation: &str) -> bool {
        let added = |c: char| matches!(c, '…' | '.' | ',' | '、' | '。' | '，' | '．');
        let quoted = bare(quotation);
        let quoted = quoted.trim_matches(added);
        !quoted.is_empty() && self.0.contains(quoted)
    }

    /// Like [`Source::holds`], but the first letter may be a capital instead of a small one or the
    /// reverse: an answer that begins or goes on with a quotation adapts it.
    fn holds_in_a_sentence(&self, quotation: &str) -> bool {
        self.holds(quotation) || self.holds(&with_other_first_case(quotation))
    }
}

fn with_other_first_case(text: &str) -> String {
    let Some((at, first)) = text.char_indices().find(|(_, c)| c.is_alphabetic()) else {
        return text.to_owned();
    };
    let (before, rest) = text.split_at(at);
    let rest = rest.get(first.len_utf8()..).unwrap_or_default();
    match first.is_uppercase() {
        true => format!("{before}{}{rest}", first.to_lowercase()),
        false => format!("{before}{}{rest}", first.to_uppercase()),
    }
}

/// Maximum number of bytes of an answer that are searched, many times the length of a normal one. A
/// hostile answer may be of any length and crafted to be slow to read.
const ANSWER_BYTES: usize = 64 << 10;
/// Maximum length of a quotation in bytes. Beyond it, the opening mark counts as unclosed.
const QUOTED_BYTES: usize = 1000;
/// Maximum number of quotations of an answer that are checked against the text.
const HELD: usize = 100;
/// Maximum number of characters of a misquotation that are shown.
const TOLD_CHARS: usize = 40;
/// Minimum share of a quotation's trigrams that must occur close together in the text for it to
/// count as a misquotation. Anything less similar is the answer's own words, such as a suggested
/// message.
const ALIKE: f64 = 0.6;

/// Returns the quotations in an answer that are similar, but not equal, to a passage of the text; the
/// case of the first letter may differ. Each is truncated to 40 characters. Consecutive duplicates are dropped.
///
/// Quoted words that resemble nothing in the text are ignored: an answer may suggest a sentence, or
/// quote what someone might say.
pub fn misquoted(answer: &str, text: &str) -> Vec<String> {
    let answer = prefix(answer, ANSWER_BYTES);
    let (source, groups) = (Source::new(text), groups(text));
    let mut found = Vec::new();
    for quoted in Reading::of(answer).quotations.into_iter().take(HELD) {
        if !source.holds_in_a_sentence(quoted) && is_like(quoted, &groups) {
            let told: String = quoted.chars().take(TOLD_CHARS).collect();
            let cut = if told.len() < quoted.len() { "…" } else { "" };
            found.push(told + cut);
        }
    }
    found.dedup();
    found
}

/// Returns a text's trigrams in order, in lower case.
fn groups(text: &str) -> Vec<[char; 3]> {
    let chars: Vec<char> = bare(text).to_lowercase().chars().collect();
    chars.windows(3).filter_map(|group| group.try_into().ok()).collect()
}

/// Returns `true` if some window of the text, as long as the quotation, contains at least [`ALIKE`]
/// of its trigrams.
fn is_like(quoted: &str, text: &[[char; 3]]) -> bool {
    let own: std::collections::HashSet<_> = groups(quoted).into_iter().collect();
    let length = own.len();
    // One or two words match by chance.
    if length < 5 {
        return false;
    }
    let is_own: Vec<bool> = text.iter().map(|group| own.contains(group)).collect();
    let mut held = 0_usize;
    let counts = is_own.iter().enumerate().map(|(at, is_in)| {
        held += usize::from(*is_in);
        let gone = at.checked_sub(length).and_then(|before| is_own.get(before));
        held -= usize::from(gone.copied().unwrap_or_default());
        held
    });
    let max = counts.max().unwrap_or_default();
    max as f64 >= ALIKE * length as f64
}

fn bare(text: &str) -> String {
    let kept = text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '`' | '*'));
    kept.map(|c| match c {
        '’' | '‘' => '\'',
        '“' | '”' => '"',
        other => other,
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(answer: &str, quotations: &[&str], own: &str) {
        let reading = Reading::of(answer);
        assert_eq!(reading.quotations, quotations, "{answer}");
        let words: Vec<_> = reading.own.split_whitespace().collect();
        assert_eq!(words.join(" "), own, "{answer}");
    }

    #[test]
    fn quotations_are_found_in_both_languages() {
        check("- D1 長い(根拠「一時間かかる」)", &["一時間かかる"], "- D1 長い(根拠 )");
        check("- 「『順序』が先」と『後』", &["『順序』が先", "後"], "- と");
        check("「一つ「二つ」」だ", &["一つ「二つ」"], "だ");
        check(
            "- D1 slow (evidence \"takes an hour\").",
            &["takes an hour"],
            "- D1 slow (evidence ).",
        );
        check("the “old build” is it", &["old build"], "the is it");
        check("根拠\"a b\"、次", &["a b"], "根拠 、次");
    }

    #[test]
    fn marks_that_quote_nothing_are_kept() {
        check("a 6\" pipe and 5\" more", &[], "a 6\" pipe and 5\" more");
        check("it's the user's", &[], "it's the user's");
        check("「開いたまま", &[], "「開いたまま");
        check("「」 \"\" “ ”", &[], "「」 \"\" “ ”");
    }

    #[test]
    fn code_is_neither_quoted_nor_own_words() {
        check("call `f(\"x\")` and ``a ` \"b\"`` then", &[], "call and then");
        check("```\n\"a\"\n```\nso \"b c\"", &["b c"], "so");
        check("evidence \"if a == \"b\" {\"", &["if a == \"b"], "evidence {\"");
        check("a ` b", &[], "a ` b");
    }

    #[test]
    fn a_quotation_with_a_word_changed_is_told_and_a_proposal_is_not() {
        let text = "毎週2時間で、結論が出るのは一つ。We lose 40% of bookings before the deposit.";
        let answer = "「毎週3時間で、結論が出るのは一つ」と「結論が出るのは一つ」。\
            「次回までに持ち主を決めます」と送る。She says “we lost 40% of bookings before the deposit”, \
            so ask “which bookings did we win?”";
        assert_eq!(
            misquoted(answer, text),
            ["毎週3時間で、結論が出るのは一つ", "we lost 40% of bookings before the depos…"]
        );
        assert!(misquoted("“We lose 40% of bookings”", text).is_empty());
        assert!(
            misquoted("“we lose 40% of bookings”, “…Lose 40% of bookings before”", text).is_empty()
        );
        assert!(misquoted("“we lose 40% of Bookings before the deposit”", text).len() == 1);
        assert!(misquoted("", text).is_empty() && misquoted(answer, "").is_empty());
    }

    /// No mark is closed within reach. Each answer must be scanned once, not once per mark.
    #[test]
    fn hostile_answers_are_read_quickly() {
        let text = "結論が出るのは一つ。".repeat(2_000);
        for piece in ["「", "「結論が出るのは二つ", " \"結論が出るのは二つ", "`", "`a``a```a"]
        {
            let answer = piece.repeat((8 << 20) / piece.len());
            assert!(misquoted(&answer, &text).len() <= 1, "{piece}");
        }
    }

    #[test]
    fn quotations_match_apart_from_line_breaks_and_marks() {
        let text =
            Source::new("ビルドは **一時間**\nかかる。It’s slow on\n  `main` today, they say.");
        for held in ["一時間かかる", "一時間かかる。It's", "slow on main", "…slow on main today."]
        {
            assert!(text.holds(held), "{held}");
        }
        for other in ["一時間ほどかかる", "Slow on main", "slow … today", "…", "", "、。"]
        {
            assert!(!text.holds(other), "{other}");
        }
    }

    proptest! {
        #[test]
        fn any_answer_can_be_split_into_quotations_and_rest(answer in "\\PC{0,80}|[「」『』\"`“” a\n]{0,40}") {
            let reading = Reading::of(&answer);
            let kept: usize = reading.quotations.iter().map(|q| q.len()).sum();
            prop_assert!(kept <= answer.len());
            prop_assert!(reading.quotations.iter().all(|q| answer.contains(q) && !q.contains('\n')));
        }

        #[test]
        fn any_piece_of_a_text_is_verbatim(text in "[a-z解像度。\n ]{1,60}", from in 0_usize..60, len in 1_usize..20) {
            let piece: String = text.chars().skip(from).take(len).collect();
            let piece = piece.replace('\n', " ");
            let answer = format!("根拠「{piece}」。");
            let source = Source::new(&text);
            for quoted in Reading::of(&answer).quotations {
                let is_blank = quoted.trim_matches(|c: char| c.is_whitespace() || c == '。').is_empty();
                prop_assert!(is_blank || source.holds(quoted), "{quoted}");
            }
        }
    }
}
