//! A row of a terminal: pieces of text, each in one style.

use crate::cli::rows;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthChar;

/// The terminal style of a piece of text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Style {
    pub(crate) bold: bool,
    pub(crate) dim: bool,
    pub(crate) italic: bool,
    pub(crate) underline: bool,
    pub(crate) code: bool,
}

impl Style {
    /// Style for text that should not draw attention, such as rules and the fences of code blocks.
    pub(crate) const DIM: Style =
        Style { bold: false, dim: true, italic: false, underline: false, code: false };

    /// Returns the parameters of SGR (ECMA-48, 8.3.117); empty for plain text.
    fn sgr(self) -> String {
        let all = [
            (self.bold, "1"),
            (self.dim, "2"),
            (self.italic, "3"),
            (self.underline, "4"),
            (self.code, "36"),
        ];
        let set = all.into_iter().filter(|(is_set, _)| *is_set).map(|(_, number)| number);
        set.collect::<Vec<_>>().join(";")
    }
}

/// A piece of text in one style.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) text: String,
    pub(crate) style: Style,
}

impl Span {
    /// Creates a piece of text. Control characters are replaced, because a terminal would act on
    /// them. Only line breaks (for wrapping) and tabs (for code) are kept.
    pub(crate) fn new(text: impl AsRef<str>, style: Style) -> Self {
        let inert = |c: char| match c {
            '\n' | '\t' => c,
            c if c.is_control() => char::REPLACEMENT_CHARACTER,
            c => c,
        };
        Span { text: text.as_ref().chars().map(inert).collect(), style }
    }
}

/// One row of a terminal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) spans: Vec<Span>,
}

impl Row {
    /// Returns the text without its styles.
    pub(crate) fn text(&self) -> String {
        self.spans.iter().map(|span| span.text.as_str()).collect()
    }

    /// Returns the row as output for a terminal, without a line ending. Uses escape sequences only
    /// if `styled`.
    pub(crate) fn paint(&self, styled: bool) -> String {
        let mut out = String::new();
        let last = self.spans.len().saturating_sub(1);
        for (at, span) in self.spans.iter().enumerate() {
            // A trailing space that the terminal wraps would add a row.
            let text = if at == last { span.text.trim_end() } else { &span.text };
            match span.style.sgr() {
                sgr if styled && !sgr.is_empty() && !text.is_empty() => {
                    out += &format!("\x1b[{sgr}m{text}\x1b[0m");
                }
                _ => out += text,
            }
        }
        out
    }

    /// Returns the row with all of its text dim.
    pub(crate) fn dimmed(mut self) -> Self {
        self.spans.iter_mut().for_each(|span| span.style.dim = true);
        self
    }

    /// Truncates the row to at most `columns` columns. If any text is cut off, `…` takes its place.
    pub(crate) fn cut(mut self, columns: usize) -> Self {
        self.spans.iter_mut().for_each(|span| span.text = span.text.replace('\t', "    "));
        if rows::width(&self.text()) <= columns {
            return self;
        }
        let mut room = columns.saturating_sub(2);
        let mut spans = Vec::new();
        'cut: for span in self.spans {
            let mut kept = String::new();
            for piece in span.text.graphemes(true) {
                let wide = rows::width(piece);
                if wide > room {
                    spans.push(Span { text: kept + "…", ..span });
                    break 'cut;
                }
                room -= wide;
                kept.push_str(piece);
            }
            spans.push(Span { text: kept, ..span });
        }
        Row { spans }
    }
}

/// Returns `true` if the text contains characters that take two columns, such as those of East
/// Asian scripts.
pub(crate) fn has_wide(text: &str) -> bool {
    text.chars().any(|c| c.width() == Some(2))
}
