//! Counts invisible characters that a model reads nevertheless (CVE-2021-42574, "ASCII smuggling"),
//! so that the user can be warned.

use crate::lang::{Lang, Message};

/// The part of a prompt that a text belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PromptPart {
    /// The selection.
    Selection,
    /// The context sent with the selection.
    Context,
}

/// The number of invisible characters in a text by category. At least one of the numbers is not
/// zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hidden {
    /// The part of the prompt that the text belongs to.
    pub part: PromptPart,
    /// Bidirectional controls: U+202A to U+202E, U+2066 to U+2069.
    pub direction: usize,
    /// Zero-width characters: U+200B, U+2060 to U+2064, U+180E, and U+FEFF except at the start.
    pub zero_width: usize,
    /// Tag characters, U+E0000 to U+E007F, except in a flag.
    pub tags: usize,
    /// Variation selectors after a character that has no variants.
    pub selectors: usize,
}

/// Counts the invisible characters in a text; `None` if it has none. The joiners of emoji and of
/// Arabic and Indic scripts, the tags of flags and the variation selectors of ideographs are
/// legitimate and not counted.
pub fn hidden(text: &str, part: PromptPart) -> Option<Hidden> {
    let mut counts = Hidden { part, direction: 0, zero_width: 0, tags: 0, selectors: 0 };
    let mut before = None;
    let mut flag = false;
    for (at, c) in text.char_indices() {
        let is_tag = matches!(c, '\u{e0000}'..='\u{e007f}');
        match c {
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => counts.direction += 1,
            '\u{200b}' | '\u{2060}'..='\u{2064}' | '\u{180e}' => counts.zero_width += 1,
            '\u{feff}' if at > 0 => counts.zero_width += 1,
            '\u{e0000}'..='\u{e007f}' if !flag => counts.tags += 1,
            '\u{fe00}'..='\u{fe0f}' if !varies(before) => counts.selectors += 1,
            '\u{e0100}'..='\u{e01ef}' if !is_ideograph(before) => counts.selectors += 1,
            _ => {}
        }
        // A region's flag is a black flag, tags, and a cancel tag (UTS #51).
        flag = c == '\u{1f3f4}' || (flag && is_tag && c != '\u{e007f}');
        before = Some(c);
    }
    (counts.all() > 0).then_some(counts)
}

/// Returns `true` if a character may take a variation selector: emoji, symbols, the digits of
/// keycaps, ideographs.
fn varies(c: Option<char>) -> bool {
    c.is_some_and(|c| match c {
        '0'..='9' | '#' | '*' | '©' | '®' => true,
        c if c.is_ascii() || c.is_whitespace() => false,
        '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{fe00}'..='\u{fe0f}' => false,
        '\u{e0000}'..='\u{e01ef}' => false,
        _ => true,
    })
}

fn is_ideograph(c: Option<char>) -> bool {
    matches!(c, Some('\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}'))
}

impl Hidden {
    fn all(&self) -> usize {
        self.direction + self.zero_width + self.tags + self.selectors
    }
}

impl Message for Hidden {
    fn message(&self, lang: Lang) -> String {
        let part = match self.part {
            PromptPart::Selection => lang.pick("選んだ範囲に", "The selection contains"),
            PromptPart::Context => {
                lang.pick("一緒に送る周りの文章に", "The accompanying text contains")
            }
        };
        let sorts = [
            (self.direction, lang.pick("文字の向きを変えるもの", "that change the text direction")),
            (self.zero_width, lang.pick("幅のないもの", "with no width")),
            (self.tags, lang.pick("タグ文字", "tags")),
            (self.selectors, lang.pick("宙に浮いた異体字セレクター", "stray variation selectors")),
        ];
        let there = sorts.iter().filter(|(count, _)| *count > 0);
        let list: Vec<_> = there
            .map(|(count, what)| lang.pick(format!("{what} {count}"), format!("{count} {what}")))
            .collect();
        let (all, list) = (self.all(), list.join(lang.pick("、", ", ")));
        lang.pick(
            format!("{part}、目に見えない文字があります（{list}）。取り除いていません。"),
            match all {
                1 => format!("{part} an invisible character ({list}). It is sent as it is."),
                _ => format!(
                    "{part} {all} invisible characters ({list}). They are sent as they are."
                ),
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_sort_is_counted() {
        let text = "a\u{202e}b\u{2066}c\u{2069} \u{200b}\u{feff}\u{2060} x\u{e0041}\u{e0042} a\u{fe0f} b\u{e0100}";
        let part = PromptPart::Selection;
        let expected = Hidden { part, direction: 3, zero_width: 3, tags: 2, selectors: 2 };
        assert_eq!(hidden(text, part), Some(expected));
        assert_eq!(hidden("\u{feff}text", part), None);
        assert_eq!(
            expected.message(Lang::En),
            "The selection contains 10 invisible characters (3 that change the text direction, \
             3 with no width, 2 tags, 2 stray variation selectors). They are sent as they are."
        );
        assert_eq!(
            hidden("a\u{200b}", part).unwrap().message(Lang::Ja),
            "選んだ範囲に、目に見えない文字があります（幅のないもの 1）。取り除いていません。"
        );
    }

    #[test]
    fn joiners_of_scripts_and_emoji_are_not_counted() {
        for text in [
            "👩‍👩‍👧‍👦 👁️‍🗨️ ❤️‍🔥 🏳️‍🌈 1️⃣ #️⃣ ☺︎ ©️ ™️",
            "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f} 🇯🇵",
            "می\u{200c}خواهم क्\u{200d}ष র\u{200d}্য සිංහල ශ්\u{200d}රී",
            "葛\u{e0100}城 辻\u{e0101} 神\u{fe00}",
            "שלום\u{200f} abc\u{200e} العربية",
            "plain, 日本語、\u{3000}全角 soft\u{ad}hyphen",
        ] {
            assert_eq!(hidden(text, PromptPart::Selection), None, "{text}");
        }
    }

    #[test]
    fn a_flag_hides_no_more_than_its_tags() {
        let smuggled = "🏴\u{e0067}\u{e0062}\u{e007f}\u{e0041}\u{e0042}";
        assert_eq!(hidden(smuggled, PromptPart::Selection).unwrap().tags, 2);
    }
}
