//! Tests of what a run's readers get, and when.

use super::Run;
use crate::config::{Config, Layers, ProviderChoice, Settings};
use crate::event::{BranchId, Event, Outcome, Role, SectionTitle};
use crate::perspective::Catalog;
use crate::session::{ProviderSelector, RunOptions, Session};
use crate::text::{Document, Encoding, Position, Range};
use std::time::Duration;

#[tokio::test]
async fn a_watcher_that_comes_late_is_told_at_once() {
    let flags = Settings { provider: Some(ProviderChoice::Worksheet), ..Settings::default() };
    let layers = Layers { flags, ..Layers::default() };
    let session = Session::new(layers, ProviderSelector::new(None), None, None);
    session.documents.lock().open(Document::open("file:///a", "markdown", 1, "why?\n"));
    let (start, end) = (Position::default(), Position { line: 1, character: 0 });
    let range = Range { start, end };
    let selection = session.select("file:///a", None, range, Encoding::Utf16).unwrap();
    let run = session.start(selection, &RunOptions::default()).unwrap();
    assert!(!run.watch().has_changed().unwrap(), "nothing has happened yet");
    while !run.is_over() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let mut progress = run.watch();
    assert!(progress.has_changed().unwrap() && progress.borrow_and_update().over);
}

/// Creates a run of two branches that gets events only from the test.
pub(crate) fn run() -> Run {
    let selection = Document::open("file:///a", "markdown", 1, "why?\n")
        .select(
            Range { start: Position::default(), end: Position { line: 1, character: 0 } },
            Encoding::Utf16,
            usize::MAX,
        )
        .unwrap();
    let request = crate::request::Request {
        selection: std::sync::Arc::new(selection),
        lang: crate::lang::Lang::En,
        perspectives: Catalog::builtin().resolve(&["depth", "time"]).unwrap(),
        focus: None,
        notes: vec![],
        origin: Default::default(),
        budget: Config::default().limits.budget,
    };
    Run::new(crate::event::RunId("r".into()), String::new(), request)
}

fn text(branch: &str, text: &str) -> Event {
    Event::Delta { branch: BranchId(branch.into()), text: text.into() }
}

fn thinking(branch: &str, chars: u32) -> Event {
    Event::Thinking { branch: BranchId(branch.into()), chars }
}

#[test]
fn a_section_that_is_added_makes_the_run_alive_again_and_is_no_view() {
    let run = run();
    let branch = |name: &str| BranchId(name.into());
    let end = |name: &str| {
        let (branch, outcome) = (branch(name), Outcome::Done);
        run.record(Event::ended(branch, outcome));
    };
    end("depth");
    end("time");
    assert!(run.is_over());
    let section = SectionTitle { role: Role::FollowUp, ..SectionTitle::view("why", "Why?") };
    let (after, question) = (Some(branch("depth")), "Why?".into());
    run.record(Event::SectionAdded { section, after, question });
    assert!(!run.is_over() && run.progress_of_views().len() == 2);
    assert_eq!(run.cancel(Some(&branch("why"))).unwrap(), 1);
    let again = Run::of_journal(run.id().clone(), "");
    run.events_from(1).into_iter().for_each(|stamped| again.replay(stamped));
    assert!(!again.is_over() && again.cancel(None).unwrap() == 1);
    end("why");
    assert!(
        run.is_over()
            && !run.lost_its_perspective(&branch("why"))
            && !run.lost_its_perspective(&branch("depth"))
    );
    let section = SectionTitle { role: Role::FollowUp, ..SectionTitle::view("how", "How?") };
    let (after, question) = (Some(branch("lost")), "How?".into());
    run.record(Event::SectionAdded { section, after, question });
    assert!(run.lost_its_perspective(&branch("how")), "the section that it is about is missing");
}

#[test]
fn pieces_join_until_a_reader_asks() {
    let run = run();
    let urgent = run.watch_urgent();
    let events = |from| run.events_from(from).into_iter().map(|e| e.event).collect::<Vec<_>>();
    run.record(text("depth", "a"));
    assert!(urgent.has_changed().unwrap(), "nobody should wait for the first text");
    for event in [text("depth", "b"), thinking("time", 1), text("depth", "c")] {
        run.record(event);
    }
    run.record(thinking("time", 2));
    assert_eq!(run.watch().borrow().seq, 3, "as a reader will find it");
    let asked = [text("depth", "a"), text("depth", "bc"), thinking("time", 3)];
    assert_eq!(events(1), asked);
    run.record(thinking("depth", 4));
    run.record(text("depth", "d"));
    run.record(text("depth", "e"));
    let outcome = Outcome::Done;
    let branch = BranchId("depth".into());
    let end = Event::ended(branch, outcome);
    run.record(end.clone());
    assert_eq!(events(4), [thinking("depth", 4), text("depth", "de"), end]);
}
