//! Where answers are recorded to, or come from.

use crate::cli::args::EvalArgs;
use crate::lang::Lang;
use crate::provider::cassette::{BadLine, Cassette, Player, Recorder, Recording};
use crate::session::Choice;
use std::fs::OpenOptions;
use std::io;
use std::path::Path;
use std::sync::Arc;

/// What is done with answers.
pub(super) enum Tape {
    /// Nothing.
    None,
    /// They come from here.
    Play { cassette: Arc<Cassette>, name: String },
    /// They are recorded there.
    Record { recording: Arc<Recording>, name: String },
}

impl Tape {
    /// Opens what the arguments name.
    pub(super) fn open(args: &EvalArgs, lang: Lang) -> Result<Self, String> {
        if let Some(path) = &args.cassette {
            let text = std::fs::read_to_string(path).map_err(|error| unread(path, &error, lang))?;
            let bad = |BadLine { line, cause }| {
                let shown = path.display();
                lang.pick(
                    format!("{shown} の {line} 行目を読めません({cause})。その行を消して録り直してください。"),
                    format!("{shown}, line {line}, cannot be read ({cause}). Take that line out and record it anew."),
                )
            };
            let cassette = Arc::new(Cassette::parse(&text).map_err(bad)?);
            return Ok(Tape::Play { cassette, name: name_of(path) });
        }
        let Some(path) = &args.record else { return Ok(Tape::None) };
        let file = OpenOptions::new().create(true).append(true).open(path);
        let file = file.map_err(|error| unwritten(&path.display().to_string(), &error, lang))?;
        let recording = Arc::new(Recording::new(Box::new(file)));
        Ok(Tape::Record { recording, name: path.display().to_string() })
    }

    /// The choice with the tape in it, where the settings name this model.
    pub(super) fn put_into(&self, choice: Choice, model: Option<String>) -> Choice {
        match self {
            Tape::None => choice,
            Tape::Play { cassette, name } => {
                let player = Player::new(Arc::clone(cassette), name.clone(), model);
                choice.answered_by(Arc::new(player))
            }
            Tape::Record { recording, .. } => {
                let recording = Arc::clone(recording);
                choice.wrapped(Arc::new(move |provider| {
                    Arc::new(Recorder::new(provider, Arc::clone(&recording)))
                }))
            }
        }
    }

    /// What went wrong while it recorded.
    pub(super) fn trouble(&self, lang: Lang) -> Option<String> {
        let Tape::Record { recording, name } = self else { return None };
        recording.take_trouble().map(|error| unwritten(name, &error, lang))
    }
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn unread(path: &Path, error: &io::Error, lang: Lang) -> String {
    let shown = path.display();
    lang.pick(
        format!("録音のファイル {shown} を読めません({error})。`--record` で録音できます。"),
        format!(
            "The recorded answers {shown} cannot be read ({error}). `--record` makes such a file."
        ),
    )
}

fn unwritten(name: &str, error: &io::Error, lang: Lang) -> String {
    lang.pick(
        format!("{name} に録音できません({error})。"),
        format!("Nothing can be recorded to {name} ({error})."),
    )
}
