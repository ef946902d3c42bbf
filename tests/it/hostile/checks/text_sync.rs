//! Any edits: a document always equals a plain string, and no position causes a panic.

use super::bytes::Bytes;
use kaizodo::text::{Change, Document, Encoding, Position, Range};

/// Reads a text and edits of the text from the bytes.
pub(crate) fn check(bytes: &[u8]) {
    let mut bytes = Bytes(bytes);
    let encoding = [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32][bytes.choose(3)];
    let mut text = bytes.text(64);
    let mut document = Document::open("file:///t", "text", 0, &text);
    let mut version = 0;
    while !bytes.is_empty() {
        version += 1;
        if bytes.choose(4) == 0 {
            let (start, end) = (wild(&mut bytes), wild(&mut bytes));
            let range = Some(Range { start, end });
            document.apply(version, &[Change { range, text: bytes.text(8) }], encoding);
            // A range that does not fit is applied as well as possible.
            text = document.snapshot().to_string();
            let _ = document.select(Range { start, end }, encoding, 64);
            continue;
        }
        let (a, b) = (cursor(&text, &mut bytes), cursor(&text, &mut bytes));
        let (start, end) = (a.min(b), a.max(b));
        let range =
            Some(Range { start: place(&text, start, encoding), end: place(&text, end, encoding) });
        let new = bytes.text(16);
        text.replace_range(start..end, &new);
        document.apply(version, &[Change { range, text: new }], encoding);
        assert_eq!(document.snapshot(), text);
    }
    assert_eq!(document.version(), version);
}

fn wild(bytes: &mut Bytes<'_>) -> Position {
    Position { line: bytes.number(), character: bytes.number() }
}

/// Returns a byte offset where an editor can put its cursor: on a character boundary, and not
/// between `\r` and `\n`.
fn cursor(text: &str, bytes: &mut Bytes<'_>) -> usize {
    let mut byte = bytes.choose(256) % (text.len() + 1);
    while !text.is_char_boundary(byte)
        || (text[..byte].ends_with('\r') && text[byte..].starts_with('\n'))
    {
        byte -= 1;
    }
    byte
}

/// Returns the position of a byte offset, found by walking from the start of the text.
fn place(text: &str, byte: usize, encoding: Encoding) -> Position {
    let before = &text[..byte];
    let ends = before
        .match_indices(['\n', '\r'])
        .filter(|(at, end)| *end == "\n" || !text[at + 1..].starts_with('\n'));
    let starts: Vec<usize> = ends.map(|(at, _)| at + 1).collect();
    let line = &before[starts.last().copied().unwrap_or(0)..];
    let units = match encoding {
        Encoding::Utf8 => line.len(),
        Encoding::Utf16 => line.encode_utf16().count(),
        Encoding::Utf32 => line.chars().count(),
    };
    Position { line: starts.len() as u32, character: units as u32 }
}
