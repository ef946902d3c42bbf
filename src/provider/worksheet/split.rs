//! Splits a text into quotable pieces, each a slice of the text within a line.

use super::cues;
use unicode_segmentation::UnicodeSegmentation;

/// Returns sentences without list, quote, heading and comment markers and without their final stop.
/// A sentence ends with its line, because a quotation must fit into one item of the worksheet;
/// wrapped lines have been joined before.
pub(crate) fn sentences(text: &str) -> impl Iterator<Item = &str> {
    lines(text)
        .map(bare)
        .flat_map(|line| line.unicode_sentences())
        .map(trim_stop)
        .filter(|s| !s.is_empty())
}

/// Returns non-empty trimmed lines, split at LSP's line terminators.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split(['\n', '\r']).map(str::trim).filter(|l| !l.is_empty())
}

/// Splits a sentence at commas, colons, dashes and brackets outside of quotation marks, and strips
/// leading conjunctions.
pub(crate) fn clauses(sentence: &str) -> Vec<&str> {
    let (mut pieces, mut from, mut depth) = (Vec::new(), 0, 0_usize);
    for (at, c) in sentence.char_indices() {
        let after = at + c.len_utf8();
        match c {
            '「' | '『' | '“' => depth += 1,
            '」' | '』' | '”' => depth = depth.saturating_sub(1),
            _ => {}
        }
        let spaced =
            [',', ':'].contains(&c) && sentence.get(after..).is_some_and(|r| r.starts_with(' '));
        if depth == 0 && (spaced || MARKS.contains(&c)) {
            pieces.extend(sentence.get(from..at));
            from = after;
        }
    }
    pieces.extend(sentence.get(from..));
    let bare = pieces.into_iter().map(|s| trim_stop(cues::strip_head(trim_stop(s), cues::JOINS)));
    bare.filter(|s| !s.is_empty()).collect()
}

const MARKS: [char; 13] =
    ['、', '，', '；', '：', ';', '—', '–', '→', '…', '(', ')', '\u{ff08}', '\u{ff09}'];

fn bare(line: &str) -> &str {
    let line = line
        .trim_start_matches(|c: char| c.is_whitespace() || "#>*-+/!;・●■○□◆".contains(c))
        .trim_end_matches("*/")
        .trim_end_matches("-->");
    let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
    match rest.strip_prefix(['.', ')']) {
        Some(item) if rest.len() < line.len() && item.starts_with(' ') => item.trim(),
        _ => line.trim(),
    }
}

pub(crate) fn trim_stop(text: &str) -> &str {
    text.trim().trim_matches('*').trim_end_matches(['。', '．', '.', '!', '！', ',', '、']).trim()
}

/// Language IDs that are read as prose. All other IDs are code.
const PROSE: [&str; 16] = [
    "mdx",
    "quarto",
    "rmd",
    "rst",
    "markdown",
    "plaintext",
    "text",
    "latex",
    "tex",
    "typst",
    "asciidoc",
    "org",
    "restructuredtext",
    "git-commit",
    "gitcommit",
    "mail",
];

/// A text split into prose and code.
pub(crate) struct Matter<'a> {
    /// Lines of prose: all lines, or the comments of code.
    pub(crate) prose: Vec<&'a str>,
    /// Lines of code without comments; empty if the text is prose.
    pub(crate) code: Vec<&'a str>,
}

/// Returns `true` if a text is prose, judging by its language ID or, if there is none, by its form.
pub(crate) fn is_prose(text: &str, language_id: &str) -> bool {
    let named_code = !language_id.is_empty() && !PROSE.contains(&language_id);
    PROSE.contains(&language_id) || !(named_code || looks_like_code(text))
}

/// Splits a text into prose and code; comments count as prose. If there is hardly any code, as in a
/// selected doc comment, everything counts as prose.
pub(crate) fn matter<'a>(text: &'a str, language_id: &str) -> Matter<'a> {
    let named_code = !language_id.is_empty() && !PROSE.contains(&language_id);
    let all = || Matter { prose: without_headings(text, named_code), code: Vec::new() };
    if is_prose(text, language_id) {
        return all();
    }
    let (mut prose, mut code, mut inside) = (Vec::new(), Vec::new(), false);
    for line in lines(text) {
        let starts = line.starts_with("/*") || line.starts_with("<!--");
        if inside || starts {
            inside = !(line.ends_with("*/") || line.ends_with("-->"));
            prose.push(line);
            continue;
        }
        let at = comment_start(line).unwrap_or(line.len());
        let (before, after) = line.split_at(at);
        if !before.trim().is_empty() {
            code.push(before.trim());
        }
        if !after.is_empty() {
            prose.push(after);
        }
    }
    let letters = |lines: &[&str]| lines.iter().map(|l| l.chars().count()).sum::<usize>();
    // A single selected word of a program is not code.
    let word = code.len() == 1 && !text.contains(|c: char| c.is_ascii_punctuation() && c != '_');
    if code.is_empty() || word || letters(&code) * 5 < letters(&prose) {
        return all();
    }
    Matter { prose, code }
}

/// Returns all lines except headings, which say nothing by themselves. In code, `#` begins a
/// comment instead.
fn without_headings(text: &str, code: bool) -> Vec<&str> {
    let body: Vec<_> = lines(text).filter(|l| code || !l.starts_with('#')).collect();
    if body.is_empty() { lines(text).collect() } else { body }
}

/// Returns the start of a line comment, which must be at the start of the line or after a space, a
/// tab or `;`, unlike in `https://…` and `a#b`. `#[…]`, `#!` and `#include` are code.
fn comment_start(line: &str) -> Option<usize> {
    let begins =
        |at: usize| line.get(..at).is_some_and(|b| b.is_empty() || b.ends_with([' ', '\t', ';']));
    ["//", "# ", "-- ", "\"\"\""]
        .iter()
        .flat_map(|mark| line.match_indices(mark).map(|(at, _)| at).filter(|at| begins(*at)))
        .min()
}

fn looks_like_code(text: &str) -> bool {
    let (mut code, mut all) = (0, 0);
    for line in lines(text) {
        all += 1;
        let closes =
            line.ends_with([';', '{', '}']) || line.ends_with("();") || line.ends_with("):");
        let assigns = line.contains(" = ") || line.contains("=>") || line.contains("->");
        code += usize::from(closes || assigns);
    }
    all > 0 && code * 2 > all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_of_both_languages() {
        let text = "# 題\r\n会議が長い。誰も知らない!\r- 1) one, e.g. two. Three?\n2. 次";
        let found: Vec<_> = sentences(text).collect();
        let expect = ["題", "会議が長い", "誰も知らない", "one, e.g. two", "Three?", "次"];
        assert_eq!(found, expect);
        assert_eq!(clauses("A, b: c、d(e)"), ["A", "b", "c", "d", "e"]);
    }

    #[test]
    fn code_and_comments_are_told_apart() {
        let m = matter("let a = 1; // なぜ一か\n#[test]\nfn f() {}", "rust");
        assert_eq!(
            (m.prose, m.code),
            (vec!["// なぜ一か"], vec!["let a = 1;", "#[test]", "fn f() {}"])
        );
        let m = matter("/// A long sentence about it.\n/// And another, longer one.\nfn f", "rust");
        assert!(m.code.is_empty() && m.prose.len() == 3);
        assert!(matter("認証", "rust").code.is_empty());
        assert!(matter("x = f(1)\ny = g(x)", "").prose.is_empty());
        assert!(matter("see https://a.example/b = c", "markdown").code.is_empty());
    }
}
