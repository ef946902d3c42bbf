//! A one-line summary of a run: `深さ 312 · 広さ ✓ · 構造 … · 時間 ✗`.

use super::{Panel, State, show_hidden};

/// Returns the summary of a run, and the percentage of its sections that have finished.
pub fn summary(panel: &Panel) -> (String, usize) {
    let mut over = 0;
    let mut words = Vec::new();
    for (_, title, state) in panel.states() {
        over += usize::from(state.is_over());
        words.push(format!("{} {}", show_hidden(title), sign(state)));
    }
    (words.join(" · "), over * 100 / words.len().max(1))
}

fn sign(state: State) -> String {
    match state {
        State::Gathering(..) | State::Queued | State::Waiting => "…".to_owned(),
        State::Thinking(chars) => format!("({chars})"),
        State::Writing(chars) => chars.to_string(),
        State::Retrying => "↻".to_owned(),
        State::Done => "✓".to_owned(),
        State::Broken => "✗".to_owned(),
        State::OnDemand => "–".to_owned(),
        State::Cancelled => "■".to_owned(),
    }
}
