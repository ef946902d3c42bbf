//! Tests of what pruning removes, and what it never removes.

use super::*;
use crate::event::{Event, RunOutcome};
use crate::journal::Writer;
use crate::journal::lines::tests::{delta, stamped};
use std::time::{Duration, SystemTime};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn run(number: usize) -> RunId {
    RunId(format!("01kb4q3v8m{number:016}"))
}

/// Creates runs of about a kilobyte each, the last one written at [`at`] and each earlier one a day
/// before the next.
fn runs(count: usize) -> (tempfile::TempDir, Folder) {
    let home = tempfile::tempdir().unwrap();
    let folder = Folder::new(home.path().join("kaizodo"));
    for number in 0..count {
        let mut writer = Writer::create(&folder, &run(number)).unwrap();
        let end = Event::RunEnded { outcome: RunOutcome::Done, total: None };
        writer.append(&stamped([delta("a", &"x".repeat(1000)), end])).unwrap();
        drop(writer);
        let file = std::fs::OpenOptions::new().append(true).open(folder.file(&run(number)));
        let age = DAY * u32::try_from(count - 1 - number).unwrap();
        file.unwrap().set_modified(at() - age).unwrap();
    }
    (home, folder)
}

/// Returns the current time of these tests.
fn at() -> SystemTime {
    SystemTime::UNIX_EPOCH + 20_000 * DAY
}

fn prune(folder: &Folder, days: Option<i64>, bytes: u64) -> Vec<usize> {
    let age = days.map(|days| SignedDuration::from_hours(24 * days));
    let now = Timestamp::try_from(at()).unwrap();
    let pruned = folder.prune(now, Retention { age, by_clock: false, bytes }).unwrap();
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
    let new = Some(&run(5));
    assert_eq!(folder.prune_for(now, Retention::NOTHING, new).unwrap().kept, 1, "it is new");
    assert_eq!(folder.prune(now, Retention::NOTHING).unwrap().runs, [run(5)]);
}

/// Returns the ages, in hours, that are computed for runs that were written this many days ago.
fn ages(days: &[i64], keep: i64, by_clock: bool) -> Vec<i64> {
    let now = Timestamp::try_from(at()).unwrap();
    let hours = |days: i64| SignedDuration::from_hours(24 * days);
    let run = |(number, days): (usize, &i64)| Run {
        run: run(number),
        has_journal: true,
        is_pinned: false,
        bytes: 0,
        written: now - hours(*days),
    };
    let keep = Retention { age: Some(hours(keep)), by_clock, bytes: 0 };
    let aged = aged(days.iter().enumerate().map(run).collect(), now, keep);
    aged.into_iter().map(|(_, age)| age.as_hours()).collect()
}

#[test]
fn a_pause_that_may_be_a_wrong_clock_counts_little() {
    assert_eq!(ages(&[90, 60, 30, 0], 30, false), [90 * 24, 60 * 24, 30 * 24, 0]);
    assert_eq!(ages(&[52, 42, 0], 30, false), [52 * 24, 42 * 24, 0]);
    // The clock is ten years ahead. With a maximum age of thirty days, the gap counts as seven and
    // a half.
    assert_eq!(ages(&[3660, 3650, 0], 30, false), [10 * 24 + 180, 180, 0]);
    assert_eq!(ages(&[3660, 3650, 0], 30, true), [3660 * 24, 3650 * 24, 0], "it is believed");
    assert_eq!(ages(&[3650, 0], 365, false), [2190, 0], "a quarter of a year");
    assert_eq!(ages(&[50, 0], 365, false), [50 * 24, 0], "never more than it was");
    // With only one run every two months, runs still age.
    assert_eq!(ages(&[300, 240, 180, 120, 60, 0], 30, false), [900, 720, 540, 360, 180, 0]);
    assert_eq!(ages(&[300, 0], 0, false), [300 * 24, 0], "nothing is to be kept");
}

#[test]
fn a_clock_that_was_ahead_removes_nothing_and_leaves_nothing_for_ever() {
    let (_home, folder) = runs(3);
    let set = |number: usize, days: i64| {
        let days = DAY * u32::try_from(days).unwrap();
        let file = std::fs::OpenOptions::new().append(true).open(folder.file(&run(number)));
        file.unwrap().set_modified(at() + days).unwrap();
    };
    // A run is written while the clock is ten years ahead; then the clock is corrected.
    let far = Timestamp::try_from(at() + DAY * 3650).unwrap();
    let keep = Retention {
        age: Some(SignedDuration::from_hours(30 * 24)),
        by_clock: false,
        bytes: 1 << 20,
    };
    set(2, 3650);
    assert_eq!(folder.prune(far, keep).unwrap().runs, []);
    assert_eq!(prune(&folder, Some(30), 1 << 20), [0; 0]);
    let written = std::fs::metadata(folder.file(&run(2))).unwrap().modified().unwrap();
    assert_eq!(written, at(), "it grows old from now on");
}

#[test]
fn panels_are_kept_as_long_as_runs_and_no_longer() {
    let (home, folder) = runs(2);
    let panels = home.path().join("kaizodo/panels");
    std::fs::create_dir(&panels).unwrap();
    let panel = |number: usize, days: u32| {
        let path = panels.join(format!("{}.md", run(number)));
        std::fs::write(&path, "x".repeat(1000)).unwrap();
        let file = std::fs::OpenOptions::new().append(true).open(&path).unwrap();
        file.set_modified(at() - DAY * days).unwrap();
        path
    };
    let (of_a_run, alone, other) = (panel(1, 0), panel(7, 40), panels.join("notes.md"));
    let latest = panels.join("latest.md");
    std::fs::copy(&of_a_run, &latest).unwrap();
    std::fs::write(&other, "x").unwrap();
    assert_eq!(prune(&folder, Some(41), 1 << 20), [0; 0]);
    assert_eq!(prune(&folder, Some(30), 1 << 20), [7], "one whose journal was never written");
    assert!(of_a_run.exists() && latest.exists() && !alone.exists());
    assert_eq!(prune(&folder, None, 2500), [0], "their bytes count");
    let now = Timestamp::try_from(at()).unwrap();
    assert_eq!(folder.prune(now, Retention::NOTHING).unwrap().runs, [run(1)]);
    assert!(!of_a_run.exists() && !latest.exists() && other.exists());
}

#[test]
fn a_run_that_is_written_stays_whatever_its_age() {
    let (_home, folder) = runs(3);
    let writer = Writer::create(&folder, &run(9)).unwrap();
    let held = Writer::resume(&folder, &run(0)).unwrap().unwrap().writer;
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

#[test]
fn what_is_pinned_stays_until_it_is_deleted() {
    let (home, folder) = runs(6);
    folder.pin(&run(0), true).unwrap();
    folder.pin(&run(0), true).unwrap();
    folder.pin(&run(3), true).unwrap();
    assert_eq!(prune(&folder, Some(4), 1 << 20), [0; 0], "0 is pinned, 1 is just young enough");
    assert_eq!(prune(&folder, Some(3), 1 << 20), [1]);
    assert_eq!(prune(&folder, None, 2500), [2], "what is pinned takes no room from the others");
    let now = Timestamp::try_from(at()).unwrap();
    let pruned = folder.prune(now, Retention::NOTHING).unwrap();
    assert_eq!((pruned.runs, pruned.kept, pruned.pinned), (vec![run(4), run(5)], 2, 2));

    folder.pin(&run(3), false).unwrap();
    assert_eq!(prune(&folder, Some(0), 1 << 20), [3]);
    let panels = home.path().join("kaizodo/panels");
    std::fs::create_dir(&panels).unwrap();
    std::fs::write(panels.join(format!("{}.md", run(0))), "x").unwrap();
    std::fs::write(panels.join("latest.md"), "x").unwrap();
    folder.delete(&run(0)).unwrap();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "its pin as well");
    assert_eq!(std::fs::read_dir(&panels).unwrap().count(), 0, "and its panel, by both names");
    for done in [folder.delete(&run(0)), folder.pin(&run(0), true), folder.pin(&run(9), false)] {
        assert!(matches!(done.unwrap_err().kind, JournalErrorKind::UnknownRun(_)));
    }
}

#[test]
fn a_run_that_is_written_can_be_pinned_and_not_deleted() {
    let (_home, folder) = runs(0);
    let writer = Writer::create(&folder, &run(0)).unwrap();
    folder.pin(&run(0), true).unwrap();
    assert_eq!(folder.delete(&run(0)).unwrap_err(), folder.busy(&run(0)));
    drop(writer);
    assert_eq!(prune(&folder, Some(0), 0), [0; 0]);
    folder.delete(&run(0)).unwrap();
}

#[test]
fn a_pin_without_a_run_is_removed_and_one_that_is_no_file_is_none() {
    let (_home, folder) = runs(2);
    let pin = |number| folder.path().join(format!("{}.pin", run(number)));
    std::fs::write(pin(7), "").unwrap();
    folder.pin(&run(1), true).unwrap();
    assert_eq!(prune(&folder, Some(0), 0), [0]);
    assert!(pin(1).exists() && !pin(7).exists());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(pin(1)).unwrap().permissions().mode();
        assert_eq!(mode & 0o7777, 0o600, "for its owner alone");
    }
}
