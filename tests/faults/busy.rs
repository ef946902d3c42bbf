//! The server asks the client to wait, and some requests are retried automatically.

use crate::bench::*;
use crate::support::kit::{run, section};
use crate::support::upstream::*;
use kaizodo::event::{Event, Outcome, RunOutcome, Stamped};
use std::time::Duration;

const LATER: (&str, &str) = (
    "HOST への要求が多すぎます（429）。121 秒後にもう一度実行してください。",
    "HOST is rate-limiting requests (429). Retry in 121 s.",
);

fn error(status: u16) -> Reply {
    Reply::json(status, r#"{"error":{"message":"try later"}}"#)
}

fn asks(name: &str, value: &str) -> Reply {
    Reply::status(429).header("date", "Sun, 06 Nov 1994 08:49:37 GMT").header(name, value)
}

/// Asserts that the section is complete once the server has recovered.
async fn recovers(name: &'static str, reply: Reply) -> Told {
    Fault::in_turn(name, [reply, answer([GOOD])])
        .keeps(GOOD)
        .ends("done", "")
        .requests(2)
        .check()
        .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f01_a_429_is_waited_for_as_long_as_it_says_and_the_section_shows_it() {
    let upstream = one_broken(vec![asks("retry-after", "1"), answer([GOOD])]).await;
    let mut client = editor(&upstream.url(), "", &[]).await;
    let run = run(&mut client).await;
    client.open_virtual(&run.uri).await;
    let waits = |text: &str| text.contains("\n## 広さ\n\n↻ 1.");
    let text = client.wait_document(&run.uri, waits).await;
    let shown = section(&text, "広さ");
    assert!(shown.contains(" 秒後にもう一度送ります（2 回目）。127.0.0.1:"), "{shown}");
    let events = run.ended(&mut client, 1).await;
    let retrying = events.iter().find_map(|e| match &e.event {
        Event::BranchRetrying { attempt, after_ms, failure, .. } => {
            Some((*attempt, *after_ms, failure.retry_after_ms))
        }
        _ => None,
    });
    let (attempt, after_ms, asked) = retrying.unwrap();
    assert_eq!((attempt, asked), (2, Some(1_000)));
    assert!((1_250..=1_750).contains(&after_ms), "{after_ms} ms: what was asked, and a spread");
    let seen = upstream.seen();
    let again = &seen[4];
    let first = seen.iter().find(|s| s.body == again.body).unwrap();
    assert!(again.arrived - first.arrived >= Duration::from_secs(1));
    let others = seen.iter().filter(|s| s.body != again.body);
    assert!(others.clone().all(|s| s.ended.unwrap() < again.arrived), "the others go on");
    assert_eq!((others.count(), seen.len()), (3, 5));

    recovers("on the command line", asks("retry-after-ms", "50")).await;
    for (status, name) in [(429, "in the body"), (200, "in an answer")] {
        let words = r#"{"error":{"code":429,"message":"later","details":[{"retryDelay":"1s"}]}}"#;
        let told = recovers(name, Reply::json(status, words)).await;
        let asked = told.events.iter().find_map(|e| match &e.event {
            Event::BranchRetrying { failure, .. } => failure.retry_after_ms,
            _ => None,
        });
        assert_eq!(asked, Some(1_000), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f02_a_wait_over_the_cap_ends_it_and_is_told() {
    for (name, value) in [
        ("retry-after", "121"),
        ("retry-after-ms", "120001"),
        ("retry-after", "Sun, 06 Nov 1994 08:51:38 GMT"),
    ] {
        let fault = Fault::new("over the cap", asks(name, value));
        fault.ends("failed", "rate_limited").says(LATER.0, LATER.1).check().await;
    }
    let fault = Fault::new("a cap of the user's", asks("retry-after", "1"));
    fault.settings("[retries]\nwait_ms = 999\n").ends("failed", "rate_limited").check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f02_a_wait_that_is_nonsense_is_our_own() {
    for value in
        ["nan", "inf", "1e35", "-10", "", "0", "Zun, 29 Nov 1994", "Sun, 06 Nov 1994 08:49:17 GMT"]
    {
        recovers("nonsense", asks("retry-after", value)).await;
    }
    let huge = "100000000000000000000000000000000000";
    recovers("nonsense", asks("retry-after", huge)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f02_the_waits_of_a_section_have_an_end_together() {
    let fault = Fault::new("60 ms each", asks("retry-after-ms", "60"));
    let fault = fault.settings("[retries]\nattempts = 100\nwait_ms = 200\nbackoff_ms = 1\n");
    let told = fault.ends("failed", "rate_limited").requests(4).check().await;
    let waits = told.events.iter().filter(|e| matches!(e.event, Event::BranchRetrying { .. }));
    assert_eq!(waits.count(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f03_a_fault_of_the_servers_is_tried_three_times_under_one_name() {
    for status in [500, 502, 503, 529] {
        let fault = Fault::new("a fault of the server's", error(status)).requests(3);
        let told = fault
            .ends("failed", "server")
            .says(
                format!("HOST で障害が起きています（{status}）。少し待ってから、もう一度実行してください。詳細: try later"),
                format!("HOST reported an internal error ({status}). Wait a moment and retry. Detail: try later"),
            )
            .check()
            .await;
        let name = |seen: &Seen| seen.header("idempotency-key").unwrap().to_owned();
        let names: Vec<_> = told.requests.iter().map(name).collect();
        assert!(names.iter().all(|one| *one == names[0]), "{names:?}");
        let waits = told.events.iter().filter_map(|e| match &e.event {
            Event::BranchRetrying { attempt, after_ms, .. } => Some((*attempt, *after_ms)),
            _ => None,
        });
        let waits: Vec<_> = waits.collect();
        assert!(matches!(waits[..], [(2, 10..=30), (3, 20..=60)]), "{waits:?}");
    }
    recovers("a server that comes back", error(503)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f03_what_may_have_been_billed_is_not_sent_again() {
    for status in [501, 504, 505, 507, 520, 524] {
        let fault = Fault::new("a fault that may have cost", error(status));
        fault.ends("failed", "server").check().await;
    }
    let broke_off = (
        "応答が来る前に、HOST との接続が切れました。処理が始まっていれば料金がかかることがあるので、自動では送り直していません。もう一度実行してください。",
        "The connection to HOST was lost before the answer arrived. kaizodo did not retry automatically, because the request may already have been processed and billed. Retry.",
    );
    let role =
        sse(&serde_json::json!({"choices": [{"delta": {"role": "assistant", "content": ""}}]}));
    for (name, reply) in [
        ("RST before the head", Reply::raw("").end(End::Reset)),
        ("FIN before the head", Reply::raw("")),
        ("half a head", Reply::raw("HTTP/1.1 200 OK\r\nconte")),
        ("RST after the head", Reply::stream([""; 0]).end(End::Reset)),
        ("FIN after the head", Reply::stream([""; 0]).end(End::Cut)),
        ("RST after the role", Reply::stream([&role]).end(End::Reset)),
        ("RST after reasoning", Reply::stream([sse_thinking("考え")]).end(End::Reset)),
    ] {
        let fault = Fault::new(name, reply).ends("failed", "interrupted");
        fault.says_and_more(broke_off.0, broke_off.1).check().await;
    }
    let paid = [&*sse_thinking("考え"), "data: {\"error\":{\"message\":\"m\",\"code\":429}}\n\n"];
    let fault = Fault::new("429 after reasoning", Reply::stream(paid));
    fault.ends("failed", "rate_limited").check().await;
    let said = "data: {\"error\":{\"message\":\"m\",\"code\":429}}\n\n";
    recovers("429 inside of a success, before any text", Reply::stream([said])).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f05_an_empty_account_is_not_asked_twice() {
    let quota = r#"{"error":{"message":"You exceeded","type":"insufficient_quota","code":null}}"#;
    for (status, reply) in [(402, error(402)), (429, Reply::json(429, quota))] {
        let fault = Fault::new("an empty account", reply).ends("failed", "quota");
        let words = if status == 402 { "try later" } else { "You exceeded" };
        let ja = format!(
            "HOST の利用枠または残高が尽きています（{status}）。契約と支払いを確かめるか、別のモデルを使ってください。詳細: {words}"
        );
        let en = format!(
            "Your account at HOST has no quota or credit left ({status}). Check your plan and billing, or use another model. Detail: {words}"
        );
        fault.says(ja, en).check().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_was_kept_is_never_the_cause_of_a_second_request() {
    let used = std::sync::Mutex::new(std::collections::HashSet::new());
    let upstream =
        Upstream::start(move |seen| match used.lock().unwrap().insert(seen.connection) {
            true => answer([GOOD]),
            // Like a server that closes an idle connection at this very moment.
            false => Reply::raw(""),
        })
        .await;
    let mut client = editor(&upstream.url(), "", &[]).await;
    let mut complete = 0;
    for round in 1..4 {
        let run = run(&mut client).await;
        let events = run.ended(&mut client, 1).await;
        let done =
            |e: &&Stamped| matches!(&e.event, Event::BranchEnded { outcome: Outcome::Done, .. });
        complete += events.iter().filter(done).count();
        assert_eq!(upstream.seen().len(), 4 * round, "none is repeated");
    }
    // Timing decides which connections are still open. What was sent on a new connection is
    // answered.
    let seen = upstream.seen();
    let new: std::collections::HashSet<_> = seen.iter().map(|seen| seen.connection).collect();
    assert_eq!(complete, new.len());
    assert!((4..12).contains(&complete), "some were kept: {complete}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_was_closed_while_idle_is_not_used_again() {
    let body = [sse_text(GOOD), sse_finish("stop"), SSE_DONE.to_owned()].concat();
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: keep-alive";
    let head = format!("{head}\r\ncontent-length: {}\r\n\r\n", body.len());
    // The body comes after all four requests were sent, so that no connection is closed between
    // them.
    let gate = Gate::new();
    let reply = Reply::raw(head).step(Step::Until(gate.clone())).write(body);
    let upstream = Upstream::always(reply).await;
    let mut client = editor(&upstream.url(), "", &[]).await;
    for round in 1..=3 {
        let run = run(&mut client).await;
        upstream.arrived(4 * round).await;
        (0..4).for_each(|_| gate.pass_one());
        let events = run.ended(&mut client, 1).await;
        let whole = RunOutcome::Done;
        assert!(
            matches!(events.last().unwrap().event, Event::RunEnded { outcome, .. } if outcome == whole),
            "{round}: {events:#?}"
        );
        assert_eq!(upstream.seen().len(), 4 * round);
        // While idle: until the close has arrived, the client cannot know about it.
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}
