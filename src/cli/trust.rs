//! `kaizodo trust`: shows a repository's content, and records the user's trust in it.

use super::args::TrustArgs;
use super::ask::{Answer, ask};
use super::current_folder;
use super::pager::Pager;
use super::{FAILED, INTERRUPTED, OK, fail, output, runtime};
use crate::config::{Env, Folders, Settings, real_path};
use crate::lang::{Lang, Message};
use crate::panel::show_hidden;
use crate::repository::{FOLDER, Found, Repository, Standing, StoreError, TrustStore, find};
use crate::session::{Setup, now};
use std::path::Path;
use std::process::ExitCode;

/// Shows a repository's content and asks whether to trust it, lists the trusted repositories, or
/// revokes trust, as the arguments say.
pub(crate) fn run(args: &TrustArgs, env: Env) -> ExitCode {
    let pager = Pager::new(&env);
    let setup = Setup::load(env, Folders::find(), &Settings::default());
    let lang = setup.lang();
    let Some(folders) = setup.folders.clone() else {
        return fail(lang.pick(
            "ホームディレクトリがないので、信頼を記録できません。",
            "Cannot record trust: there is no home directory.",
        ));
    };
    let store = TrustStore::new(folders.trust());
    let place = args.path.clone().or_else(current_folder).unwrap_or_default();
    let done = if args.list {
        list(&store, lang)
    } else if args.revoke {
        revoke(&store, &place, &folders, lang)
    } else {
        return runtime::block_on(lang, async {
            let done = trust(&setup, &pager, &store, &place, &folders, args.yes).await;
            done.unwrap_or_else(|error| fail(&error.message(lang)))
        });
    };
    done.unwrap_or_else(|error| fail(&error.message(lang)))
}

async fn trust(
    setup: &Setup,
    pager: &Pager,
    store: &TrustStore,
    place: &Path,
    folders: &Folders,
    yes: bool,
) -> Result<ExitCode, StoreError> {
    let lang = setup.lang();
    // For a missing path, the search would start in a folder above it and could find a repository
    // that was not meant.
    if !place.exists() {
        let place = place.display();
        return Ok(fail(&lang.pick(
            format!("{place} はありません。パスを確かめてください。"),
            format!("{place} does not exist. Check the path."),
        )));
    }
    let Some(repository) = Repository::around(place, Some(&folders.home)) else {
        let place = place.display();
        return Ok(fail(&lang.pick(
            format!("{place} にも、その上のフォルダーにも {FOLDER} がありません。"),
            format!("There is no {FOLDER} in {place} or in any folder above it."),
        )));
    };
    // The repository was read only once, so that exactly what is shown here is trusted below.
    let session = setup.session(super::current_folder());
    session.settings.reload_for("");
    let text = session.settings.repository_text(&repository, lang);
    let told = if yes { print(&text) } else { pager.show(&text).await };
    if told != ExitCode::from(OK) {
        return Ok(told);
    }
    if repository.is_empty() {
        return Ok(print(lang.pick(
            "使えるものがないので、信頼するものもありません。\n",
            "It contains nothing that kaizodo would use, so there is nothing to trust.\n",
        )));
    }
    if store.standing(&repository)? == Standing::Trusted {
        return Ok(print(lang.pick("すでに信頼しています。\n", "Already trusted.\n")));
    }
    if !yes {
        let question = lang.pick(
            "信頼すると、モデルへの問いの一部になります。信頼しますか?",
            "Once trusted, it becomes part of the requests sent to a model. Trust it?",
        );
        match ask(question).await {
            Answer::Yes => {}
            Answer::Interrupted => {
                print("\n");
                return Ok(ExitCode::from(INTERRUPTED));
            }
            Answer::No => {
                return Ok(no(print(lang.pick("信頼しませんでした。\n", "Not trusted.\n"))));
            }
            Answer::Nobody => {
                return Ok(fail(lang.pick(
                    "端末ではないので確認できません。上の内容を信頼するなら --yes を付けてください。",
                    "Cannot ask for confirmation, because this is not a terminal. If you trust the above, add --yes.",
                )));
            }
        }
    }
    session.settings.trust(&repository, now())?;
    Ok(print(lang.pick(
        "信頼しました。1 バイトでも変わったら、もう一度確認します。\n",
        "Trusted. If even one byte changes, you will be asked again.\n",
    )))
}

fn list(store: &TrustStore, lang: Lang) -> Result<ExitCode, StoreError> {
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
            lang.pick("もうありません", "no longer exists")
        } else if Repository::read(path).fingerprint().to_string() == entry.fingerprint {
            lang.pick("変更なし", "unchanged")
        } else {
            lang.pick("変更あり", "changed since")
        };
        let names = show_hidden(&entry.perspectives.join(", "));
        let names = if names.is_empty() { lang.pick("設定", "settings") } else { &names };
        out += &format!("  {} · {names} · {state}\n", entry.at.strftime("%Y-%m-%d %H:%M UTC"));
    }
    Ok(print(&out))
}

fn revoke(
    store: &TrustStore,
    place: &Path,
    folders: &Folders,
    lang: Lang,
) -> Result<ExitCode, StoreError> {
    // The path itself comes first: the repository there may be gone, while another one above it is
    // trusted.
    let absolute = std::path::absolute(place).unwrap_or_else(|_| place.to_owned());
    let itself = real_path(&absolute).unwrap_or(absolute);
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

/// Returns [`FAILED`], or the exit status of the output if that failed.
fn no(told: ExitCode) -> ExitCode {
    if told == ExitCode::from(OK) { ExitCode::from(FAILED) } else { told }
}

fn print(text: &str) -> ExitCode {
    output::print(text)
}
