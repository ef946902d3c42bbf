//! JSON for terminals and programs alike.

use serde::Serialize;
use std::fmt::Write;
use std::io;

/// A value on a line of its own.
pub(crate) fn line(value: &impl Serialize) -> io::Result<Vec<u8>> {
    Ok((inert(serde_json::to_string(value)?) + "\n").into_bytes())
}

/// JSON that no terminal takes for a command: JSON itself lets DEL and the controls from U+0080 on
/// stand in its strings as they are.
pub(crate) fn inert(json: String) -> String {
    let is_live = |c: char| c.is_control() && c != '\n';
    if !json.contains(is_live) {
        return json;
    }
    json.chars().fold(String::with_capacity(json.len()), |mut out, c| {
        if is_live(c) {
            // Writing to a String cannot fail.
            let _ = write!(out, "\\u{:04x}", u32::from(c));
        } else {
            out.push(c);
        }
        out
    })
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
