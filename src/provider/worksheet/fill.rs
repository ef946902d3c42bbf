//! Fills a template of questions with what was found in a text.
//!
//! A template is Markdown. A line is left out unless everything that it names was found:
//! `{{key}}` is the first find, quoted; `{{key+}}` up to three of them; `{{key*}}` repeats the
//! line for each; `{{?key}}` writes nothing and wants it found, `{{!key}}` wants it not found.
//! `{{n}}` counts the lines it stands in, from 1.

use super::reading::Reading;
use crate::lang::Lang;
use std::fmt::Write;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Columns of the longest quotation.
const WIDTH: usize = 84;
/// Bytes of the longest quotation: characters without width are no way around the columns.
const BYTES: usize = 600;
/// Lines that one line may become.
const REPEATS: usize = 6;

/// What is quoted as code where the text is code.
const CODE: [&str; 3] = ["part", "number", "assumes"];

/// The template with the finds in it.
pub(super) fn fill(template: &str, reading: &Reading<'_>, lang: Lang) -> String {
    let code = reading.contains_key("code");
    let quoted = |key: &str, find: &str| match code && CODE.contains(&key) {
        true => span(clip(find), find),
        false => quote(find, lang),
    };
    let (mut out, mut n) = (String::new(), 0);
    for line in template.lines() {
        let pieces = pieces(line);
        let found = |key: &str| reading.get(key).map_or(&[][..], Vec::as_slice);
        let wanted = pieces.iter().all(|p| match p {
            Piece::Absent(key) => found(key).is_empty(),
            Piece::Present(key) | Piece::First(key) | Piece::Some(key) | Piece::Each(key) => {
                !found(key).is_empty()
            }
            Piece::Text(_) | Piece::Count => true,
        });
        let repeats = pieces.iter().filter_map(|p| match p {
            Piece::Each(key) => Some(found(key).len().min(REPEATS)),
            _ => None,
        });
        for i in 0..if wanted { repeats.min().unwrap_or(1) } else { 0 } {
            n += usize::from(pieces.contains(&Piece::Count));
            let mut done = String::new();
            for piece in &pieces {
                match piece {
                    Piece::Text(text) => done.push_str(text),
                    Piece::First(key) => done.extend(found(key).first().map(|f| quoted(key, f))),
                    Piece::Each(key) => done.extend(found(key).get(i).map(|f| quoted(key, f))),
                    Piece::Some(key) => {
                        let all: Vec<_> =
                            found(key).iter().take(3).map(|f| quoted(key, f)).collect();
                        done.push_str(&all.join(lang.pick("、", ", ")));
                    }
                    Piece::Count => _ = write!(done, "{n}"),
                    Piece::Present(_) | Piece::Absent(_) => {}
                }
            }
            if !(done.trim().is_empty() && (out.is_empty() || out.ends_with("\n\n"))) {
                out.push_str(done.trim_end());
                out.push('\n');
            }
        }
    }
    out
}

#[derive(PartialEq)]
enum Piece<'a> {
    Text(&'a str),
    First(&'a str),
    Some(&'a str),
    Each(&'a str),
    Present(&'a str),
    Absent(&'a str),
    Count,
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
            (_, Some('*')) => Piece::Each(key.trim_end_matches('*')),
            _ if key == "n" => Piece::Count,
            _ => Piece::First(key),
        });
        line = after;
    }
    pieces.push(Piece::Text(line));
    pieces
}

/// The text's own words in quotation marks, or in a code span where they hold something that
/// Markdown would take for its own. What is left out is marked outside the quotation, so that
/// what is inside is the text to the byte.
pub(super) fn quote(find: &str, lang: Lang) -> String {
    let kept = clip(find);
    let special = kept.contains(|c: char| "*_[]<>|`#~$\\&{}=「」“”".contains(c) || c.is_control());
    let link = kept.contains("://") || kept.contains("www.");
    if special || link {
        return span(kept, find);
    }
    let more = more(kept, find);
    lang.pick(format!("「{kept}」{more}"), format!("“{kept}”{more}"))
}

/// A code span, fenced by more backticks than it holds (CommonMark 0.31, 6.1).
fn span(kept: &str, find: &str) -> String {
    let longest = kept.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if kept.starts_with('`') || kept.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{kept}{pad}{fence}{}", more(kept, find))
}

fn more(kept: &str, find: &str) -> &'static str {
    if kept.len() < find.len() { "…" } else { "" }
}

/// As much of a find as fits, never a part of what is read as one character, and, where words
/// have spaces between them, never a part of a word.
fn clip(find: &str) -> &str {
    let (mut end, mut width, mut space) = (0, 0, None);
    for (at, one) in find.grapheme_indices(true) {
        width += one.width();
        if width > WIDTH || at + one.len() > BYTES {
            let whole = space.filter(|s| *s > end / 2).unwrap_or(end);
            return find.get(..whole).unwrap_or(find);
        }
        if one == " " {
            space = Some(at);
        }
        end = at + one.len();
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
    fn a_line_needs_what_it_names() {
        let template = "{{a}} or {{b}}\n{{!b}}no b\n{{?a}}has a\n\n{{b}}\n\nend";
        assert_eq!(filled(template, &[("a", &["x"])]), "no b\nhas a\n\nend\n");
    }

    #[test]
    fn a_line_is_repeated_and_counted() {
        let template = "- S{{n}} {{a*}} to {{b*}}\n- S{{n}} ____\n{{a+}}";
        let all = filled(template, &[("a", &["1", "2", "3", "4"]), ("b", &["x", "y", "z"])]);
        assert_eq!(
            all,
            "- S1 “1” to “x”\n- S2 “2” to “y”\n- S3 “3” to “z”\n- S4 ____\n“1”, “2”, “3”\n"
        );
    }

    #[test]
    fn a_find_is_never_a_template() {
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
