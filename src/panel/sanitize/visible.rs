//! Characters that hide text or change its order are shown by their number instead.

use std::fmt::Write;

/// Appends `c`, or what is shown in its place.
pub(super) fn push_shown(c: char, out: &mut String) {
    if is_hidden(c) {
        // Writing to a String cannot fail.
        let _ = write!(out, "⟨U+{:04X}⟩", u32::from(c));
    } else {
        out.push(c);
    }
}

/// The text with everything hidden shown, on one line: for names and sentences that are not ours.
pub fn show_hidden(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        push_shown(if c == '\n' || c == '\r' || c == '\t' { ' ' } else { c }, &mut out);
        out
    })
}

/// Controls (but for the tab), line separators that Markdown does not know, bidirectional
/// controls (CVE-2021-42574), zero-width characters and tag characters. Joiners stay: emoji
/// families and several scripts are written with them.
fn is_hidden(c: char) -> bool {
    match c {
        '\t' => false,
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' => true,
        '\u{2028}' | '\u{2029}' => true,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            true
        }
        '\u{200b}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{ad}' | '\u{180e}' => true,
        '\u{fff9}'..='\u{fffb}' => true,
        '\u{e0000}'..='\u{e007f}' => true,
        _ => false,
    }
}
