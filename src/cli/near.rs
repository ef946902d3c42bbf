//! The name that was meant by one that is not there.

use std::fs;
use std::path::Path;

/// How alike two names are that are taken for one and a slip of it: from 0 to 1.
const ALIKE: f64 = 0.8;
/// The most names of a folder that are looked at.
const NAMES: usize = 1000;

/// The most similar of these names, if it is similar enough.
pub(crate) fn near(name: &str, among: impl Iterator<Item = String>) -> Option<String> {
    let scored = among.map(|known| (strsim::jaro_winkler(&known, name), known));
    let alike = scored.filter(|(score, _)| *score >= ALIKE);
    alike.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, known)| known)
}

/// The file beside this path whose name is most similar to its own, as the path names it.
pub(crate) fn near_file(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let entries = fs::read_dir(folder.unwrap_or(Path::new("."))).ok()?.take(NAMES).flatten();
    let files = entries.filter(|entry| entry.path().is_file());
    let found = near(name, files.filter_map(|entry| entry.file_name().into_string().ok()))?;
    Some(path.with_file_name(found).display().to_string())
}
