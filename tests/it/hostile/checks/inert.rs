//! Whether a panel's Markdown is inert, judged with pulldown-cmark.

use kaizodo::panel::show_hidden_lines;
use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

/// Panics if something in the panel is live or hidden, or poses as one of the panel's own headings
/// and last lines. Every section must end with `last`.
pub(crate) fn judge(panel: &str, sections: &[&str], last: &str) {
    assert_eq!(show_hidden_lines(panel), panel);
    let mut headings = Vec::new();
    let mut ends = Vec::new();
    let (mut level, mut text, mut depth) = (None, String::new(), 0usize);
    for event in Parser::new_ext(panel, options()) {
        match event {
            Event::Start(Tag::Heading { level: l, .. }) => {
                if l == HeadingLevel::H2 && !headings.is_empty() {
                    ends.push(std::mem::take(&mut text));
                }
                (level, text) = (Some(l), String::new());
            }
            Event::End(TagEnd::Heading(_))
                if level.take().is_some_and(|l| l <= HeadingLevel::H2) =>
            {
                headings.push(std::mem::take(&mut text));
            }
            Event::Start(Tag::Paragraph) if depth == 0 => text.clear(),
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                assert!(!info.to_ascii_lowercase().contains("mermaid"), "{info} in {panel:?}");
                depth += 1;
            }
            Event::Start(Tag::CodeBlock(_) | Tag::BlockQuote(_) | Tag::List(_)) => depth += 1,
            Event::End(TagEnd::CodeBlock | TagEnd::BlockQuote(_) | TagEnd::List(_)) => {
                depth -= 1;
                text.clear();
            }
            event if is_live(&event) => panic!("{event:?} in {panel:?}"),
            Event::Text(t) | Event::Code(t) => {
                // Text must occur literally in the panel, and not come from an entity.
                assert!(panel.contains(&*t) || show_hidden_lines(&t) == *t, "{t:?} in {panel:?}");
                text.push_str(&t);
            }
            _ => {}
        }
    }
    ends.push(text);
    assert_eq!(headings[1..], *sections, "sections of {panel:?}");
    // The part after the first heading is the head, not a section.
    for end in &ends[1..] {
        assert!(end.starts_with(last), "{end:?} ends a section of {panel:?}");
    }
}

fn is_live(event: &Event<'_>) -> bool {
    matches!(
        event,
        Event::Start(Tag::Link { .. } | Tag::Image { .. } | Tag::HtmlBlock)
            | Event::Start(Tag::FootnoteDefinition(_))
            | Event::Html(_)
            | Event::InlineHtml(_)
            | Event::DisplayMath(_)
            | Event::InlineMath(_)
    )
}

/// Returns the texts of the second-level headings. Panics if something is live. The panel may be
/// incomplete.
pub(crate) fn only_shows(panel: &str) -> Vec<String> {
    let mut titles: Vec<String> = Vec::new();
    let mut inside = false;
    for event in Parser::new_ext(panel, options()) {
        match event {
            event if is_live(&event) => panic!("{event:?} in {panel:?}"),
            Event::Start(Tag::Heading { level: HeadingLevel::H2, .. }) => {
                titles.push(String::new());
                inside = true;
            }
            Event::End(TagEnd::Heading(_)) => inside = false,
            Event::Text(text) if inside => titles.iter_mut().next_back().unwrap().push_str(&text),
            _ => {}
        }
    }
    titles
}

/// Returns the blocks, links, images and HTML of a text, without its words.
pub(crate) fn structure(panel: &str) -> Vec<String> {
    let is_structure = |event: &Event<'_>| {
        !matches!(
            event,
            Event::Text(_)
                | Event::Code(_)
                | Event::SoftBreak
                | Event::HardBreak
                | Event::Start(Tag::Emphasis | Tag::Strong | Tag::Strikethrough)
                | Event::Start(Tag::Superscript | Tag::Subscript)
                | Event::End(TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough)
                | Event::End(TagEnd::Superscript | TagEnd::Subscript)
        )
    };
    Parser::new_ext(panel, options()).filter(is_structure).map(|e| format!("{e:?}")).collect()
}

/// Returns every extension that an editor's preview might support inside a document.
fn options() -> Options {
    Options::all()
        - Options::ENABLE_YAML_STYLE_METADATA_BLOCKS
        - Options::ENABLE_PLUSES_DELIMITED_METADATA_BLOCKS
        - Options::ENABLE_WIKILINKS
}
