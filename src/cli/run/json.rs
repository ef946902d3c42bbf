//! The run's events, one a line.

use crate::cli::output;
use crate::event::Stamped;
use crate::session::Run;
use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter};
use std::io::{self, Write};

/// Prints the events until the run is over.
pub(super) async fn show(run: &Run) -> io::Result<()> {
    let mut beats = run.watch();
    let mut next = 1;
    loop {
        let over = beats.borrow_and_update().over;
        for event in run.events_from(next) {
            output::write(&line(&event)?)?;
            next = event.seq + 1;
        }
        if over || beats.changed().await.is_err() {
            return Ok(());
        }
    }
}

fn line(event: &Stamped) -> io::Result<Vec<u8>> {
    let mut out = Vec::new();
    event.serialize(&mut serde_json::Serializer::with_formatter(&mut out, Inert))?;
    out.push(b'\n');
    Ok(out)
}

/// JSON that no terminal takes for a command: JSON itself lets DEL and the controls from U+0080
/// on stand as they are.
struct Inert;

impl Formatter for Inert {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        text: &str,
    ) -> io::Result<()> {
        let mut rest = text;
        while let Some(at) = rest.find(char::is_control) {
            let (before, from) = rest.split_at(at);
            CompactFormatter.write_string_fragment(out, before)?;
            let mut chars = from.chars();
            if let Some(control) = chars.next() {
                write!(out, "\\u{:04x}", u32::from(control))?;
            }
            rest = chars.as_str();
        }
        CompactFormatter.write_string_fragment(out, rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{BranchId, Event};

    #[test]
    fn controls_are_written_as_numbers_and_read_back() {
        let text = "解\u{1b}[2J\u{9b}2J\u{7f}\n\"😀\\";
        let event = Event::Delta { branch: BranchId("a".into()), text: text.into() };
        let stamped = Stamped { seq: 1, event };
        let line = String::from_utf8(line(&stamped).unwrap()).unwrap();
        assert_eq!(line.trim_end_matches('\n').find(char::is_control), None, "{line}");
        assert!(line.contains("解") && line.contains("\\u009b2J\\u007f"), "{line}");
        assert_eq!(serde_json::from_str::<Stamped>(&line).unwrap(), stamped);
    }
}
