//! Builds the prompts of a run's branches from the run's current state. Pure, except for reading
//! the run.

use super::Run;
use super::context::fence;
use super::focus::{self, Material};
use crate::event::{Answer, BranchId, Event, FailureKind, SectionTitle};
use crate::request::{Prompt, Request, focus_prompt, follow_up, prompts, question_to_all};

/// Returns the prompt of a branch and, if it combines answers, a note for the user on missing or
/// incomplete ones.
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
    let is_focus = *branch == focus::branch();
    if is_focus && !Material::of(request, &run.events_from(1)).is_enough() {
        return Err(FailureKind::TooFewViews);
    }
    conversation(run, request, branch).ok_or(FailureKind::Internal)
}

/// Like [`prompt_of`], but succeeds for a focus even if too few answers are left: the user can still
/// ask about a focus whose views are gone. Returns `None` if the branch's question is unknown.
fn conversation(
    run: &Run,
    request: &Request,
    branch: &BranchId,
) -> Option<(Prompt, Option<String>)> {
    let fence = fence(request);
    if let Some(focus) = request.focus.as_ref().filter(|_| *branch == focus::branch()) {
        let material = Material::of(request, &run.events_from(1));
        let prompt = focus_prompt(request, &focus.perspective, &fence, &material.answers);
        return Some((prompt, material.note(request.lang)));
    }
    let view = prompts(request, &fence).into_iter().find(|(known, _)| known == branch);
    match view {
        Some((_, prompt)) => Some((prompt, None)),
        None => follow_up_of(run, request, &fence, branch),
    }
}

/// Returns the prompt of a follow-up section, with a note as in [`prompt_of`].
fn follow_up_of(
    run: &Run,
    request: &Request,
    fence: &str,
    branch: &BranchId,
) -> Option<(Prompt, Option<String>)> {
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
            let mut all = Material::of_sections(&known, &events);
            let prompt = question_to_all(request, fence, &all.answers, &question);
            // Nobody expects an answer of a focus or a follow-up that was not written.
            all.missing.retain(|title| known.iter().any(|s| s.role.is_view() && s.title == *title));
            Some((prompt, all.note(request.lang)))
        }
        // Only earlier sections count, so that this recursion ends whatever a journal says.
        (Some(after), question) if known.iter().any(|section| section.branch == after) => {
            let (before, _) = conversation(run, request, &after)?;
            Some((follow_up(before, &Answer::of(&after, &events).text, &question), None))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::event::{Role, RunId, Source};
    use crate::perspective::Catalog;
    use crate::request::Focus;
    use crate::text::Range16;

    /// A run whose focus was written, and of whose views only one has text.
    fn run() -> Run {
        let catalog = Catalog::builtin();
        let perspective = catalog.focus().cloned().unwrap();
        let request = Request {
            perspectives: catalog.resolve(&["depth", "time"]).unwrap(),
            focus: Some(Focus { perspective, is_on_demand: false }),
            budget: Config::default().limits.budget,
            ..Request::default()
        };
        let sections = focus::sections(&request);
        let run = Run::new(RunId("r".into()), String::new(), request);
        run.record(Event::RunStarted {
            run: run.id().clone(),
            at: crate::session::now(),
            title: String::new(),
            source: Source { uri: "file:///a.md".into(), range: Range16::default() },
            origin: None,
            lang: crate::lang::Lang::En,
            provider: String::new(),
            without_model: false,
            sections,
            notes: vec![],
            selection: None,
            context: Default::default(),
        });
        for branch in ["depth", "focus"] {
            let branch = BranchId(branch.into());
            run.record(Event::Delta { branch, text: "an answer".into() });
        }
        run
    }

    #[test]
    fn a_focus_needs_two_views_to_be_written_and_none_to_be_asked_about() {
        let run = run();
        let request = run.request().unwrap().clone();
        let of = |branch: &BranchId| prompt_of(&run, &request, branch).map(|(prompt, _)| prompt);
        assert_eq!(of(&focus::branch()).unwrap_err(), FailureKind::TooFewViews);
        let (asked, _) = run.add("Why?".into(), Some(focus::branch()), "Why?".into());
        let prompt = of(&asked).unwrap();
        assert!(prompt.question().contains("Why?") && prompt.is_follow_up);
        assert_eq!(of(&BranchId("none".into())).unwrap_err(), FailureKind::Internal);
        assert_eq!(run.sections().iter().filter(|s| s.role == Role::FollowUp).count(), 1);
    }

    #[test]
    fn a_question_to_all_says_which_views_it_does_not_have() {
        let run = run();
        let request = run.request().unwrap().clone();
        let (asked, _) = run.add("Why?".into(), None, "Why?".into());
        let (_, note) = prompt_of(&run, &request, &asked).unwrap();
        let note = note.unwrap();
        assert_eq!(note, "written without Time; used unfinished answers: Focus, Depth");
    }
}
