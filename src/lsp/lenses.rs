//! The code lenses of a panel, and a record of those that the client has, so that the client is
//! asked to refresh only if they have changed.

use super::ext;
use super::params::Form;
use super::uri;
use crate::event::{BranchId, RunId};
use crate::lang::Lang;
use crate::panel::SectionState;
use crate::session::{Run, RunSource, Session, SourceState};
use crate::text::{self, Side};
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::Notify;

/// A code lens without its position.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Lens {
    /// The section whose heading the lens is shown above; `None` for the panel's title.
    pub(crate) section: Option<BranchId>,
    /// The LSP command: its title, name and argument.
    pub(crate) command: Value,
}

/// What the lenses of one panel depend on, besides its sections.
#[derive(Clone, Copy, Debug)]
struct LensContext<'a> {
    run: &'a RunId,
    lang: Lang,
    source: &'a RunSource,
    /// Whether the run asks about another run's answer and not about the source itself.
    is_about_answer: bool,
    /// Whether the source may be sent.
    may_send: bool,
    /// Whether the client can show a document.
    shows: bool,
}

/// Returns the current lenses of a run's panel. `shows` says whether the client can show documents.
pub(crate) async fn of_run(session: &Session, run: &Arc<Run>, shows: bool) -> Vec<Lens> {
    let source = session.source(run).await;
    let context = LensContext {
        run: run.id(),
        lang: run.with_panel(|panel| panel.lang()),
        source: &source,
        is_about_answer: run.origin().is_some(),
        may_send: session.may_send(&source.uri).is_ok(),
        shows,
    };
    let mut lenses = context.of_head();
    let reasoned = run.with_reasoning();
    run.with_panel(|panel| {
        for (branch, _, state) in panel.states() {
            let has_answer = panel.has_answer(branch);
            let has_reasoning = reasoned.contains(branch);
            lenses.extend(context.of_section(branch, state, has_answer, has_reasoning));
        }
    });
    lenses
}

impl LensContext<'_> {
    fn of_head(self) -> Vec<Lens> {
        let RunSource { uri, state, .. } = self.source;
        let lens = |ja: &str, en: &str, command: &str| Lens {
            section: None,
            command: json!({
                "title": self.lang.pick(ja, en),
                "command": command,
                "arguments": [{"run": self.run}],
            }),
        };
        let mut lenses = Vec::new();
        if self.shows && !uri.is_empty() && !uri::is_ours(uri) {
            lenses.push(lens("元の文章へ", "Go to the text", ext::REVEAL));
        }
        if *state == SourceState::Changed && self.may_send && !self.is_about_answer {
            let (ja, en) =
                ("文章が変わりました · もう一度実行", "The text has changed · Run again");
            lenses.push(lens(ja, en, ext::RUN));
        }
        lenses
    }

    fn of_section(
        self,
        branch: &BranchId,
        state: SectionState,
        has_answer: bool,
        has_reasoning: bool,
    ) -> Vec<Lens> {
        let lens = |(ja, en): (&str, &str), command: &str, mut argument: Value| {
            if let Some(members) = argument.as_object_mut() {
                members.insert("run".to_owned(), json!(self.run));
                members.insert("branch".to_owned(), json!(branch));
            }
            let title = self.lang.pick(ja, en);
            let command = json!({"title": title, "command": command, "arguments": [argument]});
            Lens { section: Some(branch.clone()), command }
        };
        if !state.is_over() {
            return vec![lens(("停止", "Stop"), ext::CANCEL, json!({}))];
        }
        let title = match state {
            SectionState::OnDemand => ("今すぐ書く", "Write now"),
            _ => ("やり直す", "Retry"),
        };
        let mut lenses = vec![lens(title, ext::RETRY, json!({}))];
        if has_reasoning {
            lenses.push(lens(("推論を見る", "Show the reasoning"), ext::REASONING, json!({})));
        }
        if has_answer {
            lenses.extend(
                Insertion::all(self.source)
                    .map(|way| lens(way.short_title(), ext::INSERT, way.argument())),
            );
        }
        lenses
    }
}

/// A way to insert an answer into the document that the answer is about: as a comment or as text,
/// above or below the text that the run asked about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Insertion {
    form: Form,
    side: Side,
}

impl Insertion {
    /// Returns the possible insertions for an answer about `source`: as comments if the comment
    /// syntax of the document's language is known, otherwise as text. Returns none if the document
    /// is not open or the source was not found in it.
    pub(crate) fn all(source: &RunSource) -> impl Iterator<Item = Self> {
        let document = source.document.as_ref().filter(|_| source.bytes.is_some());
        let form = document.map(|it| match text::comment("", it.language_id(), "") {
            Some(_) => Form::Comment,
            None => Form::Text,
        });
        form.into_iter()
            .flat_map(|form| [Side::Above, Side::Below].map(|side| Insertion { form, side }))
    }

    /// Returns the Japanese and English titles to use where the answer's section is visible.
    fn short_title(self) -> (&'static str, &'static str) {
        match (self.form, self.side) {
            (Form::Comment, Side::Above) => ("コメントとして上に挿入", "Insert above as a comment"),
            (Form::Comment, Side::Below) => ("コメントとして下に挿入", "Insert below as a comment"),
            (Form::Text, Side::Above) => ("上に挿入", "Insert above"),
            (Form::Text, Side::Below) => ("下に挿入", "Insert below"),
        }
    }

    /// Returns the title of this insertion in a menu of code actions.
    pub(crate) fn title(self, lang: Lang) -> String {
        let (ja, en) = match self.side {
            Side::Above => ("この答えを元の文章の上に", "Insert this answer above the text"),
            Side::Below => ("この答えを元の文章の下に", "Insert this answer below the text"),
        };
        let (as_ja, as_en) = match self.form {
            Form::Comment => ("コメントとして挿入", " as a comment"),
            Form::Text => ("挿入", ""),
        };
        lang.pick(ja.to_owned() + as_ja, en.to_owned() + as_en)
    }

    /// Returns the members that request this insertion in the argument of [`ext::INSERT`].
    pub(crate) fn argument(self) -> Value {
        json!({"as": self.form, "at": self.side})
    }
}

/// The code lenses most recently sent to the client, by run.
#[derive(Debug, Default)]
pub(crate) struct GivenLenses {
    given: Mutex<HashMap<RunId, Vec<Lens>>>,
    news: Notify,
}

impl GivenLenses {
    /// Records the lenses that are sent to the client for a run.
    pub(crate) fn give(&self, run: &RunId, lenses: Vec<Lens>) {
        self.given.lock().insert(run.clone(), lenses);
    }

    /// Removes the record of a run's lenses, because the client has closed the panel or the run was
    /// discarded.
    pub(crate) fn forget(&self, run: &RunId) {
        self.given.lock().remove(run);
    }

    /// Returns the runs whose lenses the client has.
    pub(crate) fn runs(&self) -> Vec<RunId> {
        self.given.lock().keys().cloned().collect()
    }

    /// Returns `true` if the client has lenses of this run that differ from `lenses`. If so, also
    /// records `lenses` as sent, so that each change is reported only once.
    pub(crate) fn are_outdated(&self, run: &RunId, lenses: Vec<Lens>) -> bool {
        let mut given = self.given.lock();
        given.get_mut(run).is_some_and(|had| std::mem::replace(had, lenses.clone()) != lenses)
    }

    /// Wakes [`GivenLenses::changed`], because something that lenses depend on may have changed.
    pub(crate) fn notify_changed(&self) {
        self.news.notify_one();
    }

    /// Waits until [`GivenLenses::notify_changed`] is called. Returns at once if that has happened
    /// since the last wait.
    pub(crate) async fn changed(&self) {
        self.news.notified().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Document;

    fn source(state: SourceState, language_id: &str) -> RunSource {
        let document = Document::open("file:///w/a", language_id.to_owned(), 1, "一\n二\n");
        let is_there = matches!(state, SourceState::Unchanged | SourceState::Changed);
        let is_open = state != SourceState::Closed;
        RunSource {
            uri: "file:///w/a".into(),
            state,
            document: is_open.then_some(document),
            bytes: is_there.then_some(0..3),
        }
    }

    fn context<'a>(run: &'a RunId, source: &'a RunSource) -> LensContext<'a> {
        LensContext {
            run,
            lang: Lang::En,
            source,
            is_about_answer: false,
            may_send: true,
            shows: true,
        }
    }

    fn titles(lenses: &[Lens]) -> Vec<&str> {
        lenses.iter().filter_map(|lens| lens.command["title"].as_str()).collect()
    }

    #[test]
    fn the_head_leads_to_the_text_and_runs_again_what_has_changed() {
        let run = RunId("r".into());
        let of = |state, change: fn(&mut LensContext<'_>)| {
            let source = source(state, "markdown");
            let mut context = context(&run, &source);
            change(&mut context);
            context.of_head()
        };
        let (go, again) = ("Go to the text", "The text has changed · Run again");
        for state in [SourceState::Unchanged, SourceState::Gone, SourceState::Closed] {
            assert_eq!(titles(&of(state, |_| {})), [go], "{state:?}");
        }
        let changed = of(SourceState::Changed, |_| {});
        assert_eq!(titles(&changed), [go, again]);
        let command =
            json!({"title": again, "command": "kaizodo.run", "arguments": [{"run": "r"}]});
        assert_eq!(changed[1], Lens { section: None, command });
        for change in
            [(|context| context.is_about_answer = true) as fn(&mut LensContext<'_>), |context| {
                context.may_send = false
            }]
        {
            assert_eq!(titles(&of(SourceState::Changed, change)), [go]);
        }
        assert!(of(SourceState::Unchanged, |context| context.shows = false).is_empty());
    }

    #[test]
    fn a_section_is_stopped_retried_or_inserted() {
        let (run, branch) = (RunId("r".into()), BranchId("depth".into()));
        let of = |source: &RunSource, state, has_answer| {
            context(&run, source).of_section(&branch, state, has_answer, false)
        };
        let there = source(SourceState::Changed, "plaintext");
        assert_eq!(titles(&of(&there, SectionState::Writing(9), true)), ["Stop"]);
        assert_eq!(titles(&of(&there, SectionState::Queued, false)), ["Stop"]);
        assert_eq!(titles(&of(&there, SectionState::Broken, false)), ["Retry"]);
        assert_eq!(titles(&of(&there, SectionState::OnDemand, false)), ["Write now"]);
        let done = of(&there, SectionState::Done, true);
        assert_eq!(titles(&done), ["Retry", "Insert above", "Insert below"]);
        let argument = json!([{"run": "r", "branch": "depth", "as": "text", "at": "below"}]);
        assert_eq!(done[2].command["arguments"], argument);
        let code = of(&source(SourceState::Unchanged, "rust"), SectionState::Cancelled, true);
        assert_eq!(code[1].command["arguments"][0]["as"], "comment");
        for state in [SourceState::Gone, SourceState::Closed, SourceState::Unknown] {
            let lenses = of(&source(state, "rust"), SectionState::Done, true);
            assert_eq!(titles(&lenses), ["Retry"], "it would be refused: {state:?}");
        }
    }

    #[test]
    fn a_client_is_told_once_that_its_lenses_are_others_by_now() {
        let (given, run) = (GivenLenses::default(), RunId("r".into()));
        let lens = |title: &str| vec![Lens { section: None, command: json!({"title": title}) }];
        assert!(!given.are_outdated(&run, lens("a")), "it has none");
        given.give(&run, lens("a"));
        assert!(!given.are_outdated(&run, lens("a")));
        assert!(given.are_outdated(&run, lens("b")));
        assert!(!given.are_outdated(&run, lens("b")));
        given.forget(&run);
        assert!(given.runs().is_empty() && !given.are_outdated(&run, lens("c")));
    }
}
