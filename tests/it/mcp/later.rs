//! Runs that have ended: read, listed and asked about, in the same process and in a later one.

use super::client::Agent;
use super::*;
use crate::support::program::{Home, end};
use serde_json::json;

#[tokio::test]
async fn a_run_of_the_command_line_is_found_read_and_asked_about() {
    let (home, model) = (Home::new(), model(vec![]).await);
    let printed = end(&mut home.asking(&model, &["run", "--text", THOUGHT])).await;
    assert_eq!(printed.code, Some(0), "{printed:?}");
    let mut agent = Agent::start(&home, &model).await;
    let found = agent.call("runs", json!({"query": "カイギ 構造"})).await;
    assert_eq!(found["structuredContent"]["runs"], json!([]), "{found:#}");
    let found = agent.call("runs", json!({"query": "会議 構造の答え", "limit": 1})).await;
    let line = &found["structuredContent"]["runs"][0];
    assert_eq!((&line["title"], &line["outcome"]), (&json!(TITLE), &json!("done")));
    assert_eq!(line["perspectives"], json!(["深さ", "広さ", "構造", "時間"]));
    let run = line["run"].as_str().unwrap();
    assert!(text(&found).starts_with(&format!("- `{run}` · 2")), "{}", text(&found));

    let read = agent.call("read", json!({"run": &run[..25], "section": "depth"})).await;
    assert!(text(&read).starts_with("## 深さ\n\n深さの答え。\n\n---\n\n"), "{}", text(&read));
    let whole = agent.call("read", json!({"run": run})).await;
    assert_eq!(states(&whole).len(), 4);
    let unknown = agent.refused("read", json!({"run": run, "section": "高さ"})).await;
    assert_eq!(unknown, "この実行に節「高さ」はありません。");

    let question = json!({"run": "last", "section": "深さ", "question": "なぜ今なのか。"});
    let id = agent.begin("ask", question).await;
    let asked = agent.answer(id).await.unwrap();
    assert!(
        text(&asked).starts_with("## なぜ今なのか\n\n質問の答え。\n\n---\n"),
        "{}",
        text(&asked)
    );
    assert_eq!(states(&asked), [("ask-1".to_owned(), "done".to_owned())]);
    assert_eq!(asked["structuredContent"]["sections"][0]["role"], "follow_up");
    let request = user_message(model.seen().last().unwrap());
    assert!(request.contains("なぜ今なのか。") && model.seen().len() == 5, "{request}");
    assert_eq!(agent.progress.last().unwrap()["progress"], 5.0);
    let blank = agent.refused("ask", json!({"run": "last", "question": " "})).await;
    assert_eq!(blank, "質問が空です。尋ねたいことを書いてください。");
    agent.close();
    assert_eq!(agent.end().await.0, Some(0));
    // The answer is saved with the run.
    let shown = end(&mut home.kaizodo(&["journal", "show", "--clean"])).await;
    assert!(shown.out.contains("\n## なぜ今なのか\n\n質問の答え。\n"), "{shown:?}");
}

#[tokio::test]
async fn without_a_journal_the_runs_of_this_process_can_be_read() {
    let (home, model) = (Home::new(), model(vec![]).await);
    home.write(".config/kaizodo/config.toml", "[journal]\nenabled = false\n");
    let mut agent = Agent::start(&home, &model).await;
    let mut runs = Vec::new();
    for _ in 0..2 {
        let look = agent.call("look", json!({"text": THOUGHT, "focus": false})).await;
        runs.push(look["structuredContent"]["run"].clone());
    }
    for name in [json!("last"), runs[1].clone()] {
        let read = agent.call("read", json!({"run": name})).await;
        assert_eq!(read["structuredContent"]["run"], runs[1]);
    }
    let question = json!({"run": runs[0], "question": "で、どうする？"});
    let asked = agent.call("ask", question).await;
    assert!(text(&asked).starts_with("## で、どうする？\n\n質問の答え。\n"), "{}", text(&asked));
    let saved = agent.call("runs", json!({})).await;
    assert_eq!(saved["structuredContent"], json!({"runs": [], "more": false}));
    assert_eq!(text(&saved), "該当する実行はありません。");
}

#[tokio::test]
async fn perspectives_and_sets_are_told_with_ones_own() {
    let (home, model) = (Home::new(), model(vec![]).await);
    home.write(
        ".config/kaizodo/perspectives/money.md",
        "---\nname: money\ntitle: お金\ndescription: だれが払うか。\ngroup: trade\n---\nask\n",
    );
    home.write(".config/kaizodo/perspectives/broken.md", "no front matter");
    let mut agent = Agent::start(&home, &model).await;
    let told = agent.call("perspectives", json!({})).await["structuredContent"].clone();
    let sets = told["sets"].as_array().unwrap();
    assert_eq!(
        sets[0],
        json!({"name": "default", "perspectives": ["depth", "breadth", "structure", "time"]})
    );
    assert!(sets.contains(&json!({"name": "trade", "perspectives": ["money"]})), "{sets:?}");
    let all = told["perspectives"].as_array().unwrap();
    let own = json!({"name": "money", "title": "お金", "description": "だれが払うか。"});
    assert!(all.contains(&own), "{all:?}");
    let notes = told["notes"].as_array().unwrap();
    assert!(notes.len() == 1 && notes[0].as_str().unwrap().contains("broken.md"), "{notes:?}");
}
