//! `kaizodo perspectives`: lists the perspectives and where they come from.

use super::table::columns;
use super::{json, output, warn, warn_of};
use crate::config::{Env, Folders, Settings};
use crate::lang::{Lang, Message};
use crate::panel::show_hidden;
use crate::perspective::{Origin, Perspective};
use crate::session::Setup;
use serde::Serialize;
use std::process::ExitCode;

#[derive(Serialize)]
struct Row {
    name: String,
    title: String,
    set: Option<String>,
    from: From,
    description: String,
}

/// Where a perspective comes from.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "kebab-case")]
enum From {
    BuiltIn,
    User,
    Repository,
    /// A repository that the user does not trust: its perspectives are listed but cannot be used.
    UntrustedRepository,
}

impl From {
    fn words(self, lang: Lang) -> &'static str {
        match self {
            From::BuiltIn => lang.pick("内蔵", "built-in"),
            From::User => lang.pick("自作", "yours"),
            From::Repository => lang.pick("リポジトリ", "repository"),
            From::UntrustedRepository => {
                lang.pick("リポジトリ（信頼していない）", "repository, not trusted")
            }
        }
    }
}

/// Prints all perspectives with their origins, as a table or as JSON.
pub(crate) fn list(json: bool, env: Env) -> ExitCode {
    let setup = Setup::load(env, Folders::find(), &Settings::default());
    let lang = setup.lang();
    warn_of(&setup.problems, lang);
    let session = setup.session(super::here());
    session.settings.look("");
    session.settings.take_notices().iter().for_each(|notice| warn(&notice.message(lang)));
    let scope = session.settings.scope("");
    scope.about_repository(lang).iter().for_each(|note| warn(note));
    let mut rows: Vec<Row> = scope.catalog().iter().map(|p| row(p, from(p), lang)).collect();
    if let Some(here) = scope.here().filter(|here| here.is_withheld()) {
        let withheld = here.repository.perspectives();
        rows.extend(withheld.iter().map(|p| row(p, From::UntrustedRepository, lang)));
    }
    if json {
        // Serializing texts cannot fail.
        let json = serde_json::to_string_pretty(&rows).unwrap_or_default();
        return output::print(&(json::inert(json) + "\n"));
    }
    output::print(&table(&rows, lang))
}

fn from(p: &Perspective) -> From {
    match p.origin {
        Origin::BuiltIn => From::BuiltIn,
        Origin::User => From::User,
        Origin::Repository => From::Repository,
    }
}

/// Creates a row. Hidden characters are made visible, because the texts may be untrusted and go to
/// a terminal.
fn row(p: &Perspective, from: From, lang: Lang) -> Row {
    Row {
        name: p.name.clone(),
        title: show_hidden(p.title(lang)),
        set: p.group.as_deref().map(show_hidden),
        from,
        description: show_hidden(p.description(lang).trim()),
    }
}

fn table(rows: &[Row], lang: Lang) -> String {
    let head = lang.pick(["名前", "見出し", "組", "種類"], ["NAME", "TITLE", "SET", "FROM"]);
    let head = (head.map(str::to_owned), lang.pick("説明", "DESCRIPTION"));
    let rows = rows.iter().map(|row| {
        let set = row.set.clone().unwrap_or_else(|| "–".to_owned());
        let from = row.from.words(lang).to_owned();
        let cells = [row.name.clone(), row.title.clone(), set, from];
        (cells, row.description.lines().next().unwrap_or_default())
    });
    let lines: Vec<_> = std::iter::once(head).chain(rows).collect();
    columns(&lines, output::room()).concat()
}
