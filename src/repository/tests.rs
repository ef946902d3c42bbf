//! Tests of what is used from a repository, and what is ignored.

use super::*;
use crate::lang::Message;
use std::fs;

struct Tree(tempfile::TempDir);

impl Tree {
    fn new(files: &[(&str, &str)]) -> Self {
        let tree = Tree(tempfile::tempdir().unwrap());
        for (name, text) in files {
            let path = tree.0.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        tree
    }

    fn read(&self) -> Repository {
        Repository::read(self.0.path())
    }
}

const RISKS: &str = "---\nname: risks\ndescription: d\nmodel: theirs\n---\nask";

#[test]
fn perspectives_and_the_allowed_settings_are_taken() {
    let tree = Tree::new(&[
        (".kaizodo/config.toml", "lang = 'ja'\nmodel = 'm'\nsets = { a = ['risks', 'time'] }\n"),
        (".kaizodo/perspectives/risks.md", RISKS),
        (".kaizodo/perspectives/notes.txt", "?"),
        (".kaizodo/perspectives/broken.md", "?"),
    ]);
    let read = tree.read();
    assert!(!read.is_empty());
    assert_eq!(read.settings_lines(), ["lang = ja", "sets.a = risks, time"]);
    assert_eq!(read.notices.len(), 1);
    assert_eq!(
        read.notices[0].message(Lang::En),
        ".kaizodo/config.toml: model ignored. A repository may set lang, perspectives, sets only."
    );
    let (catalog, notices) = read.catalog(&Catalog::builtin());
    assert_eq!(catalog.iter().count(), Catalog::builtin().iter().count() + 1);
    let risks = catalog.get("risks").unwrap();
    assert_eq!((risks.origin, risks.model.len()), (Origin::Repository, 0));
    let said: Vec<_> = notices.iter().map(|notice| notice.message(Lang::En)).collect();
    assert!(said[0].starts_with(".kaizodo/perspectives/broken.md:1: "), "{said:?}");
    assert!(said[1].starts_with(".kaizodo/perspectives/risks.md:4: "), "{said:?}");
}

#[test]
fn every_byte_that_is_used_counts_and_nothing_else() {
    let tree = Tree::new(&[
        (".kaizodo/config.toml", "lang = 'ja'\n"),
        (".kaizodo/perspectives/risks.md", RISKS),
    ]);
    let fingerprint = tree.read().fingerprint();
    let at = |name: &str| tree.0.path().join(name);
    fs::write(at("README.md"), "x").unwrap();
    fs::write(at(".kaizodo/notes"), "x").unwrap();
    fs::write(at(".kaizodo/perspectives/x.txt"), "x").unwrap();
    assert_eq!(tree.read().fingerprint(), fingerprint);
    for (name, text) in [
        (".kaizodo/config.toml", "lang = 'ja'\n "),
        (".kaizodo/perspectives/risks.md", "?"),
        (".kaizodo/perspectives/more.md", ""),
    ] {
        let before = fs::read(at(name)).ok();
        fs::write(at(name), text).unwrap();
        assert_ne!(tree.read().fingerprint(), fingerprint, "{name}");
        match before {
            Some(bytes) => fs::write(at(name), bytes).unwrap(),
            None => fs::remove_file(at(name)).unwrap(),
        }
        assert_eq!(tree.read().fingerprint(), fingerprint, "{name}");
    }
}

#[test]
fn where_there_is_nothing_to_use_there_is_nothing_to_trust() {
    assert!(Tree::new(&[]).read().is_empty());
    let settings = Tree::new(&[(".kaizodo/config.toml", "base_url = 'x'\n")]).read();
    assert!(settings.is_empty() && settings.notices.len() == 1);
    let broken = Tree::new(&[(".kaizodo/config.toml", "lang = \n")]).read();
    assert!(broken.is_empty() && broken.notices[0].message(Lang::En).contains("line 1"));
}

#[cfg(unix)]
#[test]
fn no_link_leads_out_of_it() {
    use std::os::unix::fs::symlink;
    let outside = Tree::new(&[("config.toml", "lang = 'ja'\n"), ("p/risks.md", RISKS)]);
    let at = |name: &str| outside.0.path().join(name);
    let tree = Tree::new(&[(".kaizodo/perspectives/a.md", RISKS)]);
    let inside = |name: &str| tree.0.path().join(".kaizodo").join(name);
    symlink(at("config.toml"), inside("config.toml")).unwrap();
    symlink(at("p/risks.md"), inside("perspectives/risks.md")).unwrap();
    rustix::fs::mkfifoat(rustix::fs::CWD, inside("perspectives/pipe.md"), 0o600.into()).unwrap();
    let read = tree.read();
    assert_eq!(read.settings, Settings::default());
    assert_eq!(read.files.len(), 1);
    let said: Vec<_> = read.notices.iter().map(|notice| notice.message(Lang::En)).collect();
    assert_eq!(
        said,
        [
            ".kaizodo/config.toml is a symbolic link and is not followed.",
            ".kaizodo/perspectives/pipe.md is not a regular file.",
            ".kaizodo/perspectives/risks.md is a symbolic link and is not followed.",
        ]
    );
    fs::remove_dir_all(inside("perspectives")).unwrap();
    symlink(at("p"), inside("perspectives")).unwrap();
    let read = tree.read();
    assert!(read.is_empty());
    assert!(read.notices[1].message(Lang::En).starts_with(".kaizodo/perspectives is a symbolic"));
}

#[test]
fn a_command_holds_no_path_that_a_shell_reads_differently() {
    let command = |root: &str| {
        Repository { root: root.into(), ..Repository::linked(Path::new("/")) }.command(Lang::En)
    };
    assert_eq!(command("/home/u/議事録"), "`kaizodo trust /home/u/議事録`");
    for root in ["/a b", "/a;x", "/$(x)", "/a`x`", "/a\nb", "/a'b", "/~x"] {
        assert_eq!(command(root), format!("`kaizodo trust` in \"{root}\""));
    }
}
