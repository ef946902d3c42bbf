//! Finds programs in `PATH`, and holds the path of the user's home folder.

use std::env::{join_paths, split_paths};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The folders of `PATH`, in which programs are looked up, and the user's home folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Programs {
    folders: Vec<PathBuf>,
    home: Option<PathBuf>,
}

impl Programs {
    /// Takes the folders from `path`, the value of `PATH`. Relative folders are ignored, because in
    /// a repository they would be folders of the repository.
    pub fn new(path: Option<OsString>, home: Option<PathBuf>) -> Self {
        let folders = path.iter().flat_map(split_paths);
        Programs { folders: folders.filter(|folder| folder.is_absolute()).collect(), home }
    }

    /// Returns the user's home folder, if it is known.
    pub fn home(&self) -> Option<&Path> {
        self.home.as_deref()
    }

    /// Returns the path of a program, given its name or its full path. `None` if the program does
    /// not exist or is not executable.
    pub fn find(&self, name: &str) -> Option<PathBuf> {
        if Path::new(name).is_absolute() {
            return which::which_in(name, None::<OsString>, "/").ok();
        }
        which::which_in(name, join_paths(&self.folders).ok(), "/").ok()
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn only_programs_in_folders_with_a_full_path_are_found() {
        let home = tempfile::tempdir().unwrap();
        for (name, mode) in [("道具", 0o755), ("notes", 0o644)] {
            fs::write(home.path().join(name), "#!/bin/sh\n").unwrap();
            fs::set_permissions(home.path().join(name), fs::Permissions::from_mode(mode)).unwrap();
        }
        let path = join_paths([Path::new("relative"), Path::new("/nowhere"), home.path()]).unwrap();
        let programs = Programs::new(Some(path), None);
        assert_eq!(programs.find("道具"), Some(home.path().join("道具")));
        assert_eq!(programs.find("notes"), None, "it cannot be run");
        assert_eq!(programs.find("./道具"), None);
        assert_eq!(programs.find("/bin/sh"), Some(PathBuf::from("/bin/sh")));
        assert_eq!(Programs::new(None, None).find("sh"), None);
        let here = std::env::current_dir().unwrap();
        assert!(here.join("src").is_dir(), "it is looked for from the package's folder");
        assert_eq!(Programs::new(Some("src:.".into()), None).find("cargo"), None);
    }
}
