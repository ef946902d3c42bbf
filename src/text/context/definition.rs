//! Finds the definition that encloses a piece of code, by indentation and keywords alone, without a
//! grammar.

use super::short_line;
use ropey::Rope;
use std::ops::Range;

/// Maximum number of lines searched upwards.
const REACH: usize = 1_000;
/// Tab width in columns.
const TAB: usize = 4;

/// Modifiers that may precede the keyword of a definition.
const BEFORE: [&str; 20] = [
    "pub",
    "export",
    "default",
    "async",
    "unsafe",
    "const",
    "static",
    "public",
    "private",
    "protected",
    "internal",
    "abstract",
    "final",
    "override",
    "virtual",
    "inline",
    "extern",
    "open",
    "sealed",
    "local",
];

/// Keywords that introduce a definition.
const DEFINES: [&str; 25] = [
    "fn",
    "def",
    "class",
    "struct",
    "enum",
    "trait",
    "impl",
    "interface",
    "function",
    "func",
    "fun",
    "module",
    "mod",
    "namespace",
    "type",
    "object",
    "record",
    "protocol",
    "extension",
    "defmodule",
    "defp",
    "sub",
    "proc",
    "contract",
    "union",
];

/// Keywords that begin a block without defining anything.
const CONTROL: [&str; 15] = [
    "if", "else", "for", "while", "switch", "match", "catch", "try", "do", "return", "with",
    "when", "unless", "loop", "foreach",
];

/// Returns the nearest line above a range that is less indented and looks like a definition.
pub(crate) fn around(rope: &Rope, chosen: Range<usize>) -> Option<String> {
    let blank = rope.slice(chosen.clone()).chars().take_while(|c| c.is_whitespace()).count();
    let line = rope.char_to_line((chosen.start + blank).min(chosen.end));
    let mut indent =
        indent_of(&rope.line(line).chars().take(super::LINE_CHARS).collect::<String>());
    for at in (line.saturating_sub(REACH)..line).rev() {
        let Some(text) = short_line(rope, at) else { continue };
        let bare = text.trim();
        // The last line of a multi-line signature has the same indentation as its first.
        let is_closing = bare.starts_with(['}', ')', ']']);
        let is_aside = ["#", "//", "/*", "*", "--", ";"].iter().any(|sign| bare.starts_with(sign));
        if bare.is_empty() || is_closing || is_aside || indent_of(&text) >= indent {
            continue;
        }
        if is_definition(bare) {
            return Some(bare.to_owned());
        }
        indent = indent_of(&text);
    }
    None
}

fn indent_of(line: &str) -> usize {
    let blanks = line.chars().take_while(|c| *c == ' ' || *c == '\t');
    blanks.map(|c| if c == '\t' { TAB } else { 1 }).sum()
}

fn is_definition(line: &str) -> bool {
    let words = line.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|w| !w.is_empty());
    let mut words = words.skip_while(|word| BEFORE.contains(word) || *word == "crate");
    match words.next() {
        Some(word) if DEFINES.contains(&word) => true,
        Some(word) if CONTROL.contains(&word) => false,
        // A function or method in the style of C.
        _ => line.contains('(') && line.ends_with('{'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The range is the `@` itself.
    #[track_caller]
    fn check(code: &str, want: Option<&str>) {
        let at = code.chars().position(|c| c == '@').unwrap();
        assert_eq!(around(&Rope::from_str(code), at..at + 1).as_deref(), want, "{code}");
    }

    #[test]
    fn the_definition_around_is_the_nearest_that_is_less_indented() {
        check(
            "impl A {\n    fn a() {\n        x\n    }\n\n    fn b() {\n        @",
            Some("fn b() {"),
        );
        check("impl A {\n    fn a() {\n    }\n    @", Some("impl A {"));
        check(
            "pub(crate) fn f(\n    a: u8,\n) -> u8 {\n    if a {\n        @",
            Some("pub(crate) fn f("),
        );
        check(
            "class A:\n\n    def f(self):\n# aside\n        for x in y:\n            @",
            Some("def f(self):"),
        );
        check("int main(void) {\n\tfor (;;) {\n\t\t@", Some("int main(void) {"));
        check("export const f = (a) => {\n  @", Some("export const f = (a) => {"));
        check("type A struct {\r\n\t@", Some("type A struct {"));
    }

    #[test]
    fn code_without_a_definition_above_has_none() {
        check("fn a() {}\n@", None);
        check("if (a) {\n  @", None);
        check("key:\n  other: [\n    @", None);
        check(&format!("fn {}() {{\n    @", "a".repeat(200)), None);
    }
}
