//! Lays out text on standard output: rendered for a terminal, or as the Markdown source.

use crate::cli::markdown::{self, Row};
use crate::config::Env;
use crate::panel::{Panel, SectionParts};
use console::Term;
use serde::Deserialize;
use std::io::{self, IsTerminal};

/// Number of columns if there is no terminal to ask.
const COLUMNS: usize = 80;

/// When terminal styles, such as bold and dim, are used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Color {
    /// On a terminal that can show styles, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always, wherever the output goes.
    Always,
    /// Never.
    Never,
}

/// How text is laid out for a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Look {
    /// Whether Markdown marks become styles.
    pub(crate) styled: bool,
    /// Whether the terminal can redraw rows.
    pub(crate) live: bool,
    /// Whether there is a terminal, whose size may change.
    is_terminal: bool,
}

/// Lets the console of Windows understand escape sequences. Returns `false` if there is none that
/// can. Elsewhere, terminals need no preparation.
pub(crate) fn prepare_console() -> bool {
    // Both are asked, since each may be another console or a file. Asking switches the console over.
    let ready = || [Term::stdout(), Term::stderr()].map(|term| term.features().colors_supported());
    !cfg!(windows) || ready().contains(&true)
}

impl Look {
    /// Returns how to lay out text on standard output, or `None` to print the Markdown source.
    pub(crate) fn of_stdout(env: &Env, color: Color) -> Option<Self> {
        let is_terminal = io::stdout().is_terminal();
        Look::of(is_terminal, env.dumb_terminal, env.no_color, color)
    }

    fn of(is_terminal: bool, is_dumb: bool, no_color: bool, color: Color) -> Option<Self> {
        let styled = match color {
            Color::Auto => is_terminal && !is_dumb && !no_color,
            Color::Always => true,
            Color::Never => false,
        };
        let live = is_terminal && !is_dumb;
        (is_terminal || styled).then_some(Look { styled, live, is_terminal })
    }

    /// Returns the terminal's current number of rows and columns, or default values if there is no
    /// terminal.
    pub(crate) fn size(self) -> (usize, usize) {
        match Term::stdout().size_checked().filter(|_| self.is_terminal) {
            Some((rows, columns)) if columns > 0 => (rows.into(), columns.into()),
            _ => (24, COLUMNS),
        }
    }

    /// Renders Markdown as rows for the terminal's current width.
    pub(crate) fn rows(self, markdown: &str) -> Vec<Row> {
        markdown::rows(markdown, self.size().1, self.styled)
    }

    /// Formats rows as lines of output for the terminal.
    pub(crate) fn lines(self, rows: &[Row]) -> String {
        rows.iter().map(|row| row.paint(self.styled) + "\n").collect()
    }

    /// Returns the rows of a panel's section, with a blank row above it. Facts, such as the time
    /// and the model, are dim; messages about the section's state are not.
    pub(crate) fn section(self, section: &SectionParts<'_>) -> Vec<Row> {
        let mut rows = vec![Row::default()];
        rows.extend(self.rows(section.heading));
        if !section.answer.is_empty() {
            rows.push(Row::default());
            rows.extend(self.rows(&section.answer));
        }
        for words in section.words.split("\n\n").filter(|words| !words.is_empty()) {
            let is_told = words.starts_with(['✗', '⚠', '■', '↻', '✎']);
            rows.push(Row::default());
            rows.extend(self.words(words, !is_told));
        }
        rows
    }

    /// Returns the rows of a panel's closing line, with a blank row above it. Returns no rows if
    /// the line is empty.
    pub(crate) fn closing(self, closing: &str) -> Vec<Row> {
        match closing.trim() {
            "" => Vec::new(),
            words => [Row::default()].into_iter().chain(self.words(words, true)).collect(),
        }
    }

    fn words(self, words: &str, is_dim: bool) -> Vec<Row> {
        let rows = self.rows(words).into_iter();
        rows.map(|row| if is_dim { row.dimmed() } else { row }).collect()
    }

    /// Returns the whole panel as lines for the terminal.
    pub(crate) fn panel(self, panel: &Panel) -> String {
        let mut rows = self.rows(panel.head());
        panel.section_parts().for_each(|section| rows.extend(self.section(&section)));
        rows.extend(self.closing(panel.closing()));
        self.lines(&rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn styles_are_used_where_they_are_shown_or_asked_for() {
        let of = |terminal, dumb, no_color, color| {
            Look::of(terminal, dumb, no_color, color).map(|look| (look.styled, look.live))
        };
        assert_eq!(of(true, false, false, Color::Auto), Some((true, true)));
        assert_eq!(of(true, false, true, Color::Auto), Some((false, true)));
        assert_eq!(of(true, true, false, Color::Auto), Some((false, false)));
        assert_eq!(of(true, true, true, Color::Always), Some((true, false)));
        assert_eq!(of(true, false, false, Color::Never), Some((false, true)));
        assert_eq!(of(false, false, false, Color::Auto), None);
        assert_eq!(of(false, false, true, Color::Always), Some((true, false)));
        assert_eq!(of(false, false, false, Color::Never), None);
    }
}
