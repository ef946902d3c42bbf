//! What answers become, and what they can never do.

use super::*;
use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag};

fn clean(text: &str) -> String {
    let mut sanitizer = Sanitizer::default();
    let mut out = String::new();
    sanitizer.push(text, &mut out);
    sanitizer.finish(&mut out);
    out
}

/// The answer as it stands in a panel: with its open fence closed and a section behind it.
fn in_panel(text: &str) -> String {
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
        "D1 why? **bold** _it_ `code` 1 < 2 && a > b, 5 $ or R&D!\n",
        "1. one\n   more\n2. two\n",
        "| a | b |\n|---|---|\n| 1 | 2 |\n",
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
    check("> text\n> ---\n> ===\n", "> text\n> \\---\n>\\ ===\n");
}

#[test]
fn links_images_html_and_definitions_are_text() {
    check("![a](https://x/y.png)", "!\\[a]\\(https://x/y.png)");
    check("[a](command:b)", "[a]\\(command:b)");
    check("[a]: https://x", "[a]\\: https://x");
    check("<img src=x> </p> <!-- c --> <?p?>", "\\<img src=x> \\</p> \\<!-- c --> \\<?p?>");
    check("$$x$$ $5 `$x`", "\\$\\$x\\$$ \\$5 `$x`");
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
}

#[test]
fn line_ends_are_one_and_what_hides_is_shown() {
    check("a\r\nb\rc\r\r\n", "a\nb\nc\n\n");
    check("\n\r\n  \na", "a");
    check("a\u{202e}b\u{1b}[31m\u{200b}\u{feff}", "a⟨U+202E⟩b⟨U+001B⟩[31m⟨U+200B⟩⟨U+FEFF⟩");
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

fn nasty() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => proptest::sample::select(vec![
            "```", "~~~", "````", "`", "``", "\n", "\r\n", "\r", "\n\n", "  ", "    ", "\t", "# ", "## 広さ", "---", "===", "- ",
            "1. ", "> ", "* ", "![", "](", "]:", "[a]", "<img src=x>", "<!--", "<script>", "-->", "$$", "\\", "rust",
            "$", "|", "_", "*", "\u{202e}", "👨‍👩‍👧", "command:x)", "https://x", "<https://x>", ")", "a`b", "<pre>",
        ]).prop_map(str::to_owned),
        1 => "[a-z 。深]{0,8}",
    ];
    proptest::collection::vec(piece, 0..24).prop_map(|v| v.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn any_split_gives_the_same(text in nasty(), cuts in proptest::collection::vec(any::<prop::sample::Index>(), 0..12)) {
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
        let panel = in_panel(&text);
        let mut options = Options::all();
        options.remove(Options::ENABLE_YAML_STYLE_METADATA_BLOCKS | Options::ENABLE_PLUSES_DELIMITED_METADATA_BLOCKS);
        let mut sections = 0;
        for event in Parser::new_ext(&panel, options) {
            match event {
                Event::Start(Tag::Heading { level, .. }) => {
                    if level as usize == 2 { sections += 1; }
                    prop_assert!(level as usize != 1, "a title in {panel:?}");
                }
                Event::Start(Tag::Link { dest_url, .. }) => prop_assert!(false, "a link to {dest_url} in {panel:?}"),
                Event::Start(Tag::Image { .. } | Tag::HtmlBlock) | Event::Html(_) | Event::InlineHtml(_) | Event::DisplayMath(_) => {
                    prop_assert!(false, "{event:?} in {panel:?}");
                }
                _ => {}
            }
        }
        let inside = panel.lines().filter(|l| l.starts_with("## ")).count();
        prop_assert_eq!(sections, 2, "sections of {:?}", panel);
        prop_assert!(panel.trim_end().ends_with("## after") && inside >= 2);
    }
}
