//! Records answers in a cassette, or replays them from one.

use crate::cli::args::EvalArgs;
use crate::lang::Lang;
use crate::provider::cassette::{Cassette, Player, Recorder, Recording};
use crate::session::ProviderSelector;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Whether models' answers are recorded in a cassette or replayed from one.
pub(crate) enum Tape {
    /// Neither: answers come from the model.
    None,
    /// Answers are replayed from this cassette.
    Play { cassette: Arc<Cassette>, name: String },
    /// Answers are recorded, except for the answers in the cassette `known`, which are replayed.
    Record { recording: Arc<Recording>, name: String, known: Option<Arc<Cassette>> },
}

impl Tape {
    /// Opens the cassettes that the arguments name. Returns a message if one cannot be used.
    pub(crate) fn open(args: &EvalArgs, lang: Lang) -> Result<Self, String> {
        // With `--record`, the cassette to be replayed need not exist yet.
        let read = |path: &PathBuf| cassette(path, args.record.is_some(), lang);
        let known = args.cassette.as_ref().map(read).transpose()?.map(Arc::new);
        Ok(match (&args.record, &args.cassette, known) {
            (Some(path), _, known) => {
                let name = path.display().to_string();
                let file = appended(path).map_err(|error| unwritten(&name, &error, lang))?;
                let recording = Arc::new(Recording::new(Box::new(file)));
                Tape::Record { recording, name, known }
            }
            (None, Some(path), Some(cassette)) => Tape::Play { cassette, name: name_of(path) },
            (None, _, _) => Tape::None,
        })
    }

    /// Returns `selector`, changed so that its answers are replayed or recorded as this tape
    /// specifies. `model` is the model in the settings.
    pub(crate) fn put_into(
        &self,
        selector: ProviderSelector,
        model: Option<String>,
    ) -> ProviderSelector {
        match self {
            Tape::None => selector,
            Tape::Play { cassette, name } => {
                let player = Player::new(Arc::clone(cassette), name.clone(), model);
                selector.with_provider(Arc::new(player))
            }
            Tape::Record { recording, known, .. } => {
                let (recording, known) = (Arc::clone(recording), known.clone().unwrap_or_default());
                selector.with_wrapper(Arc::new(move |provider| {
                    let (recording, known) = (Arc::clone(&recording), Arc::clone(&known));
                    Arc::new(Recorder::new(provider, recording, known))
                }))
            }
        }
    }

    /// Returns `true` if no answers are replayed, so that the measured times are meaningful.
    pub(crate) fn is_timed(&self) -> bool {
        matches!(self, Tape::None | Tape::Record { known: None, .. })
    }

    /// Returns a message about the first error while recording, if any.
    pub(crate) fn trouble(&self, lang: Lang) -> Option<String> {
        let Tape::Record { recording, name, .. } = self else { return None };
        recording.take_trouble().map(|error| unwritten(name, &error, lang))
    }
}

/// Opens a file for appending lines. A last line without a line break, as some editors write it,
/// gets one.
fn appended(path: &Path) -> io::Result<File> {
    let is_cut = std::fs::metadata(path).is_ok_and(|file| file.is_file() && file.len() > 0)
        && last_byte(path)? != b'\n';
    let mut file = OpenOptions::new().create(true).append(true).open(path)?;
    if is_cut {
        file.write_all(b"\n")?;
    }
    Ok(file)
}

fn last_byte(path: &Path) -> io::Result<u8> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(u8::from_be_bytes(last))
}

fn cassette(path: &Path, may_be_new: bool, lang: Lang) -> Result<Cassette, String> {
    let text = match std::fs::read_to_string(path) {
        Err(error) if may_be_new && error.kind() == io::ErrorKind::NotFound => String::new(),
        read => read.map_err(|error| unread(path, &error, lang))?,
    };
    Cassette::parse(&text).map_err(|(line, reason)| {
        let shown = path.display();
        lang.pick(
            format!("{shown} の {line} 行目を読めません（{reason}）。その行を消して記録し直してください。"),
            format!("Line {line} of {shown} cannot be read ({reason}). Delete that line and record it again."),
        )
    })
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn unread(path: &Path, error: &io::Error, lang: Lang) -> String {
    let shown = path.display();
    lang.pick(
        format!("カセット {shown} を読めません（{error}）。`--record` で作れます。"),
        format!(
            "The recorded answers in {shown} cannot be read ({error}). Create a file of recorded answers with `--record`."
        ),
    )
}

fn unwritten(name: &str, error: &io::Error, lang: Lang) -> String {
    lang.pick(
        format!("{name} に答えを記録できません（{error}）。"),
        format!("Answers cannot be recorded to {name} ({error})."),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_last_line_without_a_line_break_stays_a_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.jsonl");
        for expected in ["{}\n", "{}\n{}\n"] {
            appended(&path).unwrap().write_all(b"{}").unwrap();
            drop(appended(&path).unwrap());
            assert_eq!(std::fs::read_to_string(&path).unwrap(), expected);
        }
    }
}
