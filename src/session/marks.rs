//! The reader's marks on an answer, and the answer written anew with them.

use super::{Run, Session, SessionError, focus};
use crate::event::{BranchId, Event, Item, Mark, RunId};
use crate::panel::{block_at, raw_lines};
use crate::privacy::clear;
use crate::request::{MarkedItem, Prompt, revision};
use std::sync::Arc;

/// Maximum number of bytes of a comment.
const COMMENT_BYTES: usize = 4 << 10;
/// Maximum number of characters of an item that are kept with its mark.
const ITEM_CHARS: usize = 400;

impl Session {
    /// Marks the item of an answer that a line stands in, or takes its mark away. A run of the journal
    /// goes on here for that.
    ///
    /// # Errors
    /// A run, section or line that is not there, a comment that is too long, or one that holds a secret
    /// if the settings refuse those.
    pub async fn mark(
        &self,
        id: &RunId,
        branch: &BranchId,
        line: usize,
        mark: Option<Mark>,
    ) -> Result<(Arc<Run>, Item), SessionError> {
        let run = self.reopen_lost(id).await?;
        let sections = run.sections();
        if !sections.iter().any(|section| section.branch == *branch) {
            return Err(SessionError::UnknownBranch(branch.clone()));
        }
        let item = item_at(&run.text_of(branch), line).ok_or(SessionError::NoAnswerThere)?;
        let mark = match mark {
            Some(Mark::Comment(comment)) => Some(Mark::Comment(self.cleared_comment(&comment)?)),
            mark => mark,
        };
        self.go_on(&run).await?;
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
        let config = self.config();
        let lang = config.lang.unwrap_or(config.locale);
        Ok(clear(comment, config.secrets, lang).map_err(SessionError::Secrets)?.text)
    }
}

/// The item that a line of an answer stands in; `None` on a blank line and behind the end.
fn item_at(raw: &str, line: usize) -> Option<Item> {
    let block = block_at(raw, line);
    let text = raw_lines(raw).get(block.clone())?.concat();
    let text: String = text.trim_end().chars().take(ITEM_CHARS).collect();
    (!text.is_empty()).then_some(Item { line: block.start, text })
}

/// The marks that a section is written anew with: its own, or for the focus those of all sections.
fn marks_for(run: &Run, branch: &BranchId) -> Vec<MarkedItem> {
    let is_focus = *branch == focus::branch();
    run.with_panel(|panel| {
        let own = panel.marks().filter(|(of, ..)| is_focus || *of == branch);
        let marked = own.map(|(of, title, item, mark)| MarkedItem {
            // Its own answer needs no name.
            title: if of == branch { String::new() } else { title.to_owned() },
            text: item.text.clone(),
            mark: mark.clone(),
        });
        marked.collect()
    })
}

impl Run {
    /// Whether there is a mark that a section could be written anew with.
    pub(crate) fn has_marks(&self, branch: &BranchId) -> bool {
        !marks_for(self, branch).is_empty()
    }
}

/// A section's prompt, gone on with: what it wrote, the reader's marks, and that it be written anew.
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
