//! Servers that process one request at a time, whether they say so or not.

use crate::bench::*;
use crate::support::kit::{JA, run, section, section_of};
use crate::support::upstream::*;
use kaizodo::event::{Event, RunOutcome, Stamped};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Limits that the server's queue exceeds, but no single answer.
const SHORT: &str =
    "[timeouts]\nfirst_byte_ms = 1500\nidle_ms = 1500\nkeep_alive_ms = 1500\ntotal_ms = 3200\n";

/// Returns an answer that takes 0.9 s to write, with signs of life.
fn slow() -> Reply {
    slowly(Reply::stream::<&str>([]))
}

fn slowly(reply: Reply) -> Reply {
    let pause = || Step::Wait(Duration::from_millis(300));
    let end =
        [sse_text("え"), sse_finish("stop"), sse_usage(10, 4, 3), SSE_DONE.to_owned()].concat();
    let reply = reply.write(sse_text("良い")).step(pause()).write(sse_text("答")).step(pause());
    reply.step(Step::Write(b": still\n\n".to_vec())).step(pause()).write(end)
}

/// The server's only worker: stores when the next reply may begin.
#[derive(Clone)]
struct Worker(Arc<std::sync::Mutex<Option<Instant>>>);

impl Worker {
    /// Returns how long a request that arrives now waits for the worker, which is then busy for
    /// `work`.
    fn wait(&self, work: Duration) -> Duration {
        let mut free = self.0.lock().unwrap();
        let now = Instant::now();
        let start = free.map_or(now, |free| free.max(now));
        *free = Some(start + work);
        start - now
    }
}

/// Starts a server that accepts all requests and answers one after the other. It sends the head at
/// once or after the wait in the queue.
async fn one_at_a_time(head_first: bool) -> Upstream {
    let worker = Worker(Arc::default());
    Upstream::start(move |seen| {
        if seen.method == "GET" {
            return Reply::status(404);
        }
        let wait = Step::Wait(worker.wait(Duration::from_millis(950)));
        match head_first {
            false => slow().before_head(wait),
            true => slowly(Reply::stream([": queued\n\n"]).step(wait)),
        }
    })
    .await
}

fn outcome(events: &[Stamped]) -> RunOutcome {
    match &events.last().unwrap().event {
        Event::RunEnded { outcome, .. } => *outcome,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f61_waiting_at_the_server_while_another_is_answered_is_no_silence() {
    for head_first in [false, true] {
        let upstream = one_at_a_time(head_first).await;
        let mut client = editor(&upstream.url(), SHORT, &[]).await;
        let run = run(&mut client).await;
        client.open_virtual(&run.uri).await;
        let events = run.ended(&mut client, 1).await;
        assert_eq!(outcome(&events), RunOutcome::Done, "{head_first}: {events:#?}");
        let seen = upstream.seen();
        assert_eq!((seen.len(), upstream.overlap()), (4, 4), "all left at once, and once");
        let text =
            client.wait_document(&run.uri, |text| text.matches("10（うち").count() == 4).await;
        assert!(JA.iter().all(|title| section(&text, title).contains("良い答え")), "{text}");
        assert_eq!(client.shut_down().await, Some(0));

        let said = on_command_line(&upstream.url(), SHORT, &[]).await;
        assert_eq!((said.code, said.out.matches("良い答え").count()), (Some(0), 4), "{said:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f61_a_server_that_falls_silent_for_all_is_given_up_as_ever() {
    // The first request never ends. The others wait for it, but not forever.
    let upstream = Upstream::start(|seen| match section_of(seen) {
        0 => Reply::stream([sse_text("良い")]).end(End::Open),
        _ => Reply::status(200).before_head(Step::Until(Gate::new())),
    })
    .await;
    // With equal limits, a request without text could not be distinguished from one that has fallen
    // silent.
    let settings = SHORT.replace("keep_alive_ms = 1500", "keep_alive_ms = 3000");
    let begun = Instant::now();
    let said = on_command_line(&upstream.url(), &settings, &[]).await;
    assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());
    assert_eq!(said.code, Some(1), "{said:?}");
    assert_eq!(said.out.matches("sent nothing for 1.5 s").count(), 1, "{}", said.out);
    assert_eq!(said.out.matches("did not start answering within 1.5 s").count(), 3, "{}", said.out);
}

/// Starts a server that answers like Ollama. If it is slow, its list of models comes only after the
/// first question.
async fn ollama(is_slow: bool) -> Upstream {
    let asked = Gate::new();
    if !is_slow {
        asked.open();
    }
    let list = r#"{"object":"list","data":[{"id":"m","object":"model","owned_by":"me"}]}"#;
    let tags = r#"{"models":[{"name":"m","model":"m","digest":"1"}]}"#;
    Upstream::start(move |seen| match (seen.method.as_str(), seen.path.as_str()) {
        ("POST", _) => {
            asked.open();
            slow()
        }
        (_, "/v1/models") => Reply::json(200, list).before_head(Step::Until(asked.clone())),
        (_, "/api/tags") => Reply::json(200, tags),
        _ => Reply::status(404),
    })
    .await
}

fn questions(upstream: &Upstream) -> Vec<Seen> {
    upstream.seen().into_iter().filter(|seen| seen.method == "POST").collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f61_ollama_named_by_its_url_is_asked_in_turn_for_a_short_text_too() {
    // The server has no models from its own library, and one of its two lists is slow. The first
    // question must be sent at once anyway.
    let url = |upstream: &Upstream| format!("http://ollama.localhost:{}", upstream.port());
    for is_slow in [false, true] {
        let upstream = ollama(is_slow).await;
        let mut client = editor(&url(&upstream), "", &[]).await;
        let run = run(&mut client).await;
        client.open_virtual(&run.uri).await;
        let events = run.ended(&mut client, 1).await;
        assert_eq!(outcome(&events), RunOutcome::Done, "{events:#?}");
        let asked = questions(&upstream);
        let sections: Vec<_> = asked.iter().map(section_of).collect();
        assert_eq!(sections, [0, 1, 2, 3], "in the order of the sections");
        for (before, after) in asked.iter().zip(asked.iter().skip(1)) {
            assert!(before.ended.unwrap() <= after.arrived, "one after the other");
        }
        let lists = upstream.seen().into_iter().filter(|seen| seen.path == "/v1/models");
        let first_list = lists.map(|seen| seen.arrived).min().unwrap();
        let waited = asked[0].arrived.saturating_duration_since(first_list);
        // A list is waited for ten seconds if the question depends on it.
        assert!(waited < Duration::from_secs(3), "{waited:?}");
        assert_eq!(client.shut_down().await, Some(0));
        let upstream = ollama(is_slow).await;
        let said = on_command_line(&url(&upstream), "", &[]).await;
        assert_eq!((said.code, said.out.matches("良い答え").count()), (Some(0), 4), "{said:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f61_what_only_looks_like_ollama_is_asked_at_once() {
    let upstream = Upstream::start(|seen| match (seen.method.as_str(), seen.path.as_str()) {
        ("POST", _) => slow(),
        (_, "/v1/models") => Reply::json(200, r#"{"data":[{"id":"m","owned_by":"vllm"}]}"#),
        _ => Reply::status(404),
    })
    .await;
    let url = format!("http://ollama.localhost:{}", upstream.port());
    let said = on_command_line(&url, "", &[]).await;
    assert_eq!((said.code, said.out.matches("良い答え").count()), (Some(0), 4), "{said:?}");
    let asked = questions(&upstream);
    let first_end = asked.iter().filter_map(|seen| seen.ended).min().unwrap();
    assert!(asked.iter().all(|seen| seen.arrived < first_end), "all were under way together");
}
