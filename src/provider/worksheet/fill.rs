//! Fills a worksheet template with what was found in a text.
//!
//! A template is Markdown with placeholders: `{{key}}` is replaced by a quoted find, `{{key+}}` by
//! up to three finds. A line is dropped unless all its keys have finds. `{{?key}}` is only such a
//! condition, and `{{!key}}` the opposite: the key must have no finds. Both are removed from the
//! line.
//!
//! If every line is a list item, the template is a list of questions, most revealing first. At most
//! three are asked, no two of them about the same words, and one without a quotation only if it is
//! the first.

use super::reading::Reading;
use crate::lang::Lang;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Maximum width of a quotation in columns.
const WIDTH: usize = 96;
/// Maximum length of a quotation in bytes, which limits zero-width characters too.
const BYTES: usize = 600;
/// Maximum number of questions of one perspective.
const QUESTIONS: usize = 3;

/// Keys whose finds are quoted as code if the text is code.
const CODE: [&str; 3] = ["parts", "figures", "assumes"];
/// The key whose finds are names, written without quotation marks.
const NAME: &str = "actor";

/// Returns a worksheet template filled with the finds in `reading`, as described in the module
/// documentation.
pub(crate) fn fill(template: &str, reading: &Reading<'_>, lang: Lang) -> String {
    let source = Source { reading, lang };
    let lines = || template.lines().map(pieces).filter(|line| source.has(line));
    if template.lines().all(|line| line.trim().is_empty() || line.starts_with("- ")) {
        return questions(lines(), &source);
    }
    let mut out = String::new();
    for line in lines() {
        let line = source.write(&line, &source.choose(&line, 0));
        if !(line.trim().is_empty() && (out.is_empty() || out.ends_with("\n\n"))) {
            out.push_str(line.trim_end());
            out.push('\n');
        }
    }
    out
}

fn questions<'a>(lines: impl Iterator<Item = Vec<Piece<'a>>>, source: &Source<'_, '_>) -> String {
    let (mut out, mut count, mut quoted) = (String::new(), 0, Vec::<&str>::new());
    for line in lines {
        let mut choices = (0..source.choices(&line)).map(|n| source.choose(&line, n));
        // A question with two finds is about the longer one.
        let is_new = |finds: &Vec<&str>| match finds.iter().max_by_key(|find| find.len()) {
            Some(find) => !quoted.iter().any(|q| overlap(q, find)),
            None => count == 0,
        };
        let fresh = choices.find(is_new);
        if let Some(finds) = fresh.filter(|_| count < QUESTIONS) {
            out.push_str(source.write(&line, &finds).trim_end());
            out.push('\n');
            count += 1;
            quoted.extend(finds);
        }
    }
    out
}

/// Returns `true` if one find contains the other.
fn overlap(one: &str, two: &str) -> bool {
    one.contains(two) || two.contains(one)
}

struct Source<'r, 't> {
    reading: &'r Reading<'t>,
    lang: Lang,
}

impl<'t> Source<'_, 't> {
    fn found(&self, key: &str) -> &[&'t str] {
        self.reading.get(key).map_or(&[], Vec::as_slice)
    }

    fn has(&self, line: &[Piece<'_>]) -> bool {
        line.iter().all(|piece| match piece {
            Piece::Absent(key) => self.found(key).is_empty(),
            Piece::Present(key) | Piece::One(key) | Piece::Some(key) => !self.found(key).is_empty(),
            Piece::Text(_) => true,
        })
    }

    /// Returns the number of ways to choose a line's finds; 1 if it quotes nothing.
    fn choices(&self, line: &[Piece<'_>]) -> usize {
        let each = line.iter().filter_map(|piece| match piece {
            Piece::One(key) => Some(self.found(key).len()),
            _ => None,
        });
        each.max().unwrap_or(1)
    }

    /// Returns the finds for a line: the `n`th of each key, or its first.
    fn choose(&self, line: &[Piece<'_>], n: usize) -> Vec<&'t str> {
        let mut finds = Vec::new();
        for piece in line {
            match piece {
                Piece::One(key) => {
                    let all = self.found(key);
                    finds.extend(all.get(n).or(all.first()));
                }
                Piece::Some(key) => finds.extend(self.found(key).iter().take(3)),
                Piece::Text(_) | Piece::Present(_) | Piece::Absent(_) => {}
            }
        }
        finds
    }

    fn write(&self, line: &[Piece<'_>], finds: &[&'t str]) -> String {
        let (mut out, mut finds) = (String::new(), finds.iter());
        for piece in line {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::One(key) => out.extend(finds.next().map(|find| self.quote(key, find))),
                Piece::Some(key) => {
                    let count = self.found(key).len().min(3);
                    let all = finds.by_ref().take(count).map(|find| self.quote(key, find));
                    out.push_str(&list(&all.collect::<Vec<_>>(), self.lang));
                }
                Piece::Present(_) | Piece::Absent(_) => {}
            }
        }
        out
    }

    fn quote(&self, key: &str, find: &str) -> String {
        if self.reading.contains_key("code") && CODE.contains(&key) {
            return span(clip(find), find);
        }
        let is_name = key == NAME && find.chars().all(char::is_alphanumeric);
        if is_name { find.to_owned() } else { quote(find, self.lang) }
    }
}

fn list(all: &[String], lang: Lang) -> String {
    match (lang, all) {
        (Lang::En, [one, two]) => format!("{one} and {two}"),
        (Lang::En, [one, two, three]) => format!("{one}, {two} and {three}"),
        (Lang::En, _) => all.join(", "),
        (Lang::Ja, _) => all.join("、").replace("」、「", "」「"),
    }
}

enum Piece<'a> {
    Text(&'a str),
    One(&'a str),
    Some(&'a str),
    Present(&'a str),
    Absent(&'a str),
}

fn pieces(mut line: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    while let Some((before, rest)) = line.split_once("{{")
        && let Some((key, after)) = rest.split_once("}}")
    {
        pieces.push(Piece::Text(before));
        let key = key.trim();
        pieces.push(match (key.chars().next(), key.chars().next_back()) {
            (Some('?'), _) => Piece::Present(key.trim_start_matches('?')),
            (Some('!'), _) => Piece::Absent(key.trim_start_matches('!')),
            (_, Some('+')) => Piece::Some(key.trim_end_matches('+')),
            _ => Piece::One(key),
        });
        line = after;
    }
    pieces.push(Piece::Text(line));
    pieces
}

/// Quotes a find in quotation marks, or in a code span if it contains Markdown syntax. An ellipsis
/// for omitted text goes outside, so that the quotation itself is verbatim.
pub(crate) fn quote(find: &str, lang: Lang) -> String {
    let kept = clip(find);
    let special = kept.contains(|c: char| "*_[]<>|`#~$\\&{}=『』“”".contains(c) || c.is_control());
    let link = kept.contains("://") || kept.contains("www.");
    if special || link {
        return span(kept, find);
    }
    let more = more(kept, find);
    match (lang, kept.contains(['「', '」'])) {
        (Lang::Ja, true) => format!("『{kept}』{more}"),
        (Lang::Ja, false) => format!("「{kept}」{more}"),
        (Lang::En, _) => format!("“{kept}”{more}"),
    }
}

/// Returns a code span with more backticks around it than inside (CommonMark 0.31, 6.1).
fn span(kept: &str, find: &str) -> String {
    let longest = kept.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if kept.starts_with('`') || kept.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{kept}{pad}{fence}{}", more(kept, find))
}

fn more(kept: &str, find: &str) -> &'static str {
    if kept.len() < find.len() { "…" } else { "" }
}

/// Truncates a find to the maximum length without splitting a grapheme and, if possible, a word or
/// a clause.
fn clip(find: &str) -> &str {
    let (mut end, mut width, mut space, mut clause) = (0, 0, None, None);
    for (at, one) in find.grapheme_indices(true) {
        width += one.width();
        if width > WIDTH || at + one.len() > BYTES {
            let long = |at: &usize| *at > end / 2;
            let whole = clause.filter(long).or(space.filter(long)).unwrap_or(end);
            return find.get(..whole).unwrap_or(find);
        }
        end = at + one.len();
        match one {
            "、" | "," => clause = Some(at),
            " " => space = Some(at),
            _ => {}
        }
    }
    find
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(template: &str, finds: &[(&'static str, &[&'static str])]) -> String {
        let reading = finds.iter().map(|(k, v)| (*k, v.to_vec())).collect();
        fill(template, &reading, Lang::En)
    }

    #[test]
    fn a_line_is_dropped_unless_its_keys_were_found() {
        let template = "{{a}} or {{b}}\n{{!b}}no b\n{{?a}}has a\n\n{{b}}\n\nend";
        assert_eq!(filled(template, &[("a", &["x"])]), "no b\nhas a\n\nend\n");
        let list = filled("{{a+}} meet", &[("a", &["w", "x", "y", "z"])]);
        assert_eq!(list, "“w”, “x” and “y” meet\n");
    }

    #[test]
    fn at_most_three_questions_are_asked_each_about_other_words() {
        let template = "- {{a}}?\n- {{b}} of {{c}}?\n- No quotation?\n- {{d}}?\n- {{e}}?";
        let finds: &[(_, &[_])] = &[
            ("a", &["it is slow"]),
            ("b", &["slow", "late"]),
            ("c", &["it is slow", "it is late"]),
            ("d", &["one"]),
            ("e", &["two"]),
        ];
        let asked = "- “it is slow”?\n- “late” of “it is late”?\n- “one”?\n";
        assert_eq!(filled(template, finds), asked);
        assert_eq!(filled(template, &[]), "- No quotation?\n");
    }

    #[test]
    fn a_template_that_is_no_list_keeps_its_form() {
        let form = "# Mine\n\n- one\n  > ____\n- two\n- three\n- four {{a}}\n- five {{n}}\n";
        assert_eq!(
            filled(form, &[("a", &["x"])]),
            "# Mine\n\n- one\n  > ____\n- two\n- three\n- four “x”\n"
        );
    }

    #[test]
    fn placeholders_in_finds_are_not_expanded() {
        assert_eq!(filled("{{a}}", &[("a", &["{{b}}"])]), "`{{b}}`\n");
    }

    #[test]
    fn quotations_are_whole_characters_and_inert() {
        assert_eq!(quote("会議", Lang::Ja), "「会議」");
        assert_eq!(quote("a `b` c", Lang::En), "``a `b` c``");
        assert_eq!(quote("`b`", Lang::En), "`` `b` ``");
        assert_eq!(quote("<img src=x>", Lang::Ja), "`<img src=x>`");
        let family = "👨‍👩‍👧‍👦";
        let long = quote(&family.repeat(99), Lang::Ja);
        let inner = long.trim_start_matches('「').trim_end_matches("」…");
        assert!(long.ends_with("」…") && !inner.is_empty() && inner.replace(family, "").is_empty());
        assert_eq!(quote(&"word ".repeat(40), Lang::En).trim_end_matches("”…").len() % 5, 2);
        assert!(quote(&format!("a{}", "\u{301}".repeat(9999)), Lang::En).len() < BYTES);
    }
}
