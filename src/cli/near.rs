//! Guesses which existing name was meant by an unknown one.

use std::fs;
use std::path::Path;

/// Minimum similarity, from 0 to 1, at which a name is taken for a typo of another one.
const ALIKE: f64 = 0.8;
/// Maximum number of names in a folder that are compared.
const NAMES: usize = 1000;

/// Returns the name in `among` that is most similar to `name`, if it is similar enough.
pub(crate) fn near(name: &str, among: impl Iterator<Item = String>) -> Option<String> {
    let scored = among.map(|known| (strsim::jaro_winkler(&known, name), known));
    let alike = scored.filter(|(score, _)| *score >= ALIKE);
    alike.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, known)| known)
}

/// Returns the path of the file in the same folder whose name is most similar to the name of
/// `path`, if it is similar enough. The returned path names the folder as `path` does.
pub(crate) fn near_file(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let entries = fs::read_dir(folder.unwrap_or(Path::new("."))).ok()?.take(NAMES).flatten();
    let files = entries.filter(|entry| entry.path().is_file());
    let found = near(name, files.filter_map(|entry| entry.file_name().into_string().ok()))?;
    Some(path.with_file_name(found).display().to_string())
}
