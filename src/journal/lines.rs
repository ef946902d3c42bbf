//! Events as lines and back. What is written is strict; what is read may be anything.

use crate::event::{Seq, Stamped};
use crate::lang::{Lang, Message};
use serde::Deserialize;
use std::io::{BufRead, Read};

/// The most bytes that are read of one journal; no more are written.
pub(crate) const JOURNAL_BYTES: u64 = 256 << 20;
/// The most bytes of one line: an answer's bound, with every character escaped.
const LINE_BYTES: u64 = 64 << 20;
/// The most problems that are told of one journal.
const PROBLEMS: usize = 100;

/// Something of a journal that was left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The line, from 1.
    pub line: u64,
    /// What is wrong with it.
    pub kind: ProblemKind,
}

/// Why a line was left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProblemKind {
    /// It is the last one, and was cut off while it was written.
    Torn,
    /// It is an event that this version does not know.
    Unknown(String),
    /// It is no event.
    Unreadable,
    /// Its place in the run was taken by an earlier line.
    Repeated,
    /// It is longer than any event can be.
    TooLong,
    /// It and what follows are beyond the bound of one journal.
    TooLarge,
    /// It and what follows could not be read from the disk.
    Broken(String),
}

impl Message for Problem {
    fn message(&self, lang: Lang) -> String {
        let line = self.line;
        let what = match &self.kind {
            ProblemKind::Torn => {
                lang.pick("書き込みの途中で切れています", "was cut off while it was written")
            }
            ProblemKind::Unknown(_) => lang
                .pick("この版の知らない出来事です", "is an event that this version does not know"),
            ProblemKind::Unreadable => lang.pick("出来事として読めません", "is not an event"),
            ProblemKind::Repeated => {
                lang.pick("番号が前の行と重なっています", "repeats an earlier place in the run")
            }
            ProblemKind::TooLong => lang.pick("長すぎます", "is too long"),
            ProblemKind::TooLarge => lang.pick(
                "から先は記録の大きさの上限を超えています",
                "and what follows exceed the size limit of one journal",
            ),
            ProblemKind::Broken(why) => {
                return lang.pick(
                    format!("{line} 行目から先をディスクから読めません({why})。"),
                    format!("Line {line} and what follows cannot be read from the disk ({why})."),
                );
            }
        };
        lang.pick(format!("{line} 行目: {what}。"), format!("Line {line} {what}."))
    }
}

/// One event as its line.
pub(crate) fn write(event: &Stamped, out: &mut Vec<u8>) {
    let start = out.len();
    match serde_json::to_writer(&mut *out, event) {
        Ok(()) => out.push(b'\n'),
        // Strings and numbers: nothing of it can fail. Half a line would be worse than none.
        Err(_) => out.truncate(start),
    }
}

/// Reads a journal. Whatever it holds, what can be read of it is; the rest is told, up to a
/// hundred problems. Places only grow, though not without gaps.
pub fn read(from: impl BufRead) -> (Vec<Stamped>, Vec<Problem>) {
    let Lines { events, problems, .. } = read_lines(from);
    (events, problems)
}

/// What a journal holds, and how far its whole lines go.
pub(crate) struct Lines {
    pub(crate) events: Vec<Stamped>,
    pub(crate) problems: Vec<Problem>,
    /// Bytes of whole lines, where nothing but the last line is a problem.
    pub(crate) whole: u64,
    /// The place of the last event of a whole line; 0 where there is none.
    pub(crate) last: Seq,
}

/// As [`read`].
pub(crate) fn read_lines(from: impl BufRead) -> Lines {
    read_within(from, JOURNAL_BYTES, LINE_BYTES)
}

fn read_within(from: impl BufRead, most: u64, most_of_a_line: u64) -> Lines {
    let mut reader = Reader {
        from: from.take(most),
        line_bytes: most_of_a_line,
        line: 0,
        buffer: Vec::new(),
        whole: 0,
    };
    let (mut events, mut problems) = (Vec::new(), Vec::new());
    let (mut last, mut last_whole) = (0, 0);
    while let Some(next) = reader.next() {
        let kind = match next {
            Ok(event) if event.seq > last => {
                last = event.seq;
                if reader.buffer.last() == Some(&b'\n') {
                    last_whole = last;
                }
                events.push(event);
                continue;
            }
            Ok(_) => ProblemKind::Repeated,
            Err(kind) => kind,
        };
        let ends = matches!(kind, ProblemKind::Broken(_) | ProblemKind::TooLarge);
        if problems.len() < PROBLEMS {
            problems.push(Problem { line: reader.line, kind });
        }
        if ends {
            break;
        }
    }
    Lines { events, problems, whole: reader.whole, last: last_whole }
}

struct Reader<R> {
    from: std::io::Take<R>,
    line_bytes: u64,
    line: u64,
    buffer: Vec<u8>,
    /// Bytes of whole lines.
    whole: u64,
}

impl<R: BufRead> Reader<R> {
    fn next(&mut self) -> Option<Result<Stamped, ProblemKind>> {
        loop {
            self.line += 1;
            self.buffer.clear();
            let line = &mut self.buffer;
            if let Err(error) = self.from.by_ref().take(self.line_bytes).read_until(b'\n', line) {
                return Some(Err(ProblemKind::Broken(error.to_string())));
            }
            let whole = line.last() == Some(&b'\n');
            if line.is_empty() {
                return None;
            }
            if whole {
                self.whole += line.len() as u64;
            }
            if !whole && line.len() as u64 == self.line_bytes {
                return Some(Err(match self.from.skip_until(b'\n') {
                    Ok(_) => ProblemKind::TooLong,
                    Err(error) => ProblemKind::Broken(error.to_string()),
                }));
            }
            // The end of what may be read is not the end of what there is.
            let cut = !whole && self.from.limit() == 0;
            match line.trim_ascii() {
                [] => {}
                _ if cut => return Some(Err(ProblemKind::TooLarge)),
                line => return Some(event(line, whole)),
            }
        }
    }
}

fn event(line: &[u8], whole: bool) -> Result<Stamped, ProblemKind> {
    /// An event of any version.
    #[derive(Deserialize)]
    struct Shape {
        #[serde(rename = "seq")]
        _seq: u64,
        event: String,
    }
    serde_json::from_slice(line).map_err(|_| match serde_json::from_slice::<Shape>(line) {
        Ok(Shape { event, .. }) => ProblemKind::Unknown(event),
        Err(_) if !whole => ProblemKind::Torn,
        Err(_) => ProblemKind::Unreadable,
    })
}

#[cfg(test)]
pub(crate) mod tests;
