//! If no action is offered, the command gives the true reason and, if a setting is the reason, the
//! setting.

use crate::support::kit::*;
use crate::support::upstream::{Upstream, answer};
use serde_json::{Value, json};

const SECRETS: &str = "file:///notes/.env";

/// Starts a server with a file that must never be sent, and asserts the error for each argument.
async fn told(locale: &str, cases: &[(Value, &str, Value)]) {
    let upstream = Upstream::always(answer(["x"])).await;
    let mut client = launch(&upstream, &[("LANG", locale), ("LC_ALL", locale)]);
    client.initialize(capabilities()).await;
    client.open(SECRETS, "plaintext", "NAME=value\n");
    client.open(MEMO, "markdown", TEXT);
    for (argument, sentence, data) in cases {
        for name in ["kaizodo.run", "kaizodo.preview"] {
            let error = command(&mut client, name, argument.clone()).await.unwrap_err();
            assert_eq!(error["code"], -32803, "{error}");
            assert_eq!(error["message"], *sentence, "{error}");
            assert_eq!(error["data"], *data, "{error}");
        }
    }
    assert!(upstream.seen().is_empty());
}

fn at(uri: &str) -> Value {
    json!({"uri": uri, "range": range((0, 0), (1, 0))})
}

fn cursor(uri: &str) -> Value {
    json!({"uri": uri, "range": range((0, 2), (0, 2))})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_document_that_is_never_sent_is_told_with_its_setting() {
    let never = json!({"setting": "never_send"});
    let en = ".env was not sent: its path matches `.env` in never_send. \
              To allow it, set never_send in config.toml to a list without that pattern.";
    let ja = ".env は設定 never_send の「.env」に当てはまるので、送りませんでした。送るには、\
              config.toml の never_send を「.env」を含まない一覧にしてください。";
    for (locale, sentence) in [("en_US.UTF-8", en), ("ja_JP.UTF-8", ja)] {
        // The document is the reason, whatever is selected in it.
        let cases =
            [at(SECRETS), cursor(SECRETS)].map(|argument| (argument, sentence, never.clone()));
        told(locale, &cases).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_menu_that_is_opened_says_why_nothing_is_offered() {
    let titles = [
        (
            "en_US.UTF-8",
            "Kaizodo: .env is never sent (never_send)",
            "Kaizodo: not available for this document",
        ),
        (
            "ja_JP.UTF-8",
            "解像度: .env は送信しません（never_send）",
            "解像度: この文書は質問の対象にできません",
        ),
    ];
    for (locale, never, ours) in titles {
        let upstream = Upstream::always(answer(["x"])).await;
        let mut client = launch(&upstream, &[("LANG", locale), ("LC_ALL", locale)]);
        let mut can = capabilities();
        can["textDocument"]["codeAction"] = json!({"disabledSupport": true});
        client.initialize(can).await;
        client.open(SECRETS, "plaintext", "NAME=value\n");
        for (uri, title) in [(SECRETS, never), ("kaizodo:/preview/1/t.md", ours)] {
            let mut menu = async |range: Value, context: Value| {
                let params =
                    json!({"textDocument": {"uri": uri}, "range": range, "context": context});
                client.request("textDocument/codeAction", params).await.unwrap()
            };
            let chosen = range((0, 0), (1, 0));
            let offered = menu(chosen.clone(), json!({"triggerKind": 1})).await;
            assert_eq!(offered.as_array().unwrap().len(), 1, "{offered}");
            assert_eq!(offered[0]["title"], title);
            let reason = offered[0]["disabled"]["reason"].as_str().unwrap().to_owned();
            for context in [json!({}), json!({"triggerKind": 2}), json!({"only": ["quickfix"]})] {
                assert_eq!(menu(chosen.clone(), context).await, json!([]));
            }
            assert_eq!(menu(range((0, 2), (0, 2)), json!({"triggerKind": 1})).await, json!([]));
            // A client that does not support disabled actions runs the command and gets the same
            // message.
            let argument = offered[0]["command"]["arguments"][0].clone();
            let error = command(&mut client, "kaizodo.run", argument).await.unwrap_err();
            assert_eq!(error["message"], reason);
        }
        assert!(upstream.seen().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn panels_and_unopened_documents_are_refused_with_their_reason() {
    let en = "This document was made by kaizodo, so you cannot ask about it. \
              Select text in a document of your own.";
    let ja = "これは kaizodo が作った文書なので、質問の対象にできません。ご自分の文書で文章を選んでください。";
    for (locale, sentence) in [("en_US.UTF-8", en), ("ja_JP.UTF-8", ja)] {
        let cases = ["kaizodo:/trust/1/t.md", "kaizodo:/preview/1/t.md"]
            .map(|uri| (at(uri), sentence, Value::Null));
        told(locale, &cases).await;
    }
    let closed = "Kaizodo cannot see the document output:log. \
                  Open it in the editor and select the text again.";
    let empty = "The selection contains no text. Select the text you want to ask about.";
    let cases = [(at("output:log"), closed, Value::Null), (cursor(MEMO), empty, Value::Null)];
    told("en_US.UTF-8", &cases).await;
}
