//! An open document, kept in sync with the editor.

use super::anchor::Edit;
use super::context::{self, About};
use super::{
    Anchor, Context, ContextMode, Encoding, Fit, Position, Range, Range16, SelectError, Selection,
    SnappedRange, paragraph, to_bytes, to_range,
};
use ropey::Rope;
use serde::Deserialize;

/// One content change of a `textDocument/didChange` notification.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Change {
    /// The range that is replaced; `None` for the whole text.
    pub range: Option<Range>,
    /// The replacement text.
    pub text: String,
}

/// An open document.
///
/// A change that does not fit the text is clamped and applied rather than dropped, and the document
/// is *stale* from then on: it may differ from what the editor shows, so nothing can be selected
/// from it until the editor sends the whole text again.
#[derive(Clone, Debug)]
pub struct Document {
    uri: String,
    language_id: String,
    version: i32,
    rope: Rope,
    stale: bool,
}

impl Document {
    /// Creates a document from the contents of a `textDocument/didOpen` notification.
    pub fn open(
        uri: impl Into<String>,
        language_id: impl Into<String>,
        version: i32,
        text: &str,
    ) -> Self {
        Self {
            uri: uri.into(),
            language_id: language_id.into(),
            version,
            rope: Rope::from_str(text),
            stale: false,
        }
    }

    /// Returns the document's URI, as the editor sent it.
    pub fn uri(&self) -> &str {
        &self.uri
    }

    /// Returns the document's LSP language ID.
    pub fn language_id(&self) -> &str {
        &self.language_id
    }

    /// Returns the document version that the editor sent last.
    pub fn version(&self) -> i32 {
        self.version
    }

    /// Returns `true` if the text may differ from what the editor shows.
    pub fn stale(&self) -> bool {
        self.stale
    }

    /// Returns the current text in O(1). Later changes to the document do not affect it.
    pub fn snapshot(&self) -> Rope {
        self.rope.clone()
    }

    /// Applies the changes of one `didChange` in order (LSP 3.17, `DidChangeTextDocumentParams`).
    ///
    /// Versions must increase; gaps are allowed. Changes with an old version are dropped, because
    /// the text that they refer to is gone.
    pub fn apply(&mut self, version: i32, changes: &[Change], encoding: Encoding) {
        self.apply_and_follow(version, changes, encoding, &mut []);
    }

    /// Like [`Document::apply`], but also updates `anchors`, which must belong to this document,
    /// with each change.
    pub fn apply_and_follow(
        &mut self,
        version: i32,
        changes: &[Change],
        encoding: Encoding,
        anchors: &mut [&mut Anchor],
    ) {
        if version <= self.version {
            self.mark_stale();
            return;
        }
        self.version = version;
        for change in changes {
            if !anchors.is_empty() {
                let edit = Edit::of(&self.rope, change.range, &change.text, encoding);
                anchors.iter_mut().for_each(|anchor| anchor.apply(&edit));
            }
            match change.range {
                None => {
                    self.rope = Rope::from_str(&change.text);
                    self.stale = false;
                }
                Some(range) => self.replace(range, &change.text, encoding),
            }
        }
    }

    fn replace(&mut self, range: Range, text: &str, encoding: Encoding) {
        let place = to_bytes(&self.rope, range, encoding);
        if !place.is_exact() && !means_everything(range, place) {
            self.mark_stale();
        }
        let bytes = place.bytes();
        let start = self.rope.byte_to_char(bytes.start);
        let end = self.rope.byte_to_char(bytes.end);
        self.rope.remove(start..end);
        self.rope.insert(start, text);
    }

    /// Marks the document stale because a change may have been lost.
    pub fn mark_stale(&mut self) {
        self.stale = true;
    }

    /// Copies a range of the text into a [`Selection`]. `limit` is in bytes and is checked before
    /// copying.
    ///
    /// # Errors
    /// Fails if the document is stale, or if the range holds only whitespace or more than `limit`
    /// bytes.
    pub fn select(
        &self,
        range: Range,
        encoding: Encoding,
        limit: usize,
    ) -> Result<Selection, SelectError> {
        if self.stale {
            return Err(SelectError::Stale);
        }
        let bytes = to_bytes(&self.rope, range, encoding).bytes();
        if bytes.len() > limit {
            return Err(SelectError::TooLarge { bytes: bytes.len(), limit });
        }
        let slice = self.rope.byte_slice(bytes.clone());
        if slice.chars().all(char::is_whitespace) {
            return Err(SelectError::Empty);
        }
        Ok(Selection {
            uri: self.uri.clone(),
            version: Some(self.version),
            language_id: self.language_id.clone(),
            range: Range16(to_range(&self.rope, bytes, Encoding::Utf16)),
            text: slice.into(),
            context: None,
        })
    }

    /// Copies the whole text into a [`Selection`], as [`Document::select`] does.
    ///
    /// # Errors
    /// Fails under the same conditions as [`Document::select`].
    pub fn select_all(&self, limit: usize) -> Result<Selection, SelectError> {
        let end = Position { line: u32::MAX, character: 0 };
        self.select(Range { start: Position::default(), end }, Encoding::Utf16, limit)
    }

    /// Creates an anchor that tracks the text in `range` through later changes.
    pub fn anchor(&self, range: Range, encoding: Encoding) -> Anchor {
        Anchor::new(to_bytes(&self.rope, range, encoding).bytes())
    }

    /// Returns the text around a range, as much as `mode` allows. For a document of more than
    /// `limit` bytes, [`ContextMode::File`] falls back to [`ContextMode::Around`]. Returns `None`
    /// if `mode` is [`ContextMode::None`] or only whitespace surrounds the range.
    pub fn context(
        &self,
        range: Range,
        encoding: Encoding,
        mode: ContextMode,
        limit: usize,
    ) -> Option<Context> {
        let bytes = to_bytes(&self.rope, range, encoding).bytes();
        let about = About { uri: &self.uri, language_id: &self.language_id };
        context::of(&self.rope, bytes, about, mode, limit)
    }

    /// Returns the range of the paragraph at a position, delimited by blank lines; `None` on a
    /// blank line.
    pub fn paragraph_at(&self, position: Position, encoding: Encoding) -> Option<Range> {
        paragraph::at(&self.rope, position, encoding)
    }
}

/// Returns `true` if a range reaches from the start to past the end of the text. Some editors
/// replace the whole text this way.
fn means_everything(range: Range, place: SnappedRange) -> bool {
    range.forward().start == Position::default() && place.end.fit == Fit::Beyond
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    fn position(line: u32, character: u32) -> Position {
        Position { line, character }
    }

    fn change(start: (u32, u32), end: (u32, u32), text: &str) -> Change {
        let range = Range { start: position(start.0, start.1), end: position(end.0, end.1) };
        Change { range: Some(range), text: text.to_owned() }
    }

    fn open(text: &str) -> Document {
        Document::open("file:///a.md", "markdown", 1, text)
    }

    #[test]
    fn all_of_a_text_is_selected_to_its_last_character() {
        for text in ["会議が長い。", "一\r\n😀二\r\n", "\n\nx"] {
            let all = open(text).select_all(99).unwrap();
            assert_eq!((all.text.as_str(), all.range.0.start), (text, position(0, 0)));
        }
        assert_eq!(open("一\n😀").select_all(99).unwrap().range.0.end, position(1, 2));
        assert_eq!(open(" \n").select_all(99), Err(SelectError::Empty));
        let too_large = SelectError::TooLarge { bytes: 6, limit: 5 };
        assert_eq!(open("会議").select_all(5), Err(too_large));
    }

    /// Replaces `⟦…⟧` with `text` and checks the result.
    fn check(before: &str, text: &str, after: &str) {
        let (before, range) = fixture::parse(before);
        let mut document = open(&before);
        let change = Change { range: Some(range), text: text.to_owned() };
        document.apply(2, &[change], Encoding::Utf16);
        assert_eq!((document.snapshot().to_string().as_str(), document.stale()), (after, false));
    }

    #[test]
    fn a_change_replaces_its_range() {
        check("a⟦b⟧c", "x", "axc");
        check("a⟦⟧", "\n", "a\n");
        check("解⟦😀像⟧度", "", "解度");
        check("one\r\n⟦two\r\n⟧three", "", "one\r\nthree");
        check("a\r⟦b⟧\rc", "\n", "a\r\n\rc");
        check("⟦⟧", "text", "text");
    }

    #[test]
    fn changes_build_on_each_other() {
        let mut document = open("ab\n");
        document.apply(
            2,
            &[
                change((0, 1), (0, 1), "\n"),
                change((1, 0), (1, 1), "B"),
                change((2, 0), (2, 0), "c"),
            ],
            Encoding::Utf16,
        );
        assert_eq!(document.snapshot().to_string(), "a\nB\nc");
    }

    #[test]
    fn a_split_pair_is_snapped_and_makes_the_document_stale_until_the_whole_text_comes() {
        let mut document = open("a😀b");
        document.apply(2, &[change((0, 2), (0, 2), "x")], Encoding::Utf16);
        assert_eq!(document.snapshot().to_string(), "ax😀b");
        let all = Range { start: position(0, 0), end: position(0, 9) };
        assert_eq!(document.select(all, Encoding::Utf16, 99), Err(SelectError::Stale));
        document.apply(3, &[change((0, 0), (0, 1), "A")], Encoding::Utf16);
        assert!(document.stale(), "a good change does not mend a bad one");
        document.apply(4, &[Change { range: None, text: "new".into() }], Encoding::Utf16);
        assert!(!document.stale());
        assert_eq!(document.select(all, Encoding::Utf16, 99).unwrap().text, "new");
    }

    #[test]
    fn old_versions_are_dropped_and_make_the_document_stale() {
        let mut document = open("a");
        document.apply(1, &[change((0, 0), (0, 0), "x")], Encoding::Utf16);
        document.apply(0, &[Change { range: None, text: "y".into() }], Encoding::Utf16);
        assert_eq!(document.snapshot().to_string(), "a");
        assert_eq!((document.version(), document.stale()), (1, true));
        document.apply(7, &[Change { range: None, text: "z".into() }], Encoding::Utf16);
        assert_eq!((document.version(), document.stale()), (7, false));
    }

    #[test]
    fn lines_past_the_end_are_counted_unless_everything_is_meant() {
        let mut document = open("a\nb");
        document.apply(2, &[change((0, 0), (99, 0), "all\nnew")], Encoding::Utf16);
        assert_eq!(
            (document.snapshot().to_string().as_str(), document.stale()),
            ("all\nnew", false)
        );
        document.apply(3, &[change((2, 0), (2, 0), "\n")], Encoding::Utf16);
        assert_eq!(
            (document.snapshot().to_string().as_str(), document.stale()),
            ("all\nnew\n", false)
        );
        document.apply(4, &[change((1, 0), (9, 0), "x")], Encoding::Utf16);
        assert_eq!((document.snapshot().to_string().as_str(), document.stale()), ("all\nx", true));
    }

    #[test]
    fn selections_are_exact_and_count_in_utf16() {
        let document = open("a😀b\r\n次");
        let range = Range { start: position(1, 1), end: position(0, 2) };
        let got = document.select(range, Encoding::Utf32, 99).unwrap();
        assert_eq!(got.text, "b\r\n次");
        assert_eq!(got.range.0, Range { start: position(0, 3), end: position(1, 1) });
        assert_eq!((got.version, got.language_id.as_str()), (Some(1), "markdown"));
    }

    #[test]
    fn selections_without_text_or_with_too_much_are_refused() {
        let document = open("ab \n\t\ncd");
        let select = |start, end, limit| {
            document.select(Range { start, end }, Encoding::Utf8, limit).map(|s| s.text)
        };
        assert_eq!(select(position(0, 1), position(0, 1), 9), Err(SelectError::Empty));
        assert_eq!(select(position(0, 2), position(2, 0), 9), Err(SelectError::Empty));
        let large = SelectError::TooLarge { bytes: 8, limit: 7 };
        assert_eq!(select(position(0, 0), position(2, 2), 7), Err(large));
        assert_eq!(select(position(0, 0), position(0, 2), 2).as_deref(), Ok("ab"));
    }

    #[test]
    fn a_snapshot_stays_as_it_was() {
        let mut document = open("a");
        let before = document.snapshot();
        document.apply(2, &[change((0, 0), (0, 1), "b")], Encoding::Utf16);
        assert_eq!((before.to_string(), document.snapshot().to_string()), ("a".into(), "b".into()));
    }
}
