//! The `look` tool.

use super::client::Agent;
use super::*;
use crate::support::program::Home;
use crate::support::upstream::{End, Gate, Step, sse_finish, sse_text};
use serde_json::json;

#[tokio::test]
async fn the_tools_are_told_with_what_they_take_and_return() {
    let (home, model) = (Home::new(), model(vec![]).await);
    let mut agent = Agent::start(&home, &model).await;
    let tools = agent.request("tools/list", json!({})).await.unwrap()["tools"].clone();
    let names: Vec<_> = tools.as_array().unwrap().iter().map(|tool| &tool["name"]).collect();
    assert_eq!(json!(names), json!(["look", "read", "runs", "ask", "perspectives"]));
    for tool in tools.as_array().unwrap() {
        assert!(tool["description"].as_str().is_some_and(|text| text.len() > 40), "{tool:#}");
        assert_eq!(tool["outputSchema"]["type"], "object", "{tool:#}");
        let sends = tool["name"] == "look" || tool["name"] == "ask";
        assert_eq!(tool["annotations"]["readOnlyHint"], json!(!sends), "{tool:#}");
    }
    assert_eq!(model.connections(), 0, "nothing is contacted before the first run");
}

#[tokio::test]
async fn a_look_returns_the_focus_and_the_views() {
    let (home, model) = (Home::new(), model(vec![]).await);
    let mut agent = Agent::start(&home, &model).await;
    let id = agent.begin("look", json!({"text": THOUGHT, "language": "markdown"})).await;
    let result = agent.answer(id).await.unwrap();
    assert_eq!(result["isError"], false);
    let run = result["structuredContent"]["run"].as_str().unwrap();
    let expected = format!(
        "# 解像度 · 会議が長くて決まらない\n\n`text:1` · 127.0.0.1:{}\n\n\
         ## 焦点\n\n焦点の答え。\n\n## 深さ\n\n深さの答え。\n\n## 広さ\n\n広さの答え。\n\n\
         ## 構造\n\n構造の答え。\n\n## 時間\n\n時間の答え。\n\n---\n\n\
         実行 `{run}`: すべて完了しました。\n",
        model.port()
    );
    assert_eq!(text(&result), expected);
    let told = &result["structuredContent"];
    assert_eq!(
        (&told["title"], &told["outcome"], &told["notes"]),
        (&json!(TITLE), &json!("done"), &json!([]))
    );
    let sections = told["sections"].as_array().unwrap();
    assert_eq!(
        sections[0],
        json!({"branch": "focus", "title": "焦点", "role": "focus", "state": "done", "text": "焦点の答え。\n"})
    );
    assert_eq!(sections[4]["role"], "view");
    // The progress counts the sections that have ended, with the line that editors show.
    let progress: Vec<f64> =
        agent.progress.iter().map(|told| told["progress"].as_f64().unwrap()).collect();
    assert!(progress.is_sorted_by(|a, b| a < b), "{progress:?}");
    let last = agent.progress.last().unwrap();
    assert_eq!((&last["progress"], &last["total"]), (&json!(5.0), &json!(5.0)));
    assert_eq!(last["message"], "焦点 ✓ · 深さ ✓ · 広さ ✓ · 構造 ✓ · 時間 ✓");
    assert_eq!(last["progressToken"], "p2");
    // The text is sent as it is, and no part of it is logged.
    assert!(user_message(&model.seen()[0]).contains(THOUGHT));
    agent.close();
    let (code, log) = agent.end().await;
    assert_eq!(code, Some(0));
    assert!(!log.contains("会議") && !log.contains("の答え"), "{log}");
}

#[tokio::test]
async fn perspectives_focus_and_language_are_as_asked() {
    let (home, model) = (Home::new(), Upstream::always(answer(["- x\n"])).await);
    let mut agent = Agent::start(&home, &model).await;
    let asked =
        json!({"text": THOUGHT, "perspectives": ["時間", "depth"], "focus": false, "lang": "en"});
    let result = agent.call("look", asked).await;
    let done = |names: &[&str]| -> Vec<_> {
        names.iter().map(|name| ((*name).to_owned(), "done".to_owned())).collect()
    };
    assert_eq!(states(&result), done(&["time", "depth"]));
    assert!(text(&result).contains("\n## Depth\n"), "{}", text(&result));
    let set = agent.call("look", json!({"text": THOUGHT, "set": "decide", "focus": true})).await;
    let all = ["focus", "options", "assumptions", "stakes", "in-a-year"];
    assert_eq!(states(&set), done(&all));
    // Without a progress token, no progress is reported.
    assert!(agent.progress.is_empty());
}

#[tokio::test]
async fn an_answer_that_is_cut_off_is_not_called_whole() {
    let cut = Reply::stream([sse_text("半分だけの")]).end(End::Cut);
    let gone = Reply::json(404, r#"{"error":{"message":"no such model"}}"#);
    let (home, model) = (Home::new(), model(vec![("深さ", cut), ("広さ", gone)]).await);
    let mut agent = Agent::start(&home, &model).await;
    let result = agent.call("look", json!({"text": THOUGHT, "focus": false})).await;
    assert_eq!(result["isError"], false, "two views are complete");
    assert_eq!(result["structuredContent"]["outcome"], "partial");
    let names = ["depth", "breadth", "structure", "time"];
    let expected = names
        .map(str::to_owned)
        .into_iter()
        .zip(["cut_off", "failed", "done", "done"].map(str::to_owned));
    assert_eq!(states(&result), expected.collect::<Vec<_>>());
    let depth = &result["structuredContent"]["sections"][0];
    assert_eq!(depth["text"], "半分だけの\n");
    let why = depth["failure"].as_str().unwrap();
    assert!(why.contains("途中で切れました"), "{why}");
    let text = text(&result);
    assert!(
        text.contains("完了していない節があります。\n\n- 深さ: 途中で終わりました。"),
        "{text}"
    );
    assert!(text.contains(why) && text.contains("\n- 広さ: 失敗しました。"), "{text}");
}

#[tokio::test]
async fn a_focus_that_lacks_a_view_or_is_not_written_is_told_with_that() {
    let gone = Reply::json(404, r#"{"error":{"message":"no such model"}}"#);
    let (home, model) = (Home::new(), model(vec![("広さ", gone)]).await);
    let mut agent = Agent::start(&home, &model).await;
    let result = agent.call("look", json!({"text": THOUGHT, "focus": true})).await;
    let focus = &result["structuredContent"]["sections"][0];
    assert_eq!((&focus["branch"], &focus["state"]), (&json!("focus"), &json!("done")));
    assert_eq!(focus["notes"], json!(["「広さ」抜きで書きました"]));
    let told = text(&result);
    assert!(told.contains("\n- 焦点: 「広さ」抜きで書きました\n- 広さ: 失敗しました。"), "{told}");

    home.write(".config/kaizodo/config.toml", "focus = \"ask\"\n");
    let mut agent = Agent::start(&home, &model).await;
    let asked = json!({"text": THOUGHT, "perspectives": ["depth", "time"]});
    let result = agent.call("look", asked).await;
    assert_eq!(result["structuredContent"]["outcome"], "done");
    let told = text(&result);
    assert!(
        told.contains("まだ書いていない節があります。\n\n- 焦点: まだ書いていません。"),
        "{told}"
    );
}

#[tokio::test]
async fn what_was_written_is_told_while_it_is_written() {
    let gate = Gate::new();
    let slow = Reply::stream([sse_text("書きかけ")]).step(Step::Until(gate.clone()));
    let slow = slow.write(sse_text("の答え。\n")).write(sse_finish("stop"));
    let (home, model) = (Home::new(), model(vec![("時間", slow)]).await);
    let mut agent = Agent::start(&home, &model).await;
    let id = agent.begin("look", json!({"text": THOUGHT, "focus": false})).await;
    agent.told(|line| line == "深さ ✓ · 広さ ✓ · 構造 ✓ · 時間 4").await;
    let now = agent.call("read", json!({"run": "last", "section": "時間"})).await;
    assert_eq!(now["structuredContent"]["outcome"], "running");
    assert_eq!(states(&now), [("time".to_owned(), "writing".to_owned())]);
    assert!(text(&now).starts_with("## 時間\n\n書きかけ\n\n---\n"), "{}", text(&now));
    assert!(text(&now).contains("まだ書いている途中です。"), "{}", text(&now));
    gate.open();
    let result = agent.answer(id).await.unwrap();
    assert_eq!(result["structuredContent"]["sections"][3]["text"], "書きかけの答え。\n");
}
