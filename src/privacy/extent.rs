//! Finds the end of an unquoted secret. Generated passwords contain brackets, commas and quotation
//! marks, which end a value in most code.

use super::randomness::is_name;
use super::scan::{ENDS, VALUE_BYTES, over_any, piece_at, start_of};
use super::secret_names::Sort;
use super::value::{ValuePosition, is_secret};
use std::ops::Range;

/// Number of bytes of the line before and after a value that are read.
const LINE_BYTES: usize = 256;

const OPENING: [char; 4] = ['(', '[', '{', '<'];
const CLOSING: [char; 4] = [')', ']', '}', '>'];

/// Returns the range of the whole secret of which `range` is the part before the first character of
/// [`ENDS`]. It reaches to the end of the word, unless the value ends before: at the bracket, tag or
/// table cell around it, or at the next pair of a name and a value. A character of `without` is
/// never part of it.
pub(crate) fn whole(text: &str, range: Range<usize>, without: &str) -> Range<usize> {
    let word = word(text, range.start, without);
    let trailing = |c: char| ENDS.contains(c) || ".:\\".contains(c);
    let last = word.trim_end_matches(trailing).len();
    let before = line_before(text, range.start);
    let around = Brackets::of(before);
    // A value of a URL's query is encoded, so a comma behind it belongs to a list.
    let is_list = !without.is_empty() || around.0.iter().any(|open| *open > 0);
    let is_end = |at: usize, c: char, within: &Brackets| {
        let after = at + c.len_utf8();
        let rest = word.get(after..).unwrap_or_default();
        match c {
            ',' | ';' => {
                is_pair(line_after(text, range.start + after), is_list, c == ';')
                    || is_list && !is_random(piece(rest))
            }
            '"' | '\'' | '`' | '|' | '<' => is_closed(c, before, rest),
            _ => around.is_open(c) && !within.is_open(c),
        }
    };
    let mut within = Brackets::default();
    let mut end = last;
    for (at, c) in word.char_indices() {
        if at >= range.len() && ENDS.contains(c) && (at >= last || is_end(at, c, &within)) {
            end = at;
            break;
        }
        within.add(c);
    }
    let value = word.get(..end).unwrap_or_default().trim_end_matches(trailing);
    let more = value.get(range.len()..).unwrap_or_default();
    match more.contains(|c| ENDS.contains(c)) {
        true => range.start..range.start + value.len(),
        false => range,
    }
}

/// Returns `true` if a bracket after the value at `range` belongs to the value and not to code: it
/// is followed by random characters, and is not closed on the same line.
pub(crate) fn has_bracket(text: &str, range: &Range<usize>) -> bool {
    let Some(bracket) = text.get(range.end..).and_then(|rest| rest.chars().next()) else {
        return false;
    };
    let line = line_after(text, range.end + bracket.len_utf8());
    let closing = OPENING.iter().position(|c| *c == bracket).and_then(|nth| CLOSING.get(nth));
    closing.is_some_and(|closing| !line.contains(*closing)) && is_random(piece(line))
}

/// Returns the word at `at`: visible ASCII characters, none of which is in `without`.
fn word<'a>(text: &'a str, at: usize, without: &str) -> &'a str {
    start_of(piece_at(text, at, VALUE_BYTES), |c| c.is_ascii_graphic() && !without.contains(c))
}

/// Returns the last bytes of the line before `at`.
fn line_before(text: &str, at: usize) -> &str {
    let start = text.ceil_char_boundary(at.saturating_sub(LINE_BYTES));
    let before = text.get(start..at).unwrap_or_default();
    before.rsplit(['\n', '\r']).next().unwrap_or_default()
}

/// Returns the first bytes of the rest of the line at `at`.
fn line_after(text: &str, at: usize) -> &str {
    start_of(piece_at(text, at, LINE_BYTES), |c| c != '\n' && c != '\r')
}

/// Returns `true` if the character `c` after a value is not part of it, but ends what is around it:
/// a string, an element or a table cell. `rest` is what follows `c`.
fn is_closed(c: char, before: &str, rest: &str) -> bool {
    match c {
        '"' | '\'' | '`' => {
            before.ends_with(c) || !rest.starts_with(|next: char| next.is_ascii_alphanumeric())
        }
        '|' => before.contains('|'),
        _ => is_tag(rest),
    }
}

/// How many more brackets of each kind a text opens than it closes. Kept while the text is read, so
/// that no bracket has it counted again.
#[derive(Default)]
struct Brackets([i32; 4]);

impl Brackets {
    fn of(text: &str) -> Self {
        let mut brackets = Brackets::default();
        text.chars().for_each(|c| brackets.add(c));
        brackets
    }

    fn add(&mut self, c: char) {
        for ((open, opening), closing) in self.0.iter_mut().zip(OPENING).zip(CLOSING) {
            *open += i32::from(c == opening) - i32::from(c == closing);
        }
    }

    /// Returns `true` if the closing bracket `c` would close one that the text has opened.
    fn is_open(&self, c: char) -> bool {
        self.0.iter().zip(CLOSING).any(|(open, closing)| closing == c && *open > 0)
    }
}

/// Returns the part of a word before the next character of [`ENDS`].
fn piece(word: &str) -> &str {
    start_of(Some(word), |c| c.is_ascii_graphic() && !ENDS.contains(c))
}

/// Returns `true` if a piece of a value is itself random enough to be a secret.
fn is_random(piece: &str) -> bool {
    is_secret(piece, Sort::Password, ValuePosition::Near)
}

/// Returns `true` if a text begins with a name and the sign before its value: `user=`, `"user":`,
/// and with `blanks` also `Initial Catalog=`. Outside of lists, a short name or one with digits may
/// as well be a part of a password.
fn is_pair(text: &str, is_list: bool, blanks: bool) -> bool {
    let quote = over_any(text, 0, &["\\\"", "\"", "'"]).unwrap_or(0);
    let is_part = |c: char| {
        c.is_ascii_alphabetic()
            || "_.-".contains(c)
            || is_list && c.is_ascii_digit()
            || blanks && c == ' '
    };
    let name = start_of(text.get(quote..), is_part);
    let sign = over_any(text, quote + name.len(), &[text.get(..quote).unwrap_or_default()]);
    sign.is_some_and(|sign| over_any(text, sign, &["=", ":"]).is_some())
        && name.len() >= if is_list { 1 } else { 3 }
        && name.split(' ').all(is_name)
}

/// Returns `true` if a tag begins with `<` and `rest`: `<br>`, `</Password>`.
fn is_tag(rest: &str) -> bool {
    let slash = over_any(rest, 0, &["/"]);
    let is_part = |c: char| match slash {
        Some(_) => c.is_ascii_alphanumeric() || "_.:-".contains(c),
        None => c.is_ascii_lowercase() || c.is_ascii_digit(),
    };
    let at = slash.unwrap_or(0);
    let name = start_of(rest.get(at..), is_part);
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && over_any(rest, at + name.len(), &[">", "/>"]).is_some()
        || rest.starts_with("!--")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::privacy::scan::bare;

    /// Checks the end of the value that begins at the first `⟦` and should end at `⟧`.
    fn check(fixture: &str, without: &str) {
        let text = fixture.replace(['⟦', '⟧'], "");
        let start = fixture.find('⟦').unwrap();
        let end = fixture.find('⟧').unwrap() - '⟦'.len_utf8();
        let range = whole(&text, bare(&text, start, &(ENDS.to_owned() + without)), without);
        assert_eq!(&text[range], &text[start..end], "{fixture}");
    }

    #[test]
    fn a_secret_goes_on_to_the_end_of_the_word() {
        for fixture in [
            "⟦kX9$m2(vQ7!pL4zR8⟧",
            "⟦kX9m2Q;vQ7,pL4zR8⟧\nnext",
            "⟦kX9m2Q[aB3<dE5>x⟧, next",
            "⟦kX9m2Q(vQ)7!⟧).",
            "⟦kX9m2Q\"vQ7'pL4⟧\"",
            "⟦kX9m2Q|vQ7}pL4⟧です",
            "(see ⟦kX9m2Q,vQ7!pL4zR8⟧)",
        ] {
            check(fixture, "");
        }
        check("?password=⟦kX9m2Q(vQ7⟧&user=a", "&#");
    }

    #[test]
    fn code_and_markup_around_a_secret_is_left() {
        for fixture in [
            "f(password=⟦abc123X⟧, y)",
            "f(password=⟦abc123X⟧,y)",
            "f(password=⟦abc123X⟧,y=2)",
            "f(password=⟦abc123X⟧).run()",
            "f([\"A=⟦abc123X⟧\",\"B=2\"])",
            "Password=⟦abc123X⟧;Server=db",
            "Password=⟦abc123X⟧;Initial Catalog=shop",
            "{password: ⟦abc123X⟧,user: root}",
            "password:⟦abc123X⟧,\"user\":\"root\"",
            "<b>password=⟦abc123X⟧</b> x",
            "password=⟦abc123X⟧<br>x",
            "<input value=⟦abc123X⟧>x",
            "|password|⟦abc123X⟧|comment|",
            "[password=⟦abc123X⟧](https://a.test)",
            "export A=⟦abc123X⟧; run",
            "`password=⟦abc123X⟧`, and",
        ] {
            check(fixture, "");
        }
        check("https://a.test/?token=⟦abc123X⟧,2026-01-02,x", "&#");
    }
}
