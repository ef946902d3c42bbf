//! Servers that accept other requests than usual, and say so.

use crate::bench::*;
use crate::support::kit::{fold, run, section_of};
use crate::support::upstream::*;
use kaizodo::event::Event;
use serde_json::{Value, json};
use std::time::Duration;

/// Returns a refusal with the usual wording.
fn refusal(status: u16, message: &str) -> Reply {
    Reply::json(status, &json!({ "error": { "message": message } }).to_string())
}

/// Returns a fault with one refusal, and a good answer to the next request.
fn once(name: &'static str, refusal: Reply) -> Fault {
    let fault = Fault::in_turn(name, [refusal, answer([GOOD])]);
    fault.ends("done", "").keeps(GOOD).requests(2)
}

/// Returns a whole answer that is not a stream.
fn whole(text: &str) -> Reply {
    let choice =
        json!({ "message": { "role": "assistant", "content": text }, "finish_reason": "stop" });
    let usage = json!({ "prompt_tokens": 10, "completion_tokens": 5 });
    Reply::json(200, &json!({ "choices": [choice], "usage": usage }).to_string())
}

fn notes(told: &Told) -> Vec<&str> {
    let all = told.events.iter().filter_map(|stamped| match &stamped.event {
        Event::BranchNoted { note, .. } => Some(note.as_str()),
        _ => None,
    });
    all.collect()
}

/// Returns the notes without consecutive duplicates: a section that starts after the lesson was
/// learned gets the same note.
fn kinds_of_notes(told: &Told) -> Vec<&str> {
    let mut notes = notes(told);
    notes.dedup();
    notes
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f50_without_a_system_role_its_text_goes_in_front_of_the_users() {
    for (status, message) in [
        (400, "System role not supported"),
        (500, "While executing CallExpression at line 1, column 67: System role not supported"),
        (400, "Developer instruction is not enabled for models/gemma-3-27b-it"),
        (500, "Conversation roles must alternate user/assistant/user/assistant/..."),
    ] {
        let told = once("no system role", refusal(status, message)).check().await;
        let [first, second] = &told.requests[..] else { panic!("two requests") };
        let (first, second) = (first.json(), second.json());
        let content =
            |body: &Value, at: usize| body["messages"][at]["content"].as_str().unwrap().to_owned();
        assert_eq!(second["messages"].as_array().unwrap().len(), 1);
        assert_eq!(second["messages"][0]["role"], "user");
        let both = format!("{}\n\n{}", content(&first, 0), content(&first, 1));
        assert_eq!(content(&second, 0), both);
        assert_eq!(notes(&told), [""; 0], "the answer is the same");
        let names: Vec<_> = told.requests.iter().map(|r| r.header("idempotency-key")).collect();
        assert_ne!(names[0], names[1], "another body is another question");
    }
    let fault = Fault::new("no way to ask", refusal(400, "System role not supported"));
    fault.ends("failed", "bad_request").requests(2).check().await;
}

/// Asserts that after this refusal, the answer is asked for and waited for in one piece.
async fn comes_in_one_piece(refused: Reply) {
    // A whole answer takes longer than the first byte of a streamed answer.
    let late = whole(GOOD).before_head(Step::Wait(Duration::from_millis(3500)));
    let fault = Fault::in_turn("no streaming", [refused, late]).keeps(GOOD).requests(2);
    let settings = "[timeouts]\nfirst_byte_ms = 2000\nidle_ms = 2000\nkeep_alive_ms = 2000\n";
    let told = fault.settings(settings).ends("done", "").check().await;
    let second = told.requests[1].json();
    assert_eq!(second["stream"], false);
    assert!(second.get("stream_options").is_none(), "{second}");
    let note = "「m」の答えは途中経過が届かず、書き終わってから一度に届きます";
    assert_eq!(kinds_of_notes(&told), [note]);
    let place = |is: fn(&Event) -> bool| {
        told.events
            .iter()
            .position(|e| e.event.branch().is_some_and(|b| &*b.0 == "breadth") && is(&e.event))
    };
    let noted = place(|event| matches!(event, Event::BranchNoted { .. })).unwrap();
    let text = place(|event| matches!(event, Event::Delta { .. })).unwrap();
    assert!(noted < text, "it is said while it is waited for");
    let waiting = fold(&told.events[..=noted]);
    assert!(waiting.contains(&format!("_… 答えを待っています · {note}_")), "{waiting}");
    assert!(told.section.contains(&format!(" · {note}")), "{}", told.section);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f51_without_streaming_the_answer_is_waited_for_in_one_piece() {
    let verify = json!({"error": {"message": "Your organization must be verified to stream this model.",
        "type": "invalid_request_error", "param": "stream", "code": "unsupported_value"}});
    let verify = Reply::json(400, &verify.to_string());
    let deployment = refusal(422, "This deployment does not support streaming");
    let never = whole(GOOD).before_head(Step::Until(Gate::new()));
    let refused = refusal(400, "Streaming is not supported for this model.");
    let fault = Fault::in_turn("a whole answer that never comes", [refused, never]).requests(2);
    let fault = fault.settings("[timeouts]\nfirst_byte_ms = 1500\ntotal_ms = 3500\n");
    let fault = fault
        .ends("failed", "timeout")
        .says(
            "HOST の応答が 3.5 秒たっても終わらないので止めました。もう一度実行するか、設定 timeouts.total_ms を延ばすか、「m」より速いモデルを使ってください。",
            "HOST had not finished after 3.5 s, so kaizodo stopped the request. Retry, raise timeouts.total_ms, or use a faster model than \"m\".",
        );
    // Side by side, because limits that a busy machine keeps take long to pass.
    tokio::join!(comes_in_one_piece(verify), comes_in_one_piece(deployment), fault.check());
}

fn too_large(prompt: u32) -> Reply {
    refusal(
        400,
        &format!(
            "max_tokens is too large: 8192. This model's maximum context length is 4096 tokens and your request has {prompt} input tokens (8192 > 4096 - {prompt})."
        ),
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f52_a_limit_that_fills_the_window_is_lowered_to_what_is_left() {
    let told = once("a full window", too_large(310)).check().await;
    let asked = |at: usize| told.requests[at].json()["max_tokens"].clone();
    assert_eq!((asked(0), asked(1)), (json!(8192), json!(3770)));
    let note =
        "「m」が一度に扱えるのは 4096 トークンまでなので、答えを 3770 トークンまでにしました";
    assert_eq!(kinds_of_notes(&told), [note]);

    let cap = "max_tokens is too large: 8192. This model supports at most 2048 completion tokens, whereas you provided 8192.";
    let told = once("a limit of the answer", refusal(400, cap)).check().await;
    assert_eq!(told.requests[1].json()["max_tokens"], 2048);

    let cut = Reply::stream([sse_text(GOOD), sse_finish("length"), SSE_DONE.to_owned()]);
    let fault = Fault::in_turn("the window is used up", [too_large(310), cut]).requests(2);
    fault
        .ends("length", "length")
        .keeps(GOOD)
        .says(
            "モデル「m」が一度に扱える 4096 トークンを使いきり、答えが途中で止まりました。範囲を狭めるか、より長い文章を扱えるモデルを使ってください。",
            "The answer was cut off because \"m\" filled its context window of 4096 tokens. Select less text, or use a model with a larger context window.",
        )
        .check()
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f52_where_the_server_has_not_counted_the_prompt_it_is_asked_for_what_is_probably_left() {
    for (window, message) in [
        (
            4096,
            "max_tokens=8192 cannot be greater than max_model_len=max_total_tokens=4096. Please request fewer output tokens. (parameter=max_tokens, value=8192)",
        ),
        (
            8192,
            "This model's maximum context length is 8192 tokens. However, you requested 8192 output tokens and your prompt contains 2000 characters (more than 0 characters, which is the upper bound for 0 input tokens). Please reduce the length of the input prompt or the number of requested output tokens. (parameter=input_text, value=2000)",
        ),
    ] {
        let told = once("an uncounted prompt", refusal(400, message)).check().await;
        let asked = told.requests[1].json()["max_tokens"].as_u64().unwrap();
        assert!((256..window).contains(&asked), "{asked} of {window}");
        let note = format!(
            "「m」が一度に扱えるのは {window} トークンまでなので、答えを {asked} トークンまでにしました"
        );
        assert!(kinds_of_notes(&told).contains(&note.as_str()), "{:?}", notes(&told));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f52_where_too_little_is_left_the_setting_is_named() {
    let fault = Fault::new("no room", too_large(3900));
    fault
        .ends("failed", "too_large")
        .says_and_more(
            "HOST のモデル「m」が一度に扱える 4096 トークンのうち 3900 を質問が使い、答えには 196 しか残りません（400）。範囲を狭めるか、より長い文章を扱えるモデルを使ってください。短い答えでよければ、limits.max_tokens を 196 以下にしてください。",
            "The prompt takes 3900 of the 4096 tokens in the context window of \"m\" at HOST, leaving 196 for the answer (400). Select less text, use a model with a larger context window, or set limits.max_tokens to 196 or less for a short answer.",
        )
        .check()
        .await;
    let fault = Fault::new("a limit too high", refusal(400, "max_tokens is too large"));
    fault
        .ends("failed", "bad_request")
        .says_and_more(
            "答えの上限 8192 トークンは、HOST のモデル「m」には大きすぎます（400）。limits.max_tokens（または視点の max_tokens）を小さくしてください。",
            "A limit of 8192 tokens is too high for \"m\" at HOST (400). Lower limits.max_tokens, or the perspective's own max_tokens.",
        )
        .check()
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f83_what_an_account_can_pay_for_is_told_and_holds_for_one_question_only() {
    let money = "This request requires more credits, or fewer max_tokens. You requested up to 8192 tokens, but can only afford 700.";
    let told = once("a low balance", refusal(402, money)).check().await;
    assert_eq!(told.requests[1].json()["max_tokens"], 700);
    let note = "いまの残高で払える分に合わせて、答えを 700 トークンまでにしました";
    assert_eq!(notes(&told), [note], "no other section is limited");

    let cut = Reply::stream([sse_text(GOOD), sse_finish("length"), SSE_DONE.to_owned()]);
    let fault = Fault::in_turn("what was paid for is used up", [refusal(402, money), cut]);
    fault
        .requests(2)
        .ends("length", "length")
        .keeps(GOOD)
        .says(
            "HOST のアカウントの残高で払えるのは、いまは 700 トークンまでなので、答えが途中で止まりました。残高を追加してもう一度実行するか、別のモデルを使ってください。",
            "The answer was cut off at 700 tokens, the most that your account at HOST can pay for now. Add credit and retry, or use another model.",
        )
        .check()
        .await;

    let minute = "Request too large for model `m` on tokens per minute (TPM): Limit 6000, Requested 8310, please reduce your message size and try again.";
    let told = once("few tokens per minute", refusal(413, minute)).check().await;
    assert_eq!(told.requests[1].json()["max_tokens"], 6000 - (8310 - 8192) - 16);
    let note = "1 分間に使えるトークン数に合わせて、答えを 5866 トークンまでにしました";
    assert_eq!(notes(&told), [note]);
}

/// Starts a server that accepts neither `stream_options` nor `max_tokens` nor a system role.
async fn particular() -> Upstream {
    Upstream::start(|seen| {
        let body = seen.json();
        if body.get("stream_options").is_some() {
            refusal(400, "Unrecognized request argument supplied: stream_options")
        } else if body.get("max_tokens").is_some() {
            refusal(
                400,
                "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.",
            )
        } else if body["messages"][0]["role"] == "system" {
            refusal(500, "System role not supported")
        } else {
            answer([GOOD])
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f53_what_one_section_was_taught_all_sections_and_runs_know() {
    let upstream = particular().await;
    let mut client = editor(&upstream.url(), "", &[]).await;
    // In the first run, a section that has waited in vain for a lesson learns it itself.
    for (run_number, asked) in [(1, 3 + 4..=4 * 4), (2, 4..=4), (3, 4..=4)] {
        let before = upstream.seen().len();
        let run = run(&mut client).await;
        client.open_virtual(&run.uri).await;
        let events = run.ended(&mut client, 1).await;
        assert_eq!(fold(&events).matches(GOOD).count(), 4, "run {run_number}");
        let asks = upstream.seen().len() - before;
        assert!(asked.contains(&asks), "run {run_number}: {asks}");
    }
    assert_eq!(client.shut_down().await, Some(0));

    // The others wait for the lessons of the first only for a moment, which may pass on a busy
    // machine: one success in a few tries is enough.
    let mut asks = Vec::new();
    while !asks.contains(&(3 + 4)) {
        assert!(asks.len() < 5, "another process knows nothing yet, and learns it once: {asks:?}");
        let before = upstream.seen().len();
        let said = on_command_line(&upstream.url(), "", &[]).await;
        assert_eq!((said.code, said.out.matches(GOOD).count()), (Some(0), 4), "{said:?}");
        asks.push(upstream.seen().len() - before);
    }
    let seen = upstream.seen();
    let sections: std::collections::HashSet<_> =
        seen[seen.len() - 4..].iter().map(section_of).collect();
    assert_eq!(sections.len(), 4, "after its lessons each section asks once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f53_a_first_section_that_is_slow_holds_nobody_up() {
    // The heads are sent only when all four requests have arrived.
    let gate = Gate::new();
    let head = gate.clone();
    let upstream =
        Upstream::start(move |_| answer([GOOD]).before_head(Step::Until(head.clone()))).await;
    let mut client = editor(&upstream.url(), "", &[]).await;
    let run = run(&mut client).await;
    client.open_virtual(&run.uri).await;
    upstream.arrived(4).await;
    gate.open();
    let events = run.ended(&mut client, 1).await;
    assert_eq!(fold(&events).matches(GOOD).count(), 4);
    assert_eq!(client.shut_down().await, Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f66_an_effort_that_is_refused_is_put_as_the_server_takes_it_or_left_out() {
    let values = "Unsupported value: 'reasoning_effort' does not support 'none' with this model. Supported values are: 'minimal', 'low', 'medium', and 'high'.";
    let fault = once("another effort", refusal(400, values)).settings("effort = \"none\"\n");
    let told = fault.check().await;
    let effort = |told: &Told, at: usize| told.requests[at].json()["reasoning_effort"].clone();
    assert_eq!((effort(&told, 0), effort(&told, 1)), (json!("none"), json!("minimal")));
    assert_eq!(kinds_of_notes(&told), ["effort は none が使えないので、minimal にしました"]);

    let message = "Unrecognized request argument supplied: reasoning_effort";
    let fault = once("no effort", refusal(400, message)).settings("effort = \"high\"\n");
    let told = fault.check().await;
    assert_eq!((effort(&told, 0), effort(&told, 1)), (json!("high"), Value::Null));
    assert_eq!(
        kinds_of_notes(&told),
        ["effort（high）は受け付けられなかったので、指定していません"]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f66_the_users_own_members_are_sent_and_shown_before() {
    let upstream = Upstream::always(answer([GOOD])).await;
    let settings =
        "effort = \"low\"\nextra_body = { top_k = 20, chat_template_kwargs = { x = 1 } }\n";
    let said = on_command_line(&upstream.url(), settings, &[]).await;
    assert_eq!(said.code, Some(0), "{said:?}");
    let sent = upstream.seen()[0].json();
    assert_eq!((&sent["top_k"], &sent["reasoning_effort"]), (&json!(20), &json!("low")));
    let switches = json!({"enable_thinking": true, "thinking": true, "x": 1});
    assert_eq!(sent["chat_template_kwargs"], switches);

    let before = upstream.seen().len();
    let shown = command_line(&["--dry-run", "--json"], &upstream.url(), settings, &[]).await;
    let preview: Value = serde_json::from_str(&shown.out).unwrap();
    for section in preview["sections"].as_array().unwrap() {
        let body: Value =
            serde_json::from_str(section["request"]["body"].as_str().unwrap()).unwrap();
        assert_eq!((&body["top_k"], &body["reasoning_effort"]), (&json!(20), &json!("low")));
        assert_eq!(body["chat_template_kwargs"], switches);
    }
    assert_eq!(upstream.seen().len(), before, "nothing was sent");

    let broken = "extra_body = { messages = [] }\n";
    let said = on_command_line(&upstream.url(), broken, &[]).await;
    let told = "extra_body.messages: `messages` cannot be set here, because kaizodo sets it itself";
    assert!(said.err.contains(told), "{said:?}");
}
