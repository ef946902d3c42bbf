//! Writes events and a run's request as lines, and reads them back. What is written is strict; what
//! is read may be anything.

use crate::event::{Seq, Stamped};
use crate::lang::{Lang, Message};
use crate::request::Request;
use serde::{Deserialize, Serialize};
use std::io::{BufRead, Read};

/// Maximum size of one journal in bytes, for reading and writing.
pub(crate) const JOURNAL_BYTES: u64 = 256 << 20;
/// Maximum length of a line in bytes: room for the largest answer with every character escaped.
const LINE_BYTES: u64 = 64 << 20;
/// Maximum number of problems that are reported for one journal.
const PROBLEMS: usize = 100;

/// The beginning of the line that holds a run's request.
const REQUEST_PREFIX: &[u8] = b"{\"asked\":";

/// The line that holds a run's request. It is not an event, so it is not sent to clients.
#[derive(Serialize, Deserialize)]
struct RequestLine<T> {
    asked: T,
}

/// A line of a journal that was skipped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineNotice {
    /// Line number (1-based).
    pub line: u64,
    /// What is wrong with the line.
    pub kind: LineNoticeKind,
}

/// Why a line was skipped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LineNoticeKind {
    /// The line is the last one, and was cut off while it was written.
    Torn,
    /// The line holds an event that this version does not know. Contains the event's name.
    Unknown(String),
    /// The line holds the run's request, but cannot be read.
    Request,
    /// The line is not an event.
    Unreadable,
    /// The line's sequence number is not greater than that of an earlier line.
    Repeated,
    /// The line is longer than any event may be.
    TooLong,
    /// The line and all that follow exceed the size limit of one journal.
    TooLarge,
    /// The line and all that follow could not be read from the disk. Contains the I/O error's
    /// message.
    Broken(String),
}

impl LineNotice {
    /// Returns `true` if the skipped line means that an event was lost. A line that was cut off
    /// while it was written, or that holds the request, does not count.
    pub fn is_lost_event(&self) -> bool {
        !matches!(self.kind, LineNoticeKind::Torn | LineNoticeKind::Request)
    }
}

impl Message for LineNotice {
    fn message(&self, lang: Lang) -> String {
        let line = self.line;
        let what = match &self.kind {
            LineNoticeKind::Torn => {
                lang.pick("書き込みの途中で切れています", "was cut off while being written")
            }
            LineNoticeKind::Unknown(_) => lang
                .pick("この版の知らない出来事です", "is an event that this version does not know"),
            LineNoticeKind::Request => lang.pick(
                "送った文章を残した行ですが、読めません",
                "contains the text that was sent, but cannot be read",
            ),
            LineNoticeKind::Unreadable => lang.pick("出来事として読めません", "is not an event"),
            LineNoticeKind::Repeated => {
                lang.pick("番号が前の行と重なっています", "repeats an earlier place in the run")
            }
            LineNoticeKind::TooLong => lang.pick("長すぎます", "is too long"),
            LineNoticeKind::TooLarge => lang.pick(
                "から先は記録の大きさの上限を超えています",
                "and what follows exceed the size limit for one run",
            ),
            LineNoticeKind::Broken(why) => {
                return lang.pick(
                    format!("{line} 行目から先をディスクから読めません（{why}）。"),
                    format!("Line {line} and what follows cannot be read from the disk ({why})."),
                );
            }
        };
        lang.pick(format!("{line} 行目: {what}。"), format!("Line {line} {what}."))
    }
}

/// Appends the journal line of an event to `out`.
pub(crate) fn write(event: &Stamped, out: &mut Vec<u8>) {
    write_line(event, out);
}

/// Appends the journal line with a run's request to `out`.
pub(crate) fn write_asked(asked: &Request, out: &mut Vec<u8>) {
    write_line(&RequestLine { asked }, out);
}

fn write_line(value: &impl Serialize, out: &mut Vec<u8>) {
    let start = out.len();
    match serde_json::to_writer(&mut *out, value) {
        Ok(()) => out.push(b'\n'),
        // Strings and numbers always serialize. If they did not, half a line would be worse than
        // none.
        Err(_) => out.truncate(start),
    }
}

/// Reads a journal, even if it is damaged. Returns all readable events, and notices about the first
/// hundred other lines. The events' sequence numbers strictly increase, but may have gaps.
pub fn read(from: impl BufRead) -> (Vec<Stamped>, Vec<LineNotice>) {
    let Lines { events, problems, .. } = read_lines(from);
    (events, problems)
}

/// The content of a journal file, and where its complete lines end.
pub(crate) struct Lines {
    pub(crate) events: Vec<Stamped>,
    /// The run's request, if the journal holds it.
    pub(crate) asked: Option<Request>,
    pub(crate) problems: Vec<LineNotice>,
    /// Length of the complete lines in bytes. Only meaningful if no line but the last is a problem.
    pub(crate) whole: u64,
    /// Sequence number of the last event on a complete line; 0 if there is none.
    pub(crate) last: Seq,
}

/// Like [`read`], but also returns the run's request and where the complete lines end.
pub(crate) fn read_lines(from: impl BufRead) -> Lines {
    read_within(from, JOURNAL_BYTES, LINE_BYTES)
}

fn read_within(from: impl BufRead, max: u64, max_line: u64) -> Lines {
    let mut reader = Reader {
        from: from.take(max),
        line_bytes: max_line,
        line: 0,
        buffer: Vec::new(),
        whole: 0,
    };
    let (mut events, mut asked, mut problems) = (Vec::new(), None, Vec::new());
    let (mut last, mut last_whole) = (0, 0);
    while let Some(next) = reader.next() {
        let kind = match next {
            Ok(Line::Request(request)) => {
                asked.get_or_insert(*request);
                continue;
            }
            Ok(Line::Event(event)) if event.seq > last => {
                last = event.seq;
                if reader.buffer.last() == Some(&b'\n') {
                    last_whole = last;
                }
                events.push(*event);
                continue;
            }
            Ok(Line::Event(_)) => LineNoticeKind::Repeated,
            Err(kind) => kind,
        };
        let ends = matches!(kind, LineNoticeKind::Broken(_) | LineNoticeKind::TooLarge);
        if problems.len() < PROBLEMS {
            problems.push(LineNotice { line: reader.line, kind });
        }
        if ends {
            break;
        }
    }
    Lines { events, asked, problems, whole: reader.whole, last: last_whole }
}

enum Line {
    Event(Box<Stamped>),
    Request(Box<Request>),
}

struct Reader<R> {
    from: std::io::Take<R>,
    line_bytes: u64,
    line: u64,
    buffer: Vec<u8>,
    /// Length of the complete lines so far, in bytes.
    whole: u64,
}

impl<R: BufRead> Reader<R> {
    fn next(&mut self) -> Option<Result<Line, LineNoticeKind>> {
        loop {
            self.line += 1;
            self.buffer.clear();
            let line = &mut self.buffer;
            if let Err(error) = self.from.by_ref().take(self.line_bytes).read_until(b'\n', line) {
                return Some(Err(LineNoticeKind::Broken(error.to_string())));
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
                    Ok(_) => LineNoticeKind::TooLong,
                    Err(error) => LineNoticeKind::Broken(error.to_string()),
                }));
            }
            // Reaching the size limit is not the same as reaching the end of the file.
            let cut = !whole && self.from.limit() == 0;
            match line.trim_ascii() {
                [] => {}
                _ if cut => return Some(Err(LineNoticeKind::TooLarge)),
                line if line.starts_with(REQUEST_PREFIX) => return Some(asked(line, whole)),
                line => return Some(event(line, whole).map(|event| Line::Event(Box::new(event)))),
            }
        }
    }
}

fn asked(line: &[u8], whole: bool) -> Result<Line, LineNoticeKind> {
    let read = serde_json::from_slice(line);
    let kind = if whole { LineNoticeKind::Request } else { LineNoticeKind::Torn };
    read.map(|RequestLine { asked }| Line::Request(asked)).map_err(|_| kind)
}

fn event(line: &[u8], whole: bool) -> Result<Stamped, LineNoticeKind> {
    /// The members that an event has in every version.
    #[derive(Deserialize)]
    struct Shape {
        #[serde(rename = "seq")]
        _seq: u64,
        event: String,
    }
    serde_json::from_slice(line).map_err(|_| match serde_json::from_slice::<Shape>(line) {
        Ok(Shape { event, .. }) => LineNoticeKind::Unknown(event),
        Err(_) if !whole => LineNoticeKind::Torn,
        Err(_) => LineNoticeKind::Unreadable,
    })
}

#[cfg(test)]
pub(crate) mod tests;
