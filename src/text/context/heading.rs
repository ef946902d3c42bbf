//! Finds Markdown's ATX headings (`# …`) outside of fenced code and front matter.

use super::short_line;
use ropey::Rope;

/// Maximum number of lines that are searched for a heading.
const REACH: usize = 2_000;

/// Language IDs of formats that use Markdown's headings.
const MARKDOWN: [&str; 4] = ["markdown", "mdx", "quarto", "rmd"];

/// Returns `true` if a format uses Markdown's headings.
pub(crate) fn are_in(language_id: &str) -> bool {
    MARKDOWN.contains(&language_id)
}

/// Returns the text of the first heading in the document's first [`REACH`] lines.
pub(crate) fn first(rope: &Rope) -> Option<String> {
    let mut found = None;
    scan(rope, 0, rope.len_lines().min(REACH), |line| {
        found.get_or_insert_with(|| text_of(line).to_owned());
    });
    found
}

/// Returns the nearest heading above a line, including its `#` signs. A code fence that opens more
/// than [`REACH`] lines above is missed, so that a `#` line in its code may be taken for a heading.
pub(crate) fn above(rope: &Rope, line: usize) -> Option<String> {
    let mut found = None;
    scan(rope, line.saturating_sub(REACH), line, |line| found = Some(line.trim().to_owned()));
    found
}

/// Calls `heading` for each heading line in `from..to`.
fn scan(rope: &Rope, from: usize, to: usize, mut heading: impl FnMut(&str)) {
    let mut fence: Option<(char, usize)> = None;
    let mut in_front_matter = false;
    for at in from..to {
        let Some(line) = short_line(rope, at) else { continue };
        let is_bar = line.trim_end() == "---";
        if at == 0 && is_bar {
            in_front_matter = true;
        } else if in_front_matter {
            in_front_matter = !is_bar && line.trim_end() != "...";
        } else if let Some((mark, length)) = fence_of(&line) {
            fence = match fence {
                None => Some((mark, length)),
                Some((open, least)) if open == mark && length >= least => None,
                open => open,
            };
        } else if fence.is_none() && !text_of(&line).is_empty() {
            heading(&line);
        }
    }
}

/// Returns the fence character of a line that opens or closes a code block, and the fence's length.
fn fence_of(line: &str) -> Option<(char, usize)> {
    let line = line.trim_start();
    let mark = line.chars().next().filter(|c| *c == '`' || *c == '~')?;
    let length = line.chars().take_while(|c| *c == mark).count();
    (length >= 3).then_some((mark, length))
}

/// Returns a heading's text; empty for any other line.
fn text_of(line: &str) -> &str {
    let marked = line.trim_start_matches(' ');
    let rest = marked.trim_start_matches('#');
    let level = marked.len() - rest.len();
    let is_heading =
        line.len() - marked.len() <= 3 && (1..=6).contains(&level) && rest.starts_with([' ', '\t']);
    if is_heading { rest.trim().trim_end_matches('#').trim_end() } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_heading_and_the_one_above() {
        let rope = Rope::from_str(
            "---\n# no: comment\n---\n```sh\n# not this\n```\n#tag\n# 題 #\nx\r\n## 次\r\n~~~\n```\n# nor this\n~~~\ny\n",
        );
        assert_eq!(first(&rope).as_deref(), Some("題"));
        assert_eq!(above(&rope, 15).as_deref(), Some("## 次"));
        assert_eq!(above(&rope, 9).as_deref(), Some("# 題 #"));
        assert_eq!(above(&rope, 7), None);
        let long = Rope::from_str(&format!("# {}\n", "長".repeat(200)));
        assert_eq!((first(&long), above(&long, 1)), (None, None));
    }
}
