//! Symbols and folding ranges of panels, for any editor.

use crate::support::client::{Answer, Client};
use crate::support::kit::*;
use crate::support::upstream::{Gate, Reply, Step, Upstream, answer};
use serde_json::{Value, json};
use std::time::Duration;

/// An answer that contains lines that look like sections.
const ANSWER: &str = "会議が長い。\n\n```md\n## 時間\n```\n\n# 見出し\n- 一\n";

/// Returns the capabilities of a generic client: virtual documents, hierarchical symbols and
/// folding ranges with a text, but none of our extensions.
fn generic() -> Value {
    json!({
        "window": {"showDocument": {"support": true}},
        "workspace": {"textDocumentContent": {}},
        "textDocument": {
            "documentSymbol": {"hierarchicalDocumentSymbolSupport": true},
            "foldingRange": {"foldingRange": {"collapsedText": true}},
        },
    })
}

async fn symbols(client: &mut Client, uri: &str) -> Value {
    about(client, "documentSymbol", uri).await
}

/// Returns the name and detail of every symbol below the root, and checks the symbols' ranges.
fn rows(text: &str, symbols: &Value, depth: usize) -> Vec<String> {
    let mut all = Vec::new();
    for symbol in symbols.as_array().unwrap() {
        let name = symbol["name"].as_str().unwrap();
        assert_eq!(text_at(text, &symbol["selectionRange"]), format!("## {name}"));
        let covered = text_at(text, &symbol["range"]);
        assert!(covered.starts_with(&format!("## {name}\n")) && !covered.ends_with('\n'));
        let detail = symbol["detail"].as_str().unwrap();
        all.push(format!("{}{name}: {detail}", "  ".repeat(depth)));
        all.extend(rows(text, &symbol["children"], depth + 1));
    }
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sections_are_symbols_with_their_states_and_follow_ups_stand_below() {
    let upstream = Upstream::start(|seen| match is_follow_up(seen) {
        true => answer(["司会が決めます。"]),
        false => match section_of(seen) {
            1 => Reply::status(400),
            2 => stuck("ここまで"),
            _ => answer([ANSWER]),
        },
    })
    .await;
    let mut client = launch(&upstream, &[]);
    let result = client.initialize(generic()).await;
    assert_eq!(result["capabilities"]["documentSymbolProvider"], true);
    assert_eq!(result["capabilities"]["foldingRangeProvider"], true);
    assert_eq!(result["capabilities"].get("codeLensProvider"), None, "it has no lenses");
    client.open(MEMO, "markdown", TEXT);
    let run = shown_run(&mut client).await;
    let is_still = |text: &str| {
        is_in_section(text, "構造", "ここまで")
            && is_in_section(text, "広さ", "✗")
            && text.matches("`m` · 10").count() == 2
    };
    client.wait_document(&run.uri, is_still).await;
    for (branch, question) in [("depth", "誰が決める？"), ("ask-1", "いつ決める？")] {
        let argument = json!({"run": run.id, "branch": branch, "question": question});
        command(&mut client, "kaizodo.ask", argument).await.unwrap();
        let is_answered = |text: &str| is_in_section(text, question, "`m`");
        client.wait_document(&run.uri, is_answered).await;
    }
    let text = client.document(&run.uri).unwrap();
    let root = symbols(&mut client, &run.uri).await;
    assert_eq!(root.as_array().unwrap().len(), 1);
    assert_eq!((&root[0]["name"], root[0].get("detail")), (&json!("会議が長くて決まらない"), None));
    assert_eq!(text_at(&text, &root[0]["range"]), text.trim_end());
    assert_eq!(
        rows(&text, &root[0]["children"], 0),
        [
            "深さ: 完了",
            "  誰が決める？: 完了",
            "    いつ決める？: 完了",
            "広さ: 失敗しました",
            "構造: 書いています",
            "時間: 完了",
        ]
    );
    let folds = about(&mut client, "foldingRange", &run.uri).await;
    let lines: Vec<&str> = text.lines().collect();
    let folded: Vec<_> = folds
        .as_array()
        .unwrap()
        .iter()
        .map(|fold| {
            let line = |end: &str| lines[usize::try_from(fold[end].as_u64().unwrap()).unwrap()];
            assert_eq!(fold["kind"], "region");
            assert!(!line("endLine").is_empty());
            (line("startLine"), fold["collapsedText"].as_str().unwrap())
        })
        .collect();
    assert_eq!(
        folded,
        [
            ("## 深さ", "深さ · 完了"),
            ("## 誰が決める？", "誰が決める？ · 完了"),
            ("## いつ決める？", "いつ決める？ · 完了"),
            ("## 広さ", "広さ · 失敗しました"),
            ("## 構造", "構造 · 書いています"),
            ("## 時間", "時間 · 完了"),
        ]
    );
    run.cancel(&mut client, None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_documents_have_none_and_a_flat_list_serves_an_old_client() {
    let upstream = Upstream::always(answer([ANSWER])).await;
    let mut client = start(&upstream, capabilities()).await;
    for method in ["documentSymbol", "foldingRange", "codeLens", "documentLink"] {
        assert_eq!(about(&mut client, method, MEMO).await, Value::Null, "{method}");
    }
    let run = shown_run(&mut client).await;
    let folded = fold(&run.ended(&mut client, 1).await);
    let text = client.wait_document(&run.uri, |text| text == folded).await;
    let list = symbols(&mut client, &run.uri).await;
    let names: Vec<_> = list.as_array().unwrap().iter().map(|symbol| &symbol["name"]).collect();
    assert_eq!(names, JA);
    for symbol in list.as_array().unwrap() {
        let at = text_at(&text, &symbol["location"]["range"]);
        assert!(at.starts_with(&format!("## {}\n", symbol["name"].as_str().unwrap())), "{at}");
        assert_eq!(
            (&symbol["location"]["uri"], &symbol["containerName"]),
            (&json!(run.uri), &json!("会議が長くて決まらない"))
        );
    }
    let folds = about(&mut client, "foldingRange", &run.uri).await;
    assert_eq!(folds[0].get("collapsedText"), None, "it does not show it");
}

/// Asserts that the symbols and the folding ranges match this text, which the client has.
async fn speak_of(client: &mut Client, run: &Run, text: &str) {
    let root = symbols(client, &run.uri).await;
    let names = rows(text, &root[0]["children"], 0);
    assert_eq!(names, JA.map(|title| format!("{title}: 書いています")));
    let folds = about(client, "foldingRange", &run.uri).await;
    let lines: Vec<&str> = text.lines().collect();
    for (fold, title) in folds.as_array().unwrap().iter().zip(JA) {
        let line = |end: &str| lines[usize::try_from(fold[end].as_u64().unwrap()).unwrap()];
        assert_eq!(line("startLine"), format!("## {title}"));
        assert_eq!(line("endLine"), "_… 書いています_");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_text_streams_they_are_right_for_the_text_that_the_client_has() {
    let upstream = Upstream::start(|seen| {
        let many = (0..20_000).map(|n| format!("- 項目 {n}\n## 時間 {n}\n"));
        let wait = 5 + u64::try_from(section_of(seen)).unwrap();
        finished(paced(stream(), many, wait))
    })
    .await;
    let mut client = start(&upstream, generic()).await;
    let run = shown_run(&mut client).await;
    let have_begun = |text: &str| JA.iter().all(|title| is_in_section(text, title, "項目 3\n"));
    client.wait_document(&run.uri, have_begun).await;
    // An edit is held back: the panel grows, but the client's text does not.
    client.answer_with("workspace/applyEdit", Answer::Held);
    let mut lengths = Vec::new();
    for _ in 0..10 {
        client
            .wait_for("an edit", |state| state.is_held("workspace/applyEdit").then_some(()))
            .await;
        assert_eq!(client.held("workspace/applyEdit"), 1);
        let text = client.document(&run.uri).unwrap();
        lengths.push(text.len());
        tokio::time::sleep(Duration::from_millis(20)).await;
        speak_of(&mut client, &run, &text).await;
        client.answer_held();
        let text = client.document(&run.uri).unwrap();
        speak_of(&mut client, &run, &text).await;
    }
    lengths.dedup();
    assert_eq!(lengths.len(), 10, "the text grew in between: {lengths:?}");
    client.take_edits_again();
    run.cancel(&mut client, None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_the_client_has_not_read_again_has_the_lines_that_it_shows() {
    let gate = Gate::new();
    let held = gate.clone();
    let upstream = Upstream::start(move |_| {
        let begun = paced(stream(), ["最初の言葉\n".to_owned()], 0);
        finished(paced(begun.step(Step::Until(held.clone())), ["二\n三\n最後".to_owned()], 0))
    })
    .await;
    let mut can = generic();
    can["workspace"] = json!({});
    let mut client = start(&upstream, can).await;
    let run = run(&mut client).await;
    let shown = client.server_message("window/showDocument").await;
    let uri = shown["params"]["uri"].as_str().unwrap().to_owned();
    let path = uri.strip_prefix("file://").unwrap();
    let first = std::fs::read_to_string(path).unwrap();
    client.open(&uri, "markdown", &first);
    gate.open();
    let folded = fold(&run.ended(&mut client, 1).await);
    for _ in 0..1000 {
        if std::fs::read_to_string(path).unwrap() == folded {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let expected = JA.map(|title| format!("{title}: 完了"));
    let root = symbols(&mut client, &uri).await;
    assert_eq!(rows(&first, &root[0]["children"], 0), expected);
    client.close(&uri);
    client.open(&uri, "markdown", &folded);
    let root = symbols(&mut client, &uri).await;
    assert_eq!(rows(&folded, &root[0]["children"], 0), expected);
    client.close(&uri);
    client.open(&uri, "markdown", &format!("mine\n{folded}"));
    assert_eq!(symbols(&mut client, &uri).await, Value::Null, "this is nobody's panel");
}
