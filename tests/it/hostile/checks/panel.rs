//! Any events in any order: replaying the edits gives the panel, at any ticks and in any unit.

use super::bytes::Bytes;
use super::inert::only_shows;
use super::run::{SECTIONS, begun, branch, delta, ended, fold, started};
use kaizodo::event::{Event, Failure, FailureKind, Outcome, RunOutcome, Total, Usd};
use kaizodo::panel::{Panel, Printed, View, summary};
use kaizodo::text::{self, Encoding};
use ropey::Rope;

/// Reads events from the bytes, and when the reader catches up with them.
pub(crate) fn check(bytes: &[u8]) {
    let mut bytes = Bytes(bytes);
    let encoding = [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32][bytes.choose(3)];
    let mut panel = Panel::new("", kaizodo::lang::Lang::En);
    let mut view = View::new(&panel);
    let mut reader = view.text().clone();
    let mut events = vec![started()];
    panel.apply(&events[0]);
    while !bytes.is_empty() {
        let event = event(&mut bytes);
        panel.apply(&event);
        events.push(event);
        if bytes.choose(4) == 0 {
            catch_up(&mut reader, &mut view, &panel, encoding);
        }
    }
    catch_up(&mut reader, &mut view, &panel, encoding);
    assert_eq!(fold(&events).text(), panel.text());
    assert!(panel.text().starts_with(&panel.settled(&mut Printed::default())));
    // A section does not depend on the events of the others.
    let kept = branch(0);
    let quiet = fold(events.iter().filter(|e| e.branch().is_none_or(|b| *b == kept)));
    assert_eq!(section(&quiet.text()), section(&panel.text()));
    assert_eq!(only_shows(&panel.text()), SECTIONS, "{:?}", panel.text());
    assert!(summary(&panel).1 <= 100);
}

fn catch_up(reader: &mut Rope, view: &mut View, panel: &Panel, encoding: Encoding) {
    for edit in view.catch_up(panel, encoding).iter().rev() {
        let bytes = text::to_bytes(reader, edit.range, encoding).bytes();
        let (start, end) = (reader.byte_to_char(bytes.start), reader.byte_to_char(bytes.end));
        reader.remove(start..end);
        reader.insert(start, &edit.text);
    }
    assert_eq!(*reader, panel.text());
}

fn total(bytes: &mut Bytes<'_>) -> Option<Total> {
    let elapsed_ms = bytes.number().into();
    let cost = Some(Usd::from_nanos(bytes.number().into()));
    Some(Total { requests: 2, cost, elapsed_ms, ..Total::default() })
}

fn event(bytes: &mut Bytes<'_>) -> Event {
    let index = bytes.choose(SECTIONS.len());
    match bytes.choose(12) {
        0 => begun(index),
        1 => Event::Thinking { branch: branch(index), chars: bytes.number() },
        2 => Event::BranchRetrying {
            branch: branch(index),
            attempt: bytes.choose(256) as u8,
            after_ms: bytes.number().into(),
            failure: failure(bytes),
            model: (bytes.choose(2) == 0).then(|| bytes.text(40)),
        },
        3 => ended(index, outcome(bytes)),
        4 => Event::RunEnded { outcome: RunOutcome::Partial, total: total(bytes) },
        5 => started(),
        7 => Event::Retracted { branch: branch(index), chars: bytes.number() },
        6 => Event::BranchQueued {
            branch: branch(index),
            waits_for: (bytes.choose(2) == 0).then(|| bytes.text(40)),
        },
        _ => delta(index, &bytes.text(24)),
    }
}

fn outcome(bytes: &mut Bytes<'_>) -> Outcome {
    match bytes.choose(5) {
        0 => Outcome::Done,
        1 => Outcome::Cancelled,
        2 => Outcome::Length(failure(bytes)),
        3 => Outcome::CutOff(failure(bytes)),
        _ => Outcome::Failed(failure(bytes)),
    }
}

fn failure(bytes: &mut Bytes<'_>) -> Failure {
    let message = bytes.text(16);
    let kind = FailureKind::Server;
    Failure::new(kind, message)
}

/// Returns the text of the first section.
fn section(panel: &str) -> &str {
    panel.split("\n## ").nth(1).unwrap()
}
