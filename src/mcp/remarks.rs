//! What a reader must know about an answer besides its state: the notes on it, and which views a
//! focus does not include.

use crate::event::{BranchId, Event, Role, SectionTitle, Stamped};
use crate::lang::Lang;
use crate::panel::show_hidden;

/// The remarks on each section of a run, folded from its events.
#[derive(Debug, Default)]
pub(crate) struct Remarks(Vec<Remarked>);

/// The remarks on one section.
#[derive(Debug)]
struct Remarked {
    section: SectionTitle,
    /// The notes on the last request and its answer.
    notes: Vec<String>,
    /// Titles of the views that a focus does not include, because they ended after it was started.
    newer: Vec<String>,
    has_begun: bool,
    /// Whether the last request is still under way and has written text.
    is_writing: bool,
}

impl Remarks {
    pub(crate) fn of(events: &[Stamped]) -> Self {
        let mut remarks = Remarks::default();
        events.iter().for_each(|stamped| remarks.apply(&stamped.event));
        remarks
    }

    /// Returns the remarks on the section of this branch, as sentences without a full stop.
    pub(crate) fn on(&self, branch: &BranchId, lang: Lang) -> Vec<String> {
        let Some(found) = self.0.iter().find(|one| one.section.branch == *branch) else {
            return Vec::new();
        };
        let newer = (!found.newer.is_empty()).then(|| match lang {
            Lang::Ja => format!("「{}」の更新がまだ反映されていません", found.newer.join("、")),
            Lang::En => {
                format!("outdated: {} changed after this was written", found.newer.join(", "))
            }
        });
        found.notes.iter().chain(&newer).map(|remark| show_hidden(remark)).collect()
    }

    fn apply(&mut self, event: &Event) {
        match event {
            Event::RunStarted { sections, .. } => sections.iter().for_each(|one| self.add(one)),
            Event::SectionAdded { section, .. } => self.add(section),
            Event::BranchStarted { branch, .. } => self.with(branch, Remarked::begin),
            Event::BranchNoted { branch, note } => self.with(branch, |one| one.note(note)),
            Event::Delta { branch, .. } => self.with(branch, |one| one.is_writing = true),
            Event::Retracted { branch, .. } => self.with(branch, |one| one.is_writing = false),
            Event::BranchEnded { branch, .. } => self.end(branch),
            Event::BranchQueued { .. }
            | Event::Thinking { .. }
            | Event::Reasoning { .. }
            | Event::BranchRetrying { .. }
            | Event::Marked { .. }
            | Event::RunEnded { .. } => {}
        }
    }

    fn add(&mut self, section: &SectionTitle) {
        let (section, notes, newer) = (section.clone(), Vec::new(), Vec::new());
        self.0.push(Remarked { section, notes, newer, has_begun: false, is_writing: false });
    }

    fn with(&mut self, branch: &BranchId, change: impl FnOnce(&mut Remarked)) {
        if let Some(found) = self.0.iter_mut().find(|one| one.section.branch == *branch) {
            change(found);
        }
    }

    /// Ends a branch. If it is a view that has written text, no focus that has begun includes it.
    fn end(&mut self, branch: &BranchId) {
        let Some(ended) = self.0.iter_mut().find(|one| one.section.branch == *branch) else {
            return;
        };
        let is_new = std::mem::take(&mut ended.is_writing) && ended.section.role == Role::View;
        let title = ended.section.title.clone();
        let is_older = |one: &&mut Remarked| {
            is_new
                && one.section.role == Role::Focus
                && one.has_begun
                && !one.newer.contains(&title)
        };
        self.0.iter_mut().filter(is_older).for_each(|focus| focus.newer.push(title.clone()));
    }
}

impl Remarked {
    fn begin(&mut self) {
        self.notes.clear();
        self.newer.clear();
        self.has_begun = true;
        self.is_writing = false;
    }

    fn note(&mut self, note: &str) {
        if !self.notes.iter().any(|known| known == note) {
            self.notes.push(note.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Outcome, RunId, Source};
    use crate::mcp::report::RunReport;
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

    fn note(name: &str, note: &str) -> Event {
        Event::BranchNoted { branch: id(name), note: note.into() }
    }

    fn end(name: &str) -> Event {
        let (branch, outcome) = (id(name), Outcome::Done);
        Event::BranchEnded { branch, outcome, usage: None, cost: None, elapsed_ms: 0, note: None }
    }

    fn answered(name: &str) -> [Event; 3] {
        [start(name), Event::Delta { branch: id(name), text: "- a\n".into() }, end(name)]
    }

    /// Returns the remarks on the focus.
    fn remarks(events: &[&[Event]]) -> Vec<String> {
        Remarks::of(&stamped(events)).on(&id("focus"), Lang::En)
    }

    fn stamped(events: &[&[Event]]) -> Vec<Stamped> {
        let events = [&[&[started()][..]], events].concat().concat();
        events.into_iter().zip(1..).map(|(event, seq)| Stamped { seq, event }).collect()
    }

    #[test]
    fn a_focus_is_outdated_from_a_view_s_new_answer_until_its_own() {
        let (depth, focus) = (answered("depth"), answered("focus"));
        let outdated = ["outdated: Depth changed after this was written"];
        assert!(remarks(&[&depth, &focus]).is_empty());
        assert_eq!(remarks(&[&depth, &focus, &depth, &depth]), outdated);
        assert!(remarks(&[&depth, &focus, &depth, &focus]).is_empty());
        // What was refused, or has brought no text, changes nothing.
        assert!(remarks(&[&depth, &focus, &[end("depth")]]).is_empty());
        assert!(remarks(&[&depth, &focus, &[start("depth"), end("depth")]]).is_empty());
    }

    #[test]
    fn notes_are_those_of_the_last_request() {
        let first = [start("focus"), note("focus", "written without Depth"), end("focus")];
        assert_eq!(remarks(&[&first]), ["written without Depth"]);
        assert!(remarks(&[&first, &answered("focus")]).is_empty());
        assert!(remarks(&[&[note("depth", "x"), note("nothing", "y")]]).is_empty());
    }

    #[test]
    fn an_outdated_focus_is_not_told_as_complete() {
        let over = Event::RunEnded { outcome: crate::event::RunOutcome::Done, total: None };
        let (depth, focus) = (answered("depth"), answered("focus"));
        let report = |events: &[&[Event]]| {
            let events = stamped(&[events, &[&[over.clone()]]].concat());
            RunReport::new("r", "t", &events, None).markdown()
        };
        let whole = report(&[&depth, &focus]);
        assert!(whole.ends_with("Run `r`: everything is complete.\n"), "{whole}");
        let outdated = report(&[&depth, &focus, &depth]);
        let end = "Run `r`: it has ended. Note the following.\n\n- Focus: outdated: Depth changed after this was written\n";
        assert!(outdated.ends_with(end), "{outdated}");
    }
}
