//! Asks the user whether a repository's perspectives and settings may be used. The current run does
//! not wait for the answer, which applies from the next run on.

use super::file;
use crate::lang::{Lang, Message};
use crate::lsp::client::{AskUser, ShowMessage};
use crate::lsp::connection::Connection;
use crate::lsp::uri;
use crate::panel::show_hidden;
use crate::repository::{FOLDER, Repository};
use crate::session::{Scope, TrustState, now};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// Timeout of the question.
const QUESTION_TIMEOUT: Duration = Duration::from_secs(30 * 60);
/// Maximum number of *Show* answers to one question, because a client might always answer that.
const LOOKS_MAX: usize = 8;
/// Delay before the question is asked again after *Show*, so that it does not cover the text before
/// the client has it.
const APART: Duration = Duration::from_millis(200);
/// The name of the file for clients without virtual documents.
const FILE: &str = "trust.md";
/// Maximum number of names in the question.
const NAMES_MAX: usize = 12;

/// Asks the user whether to trust the content of the repository in `scope`, if it is not trusted
/// yet. Asks once per content and connection, and only if the client supports such questions. Does
/// not wait for the user's answer.
pub(crate) fn offer_trust(connection: &Arc<Connection>, scope: &Scope) {
    let Some(located) = scope.repository().filter(|located| located.is_withheld()) else { return };
    let can_ask = matches!(located.trust, TrustState::Store(_))
        && connection.capabilities().answers_questions;
    if can_ask && connection.offered.lock().insert(located.repository.fingerprint()) {
        connection.spawn(ask(Arc::clone(connection), Arc::clone(&located.repository)));
    }
}

async fn ask(connection: Arc<Connection>, repository: Arc<Repository>) {
    let shown = Arc::clone(&repository);
    if tokio::task::spawn_blocking(move || shown.prepare()).await.is_err() {
        tracing::error!("a repository's perspectives could not be read");
        return;
    }
    if !is_trusted(&connection, &repository).await {
        return;
    }
    let lang = connection.session.lang();
    // Trusts what was shown, not what may be on the disk by now.
    let keeper = Arc::clone(&connection);
    let kept =
        tokio::task::spawn_blocking(move || keeper.session.settings.trust(&repository, now()))
            .await;
    match kept {
        Ok(Ok(())) => {
            let message = lang.pick(
                "信頼しました。次の実行から使います。",
                "Trusted. It will be used from the next run on.",
            );
            connection.client.notify::<ShowMessage>(json!({"type": 3, "message": message})).await;
        }
        Ok(Err(error)) => connection.client.warn(&error.message(lang)).await,
        Err(_) => tracing::error!("trust could not be kept"),
    }
}

/// Asks until the answer is not *Show*. Returns `true` if the user trusts the content. A user who
/// closes the question after *Show* may have wanted to read first, and is asked again at the next
/// run.
async fn is_trusted(connection: &Connection, repository: &Repository) -> bool {
    let lang = connection.session.lang();
    let yes = lang.pick("信頼する", "Trust");
    let show = lang.pick("内容を見る", "Show");
    let no = lang.pick("今はしない", "Not now");
    let params = json!({
        "type": 3,
        "message": question(repository, lang),
        "actions": [{"title": yes}, {"title": show}, {"title": no}],
    });
    for looks in 0..=LOOKS_MAX {
        let answer = connection.client.request::<AskUser>(params.clone(), QUESTION_TIMEOUT).await;
        match answer.as_ref().and_then(|answer| answer.get("title")).and_then(Value::as_str) {
            Some(title) if title == yes => return true,
            Some(title) if title == show => look(connection, repository).await,
            Some(_) => return false,
            None if looks > 0 => return again(connection, repository),
            None => return false,
        }
    }
    again(connection, repository)
}

/// Leaves the question open, so that the next run asks again. Returns `false`.
fn again(connection: &Connection, repository: &Repository) -> bool {
    connection.offered.lock().remove(&repository.fingerprint());
    false
}

/// Shows everything that would be trusted: the bytes that were read for the question.
async fn look(connection: &Connection, repository: &Repository) {
    let lang = connection.session.lang();
    let text = connection.session.settings.repository_document(repository, lang);
    let capabilities = connection.capabilities();
    if capabilities.virtual_documents && capabilities.show_document {
        let (id, sender) = connection.previews.begin();
        sender.done(text);
        let uri = uri::of_trust(&id, lang.pick("リポジトリの内容", "What the repository adds"));
        connection.show_document(&uri).await;
        // Some clients answer `window/showDocument` before they ask for the text.
        connection.previews.pulled(&id).await;
    } else if let Some(files) = &connection.files {
        file::put_and_show(connection, files, FILE, text).await;
    }
    tokio::time::sleep(APART).await;
}

fn question(repository: &Repository, lang: Lang) -> String {
    let place = show_hidden(&repository.root.join(FOLDER).display().to_string());
    let names = repository.perspectives();
    let mut names: Vec<_> = names.iter().map(|p| p.name.clone()).collect();
    names.extend(repository.settings_lines().iter().map(|line| show_hidden(line)));
    if names.len() > NAMES_MAX {
        names.truncate(NAMES_MAX);
        names.push("…".to_owned());
    }
    lang.pick(
        format!(
            "解像度: このリポジトリには独自の視点と設定があります（{place}）: {}。信頼すると、モデルへの問いの一部になります。",
            names.join("、")
        ),
        format!(
            "Kaizodo: this repository has its own perspectives and settings ({place}): {}. Once trusted, they become part of the requests sent to a model.",
            names.join(", ")
        ),
    )
}
