//! Runs about a passage of an answer, at any depth.

use crate::support::client::{Answer, Client};
use crate::support::kit::*;
use crate::support::upstream::{Gate, Reply, Seen, Step, Upstream, answer};
use kaizodo::event::{Event, Passage};
use serde_json::{Value, json};

const ANSWER: &str =
    "会議が**長い**のは、決め方がないからです。\n\n- 司会がいない\n- 議題が多い <b>\n";

/// Returns the part of a request that all sections of a run share.
fn shared(seen: &Seen) -> String {
    user_message(seen).split("あなたの視点").next().unwrap().to_owned()
}

/// Returns the position of a cursor in the line of a panel's text that contains these words.
fn cursor(text: &str, words: &str) -> Value {
    let line = text.lines().position(|line| line.contains(words));
    let line = u32::try_from(line.unwrap_or_else(|| panic!("no {words} in {text}"))).unwrap();
    range((line, 2), (line, 2))
}

async fn actions_at(client: &mut Client, uri: &str, range: &Value) -> Vec<Value> {
    let params = json!({
        "textDocument": {"uri": uri}, "range": range, "context": {"diagnostics": [], "triggerKind": 1},
    });
    let answer = client.request("textDocument/codeAction", params).await.unwrap();
    answer.as_array().unwrap().clone()
}

async fn perform(client: &mut Client, action: &Value) -> Value {
    let argument = action["command"]["arguments"][0].clone();
    let name = action["command"]["command"].as_str().unwrap().to_owned();
    command(client, &name, argument).await.unwrap()
}

fn titles(actions: &[Value]) -> Vec<&str> {
    actions.iter().map(|action| action["title"].as_str().unwrap()).collect()
}

async fn origin(client: &mut Client, run: &Run) -> Option<Passage> {
    let events = run.ended(client, 1).await;
    let Event::RunStarted { origin, .. } = &events[0].event else { panic!("{events:?}") };
    origin.clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_of_the_panel_is_asked_about_as_a_line_of_the_source() {
    let upstream = Upstream::always(answer([ANSWER])).await;
    let mut client = start(&upstream, capabilities()).await;
    let run = shown_run(&mut client).await;
    let folded = fold(&run.ended(&mut client, 1).await);
    let panel = client.wait_document(&run.uri, |text| text == folded).await;

    let at = cursor(&panel, "議題が多い");
    let actions = actions_at(&mut client, &run.uri, &at).await;
    let all = "解像度: 深さ · 広さ · 構造 · 時間";
    assert_eq!(
        (titles(&actions)[0], titles(&actions).last()),
        (all, Some(&"この実行をブラウザーで開く"))
    );
    let argument = actions[0]["command"]["arguments"][0].clone();
    let shown = command(&mut client, "kaizodo.preview", argument).await.unwrap();
    let shown = client.open_virtual(shown["uri"].as_str().unwrap()).await;
    assert!(shown.contains("ほかのファイル、ほかの過去の実行。"), "{shown}");
    let zoomed = perform(&mut client, &actions[0]).await;
    let zoomed = Run { id: text(&zoomed, "run"), uri: text(&zoomed, "uri") };

    let passage = origin(&mut client, &zoomed).await.unwrap();
    assert_eq!(
        (passage.run.0, &*passage.branch.0, &*passage.title),
        (run.id.clone(), "depth", "深さ")
    );
    let places = passage.range.0;
    assert_eq!((places.start.line, places.end.line, places.end.character), (3, 3, 11));
    let seen = upstream.arrived(8).await;
    let sent = shared(&seen[4]);
    assert!(sent.contains("\n- 議題が多い <b>\nTEXT "), "as the model wrote it: {sent}");
    let above =
        [("<<<ABOVE 1 ", "会議が長くて決まらない。"), ("深さ\n<<<ABOVE 2 ", "司会がいない")];
    for (fence, words) in above {
        let after = sent.split_once(fence).unwrap_or_else(|| panic!("no {fence} in {sent}")).1;
        assert!(after.contains(words), "{after}");
    }
    assert!(seen[4..].iter().all(|seen| shared(seen) == sent), "one prefix serves all");
    let head = fold_titled("議題が多い <b>", &zoomed.ended(&mut client, 1).await);
    assert!(head.contains("`memo.md:1` › 深さ · "), "{head}");
}

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn six_levels_deep_is_as_natural_as_one() {
    let upstream = Upstream::always(answer(["- 一段 深く\n"])).await;
    let mut client = start(&upstream, capabilities()).await;
    let mut run = shown_run(&mut client).await;
    for level in 1..=6 {
        run.ended(&mut client, 1).await;
        let is_done = |text: &str| text.matches("- 一段 深く").count() == 4 && !text.contains("_…");
        let panel = client.wait_document(&run.uri, is_done).await;
        let range = cursor(&panel, "- 一段");
        let argument = json!({"uri": run.uri, "range": range, "perspectives": ["time", "depth", "breadth", "structure"]});
        let deeper = run_with(&mut client, argument).await;
        client.open_virtual(&deeper.uri).await;
        assert_eq!(origin(&mut client, &deeper).await.unwrap().run.0, run.id);
        let sent = shared(upstream.arrived(4 + 4 * level).await.last().unwrap());
        assert!(sent.contains(&format!("<<<ABOVE {} ", level + 1)), "{sent}");
        assert!(sent.contains("会議が長くて決まらない。"), "the source is never lost: {sent}");
        run = deeper;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_that_stands_is_asked_about_while_others_stream() {
    let gate = Gate::new();
    let held = gate.clone();
    let upstream = Upstream::start(move |seen| match user_message(seen).contains("ABOVE") {
        true => answer(["深い"]),
        false if section_of(seen) == 3 => {
            let many = (0..200).map(|n| format!("{n} 行目\n"));
            finished(paced(stream(), many, 5).step(Step::Until(held.clone())))
        }
        false => answer([ANSWER]),
    })
    .await;
    let mut client = start(&upstream, capabilities()).await;
    let run = shown_run(&mut client).await;
    let panel = client
        .wait_document(&run.uri, |text| {
            JA[..3].iter().all(|title| is_in_section(text, title, "`m` · 10"))
                && is_in_section(text, "時間", "9 行目")
        })
        .await;
    let line = panel.find("## 構造").unwrap();
    let line = u32::try_from(panel[..line].matches('\n').count()).unwrap();
    let argument = json!({"uri": run.uri, "range": range((line + 2, 0), (line + 3, 0)), "perspectives": ["depth"]});
    let deeper = run_with(&mut client, argument).await;
    let passage = origin(&mut client, &deeper).await.unwrap();
    assert_eq!((&*passage.branch.0, passage.lines()), ("structure", 0..1));
    gate.open();
    run.ended(&mut client, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_place_without_an_answer_is_refused_and_offers_nothing_to_ask() {
    let upstream = Upstream::start(|seen| match section_of(seen) {
        1 => Reply::status(400),
        _ => answer([ANSWER]),
    })
    .await;
    let mut client = start(&upstream, capabilities()).await;
    let run = shown_run(&mut client).await;
    let folded = fold(&run.ended(&mut client, 1).await);
    let panel = client.wait_document(&run.uri, |text| text == folded).await;
    let head = range((0, 1), (0, 1));
    assert_eq!(actions_at(&mut client, &run.uri, &head).await, Vec::<Value>::new());
    let failed = cursor(&panel, "✗ ");
    assert_eq!(
        titles(&actions_at(&mut client, &run.uri, &failed).await),
        ["この節をやり直す", "この実行をブラウザーで開く"]
    );
    for range in [head, failed] {
        let argument = json!({"uri": run.uri, "range": range});
        let error = command(&mut client, "kaizodo.run", argument).await.unwrap_err();
        let sentence =
            "These lines are not part of an answer. Select lines inside a section's answer.";
        assert_eq!((&error["code"], &error["message"]), (&json!(-32803), &json!(sentence)));
    }
    assert_eq!(upstream.seen().len(), 4);
}

/// Waits until a file has this text.
async fn file_is(path: &str, text: &str) {
    for _ in 0..2000 {
        if std::fs::read_to_string(path).unwrap() == text {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("{path} is not {text:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_without_virtual_documents_works_in_the_file_that_it_is_shown() {
    let upstream = Upstream::start(|seen| match is_follow_up(seen) {
        true => answer(["たとえば、朝会です。"]),
        false => answer([ANSWER]),
    })
    .await;
    // None of our capabilities: no virtual documents, no progress, no extensions.
    let mut client = start(&upstream, json!({"window": {"showDocument": {"support": true}}})).await;
    let run = run(&mut client).await;
    run.ended(&mut client, 1).await;
    let shown = client.server_message("window/showDocument").await;
    let uri = shown["params"]["uri"].as_str().unwrap().to_owned();
    let path = uri.strip_prefix("file://").unwrap();
    let on_disk = fold(&run.events(&mut client).await);
    file_is(path, &on_disk).await;
    client.open(&uri, "markdown", &on_disk);
    let at = cursor(&on_disk, "司会がいない");
    let actions = actions_at(&mut client, &uri, &at).await;
    let zoomed = perform(&mut client, &actions[0]).await;
    let zoomed = Run { id: text(&zoomed, "run"), uri: text(&zoomed, "uri") };
    assert_eq!(origin(&mut client, &zoomed).await.unwrap().lines(), 2..3);
    // A follow-up question works without an input box.
    let asks =
        actions.iter().find(|action| action["title"] == "続けて質問: 具体例を挙げてください");
    perform(&mut client, asks.unwrap()).await;
    let events = run.ended(&mut client, 2).await;
    assert!(is_in_section(&fold(&events), "具体例を挙げてください", "朝会です。"));
    // A line of a text that the server never wrote into the file belongs to no answer.
    client.edit(&uri, &range((0, 0), (0, 0)), "一行\n");
    let argument = json!({"uri": uri, "range": at});
    let error = command(&mut client, "kaizodo.run", argument).await.unwrap_err();
    assert!(error["message"].as_str().unwrap().contains("an outdated version"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_about_a_passage_is_not_run_again_about_another_text() {
    let asked = std::sync::atomic::AtomicUsize::new(0);
    let upstream =
        Upstream::start(move |_| match asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed) {
            0..5 => answer([ANSWER]),
            _ => answer(["別の答え\n\n- 別の行\n- もう一つ\n"]),
        })
        .await;
    let mut client = start(&upstream, capabilities()).await;
    let run = shown_run(&mut client).await;
    run.ended(&mut client, 1).await;
    let range = json!({"start": {"line": 2, "character": 0}, "end": {"line": 2, "character": 0}});
    let passage = json!({"run": run.id, "branch": "depth", "range": range});
    let argument = json!({"passage": passage, "perspectives": ["time"]});
    let deeper = run_with(&mut client, argument).await;
    deeper.ended(&mut client, 1).await;
    let again = run_with(&mut client, json!({"run": deeper.id})).await;
    again.ended(&mut client, 1).await;
    assert_eq!(upstream.seen().len(), 6);
    let argument = json!({"run": run.id, "branch": "depth"});
    command(&mut client, "kaizodo.retry", argument).await.unwrap();
    run.ended(&mut client, 2).await;
    let error = command(&mut client, "kaizodo.run", json!({"run": deeper.id})).await.unwrap_err();
    assert!(error["message"].as_str().unwrap().starts_with("Nothing was sent: "), "{error}");
    assert_eq!(upstream.seen().len(), 7);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_again_has_a_focus_only_if_it_had_one() {
    let upstream = Upstream::always(answer([ANSWER])).await;
    let mut client = launch(&upstream, &[("KAIZODO_FOCUS", "auto")]);
    let sets = json!({"calm": {"perspectives": ["depth", "time"], "focus": "off"}});
    let params = json!({
        "processId": null, "rootUri": null, "capabilities": vouching(),
        "initializationOptions": {"sets": sets},
    });
    client.initialize_with(params).await;
    client.open(MEMO, "markdown", TEXT);
    let argument = json!({"uri": MEMO, "range": range((0, 0), (1, 0)), "set": "calm"});
    let run = run_with(&mut client, argument).await;
    run.ended(&mut client, 1).await;
    let again = run_with(&mut client, json!({"run": run.id})).await;
    again.ended(&mut client, 1).await;
    assert_eq!(upstream.seen().len(), 4, "no focus is paid for");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_line_is_taken_for_another_while_the_client_has_a_text_of_its_own() {
    let upstream = Upstream::always(answer([ANSWER])).await;
    let mut client = start(&upstream, capabilities()).await;
    let run = shown_run(&mut client).await;
    let folded = fold(&run.ended(&mut client, 1).await);
    let panel = client.wait_document(&run.uri, |text| text == folded).await;
    let at = cursor(&panel, "議題が多い");
    // The user edits the panel, and for a while the text is not pulled again.
    client.answer_with("workspace/textDocumentContent/refresh", Answer::Held);
    client.edit(&run.uri, &range((0, 0), (0, 0)), "一行\n二行\n");
    let argument = json!({"uri": run.uri, "range": at});
    let error = command(&mut client, "kaizodo.run", argument).await.unwrap_err();
    assert!(error["message"].as_str().unwrap().contains("an outdated version"), "{error}");
    assert_eq!(actions_at(&mut client, &run.uri, &at).await, Vec::<Value>::new());
}
