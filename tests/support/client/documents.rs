//! The editor's documents: plain strings, in which places are found by walking over the text.
//! Nothing here is shared with the code under test.

use serde_json::{Value, json};

/// The unit of columns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Bytes.
    Utf8,
    /// UTF-16 code units.
    #[default]
    Utf16,
    /// Characters.
    Utf32,
}

impl Unit {
    /// Returns the unit of a `PositionEncodingKind`.
    pub(crate) fn named(name: &str) -> Self {
        match name {
            "utf-8" => Unit::Utf8,
            "utf-16" => Unit::Utf16,
            "utf-32" => Unit::Utf32,
            other => panic!("no position encoding: {other}"),
        }
    }

    fn width(self, c: char) -> u64 {
        match self {
            Unit::Utf8 => c.len_utf8() as u64,
            Unit::Utf16 => c.len_utf16() as u64,
            Unit::Utf32 => 1,
        }
    }

    /// Returns the place of a byte offset.
    pub(crate) fn place(self, text: &str, byte: usize) -> Value {
        let (mut line, mut character) = (0, 0);
        let mut before = &text[..byte];
        while let Some(c) = before.chars().next() {
            let end = ["\r\n", "\n", "\r"].into_iter().find(|end| before.starts_with(end));
            (line, character) =
                if end.is_some() { (line + 1, 0) } else { (line, character + self.width(c)) };
            before = &before[end.map_or(c.len_utf8(), str::len)..];
        }
        json!({"line": line, "character": character})
    }

    /// Returns the byte offset of a place. Panics if the text has no such place.
    pub(crate) fn byte(self, text: &str, place: &Value) -> usize {
        let (line, character) = (place["line"].as_u64(), place["character"].as_u64());
        let (line, character) = (line.expect("a line"), character.expect("a column"));
        let (mut at_line, mut at_column) = (0, 0);
        let mut rest = text;
        loop {
            if (at_line, at_column) == (line, character) {
                return text.len() - rest.len();
            }
            let ends = ["\r\n", "\n", "\r"];
            if let Some(end) = ends.into_iter().find(|end| rest.starts_with(end)) {
                assert!(
                    at_line != line,
                    "the column of {place} is past its line's end in {text:?}"
                );
                (at_line, at_column, rest) = (at_line + 1, 0, &rest[end.len()..]);
            } else {
                let c = rest
                    .chars()
                    .next()
                    .unwrap_or_else(|| panic!("{place} is past the end of {text:?}"));
                (at_column, rest) = (at_column + self.width(c), &rest[c.len_utf8()..]);
            }
        }
    }
}

/// A document as the user sees it.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    /// The text.
    pub(crate) text: String,
    /// The version; 1 when the document is opened.
    pub(crate) version: i32,
    language_id: String,
}

impl Document {
    pub(super) fn new(language_id: &str, text: &str) -> Self {
        Self { text: text.to_owned(), version: 1, language_id: language_id.to_owned() }
    }

    pub(super) fn did_open(&self, uri: &str) -> Value {
        json!({"textDocument": {
            "uri": uri, "languageId": self.language_id, "version": self.version, "text": self.text,
        }})
    }

    /// Replaces the whole text and returns the parameters of the `didChange`.
    pub(super) fn replace(&mut self, uri: &str, text: &str) -> Value {
        self.text = text.to_owned();
        self.version += 1;
        json!({"textDocument": {"uri": uri, "version": self.version}, "contentChanges": [{"text": text}]})
    }

    /// Applies edits, whose ranges all refer to the text before the edits (LSP 3.17, `TextEdit[]`),
    /// and returns the parameters of the `didChange`. Panics if the text has no such range, because
    /// then the server is at fault.
    pub(super) fn apply(&mut self, uri: &str, edits: &[Value], unit: Unit) -> Value {
        let mut placed: Vec<_> = edits
            .iter()
            .map(|edit| {
                let place = |end: &str| unit.byte(&self.text, &edit["range"][end]);
                (place("start"), place("end"), edit)
            })
            .collect();
        // Edits are applied from the back, so that no edit moves another. Edits at the same place
        // keep their order.
        placed.reverse();
        placed.sort_by_key(|(start, _, _)| std::cmp::Reverse(*start));
        let mut changes = Vec::new();
        for (start, end, edit) in placed {
            let new = edit["newText"].as_str().expect("a text");
            self.text.replace_range(start..end, new);
            changes.push(json!({"range": edit["range"], "text": new}));
        }
        self.version += 1;
        json!({"textDocument": {"uri": uri, "version": self.version}, "contentChanges": changes})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(start: (u32, u32), end: (u32, u32), text: &str) -> Value {
        let place = |(line, character)| json!({"line": line, "character": character});
        json!({"range": {"start": place(start), "end": place(end)}, "newText": text})
    }

    #[test]
    fn places_are_found_in_every_unit() {
        let text = "a😀\r\n解b\rc";
        let place = |line, character| json!({"line": line, "character": character});
        assert_eq!(Unit::Utf8.byte(text, &place(0, 5)), 5);
        assert_eq!(Unit::Utf16.byte(text, &place(0, 3)), 5);
        assert_eq!(Unit::Utf32.byte(text, &place(0, 2)), 5);
        assert_eq!(Unit::Utf16.byte(text, &place(1, 1)), 10);
        assert_eq!(Unit::Utf16.byte(text, &place(2, 1)), text.len());
        for unit in [Unit::Utf8, Unit::Utf16, Unit::Utf32] {
            for byte in [0, 1, 5, 7, 10, 12, 13] {
                assert_eq!(unit.byte(text, &unit.place(text, byte)), byte);
            }
        }
    }

    #[test]
    fn edits_of_one_text_do_not_move_each_other() {
        let mut document = Document::new("markdown", "one\ntwo\n");
        let edits =
            [edit((0, 0), (0, 0), "A"), edit((1, 0), (1, 3), "2"), edit((0, 0), (0, 0), "B")];
        let change = document.apply("u", &edits, Unit::Utf16);
        assert_eq!((document.text.as_str(), document.version), ("ABone\n2\n", 2));
        assert_eq!(change["contentChanges"][0]["text"], "2");
    }
}
