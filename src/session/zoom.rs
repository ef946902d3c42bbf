//! A run about a passage of an answer: what is asked about, and what led to it.

use super::context::{self, selection_digest};
use super::{Run, Session, SessionError};
use crate::event::{BranchId, Event, Passage, Source};
use crate::panel::raw_lines;
use crate::request::{Ancestor, Ancestry, Origin, Request};
use crate::text::{Position, Range, Range16, SelectError, Selection};
use std::ops;

/// Maximum number of characters of an answer that are sent with a passage from it.
const ANSWER_CHARS: usize = 6_000;

/// The text that a run asks about, and what it was selected from.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The text that the run asks about.
    pub(crate) selection: Selection,
    /// What the text was selected from: a document or an earlier answer.
    pub(crate) origin: Origin,
}

impl Subject {
    /// Returns the URI of the document that the text comes from. For a passage of an answer, this
    /// is the document that the first run in the chain asked about.
    pub fn document(&self) -> &str {
        &self.selection.uri
    }
}

impl From<Selection> for Subject {
    fn from(selection: Selection) -> Self {
        Subject { selection, origin: Origin::Document }
    }
}

impl Session {
    /// Returns `subject` unchanged if its text is the one that `run` asked about, so that the run
    /// can be repeated with it.
    ///
    /// # Errors
    /// Fails if the text differs, or if it contains a secret and the settings refuse secrets.
    pub fn same_text(&self, run: &Run, subject: Subject) -> Result<Subject, SessionError> {
        let before = match run.first() {
            Some(Event::RunStarted { selection, .. }) => selection,
            _ => None,
        };
        let config = self.config();
        let Subject { selection, .. } = &subject;
        let lang = run.with_panel(|panel| panel.lang());
        let (now, _) =
            context::apply_secret_policy(selection.clone(), config.context, config.secrets, lang)?;
        match before {
            Some(before) if before == selection_digest(&now) => Ok(subject),
            _ => Err(SessionError::TextChanged(selection.uri.clone())),
        }
    }

    /// Returns a passage of an answer of `run` as the subject of another run. `lines` are the
    /// passage's lines, counted from 0, in the answer as the model wrote it.
    ///
    /// # Errors
    /// Fails if the run does not have the section, if `lines` hold no text or too much, or if the
    /// journal cannot be read.
    pub async fn passage(
        &self,
        run: &Run,
        branch: &BranchId,
        lines: ops::Range<usize>,
    ) -> Result<Subject, SessionError> {
        let section = run.sections().into_iter().find(|section| section.branch == *branch);
        let section = section.ok_or_else(|| SessionError::UnknownBranch(branch.clone()))?;
        let source = run.source().ok_or_else(|| SessionError::UnknownRun(run.id().clone()))?;
        let raw = run.text_of(branch);
        let (text, range) = passage_of(&raw, lines).map_err(SessionError::Selection)?;
        let limit = self.config().limits.selection_bytes;
        if text.len() > limit {
            let error = SelectError::TooLarge { bytes: text.len(), limit };
            return Err(SessionError::Selection(error));
        }
        // A run from the journal need not be resumed for this.
        let request = self.request_of(run).await?;
        let title = section.title;
        let above = above(request.as_deref(), &title, &raw);
        let Source { uri, range: source } = source;
        let selection = Selection {
            uri,
            range: source,
            text,
            language_id: "markdown".to_owned(),
            ..Selection::default()
        };
        let passage = Passage { run: run.id().clone(), branch: branch.clone(), title, range };
        Ok(Subject { selection, origin: Origin::Answer(Ancestry { passage, above }) })
    }
}

/// Returns the text of some lines of an answer, and their range in it.
fn passage_of(raw: &str, lines: ops::Range<usize>) -> Result<(String, Range16), SelectError> {
    let all = raw_lines(raw);
    let lines = lines.start.min(all.len())..lines.end.min(all.len());
    let text = all.get(lines.clone()).unwrap_or_default().concat();
    let text = text.trim_end();
    if text.is_empty() {
        return Err(SelectError::Empty);
    }
    let kept = raw_lines(text);
    let last = lines.start + kept.len().saturating_sub(1);
    let units = kept.last().map_or(0, |line| line.encode_utf16().count());
    let at = |line: usize, unit: usize| Position {
        line: u32::try_from(line).unwrap_or(u32::MAX),
        character: u32::try_from(unit).unwrap_or(u32::MAX),
    };
    let range = Range { start: at(lines.start, 0), end: at(last, units) };
    Ok((text.to_owned(), Range16(range)))
}

/// Returns what led to a passage of a run's answer. Of the answers before the last, only the
/// passages that were asked about are kept, so that six levels take little more than one.
fn above(request: Option<&Request>, title: &str, raw: &str) -> Vec<Ancestor> {
    let mut above = Vec::new();
    if let Some(Request { selection, origin, .. }) = request {
        let title = match origin {
            Origin::Document => String::new(),
            Origin::Answer(ancestry) => {
                if let Some((_, earlier)) = ancestry.above.split_last() {
                    above.extend(earlier.iter().cloned());
                }
                ancestry.passage.title.clone()
            }
        };
        above.push(Ancestor { title, text: selection.text.clone() });
    }
    let text = raw.chars().take(ANSWER_CHARS).collect();
    above.push(Ancestor { title: title.to_owned(), text });
    above
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::RunId;
    use crate::lang::Lang;
    use crate::request::Budget;
    use std::sync::Arc;

    #[test]
    fn a_passage_is_whole_lines_without_the_last_end() {
        let raw = "- 一つ\r\n- 二つ😀\n\nend";
        let (text, range) = passage_of(raw, 0..3).unwrap();
        assert_eq!(text, "- 一つ\r\n- 二つ😀");
        let at = |line, character| Position { line, character };
        assert_eq!((range.0.start, range.0.end), (at(0, 0), at(1, 6)));
        assert_eq!(passage_of(raw, 3..90).unwrap().0, "end");
        assert_eq!(passage_of(raw, 2..3), Err(SelectError::Empty));
        assert_eq!(passage_of(raw, 7..9), Err(SelectError::Empty));
    }

    fn request(text: &str, origin: Origin) -> Request {
        let selection = Selection { text: text.to_owned(), ..Selection::default() };
        Request {
            selection: Arc::new(selection),
            lang: Lang::En,
            perspectives: Vec::new(),
            focus: None,
            notes: Vec::new(),
            origin,
            budget: Budget::default(),
        }
    }

    #[test]
    fn each_level_keeps_the_passages_and_the_last_answer() {
        let mut request = request("source", Origin::Document);
        for level in 1..=6 {
            let title = format!("t{level}");
            let above = above(Some(&request), &title, &format!("answer {level}"));
            let texts: Vec<_> = above.iter().map(|above| above.text.as_str()).collect();
            assert_eq!(texts.len(), level + 1);
            assert_eq!((texts[0], above[0].title.as_str()), ("source", ""));
            assert_eq!(texts[level], format!("answer {level}"));
            for earlier in 1..level {
                assert_eq!(texts[earlier], format!("line {earlier}"));
                assert_eq!(above[earlier].title, format!("t{earlier}"));
            }
            let branch = BranchId("b".into());
            let passage =
                Passage { run: RunId("r".into()), branch, title, range: Range16::default() };
            let origin = Origin::Answer(Ancestry { passage, above });
            request = self::request(&format!("line {level}"), origin);
        }
    }
}
