//! Code lenses and document links of panels, for any editor.

use crate::support::client::{Client, Unit};
use crate::support::kit::*;
use crate::support::upstream::{Gate, Reply, Step, Upstream, answer};
use serde_json::{Value, json};
use std::time::Duration;

const NOTES: &str = "# 会議\n\n会議が長くて決まらない。\n司会もいない。\n\n終わり。\n";
const CHOSEN: &str = "会議が長くて決まらない。\n司会もいない。\n";
const GO: &str = "元の文章へ";
const AGAIN: &str = "文章が変わりました · もう一度実行";

/// Returns the capabilities of a generic client with lenses and links, without our extensions.
fn generic() -> Value {
    json!({
        "window": {"showDocument": {"support": true}},
        "workspace": {"textDocumentContent": {}, "codeLens": {"refreshSupport": true}},
        "textDocument": {"codeLens": {}, "documentLink": {"tooltipSupport": true}},
    })
}

async fn start_with_notes(upstream: &Upstream, capabilities: Value) -> (Client, Run) {
    let mut client = launch(upstream, &[]);
    client.initialize(capabilities).await;
    client.open(MEMO, "markdown", NOTES);
    let argument = json!({"uri": MEMO, "range": range_of(NOTES, CHOSEN, Unit::Utf16), "perspectives": ["depth", "time"]});
    let run = run_with(&mut client, argument).await;
    client.open_virtual(&run.uri).await;
    (client, run)
}

/// Returns each lens with the line that it is above.
async fn lenses(client: &mut Client, run: &Run) -> Vec<(String, String)> {
    // While text streams, an edit may come between the text and the lenses.
    let (text, lenses) = loop {
        let text = client.document(&run.uri).unwrap();
        let lenses = about(client, "codeLens", &run.uri).await;
        if client.document(&run.uri).unwrap() == text {
            break (text, lenses);
        }
    };
    let lenses = lenses.as_array().unwrap();
    let shown = |lens: &Value| {
        let line = usize::try_from(lens["range"]["start"]["line"].as_u64().unwrap()).unwrap();
        let title = lens["command"]["title"].as_str().unwrap();
        (text.lines().nth(line).unwrap().to_owned(), title.to_owned())
    };
    lenses.iter().map(shown).collect()
}

fn pairs(all: &[(&str, &str)]) -> Vec<(String, String)> {
    all.iter().map(|(line, title)| ((*line).to_owned(), (*title).to_owned())).collect()
}

/// Clicks the first lens with this title.
async fn click(client: &mut Client, run: &Run, title: &str) -> Value {
    let lenses = about(client, "codeLens", &run.uri).await;
    let lenses = lenses.as_array().unwrap();
    let lens = lenses.iter().find(|lens| lens["command"]["title"] == title);
    let lens = lens.unwrap_or_else(|| panic!("no {title} in {lenses:#?}"));
    let name = lens["command"]["command"].as_str().unwrap().to_owned();
    command(client, &name, lens["command"]["arguments"][0].clone()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_section_is_stopped_retried_and_inserted_by_its_lenses() {
    let gate = Gate::new();
    let held = gate.clone();
    let upstream = Upstream::start(move |seen| match section_of(seen) {
        0 => {
            let many = (0..300).map(|n| format!("{n} 行目\n"));
            paced(stream(), many, 5).step(Step::Until(held.clone()))
        }
        _ => answer(["時間の答え"]),
    })
    .await;
    let (mut client, run) = start_with_notes(&upstream, generic()).await;
    let head = "# 解像度 · 会議が長くて決まらない";
    client.wait_document(&run.uri, |text| is_in_section(text, "時間", "`m`")).await;
    client.wait_document(&run.uri, |text| is_in_section(text, "深さ", "3 行目")).await;
    let (above, below) = ("コメントとして上に挿入", "コメントとして下に挿入");
    let time = [("## 時間", "やり直す"), ("## 時間", above), ("## 時間", below)];
    let running = [&[(head, GO), ("## 深さ", "停止")], &time[..]].concat();
    assert_eq!(lenses(&mut client, &run).await, pairs(&running));

    client.wait_document(&run.uri, |text| is_in_section(text, "深さ", "200 行目")).await;
    let refreshes = client.unread_of("workspace/codeLens/refresh").len();
    assert!(refreshes <= 1, "none for a piece of text: {refreshes}");
    while !client.unread_of("workspace/codeLens/refresh").is_empty() {
        client.server_message("workspace/codeLens/refresh").await;
    }

    assert_eq!(click(&mut client, &run, "停止").await, json!({"cancelled": 1}));
    client.server_message("workspace/codeLens/refresh").await;
    client.wait_document(&run.uri, |text| is_in_section(text, "深さ", "■ 停止しました。")).await;
    let depth = [("## 深さ", "やり直す"), ("## 深さ", above), ("## 深さ", below)];
    let stopped = [&[(head, GO)], &depth[..], &time[..]].concat();
    assert_eq!(lenses(&mut client, &run).await, pairs(&stopped));

    assert_eq!(click(&mut client, &run, above).await, json!({"applied": true}));
    let notes = client.document(MEMO).unwrap();
    assert!(notes.contains("<!--\n0 行目") && notes.find("<!--") < notes.find(CHOSEN), "{notes}");
    let answered = click(&mut client, &run, "やり直す").await;
    assert_eq!(answered, json!({"run": run.id, "branch": "depth"}));
    client.server_message("workspace/codeLens/refresh").await;
    gate.open();
    run.cancel(&mut client, None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_text_that_has_changed_is_run_again_where_it_is() {
    let upstream = Upstream::always(answer(["答え"])).await;
    let (mut client, run) = start_with_notes(&upstream, generic()).await;
    let folded = fold_titled("会議が長くて決まらない", &run.ended(&mut client, 1).await);
    client.wait_document(&run.uri, |text| text == folded).await;
    let first = |all: Vec<(String, String)>| -> Vec<String> {
        let titles = all.into_iter().filter(|(line, _)| line.starts_with("# ")).map(|(_, t)| t);
        titles.collect()
    };
    assert_eq!(first(lenses(&mut client, &run).await), [GO]);
    // Refreshes caused by the run's end come within a quarter of a second.
    tokio::time::sleep(Duration::from_millis(800)).await;
    while !client.unread_of("workspace/codeLens/refresh").is_empty() {
        client.server_message("workspace/codeLens/refresh").await;
    }
    // Text inserted above moves the selection without changing it.
    client.edit(MEMO, &range_of(NOTES, "# 会議\n", Unit::Utf16), "# 会議\n\n前置き\n");
    tokio::time::sleep(Duration::from_millis(800)).await;
    assert!(client.unread_of("workspace/codeLens/refresh").is_empty());
    let text = client.document(MEMO).unwrap();
    client.edit(MEMO, &range_of(&text, "司会も", Unit::Utf16), "議題も記録も");
    client.server_message("workspace/codeLens/refresh").await;
    assert_eq!(first(lenses(&mut client, &run).await), [GO, AGAIN]);
    // The lens still works after further edits above.
    let text = client.document(MEMO).unwrap();
    client.edit(MEMO, &range_of(&text, "前置き\n", Unit::Utf16), "前置き\n二行目\n");
    let again = click(&mut client, &run, AGAIN).await;
    let again = Run {
        id: again["run"].as_str().unwrap().to_owned(),
        uri: again["uri"].as_str().unwrap().to_owned(),
    };
    let panel = fold_titled("会議が長くて決まらない", &again.ended(&mut client, 1).await);
    assert!(panel.contains("`memo.md:6–7`") && panel.matches("\n## ").count() == 2, "{panel}");
    for seen in &upstream.arrived(4).await[2..] {
        assert!(user_message(seen).contains("会議が長くて決まらない。\n議題も記録もいない。"));
    }

    click(&mut client, &run, GO).await;
    let text = client.document(MEMO).unwrap();
    let chosen = CHOSEN.replace("司会も", "議題も記録も");
    let shown = loop {
        let shown = client.server_message("window/showDocument").await["params"].clone();
        if shown["uri"] == MEMO {
            break shown;
        }
    };
    let selection = range_of(&text, &chosen, Unit::Utf16);
    assert_eq!(shown, json!({"uri": MEMO, "takeFocus": true, "selection": selection}));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_shown_or_run_again_is_told() {
    let upstream = Upstream::always(answer(["答え"])).await;
    let (mut client, run) = start_with_notes(&upstream, generic()).await;
    run.ended(&mut client, 1).await;
    let refused =
        |error: Value| (error["code"].clone(), error["message"].as_str().unwrap().to_owned());
    let text = client.document(MEMO).unwrap();
    client.edit(MEMO, &range_of(&text, CHOSEN, Unit::Utf16), "");
    let argument = json!({"run": run.id});
    let error = command(&mut client, "kaizodo.run", argument.clone()).await.unwrap_err();
    let sentence = "The text is no longer in the document. Select some text and run the action.";
    assert_eq!(refused(error), (json!(-32803), sentence.to_owned()));
    let shown = command(&mut client, "kaizodo.reveal", argument.clone()).await.unwrap();
    assert_eq!(shown, json!({"uri": MEMO, "range": null}), "its document is there");
    client.close(MEMO);
    let error = command(&mut client, "kaizodo.run", argument.clone()).await.unwrap_err();
    assert!(refused(error).1.contains("is not open. Open it and run the action again."));
    let shown = command(&mut client, "kaizodo.reveal", argument).await.unwrap();
    assert_eq!(shown, json!({"uri": MEMO, "range": range((2, 0), (2, 0))}));
    assert_eq!(upstream.seen().len(), 2);

    let mut blind = start(&upstream, json!({"textDocument": {"codeLens": {}}})).await;
    let argument = json!({"uri": MEMO, "range": range((0, 0), (1, 0)), "perspectives": ["depth"]});
    let run = run_with(&mut blind, argument).await;
    let error = command(&mut blind, "kaizodo.reveal", json!({"run": run.id})).await.unwrap_err();
    let sentence = format!(
        "This editor cannot open a document at the server's request. Open {MEMO} yourself."
    );
    assert_eq!(refused(error), (json!(-32803), sentence));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_head_links_to_the_source_and_to_the_answer_that_is_asked_about() {
    let upstream = Upstream::start(|seen| match section_of(seen) {
        1 => Reply::status(400),
        _ => answer(["- 決める人がいない [x](y)\n"]),
    })
    .await;
    let (mut client, run) = start_with_notes(&upstream, generic()).await;
    let folded = fold_titled("会議が長くて決まらない", &run.ended(&mut client, 1).await);
    let panel = client.wait_document(&run.uri, |text| text == folded).await;
    let links = about(&mut client, "documentLink", &run.uri).await;
    let links = links.as_array().unwrap();
    assert_eq!(links.len(), 1, "the answers' own text is none: {links:?}");
    assert_eq!(
        (text_at(&panel, &links[0]["range"]), &links[0]["tooltip"]),
        ("memo.md:3–4", &json!(GO))
    );
    assert_eq!(links[0].get("target"), None, "it follows edits");
    client.edit(MEMO, &range_of(NOTES, "# 会議\n", Unit::Utf16), "# 会議\n一\n二\n");
    let link = client.request("documentLink/resolve", links[0].clone()).await.unwrap();
    assert_eq!(link["target"], format!("{MEMO}#L5"));

    let line = panel.lines().position(|line| line.contains("決める人")).unwrap();
    let line = u32::try_from(line).unwrap();
    let argument = json!({"uri": run.uri, "range": range((line, 0), (line + 1, 0)), "perspectives": ["depth"]});
    let deeper = run_with(&mut client, argument).await;
    client.open_virtual(&deeper.uri).await;
    deeper.ended(&mut client, 1).await;
    let panel = client.wait_document(&deeper.uri, |text| text.contains(" › 深さ")).await;
    let links = about(&mut client, "documentLink", &deeper.uri).await;
    let links = links.as_array().unwrap();
    let texts: Vec<_> = links.iter().map(|link| text_at(&panel, &link["range"])).collect();
    assert_eq!(texts, ["memo.md:3–4", "深さ"], "a view alone has no focus to go to");
    let mut targets = Vec::new();
    for link in links {
        let link = client.request("documentLink/resolve", link.clone()).await.unwrap();
        targets.push(link["target"].as_str().unwrap().to_owned());
    }
    let heading = client.document(&run.uri).unwrap();
    let heading = heading.lines().position(|line| line == "## 深さ").unwrap() + 1;
    assert_eq!(targets, [format!("{MEMO}#L5"), format!("{}#L{heading}", run.uri)]);
    let titles = lenses(&mut client, &deeper).await;
    assert!(titles.iter().all(|(_, title)| title != AGAIN), "{titles:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_registers_asks_about_panels_alone() {
    let upstream = Upstream::always(answer(["答え"])).await;
    let dynamic = json!({"dynamicRegistration": true});
    let mut can = generic();
    can["textDocument"] = json!({"codeLens": dynamic, "documentLink": dynamic, "documentSymbol": dynamic, "foldingRange": dynamic});
    let mut client = start(&upstream, can).await;
    let message = client.server_message("client/registerCapability").await;
    let registrations = message["params"]["registrations"].as_array().unwrap();
    let methods: Vec<_> = registrations.iter().map(|r| r["method"].as_str().unwrap()).collect();
    assert_eq!(
        methods,
        ["documentSymbol", "foldingRange", "codeLens", "documentLink"]
            .map(|name| format!("textDocument/{name}"))
    );
    for registration in registrations {
        let selector = &registration["registerOptions"]["documentSelector"];
        assert_eq!(*selector, json!([{"scheme": "kaizodo"}]));
    }
}
