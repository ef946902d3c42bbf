//! Builds the prompts of a run's branches from the run's current state. Pure, except for reading
//! the run.

use super::Run;
use super::context::fence;
use super::focus::{self, Material};
use crate::event::{Answer, BranchId, Event, FailureKind, SectionTitle};
use crate::request::{Prompt, Request, focus_prompt, follow_up, prompts, question_to_all};

/// Returns the prompt of a branch and, for a focus, a note for the user on missing or incomplete
/// answers.
///
/// # Errors
/// Fails with [`FailureKind::TooFewViews`] if there are too few answers for the focus, and with
/// [`FailureKind::Internal`] if the branch's question is unknown: a journal that was written by
/// hand may hold a section without a question.
pub(crate) fn prompt_of(
    run: &Run,
    request: &Request,
    branch: &BranchId,
) -> Result<(Prompt, Option<String>), FailureKind> {
    let fence = fence(request);
    if let Some(focus) = request.focus.as_ref().filter(|_| *branch == focus::branch()) {
        let material = Material::of(request, &run.events_from(1));
        if !material.is_enough() {
            return Err(FailureKind::TooFewViews);
        }
        let prompt = focus_prompt(request, &focus.perspective, &fence, &material.notes);
        return Ok((prompt, material.note(request.lang)));
    }
    let view = prompts(request, &fence).into_iter().find(|(known, _)| known == branch);
    match view {
        Some((_, prompt)) => Ok((prompt, None)),
        None => {
            let prompt = follow_up_of(run, request, &fence, branch);
            prompt.map(|prompt| (prompt, None)).ok_or(FailureKind::Internal)
        }
    }
}

/// Returns the prompt of a follow-up section.
fn follow_up_of(run: &Run, request: &Request, fence: &str, branch: &BranchId) -> Option<Prompt> {
    let events = run.events_from(1);
    let mut known: Vec<SectionTitle> = Vec::new();
    let added = events.iter().find_map(|stamped| match &stamped.event {
        Event::RunStarted { sections, .. } => {
            known.extend(sections.iter().cloned());
            None
        }
        Event::SectionAdded { section, after, question } if section.branch == *branch => {
            Some((after.clone(), question.clone()))
        }
        Event::SectionAdded { section, .. } => {
            known.push(section.clone());
            None
        }
        _ => None,
    });
    match added.filter(|(_, question)| !question.is_empty())? {
        (None, question) => {
            let all = Material::of_sections(&known, &events);
            Some(question_to_all(request, fence, &all.notes, &question))
        }
        // Only earlier sections count, so that this recursion ends whatever a journal says.
        (Some(after), question) if known.iter().any(|section| section.branch == after) => {
            let (before, _) = prompt_of(run, request, &after).ok()?;
            Some(follow_up(before, &Answer::of(&after, &events).text, &question))
        }
        _ => None,
    }
}
