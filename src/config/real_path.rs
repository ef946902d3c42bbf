//! Real paths, with all links resolved.

use std::io;
use std::path::{Component, Path, PathBuf, Prefix};

/// Returns a file's or folder's absolute path without links, written as other programs write it: on
/// Windows, `C:\x` rather than `\\?\C:\x`. Only then can it be compared with the paths that editors
/// send, and be shown to a user.
///
/// # Errors
/// Fails if the file or folder does not exist or cannot be reached.
pub fn real_path(path: &Path) -> io::Result<PathBuf> {
    path.canonicalize().map(|real| plain(&real).unwrap_or(real))
}

/// Returns a path without the prefix `\\?\`; `None` if it has none or needs it.
fn plain(path: &Path) -> Option<PathBuf> {
    let mut parts = path.components();
    let Some(Component::Prefix(prefix)) = parts.next() else { return None };
    let start = match prefix.kind() {
        Prefix::VerbatimDisk(letter) => format!("{}:", char::from(letter)),
        Prefix::VerbatimUNC(server, share) => {
            format!(r"\\{}\{}", server.to_str()?, share.to_str()?)
        }
        _ => return None,
    };
    // Without the prefix, Windows would remove a dot or a space at the end of a name, and open a
    // device such as `con` in place of a file.
    let is_kept = |part: Component<'_>| {
        part.as_os_str().to_str().is_some_and(|name| {
            let stem = name.split('.').next().unwrap_or_default().to_ascii_lowercase();
            let port = stem.strip_prefix("com").or_else(|| stem.strip_prefix("lpt"));
            let is_device = matches!(&*stem, "con" | "prn" | "aux" | "nul")
                || port.is_some_and(|number| number.chars().count() == 1);
            !is_device && !name.ends_with(['.', ' '])
        })
    };
    let rest = parts.as_path();
    parts.all(is_kept).then(|| PathBuf::from(start).join(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_real_path_is_written_as_others_write_it() {
        let home = tempfile::tempdir().unwrap();
        let real = real_path(home.path()).unwrap();
        assert!(real.is_absolute() && !real.to_string_lossy().starts_with(r"\\?\"), "{real:?}");
        assert_eq!(real.canonicalize().unwrap(), home.path().canonicalize().unwrap());
        assert_eq!(real_path(&real).unwrap(), real);
        assert!(real_path(&home.path().join("nowhere")).is_err());
    }

    #[cfg(windows)]
    #[test]
    fn a_prefix_goes_unless_it_is_needed() {
        let plain = |path: &str| plain(Path::new(path)).map(|path| path.display().to_string());
        assert_eq!(plain(r"\\?\C:\議事\a.md").as_deref(), Some(r"C:\議事\a.md"));
        assert_eq!(plain(r"\\?\C:\").as_deref(), Some(r"C:\"));
        assert_eq!(plain(r"\\?\UNC\box\share\a").as_deref(), Some(r"\\box\share\a"));
        for other in [
            r"C:\a",
            r"\\?\C:\x\con.md",
            r"\\?\C:\LPT1",
            r"\\?\C:\a.\b",
            r"\\?\Volume{1}\a",
            r"\\.\pipe\a",
            "a",
        ] {
            assert_eq!(plain(other), None, "{other}");
        }
    }
}
