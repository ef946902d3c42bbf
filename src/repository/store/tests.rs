//! Tests of granting and revoking trust, and of stores that other users can tamper with.

use super::*;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

struct Fixture {
    folder: tempfile::TempDir,
    trust: TrustStore,
}

impl Fixture {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let trust = TrustStore::new(folder.path().join("state/kaizodo/trust"));
        let fixture = Fixture { folder, trust };
        fixture.file("risks.md", "---\nname: risks\ndescription: d\n---\nask");
        fixture
    }

    fn file(&self, name: &str, text: &str) {
        let path = self.root().join(".kaizodo/perspectives");
        fs::create_dir_all(&path).unwrap();
        fs::write(path.join(name), text).unwrap();
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("repo")
    }

    fn read(&self) -> Repository {
        Repository::read(&self.root())
    }

    fn standing(&self) -> Standing {
        self.trust.standing(&self.read()).unwrap()
    }

    fn add(&self) {
        self.trust.add(&self.read(), Timestamp::UNIX_EPOCH).unwrap();
    }

    fn store(&self) -> &Path {
        &self.trust.folder
    }
}

#[test]
fn one_content_is_trusted_and_no_other() {
    let fixture = Fixture::new();
    assert_eq!(fixture.standing(), Standing::New);
    fixture.add();
    assert_eq!(fixture.standing(), Standing::Trusted);
    fixture.file("risks.md", "---\nname: risks\ndescription: d\n---\nasK");
    assert_eq!(fixture.standing(), Standing::Changed);
    fixture.file("risks.md", "---\nname: risks\ndescription: d\n---\nask");
    assert_eq!(fixture.standing(), Standing::Trusted);
    fixture.file("more.md", "");
    assert_eq!(fixture.standing(), Standing::Changed, "a file came");
    // The same content at another path is not trusted.
    let other = fixture.folder.path().join("other");
    fs::rename(fixture.root(), &other).unwrap();
    assert_eq!(fixture.trust.standing(&Repository::read(&other)).unwrap(), Standing::New);
}

#[test]
fn it_is_listed_and_taken_back() {
    let fixture = Fixture::new();
    assert_eq!(fixture.trust.list().unwrap(), []);
    assert_eq!(fixture.trust.revoke(&fixture.root()).unwrap(), 0);
    fixture.add();
    fixture.add();
    fixture.file("more.md", "---\nname: more\ndescription: d\n---\nask");
    fixture.add();
    let listed = fixture.trust.list().unwrap();
    assert_eq!(listed.len(), 2, "a content is trusted once");
    assert!(listed.iter().all(|entry| Path::new(&entry.root) == fixture.root()));
    let prints: Vec<_> = listed.iter().map(|entry| entry.fingerprint.clone()).collect();
    assert!(prints.contains(&fixture.read().fingerprint().to_string()));
    assert!(listed.iter().any(|entry| entry.perspectives == ["more", "risks"]));
    assert_eq!(fixture.trust.revoke(&fixture.folder.path().join("elsewhere")).unwrap(), 0);
    assert_eq!(fixture.standing(), Standing::Trusted);
    assert_eq!(fixture.trust.revoke(&fixture.root()).unwrap(), 2);
    assert_eq!(fixture.standing(), Standing::New);
    assert_eq!(fs::read_dir(fixture.store()).unwrap().count(), 0, "nothing is left over");
}

#[test]
fn it_is_the_user_s_alone() {
    let fixture = Fixture::new();
    fixture.add();
    let mode = |path: &Path| fs::symlink_metadata(path).unwrap().mode() & 0o777;
    assert_eq!(mode(fixture.store()), 0o700);
    assert_eq!(mode(fixture.store().parent().unwrap()), 0o700);
    for entry in fs::read_dir(fixture.store()).unwrap() {
        assert_eq!(mode(&entry.unwrap().path()), 0o600);
    }
}

#[test]
fn a_store_that_others_can_write_to_trusts_nothing() {
    for mode in [0o770, 0o707, 0o777] {
        let fixture = Fixture::new();
        fixture.add();
        fs::set_permissions(fixture.store(), fs::Permissions::from_mode(mode)).unwrap();
        let error = fixture.trust.standing(&fixture.read()).unwrap_err();
        assert_eq!(error.0.kind, FolderErrorKind::WritableByOthers(mode));
        assert!(error.message(Lang::En).contains("chmod 700"), "{error}");
        assert!(fixture.trust.add(&fixture.read(), Timestamp::UNIX_EPOCH).is_err());
    }
}

#[test]
fn no_link_and_nothing_but_files_are_taken_for_trust() {
    let fixture = Fixture::new();
    fixture.add();
    let name = fs::read_dir(fixture.store()).unwrap().next().unwrap().unwrap().path();
    let aside = fixture.folder.path().join("aside");
    fs::rename(&name, &aside).unwrap();
    symlink(&aside, &name).unwrap();
    assert_eq!(fixture.standing(), Standing::Changed, "a link is no entry");
    fs::remove_file(&name).unwrap();
    fs::create_dir(&name).unwrap();
    assert_eq!(fixture.standing(), Standing::Changed);
    fs::remove_dir(&name).unwrap();
    rustix::fs::mkfifoat(rustix::fs::CWD, &name, 0o600.into()).unwrap();
    assert_eq!(fixture.standing(), Standing::Changed);
    assert_eq!(fixture.trust.list().unwrap(), []);

    // The store's folder itself is a link, then a file.
    let moved = fixture.folder.path().join("moved");
    fs::remove_file(&name).unwrap();
    fs::rename(fixture.store(), &moved).unwrap();
    symlink(&moved, fixture.store()).unwrap();
    let error = fixture.trust.add(&fixture.read(), Timestamp::UNIX_EPOCH).unwrap_err();
    assert_eq!(error.0.kind, FolderErrorKind::Link);
    assert_eq!(fs::read_dir(&moved).unwrap().count(), 0, "nothing was written through the link");
    fs::remove_file(fixture.store()).unwrap();
    fs::write(fixture.store(), "").unwrap();
    assert!(fixture.trust.standing(&fixture.read()).is_err());
}
