//! Tests of what `latest.md` contains, and when it is removed.

use super::*;
use std::fs;

const OLD: &str = "01k0000000000000000000000a";
const NEW: &str = "01k0000000000000000000000b";

fn try_write(
    panels: &PrivateFolder,
    before: Option<&Latest>,
    run: &str,
    text: &str,
) -> Option<Latest> {
    let file = LatestFile::open(panels).unwrap();
    file.write(panels, before, &RunId(run.to_owned()), text).unwrap()
}

fn write(panels: &PrivateFolder, before: Option<&Latest>, run: &str, text: &str) -> Latest {
    try_write(panels, before, run, text).unwrap()
}

fn text(panels: &PrivateFolder) -> String {
    fs::read_to_string(panels.path().join(LATEST)).unwrap()
}

fn folder() -> (tempfile::TempDir, PrivateFolder) {
    let home = tempfile::tempdir().unwrap();
    let panels = PrivateFolder::make(&home.path().join("kaizodo")).unwrap();
    let panels = panels.make_in("panels").unwrap();
    (home, panels)
}

#[test]
fn who_has_it_open_reads_on_in_the_same_file() {
    let (_home, panels) = folder();
    let mut latest = write(&panels, None, OLD, "# 会議\n");
    let mut follower = fs::File::open(panels.path().join(LATEST)).unwrap();
    let mut read = String::new();
    for text in ["# 会議\n深", "# 会議\n深さ\n広", "# 会議\n深さ\n広さ\n"] {
        latest = write(&panels, Some(&latest), OLD, text);
        follower.read_to_string(&mut read).unwrap();
        assert_eq!(read, text);
    }
    latest = write(&panels, Some(&latest), OLD, "# 会場");
    assert_eq!(text(&panels), "# 会場", "cut between characters that begin with the same bytes");
    write(&panels, Some(&latest), OLD, "");
    assert_eq!(text(&panels), "");
}

#[test]
fn it_is_the_newest_run_s() {
    let (_home, panels) = folder();
    let old = write(&panels, None, OLD, "old");
    let new = write(&panels, Some(&old), NEW, "new");
    assert!(try_write(&panels, Some(&new), OLD, "old, grown").is_none());
    assert_eq!(text(&panels), "new");
    fs::write(panels.path().join(format!("{NEW}.md")), "new").unwrap();
    assert!(try_write(&panels, None, OLD, "old, of another process").is_none());
    assert_eq!(text(&panels), "new");
    let newest = "01k0000000000000000000000c";
    let others = write(&panels, None, newest, "of another process");
    assert!(try_write(&panels, Some(&new), NEW, "new, grown").is_none());
    assert_eq!(text(&panels), "of another process");
    write(&panels, Some(&others), newest, "of another process, grown");
    assert_eq!(text(&panels), "of another process, grown");
}

#[test]
fn it_goes_with_the_panel_that_it_shows() {
    let (_home, panels) = folder();
    remove_unless_kept(&panels).unwrap();
    let of = |run: &str| panels.path().join(format!("{run}.md"));
    fs::write(of(OLD), "old").unwrap();
    fs::write(of(NEW), "new").unwrap();
    write(&panels, None, NEW, "new");
    remove_unless_kept(&panels).unwrap();
    assert_eq!(text(&panels), "new");
    fs::remove_file(of(NEW)).unwrap();
    let written = LatestFile::open(&panels).unwrap();
    remove_unless_kept(&panels).unwrap();
    assert_eq!(text(&panels), "new", "it is being written");
    drop(written);
    remove_unless_kept(&panels).unwrap();
    assert!(!panels.path().join(LATEST).exists());
}

#[cfg(unix)]
#[test]
fn a_link_in_its_place_is_not_followed() {
    let (home, panels) = folder();
    let mine = home.path().join("mine");
    fs::write(&mine, "mine").unwrap();
    std::os::unix::fs::symlink(&mine, panels.path().join(LATEST)).unwrap();
    assert!(LatestFile::open(&panels).is_err());
    assert_eq!(fs::read_to_string(&mine).unwrap(), "mine");
}
