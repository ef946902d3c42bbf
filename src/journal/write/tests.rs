//! Tests of writing journals: up to the last complete line, and locked.

#[cfg(unix)]
mod places;

use super::*;
use crate::event::Event;
use crate::journal::lines::tests::{asked, bytes_of, delta, small, stamped};
use std::fs;

fn run() -> RunId {
    RunId("01kb4q3v8m0000000000000000".into())
}

fn folder() -> (tempfile::TempDir, Folder) {
    let home = tempfile::tempdir().unwrap();
    let folder = Folder::new(home.path().join("state/kaizodo"));
    (home, folder)
}

#[test]
fn a_name_that_is_no_runs_name_leads_nowhere() {
    let (_home, folder) = folder();
    for name in ["../x", "", ".", "01kb4q3v8m000000000000000/", "01KB4Q3V8M0000000000000000"] {
        let run = RunId(name.into());
        assert_eq!(
            Writer::create(&folder, &run).unwrap_err().kind,
            JournalErrorKind::Folder(FolderErrorKind::NotAFile),
            "{name}"
        );
        assert_eq!(folder.load(&run).unwrap(), None);
    }
    assert!(!folder.path().exists());
}

#[test]
fn a_closed_journal_goes_on_where_it_ended() {
    let (_home, folder) = folder();
    let events = small();
    let mut writer = Writer::create(&folder, &run()).unwrap();
    writer.append(&events[..5]).unwrap();
    let mark = writer.close().unwrap();
    // Part of a line, as a full disk leaves it.
    let path = folder.file(&run());
    fs::OpenOptions::new().append(true).open(&path).unwrap().write_all(b"{\"se").unwrap();
    let mut writer = Writer::reopen(&folder, &run(), mark).unwrap().unwrap();
    writer.append(&events[5..]).unwrap();
    assert_eq!(fs::read(&path).unwrap(), bytes_of(&events));
    drop(writer);

    fs::remove_file(&path).unwrap();
    assert!(Writer::reopen(&folder, &run(), mark).unwrap().is_none(), "it was pruned");
}

#[test]
fn what_somebody_else_has_added_is_not_taken_away() {
    let (_home, folder) = folder();
    let events = small();
    let mut writer = Writer::create(&folder, &run()).unwrap();
    writer.append(&events[..5]).unwrap();
    let mark = writer.close().unwrap();
    let mut other = Writer::resume(&folder, &run()).unwrap().unwrap().writer;
    other.append(&events[5..]).unwrap();
    let mark_of_other = other.close().unwrap();
    assert_eq!(Writer::reopen(&folder, &run(), mark).unwrap_err().kind, JournalErrorKind::Grown);
    assert_eq!(fs::read(folder.file(&run())).unwrap(), bytes_of(&events));
    drop(Writer::reopen(&folder, &run(), mark_of_other).unwrap().unwrap());
}

#[test]
fn another_process_goes_on_behind_the_last_whole_line() {
    let (_home, folder) = folder();
    assert!(Writer::resume(&folder, &run()).unwrap().is_none(), "there is none");
    let (events, path) = (small(), folder.file(&run()));
    let whole = bytes_of(&events);
    drop(Writer::create(&folder, &run()).unwrap());
    // The whole journal, then without its last line break, then cut in the middle of the last line.
    for (cut, there, next) in [(0, 8, 9), (1, 8, 8), (9, 7, 8)] {
        let left = &whole[..whole.len() - cut];
        fs::write(&path, left).unwrap();
        let Resumed { mut writer, events: read, next: at, .. } =
            Writer::resume(&folder, &run()).unwrap().unwrap();
        assert_eq!((read, at), (events[..there].to_vec(), next));
        assert_eq!(
            Writer::resume(&folder, &run()).unwrap_err().kind,
            JournalErrorKind::Folder(FolderErrorKind::Locked)
        );
        assert_eq!(fs::read(&path).unwrap(), left, "nothing is changed before it is written");
        writer.append(&events[usize::try_from(next - 1).unwrap()..]).unwrap();
        assert_eq!(fs::read(&path).unwrap(), whole);
    }
    fs::write(&path, [b"\x1b[2J\n".as_slice(), &whole].concat()).unwrap();
    assert_eq!(Writer::resume(&folder, &run()).unwrap_err().kind, JournalErrorKind::Damaged);
    assert!(fs::read(&path).unwrap().ends_with(&whole));
}

#[test]
fn a_journal_that_is_written_is_locked() {
    let (_home, folder) = folder();
    let mut writer = Writer::create(&folder, &run()).unwrap();
    writer.append(&small()).unwrap();
    assert!(folder.load(&run()).unwrap().unwrap().alive);
    assert_eq!(
        folder.load_ended(&run()).unwrap_err().kind,
        JournalErrorKind::Folder(FolderErrorKind::Locked)
    );
    let mark = Mark { identity: (0, 0), len: 0 };
    assert_eq!(
        Writer::reopen(&folder, &run(), mark).unwrap_err().kind,
        JournalErrorKind::Folder(FolderErrorKind::Locked)
    );
    writer.close().unwrap();
    let kept = folder.load_ended(&run()).unwrap().unwrap();
    assert_eq!((kept.events, kept.alive), (small(), false));
}

#[test]
fn one_run_has_a_bound_and_ends_with_a_whole_line() {
    let (_home, folder) = folder();
    let mut writer = Writer::create(&folder, &run()).unwrap();
    writer.limit = 200;
    let one = |n: u64| [Stamped { seq: n, event: delta("a", "0123456789") }];
    let written = (1..).take_while(|n| writer.append(&one(*n)).is_ok()).count();
    assert_eq!(writer.append(&one(99)).unwrap_err().kind, JournalErrorKind::Full(200));
    let kept = folder.load(&run()).unwrap().unwrap();
    assert!(kept.events.len() == written && kept.problems.is_empty() && written > 1);
}

#[test]
fn runs_are_found_by_the_beginning_of_their_names() {
    let (_home, folder) = folder();
    assert_eq!(folder.find("last").unwrap_err().kind, JournalErrorKind::NoRuns);
    let names =
        ["01kb4q3v8m0000000000000000", "01kb4q3v8m0000000000000001", "01kc0000000000000000000000"];
    for name in names {
        let mut writer = Writer::create(&folder, &RunId(name.into())).unwrap();
        writer
            .append(&stamped([Event::RunEnded {
                outcome: crate::event::RunOutcome::Done,
                total: None,
            }]))
            .unwrap();
    }
    fs::write(folder.path().join("notes.txt"), "").unwrap();
    let found = |name: &str| folder.find(name).map(|run| run.0);
    assert_eq!(found("last").unwrap(), names[2]);
    assert_eq!(found("01kc").unwrap(), names[2]);
    assert_eq!(found("01KB4Q3V8M0000000000000001").unwrap(), names[1]);
    assert_eq!(found("01k").unwrap_err().kind, JournalErrorKind::AmbiguousRun("01k".into(), 3));
    for name in ["", "x", "notes", "01kc00000000000000000000000"] {
        assert_eq!(found(name).unwrap_err().kind, JournalErrorKind::UnknownRun(name.into()));
    }
}

#[test]
fn what_a_run_was_asked_stands_behind_its_first_event() {
    let ((_home, folder), run) = (folder(), run());
    let mut writer = Writer::create(&folder, &run).unwrap();
    writer.begin(&small()[..3], &asked()).unwrap();
    writer.append(&small()[3..]).unwrap();
    drop(writer);
    let kept = folder.load(&run).unwrap().unwrap();
    assert_eq!((kept.events, kept.asked, kept.problems), (small(), Some(asked()), vec![]));
    let resumed = Writer::resume(&folder, &run).unwrap().unwrap();
    assert_eq!((resumed.next, resumed.asked), (9, Some(asked())));
    let entry = folder.list(1).unwrap().remove(0);
    assert_eq!((entry.title.as_str(), entry.outcome.is_some()), ("題", true));
}
