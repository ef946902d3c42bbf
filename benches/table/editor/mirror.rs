//! An editor's copy of a panel, updated by edits.

use crate::profile::{MARK, marks};
use ropey::Rope;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Position {
    line: usize,
    character: usize,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TextEdit {
    range: Range,
    new_text: String,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Range {
    start: Position,
    end: Position,
}

pub(super) struct Mirror {
    pub(super) text: Rope,
    pub(super) version: i32,
}

impl Mirror {
    pub(super) fn new(text: &str) -> Self {
        Mirror { text: Rope::from_str(text), version: 1 }
    }

    /// Applies edits, whose ranges all refer to the text before, calls `note` for each new mark,
    /// and returns the parameters of `didChange`.
    pub(super) fn apply(
        &mut self,
        uri: &str,
        mut edits: Vec<TextEdit>,
        mut note: impl FnMut(usize, usize),
    ) -> Value {
        edits.sort_by_key(|edit| {
            std::cmp::Reverse((edit.range.start.line, edit.range.start.character))
        });
        let mut changes = Vec::new();
        for TextEdit { range, new_text } in edits {
            let (start, end) = (self.index(range.start), self.index(range.end));
            self.text.remove(start..end);
            self.text.insert(start, &new_text);
            // A mark may have started in an earlier edit.
            let from = start.saturating_sub(MARK - 1);
            let to = start + new_text.chars().count();
            let brought = self.text.slice(from..to).to_string();
            marks(&brought).for_each(|(lane, at)| note(lane, at));
            changes.push(json!({"range": range, "text": new_text}));
        }
        self.version += 1;
        json!({"textDocument": {"uri": uri, "version": self.version}, "contentChanges": changes})
    }

    fn index(&self, place: Position) -> usize {
        let line = self.text.line_to_char(place.line);
        let units = self.text.char_to_utf16_cu(line) + place.character;
        self.text.utf16_cu_to_char(units)
    }
}
