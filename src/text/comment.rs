//! Formats a text as a comment of a programming or markup language.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The column at which the lines of a comment are wrapped.
const COLUMNS: usize = 100;
/// Minimum width of a comment's text in columns, however deeply it is indented.
const WIDTH_MIN: usize = 40;
/// Tab width in columns.
const TAB: usize = 4;

/// Characters that must not begin a line.
const NO_START: &str =
    "、。，．・：；！？ー…‥」』）】〕］｝〉》”’,.:;!?)]}%ぁぃぅぇぉっゃゅょァィゥェォッャュョ々";
/// Characters that must not end a line.
const NO_END: &str = "「『（【〔［｛〈《“‘([{";

/// The comment syntax of a language.
#[derive(Clone, Copy)]
struct Syntax {
    /// The line before a block comment; empty if each line has a marker.
    open: &'static str,
    /// The marker of each line; empty in a block comment.
    line: &'static str,
    /// The line after a block comment.
    close: &'static str,
    /// Sequences that would end the comment or take effect inside it, with their replacements.
    harmless: &'static [(&'static str, &'static str)],
}

impl Syntax {
    const fn line(line: &'static str) -> Self {
        Syntax { open: "", line, close: "", harmless: &[] }
    }

    const fn block(
        open: &'static str,
        close: &'static str,
        harmless: &'static [(&'static str, &'static str)],
    ) -> Self {
        Syntax { open, line: "", close, harmless }
    }

    const fn with(self, harmless: &'static [(&'static str, &'static str)]) -> Self {
        Syntax { harmless, ..self }
    }

    /// Returns the syntax for an LSP language ID; `None` if the ID is unknown or the language has
    /// no comments.
    fn of(language_id: &str) -> Option<Self> {
        Some(match language_id {
            "c" | "cpp" | "csharp" | "cuda" | "cuda-cpp" | "d" | "dart" | "fsharp" | "glsl"
            | "go" | "hlsl" | "javascript" | "javascriptreact" | "jsonc" | "kotlin" | "less"
            | "objective-c" | "objective-cpp" | "pascal" | "proto" | "rust" | "sass" | "scss"
            | "shaderlab" | "solidity" | "swift" | "systemverilog" | "typescript"
            | "typescriptreact" | "typst" | "verilog" | "wgsl" | "zig" => Syntax::line("//"),
            // These languages treat `\u000a` as the end of a line, even in a comment.
            "groovy" | "java" | "scala" => Syntax::line("//").with(&[("\\u", "\\ u")]),
            "php" => Syntax::line("//").with(&[("?>", "? >")]),
            "jade" | "pug" => Syntax::line("//-"),
            "awk" | "bash" | "cmake" | "coffeescript" | "crystal" | "dockercompose"
            | "dockerfile" | "elixir" | "fish" | "gdscript" | "git-commit" | "git-rebase"
            | "gitcommit" | "gitignore" | "gitrebase" | "graphql" | "hcl" | "ignore" | "julia"
            | "nim" | "nix" | "perl" | "perl6" | "powershell" | "properties" | "ps1" | "python"
            | "r" | "raku" | "ruby" | "sh" | "shellscript" | "starlark" | "terraform" | "toml"
            | "yaml" | "zsh" => Syntax::line("#"),
            // In a recipe, even a comment is expanded, and `$(shell …)` is run.
            "make" | "makefile" => Syntax::line("#").with(&[("$", "$$")]),
            "ada" | "applescript" | "elm" | "haskell" | "lua" | "purescript" | "sql" | "vhdl" => {
                Syntax::line("--")
            }
            "bibtex" | "erlang" | "latex" | "matlab" | "plaintex" | "prolog" | "tex" => {
                Syntax::line("%")
            }
            "clojure" | "commonlisp" | "elisp" | "emacs-lisp" | "fennel" | "ini" | "lisp"
            | "racket" | "scheme" => Syntax::line(";"),
            "abap" | "vim" | "viml" => Syntax::line("\""),
            "fortran" | "fortran-modern" | "FortranFreeForm" => Syntax::line("!"),
            "vb" | "vbnet" => Syntax::line("'"),
            "css" => Syntax::block("/*", "*/", &[("*/", "* /")]),
            "html" | "markdown" => {
                Syntax::block("<!--", "-->", &[("-->", "-- >"), ("--!>", "--! >")])
            }
            "xml" | "xsl" => Syntax::block("<!--", "-->", &[("--", "- -")]),
            "handlebars" => Syntax::block("{{!--", "--}}", &[("--}}", "-- }}")]),
            "razor" => Syntax::block("@*", "*@", &[("*@", "* @")]),
            _ => return None,
        })
    }
}

/// Formats a text as a comment in the syntax of a language. Each line is indented by `indent`. Long
/// lines are wrapped, except in fenced code. Returns `None` if the language's comment syntax is
/// unknown.
pub fn comment(text: &str, language_id: &str, indent: &str) -> Option<String> {
    let syntax = Syntax::of(language_id)?;
    let used = indent.chars().map(|c| if c == '\t' { TAB } else { 1 }).sum::<usize>();
    let mark = if syntax.line.is_empty() { 0 } else { syntax.line.len() + 1 };
    let width = COLUMNS.saturating_sub(used + mark).max(WIDTH_MIN);
    let mut lines = Vec::new();
    let mut is_code = false;
    // Any character that some language treats as a line terminator would end a comment.
    let ends = ['\n', '\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}'];
    for line in text.replace("\r\n", "\n").split(ends) {
        let line = harmless(line.trim_end(), syntax.harmless);
        let is_fence = ["```", "~~~"].iter().any(|fence| line.trim_start().starts_with(fence));
        match is_code || is_fence {
            true => lines.push(line),
            false => lines.extend(wrap(&line, width)),
        }
        is_code ^= is_fence;
    }
    let marked = lines.iter().map(|line| marked(line, syntax.line));
    let bounds = |bound: &str| Some(bound.to_owned()).filter(|bound| !bound.is_empty());
    let all = bounds(syntax.open).into_iter().chain(marked).chain(bounds(syntax.close));
    let indented = all.map(|line| match line.is_empty() {
        true => line,
        false => format!("{indent}{line}"),
    });
    Some(indented.collect::<Vec<_>>().join("\n"))
}

fn harmless(line: &str, replaced: &[(&str, &str)]) -> String {
    replaced.iter().fold(line.to_owned(), |line, (from, to)| {
        let once = line.replace(from, to);
        // A replacement may leave another match: `---` becomes `- --`.
        if once.contains(from) && !to.contains(from) { once.replace(from, to) } else { once }
    })
}

/// Returns one line of a comment. Some languages continue a line on the next one if it ends with a
/// backslash (C, Tcl, make), `??/` (old C) or ` _` (Basic), so the marker is repeated after that.
fn marked(line: &str, mark: &str) -> String {
    if mark.is_empty() {
        return line.to_owned();
    }
    let goes_on = ["\\", "??/", " _"].iter().any(|end| line.ends_with(end));
    let end = if goes_on { format!(" {mark}") } else { String::new() };
    format!("{mark} {line}{end}").trim_end().to_owned()
}

/// Wraps a line at `width` columns, between words or wide characters. In a list item, the following
/// lines are aligned with its text.
fn wrap(line: &str, width: usize) -> Vec<String> {
    let text = line.trim_start();
    let lead = line.get(..line.len() - text.len()).unwrap_or_default();
    let hang = format!("{lead}{}", " ".repeat(item_mark(text)));
    let (mut lines, mut now, mut is_begun) = (Vec::new(), lead.to_owned(), false);
    for piece in pieces(text) {
        if is_begun && now.width() + piece.trim_end().width() > width {
            lines.push(now.trim_end().to_owned());
            now.clone_from(&hang);
        }
        now.push_str(piece);
        is_begun = true;
    }
    lines.push(now.trim_end().to_owned());
    lines
}

/// Returns the length in bytes of a list item's marker (`- `, `12. `); 0 if there is none.
fn item_mark(text: &str) -> usize {
    let number = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let is_number =
        number.len() < text.len() && (number.starts_with(". ") || number.starts_with(") "));
    match text.starts_with("- ") || text.starts_with("* ") || text.starts_with("+ ") {
        true => 2,
        false if is_number => text.len() - number.len() + 2,
        false => 0,
    }
}

/// Splits a line where it may be wrapped. Each piece includes the whitespace after it.
fn pieces(text: &str) -> Vec<&str> {
    let is_wide = |c: char| c.width() == Some(2);
    let (mut pieces, mut start, mut before) = (Vec::new(), 0, None);
    for (at, word) in text.split_word_bound_indices() {
        let first = word.chars().next();
        if let (Some(last), Some(first)) = (before, first)
            && !first.is_whitespace()
        {
            let is_between = (is_wide(last) || is_wide(first))
                && !NO_START.contains(first)
                && !NO_END.contains(last);
            if is_between || char::is_whitespace(last) {
                pieces.extend(text.get(start..at));
                start = at;
            }
        }
        before = word.chars().last();
    }
    pieces.extend(text.get(start..));
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_language_has_its_comments() {
        for (id, expected) in [
            ("rust", "  // a\n  //\n  // b"),
            ("typescript", "  // a\n  //\n  // b"),
            ("python", "  # a\n  #\n  # b"),
            ("shellscript", "  # a\n  #\n  # b"),
            ("lua", "  -- a\n  --\n  -- b"),
            ("latex", "  % a\n  %\n  % b"),
            ("clojure", "  ; a\n  ;\n  ; b"),
            ("vim", "  \" a\n  \"\n  \" b"),
            ("css", "  /*\n  a\n\n  b\n  */"),
            ("html", "  <!--\n  a\n\n  b\n  -->"),
            ("markdown", "  <!--\n  a\n\n  b\n  -->"),
            ("handlebars", "  {{!--\n  a\n\n  b\n  --}}"),
        ] {
            assert_eq!(comment("a\n\nb", id, "  ").as_deref(), Some(expected), "{id}");
        }
        for id in ["", "plaintext", "json", "klingon", "diff"] {
            assert_eq!(comment("a", id, ""), None, "{id}");
        }
    }

    #[test]
    fn nothing_in_a_comment_ends_it() {
        for (text, id, expected) in [
            ("a --> b --!> c", "html", "<!--\na -- > b --! > c\n-->"),
            ("| --- | ---- |-->", "xml", "<!--\n| - - - | - - - - |- ->\n-->"),
            ("a */ b", "css", "/*\na * / b\n*/"),
            ("a --}} b", "handlebars", "{{!--\na -- }} b\n--}}"),
            ("a *@ b", "razor", "@*\na * @ b\n*@"),
            ("a ?> b", "php", "// a ? > b"),
            ("a \\u000a b", "java", "// a \\ u000a b"),
            ("$(shell rm)", "makefile", "# $$(shell rm)"),
            ("ls \\", "c", "// ls \\ //"),
            ("what??/", "cpp", "// what??/ //"),
            ("a _", "vb", "' a _ '"),
            ("a\u{2028}b\rc\r\nd", "javascript", "// a\n// b\n// c\n// d"),
        ] {
            assert_eq!(comment(text, id, "").as_deref(), Some(expected), "{id}");
        }
    }

    #[test]
    fn long_lines_are_wrapped_between_words_and_wide_characters() {
        assert_eq!(wrap("one two three", 8), ["one two", "three"]);
        assert_eq!(wrap("  - one two", 8), ["  - one", "    two"]);
        assert_eq!(wrap("10. one two", 8), ["10. one", "    two"]);
        assert_eq!(wrap("会議が長い。", 6), ["会議が", "長い。"]);
        assert_eq!(wrap("会議長い。", 8), ["会議長", "い。"], "no line begins with a full stop");
        assert_eq!(wrap("会議「長い」", 6), ["会議", "「長", "い」"], "nor ends with a bracket");
        assert_eq!(wrap("Rustの型", 6), ["Rustの", "型"]);
        assert_eq!(wrap("https://example.com/a/b c", 8), ["https://example.com/a/b", "c"]);
        assert_eq!(wrap("", 8), [""]);
        let long = format!("```\n{}\n```\n{}", "x ".repeat(80), "x ".repeat(80));
        let lines = comment(&long, "rust", "\t").unwrap();
        let widths: Vec<_> = lines.lines().map(str::len).collect();
        assert_eq!(widths, [7, 163, 7, 97, 69], "code is not wrapped");
    }

    proptest! {
        #[test]
        fn every_line_of_a_comment_is_one_and_nothing_is_lost(
            text in "(?s)([a-z]{1,12}|解像度|、|「|」|😀| |\n|\r\n|-->|\\*/|--|\\\\|\u{2028}){0,60}",
        ) {
            let marked = comment(&text, "rust", "    ").unwrap();
            let prefix = |line: &&str| line.starts_with("    //");
            let mut all = marked.split(['\n', '\r', '\u{2028}']);
            prop_assert!(all.all(|line| prefix(&line)));
            prop_assert!(!marked.lines().any(|line| line.ends_with('\\')));
            prop_assert!(marked.lines().all(|line| line.width() <= COLUMNS + 24));
            let letters = |text: &str| {
                text.chars().filter(|c| !c.is_whitespace() && *c != '/').collect::<String>()
            };
            prop_assert_eq!(letters(&marked), letters(&text));
            for (id, close) in [("html", "-->"), ("css", "*/"), ("xml", "--")] {
                let block = comment(&text, id, "").unwrap();
                let (body, last) = block.rsplit_once('\n').unwrap();
                let body = body.split_once('\n').unwrap().1;
                prop_assert!(last.ends_with(close) || last == "-->");
                prop_assert!(!body.contains(close), "{}", body);
            }
        }
    }
}
