//! Finds the repository that a document belongs to.

use crate::config::real_path;
use std::fs;
use std::path::{Path, PathBuf};

/// Name of the folder that contains a repository's perspectives and settings.
pub const FOLDER: &str = ".kaizodo";

/// Maximum number of folders searched upwards.
const DEPTH_MAX: usize = 64;

/// A repository's root folder, as found by [`find`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// A root folder that contains `.kaizodo`. The path contains no symbolic links.
    Root(PathBuf),
    /// A root folder whose `.kaizodo` is a symbolic link. The link is not followed, and the search
    /// does not continue above this folder.
    Linked(PathBuf),
}

/// Searches upwards from a file or folder for the nearest folder that contains `.kaizodo`.
///
/// The search stops before the home directory and the root of the file system, which belong to no
/// repository.
pub fn find(from: &Path, home: Option<&Path>) -> Option<Found> {
    // The folder of a new document may not exist yet.
    let start = from.ancestors().find_map(|folder| real_path(folder).ok())?;
    let home = home.and_then(|home| real_path(home).ok());
    start
        .ancestors()
        .take(DEPTH_MAX)
        .take_while(|folder| folder.parent().is_some() && Some(*folder) != home.as_deref())
        .find_map(|folder| {
            let kind = fs::symlink_metadata(folder.join(FOLDER)).ok()?.file_type();
            let root = folder.to_owned();
            match (kind.is_dir(), kind.is_symlink()) {
                (true, _) => Some(Found::Root(root)),
                (_, true) => Some(Found::Linked(root)),
                _ => None,
            }
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Tree(tempfile::TempDir);

    impl Tree {
        fn new(folders: &[&str]) -> Self {
            let tree = Tree(tempfile::tempdir().unwrap());
            folders.iter().for_each(|folder| fs::create_dir_all(tree.at(folder)).unwrap());
            tree
        }

        fn at(&self, path: &str) -> PathBuf {
            real_path(self.0.path()).unwrap().join(path)
        }

        #[track_caller]
        fn check(&self, from: &str, expect: Option<&str>) {
            let found = find(&self.at(from), Some(&self.at("home")));
            assert_eq!(found, expect.map(|root| Found::Root(self.at(root))), "{from}");
        }
    }

    #[test]
    fn the_nearest_repository_is_found() {
        let tree = Tree::new(&["a/.kaizodo/perspectives", "a/b/c", "a/d/.kaizodo"]);
        fs::write(tree.at("a/b/x.md"), "").unwrap();
        for from in
            ["a", "a/b", "a/b/x.md", "a/b/c", "a/new/and/deeper.md", "a/.kaizodo/perspectives"]
        {
            tree.check(from, Some("a"));
        }
        tree.check("a/d/e/f", Some("a/d"));
        // A file named `.kaizodo` is ignored.
        fs::write(tree.at("a/b/.kaizodo"), "").unwrap();
        tree.check("a/b/c", Some("a"));
    }

    #[test]
    fn the_walk_ends_at_home_and_is_bounded() {
        let tree = Tree::new(&["home/.kaizodo", "home/w/.kaizodo", "home/v", ".kaizodo"]);
        tree.check("home/w/x.md", Some("home/w"));
        tree.check("home/v/x.md", None);
        tree.check("home/x.md", None);
        tree.check("elsewhere/x.md", Some(""));
        let deep = "d/".repeat(DEPTH_MAX);
        fs::create_dir_all(tree.at(&deep)).unwrap();
        tree.check(&deep, None);
        assert_eq!(find(Path::new("/"), None), None);
        assert_eq!(find(Path::new("not/there/x.md"), Some(Path::new("/"))), None);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_resolved_before_the_walk_and_never_followed_in_it() {
        use std::os::unix::fs::symlink;
        let tree = Tree::new(&["a/.kaizodo", "a/b", "home", "c/d"]);
        symlink(tree.at("a/b"), tree.at("home/link")).unwrap();
        tree.check("home/link/x.md", Some("a"));
        symlink(tree.at("home"), tree.at("c/house")).unwrap();
        fs::create_dir(tree.at("c/.kaizodo")).unwrap();
        tree.check("c/house/x.md", None);
        fs::create_dir_all(tree.at("e")).unwrap();
        symlink(tree.at("a/.kaizodo"), tree.at("e/.kaizodo")).unwrap();
        let found = find(&tree.at("e/f.md"), None);
        assert_eq!(found, Some(Found::Linked(tree.at("e"))));
    }
}
