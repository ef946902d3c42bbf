//! Quotations in an answer: how many there are, and what is left without them.

/// Signs that open a quotation, and those that close it. The straight one is its own.
const PAIRS: [(char, char); 6] =
    [('「', '」'), ('『', '』'), ('“', '”'), ('«', '»'), ('‹', '›'), ('"', '"')];

/// An answer taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading<'a> {
    /// What stands between quotation marks, outside of code.
    pub quotations: Vec<&'a str>,
    /// The answer without quotations and code: what is in words of its own.
    pub own: String,
}

impl<'a> Reading<'a> {
    /// Takes an answer apart.
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

/// What a text that begins with a quotation quotes, and how many bytes all of it takes.
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

/// The first bytes of a text, cut between characters.
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

/// A straight mark opens where no word stands before it, and closes where none stands behind it.
/// Of quoted code that holds such marks, a part is taken.
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

/// How many bytes of a text that begins with a code span the span takes.
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

/// A text that is quoted from.
#[derive(Clone, Debug)]
pub struct Source(String);

impl Source {
    /// The text as quotations are looked for in it: without white space and Markdown's marks, since
    /// lines are broken elsewhere in an answer, and with one kind of apostrophe.
    pub fn new(text: &str) -> Self {
        Source(bare(text))
    }

    /// Whether a quotation stands in the text as it is. What an answer adds at the ends (dots for
    /// what is left out, a full stop) is not held against it.
    pub fn holds(&self, quotation: &str) -> bool {
        let added = |c: char| matches!(c, '…' | '.' | ',' | '、' | '。' | '，' | '．');
        let quoted = bare(quotation);
        let quoted = quoted.trim_matches(added);
        !quoted.is_empty() && self.0.contains(quoted)
    }
}

/// Bytes of an answer in which quotations are looked for: many times what one has. An answer may be
/// of any length, and made to be slow to read.
const ANSWER_BYTES: usize = 64 << 10;
/// Longest quotation, in bytes: what goes on for longer is an opening sign that nothing closes.
const QUOTED_BYTES: usize = 1000;
/// Quotations of an answer that are held to the text.
const HELD: usize = 100;
/// Most characters of a quotation that is told of.
const TOLD_CHARS: usize = 40;
/// Of a quotation's groups of three characters, the part that must stand together in the text for
/// the quotation to be meant as one: what differs more is words of the answer's own, such as a
/// message to send.
const ALIKE: f64 = 0.6;

/// Quotations that are nearly, but not, what the text says, each once and cut short.
///
/// Words in quotation marks that are not in the text at all are no quotations of it: an answer
/// proposes a sentence, or names what somebody may say.
pub fn misquoted(answer: &str, text: &str) -> Vec<String> {
    let answer = prefix(answer, ANSWER_BYTES);
    let (source, groups) = (Source::new(text), groups(text));
    let mut found = Vec::new();
    for quoted in Reading::of(answer).quotations.into_iter().take(HELD) {
        if !source.holds(quoted) && is_like(quoted, &groups) {
            let told: String = quoted.chars().take(TOLD_CHARS).collect();
            let cut = if told.len() < quoted.len() { "…" } else { "" };
            found.push(told + cut);
        }
    }
    found.dedup();
    found
}

/// A text's groups of three characters, in their order, without regard to case.
fn groups(text: &str) -> Vec<[char; 3]> {
    let chars: Vec<char> = bare(text).to_lowercase().chars().collect();
    chars.windows(3).filter_map(|group| group.try_into().ok()).collect()
}

/// Whether some stretch of a text, as long as the quotation, holds most of its groups.
fn is_like(quoted: &str, text: &[[char; 3]]) -> bool {
    let own: std::collections::HashSet<_> = groups(quoted).into_iter().collect();
    let length = own.len();
    // A word or two are alike by chance.
    if length < 5 {
        return false;
    }
    let is_own: Vec<bool> = text.iter().map(|group| own.contains(group)).collect();
    let mut held = 0_usize;
    let most = is_own.iter().enumerate().map(|(at, is_in)| {
        held += usize::from(*is_in);
        let gone = at.checked_sub(length).and_then(|before| is_own.get(before));
        held -= usize::from(gone.copied().unwrap_or_default());
        held
    });
    let most = most.max().unwrap_or_default();
    most as f64 >= ALIKE * length as f64
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
    fn what_is_no_quotation_stays() {
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
        assert!(misquoted("", text).is_empty() && misquoted(answer, "").is_empty());
    }

    /// None of these has an end within reach; each is read through once, not once for each sign.
    #[test]
    fn what_is_made_to_be_slow_is_read_in_a_moment() {
        let text = "結論が出るのは一つ。".repeat(2_000);
        for piece in ["「", "「結論が出るのは二つ", " \"結論が出るのは二つ", "`", "`a``a```a"]
        {
            let answer = piece.repeat((8 << 20) / piece.len());
            assert!(misquoted(&answer, &text).len() <= 1, "{piece}");
        }
    }

    #[test]
    fn a_quotation_is_held_to_the_text_but_for_line_ends_and_marks() {
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
        fn whatever_is_written_can_be_read(answer in "\\PC{0,80}|[「」『』\"`“” a\n]{0,40}") {
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
