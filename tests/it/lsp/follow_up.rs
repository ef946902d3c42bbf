//! `kaizodo.ask`: a question about one section or about all of them, answered in a new section.

use crate::support::client::Client;
use crate::support::kit::*;
use crate::support::upstream::{Gate, Reply, Seen, Step, Upstream, answer};
use kaizodo::event::{Event, RunOutcome};
use serde_json::{Value, json};

const QUESTION: &str = "誰が決めるのですか？";

/// Starts a model that answers views at once, and follow-up questions when the gate opens.
async fn model(gate: &Gate) -> Upstream {
    let gate = gate.clone();
    Upstream::start(move |seen| match is_follow_up(seen) {
        true => {
            let held = Step::Until(gate.clone());
            finished(paced(stream().step(held), ["司会が", "決めます。"].map(str::to_owned), 0))
        }
        false => answer([["深い答え", "広い答え", "構造の答え", "時間の答え"][section_of(seen)]]),
    })
    .await
}

async fn ask(client: &mut Client, argument: Value) -> Result<Value, Value> {
    command(client, "kaizodo.ask", argument).await
}

fn roles(seen: &Seen) -> Vec<String> {
    let json = seen.json();
    let messages = json["messages"].as_array().unwrap().iter();
    messages.map(|message| message["role"].as_str().unwrap().to_owned()).collect()
}

fn content(seen: &Seen, at: usize) -> String {
    seen.json()["messages"][at]["content"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_answer_grows_below_the_section_that_was_asked_and_no_other_changes() {
    let gate = Gate::new();
    let upstream = model(&gate).await;
    let mut client = start(&upstream, capabilities()).await;
    let run = shown_run(&mut client).await;
    let events = run.ended(&mut client, 1).await;
    let folded = fold(&events);
    let before = client.wait_document(&run.uri, |text| text == folded).await;

    let argument = json!({"run": run.id, "branch": "depth", "question": QUESTION});
    let answered = ask(&mut client, argument).await.unwrap();
    assert_eq!(answered, json!({"run": run.id, "branch": "ask-1"}));
    let waits = |text: &str| is_in_section(text, "誰が決めるのですか？", "_… 答えを待っています_");
    let waiting = client.wait_document(&run.uri, waits).await;
    let below = waiting.find("## 誰が").unwrap();
    assert!(waiting.find("## 深さ") < Some(below) && Some(below) < waiting.find("## 広さ"));
    gate.open();
    let events = run.ended(&mut client, 2).await;
    let folded = fold(&events);
    let after = client.wait_document(&run.uri, |text| text == folded).await;
    assert!(is_in_section(&after, "誰が決めるのですか？", "司会が決めます。"), "{after}");
    for title in JA {
        assert_eq!(section(&after, title), section(&before, title));
    }
    assert_eq!(client.pulls(&run.uri), 1, "edits were enough");

    let seen = upstream.arrived(5).await;
    let first = request_for(&seen[..4], 0);
    assert_eq!(roles(&seen[4]), ["system", "user", "assistant", "user"]);
    for at in [0, 1] {
        assert_eq!(content(&seen[4], at), content(first, at), "a prefix cache serves it");
    }
    assert_eq!(content(&seen[4], 2), "深い答え");
    assert!(content(&seen[4], 3).contains(QUESTION));

    // A question about the answer to the first question.
    let argument = json!({"run": run.id, "branch": "ask-1", "question": "いつ？"});
    assert_eq!(ask(&mut client, argument).await.unwrap()["branch"], "ask-2");
    let seen = upstream.arrived(6).await;
    let chain = ["system", "user", "assistant", "user", "assistant", "user"];
    assert_eq!(roles(&seen[5]), chain);
    assert_eq!(content(&seen[5], 4), "司会が決めます。");
    run.ended(&mut client, 3).await;
    // A retry sends exactly the same messages again.
    let argument = json!({"run": run.id, "branch": "ask-2", "effort": "low"});
    command(&mut client, "kaizodo.retry", argument).await.unwrap();
    let seen = upstream.arrived(7).await;
    assert_eq!(seen[6].json()["messages"], seen[5].json()["messages"]);
    assert_eq!(seen[6].json()["reasoning_effort"], "low");
    let events = run.ended(&mut client, 4).await;
    let done =
        matches!(events.last().unwrap().event, Event::RunEnded { outcome: RunOutcome::Done, .. });
    assert!(done, "{events:?}");
    let titles: Vec<_> = fold(&events)
        .lines()
        .filter_map(|line| line.strip_prefix("## ").map(str::to_owned))
        .collect();
    assert_eq!(titles, ["深さ", "誰が決めるのですか？", "いつ？", "広さ", "構造", "時間"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_question_to_all_is_shown_what_every_section_wrote() {
    let gate = Gate::new();
    gate.open();
    let upstream = model(&gate).await;
    let mut client = start(&upstream, capabilities()).await;
    let run = shown_run(&mut client).await;
    run.ended(&mut client, 1).await;
    let secret =
        format!("このトークン {} は使えますか", "ghp_0123456789abcdefghijABCDEFGHIJ012345");
    let argument = json!({"run": run.id, "question": secret});
    ask(&mut client, argument).await.unwrap();
    let seen = upstream.arrived(5).await;
    assert_eq!(roles(&seen[4]), ["system", "user"]);
    let asked = user_message(&seen[4]);
    for words in ["深い答え", "広い答え", "構造の答え", "時間の答え", "⟨伏せ字: GitHub のトークン⟩"]
    {
        assert!(asked.contains(words), "{words} is missing in {asked}");
    }
    let events = run.ended(&mut client, 2).await;
    let text = fold(&events);
    let last = text.rfind("\n## ").unwrap();
    assert!(text[last..].contains("司会が決めます。"), "it stands below all others: {text}");
    assert!(!serde_json::to_string(&events).unwrap().contains("ghp_0123"), "kept nowhere");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_question_that_cannot_be_asked_is_refused_with_its_reason() {
    let upstream = Upstream::start(|seen| match section_of(seen) {
        0 => Reply::status(400),
        3 => stuck("途中"),
        _ => answer(["答え"]),
    })
    .await;
    let mut client = start(&upstream, capabilities()).await;
    let run = shown_run(&mut client).await;
    client.wait_document(&run.uri, |text| is_in_section(text, "時間", "途中")).await;
    client.wait_document(&run.uri, |text| is_in_section(text, "深さ", "✗")).await;
    client.wait_document(&run.uri, |text| is_in_section(text, "広さ", "`m`")).await;
    upstream.arrived(4).await;
    let refused = [
        (
            json!({"run": run.id, "branch": "smell", "question": "x"}),
            "This run has no section \"smell\".",
        ),
        (
            json!({"run": run.id, "branch": "depth", "question": "x"}),
            "The section \"深さ\" has no answer yet. Write or retry it first.",
        ),
        (
            json!({"run": run.id, "branch": "time", "question": "x"}),
            "The section \"時間\" is still being written. Wait for it to finish, or stop it first.",
        ),
        (
            json!({"run": run.id, "branch": "breadth", "question": " "}),
            "The question is empty. Write what you want to know.",
        ),
        (
            json!({"run": run.id, "branch": "breadth"}),
            "Invalid argument `arguments[0]` for kaizodo.ask: missing field `question`",
        ),
        (
            json!({"run": "01x", "question": "x"}),
            "Run 01x is neither on this server nor in the journal. Select the text and run the action again.",
        ),
    ];
    for (argument, sentence) in refused {
        let error = ask(&mut client, argument).await.unwrap_err();
        assert_eq!(error["message"], sentence);
    }
    assert_eq!(upstream.seen().len(), 4, "nothing was sent");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_model_the_section_says_how_to_get_one() {
    let upstream = Upstream::always(answer(["x"])).await;
    let mut client = launch(&upstream, &[("KAIZODO_PROVIDER", "worksheet")]);
    client.initialize(capabilities()).await;
    client.open(MEMO, "markdown", TEXT);
    let run = shown_run(&mut client).await;
    run.ended(&mut client, 1).await;
    let argument = json!({"run": run.id, "branch": "depth", "question": QUESTION});
    ask(&mut client, argument).await.unwrap();
    let text = fold(&run.ended(&mut client, 2).await);
    let says = "✗ この質問に答えるモデルがありません。`kaizodo setup`";
    assert!(is_in_section(&text, "誰が決めるのですか？", says), "{text}");
    assert_eq!(upstream.seen().len(), 0);
}
