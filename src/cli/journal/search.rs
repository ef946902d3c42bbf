//! `kaizodo journal search`: finds saved runs by words.

use super::list::{print_json, table};
use crate::cli::input::absolute;
use crate::cli::table::wrapped;
use crate::cli::{output, warn};
use crate::journal::{Entry, Filter, Folder, JournalError, Listing};
use crate::lang::Lang;
use crate::panel::show_hidden;
use jiff::tz::TimeZone;
use std::path::Path;
use std::process::ExitCode;

/// Prints the saved runs that contain all of `words`, newest first, each with a snippet around the
/// first match. If `below` is given, prints only runs about documents in that folder.
pub(crate) fn print(
    folder: &Folder,
    words: &str,
    below: Option<&Path>,
    json: bool,
    lang: Lang,
) -> Result<ExitCode, JournalError> {
    let below = below.map(|path| {
        let path = absolute(path);
        let uri = url::Url::from_file_path(&path).map(String::from);
        uri.unwrap_or_else(|()| path.display().to_string())
    });
    let mut filter = Filter { query: Some(words.to_owned()), folder: below, ..Filter::default() };
    let mut runs = Vec::new();
    loop {
        let Listing { runs: found, next } = folder.search(&filter, || false)?;
        runs.extend(found);
        if next.is_none() {
            break;
        }
        filter.before = next;
    }
    if json {
        return Ok(print_json(&runs));
    }
    if runs.is_empty() {
        warn(lang.pick(
            "これらの言葉をすべて含む実行は見つかりません。",
            "No run contains all of these words.",
        ));
        return Ok(ExitCode::SUCCESS);
    }
    Ok(output::print(&hits(&runs, &TimeZone::system(), lang)))
}

/// Formats the runs as a table, with each hit below its run.
fn hits(runs: &[Entry], zone: &TimeZone, lang: Lang) -> String {
    let rows: Vec<_> = runs.iter().map(|entry| (0, entry)).collect();
    let room = output::room();
    let mut lines = table(&rows, zone, room, lang).into_iter();
    let mut out = lines.next().unwrap_or_default();
    for (line, entry) in lines.zip(runs) {
        out += &line;
        if let Some(snippet) = &entry.snippet {
            out += &format!("    {}\n", wrapped(&show_hidden(snippet), 4, room));
        }
    }
    out
}
