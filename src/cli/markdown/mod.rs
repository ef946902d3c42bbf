//! Renders Markdown as rows for a terminal: lines are wrapped between words, and marks become
//! styles.
//!
//! The text comes from a panel and was sanitized for renderers (`panel/sanitize`), so it contains
//! no links, images or HTML. Without styles, the marks stay as they were typed.

mod row;
mod table;
mod wrap;

pub(crate) use row::{Row, Span, Style};

use crate::cli::rows::width;
use pulldown_cmark::{
    CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd, TextMergeStream,
};
use row::has_wide;
use table::Table;
use wrap::wrap;

/// Minimum number of columns that text is wrapped at, however deeply it is nested in lists.
const LEAST: usize = 8;

/// Renders Markdown as rows for a terminal with `columns` columns. If not `styled`, keeps the
/// Markdown marks.
pub(crate) fn rows(markdown: &str, columns: usize, styled: bool) -> Vec<Row> {
    let mut page = Page { columns, styled, ..Page::default() };
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    // The parser may return the text of a block in pieces.
    TextMergeStream::new(Parser::new_ext(markdown, options)).for_each(|event| page.take(event));
    page.flush();
    page.rows
}

/// Wraps text that is not Markdown into rows.
pub(crate) fn plain(text: &str, columns: usize) -> Vec<String> {
    let rows = wrap(&[Span::new(text, Style::default())], columns);
    rows.iter().map(|row| row.text()).collect()
}

/// What is drawn before the rows of a list item or a quotation.
#[derive(Debug)]
struct Prefix {
    /// Prefix of the first row; `None` once it is drawn, and for quotations.
    first: Option<Span>,
    /// Prefix of the other rows, as wide as `first`.
    rest: Span,
}

/// The rows so far, and the state of the current block.
#[derive(Debug, Default)]
struct Page {
    columns: usize,
    styled: bool,
    rows: Vec<Row>,
    /// The text of the current block so far.
    text: Vec<Span>,
    style: Style,
    prefixes: Vec<Prefix>,
    /// The number of the next item of each list; `None` for bullets.
    lists: Vec<Option<u64>>,
    /// Whether a blank row precedes the next block.
    gap: bool,
    in_code: bool,
    table: Option<Table>,
}

impl Page {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) if self.in_code => self.code_lines(&text),
            Event::Text(text) => self.push(&text, self.style),
            Event::Code(code) => {
                let mark = if self.styled { "" } else { "`" };
                let style = Style { code: true, ..self.style };
                self.push(&format!("{mark}{code}{mark}"), style);
            }
            // Soft line breaks are kept, too, because models break lines on purpose.
            Event::SoftBreak | Event::HardBreak => self.push("\n", self.style),
            Event::Rule => {
                self.open();
                self.row(vec![Span::new("-".repeat(8), Style::DIM)]);
                self.gap = true;
            }
            Event::Html(text)
            | Event::InlineHtml(text)
            | Event::InlineMath(text)
            | Event::DisplayMath(text)
            | Event::FootnoteReference(text) => self.push(&text, self.style),
            Event::TaskListMarker(_) => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Paragraph => self.open(),
            Tag::Heading { level, .. } => {
                self.open();
                self.style.bold = true;
                // Only the panel's own headings have this level (`panel/sanitize`).
                self.style.underline = level == HeadingLevel::H2;
                if !self.styled {
                    self.push(&format!("{} ", "#".repeat(level as usize)), self.style);
                }
            }
            Tag::BlockQuote(_) => {
                self.flush();
                self.open();
                let mark = Span::new("> ", Style::DIM);
                self.prefixes.push(Prefix { first: None, rest: mark });
            }
            Tag::CodeBlock(kind) => {
                self.flush();
                self.open();
                self.in_code = true;
                if let CodeBlockKind::Fenced(language) = kind {
                    self.row(vec![Span::new(format!("```{language}"), Style::DIM)]);
                }
            }
            Tag::List(first) => {
                self.flush();
                if self.lists.is_empty() {
                    self.open();
                }
                self.lists.push(first);
            }
            Tag::Item => {
                let mark = match self.lists.last_mut() {
                    Some(Some(number)) => {
                        *number += 1;
                        format!("{}. ", *number - 1)
                    }
                    _ => "- ".to_owned(),
                };
                let rest = Span::new(" ".repeat(mark.len()), Style::default());
                self.prefixes.push(Prefix { first: Some(Span::new(mark, Style::default())), rest });
            }
            Tag::Emphasis => self.mark("*", |style| style.italic = true),
            Tag::Strong => self.mark("**", |style| style.bold = true),
            Tag::Strikethrough => self.push("~~", self.style),
            Tag::Table(_) => {
                self.flush();
                self.open();
                self.table = Some(Table::default());
            }
            Tag::TableHead | Tag::TableRow => {
                self.table.iter_mut().for_each(Table::begin_row);
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph => {
                self.flush();
                self.gap = true;
            }
            TagEnd::Heading(_) => {
                self.flush();
                (self.style.bold, self.style.underline) = (false, false);
                self.gap = true;
            }
            TagEnd::BlockQuote(_) => {
                self.flush();
                self.prefixes.pop();
                self.gap = true;
            }
            TagEnd::CodeBlock => {
                self.in_code = false;
                self.row(vec![Span::new("```", Style::DIM)]);
                self.gap = true;
            }
            TagEnd::List(_) => {
                self.lists.pop();
                self.gap |= self.lists.is_empty();
            }
            TagEnd::Item => {
                self.flush();
                let unused = self.prefixes.last().is_some_and(|prefix| prefix.first.is_some());
                if unused {
                    self.row(Vec::new());
                }
                self.prefixes.pop();
            }
            TagEnd::Emphasis => self.unmark("*", |style| style.italic = false),
            TagEnd::Strong => self.unmark("**", |style| style.bold = false),
            TagEnd::Strikethrough => self.push("~~", self.style),
            TagEnd::TableCell => {
                let cell = std::mem::take(&mut self.text);
                self.table.iter_mut().for_each(|table| table.cell(cell.clone()));
            }
            TagEnd::Table => {
                if let Some(table) = self.table.take() {
                    for row in table.rows(self.room()) {
                        self.row(row.spans);
                    }
                }
                self.gap = true;
            }
            _ => {}
        }
    }

    fn mark(&mut self, mark: &str, set: impl Fn(&mut Style)) {
        if !self.styled {
            self.push(mark, self.style);
        }
        set(&mut self.style);
    }

    fn unmark(&mut self, mark: &str, set: impl Fn(&mut Style)) {
        set(&mut self.style);
        if !self.styled {
            self.push(mark, self.style);
        }
    }

    fn push(&mut self, text: &str, mut style: Style) {
        if style.italic && has_wide(text) {
            // Slanted kanji are hard to read.
            (style.italic, style.bold) = (false, true);
        }
        self.text.push(Span::new(text, style));
    }

    fn code_lines(&mut self, text: &str) {
        for line in text.lines() {
            self.row(vec![Span::new(line, Style { code: true, ..Style::default() })]);
        }
    }

    /// Returns the number of columns left beside the prefixes, at least [`LEAST`].
    fn room(&self) -> usize {
        let used: usize = self.drawn().map(|prefix| width(&prefix.rest.text)).sum();
        self.columns.saturating_sub(used).max(LEAST)
    }

    /// Returns the prefixes that are drawn. Deeply nested ones are left out if the prefixes would
    /// take more than half of the columns.
    fn drawn(&self) -> impl Iterator<Item = &Prefix> {
        let mut used = 0;
        self.prefixes.iter().take_while(move |prefix| {
            used += width(&prefix.rest.text);
            used <= self.columns / 2
        })
    }

    /// Begins a block, after a blank row if one is due.
    fn open(&mut self) {
        if std::mem::take(&mut self.gap) && !self.rows.is_empty() {
            let marks = self.drawn().filter(|prefix| prefix.first.is_none());
            let spans: Vec<Span> = marks.map(|prefix| prefix.rest.clone()).collect();
            let is_blank = spans.iter().all(|span| span.text.trim().is_empty());
            self.rows.push(Row { spans: if is_blank { Vec::new() } else { spans } });
        }
    }

    /// Ends a block of text, and adds its rows.
    fn flush(&mut self) {
        let text = std::mem::take(&mut self.text);
        if text.is_empty() {
            return;
        }
        self.open();
        for row in wrap(&text, self.room()) {
            self.row(row.spans);
        }
    }

    fn row(&mut self, spans: Vec<Span>) {
        let count = self.drawn().count();
        let prefixes = self.prefixes.iter_mut().take(count);
        let before = prefixes.map(|prefix| prefix.first.take().unwrap_or(prefix.rest.clone()));
        self.rows.push(Row { spans: before.chain(spans).collect() });
    }
}

#[cfg(test)]
mod tests;
