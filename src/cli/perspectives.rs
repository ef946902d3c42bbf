//! `kaizodo perspectives`: lists the perspectives and where they come from, and shows their files.

use super::table::columns;
use super::{fail, json, output, warn, warn_of};
use crate::config::{Env, Folders, Links, PerspectiveFiles, Settings};
use crate::lang::{Lang, Message};
use crate::panel::{show_hidden, show_hidden_lines};
use crate::perspective::{Catalog, Origin, Perspective, file_of};
use crate::session::{RunOptions, Scope, SessionError, Setup};
use serde::Serialize;
use std::io::{self, IsTerminal};
use std::process::ExitCode;
use std::sync::Arc;

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
    let session = setup.session(super::current_folder());
    session.settings.reload_for("");
    session.settings.take_notices().iter().for_each(|notice| warn(&notice.message(lang)));
    let scope = session.settings.scope("");
    scope.about_repository(lang).iter().for_each(|note| warn(note));
    let mut rows: Vec<Row> = scope.catalog().iter().map(|p| row(p, from(p), lang)).collect();
    if let Some(located) = scope.repository().filter(|located| located.is_withheld()) {
        let withheld = located.repository.perspectives();
        rows.extend(withheld.iter().map(|p| row(p, From::UntrustedRepository, lang)));
    }
    if json {
        // Serializing texts cannot fail.
        let json = serde_json::to_string_pretty(&rows).unwrap_or_default();
        return output::print(&(json::inert(json) + "\n"));
    }
    output::print(&table(&rows, lang))
}

/// Prints the file of one perspective. A terminal is shown hidden characters as visible ones;
/// anything else gets the file as it is.
pub(crate) fn show(name: &str, env: Env) -> ExitCode {
    let setup = Setup::load(env, Folders::find(), &Settings::default());
    let lang = setup.lang();
    warn_of(&setup.problems, lang);
    let session = setup.session(super::current_folder());
    session.settings.reload_for("");
    session.settings.take_notices().iter().for_each(|notice| warn(&notice.message(lang)));
    let scope = session.settings.scope("");
    let found = match named(&scope, name) {
        Ok(found) => found,
        Err(refusal) => return fail(&refusal.message(lang)),
    };
    let Some(text) = text(&found, &scope, setup.folders.as_ref()) else {
        let name = &found.name;
        return fail(&lang.pick(
            format!("`{name}` のファイルがいま書き換えられました。もう一度試してください。"),
            format!("The file of `{name}` has just changed. Try again."),
        ));
    };
    let shown = if io::stdout().is_terminal() { show_hidden_lines(&text) } else { text };
    let end = if shown.ends_with('\n') { "" } else { "\n" };
    output::print(&(shown + end))
}

/// Finds a perspective, or the focus, by its name or title.
fn named(scope: &Scope, name: &str) -> Result<Arc<Perspective>, SessionError> {
    let asked = name.trim().to_lowercase();
    let is_meant = |p: &&Arc<Perspective>| {
        let titles = [Lang::Ja, Lang::En].map(|lang| p.title(lang).to_lowercase());
        p.name == asked || titles.contains(&asked)
    };
    let ask = RunOptions { perspectives: Some(vec![name.to_owned()]), ..RunOptions::default() };
    let found = scope.perspectives(&ask);
    let focus = scope.catalog().focus().filter(is_meant).filter(|_| found.is_err());
    match focus {
        Some(focus) => Ok(Arc::clone(focus)),
        None => found?.into_iter().next().ok_or(SessionError::NoPerspectives),
    }
}

/// Returns the text of the file that defines a perspective.
fn text(p: &Perspective, scope: &Scope, folders: Option<&Folders>) -> Option<String> {
    match p.origin {
        Origin::BuiltIn => Catalog::builtin_file(&p.name).map(str::to_owned),
        Origin::Repository => Some(scope.repository()?.repository.file_of(&p.name)?.to_owned()),
        Origin::User => {
            let name = |path: &std::path::Path| path.display().to_string();
            let read = PerspectiveFiles::read(&folders?.perspectives(), Links::Follow, name);
            let files = read.files.iter().map(|(_, text)| text.as_str());
            file_of(&p.name, files).map(str::to_owned)
        }
    }
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
