//! Fenced code blocks: the one construct in an answer that could swallow the sections after it.

use super::End;

/// Maximum length of a fence in the output, in characters. Longer fences are shortened.
const RUN_MAX: usize = 64;

/// Maximum indentation in columns that is removed from a line inside a fence. It is less than the
/// number of bytes that may be held, so that a line indented by more than that keeps enough
/// indentation not to close the fence.
const INDENT_MAX: usize = 128;

/// An open fence, as written to the panel in column 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fence {
    mark: char,
    run: usize,
    /// Indentation of the original fence in columns, which is removed from each line inside.
    indent: usize,
}

/// The kind of a line inside a fence.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum FenceLine {
    /// May still become the closing line.
    Undecided,
    /// The closing line.
    Close,
    /// Code, from which `skip` bytes of indentation are to be removed.
    Content { skip: usize },
}

impl Fence {
    pub(crate) fn new(mark: char, run: usize, indent: usize) -> Self {
        Fence { mark, run: run.min(RUN_MAX), indent: indent.min(INDENT_MAX) }
    }

    pub(crate) fn indented_by(self, columns: usize) -> Self {
        Fence { indent: (self.indent + columns).min(INDENT_MAX), ..self }
    }

    /// Appends the characters that open or close this fence.
    pub(crate) fn write(&self, out: &mut String) {
        (0..self.run).for_each(|_| out.push(self.mark));
    }

    pub(crate) fn read(&self, line: &str, end: End) -> FenceLine {
        let (indent, rest) = indentation(line);
        let after = rest.trim_start_matches(self.mark);
        let run = rest.len() - after.len();
        let closes = after.chars().all(|c| c == ' ' || c == '\t')
            && indent <= self.indent + 3
            && (run >= self.run || (end == End::Open && after.is_empty()));
        match end {
            End::Open if closes => FenceLine::Undecided,
            // This includes forced decisions: a renderer accepts a closing line of any length.
            End::Line | End::Answer | End::Forced if closes => FenceLine::Close,
            _ => FenceLine::Content { skip: self.own_indentation(line) },
        }
    }

    fn own_indentation(&self, line: &str) -> usize {
        let blanks = line.bytes().take(self.indent).take_while(|b| *b == b' ');
        blanks.count()
    }
}

/// Returns the indentation of a line in columns, and the rest of the line.
pub(crate) fn indentation(line: &str) -> (usize, &str) {
    let rest = line.trim_start_matches([' ', '\t']);
    let blanks = line.bytes().take(line.len() - rest.len());
    (blanks.fold(0, |column, b| if b == b'\t' { column / 4 * 4 + 4 } else { column + 1 }), rest)
}

/// Makes an info string harmless: returns its first word, or `text` for a language that some
/// previewer draws or runs.
pub(crate) fn plain_info(info: &str) -> String {
    let word: String = info
        .trim()
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || "+-_#.".contains(*c))
        .take(32)
        .collect();
    let lower = word.to_ascii_lowercase();
    // VS Code draws any language whose name contains `mermaid`.
    let drawn = lower.contains("mermaid")
        || lower.split(|c: char| !c.is_ascii_alphanumeric()).any(|part| DRAWN.contains(&part));
    if drawn { "text".into() } else { word }
}

/// Languages that some previewer draws or runs.
const DRAWN: [&str; 30] = [
    "abc",
    "chart",
    "d2",
    "dataview",
    "dataviewjs",
    "ditaa",
    "dot",
    "echarts",
    "flow",
    "geojson",
    "graphviz",
    "katex",
    "kroki",
    "latex",
    "markmap",
    "math",
    "nomnoml",
    "plantuml",
    "puml",
    "sequence",
    "stl",
    "svg",
    "tex",
    "tikz",
    "topojson",
    "uml",
    "vega",
    "viz",
    "wavedrom",
    "wireviz",
];
