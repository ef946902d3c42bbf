//! Replaces characters that hide text or change its order with their code points.
//!
//! Hidden are the default-ignorable characters (UAX #44), bidirectional controls (CVE-2021-42574),
//! control characters, and line separators that Markdown does not know. Joiners and variation
//! selectors are hidden too, but words and emoji need them, so each is kept directly after a
//! character that takes it, and shown everywhere else. The grid of the VS Code extension has the
//! same table (`grid/visible.ts`).

use std::fmt::Write;

/// Replaces hidden characters with their code points, one character at a time.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Shown {
    /// The previous character, unless it was replaced.
    before: Option<char>,
}

impl Shown {
    /// Appends `c`, or its code point as `⟨U+200B⟩` if it is hidden.
    pub(crate) fn push(&mut self, c: char, out: &mut String) {
        if is_hidden(c) && !self.before.is_some_and(|before| belongs(c, before)) {
            // Writing to a String cannot fail.
            let _ = write!(out, "⟨U+{:04X}⟩", u32::from(c));
            self.before = None;
        } else {
            out.push(c);
            self.before = Some(c);
        }
    }
}

/// Replaces hidden characters with their code points and puts the text on one line. Used for
/// untrusted names and sentences.
pub fn show_hidden(text: &str) -> String {
    show(text, |c| if c == '\n' || c == '\r' || c == '\t' { ' ' } else { c })
}

/// Replaces hidden characters with their code points. Line breaks and tabs are kept, but `\r\n`
/// becomes `\n`.
pub fn show_hidden_lines(text: &str) -> String {
    show(&text.replace("\r\n", "\n"), |c| c)
}

fn show(text: &str, as_shown: impl Fn(char) -> char) -> String {
    let mut shown = Shown::default();
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        match as_shown(c) {
            c @ ('\n' | '\t') => out.push(c),
            c => shown.push(c, &mut out),
        }
        out
    })
}

fn is_hidden(c: char) -> bool {
    match c {
        '\t' => false,
        '\u{20}'..='\u{7e}' => false,
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' => true,
        '\u{2028}' | '\u{2029}' | '\u{fff9}'..='\u{fffb}' => true,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' => true,
        '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' => true,
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' => true,
        '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' => true,
        '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' => true,
        '\u{e0000}'..='\u{e0fff}' => true,
        _ => false,
    }
}

/// Returns `true` if the hidden character `c` is legitimate after `before`.
fn belongs(c: char, before: char) -> bool {
    match c {
        '\u{200c}' => is_joined(before),
        '\u{200d}' => is_joined(before) || is_emoji(before) || before == '\u{fe0f}',
        // Text or emoji presentation: emoji-variation-sequences.txt, including keycaps.
        '\u{fe0e}' | '\u{fe0f}' => is_emoji(before) || matches!(before, '0'..='9' | '#' | '*'),
        // StandardizedVariants.txt: non-ASCII symbols and letters.
        '\u{fe00}'..='\u{fe0d}' => {
            !before.is_ascii() && !before.is_whitespace() && !is_hidden(before)
        }
        '\u{180b}'..='\u{180d}' | '\u{180f}' => matches!(before, '\u{1820}'..='\u{18aa}'),
        '\u{e0100}'..='\u{e01ef}' => is_han(before),
        _ => false,
    }
}

/// Returns `true` if the character belongs to a script that uses joiners: Hebrew, Arabic, the
/// scripts of South and Southeast Asia, Mongolian.
fn is_joined(c: char) -> bool {
    matches!(c,
        '\u{590}'..='\u{10ff}' | '\u{1700}'..='\u{18af}' | '\u{1900}'..='\u{1cff}'
        | '\u{a800}'..='\u{a95f}' | '\u{a980}'..='\u{aaff}' | '\u{abc0}'..='\u{abff}'
        | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}'
        | '\u{10a00}'..='\u{11fff}' | '\u{1e900}'..='\u{1eeff}')
}

/// Returns `true` if the character is an emoji, a symbol or a skin tone.
fn is_emoji(c: char) -> bool {
    matches!(c,
        '©' | '®' | '‼' | '⁉' | '™' | 'ℹ' | '\u{2190}'..='\u{2bff}' | '〰' | '〽' | '㊗' | '㊙'
        | '\u{1f000}'..='\u{1faff}')
}

fn is_han(c: char) -> bool {
    matches!(c,
        '々' | '〇' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}
