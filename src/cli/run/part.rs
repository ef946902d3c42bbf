//! The part of a run that is shown: all of it, or the sections that are asked for now.

use crate::event::{SectionTitle, Seq};
use crate::lang::Lang;
use crate::panel::Panel;
use crate::session::Run;

/// What is shown of a run: a panel without events, and the first event to apply to it.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) panel: Panel,
    pub(crate) from: Seq,
}

impl Part {
    /// The whole run.
    pub(crate) fn whole(run: &Run, lang: Lang) -> Self {
        Part { panel: Panel::new(run.title(), lang), from: 1 }
    }

    /// Some sections of a run, with what happens in them from the event `from` on. The title of the
    /// run stands above them if `has_title`.
    pub(crate) fn of(run: &Run, sections: &[SectionTitle], from: Seq, has_title: bool) -> Self {
        let lang = run.with_panel(Panel::lang);
        let title = has_title.then_some(run.title());
        Part { panel: Panel::of_sections(title, lang, sections), from }
    }
}
