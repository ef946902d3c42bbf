//! The focus of a run: when it is written, and from what.

use crate::event::{Answer, BranchId, SectionTitle, Seq, Stamped};
use crate::lang::Lang;
use crate::perspective::FOCUS;
use crate::request::{QuotedAnswer, Request};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;

/// Minimum number of views for a focus.
const LEAST: usize = 2;

/// Returns the branch that writes the focus, which has the same ID in every run.
pub(crate) fn branch() -> BranchId {
    BranchId(FOCUS.into())
}

/// Returns the initial sections of a run, in display order: the focus, if any, which is read first,
/// and the views.
pub(crate) fn sections(request: &Request) -> Vec<SectionTitle> {
    let focus = request.focus.iter().map(|focus| SectionTitle {
        role: crate::event::Role::Focus,
        ..SectionTitle::view(FOCUS, focus.perspective.title(request.lang))
    });
    let views = request.perspectives.iter();
    focus.chain(views.map(|p| SectionTitle::view(p.branch(), p.heading(request.lang)))).collect()
}

/// The progress of one view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Progress {
    /// Whether the view's branch has ended.
    pub(crate) has_ended: bool,
    /// Whether any text of the view's answer has arrived.
    pub(crate) has_text: bool,
}

/// What the focus does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    /// Wait, however long it takes.
    Wait,
    /// Wait for the rest, within the limit.
    WaitForRest,
    /// Write the focus.
    Write,
}

fn next(views: &[Progress]) -> Next {
    let written = views.iter().filter(|view| view.has_ended && view.has_text).count();
    match views.iter().all(|view| view.has_ended) {
        true => Next::Write,
        false if written >= LEAST => Next::WaitForRest,
        false => Next::Wait,
    }
}

/// Waits until it is time to write a run's focus. Returns `false` if the focus was stopped
/// (`token`).
///
/// Once enough views have finished, waits at most `limit` for the rest. The limit restarts whenever
/// a view finishes, so that a server that handles one request at a time gets the time it needs.
pub(crate) async fn is_due(
    mut urgent: watch::Receiver<Seq>,
    views: impl Fn() -> Vec<Progress>,
    token: &CancellationToken,
    limit: Duration,
) -> bool {
    let mut ended = (0, Instant::now());
    loop {
        urgent.mark_unchanged();
        let views = views();
        let count = views.iter().filter(|view| view.has_ended).count();
        if count != ended.0 {
            ended = (count, Instant::now());
        }
        let changed = async {
            match next(&views) {
                Next::Write => false,
                Next::Wait => urgent.changed().await.is_ok(),
                Next::WaitForRest => timeout_at(ended.1 + limit, urgent.changed())
                    .await
                    .is_ok_and(|changed| changed.is_ok()),
            }
        };
        tokio::select! {
            biased;
            () = token.cancelled() => return false,
            goes_on = changed => if !goes_on { return true },
        }
    }
}

/// The answers that a prompt combines, and the sections without an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Material {
    /// The answers, in the order of their sections.
    pub(crate) answers: Vec<QuotedAnswer>,
    /// The headings of sections that have written nothing.
    pub(crate) missing: Vec<String>,
}

impl Material {
    /// Collects what the views of a run have written so far, from the run's events.
    pub(crate) fn of(request: &Request, events: &[Stamped]) -> Self {
        let views = request.perspectives.iter();
        let views: Vec<_> =
            views.map(|p| SectionTitle::view(p.branch(), p.heading(request.lang))).collect();
        Material::of_sections(&views, events)
    }

    /// Collects what these sections have written so far.
    pub(crate) fn of_sections(sections: &[SectionTitle], events: &[Stamped]) -> Self {
        let mut material = Material::default();
        for SectionTitle { branch, title, .. } in sections {
            let Answer { text, is_whole, .. } = Answer::of(branch, events);
            match text.trim().is_empty() {
                true => material.missing.push(title.clone()),
                false => {
                    material.answers.push(QuotedAnswer { title: title.clone(), text, is_whole })
                }
            }
        }
        material
    }

    /// Returns `true` if there are enough answers for a focus.
    pub(crate) fn is_enough(&self) -> bool {
        self.answers.len() >= LEAST
    }

    /// Returns a note for the user on which answers are missing or incomplete, if any.
    pub(crate) fn note(&self, lang: Lang) -> Option<String> {
        let cut = self.answers.iter().filter(|note| !note.is_whole).map(|note| note.title.as_str());
        let cut: Vec<_> = cut.collect();
        let missing: Vec<_> = self.missing.iter().map(String::as_str).collect();
        let list = |names: &[&str]| names.join(lang.pick("、", ", "));
        let sentences = [
            (!missing.is_empty()).then(|| match lang {
                Lang::Ja => format!("「{}」抜きで書きました", list(&missing)),
                Lang::En => format!("written without {}", list(&missing)),
            }),
            (!cut.is_empty()).then(|| match lang {
                Lang::Ja => format!("「{}」は途中で切れた答えを使いました", list(&cut)),
                Lang::En => format!("used unfinished answers: {}", list(&cut)),
            }),
        ];
        let sentences: Vec<_> = sentences.into_iter().flatten().collect();
        (!sentences.is_empty()).then(|| sentences.join(lang.pick("。", "; ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(has_ended: bool, has_text: bool) -> Progress {
        Progress { has_ended, has_text }
    }

    #[test]
    fn it_waits_for_two_and_then_within_its_limit() {
        let (done, failed, writing) = (view(true, true), view(true, false), view(false, true));
        assert_eq!(next(&[done, writing, writing]), Next::Wait);
        assert_eq!(next(&[done, failed, writing]), Next::Wait);
        assert_eq!(next(&[done, done, writing]), Next::WaitForRest);
        assert_eq!(next(&[done, done, failed]), Next::Write);
        assert_eq!(next(&[failed, failed]), Next::Write, "it says then that there is too little");
    }

    #[test]
    fn what_is_missing_is_told() {
        let note = |title: &str, is_whole| QuotedAnswer {
            title: title.into(),
            text: "x".into(),
            is_whole,
        };
        let whole = Material { answers: vec![note("a", true), note("b", true)], missing: vec![] };
        assert!(whole.is_enough() && whole.note(Lang::En).is_none());
        let part = Material {
            answers: vec![note("a", true), note("b", false)],
            missing: vec!["c".into()],
        };
        assert_eq!(part.note(Lang::En).unwrap(), "written without c; used unfinished answers: b");
        assert_eq!(
            part.note(Lang::Ja).unwrap(),
            "「c」抜きで書きました。「b」は途中で切れた答えを使いました"
        );
        assert!(!Material { answers: vec![note("a", true)], ..whole }.is_enough());
    }
}
