//! The reasoning of models: available on demand, in no panel and in no prompt, and saved only if
//! the settings say so.

use crate::support::client::Client;
use crate::support::kit::*;
use crate::support::upstream::{
    Reply, SSE_DONE, Upstream, sse, sse_finish, sse_text, sse_thinking,
};
use kaizodo::event::{Event, Stamped};
use serde_json::{Value, json};

const THOUGHT: &str = "会議が長いのは、決める人がいないからか?";

/// Returns the answers of four models, each with reasoning in a different dialect.
fn dialects() -> [Reply; 4] {
    let whole = |pieces: Vec<String>| {
        let end = [sse_text("答え"), sse_finish("stop"), SSE_DONE.to_owned()];
        Reply::stream(pieces.into_iter().chain(end))
    };
    let delta = |delta: Value| sse(&json!({"choices": [{"index": 0, "delta": delta}]}));
    let (first, second) = THOUGHT.split_at("会議が長いのは、".len());
    let part = json!([{"type": "thinking", "thinking": [{"type": "text", "text": THOUGHT}]}]);
    [
        // DeepSeek, llama.cpp.
        whole(vec![sse_thinking(first), sse_thinking(second)]),
        // Ollama, vLLM, OpenRouter.
        whole(vec![delta(json!({"reasoning": first})), delta(json!({"reasoning": second}))]),
        // Mistral.
        whole(vec![delta(json!({"content": part}))]),
        // A chat template that has written the opening tag itself.
        whole(vec![sse_text(first), sse_text(second), sse_text("\n</think>\n\n")]),
    ]
}

async fn start_with(upstream: &Upstream, settings: Value, env: &[(&str, &str)]) -> Client {
    let mut client = launch(upstream, env);
    let mut can = vouching();
    can["textDocument"]["codeLens"] = json!({});
    client.initialize_with(json!({"capabilities": can, "initializationOptions": settings})).await;
    client.open(MEMO, "markdown", TEXT);
    client
}

async fn text(client: &mut Client, run: &Run, branch: Option<&str>) -> Result<String, Value> {
    let params = json!({"run": run.id, "branch": branch, "reasoning": true});
    let answer = client.request("kaizodo/run/text", params).await?;
    Ok(answer["text"].as_str().unwrap().to_owned())
}

fn recorded(events: &[Stamped]) -> usize {
    events.iter().filter(|stamped| matches!(stamped.event, Event::Reasoning { .. })).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_dialect_can_be_read_on_demand_and_is_nowhere_else() {
    let replies = dialects();
    let upstream = Upstream::start(move |seen| {
        match (0..4).find(|at| user_message(seen).contains(&format!("あなたの視点: {}\n", JA[*at])))
        {
            Some(section) => replies[section].clone(),
            None => finished(stream().write(sse_text("まとめ"))),
        }
    })
    .await;
    let mut client = start_with(&upstream, json!({}), &[("KAIZODO_FOCUS", "auto")]).await;
    let run = shown_run(&mut client).await;
    let events = run.ended(&mut client, 1).await;
    assert_eq!(recorded(&events), 0, "no client is sent it unasked");
    let panel = fold(&events);
    assert!(!panel.contains("決める人"), "{panel}");
    let focus = user_message(upstream.seen().last().unwrap());
    assert!(focus.contains("答え") && !focus.contains("決める人"), "{focus}");
    for branch in NAMES {
        assert_eq!(text(&mut client, &run, Some(branch)).await.unwrap().trim(), THOUGHT);
    }
    let all = text(&mut client, &run, None).await.unwrap();
    assert!(all.contains("\n## 広さ（推論）\n") && all.matches(THOUGHT).count() == 4, "{all}");
    let argument = json!({"run": run.id, "branch": "depth"});
    let shown = command(&mut client, "kaizodo.reasoning", argument.clone()).await.unwrap();
    let document = client.open_virtual(shown["uri"].as_str().unwrap()).await;
    assert!(document.starts_with("# 解像度 · ") && document.contains("\n## 深さ（推論）\n"));
    assert!(document.ends_with(&format!("{THOUGHT}\n")), "{document}");

    let params = json!({"textDocument": {"uri": run.uri}});
    let lenses = client.request("textDocument/codeLens", params).await.unwrap();
    let shows = |lens: &&Value| lens["command"]["command"] == "kaizodo.reasoning";
    let lenses: Vec<_> = lenses.as_array().unwrap().iter().filter(shows).cloned().collect();
    assert_eq!(lenses.len(), 4, "the focus has none");
    assert_eq!(lenses[0]["command"]["title"], "推論を見る");
    assert_eq!(lenses[0]["command"]["arguments"][0], argument);
    let at =
        |branch: &str| lenses.iter().find(|l| l["command"]["arguments"][0]["branch"] == branch);
    let context =
        json!({"diagnostics": [], "only": ["refactor.rewrite.kaizodo.section.reasoning"]});
    let params = json!({
        "textDocument": {"uri": run.uri}, "range": at("time").unwrap()["range"], "context": context,
    });
    let actions = client.request("textDocument/codeAction", params).await.unwrap();
    assert_eq!(actions[0]["title"], "この節の推論を見る", "{actions}");

    let none = text(&mut client, &run, Some("focus")).await.unwrap_err();
    assert!(none["message"].as_str().unwrap().contains("journal.reasoning"), "{none}");
    let copied = client.request("kaizodo/run/text", json!({"run": run.id})).await.unwrap();
    assert!(!copied["text"].as_str().unwrap().contains("決める人"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_is_saved_only_where_the_settings_say_so() {
    let upstream = by_section(dialects()).await;
    for is_kept in [false, true] {
        let settings = json!({"journal": {"reasoning": is_kept}});
        let mut first = start_with(&upstream, settings, &[]).await;
        let run = run_with(
            &mut first,
            json!({"uri": MEMO, "range": range((0, 0), (1, 0)), "perspectives": ["depth"]}),
        )
        .await;
        let live = run.ended(&mut first, 1).await;
        assert_eq!(recorded(&live) > 0, is_kept);
        let known = text(&mut first, &run, Some("depth")).await.unwrap();
        assert_eq!(first.shut_down().await, Some(0));
        let file = first.home().join(format!("state/kaizodo/journal/{}.jsonl", run.id));
        let journal = std::fs::read_to_string(file).unwrap();
        assert_eq!(journal.contains("決める人"), is_kept, "{journal}");

        let state = first.home().join("state");
        let env = [("XDG_STATE_HOME", state.to_str().unwrap())];
        let mut second = start_with(&upstream, json!({}), &env).await;
        assert_eq!(run.events(&mut second).await, live, "reopened as it was");
        let reopened = text(&mut second, &run, Some("depth")).await;
        assert_eq!(reopened.ok(), is_kept.then_some(known));
        second.shut_down().await;

        let mut show = std::process::Command::new(env!("CARGO_BIN_EXE_kaizodo"));
        show.args(["journal", "show", "--reasoning"]).env("XDG_STATE_HOME", &state);
        let output = show.env("HOME", first.home()).env("LC_ALL", "ja_JP.UTF-8").output().unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.success(), is_kept, "{printed}");
        assert_eq!(printed == format!("## 深さ（推論）\n\n{THOUGHT}\n"), is_kept, "{printed}");
    }
}
