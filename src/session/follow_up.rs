//! Follow-up questions about one section, or about everything that a run has written. Each answer
//! gets its own section.

use super::drive::{self, BranchRequest, Changes};
use super::error::QUESTION_BYTES;
use super::{Run, Session, SessionError, context};
use crate::event::{BranchId, RunId};
use crate::privacy::clear;
use std::sync::Arc;

/// Maximum number of sections of one run, so that its size is bounded.
pub(super) const SECTIONS_MAX: usize = 200;

impl Session {
    /// Asks a question about a section that has ended or, if `after` is `None`, about all answers
    /// of a run. The answer is written to a new section, whose branch is returned; no other section
    /// changes. A run from the journal is first resumed in this process.
    ///
    /// # Errors
    /// Fails if the run or section does not exist, if the section has no text or has not ended, if
    /// the run already has the maximum number of sections, if its document must not be sent, if the
    /// question is blank, too long, or contains a secret that the settings refuse, or if the run
    /// cannot be resumed.
    pub async fn follow_up(
        &self,
        id: &RunId,
        after: Option<&BranchId>,
        question: &str,
    ) -> Result<(Arc<Run>, BranchId), SessionError> {
        let run = self.load_and_resume(id, after).await?;
        let question = question.trim();
        match question.len() {
            0 => return Err(SessionError::BlankQuestion),
            bytes if bytes > QUESTION_BYTES => return Err(SessionError::QuestionTooLong(bytes)),
            _ => {}
        }
        if run.sections().len() >= SECTIONS_MAX {
            return Err(SessionError::TooManySections(SECTIONS_MAX));
        }
        let config = self.config();
        let has_text = |branch: &BranchId| !run.text_of(branch).trim().is_empty();
        match after {
            Some(branch) if run.lost_its_perspective(branch) => {
                return Err(SessionError::PerspectiveLost(branch.clone()));
            }
            Some(branch) => drop(run.answer(branch)?),
            None if run.sections().iter().any(|section| has_text(&section.branch)) => {}
            None => return Err(SessionError::NothingToAskAbout),
        }
        let lang = run.with_panel(|panel| panel.lang());
        let question = clear(question, config.secrets, lang).map_err(SessionError::Secrets)?.text;
        let title = context::title(&question, config.secrets, lang);
        let (branch, token) = run.add(title, after.cloned(), question);
        let again = BranchRequest { branch: branch.clone(), token, changes: Changes::default() };
        tokio::spawn(drive::run_branch(Arc::clone(&run), again, self.selector.clone(), config));
        Ok((run, branch))
    }
}
