//! What may be left out: `kaizodo notes.md` is `kaizodo run notes.md`, `… | kaizodo` is
//! `… | kaizodo run -`, and `kaizodo help run` is `kaizodo run --help`.

use crate::cli::near::near;
use crate::lang::Lang;
use std::ffi::{OsStr, OsString};

/// A word that is neither a command nor a file, with those that it may be a slip of.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unknown {
    pub(crate) word: String,
    command: Option<String>,
}

impl Unknown {
    /// The sentence, with a file that is called so much alike.
    pub(crate) fn message(&self, file: Option<&str>, lang: Lang) -> String {
        let Unknown { word, command } = self;
        let meant: Vec<_> = command.as_deref().into_iter().chain(file).collect();
        let meant: Vec<_> = meant.into_iter().map(|name| format!("`{name}`")).collect();
        let (ja, en) = match meant.as_slice() {
            [] => (
                "使い方は `kaizodo --help` で見られます。".to_owned(),
                "See `kaizodo --help`.".to_owned(),
            ),
            names => (
                format!("{} のことでしょうか。", names.join("、")),
                format!("Did you mean {}?", names.join(" or ")),
            ),
        };
        lang.pick(
            format!("`{word}` というコマンドもファイルもありません。{ja}"),
            format!("`{word}` is neither a command nor a file. {en}"),
        )
    }
}

/// The arguments in full. A command goes before a file of the same name, so that what a line does
/// does not depend on the folder; `./doctor` is always the file. Without arguments, standard input
/// is asked about if `is_piped`.
///
/// # Errors
/// The first word is neither a command nor a file.
pub(crate) fn in_full(
    mut args: Vec<OsString>,
    command: &clap::Command,
    is_file: impl Fn(&OsStr) -> bool,
    is_piped: bool,
) -> Result<Vec<OsString>, Unknown> {
    let Some(first) = args.get(1).cloned() else {
        args.extend(["run", "-"].into_iter().filter(|_| is_piped).map(OsString::from));
        return Ok(args);
    };
    // A name that is not Unicode can only be a file's.
    let word = first.to_str().unwrap_or("/");
    let has_help = |at: usize| args.get(at).is_some_and(|arg| arg == "help");
    if let Some(found) = command.find_subcommand(word) {
        if found.has_subcommands() && has_help(2) {
            args.remove(2);
            args.push("--help".into());
        }
        return Ok(args);
    }
    if has_help(1) {
        args.remove(1);
        args.push("--help".into());
        return Ok(args);
    }
    let is_run = match word.strip_prefix("--").map(|name| name.split('=').next()) {
        Some(name) => is_option_of_run(name.unwrap_or_default(), command),
        None if word.starts_with('-') => !["-h", "-V"].contains(&word),
        None => word.contains(['.', '/', '\\', ':']) || is_file(&first),
    };
    match is_run {
        true => args.insert(1, "run".into()),
        false if word.starts_with('-') => {}
        false => {
            let names = command.get_subcommands().map(|sub| sub.get_name().to_owned());
            return Err(Unknown { word: word.to_owned(), command: near(word, names) });
        }
    }
    Ok(args)
}

/// Whether a long option is meant for `run`: it has it, or one that is more alike than the
/// program's own.
fn is_option_of_run(name: &str, command: &clap::Command) -> bool {
    let longs = |command: &clap::Command| -> Vec<String> {
        command.get_arguments().filter_map(|arg| arg.get_long()).map(str::to_owned).collect()
    };
    let own = longs(command);
    let of_run = command.find_subcommand("run").map(longs).unwrap_or_default();
    let all = own.iter().chain(&of_run).cloned();
    !own.iter().any(|long| long == name)
        && (name.is_empty() || near(name, all).is_none_or(|near| !own.contains(&near)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::args::command;

    fn full(args: &[&str]) -> Result<String, Unknown> {
        let args = ["kaizodo"].iter().chain(args).map(OsString::from).collect();
        let is_file = |name: &OsStr| ["ノート", "doctor", "NOTES"].iter().any(|file| name == *file);
        let full = in_full(args, &command(Lang::En), is_file, false)?;
        let full: Vec<_> = full[1..].iter().map(|arg| arg.to_str().unwrap()).collect();
        Ok(full.join(" "))
    }

    #[test]
    fn run_may_be_left_out_before_what_only_run_takes() {
        for (short, long) in [
            (&["notes.md"][..], "run notes.md"),
            (&["ノート:3-7", "-p", "depth"], "run ノート:3-7 -p depth"),
            (&["ノート"], "run ノート"),
            (&["NOTES"], "run NOTES"),
            (&["./doctor"], "run ./doctor"),
            (&["doctor"], "doctor"),
            (&["-"], "run -"),
            (&["--", "x"], "run -- x"),
            (&["--text=a", "--json"], "run --text=a --json"),
            (&["--modle", "m"], "run --modle m"),
            (&["-p", "depth", "a.md"], "run -p depth a.md"),
            (&["--version"], "--version"),
            (&["--verison"], "--verison"),
            (&["-h"], "-h"),
            (&["help"], "--help"),
            (&["help", "run"], "run --help"),
            (&["journal", "help"], "journal --help"),
            (&["journal", "help", "rm"], "journal rm --help"),
            (&["help", "journal", "rm"], "journal rm --help"),
            (&[], ""),
        ] {
            assert_eq!(full(short).as_deref(), Ok(long));
        }
    }

    #[test]
    fn without_arguments_what_is_piped_in_is_asked_about() {
        let full = |is_piped, args: &[&str]| {
            let args = args.iter().map(OsString::from).collect();
            in_full(args, &command(Lang::En), |_| false, is_piped).unwrap()
        };
        assert_eq!(full(true, &["kaizodo"]), ["kaizodo", "run", "-"]);
        assert_eq!(full(false, &["kaizodo"]), ["kaizodo"]);
        assert_eq!(full(true, &["kaizodo", "doctor"]), ["kaizodo", "doctor"]);
    }

    #[test]
    fn a_word_that_is_neither_is_told_with_what_is_near() {
        let unknown = full(&["jornal"]).unwrap_err();
        assert_eq!(
            unknown.message(None, Lang::En),
            "`jornal` is neither a command nor a file. Did you mean `journal`?"
        );
        assert_eq!(
            unknown.message(Some("jornal.md"), Lang::Ja),
            "`jornal` というコマンドもファイルもありません。`journal`、`jornal.md` のことでしょうか。"
        );
        let unknown = full(&["会議"]).unwrap_err();
        assert!(unknown.message(None, Lang::Ja).ends_with("`kaizodo --help` で見られます。"));
    }
}
