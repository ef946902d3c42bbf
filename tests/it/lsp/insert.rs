//! `kaizodo.insert`: inserts an answer into the document, next to the text that it is about.

use crate::support::client::{Answer, Client, Unit};
use crate::support::kit::*;
use crate::support::program::Home;
use crate::support::upstream::{Gate, Reply, Step, Upstream, answer, sse_text};
use serde_json::{Value, json};

const CODE: &str = "file:///w/meet.rs";
const MEETING: &str =
    "fn 会議() {\r\n    // 長い。😀\r\n    let 司会 = None;\r\n    始める(司会);\r\n}\r\n";
const CHOSEN: &str = "let 司会 = None;";
const DEPTH: &str = "\n\n決める人がいない。\u{202e}\n\n- `Option<人>` のままでは、誰が決めるのかが型に表れず、呼ぶ側がそのつど確かめることになる。\n";

/// Returns the capabilities of a client of LSP 3.17 without our extensions: no virtual documents,
/// no events, no progress.
fn generic() -> Value {
    json!({
        "general": {"positionEncodings": ["utf-16"]},
        "workspace": {"applyEdit": true, "workspaceEdit": {"documentChanges": true}},
    })
}

async fn upstream() -> Upstream {
    Upstream::start(|seen| match section_of(seen) {
        0 => answer([DEPTH]),
        1 => Reply::status(401),
        _ => answer(["別の答え"]),
    })
    .await
}

/// Asks two perspectives about a piece of a document and waits until they have ended.
async fn ask(client: &mut Client, uri: &str, piece: &str) -> Run {
    let range = range_of(&client.document(uri).unwrap(), piece, Unit::Utf16);
    let argument = json!({"uri": uri, "range": range, "perspectives": ["depth", "breadth"]});
    let run = run_with(client, argument).await;
    run.ended(client, 1).await;
    run
}

async fn insert(client: &mut Client, run: &Run, form: &str, at: &str) -> Result<Value, Value> {
    let argument = json!({"run": run.id, "branch": "depth", "as": form, "at": at});
    command(client, "kaizodo.insert", argument).await
}

fn type_over(client: &Client, uri: &str, piece: &str, new: &str) {
    let text = client.document(uri).unwrap();
    client.edit(uri, &range_of(&text, piece, Unit::Utf16), new);
}

async fn applied(client: &mut Client) -> Value {
    client.server_message("workspace/applyEdit").await["params"].clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_is_inserted_as_a_comment_where_the_text_is_by_then() {
    let upstream = upstream().await;
    let mut client = launch(&upstream, &[]);
    client.initialize(generic()).await;
    client.open(CODE, "rust", MEETING);
    let run = ask(&mut client, CODE, CHOSEN).await;
    type_over(&client, CODE, "fn 会議", "//! 前置き\r\n\r\npub fn 会議");
    type_over(&client, CODE, "None", "None::<人>");
    let before = client.document(CODE).unwrap();
    let result = insert(&mut client, &run, "comment", "above").await;
    assert_eq!(result, Ok(json!({"applied": true})));
    let comment = [
        "    // 決める人がいない。⟨U+202E⟩",
        "    //",
        "    // - `Option<人>` のままでは、誰が決めるのかが型に表れず、呼ぶ側がそのつど確かめることになる。",
        "",
    ]
    .join("\r\n");
    let line = "    let 司会";
    let after = before.replace(line, &format!("{comment}{line}"));
    assert_eq!(client.document(CODE).unwrap(), after);
    let params = applied(&mut client).await;
    assert_eq!(params["label"], "Kaizodo: insert the answer");
    let change = &params["edit"]["documentChanges"][0];
    assert_eq!(change["textDocument"], json!({"uri": CODE, "version": 3}));
    assert_eq!(change["edits"][0]["range"], range((4, 0), (4, 0)));
    assert!(params["edit"].get("changeAnnotations").is_none(), "{params}");

    // The place has moved because of the inserted text, which is not part of the place.
    let source = client.request("kaizodo/run/source", json!({"run": run.id})).await.unwrap();
    let text = client.document(CODE).unwrap();
    let place = range_of(&text, "let 司会 = None::<人>;", Unit::Utf16);
    assert_eq!(source, json!({"uri": CODE, "range": place, "version": 4, "state": "changed"}));
    insert(&mut client, &run, "comment", "below").await.unwrap();
    let line = "    始める";
    assert_eq!(client.document(CODE).unwrap(), after.replace(line, &format!("{comment}{line}")));
    assert_eq!(client.shut_down().await, Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_is_inserted_as_text_after_the_client_has_asked_its_user() {
    let upstream = Upstream::always(answer(["司会を決める。\n\n1. 順番に\n"])).await;
    let mut can = generic();
    can["workspace"]["workspaceEdit"]["changeAnnotationSupport"] = json!({});
    let mut client = launch(&upstream, &[("LANG", "ja_JP.UTF-8")]);
    client.initialize(can).await;
    client.open(MEMO, "markdown", "# 会議\n会議が長くて\n決まらない。\n次の話。\n");
    let run = ask(&mut client, MEMO, "会議が長くて\n決まらない。\n").await;
    client.answer_with("workspace/applyEdit", Answer::Held);
    let argument = json!({"run": run.id, "branch": "depth", "as": "text", "at": "below"});
    let params = json!({"command": "kaizodo.insert", "arguments": [argument]});
    let id = client.send_request("workspace/executeCommand", params);
    let params = applied(&mut client).await;
    let annotation = json!({"kaizodo": {"label": "解像度: 答えを挿入", "needsConfirmation": true}});
    assert_eq!(params["edit"]["changeAnnotations"], annotation);
    let edit = &params["edit"]["documentChanges"][0]["edits"][0];
    assert_eq!(edit["annotationId"], "kaizodo");
    // Other requests do not wait while the user decides.
    client.request("kaizodo/run/source", json!({"run": run.id})).await.unwrap();
    client.answer_held();
    assert_eq!(client.answer(id).await, Ok(json!({"applied": true})));
    assert_eq!(
        client.document(MEMO).unwrap(),
        "# 会議\n会議が長くて\n決まらない。\n\n司会を決める。\n\n1. 順番に\n\n次の話。\n"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_inserted_is_told_in_both_languages() {
    let upstream = upstream().await;
    let uri = "file:///w/memo.txt";
    for (lang, ja) in [("C", false), ("ja_JP.UTF-8", true)] {
        let mut client = launch(&upstream, &[("LANG", lang)]);
        client.initialize(generic()).await;
        client.open(uri, "plaintext", "会議が長い。\n\n終わり。\n");
        let run = ask(&mut client, uri, "会議が長い。\n").await;
        let mut told = Vec::new();
        let mut tell = |result: Result<Value, Value>| {
            let error = result.unwrap_err();
            assert_eq!(error["code"], -32803, "{error}");
            told.push(error["message"].as_str().unwrap().to_owned());
        };
        tell(insert(&mut client, &run, "comment", "above").await);
        let argument = json!({"run": run.id, "branch": "breadth", "as": "text", "at": "above"});
        tell(command(&mut client, "kaizodo.insert", argument).await);
        let argument = json!({"run": run.id, "branch": "smell", "as": "text", "at": "above"});
        tell(command(&mut client, "kaizodo.insert", argument).await);
        let argument = json!({"run": "01x", "branch": "depth", "as": "text", "at": "above"});
        tell(command(&mut client, "kaizodo.insert", argument).await);
        let refusal = json!({"applied": false, "failureReason": "読み取り専用"});
        client.answer_with("workspace/applyEdit", Answer::Result(refusal));
        tell(insert(&mut client, &run, "text", "above").await);
        client.answer_with("workspace/applyEdit", Answer::Result(json!({"applied": false})));
        tell(insert(&mut client, &run, "text", "above").await);
        type_over(&client, uri, "会議が長い。\n", "");
        tell(insert(&mut client, &run, "text", "above").await);
        client.close(uri);
        tell(insert(&mut client, &run, "text", "above").await);
        client.open(uri, "plaintext", "別の話。\n");
        tell(insert(&mut client, &run, "text", "above").await);
        assert_eq!(client.document(uri).unwrap(), "別の話。\n");
        let expected = match ja {
            false => [
                "kaizodo does not know how to write a comment in \"plaintext\". Insert the answer as text.",
                "The section \"広さ\" has no answer yet. Write or retry it first.",
                "This run has no section \"smell\".",
                "This server has no run 01x.",
                "The editor did not apply the insertion (読み取り専用). Try again, or copy the answer and paste it.",
                "The editor did not apply the insertion. Try again, or copy the answer and paste it.",
                "The text that this answer is about is no longer in the document. Copy the answer and paste it where you want it.",
                "The document file:///w/memo.txt is not open. Open it and insert the answer again.",
                "The text that this answer is about was not found in the document. Copy the answer and paste it where you want it.",
            ],
            true => [
                "言語「plaintext」のコメントの書き方が分かりません。本文として挿入してください。",
                "「広さ」には、まだ答えがありません。先にこの節をやり直してください。",
                "この実行に節「smell」はありません。",
                "実行 01x はこのサーバーにありません。",
                "エディターが挿入を適用しませんでした（読み取り専用）。もう一度試すか、答えをコピーして貼り付けてください。",
                "エディターが挿入を適用しませんでした。もう一度試すか、答えをコピーして貼り付けてください。",
                "この答えの元になった文章は、文書にもう残っていません。答えをコピーして、入れたい所に貼り付けてください。",
                "元の文書 file:///w/memo.txt が開かれていません。開いてから、もう一度挿入してください。",
                "この答えの元になった文章が、文書のどこにあるか分かりません。答えをコピーして、入れたい所に貼り付けてください。",
            ],
        };
        assert_eq!(told, expected);
        for (argument, place) in [
            (json!({"run": run.id, "branch": "depth", "as": "footnote", "at": "above"}), "`as`"),
            (json!({"run": run.id, "branch": "depth", "as": "text", "at": "inside"}), "`at`"),
        ] {
            let error = command(&mut client, "kaizodo.insert", argument).await.unwrap_err();
            assert_eq!(error["code"], -32602);
            let place = if ja { place.replace('`', " ") } else { place.to_owned() };
            assert!(error["message"].as_str().unwrap().contains(&place), "{error}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_is_being_written_is_not_inserted_until_it_has_ended() {
    let gate = Gate::new();
    let begun = stream().write(sse_text("途中")).step(Step::Until(gate.clone()));
    let reply = finished(begun.write(sse_text("まで")));
    let upstream = Upstream::always(reply).await;
    let mut client = launch(&upstream, &[]);
    client.initialize(generic()).await;
    client.open(MEMO, "markdown", TEXT);
    let argument = json!({"uri": MEMO, "range": range((0, 0), (1, 0)), "perspectives": ["depth"]});
    let run = run_with(&mut client, argument).await;
    upstream.arrived(1).await;
    let error = insert(&mut client, &run, "text", "below").await.unwrap_err();
    let sentence =
        "The section \"深さ\" is still being written. Wait for it to finish, or stop it first.";
    assert_eq!((&error["code"], &error["message"]), (&json!(-32803), &json!(sentence)));
    gate.open();
    run.ended(&mut client, 1).await;
    insert(&mut client, &run, "text", "below").await.unwrap();
    assert_eq!(client.document(MEMO).unwrap(), format!("{TEXT}\n途中まで\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_of_the_journal_is_inserted_like_one_of_this_server() {
    let (upstream, home) = (upstream().await, Home::new());
    let state = home.path().join(".local/state");
    let env = [("XDG_STATE_HOME", state.to_str().unwrap())];
    let mut client = launch(&upstream, &env);
    client.initialize(generic()).await;
    client.open(CODE, "rust", MEETING);
    let run = ask(&mut client, CODE, CHOSEN).await;
    assert_eq!(client.shut_down().await, Some(0));

    let moved = format!("//! 前置き\r\n{MEETING}");
    let mut client = launch(&upstream, &env);
    client.initialize(capabilities()).await;
    client.open(CODE, "rust", &moved);
    insert(&mut client, &run, "comment", "above").await.unwrap();
    let text = client.document(CODE).unwrap();
    assert!(
        text.starts_with("//! 前置き\r\nfn 会議() {\r\n    // 長い。😀\r\n    // 決める人"),
        "{text}"
    );
    assert!(text.ends_with(&MEETING[MEETING.find("    let").unwrap()..]), "{text}");
}
