//! Costs in `kaizodo run`: the estimate, the events, the last line and the limit.

use crate::support::program::*;
use serde_json::{Value, json};

const PRICES: &str =
    "focus = 'off'\n[prices]\nm = { input = 2.0, cached_input = 0.5, output = 10.0 }\n";

fn home(settings: &str) -> Home {
    let home = Home::new();
    home.write(".config/kaizodo/config.toml", format!("{PRICES}{settings}"));
    home
}

#[tokio::test]
async fn events_and_the_last_line_agree_on_the_cost() {
    // 6 × $2, 4 × $0.50 and 3 × $10 per million tokens, four times.
    let server = server(vec![]).await;
    let home = home("");
    let args = ["run", "--text", "Builds are slow."];
    let printed = end(&mut home.asking(&server, &args)).await;
    let line = printed.out.lines().last().unwrap();
    assert!(line.starts_with("Σ 4 requests · 40 (16 cached) → 12 tokens · "), "{printed:?}");
    assert!(line.ends_with(" s · $0.0002"), "{line}");

    let listed =
        end(&mut home.asking(&server, &["run", "--json", "--text", "Builds are slow."])).await;
    let events: Vec<Value> = listed.out.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let ends: Vec<_> = events.iter().filter(|event| event["event"] == "branch_ended").collect();
    assert!(ends.len() == 4 && ends.iter().all(|end| end["cost"] == json!(0.000_044)), "{ends:?}");
    let total = &events.last().unwrap()["total"];
    assert_eq!((&total["requests"], &total["cost"]), (&json!(4), &json!(0.000_176)));
}

#[tokio::test]
async fn a_dry_run_tells_tokens_and_money_and_a_limit_refuses() {
    let server = server(vec![]).await;
    let args = ["run", "--dry-run", "--text", "Builds are slow."];
    let json_args = [&args[..], &["--json"]].concat();
    let free = home("[limits]\nmax_tokens = 1000\n");
    let as_json = end(&mut free.asking(&server, &json_args)).await;
    let preview: Value = serde_json::from_str(&as_json.out).unwrap();
    let estimate = &preview["estimate"];
    assert_eq!(estimate["completion_tokens"], 4000);
    let sent = estimate["prompt_tokens"].as_f64().unwrap();
    let cost = estimate["cost"].as_f64().unwrap();
    assert!(sent > 100.0 && (cost - (sent * 2.0 + 40_000.0) / 1e6).abs() < 1e-9, "{estimate}");
    let as_text = end(&mut free.asking(&server, &args)).await;
    assert!(
        as_text.out.contains(" tokens in. At most 4,000 tokens out. Costs at most $0.0"),
        "{as_text:?}"
    );

    let limited = home("[limits]\nmax_tokens = 1000\nrun_cost = 0.02\n");
    let refused = end(&mut limited.asking(&server, &args)).await;
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(refused.out.contains("✗ Not sent: this run could cost up to \\$0.0"), "{refused:?}");
    let run = end(&mut limited.asking(&server, &["run", "--text", "ビルドが遅い。"])).await;
    assert_eq!(run.code, Some(1), "{run:?}");
    assert!(run.out.contains("limits.run_cost の上限 \\$0.02 を超えます"), "{run:?}");
    let unknown = home("[limits]\nrun_cost = 0.02\n");
    let mut other = unknown
        .asking(&server, &["run", "--model", "x", "--provider", "openai", "--text", "Slow."]);
    let other = end(&mut other).await;
    assert_eq!(other.code, Some(0), "a server on this computer is free: {other:?}");
    assert_eq!(server.seen().iter().filter(|seen| seen.method == "POST").count(), 4);
}

#[tokio::test]
async fn the_focus_may_cost_what_the_dearest_model_of_a_list_costs() {
    let server = server(vec![]).await;
    let settings = |limit: &str| {
        format!(
            "cheap = {{ input = 0.0, output = 0.0 }}\ndear = {{ input = 0.0, output = 1000.0 }}\n\
             [limits]\nmax_tokens = 1000\n{limit}"
        )
    };
    let args = ["run", "-p", "depth,time", "--focus", "auto", "--model", "cheap,dear"];
    let args = [&args[..], &["--json", "--text", "Builds are slow."]].concat();
    let dry = [&args[..], &["--dry-run"]].concat();
    let shown = end(&mut home(&settings("")).asking(&server, &dry)).await;
    let preview: Value = serde_json::from_str(&shown.out).unwrap();
    assert_eq!(preview["estimate"]["cost"], json!(3.0), "two views and the focus: {shown:?}");
    let limited = home(&settings("run_cost = 2.5\n"));
    let refused = end(&mut limited.asking(&server, &args)).await;
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.out.contains("Not sent: this run could cost up to $3.00"), "{refused:?}");
    assert_eq!(server.seen().iter().filter(|seen| seen.method == "POST").count(), 0);
}
