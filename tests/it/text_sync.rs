//! Applies a hundred thousand edits and checks that the document stays what the editor shows.
//!
//! The reference keeps a plain `String` and finds places by walking over it character by character.
//! No code is shared with the code under test.

use kaizodo::text::{Change, Document, Encoding, Position, Range};

/// Random numbers by xorshift64*, so that the edits are the same on every machine.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        usize::try_from(self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33).unwrap() % below
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.roll(from.len())]
    }
}

const PIECES: [&str; 24] = [
    "\n",
    "\r\n",
    "\r",
    "\n\n",
    "\r\r\n",
    "a",
    "Z",
    " ",
    "\t",
    "解像度",
    "が",
    "か\u{3099}",
    "é",
    "ß",
    "😀",
    "👩‍👩‍👧‍👦",
    "🇯🇵",
    "𝒳",
    "\u{2028}",
    "\u{85}",
    "\u{b}",
    "\u{c}",
    "\u{feff}",
    "fn main() {}",
];

fn units(c: char, encoding: Encoding) -> u32 {
    match encoding {
        Encoding::Utf8 => c.len_utf8() as u32,
        Encoding::Utf16 => c.len_utf16() as u32,
        Encoding::Utf32 => 1,
    }
}

/// Returns the place of a byte offset, found by walking from the start of the text.
fn place(text: &str, byte: usize, encoding: Encoding) -> Position {
    let (mut line, mut character) = (0, 0);
    let mut chars = text[..byte].chars().peekable();
    while let Some(c) = chars.next() {
        let at_end = match c {
            '\n' => true,
            '\r' => match chars.peek() {
                Some(next) => *next != '\n',
                None => !text[byte..].starts_with('\n'),
            },
            _ => false,
        };
        if at_end {
            (line, character) = (line + 1, 0);
        } else {
            character += units(c, encoding);
        }
    }
    Position { line, character }
}

/// Returns a random byte offset where an editor can put its cursor: on a character boundary, and
/// not between `\r` and `\n`.
fn cursor(text: &str, dice: &mut Dice) -> usize {
    let mut byte = dice.roll(text.len() + 1);
    while !text.is_char_boundary(byte)
        || (text[..byte].ends_with('\r') && text[byte..].starts_with('\n'))
    {
        byte -= 1;
    }
    byte
}

fn insertion(dice: &mut Dice) -> String {
    (0..dice.roll(6)).map(|_| dice.pick(&PIECES)).collect()
}

fn edit(text: &mut String, encoding: Encoding, dice: &mut Dice) -> Change {
    let near = |text: &str, from: usize, dice: &mut Dice| {
        let mut to = (from + dice.roll(24)).min(text.len());
        while !text.is_char_boundary(to)
            || (text[..to].ends_with('\r') && text[to..].starts_with('\n'))
        {
            to += 1;
        }
        to
    };
    let start = cursor(text, dice);
    // Mostly small edits and now and then a large cut, so that the text stays at a few kB.
    let end = if text.len() > 2_500 && dice.roll(8) == 0 {
        cursor(text, dice).max(start)
    } else {
        near(text, start, dice)
    };
    let new = insertion(dice);
    let (first, second) = (place(text, start, encoding), place(text, end, encoding));
    let range = if dice.roll(10) == 0 {
        Range { start: second, end: first }
    } else {
        Range { start: first, end: second }
    };
    text.replace_range(start..end, &new);
    Change { range: Some(range), text: new }
}

fn run(encoding: Encoding, seed: u64, edits: usize) {
    let mut dice = Dice(seed);
    let mut text = String::from("解像度\r\nresolution\r😀\n");
    let mut document = Document::open("file:///t", "text", 0, &text);
    let (mut version, mut done) = (0, 0);
    while done < edits {
        let changes: Vec<_> =
            (0..1 + dice.roll(3)).map(|_| edit(&mut text, encoding, &mut dice)).collect();
        done += changes.len();
        version += 1 + i32::try_from(dice.roll(3)).unwrap();
        document.apply(version, &changes, encoding);
        assert_eq!(document.snapshot(), text, "{encoding:?}, after {done} edits, {changes:?}");
    }
    assert_eq!((document.stale(), document.version()), (false, version));

    let mut whole = Document::open("file:///t", "text", 0, "");
    whole.apply(1, &[Change { range: None, text: text.clone() }], encoding);
    assert_eq!(whole.snapshot(), document.snapshot(), "incremental and full text agree");
}

#[test]
fn edits_counted_in_bytes() {
    run(Encoding::Utf8, 0x9E37_79B9_7F4A_7C15, 32_500);
}

#[test]
fn edits_counted_in_utf16_units() {
    run(Encoding::Utf16, 0xD1B5_4A32_D192_ED03, 32_500);
}

#[test]
fn edits_counted_in_characters() {
    run(Encoding::Utf32, 0x94D0_49BB_1331_11EB, 32_500);
}
