//! Finds the names in source code, ignoring comments and literals.

/// Replaces every character of a comment or a literal with a space, except line ends.
pub(crate) fn code_of(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let skipped = match c {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => block_comment(rest),
            '"' => string(rest),
            'r' if !code.ends_with(is_word) => raw_string(rest),
            '\'' => char_literal(rest),
            _ => 0,
        };
        if skipped == 0 {
            code.push(c);
            rest = &rest[c.len_utf8()..];
        } else {
            code.extend(rest[..skipped].chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
            rest = &rest[skipped..];
        }
    }
    code
}

fn block_comment(text: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < text.len() {
        let rest = &text.as_bytes()[at..];
        if rest.starts_with(b"/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if rest.starts_with(b"*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    text.len()
}

fn string(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

fn raw_string(text: &str) -> usize {
    let hashes = text[1..].chars().take_while(|c| *c == '#').count();
    let Some(body) = text[1 + hashes..].strip_prefix('"') else {
        return 0;
    };
    let end = format!("\"{}", "#".repeat(hashes));
    body.find(&end).map_or(text.len(), |at| 2 + hashes + at + end.len())
}

/// Returns the length of a character literal, or 0 for a lifetime.
fn char_literal(text: &str) -> usize {
    let mut chars = text.char_indices().skip(1);
    match (chars.next(), chars.next()) {
        (Some((_, '\\')), Some((at, c))) => {
            let from = at + c.len_utf8();
            text[from..].find('\'').map_or(0, |end| from + end + 1)
        }
        (Some(_), Some((at, '\''))) => at + 1,
        _ => 0,
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Returns the lines, from 1, whose code names a word. `crate::{a, b}` names `crate::a` and
/// `crate::b`.
pub(crate) fn lines_naming(code: &str, word: &str) -> Vec<usize> {
    let line = |at: usize| code[..at].matches('\n').count() + 1;
    let mut lines: Vec<_> = code
        .match_indices(word)
        .filter(|(at, _)| {
            let before = code[..*at].ends_with(is_word) && word.starts_with(is_word);
            let after = code[at + word.len()..].starts_with(is_word) && word.ends_with(is_word);
            !before && !after
        })
        .map(|(at, _)| line(at))
        .collect();
    if let Some(module) = word.strip_prefix("crate::") {
        for (at, group) in code.match_indices("crate::{") {
            let mut depth = 1;
            let mut start = true;
            for (offset, c) in code[at + group.len()..].char_indices() {
                let place = at + group.len() + offset;
                if depth == 1 && start && is_word(c) {
                    start = false;
                    let name: String = code[place..].chars().take_while(|c| is_word(*c)).collect();
                    if name == module {
                        lines.push(line(place));
                    }
                }
                match c {
                    '{' => depth += 1,
                    '}' => depth -= 1,
                    ',' if depth == 1 => start = true,
                    _ => {}
                }
                if depth == 0 {
                    break;
                }
            }
        }
    }
    lines
}

#[test]
fn comments_and_literals_are_no_code() {
    let text = "a // b\n/* c /* d */ e */ f \"g \\\" h\" r#\"i \" j\"# 'k' '\\'' '\"' &'l m";
    assert_eq!(code_of(text).split_whitespace().collect::<Vec<_>>(), ["a", "f", "&'l", "m"]);
    assert_eq!(code_of(text).len(), text.len());
    assert_eq!(code_of("for r in x {}"), "for r in x {}");
}
