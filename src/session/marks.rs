//! The user's marks on an answer, and the rewriting of the answer according to them.

use super::{Run, Session, SessionError, focus};
use crate::event::{BranchId, Event, Item, Mark, RunId};
use crate::panel::{block_at, raw_lines};
use crate::privacy::clear;
use crate::request::{MarkedItem, Prompt, revision};
use std::sync::Arc;

/// Maximum size of a comment in bytes.
const COMMENT_BYTES: usize = 4 << 10;
/// Maximum number of characters of an item's text that are kept with its mark.
const ITEM_CHARS: usize = 400;

impl Session {
    /// Marks the item that contains line `line` (counted from 0) of the answer, or removes the
    /// item's mark if `mark` is `None`. A run from the journal is resumed first. Returns the run
    /// and the item.
    ///
    /// # Errors
    /// Fails if the run or section does not exist, if the line is not part of an item, if the run
    /// cannot be resumed, or if a comment is blank, too long, or contains a secret that the
    /// settings refuse.
    pub async fn mark(
        &self,
        id: &RunId,
        branch: &BranchId,
        line: usize,
        mark: Option<Mark>,
    ) -> Result<(Arc<Run>, Item), SessionError> {
        let run = self.load_run_or_lost(id).await?;
        let sections = run.sections();
        if !sections.iter().any(|section| section.branch == *branch) {
            return Err(SessionError::UnknownBranch(branch.clone()));
        }
        let item = item_at(&run.text_of(branch), line).ok_or(SessionError::NoAnswerThere)?;
        let mark = match mark {
            Some(Mark::Comment(comment)) => Some(Mark::Comment(self.cleared_comment(&comment)?)),
            mark => mark,
        };
        self.resume(&run).await?;
        run.record(Event::Marked { branch: branch.clone(), item: item.clone(), mark });
        Ok((run, item))
    }

    fn cleared_comment(&self, comment: &str) -> Result<String, SessionError> {
        let comment = comment.trim();
        match comment.len() {
            0 => return Err(SessionError::BlankComment),
            bytes if bytes > COMMENT_BYTES => {
                return Err(SessionError::CommentTooLong { bytes, limit: COMMENT_BYTES });
            }
            _ => {}
        }
        Ok(clear(comment, self.config().secrets, self.lang()).map_err(SessionError::Secrets)?.text)
    }
}

/// Returns the item of an answer that contains a line; `None` on a blank line or after the end.
fn item_at(raw: &str, line: usize) -> Option<Item> {
    let block = block_at(raw, line);
    let text = raw_lines(raw).get(block.clone())?.concat();
    let text: String = text.trim_end().chars().take(ITEM_CHARS).collect();
    (!text.is_empty()).then_some(Item { line: block.start, text })
}

/// Returns the marks according to which a section is rewritten: its own or, for the focus, those of
/// all sections.
fn marks_for(run: &Run, branch: &BranchId) -> Vec<MarkedItem> {
    let is_focus = *branch == focus::branch();
    run.with_panel(|panel| {
        let own = panel.marks().filter(|(of, ..)| is_focus || *of == branch);
        let marked = own.map(|(of, title, item, mark)| MarkedItem {
            // Items of the section itself need no title.
            title: if of == branch { String::new() } else { title.to_owned() },
            text: item.text.clone(),
            mark: mark.clone(),
        });
        marked.collect()
    })
}

impl Run {
    /// Returns `true` if the user has made any marks according to which the section could be
    /// rewritten.
    pub(crate) fn has_marks(&self, branch: &BranchId) -> bool {
        !marks_for(self, branch).is_empty()
    }
}

/// Extends a section's prompt with the section's answer, the user's marks, and the request to
/// rewrite the answer.
pub(crate) fn revised(run: &Run, branch: &BranchId, prompt: Prompt) -> Prompt {
    revision(prompt, &run.text_of(branch), &marks_for(run, branch))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_begins_at_its_first_line_and_is_bounded() {
        let raw = "頭\n\n- 一つ\n  続き\n- 二つ\n";
        let item = |line, text: &str| Some(Item { line, text: text.to_owned() });
        assert_eq!(item_at(raw, 3), item(2, "- 一つ\n  続き"));
        assert_eq!((item_at(raw, 1), item_at(raw, 9)), (None, None));
        let long = item_at(&"字".repeat(2 * ITEM_CHARS), 0).unwrap();
        assert_eq!(long.text.chars().count(), ITEM_CHARS);
    }
}
