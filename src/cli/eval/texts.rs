//! Reads the texts of a folder.

use crate::cli::input::{self, InputError};
use crate::cli::warn;
use crate::config::Config;
use crate::eval::tagged;
use crate::lang::{Lang, Message};
use crate::perspective::lang::detect;
use crate::text::{ContextMode, Selection};
use std::io;
use std::path::{Path, PathBuf};

/// A text to ask about.
#[derive(Clone, Debug)]
pub(crate) struct Text {
    /// Name of the file.
    pub(crate) name: String,
    /// Language of the answers: the tag in the file's name or, without a tag, the language in the
    /// settings or, without either, the detected one.
    pub(crate) lang: Lang,
    pub(crate) selection: Selection,
}

/// Reads all texts in a folder, in the order of their file names. Ignores subfolders and hidden
/// files. Skips files that are empty or not text, with a warning. Returns a message if a file
/// cannot be read or is too large, or if there are no texts.
pub(crate) fn of(folder: &Path, config: &Config, lang: Lang) -> Result<Vec<Text>, String> {
    let limit = config.limits.selection_bytes;
    let shown = folder.display();
    let unread = |error: io::Error| {
        lang.pick(
            format!("フォルダー {shown} を読めません（{error}）。"),
            format!("The folder {shown} cannot be read ({error})."),
        )
    };
    let mut texts = Vec::new();
    for path in files(folder).map_err(unread)? {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        match input::file(path.as_os_str(), limit, ContextMode::None) {
            Ok(selection) => {
                let lang = tagged(&name).or(config.lang);
                let lang = lang.unwrap_or_else(|| detect(&selection.text, config.locale));
                texts.push(Text { name, lang, selection });
            }
            Err(error @ (InputError::NotText(_) | InputError::Empty)) => {
                let why = error.message(lang);
                warn(&lang.pick(
                    format!("{name} は飛ばします。{why}"),
                    format!("Skipping {name}. {why}"),
                ));
            }
            Err(error) => return Err(error.message(lang)),
        }
    }
    if texts.is_empty() {
        return Err(lang.pick(
            format!("フォルダー {shown} に文章がありません。"),
            format!("There are no texts in the folder {shown}."),
        ));
    }
    Ok(texts)
}

fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let is_hidden = entry.file_name().to_string_lossy().starts_with('.');
        if !is_hidden && entry.path().is_file() {
            files.push(entry.path());
        }
    }
    files.sort();
    Ok(files)
}
