//! Tests of writing journals only to safe places, which links and permissions decide on Unix.

use super::*;
use rustix::fs::{CWD, FileType, Mode, mknodat};
use std::os::unix::fs::{PermissionsExt, symlink};

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o7777
}

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn folders_and_files_are_for_this_user_alone() {
    let (home, folder) = folder();
    let mut writer = Writer::create(&folder, &run()).unwrap();
    writer.append(&small()).unwrap();
    writer.syncer()().unwrap();
    let path = folder.file(&run());
    assert_eq!(fs::read(&path).unwrap(), bytes_of(&small()));
    assert_eq!(mode(&path), 0o600);
    for made in ["state", "state/kaizodo", "state/kaizodo/journal"] {
        assert_eq!(mode(&home.path().join(made)), 0o700, "{made}");
    }
}

#[test]
fn a_folder_that_others_may_read_becomes_private() {
    let (_home, folder) = folder();
    fs::create_dir_all(folder.path()).unwrap();
    chmod(&folder.path(), 0o755);
    drop(Writer::create(&folder, &run()).unwrap());
    assert_eq!(mode(&folder.path()), 0o700);
}

/// Returns why no journal can be created in this folder.
fn error_kind(folder: &Folder) -> JournalErrorKind {
    Writer::create(folder, &run()).unwrap_err().kind
}

#[test]
fn a_folder_that_is_not_to_be_trusted_is_refused() {
    for inner in [true, false] {
        let (home, folder) = folder();
        let path = if inner { folder.path() } else { home.path().join("state/kaizodo") };
        let elsewhere = home.path().join("elsewhere");
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::create_dir(&elsewhere).unwrap();

        for target in [&elsewhere, &home.path().join("nowhere")] {
            symlink(target, &path).unwrap();
            assert_eq!(
                error_kind(&folder),
                JournalErrorKind::Folder(FolderErrorKind::Link),
                "{path:?}"
            );
            fs::remove_file(&path).unwrap();
        }
        fs::write(&path, "in the way").unwrap();
        assert_eq!(error_kind(&folder), JournalErrorKind::Folder(FolderErrorKind::NotAFolder));
        fs::remove_file(&path).unwrap();
        mknodat(CWD, &path, FileType::Fifo, Mode::RWXU, 0).unwrap();
        assert_eq!(error_kind(&folder), JournalErrorKind::Folder(FolderErrorKind::NotAFolder));
        fs::remove_file(&path).unwrap();

        fs::create_dir(&path).unwrap();
        for loose in [0o770, 0o707, 0o1777, 0o720] {
            chmod(&path, loose);
            assert_eq!(
                error_kind(&folder),
                JournalErrorKind::Folder(FolderErrorKind::WritableByOthers(loose))
            );
        }
        chmod(&path, 0o700);
        if rustix::process::geteuid().is_root() {
            std::os::unix::fs::chown(&path, Some(12345), None).unwrap();
            assert_eq!(error_kind(&folder), JournalErrorKind::Folder(FolderErrorKind::WrongOwner));
            std::os::unix::fs::chown(&path, Some(0), None).unwrap();
        }
        assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 0, "nothing was written there");
        drop(Writer::create(&folder, &run()).unwrap());
    }
}

#[test]
fn what_is_planted_in_a_journals_place_is_neither_written_nor_waited_for() {
    let (home, folder) = folder();
    drop(Writer::create(&folder, &run()).unwrap());
    let path = folder.file(&run());
    let mark = Mark { identity: (1, 2), len: 0 };
    let victim = home.path().join("victim");
    fs::write(&victim, "precious").unwrap();
    type Plant<'a> = (&'a str, &'a dyn Fn());
    let plants: [Plant<'_>; 6] = [
        ("a link to a file", &|| symlink(&victim, &path).unwrap()),
        ("a link to nothing", &|| symlink(home.path().join("new"), &path).unwrap()),
        ("a hard link", &|| fs::hard_link(&victim, &path).unwrap()),
        ("a pipe", &|| mknodat(CWD, &path, FileType::Fifo, Mode::RWXU, 0).unwrap()),
        ("a folder", &|| fs::create_dir(&path).unwrap()),
        ("a file", &|| fs::write(&path, "another's").unwrap()),
    ];
    for (what, plant) in plants {
        let _ = fs::remove_file(&path);
        let _ = fs::remove_dir(&path);
        plant();
        assert_eq!(
            error_kind(&folder),
            JournalErrorKind::Folder(FolderErrorKind::AlreadyExists),
            "{what}"
        );
        let reopened = Writer::reopen(&folder, &run(), mark).unwrap_err();
        assert_eq!(reopened.kind, JournalErrorKind::Folder(FolderErrorKind::NotAFile), "{what}");
        let read = folder.load(&run());
        if matches!(what, "a hard link" | "a file") {
            assert_eq!(read.unwrap().unwrap().events, [], "{what}");
        } else {
            assert_eq!(
                read.unwrap_err().kind,
                JournalErrorKind::Folder(FolderErrorKind::NotAFile),
                "{what}"
            );
        }
        assert!(folder.list(9).unwrap().len() <= 1, "{what}");
        assert_eq!(fs::read_to_string(&victim).unwrap(), "precious", "{what}");
        assert!(!home.path().join("new").exists());
    }
}
