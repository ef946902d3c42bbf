//! The arguments of `kaizodo journal`.

use super::ColorArg;
use clap::Subcommand;
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(crate) enum JournalCommand {
    /// List the runs, newest first
    List {
        /// Only the newest runs, at most this many
        #[arg(long, short = 'n', value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
        limit: Option<u32>,
        /// Print the result as one JSON array
        #[arg(long)]
        json: bool,
    },
    /// Search the runs for words, newest first: texts that were asked about, questions, answers, comments, titles
    Search {
        /// Words that must all occur, in any order; case, character width and hiragana/katakana are ignored
        #[arg(required = true)]
        words: Vec<String>,
        /// Only runs about files in the current folder and below
        #[arg(long, conflicts_with = "folder")]
        here: bool,
        /// Only runs about files in this folder and below
        #[arg(long, value_name = "DIR")]
        folder: Option<PathBuf>,
        /// Print the result as one JSON array
        #[arg(long)]
        json: bool,
    },
    /// Print a run's answers
    Show {
        /// The run: its name, the beginning of its name, `last`, or `last~1` (the one before), `last~2` …
        #[arg(default_value = "last", hide_default_value = true)]
        run: String,
        /// Print only this section, by name or heading, for example `focus`
        #[arg(long, short)]
        section: Option<String>,
        /// Leave out notes, states and closing lines
        #[arg(long)]
        clean: bool,
        /// Print what the models reasoned, if that was kept (journal.reasoning)
        #[arg(long, conflicts_with_all = ["clean", "section"])]
        reasoning: bool,
        #[command(flatten)]
        color: ColorArg,
    },
    /// Replay a run as its answers came in
    Replay {
        /// The run: its name, the beginning of its name, `last`, or `last~1` (the one before), `last~2` …
        #[arg(default_value = "last", hide_default_value = true)]
        run: String,
        /// Print the events, one JSON object per line
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        color: ColorArg,
    },
    /// Print the path of the journal, or of one run's file
    Path {
        /// The run: its name, the beginning of its name, `last`, or `last~1` (the one before), `last~2` …
        run: Option<String>,
    },
    /// Pin a run, so that it is kept until you remove it
    Pin {
        /// The run: its name, the beginning of its name, `last`, or `last~1` (the one before), `last~2` …
        run: String,
    },
    /// Take the pin off a run
    Unpin {
        /// The run: its name, the beginning of its name, `last`, or `last~1` (the one before), `last~2` …
        run: String,
    },
    /// Remove runs, even pinned ones
    Rm {
        /// The runs: their names, the beginnings of their names, `last`, or `last~1` (the one before), `last~2` …
        #[arg(required = true, value_name = "RUN")]
        runs: Vec<String>,
        /// Remove them without asking
        #[arg(long, short)]
        yes: bool,
    },
    /// Remove the runs that are past the limits in the settings, except pinned ones
    Prune {
        /// Remove all runs except pinned ones and those still in progress
        #[arg(long, conflicts_with = "older_than")]
        all: bool,
        /// Remove the runs last written to more than this many days ago, whatever the settings say
        #[arg(long, value_name = "DAYS")]
        older_than: Option<u32>,
    },
}
