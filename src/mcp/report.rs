//! The result of a tool, both as structured content and as Markdown, because clients show their
//! model only one of the two.

use crate::event::{BranchId, Event, Outcome, Role, RunOutcome, Stamped};
use crate::lang::Lang;
use crate::panel::{Panel, SectionState, show_hidden};
use rmcp::schemars::{self, JsonSchema};
use serde::Serialize;
use std::collections::HashMap;

/// A report on a run, or on one of its sections.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct RunReport {
    /// Name of the run, for use in `read` and `ask`.
    pub(crate) run: String,
    /// A short title, taken from the text.
    pub(crate) title: String,
    /// `done`, `partial` (a section is not complete), `cancelled` or `running`.
    pub(crate) outcome: &'static str,
    /// The sections, the focus first.
    pub(crate) sections: Vec<SectionReport>,
    /// Further notes in plain sentences: what was redacted, or that no model was asked.
    pub(crate) notes: Vec<String>,
    /// Whether a section of the run waits to be requested.
    #[serde(skip)]
    is_unwritten: bool,
    #[serde(skip)]
    lang: Lang,
    /// The answers as one Markdown document.
    #[serde(skip)]
    answers: String,
}

/// One section of a run.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct SectionReport {
    /// Name of the section, for use in `read` and `ask`.
    pub(crate) branch: String,
    /// The heading of the section.
    pub(crate) title: String,
    /// `focus`, `view` or `follow_up`.
    #[schemars(with = "String")]
    pub(crate) role: Role,
    /// `done` if the answer is complete; else `length`, `filtered`, `cut_off`, `failed`, `cancelled` or `on_demand` (not written), or while it is under way `queued`, `waiting`, `thinking`, `writing` or `retrying`.
    pub(crate) state: &'static str,
    /// The answer so far, as Markdown.
    pub(crate) text: String,
    /// Why the answer is not complete.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) failure: Option<String>,
    /// What else to know about the answer: what it was written without, that it is outdated, or that it misquotes the text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) notes: Vec<String>,
    /// The state in words, for people.
    #[serde(skip)]
    words: &'static str,
}

impl RunReport {
    /// Builds the report on the run named `run` from its events, limited to the section `only`, if
    /// given.
    pub(crate) fn new(run: &str, title: &str, events: &[Stamped], only: Option<&BranchId>) -> Self {
        let mut panel = Panel::new(title, Lang::default());
        panel.apply_all(events);
        let lang = panel.lang();
        let (mut roles, mut ends) = (HashMap::new(), HashMap::new());
        let (mut notes, mut outcome) = (Vec::new(), "running");
        for Stamped { event, .. } in events {
            match event {
                Event::RunStarted { sections, notes: said, .. } => {
                    notes = said.iter().map(|note| show_hidden(note)).collect();
                    roles.extend(sections.iter().map(|s| (s.branch.clone(), s.role)));
                }
                Event::SectionAdded { section, .. } => {
                    roles.insert(section.branch.clone(), section.role);
                }
                Event::BranchEnded { branch, outcome, .. } => {
                    ends.insert(branch.clone(), outcome);
                }
                Event::RunEnded { outcome: ended, .. } if panel.is_over() => {
                    outcome = name_of_run(*ended);
                }
                _ => {}
            }
        }
        let section = |(branch, title, state): (&BranchId, &str, SectionState)| {
            let text = panel.export_section(branch).unwrap_or_default();
            let end = ends.get(branch).copied().filter(|_| state.is_over());
            SectionReport {
                branch: branch.to_string(),
                title: show_hidden(title),
                role: roles.get(branch).copied().unwrap_or_default(),
                state: end.map_or_else(|| name_of_state(state), name_of),
                failure: end.and_then(Outcome::failure).map(|f| show_hidden(&f.message)),
                notes: remarks(&panel, branch, lang),
                words: state.words(!text.trim().is_empty(), lang),
                text,
            }
        };
        let asked = |(branch, ..): &(&BranchId, &str, SectionState)| {
            only.is_none_or(|only| *branch == only)
        };
        let sections: Vec<_> = panel.states().filter(asked).map(section).collect();
        let answers = match only {
            None => panel.export(),
            Some(_) => sections.iter().map(|s| format!("## {}\n\n{}", s.title, s.text)).collect(),
        };
        let is_unwritten = panel.states().any(|(.., state)| state == SectionState::OnDemand);
        let (run, title) = (run.to_owned(), show_hidden(title));
        RunReport { run, title, outcome, sections, notes, is_unwritten, lang, answers }
    }

    /// Returns `true` if at least one section has failed and no section has any text.
    pub(crate) fn has_failed(&self) -> bool {
        self.sections.iter().any(|section| section.failure.is_some())
            && self.sections.iter().all(|section| section.text.is_empty())
    }

    /// Returns the answers as Markdown, followed by the run's name and outcome, the sections that
    /// are incomplete with the reasons, the notes on the sections, and those on the run.
    pub(crate) fn markdown(&self) -> String {
        let Self { run, lang, .. } = self;
        let is_noted = self.sections.iter().any(|section| !section.notes.is_empty());
        let (ja, en) = match self.outcome {
            "done" if self.is_unwritten => {
                ("まだ書いていない節があります。", "not every section has been written.")
            }
            "done" if is_noted => {
                ("終わりました。次の点に注意してください。", "it has ended. Note the following.")
            }
            "done" => ("すべて完了しました。", "everything is complete."),
            "partial" => ("完了していない節があります。", "not every section is complete."),
            "cancelled" => ("途中で停止しました。", "it was stopped."),
            _ => ("まだ書いている途中です。", "it is still under way."),
        };
        let end = lang.pick(format!("実行 `{run}`: {ja}"), format!("Run `{run}`: {en}"));
        let of_sections = self.sections.iter().flat_map(|section| section.lines(*lang));
        let lines: Vec<_> = of_sections.chain(self.notes.iter().cloned()).collect();
        let lines: String = lines.iter().map(|line| format!("- {}\n", line.trim_end())).collect();
        let space = if lines.is_empty() { "" } else { "\n" };
        format!("{}\n---\n\n{end}\n{space}{lines}", self.answers)
    }
}

/// Returns what to know about an answer besides its outcome, as sentences without a full stop.
fn remarks(panel: &Panel, branch: &BranchId, lang: Lang) -> Vec<String> {
    let (notes, newer) = panel.remarks(branch).unwrap_or_default();
    let outdated = (!newer.is_empty()).then(|| match lang {
        Lang::Ja => format!("「{}」の更新がまだ反映されていません", newer.join("、")),
        Lang::En => format!("outdated: {} changed after this was written", newer.join(", ")),
    });
    notes.iter().chain(&outdated).map(|remark| show_hidden(remark)).collect()
}

impl SectionReport {
    /// Returns the section's state and the reason, unless the answer is complete, and the notes.
    fn lines(&self, lang: Lang) -> Vec<String> {
        let SectionReport { title, words, failure, notes, .. } = self;
        let why = failure.as_deref().unwrap_or_default();
        let state = (self.state != "done").then(|| {
            lang.pick(format!("{title}: {words}。{why}"), format!("{title}: {words}. {why}"))
        });
        state.into_iter().chain(notes.iter().map(|note| format!("{title}: {note}"))).collect()
    }
}

fn name_of(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Done => "done",
        Outcome::Length(_) => "length",
        Outcome::Filtered(_) => "filtered",
        Outcome::CutOff(_) => "cut_off",
        Outcome::Failed(_) => "failed",
        Outcome::Cancelled => "cancelled",
        Outcome::OnDemand => "on_demand",
    }
}

fn name_of_state(state: SectionState) -> &'static str {
    match state {
        SectionState::Gathering(..) | SectionState::Queued => "queued",
        SectionState::Waiting => "waiting",
        SectionState::Thinking(_) => "thinking",
        SectionState::Writing(_) => "writing",
        SectionState::Retrying => "retrying",
        SectionState::Done => "done",
        SectionState::Broken => "failed",
        SectionState::Cancelled => "cancelled",
        SectionState::OnDemand => "on_demand",
    }
}

/// Returns the name of a run's outcome that the tools' results use.
pub(crate) fn name_of_run(outcome: RunOutcome) -> &'static str {
    match outcome {
        RunOutcome::Done => "done",
        RunOutcome::Partial => "partial",
        RunOutcome::Cancelled => "cancelled",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{RunId, SectionTitle, Source};
    use crate::text::Range16;

    fn id(name: &str) -> BranchId {
        BranchId(name.into())
    }

    fn started() -> Event {
        let focus = SectionTitle { role: Role::Focus, ..SectionTitle::view("focus", "Focus") };
        Event::RunStarted {
            run: RunId("r".into()),
            at: jiff::Timestamp::UNIX_EPOCH,
            title: "t".into(),
            source: Source { uri: "kaizodo:/text".into(), range: Range16::default() },
            origin: None,
            lang: Lang::En,
            provider: "p".into(),
            without_model: false,
            sections: vec![focus, SectionTitle::view("depth", "Depth")],
            notes: vec![],
            selection: None,
            context: Default::default(),
        }
    }

    fn start(name: &str) -> Event {
        Event::BranchStarted { branch: id(name), model: "m".into() }
    }

    fn end(name: &str) -> Event {
        let (branch, outcome) = (id(name), Outcome::Done);
        Event::ended(branch, outcome)
    }

    fn answered(name: &str) -> [Event; 3] {
        [start(name), Event::Delta { branch: id(name), text: "- a\n".into() }, end(name)]
    }

    fn stamped(events: &[&[Event]]) -> Vec<Stamped> {
        let events = [&[&[started()][..]], events].concat().concat();
        events.into_iter().zip(1..).map(|(event, seq)| Stamped { seq, event }).collect()
    }

    #[test]
    fn an_outdated_focus_is_not_told_as_complete() {
        let over = Event::RunEnded { outcome: crate::event::RunOutcome::Done, total: None };
        let (depth, focus) = (answered("depth"), answered("focus"));
        let report = |events: &[&[Event]]| {
            let events = stamped(&[events, &[std::slice::from_ref(&over)]].concat());
            RunReport::new("r", "t", &events, None).markdown()
        };
        let whole = report(&[&depth, &focus]);
        assert!(whole.ends_with("Run `r`: everything is complete.\n"), "{whole}");
        let outdated = report(&[&depth, &focus, &depth]);
        let end = "Run `r`: it has ended. Note the following.\n\n- Focus: outdated: Depth changed after this was written\n";
        assert!(outdated.ends_with(end), "{outdated}");
    }
}
