//! Any file as a journal: what is readable is read, and its panel is inert.

use super::bytes::Bytes;
use super::inert::only_shows;
use super::run::{begun, delta, ended, fold, started};
use kaizodo::event::{Event, Outcome, Stamped};
use kaizodo::journal::{LineNoticeKind, end, read};
use kaizodo::lang::{Lang, Message};

/// Reads the bytes as a journal file, and again as choices that damage a valid journal.
pub(crate) fn check(bytes: &[u8]) {
    any_file(bytes);
    let mut bytes = Bytes(bytes);
    let mut lines = written(&[
        Stamped { seq: 1, event: started() },
        Stamped { seq: 2, event: begun(0) },
        Stamped { seq: 3, event: delta(0, &bytes.text(24)) },
        Stamped { seq: 4, event: ended(0, Outcome::Done) },
    ]);
    for _ in 0..bytes.choose(4) {
        let at = (bytes.choose(256) << 8 | bytes.choose(256)) % (lines.len() + 1);
        match bytes.choose(3) {
            0 => lines.truncate(at),
            1 => lines.insert(at, bytes.choose(256) as u8),
            _ => lines.iter_mut().skip(at).take(1).for_each(|b| *b = bytes.choose(256) as u8),
        }
    }
    any_file(&lines);
}

fn any_file(bytes: &[u8]) {
    let (mut events, problems) = read(bytes);
    assert!(events.windows(2).all(|pair| pair[0].seq < pair[1].seq));
    for problem in &problems {
        assert!(!problem.message(Lang::Ja).is_empty() && !problem.message(Lang::En).is_empty());
    }
    let lines = written(&events);
    assert_eq!(read(&lines[..]), (events.clone(), vec![]));
    cut_anywhere_loses_the_last_line_only(&lines, &events);
    end(&mut events, false);
    let over = events.iter().any(|e| matches!(e.event, Event::RunEnded { .. }));
    let named = |e: &Stamped| matches!(&e.event, Event::RunStarted { sections, .. } if !sections.is_empty());
    assert!(over || !events.iter().any(named));
    only_shows(&fold(events.iter().map(|e| &e.event)).text());
}

fn cut_anywhere_loses_the_last_line_only(lines: &[u8], events: &[Stamped]) {
    let cut = &lines[..lines.len() - lines.len() / 3];
    let (left, problems) = read(cut);
    assert_eq!(left, events[..left.len()]);
    let whole = cut.iter().filter(|b| **b == b'\n').count();
    assert!(left.len() == whole || left.len() == whole + 1, "{} of {whole}", left.len());
    assert!(problems.iter().all(|p| p.kind == LineNoticeKind::Torn) && problems.len() <= 1);
}

fn written(events: &[Stamped]) -> Vec<u8> {
    let lines = events.iter().map(|event| serde_json::to_string(event).unwrap() + "\n");
    lines.collect::<String>().into_bytes()
}
