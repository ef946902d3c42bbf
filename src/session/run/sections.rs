//! A run's sections and their answers, read from its log.

use super::super::SessionError;
use super::Run;
use crate::event::{Answer, BranchId, Event, Role, SectionTitle, Stamped};
use crate::panel::SectionState;
use crate::request::FocusMode;
use tokio_util::sync::CancellationToken;

impl Run {
    /// Returns the section at the start of the chain of follow-ups that `branch` belongs to;
    /// `branch` itself if it is not a follow-up. `None` if the chain starts with a question about
    /// all answers.
    pub(crate) fn root_of(&self, branch: &BranchId) -> Option<BranchId> {
        let state = self.state.lock();
        let mut root = branch.clone();
        for stamped in state.log.iter().rev() {
            if let Event::SectionAdded { section, after, .. } = &stamped.event
                && section.branch == root
            {
                root = after.clone()?;
            }
        }
        Some(root)
    }

    /// Returns the run's sections, in the order in which they were added to the run.
    pub(crate) fn sections(&self) -> Vec<SectionTitle> {
        let state = self.state.lock();
        let named = |stamped: &Stamped| match &stamped.event {
            Event::RunStarted { sections, .. } => sections.clone(),
            Event::SectionAdded { section, .. } => vec![section.clone()],
            _ => Vec::new(),
        };
        state.log.iter().flat_map(named).collect()
    }

    /// Returns the section with this branch or, if there is none, the section with this heading,
    /// whatever the case of its letters.
    pub(crate) fn section_named(&self, name: &str) -> Option<SectionTitle> {
        let (sections, lower) = (self.sections(), name.trim().to_lowercase());
        let by = |is: &dyn Fn(&SectionTitle) -> bool| sections.iter().find(|s| is(s)).cloned();
        by(&|section| &*section.branch.0 == name)
            .or_else(|| by(&|section| section.title == name))
            .or_else(|| by(&|section| section.branch.0.to_lowercase() == lower))
            .or_else(|| by(&|section| section.title.to_lowercase() == lower))
    }

    /// Adds a section for a follow-up question below the section `after`, and returns the new
    /// section's branch and cancellation token.
    pub(crate) fn add(
        &self,
        title: String,
        after: Option<BranchId>,
        question: String,
    ) -> (BranchId, CancellationToken) {
        let _adding = self.adding.lock();
        let branch = {
            let state = self.state.lock();
            let name = |n: usize| BranchId(format!("ask-{n}").into());
            let free = (1..).map(name).find(|branch| !state.branches.contains_key(branch));
            free.unwrap_or_else(|| name(0))
        };
        let section = SectionTitle { branch: branch.clone(), title, role: Role::FollowUp };
        self.record(Event::SectionAdded { section, after, question });
        let token = self.token_of(&branch);
        (branch, token)
    }

    /// Returns the focus mode that corresponds to the run's focus section; [`FocusMode::Off`] if
    /// the run has no such section.
    pub(crate) fn focus_mode(&self) -> FocusMode {
        let is_focus = |section: &&SectionTitle| section.role == Role::Focus;
        let Some(focus) = self.sections().into_iter().find(|s| is_focus(&s)) else {
            return FocusMode::Off;
        };
        let state = self.state.lock();
        let is_on_demand = state
            .panel
            .states()
            .any(|(branch, _, state)| *branch == focus.branch && state == SectionState::OnDemand);
        if is_on_demand { FocusMode::Ask } else { FocusMode::Auto }
    }

    /// Returns the heading of a branch's section.
    pub(crate) fn title_of(&self, branch: &BranchId) -> String {
        self.state.lock().title(branch)
    }

    /// Returns a branch's answer as the model has written it so far; empty if there is none.
    pub(crate) fn text_of(&self, branch: &BranchId) -> String {
        let current = self.current();
        Answer::of(branch, &current.log).text
    }

    /// Returns the answer of a branch that has ended, exactly as the model wrote it.
    ///
    /// # Errors
    /// Fails if the run does not have the branch, or if the branch has not ended or has written
    /// nothing.
    pub(crate) fn answer(&self, branch: &BranchId) -> Result<String, SessionError> {
        let state = self.current();
        match state.branches.get(branch) {
            None => Err(SessionError::UnknownBranch(branch.clone())),
            Some(found) if found.outcome.is_none() => {
                Err(SessionError::StillRunning(state.title(branch)))
            }
            Some(_) => match Answer::of(branch, &state.log).text {
                text if text.trim().is_empty() => Err(SessionError::NoAnswer(state.title(branch))),
                text => Ok(text),
            },
        }
    }
}
