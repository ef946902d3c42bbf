//! Tests of how answers are sanitized, and that nothing in them is ever live.

use super::*;
use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag};

pub(crate) fn clean(text: &str) -> String {
    let mut sanitizer = Sanitizer::default();
    let mut out = String::new();
    sanitizer.push(text, &mut out);
    sanitizer.finish(&mut out);
    out
}

/// Returns the answer as a panel would contain it: between two sections, with an open fence closed.
pub(crate) fn in_panel(text: &str) -> String {
    let mut sanitizer = Sanitizer::default();
    let mut out = String::from("## before\n\n");
    sanitizer.push(text, &mut out);
    sanitizer.finish(&mut out);
    if let Some(fence) = sanitizer.open_fence() {
        out.push('\n');
        fence.write(&mut out);
    }
    out.push_str("\n\n_end_\n\n## after\n");
    out
}

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(clean(text), expected);
}

#[test]
fn plain_text_stays_as_it_is() {
    for text in [
        "会議が長い。\n\n- 一つ\n- 二つ\n",
        "D1 why? **bold** _it_ `code` 1 < 2 && a > b, R&D, x@ y!\n",
        "1. one\n   more\n2. two\n",
        "| a | b |\n|---|---|\n| 1 | 2 |\n",
        "`cat a | grep b` and `x[1]: y`, a/b and/or c:d ratio 1:2\n",
        "- [ ] to do\n- [x] done\n[1] a source\n",
        "a line with `m` · in it, a ✗ in it, … in it\n…つまり\n",
        "https://a.example/x?y=1&z=2#a と(http://127.0.0.1:80/資料。) hh http h\n",
        "👨‍👩‍👧‍👦 🇯🇵 が\u{3099}",
        "> quoted\n> - list\n",
        "```rust\nfn main() { let a: Vec<u8> = b![](x); }\n```\nafter\n",
        "***\n\n---\n",
    ] {
        check(text, text);
    }
}

#[test]
fn a_heading_goes_below_the_sections() {
    check("# a\n## 広さ\n##### e\n#hash\n", "### a\n#### 広さ\n###### e\n#hash\n");
    check("text\n===\n", "text\n\\===\n");
    check("text\n---\nmore", "text\n\n---\nmore");
    check("text\n-\n", "text\n\n-\n");
    check("--\n---\n", "--\n\n---\n");
    check("a|\n:># \n", "a|\n\\:># \n");
    check("> text\n> ---\n> ===\n", "> text\n> \\---\n> \\===\n");
    check("text\n    # a\n---\n", "text\n    ### a\n\n---\n");
    let dashes = "-".repeat(HELD_MAX + 9);
    check(&format!("text\n{dashes}\n"), &format!("text\n\\{dashes}\n"));
}

#[test]
fn links_images_html_and_definitions_are_text() {
    check("![a](https://x/y.png)", "!\\[a]\\(https://x/y.png)");
    check("[a](command:b)", "[a]\\(command:b)");
    check("[a]: https://x", "[a]\\: https://x");
    check("<img src=x> </p> <!-- c --> <?p?>", "\\<img src=x> \\</p> \\<!-- c --> \\<?p?>");
    check("$$x$$ 5 $ or `$x`", "\\$\\$x\\$\\$ 5 \\$ or `$x`");
    check("&#x202E; &lt; &zwj; R&D &", "\\&#x202E; \\&lt; \\&zwj; R&D &");
    check("::: mermaid\n  :::\n:: a", "\\::: mermaid\n  \\:::\n\\:: a");
    check("[a `]: x`\nb `]: y`\n\n`]: z`", "[a \\`]\\: x\\`\nb \\`]\\: y\\`\n\n`]: z`");
    check("`$````$$<pre>````", "\\`\\$````$$<pre>````");
    check("`<b>` and ``a ` <i>`` and ` <u>", "`<b>` and ``a ` <i>`` and \\` \\<u>");
}

#[test]
fn a_fence_stands_in_column_0() {
    check(
        "1. do:\n   ```rust\n   a\n     b\n   ```\n2. c\n",
        "1. do:\n```rust\na\n  b\n```\n2. c\n",
    );
    check("- ```\n  x\n  ```\n", "- …\n```\nx\n```\n");
    check("> ```\n> x\n> ```\n", "> \\`\\`\\`\n> x\n> \\`\\`\\`\n");
    check("```mermaid\nx\n```\n", "```text\nx\n```\n");
    check("````md\n```\n````\n", "````md\n```\n````\n");
    check("~~~ a b\n~~~~\n", "~~~a\n~~~\n");
    check("```a`b`\n", "\\`\\`\\`a`b`\n");
    check("> ~~~ mermaid\n> x\n", "> \\~~~ mermaid\n> x\n");
    for info in ["a-mermaid", ".MERMAID", "mermaid+x", "math", "vega-lite", "dataviewjs"] {
        check(&format!("```{info}\nx\n```\n"), "```text\nx\n```\n");
    }
    check("```text.tex\n```\n", "```text\n```\n");
    check("```dotenv\n```\n", "```dotenv\n```\n");
}

#[test]
fn a_fence_ends_where_a_renderer_ends_it() {
    let (marks, blanks) = ("`".repeat(HELD_MAX), " ".repeat(HELD_MAX));
    check(&format!("```\nx\n{marks}\n<b>"), "```\nx\n```\n\n\\<b>");
    check(&format!("```\nx\n```{blanks}\n<b>"), "```\nx\n```\n\n\\<b>");
}

#[test]
fn code_in_a_table_does_not_reach_over_its_cell() {
    check("|a|\n|-|\n|`b | <i>`|\n\n`c | d`", "|a|\n|-|\n|\\`b | \\<i>\\`|\n\n`c | d`");
    check("`a | b` <i>\n-|-\n`c | d`", "`a | b` \\<i>\n\\-|-\n`c | d`");
    check("- `a|b`\n  :-:\n", "- `a|b`\n  \\:-:\n");
}

#[test]
fn an_address_is_a_link_only_where_it_shows_its_target() {
    for text in [
        "https://a.example/%E6%97%A5",
        "https://a.example\\@b.example",
        "https://a.example>x@b.example",
        "https://a.example/`x`",
        "HTTP://a.example/$x",
        "https://a.example/x。https://b.example",
        "ftp://a.example",
        "xhttps://a.example",
        "vscode://a.example",
    ] {
        let out = clean(text);
        assert!(out.contains(":\\//") && !out.contains("://a") && !out.contains("`/`"), "{out}");
    }
    check("https://a.example/<b>", "https:\\//a.example/\\<b>");
    check("(https://a.example/x_y)", "(https://a.example/x_y)");
    check("[https://a.example](x)", "[https:\\//a.example]\\(x)");
    check("//a.example a//b // c ///d", "/\\/a.example a//b // c /\\//d");
    check("me@a.example @b c @", "me\\@a.example @b c @");
}

#[test]
fn an_address_that_older_renderers_would_show_as_another_one_is_broken_up() {
    for text in [
        "https://a.example/%E2%80%AEx",
        "https://a.example/%1B[2J",
        "https://xn--pple-43d.com",
        "https://аpple.com",
        "https://a.exampleを見る",
        "ftp://XN--pple-43d.com",
        "https\\://аpple.com",
    ] {
        let out = clean(text);
        assert!(out.contains("/`/`"), "{out}");
    }
    check("https:\\/\\/аpple.com x", "https:\\/`/`аpple.com x");
    check("https:/\\/аpple.com", "https:/`/`аpple.com");
    check("//аpple.com a//見る。//見る", "/`/`аpple.com a//見る。/\\/見る");
    check("/\\/аpple.com \\//аpple.com", "/`/`аpple.com \\/`/`аpple.com");
    check("me@аpple.com 100@円。x.y", "me`@`аpple.com 100\\@円。x.y");
    check("https://`x` `x`//аpple.com", "https:\\//`x` `x`/`/`аpple.com");
    let long = "a".repeat(9999);
    check(&format!("ftp://a.b/{long}"), &format!("ftp:\\/`/`a.b/{long}"));
}

#[test]
fn a_line_like_the_panels_own_is_a_quotation() {
    for line in [
        "✗ Your key was refused.",
        "  ✓ Done",
        "⚠️ Cut off",
        "↻ Retrying",
        "■ Stopped.",
        "_… writing_",
        "*… writing*",
        "**✗ no**",
        "\u{3000}✗ no",
        "`m` · 120 → 20 tokens · 4.1 s",
        "__`` m`1 ``__  · 4 s",
    ] {
        check(&format!("a\n\n{line}\nb"), &format!("a\n\n> {line}\nb"));
    }
    check("- ✗ a\n> ✗ b\n# ✗ c", "- ✗ a\n> ✗ b\n### ✗ c");
}

#[test]
fn marks_on_one_line_are_bounded() {
    let out = clean(&"> ".repeat(40));
    assert!(out.starts_with(&("> ".repeat(DEPTH_MAX) + "\\> > ")), "{out}");
    assert!(clean(&("1. ".repeat(40) + "x")).contains(" 1\\. 1. "));
    assert!(clean(&("- ".repeat(40) + "x")).contains(" \\- - "));
}

#[test]
fn line_breaks_are_normalized_and_hidden_characters_shown() {
    check("a\r\nb\rc\r\r\n", "a\nb\nc\n\n");
    check("\n\r\n  \na", "a");
    check("a\u{202e}b\u{1b}[31m\u{200b}\u{feff}", "a⟨U+202E⟩b⟨U+001B⟩[31m⟨U+200B⟩⟨U+FEFF⟩");
    check("a\n\u{200d}\u{fe0f}b", "a\n⟨U+200D⟩⟨U+FE0F⟩b");
}

#[test]
fn hidden_characters_are_shown_and_legitimate_joiners_kept() {
    let kept = include_str!("../../../tests/it/hostile/data/kept.json");
    for text in serde_json::from_str::<Vec<String>>(kept).unwrap() {
        assert_eq!(show_hidden_lines(&text), text);
        check(&format!("a {text} b"), &format!("a {text} b"));
    }
    let shown = include_str!("../../../tests/it/hostile/data/shown.json");
    for (text, expected) in serde_json::from_str::<Vec<(String, String)>>(shown).unwrap() {
        assert_eq!(show_hidden_lines(&text), expected);
    }
    assert_eq!(show_hidden("a\tb\r\n\u{7}c"), "a b  ⟨U+0007⟩c");
    assert_eq!(show_hidden_lines("a\tb\r\nc\rd"), "a\tb\nc⟨U+000D⟩d");
}

#[test]
fn text_after_the_end_begins_a_new_line() {
    for (first, second, whole) in [
        ("a", "--", "a\n\n--"),
        ("  x", "```\n<b>", "  x\n```\n<b>"),
        ("```\na", "```\n<b>", "```\na\n```\n\\<b>"),
        ("a\n", "---", "a\n\n---"),
        ("> a\n> ", "---", "> a\n>\n\n---"),
    ] {
        let mut sanitizer = Sanitizer::default();
        let mut out = String::new();
        for text in [first, second] {
            sanitizer.push(text, &mut out);
            sanitizer.finish(&mut out);
        }
        assert_eq!(out, whole);
    }
}

#[test]
fn held_text_is_bounded() {
    let mut sanitizer = Sanitizer::default();
    let mut out = String::new();
    for piece in ["`", "a", "-", "~", " "].iter().cycle().take(50) {
        sanitizer.push(&piece.repeat(3000), &mut out);
        assert!(sanitizer.held.len() <= HELD_MAX, "{} bytes held", sanitizer.held.len());
    }
}

#[test]
fn a_terminal_gets_what_was_typed_and_still_no_lines_of_the_panels_own() {
    let shown = |text: &str| {
        let mut sanitizer = Sanitizer::new(Viewer::Plain);
        let mut out = String::new();
        sanitizer.push(text, &mut out);
        sanitizer.finish(&mut out);
        out
    };
    for text in [
        "ftp://a.b/%E2%80%AEx https://аpple.com www.a.test me@a.test",
        "![a](b) [c]: d <img> $5 &lt; ``` a",
        "text\n===\n:::\n: a\n> ---\n",
    ] {
        assert_eq!(shown(text), text);
    }
    assert_eq!(shown("## a\n✗ b\n\u{1b}[2J"), "#### a\n> ✗ b\n⟨U+001B⟩[2J");
}

fn nasty() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => proptest::sample::select(vec![
            "```", "~~~", "````", "`", "``", "\n", "\r\n", "\r", "\n\n", "  ", "    ", "\t", "# ", "## 広さ", "---", "===", "- ",
            "1. ", "> ", "* ", "![", "](", "]:", "[a]", "<img src=x>", "<!--", "<script>", "-->", "$$", "\\", "rust",
            "$", "|", "|-|", "-|-", ":-:", ":::", "_", "*", "✗", "·", "&#x202e;", "&lt;", "`]: x`", "[", "//", "@", "%41", "%E2%80%AE", "xn--a.b", "аp.jp", "。", "https://x.y/z", " ", "\u{202e}", "👨‍👩‍👧", "command:x)", "https://x", "<https://x>", ")", "a`b", "<pre>",
        ]).prop_map(str::to_owned),
        1 => "[a-z 。深]{0,8}",
    ];
    proptest::collection::vec(piece, 0..24).prop_map(|v| v.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn the_output_does_not_depend_on_how_the_input_is_split(text in nasty(), cuts in proptest::collection::vec(any::<prop::sample::Index>(), 0..12)) {
        let mut at: Vec<usize> = cuts.iter().map(|i| i.index(text.len() + 1)).filter(|i| text.is_char_boundary(*i)).collect();
        at.extend([0, text.len()]);
        at.sort_unstable();
        let mut sanitizer = Sanitizer::default();
        let mut out = String::new();
        for pair in at.windows(2) {
            let before = out.clone();
            sanitizer.push(&text[pair[0]..pair[1]], &mut out);
            prop_assert!(out.starts_with(&before));
        }
        sanitizer.finish(&mut out);
        prop_assert_eq!(out, clean(&text));
    }

    #[test]
    fn nothing_in_an_answer_is_live(text in nasty()) {
        assert_inert(&text);
    }
}

/// Panics if a Markdown parser finds anything live in this answer.
pub(crate) fn assert_inert(text: &str) {
    let panel = in_panel(text);
    let mut options = Options::all();
    // These exist only at the start of a document, or in no editor's preview.
    options.remove(
        Options::ENABLE_YAML_STYLE_METADATA_BLOCKS
            | Options::ENABLE_PLUSES_DELIMITED_METADATA_BLOCKS
            | Options::ENABLE_WIKILINKS,
    );
    let mut sections = 0;
    for event in Parser::new_ext(&panel, options) {
        match event {
            Event::Start(Tag::Heading { level, .. }) => {
                if level as usize == 2 {
                    sections += 1;
                }
                assert!(level as usize != 1, "a title in {panel:?}");
            }
            Event::Start(Tag::Link { dest_url, .. }) => {
                panic!("a link to {dest_url} in {panel:?}")
            }
            Event::Start(Tag::Image { .. } | Tag::HtmlBlock)
            | Event::Html(_)
            | Event::InlineHtml(_)
            | Event::DisplayMath(_)
            | Event::InlineMath(_) => panic!("{event:?} in {panel:?}"),
            _ => {}
        }
    }
    let inside = panel.lines().filter(|l| l.starts_with("## ")).count();
    assert_eq!(sections, 2, "sections of {panel:?}");
    assert!(panel.trim_end().ends_with("## after") && inside >= 2);
}
