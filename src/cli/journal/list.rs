//! `kaizodo journal list`: prints the saved runs.

use super::tree::tree;
use crate::cli::table::columns;
use crate::cli::{json, output, warn};
use crate::event::RunOutcome;
use crate::journal::{Entry, Folder, JournalError, JournalErrorKind};
use crate::lang::{Lang, Message};
use crate::panel::{place_of, show_hidden};
use jiff::tz::TimeZone;
use std::collections::HashSet;
use std::process::ExitCode;

/// Minimum number of characters of a run's ID in a table: the timestamp of a ULID.
const NAME: usize = 10;
/// Depth beyond which runs are not indented further.
const DEPTH: usize = 12;

/// Prints the newest runs, at most `limit`, newest first, as a table or as JSON. In the table, a run about another run's
/// answer is listed below that run.
pub(crate) fn print(
    folder: &Folder,
    limit: usize,
    json: bool,
    lang: Lang,
) -> Result<ExitCode, JournalError> {
    let runs = folder.list(limit)?;
    if json {
        return Ok(print_json(&runs));
    }
    if runs.is_empty() {
        warn(&JournalError::new(folder.path(), JournalErrorKind::NoRuns).message(lang));
        return Ok(ExitCode::SUCCESS);
    }
    let table = table(&tree(&runs), &TimeZone::system(), output::room(), lang);
    Ok(output::print(&table.concat()))
}

/// Prints runs as JSON.
pub(crate) fn print_json(runs: &[Entry]) -> ExitCode {
    match json::line(&runs).and_then(|line| output::write(&line)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => output::lost(&error),
    }
}

/// Formats runs, each with its depth in the tree, as the lines of a table, the header first.
/// Indents titles by depth. If `room` is `Some`, shortens the run IDs as far as they stay distinct.
pub(crate) fn table(
    runs: &[(usize, &Entry)],
    zone: &TimeZone,
    room: Option<usize>,
    lang: Lang,
) -> Vec<String> {
    let name_len = if room.is_some() { shortest(runs) } else { usize::MAX };
    let head = lang.pick(
        ["実行", "ピン", "時刻", "結果", "サイズ", "元の文章"],
        ["RUN", "PIN", "TIME", "OUTCOME", "SIZE", "SOURCE"],
    );
    let head = (head.map(str::to_owned), lang.pick("タイトル", "TITLE").to_owned());
    let rows = runs.iter().map(|(depth, entry)| {
        let time = entry.at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string();
        let source = entry.source.as_ref().map(|source| show_hidden(&place_of(source)));
        let cells = [
            entry.run.0.chars().take(name_len).collect(),
            if entry.pinned { "*" } else { "" }.to_owned(),
            time,
            outcome(entry, lang).to_owned(),
            size(entry.bytes),
            source.unwrap_or_default(),
        ];
        (cells, format!("{}{}", indent(*depth), show_hidden(&entry.title)))
    });
    let lines: Vec<_> = std::iter::once(head).chain(rows).collect();
    let lines: Vec<_> = lines.iter().map(|(cells, rest)| (cells.clone(), rest.as_str())).collect();
    columns(&lines, room)
}

/// Returns the smallest length, at least [`NAME`], to which all run IDs can be cut and still
/// differ.
fn shortest(runs: &[(usize, &Entry)]) -> usize {
    let longest = runs.iter().map(|(_, entry)| entry.run.0.len()).max().unwrap_or(0);
    let is_clear = |len: &usize| {
        let names: HashSet<&str> =
            runs.iter().map(|(_, entry)| entry.run.0.get(..*len).unwrap_or(&entry.run.0)).collect();
        names.len() == runs.len()
    };
    (NAME..longest).find(is_clear).unwrap_or(longest)
}

fn indent(depth: usize) -> String {
    match depth.min(DEPTH) {
        0 => String::new(),
        depth => format!("{}└ ", "  ".repeat(depth - 1)),
    }
}

fn outcome(entry: &Entry, lang: Lang) -> &'static str {
    match entry.outcome {
        _ if entry.alive => lang.pick("実行中", "running"),
        Some(RunOutcome::Done) => lang.pick("完了", "done"),
        Some(RunOutcome::Partial) => lang.pick("一部", "partial"),
        Some(RunOutcome::Cancelled) => lang.pick("停止", "stopped"),
        None => lang.pick("中断", "cut off"),
    }
}

/// Formats a size for display.
pub(crate) fn size(bytes: u64) -> String {
    match bytes {
        0..1000 => format!("{bytes} B"),
        1000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{RunId, Source};
    use crate::text::{Position, Range, Range16};

    #[test]
    fn runs_are_told_in_the_users_time_and_words() {
        let (start, end) = (Position { line: 2, character: 0 }, Position { line: 5, character: 0 });
        let source = Source { uri: "file:///n%1B.md".into(), range: Range16(Range { start, end }) };
        let entry = Entry {
            run: RunId("01kb4q3v8m0000000000000000".into()),
            title: "会議\u{9b}2J".into(),
            at: jiff::Timestamp::UNIX_EPOCH,
            source: Some(source),
            outcome: Some(RunOutcome::Partial),
            alive: false,
            bytes: 1234,
            pinned: false,
            parent: None,
            perspectives: Vec::new(),
            snippet: None,
        };
        let killed = Entry { outcome: None, source: None, bytes: 0, pinned: true, ..entry.clone() };
        let zone = TimeZone::fixed(jiff::tz::offset(9));
        let all = [(0, &entry), (2, &killed)];
        insta::assert_snapshot!(table(&all, &zone, None, Lang::Ja).concat(), @"
        実行                        ピン  時刻              結果  サイズ  元の文章          タイトル
        01kb4q3v8m0000000000000000        1970-01-01 09:00  一部  1.2 kB  n⟨U+001B⟩.md:3–5  会議⟨U+009B⟩2J
        01kb4q3v8m0000000000000000  *     1970-01-01 09:00  中断  0 B                         └ 会議⟨U+009B⟩2J
        ");
        let other = Entry { run: RunId("01kb4q3v8m0zzzzzzzzzzzzzzz".into()), ..entry.clone() };
        let all = [(0, &entry), (1, &other)];
        insta::assert_snapshot!(table(&all, &zone, Some(80), Lang::Ja).concat(), @"
        実行          ピン  時刻              結果  サイズ  元の文章
            タイトル
        01kb4q3v8m00        1970-01-01 09:00  一部  1.2 kB  n⟨U+001B⟩.md:3–5
            会議⟨U+009B⟩2J
        01kb4q3v8m0z        1970-01-01 09:00  一部  1.2 kB  n⟨U+001B⟩.md:3–5
            └ 会議⟨U+009B⟩2J
        ");
    }
}
