//! Calls that fail: the agent gets a sentence, and nothing forbidden is done.

use super::client::Agent;
use super::*;
use crate::support::program::Home;
use serde_json::json;

fn home(settings: &str) -> Home {
    let home = Home::new();
    home.write(".config/kaizodo/config.toml", settings);
    home
}

#[tokio::test]
async fn what_cannot_be_asked_is_refused_in_a_sentence() {
    let home = home("[limits]\nselection_bytes = 60\n");
    let model = model(vec![]).await;
    let mut agent = Agent::start(&home, &model).await;
    for (arguments, sentence) in [
        (json!({"text": " \n"}), "文字がありません。調べたい文章を指定してください。"),
        (
            json!({"text": THOUGHT.repeat(2)}),
            "文章が長すぎます（72 バイト、上限 60）。短くするか、設定 limits.selection_bytes を変えてください。",
        ),
        (json!({"text": THOUGHT, "set": "reviews"}), "「reviews」という組はありません。"),
        (json!({"text": THOUGHT, "perspectives": ["deep"]}), "deep"),
        (json!({"file": "memo.md"}), "look の引数 file が正しくありません: unknown field `file`"),
        (json!({"text": THOUGHT, "lang": "fr"}), "look の引数 lang が正しくありません: "),
    ] {
        let refused = agent.refused("look", arguments).await;
        assert!(refused.contains(sentence), "{refused}");
    }
    let none = agent.refused("read", json!({"run": "last"})).await;
    assert_eq!(none, "記録はまだ一つもありません。");
    let error = agent.request("tools/call", json!({"name": "write"})).await.unwrap_err();
    assert_eq!(error["code"], -32602);
    let known =
        "ツール「write」はありません。使えるのは look, read, runs, ask, perspectives です。";
    assert_eq!(error["message"], known);
    assert_eq!(model.connections(), 0);
}

#[tokio::test]
async fn secrets_are_redacted_and_the_agent_is_told() {
    let (home, model) = (Home::new(), model(vec![]).await);
    let mut agent = Agent::start(&home, &model).await;
    let secret = "ghp_0123456789abcdefghijABCDEFGHIJ012345";
    let asked = json!({"text": format!("{THOUGHT}\ntoken: {secret}\n"), "focus": false});
    let result = agent.call("look", asked).await;
    let notes = result["structuredContent"]["notes"].as_array().unwrap();
    assert!(notes.len() == 1 && text(&result).contains(notes[0].as_str().unwrap()), "{notes:?}");
    let seen = model.seen();
    assert!(seen.len() == 4 && seen.iter().all(|seen| !seen.body_text().contains(secret)));
}

#[tokio::test]
async fn a_run_that_would_cost_too_much_is_not_sent() {
    let home = home("[prices]\nm = { input = 2.0, output = 10.0 }\n[limits]\nrun_cost = 0.0001\n");
    let model = model(vec![]).await;
    let mut agent = Agent::start(&home, &model).await;
    let refused = agent.refused("look", json!({"text": THOUGHT, "focus": false})).await;
    assert!(refused.contains("limits.run_cost"), "{refused}");
    assert!(model.seen().is_empty());
}

#[tokio::test]
async fn a_run_without_any_answer_has_failed() {
    let key = Reply::json(401, r#"{"error":{"message":"bad key"}}"#);
    let (home, model) = (Home::new(), Upstream::always(key).await);
    let mut agent = Agent::start(&home, &model).await;
    let refused = agent.refused("look", json!({"text": THOUGHT, "focus": false})).await;
    assert!(refused.contains("\n- 深さ: 失敗しました。"), "{refused}");
    assert!(refused.contains("OPENAI_API_KEY"), "{refused}");
    // Reading a failed run is not an error.
    let read = agent.call("read", json!({"run": "last"})).await;
    assert_eq!(read["isError"], false);
    assert_eq!(read["structuredContent"]["outcome"], "partial");
}

#[tokio::test]
async fn a_text_that_was_cut_within_a_character_is_answered() {
    let (home, model) = (Home::new(), model(vec![]).await);
    let mut agent = Agent::start(&home, &model).await;
    let call = |id: i64, text: &[u8]| {
        let head = format!(
            r#"{{"jsonrpc":"2.0","id":{id},"method":"tools/call","params":{{"name":"look","arguments":{{"focus":false,"text":""#
        );
        [head.as_bytes(), text, br#""}}}"#].concat()
    };
    for (id, text, sent) in [
        (101, &b"We ship on Friday \\ud83d"[..], "We ship on Friday \u{fffd}"),
        (102, b"We ship on Friday \xf0\x9f", "We ship on Friday \u{fffd}"),
        (103, b"We ship on Friday \\ud83d\\ude00", "We ship on Friday \u{1f600}"),
    ] {
        agent.send_line(&call(id, text)).await;
        let result = agent.answer(id).await.unwrap();
        assert_ne!(result["isError"], true, "{result:#}");
        let seen = model.seen();
        assert!(user_message(seen.last().unwrap()).contains(sent), "{sent}");
    }
}
