//! A one-line summary of a run: `深さ 312 · 広さ ✓ · 構造 … · 時間 ✗`, or what it waits for.

use super::{Panel, SectionState, show_hidden};

/// Returns the summary of a run, and the percentage of its sections that have finished.
pub fn summary(panel: &Panel) -> (String, usize) {
    let mut over = 0;
    let mut words = Vec::new();
    for (_, title, state) in panel.states() {
        over += usize::from(state.is_over());
        words.push(format!("{} {}", show_hidden(title), sign(state)));
    }
    let percentage = over * 100 / words.len().max(1);
    match panel.waits_for() {
        Some(wait) => (show_hidden(wait), percentage),
        None => (words.join(" · "), percentage),
    }
}

fn sign(state: SectionState) -> String {
    match state {
        SectionState::Gathering(..) | SectionState::Queued | SectionState::Waiting => {
            "…".to_owned()
        }
        SectionState::Thinking(chars) => format!("({chars})"),
        SectionState::Writing(chars) => chars.to_string(),
        SectionState::Retrying => "↻".to_owned(),
        SectionState::Done => "✓".to_owned(),
        SectionState::Broken => "✗".to_owned(),
        SectionState::OnDemand => "–".to_owned(),
        SectionState::Cancelled => "■".to_owned(),
    }
}
