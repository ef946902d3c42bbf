//! What is removed, and what never is.

use super::*;
use crate::event::{Event, RunOutcome};
use crate::journal::Writer;
use crate::journal::lines::tests::{delta, stamped};
use std::time::{Duration, SystemTime};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn run(number: usize) -> RunId {
    RunId(format!("01kb4q3v8m{number:016}"))
}

/// Runs of about a kilobyte each, the last one written `age` days ago and each other one a day
/// earlier.
fn runs(count: usize) -> (tempfile::TempDir, Folder) {
    let home = tempfile::tempdir().unwrap();
    let folder = Folder::new(home.path().join("kaizodo"));
    for number in 0..count {
        let mut writer = Writer::create(&folder, &run(number)).unwrap();
        let end = Event::RunEnded { outcome: RunOutcome::Done };
        writer.append(&stamped([delta("a", &"x".repeat(1000)), end])).unwrap();
        drop(writer);
        let file = std::fs::OpenOptions::new().append(true).open(folder.file(&run(number)));
        let age = DAY * u32::try_from(count - 1 - number).unwrap();
        file.unwrap().set_modified(at() - age).unwrap();
    }
    (home, folder)
}

/// The moment of these tests.
fn at() -> SystemTime {
    SystemTime::UNIX_EPOCH + 20_000 * DAY
}

fn prune(folder: &Folder, days: Option<i64>, bytes: u64) -> Vec<usize> {
    let age = days.map(|days| SignedDuration::from_hours(24 * days));
    let now = Timestamp::try_from(at()).unwrap();
    let pruned = folder.prune(now, Retention { age, bytes }).unwrap();
    assert_eq!(pruned.kept, folder.ids().unwrap().len());
    pruned.runs.iter().map(|run| run.0[10..].parse().unwrap()).collect()
}

#[test]
fn the_oldest_go_first_by_age_and_by_size() {
    let (_home, folder) = runs(6);
    assert_eq!(prune(&folder, Some(30), 1 << 20), [0; 0]);
    assert_eq!(prune(&folder, Some(4), 1 << 20), [0]);
    assert_eq!(prune(&folder, None, 3500), [1, 2]);
    assert_eq!(prune(&folder, Some(0), 1 << 20), [3, 4], "one of this very moment is not older");
    let now = Timestamp::try_from(at()).unwrap();
    assert_eq!(folder.prune(now, Retention::NOTHING).unwrap().runs, [run(5)]);
}

#[test]
fn a_run_that_is_written_stays_whatever_its_age() {
    let (_home, folder) = runs(3);
    let writer = Writer::create(&folder, &run(9)).unwrap();
    let held = std::fs::File::open(folder.file(&run(0))).unwrap();
    held.lock().unwrap();
    assert_eq!(prune(&folder, Some(0), 0), [1, 2]);
    drop((writer, held));
    assert_eq!(prune(&folder, Some(0), 0), [0], "an empty file takes nothing");
    let now = Timestamp::try_from(at()).unwrap();
    assert_eq!(folder.prune(now, Retention::NOTHING).unwrap().runs, [run(9)]);
}

#[test]
fn what_is_none_of_ours_stays() {
    let (home, folder) = runs(1);
    let other = folder.path().join("notes.txt");
    std::fs::write(&other, "x").unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(&other, folder.file(&run(7))).unwrap();
    let now = Timestamp::try_from(at()).unwrap();
    assert_eq!(folder.prune(now, Retention::NOTHING).unwrap().runs, [run(0)]);
    assert_eq!(std::fs::read_to_string(&other).unwrap(), "x");
    drop(home);
}

#[test]
fn there_may_be_no_folder() {
    let home = tempfile::tempdir().unwrap();
    let folder = Folder::new(home.path().join("kaizodo"));
    assert_eq!(prune(&folder, Some(0), 0), [0; 0]);
    assert!(!home.path().join("kaizodo").exists(), "looking makes nothing");
}
