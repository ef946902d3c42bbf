//! Runs over the API: starting, stopping, retrying, asking, marking and finding them again.

use super::{Events, Served, read};
use crate::support::kit::fold;
use crate::support::program::{ASKED, Home, end, server};
use crate::support::upstream::*;
use kaizodo::event::{Event, Outcome, Stamped};
use reqwest::Method;
use serde_json::{Value, json};

const TEXT: &str = "会議が長い。\n毎週、予定を三十分過ぎる。\n";

/// Starts a server that answers each section and question in the same way, except for `special`.
async fn scripted(special: Vec<(&'static str, Reply)>) -> Upstream {
    let rest = [("会議", answer(["- **一**: 言葉\n", "- 二\n"]))];
    Upstream::rules(special.into_iter().chain(rest).collect()).await
}

fn two() -> Value {
    json!({"text": TEXT, "language": "markdown", "perspectives": ["depth", "breadth"]})
}

fn outcomes(events: &[Stamped]) -> Vec<(String, bool)> {
    let ends = events.iter().filter_map(|stamped| match &stamped.event {
        Event::BranchEnded { branch, outcome, .. } => {
            Some((branch.to_string(), *outcome == Outcome::Done))
        }
        _ => None,
    });
    ends.collect()
}

#[tokio::test]
async fn a_run_is_a_stream_of_the_journal_s_events_to_the_letter() {
    let (upstream, home) = (scripted(Vec::new()).await, Home::new());
    let served = Served::start(&home, &upstream).await;
    let response = served.post("/v1/runs", two()).await;
    let place = response.headers()["location"].to_str().unwrap().to_owned();
    let mut stream = Events::of(response);
    let mut lines = Vec::new();
    while let Some((id, data)) = stream.raw().await {
        assert_eq!(id, lines.len() as u64 + 1, "without gaps");
        lines.push(data);
    }
    let run = place.strip_prefix("/v1/runs/").unwrap();
    let file = home.path().join(format!(".local/state/kaizodo/journal/{run}.jsonl"));
    let saved = loop {
        let saved = std::fs::read_to_string(&file).unwrap_or_default();
        if saved.contains("run_ended") {
            break saved;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    };
    let saved: Vec<_> = saved.lines().filter(|line| line.contains("\"event\":")).collect();
    assert_eq!(lines, saved);
    let events: Vec<Stamped> =
        lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let panel = served.get(&place).header("accept", "text/markdown").send().await.unwrap();
    assert_eq!(panel.headers()["content-type"], "text/markdown; charset=utf-8");
    assert_eq!(panel.text().await.unwrap(), fold(&events));
    let clean = served.get(&format!("{place}?clean=true")).header("accept", "text/plain");
    let clean = clean.send().await.unwrap().text().await.unwrap();
    assert!(
        clean.contains("## 広さ\n\n- **一**: 言葉\n- 二\n") && !clean.contains("`m` · "),
        "{clean}"
    );
    let whole = read(served.get("/v1/runs/last").send().await.unwrap(), 200).await;
    assert_eq!((&whole["run"], &whole["over"]), (&json!(run), &json!(true)));
    assert_eq!(whole["events"], serde_json::to_value(&events).unwrap());
    assert_eq!(whole["sections"][1]["title"], "広さ");
}

#[tokio::test]
async fn one_section_is_stopped_and_asked_anew_while_the_other_goes_on() {
    let gate = Gate::new();
    let slow = |text: &str| {
        Reply::stream([sse_text(text)])
            .step(Step::Until(gate.clone()))
            .write([sse_finish("stop"), SSE_DONE.to_owned()].concat())
    };
    let upstream =
        scripted(vec![(ASKED[0], slow("- 深いところ\n")), (ASKED[1], slow("- 広いところ\n"))])
            .await;
    let served = Served::start(&Home::new(), &upstream).await;
    let mut english = two();
    english["lang"] = json!("en");
    let run = served.run(english).await;
    let mut events = served.follow(&run, 0).await;
    let mut texts = 0;
    while texts < 2 {
        texts += usize::from(matches!(events.next().await.unwrap().event, Event::Delta { .. }));
    }
    let path = |what: &str| format!("/v1/runs/{run}/{what}");
    let refused = served.posted(&path("retry"), json!({"branch": "depth"}), 409).await;
    assert_eq!(refused["error"]["kind"], "running");
    let stopped = served.posted(&path("cancel"), json!({"branch": "depth"}), 200).await;
    assert_eq!(stopped, json!({"cancelled": 1}));
    upstream.closed(1).await;
    let is_end = |stamped: &Stamped| matches!(stamped.event, Event::BranchEnded { .. });
    let mut all = Vec::new();
    while !all.last().is_some_and(is_end) {
        all.push(events.next().await.unwrap());
    }
    let retried =
        served.posted(&path("retry"), json!({"branch": "depth", "effort": "low"}), 202).await;
    assert_eq!(retried, json!({"branch": "depth"}));
    upstream.arrived(3).await;
    gate.open();
    all.extend(events.rest().await);
    let ends = outcomes(&all);
    assert_eq!(ends.first(), Some(&("depth".to_owned(), false)), "{ends:?}");
    let mut done = ends[1..].to_vec();
    done.sort();
    assert_eq!(done, [("breadth".to_owned(), true), ("depth".to_owned(), true)]);
    let whole = served.posted(&path("cancel"), json!({}), 200).await;
    assert_eq!(whole, json!({"cancelled": 0}));
}

#[tokio::test]
async fn questions_and_marks_go_on_from_an_answer_also_of_the_journal() {
    let (upstream, home) = (scripted(Vec::new()).await, Home::new());
    let served = Served::start(&home, &upstream).await;
    let run = served.run(two()).await;
    let before = served.follow(&run, 0).await.rest().await;
    served.interrupt();
    assert_eq!(served.end().await, Some(0));
    let served = Served::start(&home, &upstream).await;
    let path = |what: &str| format!("/v1/runs/{run}/{what}");
    let asked =
        served.posted(&path("ask"), json!({"branch": "depth", "question": "なぜ?"}), 202).await;
    assert_eq!(asked, json!({"branch": "ask-1"}));
    let last = before.last().unwrap().seq;
    let new = served.follow(&run, last).await.rest().await;
    assert_eq!(new[0].seq, last + 1);
    assert!(
        matches!(&new[0].event, Event::SectionAdded { question, .. } if question == "なぜ?"),
        "{new:?}"
    );
    assert_eq!(outcomes(&new), [("ask-1".to_owned(), true)]);
    let marked = json!({"branch": "depth", "line": 0, "comment": "どの会議?"});
    let marked = served.posted(&path("mark"), marked, 200).await;
    assert_eq!(marked["item"]["text"], "- **一**: 言葉");
    served.posted(&path("retry"), json!({"branch": "depth", "marks": true}), 202).await;
    upstream
        .until("the comment", |seen| seen.last().unwrap().body_text().contains("どの会議?"))
        .await;
    served.follow(&run, 0).await.rest().await;
    let panel = served.get(&path("")[..path("").len() - 1]).header("accept", "text/markdown");
    let panel = panel.send().await.unwrap().text().await.unwrap();
    assert!(panel.contains("なぜ?"), "{panel}");
}

#[tokio::test]
async fn saved_runs_are_listed_searched_pinned_and_deleted() {
    let (upstream, home) = (scripted(Vec::new()).await, Home::new());
    let served = Served::start(&home, &upstream).await;
    let run = served.run(two()).await;
    served.follow(&run, 0).await.next().await;
    let now = read(served.get("/v1/runs").send().await.unwrap(), 200).await;
    assert_eq!(now["runs"][0]["run"], json!(run), "at once: {now}");
    assert_eq!(now["runs"][0]["perspectives"], json!(["深さ", "広さ"]));
    served.follow(&run, 0).await.rest().await;
    let pin = served.post(&format!("/v1/runs/{run}/pin"), json!({"pinned": true})).await;
    assert_eq!(pin.status(), 204);
    // A run from the command line is in the same journal.
    let ended = end(&mut home.asking(&upstream, &["run", "--text", "Other: 会議"])).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let list = read(served.get("/v1/runs").send().await.unwrap(), 200).await;
    let found: Vec<_> = list["runs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| (r["title"].clone(), r["pinned"].clone()))
        .collect();
    assert_eq!(found, [(json!("Other: 会議"), json!(false)), (json!("会議が長い"), json!(true))]);
    let query = |query: &str| served.get("/v1/runs").query(&[("query", query)]).send();
    let hits = read(query("三十分 ﾖﾃｲ").await.unwrap(), 200).await;
    assert_eq!(hits["runs"].as_array().unwrap().len(), 0, "{hits}");
    let hits = read(query("三十分 予定").await.unwrap(), 200).await;
    assert_eq!(hits["runs"][0]["run"], json!(run));
    assert!(hits["runs"][0]["snippet"].as_str().unwrap().contains("予定"), "{hits}");
    let path = format!("/v1/runs/{run}");
    let part = served.request(Method::DELETE, &path[..path.len() - 1]).send().await.unwrap();
    assert_eq!(read(part, 404).await["error"]["kind"], "unknown_run", "only by the whole name");
    let gone = served.request(Method::DELETE, &path).send().await.unwrap();
    assert_eq!(gone.status(), 204);
    let twice = served.request(Method::DELETE, &path).send().await.unwrap();
    assert_eq!(read(twice, 404).await["error"]["kind"], "unknown_run");
    let shown = served.get(&path).send().await.unwrap();
    assert_eq!(read(shown, 404).await["error"]["kind"], "unknown_run");
    let list = read(served.get("/v1/runs").send().await.unwrap(), 200).await;
    assert_eq!(list["runs"].as_array().unwrap().len(), 1, "{list}");
    let list = read(served.get("/v1/runs?pinned=true").send().await.unwrap(), 200).await;
    assert_eq!(list, json!({"runs": []}));
}

#[tokio::test]
async fn a_run_that_another_process_writes_is_refused_until_it_has_ended() {
    let gate = Gate::new();
    let held = Reply::stream([sse_text("- 深いところ\n")])
        .step(Step::Until(gate.clone()))
        .write([sse_finish("stop"), SSE_DONE.to_owned()].concat());
    let (upstream, home) = (scripted(vec![("会議", held)]).await, Home::new());
    let served = Served::start(&home, &upstream).await;
    let mut other = home.asking(&upstream, &["run", "-p", "depth", "--text", TEXT]);
    let ended = tokio::spawn(async move { end(&mut other).await });
    upstream.arrived(1).await;
    let run = loop {
        let list = read(served.get("/v1/runs").send().await.unwrap(), 200).await;
        if let Some(run) = list["runs"][0]["run"].as_str() {
            assert_eq!(list["runs"][0]["alive"], true, "{list}");
            break run.to_owned();
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    };
    let path = format!("/v1/runs/{run}");
    for method in [Method::GET, Method::DELETE] {
        let refused = served.request(method, &path).send().await.unwrap();
        let refused = read(refused, 409).await;
        assert_eq!(refused["error"]["kind"], "running", "{refused}");
        let message = refused["error"]["message"].as_str().unwrap();
        assert!(message.starts_with("Another kaizodo process is writing"), "{refused}");
    }
    gate.open();
    assert_eq!(ended.await.unwrap().code, Some(0));
    let whole = read(served.get(&path).send().await.unwrap(), 200).await;
    assert_eq!(whole["over"], true);
}

#[tokio::test]
async fn what_would_be_sent_and_who_answers_is_told_and_nothing_is_sent() {
    let upstream = scripted(Vec::new()).await;
    let served = Served::start(&Home::new(), &upstream).await;
    let preview = served.posted("/v1/preview", two(), 200).await;
    assert!(
        preview["document"].as_str().unwrap().contains(TEXT.lines().next().unwrap()),
        "{preview}"
    );
    let status = read(served.get("/v1/status").send().await.unwrap(), 200).await;
    assert_eq!(status["answered_by"], json!(format!("127.0.0.1:{}", upstream.port())));
    assert_eq!(status["lang"], "en");
    let japanese = served.get("/v1/perspectives").header("accept-language", "ja-JP, en;q=0.5");
    let all = read(japanese.send().await.unwrap(), 200).await;
    assert_eq!(all["perspectives"][0]["title"], "深さ");
    assert_eq!(all["perspectives"][0]["origin"], "built_in");
    assert_eq!(
        all["sets"][0],
        json!({"name": "default", "perspectives": ["depth", "breadth", "structure", "time"], "focus": "off"})
    );
    assert_eq!(upstream.seen().len(), 0);
}

#[tokio::test]
async fn what_is_wrong_is_said_with_its_member_and_the_next_step() {
    let upstream = server(vec![(ASKED[0], answer(["x"]))]).await;
    let served = Served::start(&Home::new(), &upstream).await;
    let huge = "長".repeat(120_000);
    for (body, status, kind, words) in [
        (json!({"text": ""}), 422, "empty", "Specify"),
        (json!({"text": 3}), 400, "body", "`text`"),
        (json!({"text": "a", "focus": "on"}), 400, "body", "`focus`"),
        (json!({"text": "a", "sets": "x"}), 400, "body", "sets"),
        (json!({"text": "a", "set": "x"}), 422, "unknown_set", "Available: default"),
        (json!({"text": "a", "perspectives": ["dept"]}), 422, "unknown_perspective", "depth"),
        (
            json!({"text": "a", "perspectives": []}),
            422,
            "unknown_perspective",
            "kaizodo perspectives",
        ),
        (json!({"text": huge}), 413, "too_large", ""),
        (json!([]), 400, "body", "JSON"),
    ] {
        let shown = body.to_string().chars().take(60).collect::<String>();
        let refused = served.posted("/v1/runs", body, status).await;
        assert_eq!(refused["error"]["kind"], kind, "{shown}: {refused}");
        assert!(
            refused["error"]["message"].as_str().unwrap().contains(words),
            "{shown}: {refused}"
        );
    }
    for path in ["/nothing", "/v1", "/v1/none"] {
        let refused = read(served.get(path).send().await.unwrap(), 404).await;
        assert_eq!(refused["error"]["kind"], "unknown_path", "{path}");
    }
    let refused = read(served.get("/v1/runs/%FF").send().await.unwrap(), 400).await;
    assert_eq!(refused["error"]["kind"], "path");
    let raw = |kind: &'static str, body: &'static str| {
        served.request(Method::POST, "/v1/runs").header("content-type", kind).body(body).send()
    };
    let refused = read(raw("text/plain", "{}").await.unwrap(), 415).await;
    assert_eq!(refused["error"]["kind"], "content_type");
    for broken in ["", "{", "{}x", "{\"text\":\"\\ud800\"}"] {
        let refused = read(raw("application/json", broken).await.unwrap(), 400).await;
        assert_eq!(refused["error"]["kind"], "body", "{broken}");
    }
    let japanese = served.get("/v1/runs/nothing").header("accept-language", "ja").send().await;
    let refused = read(japanese.unwrap(), 404).await;
    assert!(refused["error"]["message"].as_str().unwrap().contains("ありません"), "{refused}");
    assert_eq!(
        read(served.get("/v1/runs?limit=x").send().await.unwrap(), 400).await["error"]["kind"],
        "query"
    );
    assert_eq!(upstream.seen().len(), 0, "nothing was sent");
}

#[tokio::test]
async fn a_list_in_pages_has_every_run_once_saved_or_not() {
    let (upstream, home) = (scripted(Vec::new()).await, Home::new());
    home.write(".config/kaizodo/config.toml", "[journal]\nenabled = true\n");
    for n in 0..3 {
        let text = format!("会議 {n}");
        let ended =
            end(&mut home.asking(&upstream, &["run", "-p", "depth", "--text", &text])).await;
        assert_eq!(ended.code, Some(0), "{ended:?}");
    }
    home.write(".config/kaizodo/config.toml", "[journal]\nenabled = false\n");
    let served = Served::start(&home, &upstream).await;
    for n in 3..5 {
        let text = format!("会議 {n}");
        let run = served.run(json!({"text": text, "perspectives": ["depth"]})).await;
        served.follow(&run, 0).await.rest().await;
    }
    // Looking at a saved run does not make it a run of this server.
    read(served.get("/v1/runs/last").send().await.unwrap(), 200).await;
    for limit in 1..7 {
        let (mut titles, mut before) = (Vec::new(), String::new());
        loop {
            let page = served.get(&format!("/v1/runs?limit={limit}{before}")).send().await.unwrap();
            let page = read(page, 200).await;
            let runs = page["runs"].as_array().unwrap();
            assert!(runs.len() <= limit, "{page}");
            titles.extend(runs.iter().map(|run| run["title"].as_str().unwrap().to_owned()));
            match page["next"].as_str() {
                Some(next) => before = format!("&before={next}"),
                None => break,
            }
        }
        let all: Vec<_> = (0..5).rev().map(|n| format!("会議 {n}")).collect();
        assert_eq!(titles, all, "in pages of {limit}");
    }
}

#[tokio::test]
async fn a_set_is_told_with_when_its_focus_is_written() {
    let (upstream, home) = (scripted(Vec::new()).await, Home::new());
    home.write(
        ".config/kaizodo/config.toml",
        "focus = 'ask'\nsets = { a = { perspectives = ['depth', 'time'], focus = 'off' }, b = ['depth', 'scale'] }",
    );
    let mut serve = home.asking(&upstream, &["serve", "--port", "0", "--json"]);
    let served = Served::of(serve.env_remove("KAIZODO_FOCUS")).await;
    let all = read(served.get("/v1/perspectives").send().await.unwrap(), 200).await;
    assert_eq!(all["focus"], "ask");
    let mode = |name: &str| {
        let set = all["sets"].as_array().unwrap().iter().find(|set| set["name"] == name);
        set.unwrap()["focus"].clone()
    };
    assert_eq!(["default", "a", "b"].map(mode), [json!("ask"), json!("off"), json!("ask")]);
}

#[tokio::test]
async fn a_set_of_several_models_is_told_by_its_perspectives_and_asked_by_its_name() {
    let (upstream, home) = (scripted(Vec::new()).await, Home::new());
    home.write(
        ".config/kaizodo/config.toml",
        "sets = { both = { perspectives = ['depth', 'time'], models = ['甲', '乙'] } }",
    );
    let served = Served::start(&home, &upstream).await;
    let all = read(served.get("/v1/perspectives").send().await.unwrap(), 200).await;
    let both = all["sets"].as_array().unwrap().iter().find(|set| set["name"] == "both").unwrap();
    assert_eq!(both["perspectives"], json!(["depth", "time"]));
    let run = served.run(json!({"text": TEXT, "set": "both"})).await;
    served.follow(&run, 0).await.rest().await;
    let whole = read(served.get(&format!("/v1/runs/{run}")).send().await.unwrap(), 200).await;
    let titles: Vec<_> =
        whole["sections"].as_array().unwrap().iter().map(|s| s["title"].clone()).collect();
    assert_eq!(titles.len(), 4, "{titles:?}");
    assert_eq!(upstream.seen().len(), 4);
}
