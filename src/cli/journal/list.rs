//! `kaizodo journal list`.

use crate::cli::table::columns;
use crate::cli::{json, output, warn};
use crate::event::RunOutcome;
use crate::journal::{Entry, Folder, JournalError, JournalErrorKind};
use crate::lang::{Lang, Message};
use crate::panel::{place_of, show_hidden};
use jiff::tz::TimeZone;
use std::process::ExitCode;

/// Prints all runs, the newest first, as a table or as JSON.
pub(crate) fn print(folder: &Folder, json: bool, lang: Lang) -> Result<ExitCode, JournalError> {
    let runs = folder.list(usize::MAX)?;
    if json {
        return Ok(match json::line(&runs).and_then(|line| output::write(&line)) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => output::lost(&error),
        });
    }
    if runs.is_empty() {
        warn(&JournalError::new(folder.path(), JournalErrorKind::NoRuns).message(lang));
        return Ok(ExitCode::SUCCESS);
    }
    Ok(output::print(&table(&runs, &TimeZone::system(), lang)))
}

fn table(runs: &[Entry], zone: &TimeZone, lang: Lang) -> String {
    let head = lang.pick(
        ["実行", "時刻", "結果", "サイズ", "元の文章"],
        ["RUN", "TIME", "OUTCOME", "SIZE", "SOURCE"],
    );
    let head = (head.map(str::to_owned), lang.pick("タイトル", "TITLE").to_owned());
    let rows = runs.iter().map(|entry| {
        let time = entry.at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string();
        let source = entry.source.as_ref().map(|source| show_hidden(&place_of(source)));
        let cells = [
            entry.run.0.clone(),
            time,
            outcome(entry, lang).to_owned(),
            size(entry.bytes),
            source.unwrap_or_default(),
        ];
        (cells, show_hidden(&entry.title))
    });
    let lines: Vec<_> = std::iter::once(head).chain(rows).collect();
    let lines: Vec<_> = lines.iter().map(|(cells, rest)| (cells.clone(), rest.as_str())).collect();
    columns(&lines)
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

/// A size for display.
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
        let killed = Entry { outcome: None, source: None, bytes: 0, ..entry.clone() };
        let zone = TimeZone::fixed(jiff::tz::offset(9));
        insta::assert_snapshot!(table(&[entry, killed], &zone, Lang::Ja), @"
        実行                        時刻              結果  サイズ  元の文章          タイトル
        01kb4q3v8m0000000000000000  1970-01-01 09:00  一部  1.2 kB  n⟨U+001B⟩.md:3–5  会議⟨U+009B⟩2J
        01kb4q3v8m0000000000000000  1970-01-01 09:00  中断  0 B                       会議⟨U+009B⟩2J
        ");
    }
}
