//! `kaizodo trust`: shows what a repository brings, and uses it once the user says so.

use super::args::TrustArgs;
use super::setup::{Setup, here};
use super::{FAILED, OK, fail, output};
use crate::config::{Env, Folders, Settings};
use crate::lang::Lang;
use crate::panel::show_hidden;
use crate::perspective::{Catalog, Perspective};
use crate::repository::{FOLDER, Found, Repository, Standing, StoreError, Trust, find};
use std::io::{self, IsTerminal};
use std::path::Path;
use std::process::ExitCode;

/// Most characters of a line of a stranger's.
const LINE_CHARS: usize = 100;

/// Shows and asks, lists, or takes back.
pub(super) fn run(args: &TrustArgs, env: Env) -> ExitCode {
    let setup = Setup::load(env, &Settings::default());
    let lang = setup.lang();
    let Some(folders) = setup.folders.clone() else {
        return fail(lang.pick(
            "ホームフォルダーが分からないので、信頼を記録できません。",
            "There is no home folder to keep a record of trust in.",
        ));
    };
    let store = Trust::new(folders.trust());
    let place = args.path.clone().or_else(here).unwrap_or_default();
    let done = if args.list {
        list(&store, lang)
    } else if args.revoke {
        revoke(&store, &place, &folders, lang)
    } else {
        trust(&setup, &store, &place, &folders, args.yes)
    };
    done.unwrap_or_else(|error| fail(&error.message(lang)))
}

fn trust(
    setup: &Setup,
    store: &Trust,
    place: &Path,
    folders: &Folders,
    yes: bool,
) -> Result<ExitCode, StoreError> {
    let lang = setup.lang();
    // The walk up would begin above it, at something that was not meant.
    if !place.exists() {
        let place = place.display();
        return Ok(fail(&lang.pick(
            format!("{place} はありません。名前を確かめてください。"),
            format!("There is no {place}. Check its name."),
        )));
    }
    let Some(repository) = Repository::around(place, Some(&folders.home)) else {
        let place = place.display();
        return Ok(fail(&lang.pick(
            format!("{place} にも、その上のフォルダーにも {FOLDER} がありません。"),
            format!("There is no {FOLDER} in {place} nor in a folder above it."),
        )));
    };
    let told = print(&shown(&repository, &folders.perspectives(), lang));
    if told != ExitCode::from(OK) {
        return Ok(told);
    }
    if repository.is_empty() {
        return Ok(print(lang.pick(
            "使えるものがないので、信頼するものもありません。\n",
            "There is nothing in it to use, and so nothing to trust.\n",
        )));
    }
    if store.standing(&repository)? == Standing::Trusted {
        return Ok(print(lang.pick("すでに信頼しています。\n", "It is trusted already.\n")));
    }
    if !yes {
        match confirmed(lang) {
            Some(true) => {}
            Some(false) => {
                return Ok(no(print(lang.pick("信頼しませんでした。\n", "Not trusted.\n"))));
            }
            None => {
                return Ok(fail(lang.pick(
                    "端末でないので尋ねられません。上の内容を信頼するなら --yes を付けてください。",
                    "There is no terminal to ask on. If you trust the above, add --yes.",
                )));
            }
        }
    }
    setup.session().trust(&repository)?;
    Ok(print(lang.pick(
        "信頼しました。一バイトでも変われば、もう一度尋ねます。\n",
        "Trusted. When a byte of it changes, you are asked again.\n",
    )))
}

/// Asks on the terminal; nothing where there is none.
fn confirmed(lang: Lang) -> Option<bool> {
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return None;
    }
    print(lang.pick(
        "信頼すると、モデルへの問いの一部になります。信頼しますか? [y/N] ",
        "Once trusted, it is a part of what a model is asked. Trust it? [y/N] ",
    ));
    let mut answer = String::new();
    io::stdin().read_line(&mut answer).ok()?;
    Some(["y", "yes", "はい"].contains(&answer.trim().to_lowercase().as_str()))
}

/// All that would be used, in both languages, with everything hidden in it shown: a stranger wrote
/// it. What takes the place of a built-in perspective or of one of the user's own is marked.
fn shown(repository: &Repository, own: &Path, lang: Lang) -> String {
    let mut out = format!("{}\n\n", line(&repository.root.join(FOLDER).display().to_string()));
    let builtin = Catalog::builtin();
    for p in repository.perspectives() {
        let replaces = if own.join(format!("{}.md", p.name)).exists() {
            lang.pick("(自分の視点に代わる)", " (in place of your own)")
        } else if builtin.get(&p.name).is_some() {
            lang.pick("(内蔵の視点に代わる)", " (in place of the built-in one)")
        } else {
            ""
        };
        out += &format!("  {}{replaces}{}\n", p.name, title(&p, lang));
        out += &whole(&p, lang);
    }
    for setting in repository.settings_lines() {
        out += &format!("  {}\n", line(&setting));
    }
    let (_, problems) = repository.catalog(&Catalog::default());
    for notice in repository.notices.iter().chain(&problems) {
        out += &format!("  ! {}\n", show_hidden(&notice.message(lang)));
    }
    out.push('\n');
    out
}

/// Every line of a perspective's texts: the user's language first, and the other where it differs.
fn whole(p: &Perspective, lang: Lang) -> String {
    let other = lang.pick(Lang::En, Lang::Ja);
    let texts = |lang| [p.description(lang), p.instructions(lang)];
    let mut out = String::new();
    let mut add = |texts: [&str; 2]| {
        for text in texts.map(str::trim).into_iter().flat_map(str::lines) {
            out += &format!("    {}\n", show_hidden(text));
        }
    };
    add(texts(lang));
    if texts(other) != texts(lang) {
        let title = p.title(other);
        add([&format!("[{}] {title}", lang.pick("en", "ja")), ""]);
        add(texts(other));
    }
    out
}

fn title(p: &Perspective, lang: Lang) -> String {
    match p.title(lang) {
        title if title == p.name => String::new(),
        title => format!(" · {}", line(title)),
    }
}

fn line(text: &str) -> String {
    let shown = show_hidden(text);
    match shown.char_indices().nth(LINE_CHARS) {
        Some((end, _)) => format!("{}…", shown.get(..end).unwrap_or_default()),
        None => shown,
    }
}

fn list(store: &Trust, lang: Lang) -> Result<ExitCode, StoreError> {
    let entries = store.list()?;
    if entries.is_empty() {
        return Ok(print(lang.pick("何も信頼していません。\n", "Nothing is trusted.\n")));
    }
    let mut out = String::new();
    let mut root = None;
    for entry in &entries {
        if root != Some(&entry.root) {
            out += &format!("{}\n", show_hidden(&entry.root));
            root = Some(&entry.root);
        }
        let path = Path::new(&entry.root);
        let state = if !path.join(FOLDER).exists() {
            lang.pick("もうありません", "no longer there")
        } else if Repository::read(path).print().to_string() == entry.print {
            lang.pick("いまの内容", "as it is now")
        } else {
            lang.pick("いまの内容とは違います", "not what is there now")
        };
        let names = show_hidden(&entry.perspectives.join(", "));
        let names = if names.is_empty() { lang.pick("設定", "settings") } else { &names };
        out += &format!("  {} · {names} · {state}\n", entry.at.strftime("%Y-%m-%d %H:%M UTC"));
    }
    Ok(print(&out))
}

fn revoke(
    store: &Trust,
    place: &Path,
    folders: &Folders,
    lang: Lang,
) -> Result<ExitCode, StoreError> {
    // The place itself first: it may be gone, and something else above it be trusted.
    let absolute = std::path::absolute(place).unwrap_or_else(|_| place.to_owned());
    let itself = std::fs::canonicalize(&absolute).unwrap_or(absolute);
    let mut removed = store.revoke(&itself)?;
    if removed == 0 && itself.exists() {
        removed = match find(&itself, Some(&folders.home)) {
            Some(Found::Root(root) | Found::Linked(root)) => store.revoke(&root)?,
            None => 0,
        };
    }
    if removed > 0 {
        return Ok(print(lang.pick("信頼を取り消しました。\n", "It is no longer trusted.\n")));
    }
    let place = show_hidden(&itself.display().to_string());
    let told = print(&lang.pick(
        format!("{place} に、信頼しているものはありません。\n"),
        format!("Nothing is trusted at {place}.\n"),
    ));
    Ok(no(told))
}

/// The status of what was told and is a no, unless nobody could be told.
fn no(told: ExitCode) -> ExitCode {
    if told == ExitCode::from(OK) { ExitCode::from(FAILED) } else { told }
}

fn print(text: &str) -> ExitCode {
    output::print(text)
}
