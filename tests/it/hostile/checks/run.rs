//! Runs without a model: the events of a run, and the resulting panel.

use kaizodo::event::{BranchId, Event, Outcome, RunId, SectionTitle, Source};
use kaizodo::lang::Lang;
use kaizodo::panel::Panel;
use kaizodo::text::Range16;

/// The sections of the run.
pub(crate) const SECTIONS: [&str; 3] = ["Depth", "Breadth", "Time"];

pub(crate) fn branch(index: usize) -> BranchId {
    BranchId(SECTIONS[index % SECTIONS.len()].into())
}

pub(crate) fn started() -> Event {
    Event::RunStarted {
        run: RunId("r".into()),
        at: jiff::Timestamp::UNIX_EPOCH,
        title: "Builds are slow".into(),
        source: Source { uri: "file:///a/notes.md".into(), range: Range16::default() },
        lang: Lang::En,
        provider: "Ollama (127.0.0.1:11434)".into(),
        without_model: false,
        sections: (0..SECTIONS.len())
            .map(|i| SectionTitle {
                branch: branch(i),
                title: SECTIONS[i].into(),
                role: Default::default(),
            })
            .collect(),
        notes: vec![],
        origin: None,
        selection: None,
        context: Default::default(),
    }
}

pub(crate) fn begun(index: usize) -> Event {
    Event::BranchStarted { branch: branch(index), model: "m".into() }
}

pub(crate) fn delta(index: usize, text: &str) -> Event {
    Event::Delta { branch: branch(index), text: text.into() }
}

pub(crate) fn ended(index: usize, outcome: Outcome) -> Event {
    Event::BranchEnded {
        branch: branch(index),
        outcome,
        usage: None,
        cost: None,
        elapsed_ms: 100,
        note: None,
    }
}

pub(crate) fn fold<'a>(events: impl IntoIterator<Item = &'a Event>) -> Panel {
    let mut panel = Panel::new("", Lang::En);
    events.into_iter().for_each(|event| panel.apply(event));
    panel
}

/// The last line of a section whose model has finished.
pub(crate) const DONE: &str = "m · 0.1 s";

/// Returns a panel whose sections have these answers, cut into these pieces.
pub(crate) fn answered(answers: [&[&str]; 3]) -> String {
    let mut events = vec![started()];
    for (i, pieces) in answers.iter().enumerate() {
        events.push(begun(i));
        events.extend(pieces.iter().map(|piece| delta(i, piece)));
    }
    events.extend((0..answers.len()).map(|i| ended(i, Outcome::Done)));
    fold(&events).text()
}
