//! `kaizodo perspectives`: what can be asked.

use super::output;
use crate::lang::Lang;
use crate::perspective::{Catalog, Perspective};
use serde::Serialize;
use std::process::ExitCode;
use unicode_width::UnicodeWidthStr;

#[derive(Serialize)]
struct Row<'a> {
    name: &'a str,
    title: &'a str,
    letter: char,
    set: Option<&'a str>,
    description: &'a str,
}

/// Prints all perspectives, as a table or as JSON.
pub(super) fn list(json: bool, lang: Lang) -> ExitCode {
    let catalog = Catalog::builtin();
    let rows: Vec<Row<'_>> = catalog.iter().map(|p| row(p, lang)).collect();
    if json {
        // Texts and letters: nothing of it can fail.
        return output::print(&format!(
            "{}\n",
            serde_json::to_string_pretty(&rows).unwrap_or_default()
        ));
    }
    output::print(&table(&rows, lang))
}

fn row(p: &Perspective, lang: Lang) -> Row<'_> {
    let description = p.description(lang).trim();
    let set = p.group.as_deref();
    Row { name: &p.name, title: p.title(lang), letter: p.letter, set, description }
}

fn table(rows: &[Row<'_>], lang: Lang) -> String {
    let head = lang.pick(["名前", "見出し", "記号", "組"], ["NAME", "TITLE", "LETTER", "SET"]);
    let head = (head.map(str::to_owned), lang.pick("内容", "DESCRIPTION"));
    let rows = rows.iter().map(|row| {
        let set = row.set.unwrap_or("–").to_owned();
        let line = row.description.lines().next().unwrap_or_default();
        ([row.name.to_owned(), row.title.to_owned(), row.letter.to_string(), set], line)
    });
    let lines: Vec<_> = std::iter::once(head).chain(rows).collect();
    let mut widths = [0; 4];
    for (cells, _) in &lines {
        for (width, cell) in widths.iter_mut().zip(cells) {
            *width = cell.width().max(*width);
        }
    }
    let mut out = String::new();
    for (cells, rest) in &lines {
        for (width, cell) in widths.iter().zip(cells) {
            out += cell;
            out += &" ".repeat(width - cell.width() + 2);
        }
        out += rest;
        out.push('\n');
    }
    out
}
