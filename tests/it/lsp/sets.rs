//! A set with several models: every model is asked about each perspective.

use crate::support::client::Client;
use crate::support::kit::*;
use crate::support::upstream::{Reply, Seen, Upstream, sse_text};
use kaizodo::event::{Event, FailureKind, Outcome, Role, Stamped};
use serde_json::{Value, json};

fn model(seen: &Seen) -> String {
    seen.json()["model"].as_str().unwrap().to_owned()
}

/// Starts a server with several models, each of which answers with its name.
async fn models() -> Upstream {
    Upstream::start(|seen| finished(stream().write(sse_text(&format!("{} の答え", model(seen))))))
        .await
}

fn both() -> Value {
    json!({"sets": {"both": {"perspectives": ["depth", "time"], "models": ["大/a", "b"]}}})
}

async fn start_with(upstream: &Upstream, settings: Value, env: &[(&str, &str)]) -> Client {
    let mut client = launch(upstream, env);
    client
        .initialize_with(json!({"capabilities": vouching(), "initializationOptions": settings}))
        .await;
    client.open(MEMO, "markdown", TEXT);
    client
}

fn of_set() -> Value {
    json!({"uri": MEMO, "range": range((0, 0), (1, 0)), "set": "both"})
}

fn branches(events: &[Stamped]) -> Vec<(String, String)> {
    let Event::RunStarted { sections, .. } = &events[0].event else { panic!("{events:?}") };
    let views = sections.iter().filter(|section| section.role == Role::View);
    views.map(|section| (section.branch.0.to_string(), section.title.clone())).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_model_has_a_section_of_its_own_and_the_focus_reads_all() {
    let upstream = models().await;
    let mut client = start_with(&upstream, both(), &[("KAIZODO_FOCUS", "auto")]).await;
    let run = run_with(&mut client, of_set()).await;
    let events = run.ended(&mut client, 1).await;
    let expected = [
        ("depth@大/a", "深さ · 大/a"),
        ("depth@b", "深さ · b"),
        ("time@大/a", "時間 · 大/a"),
        ("time@b", "時間 · b"),
    ];
    assert_eq!(branches(&events), expected.map(|(b, t)| (b.to_owned(), t.to_owned())));
    let text = fold(&events);
    for (_, title) in expected {
        let model = title.rsplit(" · ").next().unwrap();
        let section = section(&text, title);
        assert!(section.contains(&format!("{model} の答え")), "{section}");
        assert!(section.contains(&format!("\n`{model}` · ")), "{section}");
    }
    let seen = upstream.seen();
    let asked: Vec<_> = seen.iter().map(model).collect();
    assert_eq!(asked.len(), 5);
    assert_eq!(asked[4], "m", "the focus is of the settings' model");
    let focus = user_message(&seen[4]);
    for (_, title) in expected {
        assert!(focus.contains(&format!("{title}\n")), "{title} in {focus}");
    }
    // For one perspective, every model gets the same question.
    let of = |name: &str, section: usize| {
        let found =
            seen[..4].iter().find(|seen| model(seen) == name && section_of(seen) == section);
        found.map(user_message).unwrap()
    };
    assert_eq!(of("b", 0), of("大/a", 0));

    for (times, argument, asked) in [
        (2, json!({"run": run.id, "branch": "depth@大/a"}), "大/a"),
        (3, json!({"run": run.id, "branch": "depth@b", "model": "c"}), "c"),
    ] {
        command(&mut client, "kaizodo.retry", argument).await.unwrap();
        run.ended(&mut client, times).await;
        assert_eq!(model(upstream.seen().last().unwrap()), asked);
    }
    let argument = json!({"run": run.id, "branch": "time@b", "question": "なぜ今?"});
    command(&mut client, "kaizodo.ask", argument).await.unwrap();
    let events = run.ended(&mut client, 4).await;
    assert_eq!(model(upstream.seen().last().unwrap()), "b", "who answered is asked");
    assert!(section(&fold(&events), "深さ · b").contains("c の答え"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_is_reopened_retried_and_run_again_with_its_models() {
    let upstream = models().await;
    let mut first = start_with(&upstream, both(), &[]).await;
    let run = run_with(&mut first, of_set()).await;
    let live = fold(&run.ended(&mut first, 1).await);
    assert_eq!(first.shut_down().await, Some(0));
    let state = first.home().join("state");
    let env = [("XDG_STATE_HOME", state.to_str().unwrap())];
    // The set is no longer in the settings, but the run knows what it asked.
    let mut client = start_with(&upstream, json!({}), &env).await;
    command(&mut client, "kaizodo.open", json!({"run": run.id})).await.unwrap();
    assert_eq!(run.panel(&mut client).await, live);
    let argument = json!({"run": run.id, "branch": "time@大/a"});
    command(&mut client, "kaizodo.retry", argument).await.unwrap();
    run.ended(&mut client, 2).await;
    assert_eq!(model(upstream.seen().last().unwrap()), "大/a");

    let before = upstream.seen().len();
    let again = run_with(&mut client, json!({"run": run.id})).await;
    let events = again.ended(&mut client, 1).await;
    assert_eq!(branches(&events).len(), 4);
    assert_eq!(branches(&events)[1].1, "深さ · b");
    let asked = upstream.seen()[before..].iter().filter(|seen| model(seen) == "b").count();
    assert_eq!(asked, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_preview_and_a_limit_count_every_section() {
    let upstream = models().await;
    let price = json!({"input": 1.0, "output": 10.0});
    let mut settings = both();
    settings["prices"] = json!({"大/a": price, "b": price, "m": price});
    settings["limits"] = json!({"max_tokens": 1000, "run_cost": 0.03});
    let mut client = start_with(&upstream, settings, &[]).await;
    let shown = command(&mut client, "kaizodo.preview", of_set()).await.unwrap();
    let preview = client.open_virtual(shown["uri"].as_str().unwrap()).await;
    assert!(preview.contains("\n## 時間 · 大/a\n"), "{preview}");
    assert_eq!(preview.matches("\n✗ 送っていません。").count(), 4, "{preview}");
    let run = run_with(&mut client, of_set()).await;
    let events = run.ended(&mut client, 1).await;
    let refused = events.iter().filter(|stamped| match &stamped.event {
        Event::BranchEnded { outcome: Outcome::Failed(failure), .. } => {
            failure.kind == FailureKind::Limit
        }
        _ => false,
    });
    assert_eq!(refused.count(), 4, "four answers of a thousand tokens are over three cents");
    assert!(upstream.seen().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_does_not_vouch_asks_no_other_models() {
    let upstream = Upstream::always(Reply::status(500)).await;
    let mut client = launch(&upstream, &[]);
    client
        .initialize_with(json!({"capabilities": capabilities(), "initializationOptions": both()}))
        .await;
    client.open(MEMO, "markdown", TEXT);
    let shown = command(&mut client, "kaizodo.preview", of_set()).await.unwrap();
    let preview = client.open_virtual(shown["uri"].as_str().unwrap()).await;
    assert!(preview.contains("\n## 時間\n") && !preview.contains("大/a"), "{preview}");
    assert!(preview.contains("sets.models"), "it is told: {preview}");
}
