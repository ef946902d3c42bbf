//! Fenced code: the one thing in an answer that could swallow what follows it.

use super::End;

/// The longest run that is written for a fence. A longer one is cut to it: nothing needs more.
const RUN_MAX: usize = 64;

/// The most columns that are taken off the lines inside a fence. Fewer than are ever held, so that
/// a line whose blanks are no longer held keeps enough of them not to end the fence.
const INDENT_MAX: usize = 128;

/// An open fence, as it was written into the panel: in column 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fence {
    mark: char,
    run: usize,
    /// The columns that stood before the answer's own fence: as many go from each line inside.
    indent: usize,
}

/// What a line inside a fence is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum FenceLine {
    /// It may still turn out to be the closing one.
    Undecided,
    /// The closing line.
    Close,
    /// Code, behind `skip` bytes of the fence's own indentation.
    Content { skip: usize },
}

impl Fence {
    pub(crate) fn new(mark: char, run: usize, indent: usize) -> Self {
        Fence { mark, run: run.min(RUN_MAX), indent: indent.min(INDENT_MAX) }
    }

    pub(crate) fn indented_by(self, columns: usize) -> Self {
        Fence { indent: (self.indent + columns).min(INDENT_MAX), ..self }
    }

    /// Appends the run that opens or closes this fence.
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
            // However long it is: a renderer would take it for the closing one.
            End::Line | End::Answer | End::Forced if closes => FenceLine::Close,
            _ => FenceLine::Content { skip: self.own_indentation(line) },
        }
    }

    fn own_indentation(&self, line: &str) -> usize {
        let blanks = line.bytes().take(self.indent).take_while(|b| *b == b' ');
        blanks.count()
    }
}

/// The columns before the first character that is not blank, and the text from there.
pub(crate) fn indentation(line: &str) -> (usize, &str) {
    let rest = line.trim_start_matches([' ', '\t']);
    let blanks = line.bytes().take(line.len() - rest.len());
    (blanks.fold(0, |column, b| if b == b'\t' { column / 4 * 4 + 4 } else { column + 1 }), rest)
}

/// A fence's info string with nothing in it that a renderer acts on: its first word, and `text`
/// in place of a language that is drawn or run instead of shown.
pub(crate) fn plain_info(info: &str) -> String {
    let word: String = info
        .trim()
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || "+-_#.".contains(*c))
        .take(32)
        .collect();
    let lower = word.to_ascii_lowercase();
    // VS Code draws whatever has the word `mermaid` in it.
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
