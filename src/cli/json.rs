//! JSON output that is safe to show in a terminal.

use serde::Serialize;
use std::fmt::Write;
use std::io;

/// Serializes a value as one line of JSON.
pub(crate) fn line(value: &impl Serialize) -> io::Result<Vec<u8>> {
    Ok((inert(serde_json::to_string(value)?) + "\n").into_bytes())
}

/// Escapes the control characters that JSON allows in strings (DEL and U+0080 to U+009F), which a
/// terminal might interpret.
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
