//! JSON for terminals and programs alike.

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter};
use std::io::{self, Write};

/// A value on a line of its own.
pub(super) fn line(value: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut out = Vec::new();
    value.serialize(&mut serde_json::Serializer::with_formatter(&mut out, Inert))?;
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
    use crate::event::{BranchId, Event, Stamped};

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
