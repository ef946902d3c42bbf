//! Tests of what the events of a response add up to.

use super::*;
use proptest::prelude::*;

/// Returns what the events add up to, in one line.
fn fold(events: &[&str]) -> String {
    let mut answer = Answer::default();
    let mut line = String::new();
    for json in events {
        let mut ready = Coalescer::default();
        let taken = answer.take(Event::read(json).unwrap(), &mut ready);
        let chunks = std::iter::from_fn(|| ready.pop());
        chunks.for_each(|chunk| show(&chunk.unwrap(), &mut line));
        if let Err(api_error) = taken {
            return line + "!" + &api_error.message;
        }
    }
    let mut ready = Coalescer::default();
    answer.flush(&mut ready);
    std::iter::from_fn(|| ready.pop()).for_each(|chunk| show(&chunk.unwrap(), &mut line));
    if answer.finished() {
        match answer.end() {
            Ok(end) => show(&end, &mut line),
            Err(word) => line += &format!(" ?{word}"),
        }
    }
    line
}

fn show(chunk: &Chunk, line: &mut String) {
    *line += &match chunk {
        Chunk::Begun => String::new(),
        Chunk::Text(text) => text.clone(),
        Chunk::Thinking(text) => format!("({})", text.chars().count()),
        Chunk::Retract(chars) => format!("<-{chars}"),
        Chunk::Note(note) => format!("[{note:?}]"),
        Chunk::Finish { reason, usage: None, .. } => format!(" {reason:?}"),
        Chunk::Finish { reason, usage: Some(u), .. } => {
            let (sent, got) = (u.prompt_tokens, u.completion_tokens);
            let thought = match u.reasoning_tokens {
                0 => String::new(),
                n => format!("({n})"),
            };
            format!(" {reason:?} {sent}/{}/{got}{thought}", u.cached_tokens)
        }
    };
}

#[test]
fn adds_up_text_reasoning_and_end() {
    for (events, line) in [
        (&[r#"{"choices":[{"delta":{"content":"a"},"finish_reason":"stop"}]}"#][..], "a Stop"),
        (&[r#"{"choices":[{"delta":{"reasoning":"深さ"}}]}"#], "(2)"),
        (&[r#"{"choices":[{"message":{"content":"a"},"finish_reason":"length"}]}"#], "a Length"),
        (&[r#"{"choices":[{"delta":{},"message":{"content":"a"}}]}"#], "a"),
        (&[r#"{"choices":[{"delta":null,"finish_reason":"tool_calls"}]}"#], " Tool"),
        (&[r#"{"choices":[{"finish_reason":"content_filter"}]}"#], " Filtered"),
        (&[r#"{"choices":[{"finish_reason":"MAX_TOKENS"}]}"#], " Length"),
        (&[r#"{"choices":[{"delta":{"content":"a"},"finish_reason":""}]}"#], "a"),
        (
            &[r#"{"choices":[{"delta":{"content":"a"},"finish_reason":"error"}]}"#],
            "a!finish_reason: error",
        ),
        (&[r#"{"error":{"message":"m"},"choices":[]}"#], "!m"),
        (&[r#"{"choices":[{"delta":{"content":"a"},"error":{"message":"m"}}]}"#], "a!m"),
        (&[r#"{"choices":[{"delta":{"content":"a"},"error":null}]}"#], "a"),
        (&[r#"{"error":"m","choices":[{"delta":{"content":"a"}}]}"#], "a!m"),
        (&[r#"{"choices":[],"x_groq":{"id":"r","error":"over capacity"}}"#], "!over capacity"),
        (&[r#"{"choices":[{"delta":{"content":"a"}}],"x_groq":{"error":""}}"#], "a"),
        (&[r#"{"error":null,"choices":null}"#], ""),
        (&[r#"{"error":{},"choices":[{"delta":{"content":"a"}}]}"#], "a"),
        (&[r#"{"type":"ping"}"#, "{}"], ""),
    ] {
        assert_eq!(fold(events), line, "{events:?}");
    }
}

#[test]
fn what_comes_behind_an_end_takes_it_back() {
    let piece = |text: &str, finish: &str| {
        format!(r#"{{"choices":[{{"delta":{{"content":"{text}"}},"finish_reason":{finish}}}]}}"#)
    };
    let stop = r#""stop""#;
    for (events, line) in [
        (vec![piece("a", stop), piece("b", stop)], "ab Stop"),
        (vec![piece("a", stop), piece("b", "null")], "ab"),
        (vec![piece("a", stop), piece("", "null")], "a Stop"),
        (vec![piece("a", stop), piece(r"\n", "null")], "a\n Stop"),
        (vec![piece("a", stop), piece("b", r#""length""#)], "ab Length"),
        (vec![piece("a", r#""network_error""#)], "a ?network_error"),
        (vec![piece("a", r#""NEW_WORD""#), piece("b", stop)], "ab Stop"),
    ] {
        let events: Vec<&str> = events.iter().map(String::as_str).collect();
        assert_eq!(fold(&events), line, "{events:?}");
    }
}

#[test]
fn a_finish_on_every_piece_is_doubtful() {
    let piece = |member: &str, finish: &str| {
        format!(r#"{{"choices":[{{"delta":{{{member}}},"finish_reason":{finish}}}]}}"#)
    };
    let (thought, text, nothing) = (r#""reasoning":"t""#, r#""content":"a""#, r#""content":"""#);
    let (stop, length) = (r#""stop""#, r#""length""#);
    for (events, ends) in [
        (&[(text, "null")][..], false),
        (&[(text, stop)], true),
        (&[(text, "null"), (text, stop)], true),
        (&[(text, stop), (text, stop)], false),
        (&[(text, stop), (text, "null")], false),
        (&[(text, stop), (text, stop), (nothing, stop)], true),
        (&[(thought, stop)], false),
        (&[(thought, stop), (text, stop)], false),
        (&[(thought, stop), (text, "null"), (nothing, stop)], true),
        (&[(thought, length)], true),
        (&[(thought, "null"), (nothing, stop)], true),
    ] {
        let (mut answer, mut ready) = (Answer::default(), Coalescer::default());
        for (member, finish) in events {
            answer.take(Event::read(&piece(member, finish)).unwrap(), &mut ready).unwrap();
        }
        assert_eq!(answer.ends_here(), ends, "{events:?}");
    }
}

#[test]
fn of_a_member_that_stands_twice_the_last_that_is_not_null_counts() {
    let choice = |inner: &str| format!(r#"{{"choices":[{{{inner}}}]}}"#);
    for (event, line) in [
        (choice(r#""delta":{"content":"a","reasoning":null,"reasoning":null}"#), "a"),
        (choice(r#""delta":{"content":"a","content":"b"}"#), "b"),
        (choice(r#""delta":{"content":"a","content":null}"#), "a"),
        (choice(r#""delta":{"content":"a"},"delta":null"#), "a"),
        (choice(r#""delta":{"content":"a"},"delta":{"content":"b"}"#), "b"),
        (choice(r#""delta":{"content":[{"type":"text","text":"a","text":null}]}"#), "a"),
        (
            choice(r#""delta":{"content":"a"},"finish_reason":"stop","finish_reason":null"#),
            "a Stop",
        ),
        (r#"{"choices":[{"delta":{"content":"a"}}],"choices":null}"#.to_owned(), "a"),
        (r#"{"choices":[],"choices":[{"delta":{"content":"a"}}]}"#.to_owned(), "a"),
        (r#"{"id":1,"id":2,"choices":[{"delta":{"content":"a"}}]}"#.to_owned(), "a"),
        (choice(r#""delta":{"\u0063ontent":"a"}"#), "a"),
    ] {
        assert_eq!(fold(&[&event]), line, "{event}");
    }
}

#[test]
fn joins_halves_between_events() {
    let half = |h: &str| format!(r#"{{"choices":[{{"delta":{{"content":"{h}"}}}}]}}"#);
    assert_eq!(fold(&[&half(r"a\ud83d"), &half(r"\ude42b")]), "a🙂b");
    assert_eq!(fold(&[&half(r"a\ud83d")]), "a\u{fffd}");
}

#[test]
fn reads_one_choice() {
    let choice = |i: &str, t: &str| {
        format!(r#"{{"choices":[{{"index":{i},"delta":{{"content":"{t}"}}}}]}}"#)
    };
    assert_eq!(fold(&[&choice("0", "a"), &choice("1", "x"), &choice("0", "b")]), "ab");
    for odd in ["-1", "0.5", "\"0\"", "null", "4294967296"] {
        assert_eq!(fold(&[&choice(odd, "a"), &choice(odd, "b")]), "ab", "{odd}");
    }
    let end = |i: &str, reason: &str| {
        format!(r#"{{"choices":[{{"index":{i},"delta":{{}},"finish_reason":"{reason}"}}]}}"#)
    };
    let ends = [&choice("0", "a"), &end("0", "length"), &choice("1", "x"), &end("1", "stop")];
    assert_eq!(fold(&ends.map(String::as_str)), "a Length");
    let ends = [&choice("0", "a"), &choice("1", "x"), &end("1", "stop")];
    assert_eq!(fold(&ends.map(String::as_str)), "a", "the end of another choice is none");
    let without = r#"{"choices":[{"delta":{"content":"b"}}]}"#;
    assert_eq!(fold(&[&choice("0", "a"), without]), "ab");
    assert_eq!(fold(&[without, &choice("0", "a"), &choice("1", "x")]), "ba");
}

#[test]
fn parts_of_an_answer_may_be_numbered_like_choices() {
    let event = |index: u8, members: &str| {
        format!(r#"{{"choices":[{{"index":{index},"delta":{{{members}}}}}]}}"#)
    };
    let end = |index: u8, reason: &str| {
        format!(
            r#"{{"choices":[{{"index":{index},"delta":{{}},"finish_reason":"{reason}"}}],"usage":null}}"#
        )
    };
    let role = event(0, r#""role":"assistant","content":"""#);
    let thought = event(0, r#""reasoning_content":"深さ""#);
    let text = [event(1, r#""content":"a""#), event(1, r#""content":"b""#)];
    for (reason, line) in [("stop", "(2)ab Stop"), ("length", "(2)ab Length")] {
        for index in [0, 1] {
            let events = [&role, &thought, &text[0], &text[1], &end(index, reason)];
            assert_eq!(fold(&events.map(String::as_str)), line, "{index}");
        }
    }
    let hasty = end(0, "stop");
    assert_eq!(fold(&[&hasty, &hasty, &text[0], &hasty].map(String::as_str)), "a Stop");
    let broken = r#"{"choices":[{"index":0,"error":{"message":"m"}}]}"#;
    assert_eq!(fold(&[&text[0], broken]), "a!m");
}

#[test]
fn a_message_that_repeats_the_deltas_is_ignored() {
    let delta = |text: &str| format!(r#"{{"choices":[{{"delta":{{"content":"{text}"}}}}]}}"#);
    let both = |delta: &str, message: &str| {
        format!(
            r#"{{"choices":[{{"delta":{{"content":"{delta}"}},"message":{{"content":"{message}"}},"finish_reason":"stop"}}]}}"#
        )
    };
    for (events, line) in [
        ([delta("a"), delta("b"), both("", "ab")], "ab Stop"),
        ([both("a", "a"), both("b", "ab"), both("", "ab")], "ab Stop"),
        // The text is only in the messages.
        ([both("", "a"), both("", "b"), both("", "c")], "abc Stop"),
        (
            [
                r#"{"choices":[{"delta":{"reasoning":"深さ"}}]}"#.to_owned(),
                delta(""),
                both("", "a"),
            ],
            "(2)a Stop",
        ),
    ] {
        assert_eq!(fold(&events.each_ref().map(String::as_str)), line, "{events:?}");
    }
}

#[test]
fn counts_tokens_of_every_dialect() {
    let stop = r#"{"choices":[{"finish_reason":"stop"}]}"#;
    for (event, line) in [
        (r#"{"usage":{"prompt_tokens":9,"completion_tokens":3}}"#, " Stop 9/0/3"),
        (
            r#"{"usage":{"prompt_tokens":9,"completion_tokens":3,"prompt_tokens_details":{"cached_tokens":4}}}"#,
            " Stop 9/4/3",
        ),
        (
            r#"{"usage":{"prompt_tokens":9,"completion_tokens":3,"prompt_cache_hit_tokens":8}}"#,
            " Stop 9/8/3",
        ),
        (
            r#"{"usage":{"prompt_tokens":9,"completion_tokens":3},"timings":{"cache_n":5,"prompt_n":4,"predicted_n":3}}"#,
            " Stop 9/5/3",
        ),
        (r#"{"timings":{"cache_n":5,"prompt_n":4,"predicted_n":3}}"#, " Stop 9/5/3"),
        (r#"{"x_groq":{"usage":{"prompt_tokens":9,"completion_tokens":3}}}"#, " Stop 9/0/3"),
        (r#"{"usage":{"input_tokens":9,"output_tokens":3.0}}"#, " Stop 9/0/3"),
        // OpenAI, OpenRouter, DeepSeek.
        (
            r#"{"usage":{"prompt_tokens":9,"completion_tokens":30,"total_tokens":39,"completion_tokens_details":{"reasoning_tokens":20}}}"#,
            " Stop 9/0/30(20)",
        ),
        (
            r#"{"usage":{"input_tokens":9,"output_tokens":30,"output_tokens_details":{"reasoning_tokens":20}}}"#,
            " Stop 9/0/30(20)",
        ),
        // Perplexity.
        (
            r#"{"usage":{"prompt_tokens":9,"completion_tokens":30,"reasoning_tokens":20}}"#,
            " Stop 9/0/30(20)",
        ),
        // xAI, and Gemini, which does not say what the rest is.
        (
            r#"{"usage":{"prompt_tokens":9,"completion_tokens":3,"total_tokens":32,"completion_tokens_details":{"reasoning_tokens":20}}}"#,
            " Stop 9/0/23(20)",
        ),
        (
            r#"{"usage":{"prompt_tokens":9,"completion_tokens":3,"total_tokens":32}}"#,
            " Stop 9/0/23(20)",
        ),
        (
            r#"{"usage":{"prompt_tokens":9,"completion_tokens":3,"total_tokens":16,"prompt_tokens_details":{"cached_tokens":4}}}"#,
            " Stop 13/4/3",
        ),
        // Claude's counts, passed on by small gateways.
        (
            r#"{"usage":{"prompt_tokens":400,"completion_tokens":3,"total_tokens":403,"prompt_tokens_details":{"cached_tokens":3500}}}"#,
            " Stop 3900/3500/3",
        ),
        (
            r#"{"usage":{"prompt_tokens":400,"completion_tokens":3,"total_tokens":3923,"prompt_tokens_details":{"cached_tokens":3500}}}"#,
            " Stop 3900/3500/23(20)",
        ),
        (
            r#"{"usage":{"prompt_tokens":9,"completion_tokens":3,"total_tokens":1,"completion_tokens_details":{"reasoning_tokens":99}}}"#,
            " Stop 9/0/3(3)",
        ),
        (r#"{"usage":{"prompt_tokens":9,"cost":0.1}}"#, " Stop 9/0/0"),
        (
            r#"{"usage":{"prompt_tokens":9,"input_tokens":0,"completion_tokens":0,"output_tokens":3}}"#,
            " Stop 9/0/3",
        ),
        (
            r#"{"usage":{"prompt_tokens":9,"prompt_tokens":null,"completion_tokens":3}}"#,
            " Stop 9/0/3",
        ),
        (
            r#"{"usage":{"input_tokens":9,"output_tokens":3,"cache_read_input_tokens":4}}"#,
            " Stop 13/4/3",
        ),
        (
            r#"{"usage":{"input_tokens":9,"output_tokens":3,"cache_read_input_tokens":400,"cache_creation_input_tokens":50}}"#,
            " Stop 459/400/3",
        ),
        (
            r#"{"usage":{"prompt_tokens":9,"completion_tokens":3,"cache_read_input_tokens":400}}"#,
            " Stop 409/400/3",
        ),
        (
            r#"{"usage":{"prompt_tokens":409,"completion_tokens":3,"cache_read_input_tokens":400}}"#,
            " Stop 409/400/3",
        ),
        (r#"{"choices":[{"usage":{"prompt_tokens":9,"completion_tokens":3}}]}"#, " Stop 9/0/3"),
        (r#"{"usage":{"prompt_tokens":-9,"completion_tokens":1e300}}"#, " Stop"),
        (r#"{"usage":{}}"#, " Stop"),
        (r#"{"usage":null}"#, " Stop"),
    ] {
        assert_eq!(fold(&[stop, event]), line, "{event}");
        assert_eq!(fold(&[event, stop]), line, "{event}");
    }
    let (first, last) = (r#"{"usage":{"prompt_tokens":1}}"#, r#"{"usage":{"prompt_tokens":2}}"#);
    assert_eq!(fold(&[first, last, r#"{"usage":null}"#, stop]), " Stop 2/0/0");
}

/// Only the text itself allocates memory, which grows by doubling.
#[test]
fn a_usual_event_asks_for_no_memory() {
    let chunk = |delta: &str| {
        let around =
            r#""object":"chat.completion.chunk","model":"m","service_tier":null,"usage":null"#;
        format!(
            r#"{{{around},"choices":[{{"index":0,"delta":{{{delta}}},"logprobs":null,"finish_reason":null}}]}}"#
        )
    };
    const EVENTS: u64 = 1000;
    const DOUBLINGS: u64 = 16;
    for (delta, each) in [
        (r#""content":"深さ ""#, 0),
        (r#""role":"assistant","content":"","reasoning_content":"なぜ""#, 0),
        // serde_json decodes an escaped string in a buffer of its own.
        (r#""content":"\n\u6df1\u3055""#, 1),
    ] {
        let json = chunk(delta);
        let (mut answer, mut ready) = (Answer::default(), Coalescer::default());
        let asked = allocation_counter::measure(|| {
            for _ in 0..EVENTS {
                answer.take(Event::read(&json).unwrap(), &mut ready).unwrap();
            }
        });
        let max = EVENTS * each + DOUBLINGS;
        assert!(asked.count_total <= max, "{json}: {asked:?}");
        assert!(!ready.is_empty());
    }
}

/// Generates a member of a chunk's JSON, often as servers write it and often not.
fn member(name: &'static str) -> impl Strategy<Value = String> {
    const VALUES: &[&str] = &[
        r#""a""#,
        r#""深\n\ud83d""#,
        r#""\ude42""#,
        r#""""#,
        "null",
        "0",
        "1",
        "[]",
        "{}",
        r#"["a",{"text":"b"}]"#,
        r#"[{"delta":{"content":"c"}}]"#,
        r#"{"content":"d"}"#,
        r#"{"message":"m"}"#,
        r#"{"prompt_tokens":1}"#,
        r#""length""#,
    ];
    proptest::sample::select(VALUES).prop_map(move |value| format!("\"{name}\":{value}"))
}

/// Generates an object with the first member, if given, and up to two of the others.
fn object(
    first: Option<BoxedStrategy<String>>,
    others: Vec<BoxedStrategy<String>>,
) -> impl Strategy<Value = String> {
    let first: Vec<_> = first.into_iter().collect();
    let others = proptest::collection::vec(proptest::strategy::Union::new(others), 0..3);
    (first, others)
        .prop_map(|(first, others)| format!("{{{}}}", [first, others].concat().join(",")))
}

fn chunk() -> impl Strategy<Value = String> {
    let members = |names: &[&'static str]| -> Vec<_> {
        names.iter().map(|name| member(name).boxed()).collect()
    };
    let delta = |name: &'static str| {
        let names = ["refusal", "reasoning_content", "reasoning", "role", "content"];
        object(Some(member("content").boxed()), members(&names))
            .prop_map(move |it| format!("\"{name}\":{it}"))
            .boxed()
    };
    let others = members(&["delta", "message", "index", "finish_reason", "finish_reason"]);
    let choice = object(Some(delta("delta")), [others, vec![delta("message")]].concat());
    let choices = proptest::collection::vec(choice, 0..3);
    let choices = choices.prop_map(|all| format!("\"choices\":[{}]", all.join(","))).boxed();
    object(Some(choices), members(&["choices", "usage", "error", "timings", "x_groq", "id"]))
}

proptest! {
    /// The fast path for usual chunks gives the same result as the general one.
    #[test]
    fn both_ways_to_read_agree(chunks in proptest::collection::vec(chunk(), 1..4)) {
        let mut answers = [Answer::default(), Answer::default()];
        for json in &chunks {
            let any = serde_json::from_str(json).map(Event::Any);
            let told = [Event::read(json), any].into_iter().zip(&mut answers).map(|(event, answer)| {
                let event = event.ok().filter(Event::is_sound)?;
                let mut ready = Coalescer::default();
                let took = answer.take(event, &mut ready).map_err(|api_error| api_error.message);
                let mut line = String::new();
                std::iter::from_fn(|| ready.pop()).for_each(|c| show(&c.unwrap(), &mut line));
                Some((took, line, answer.finish.clone(), answer.usage, answer.cached))
            });
            let told: Vec<_> = told.collect();
            prop_assert_eq!(&told[0], &told[1], "{}", json);
        }
        let [one, other] = answers.map(|mut answer| {
            let mut ready = Coalescer::default();
            answer.flush(&mut ready);
            ready.pop()
        });
        prop_assert_eq!(one, other);
    }
}

/// Returns an object with the members in the order that a number selects.
fn ordered(mut members: Vec<String>, order: usize) -> String {
    let mut left = order;
    for at in (1..members.len()).rev() {
        members.swap(at, left % (at + 1));
        left /= at + 1;
    }
    format!("{{{}}}", members.join(","))
}

/// Returns an event with this text and finish reason, and with its members in this order.
fn event_in_order(text: &str, finish: Option<&str>, order: usize) -> String {
    let value = |text: Option<&str>| serde_json::Value::from(text).to_string();
    let delta = ordered(
        vec![
            format!("\"content\":{}", value(Some(text))),
            "\"role\":\"assistant\"".to_owned(),
            "\"reasoning_content\":null".to_owned(),
        ],
        order / 7,
    );
    let choice = ordered(
        vec![
            format!("\"delta\":{delta}"),
            format!("\"finish_reason\":{}", value(finish)),
            "\"index\":0".to_owned(),
        ],
        order / 3,
    );
    let usage = finish.map_or("null".to_owned(), |_| r#"{"prompt_tokens":9}"#.to_owned());
    ordered(
        vec![
            format!("\"choices\":[{choice}]"),
            format!("\"usage\":{usage}"),
            "\"id\":\"1\"".to_owned(),
        ],
        order,
    )
}

proptest! {
    /// Text and end depend neither on where an answer is cut nor on the order of members.
    #[test]
    fn neither_cuts_nor_the_order_of_members_change_an_answer(
        pieces in proptest::collection::vec("[a-z解。\n\"\\\\😀]{0,6}", 0..8),
        finish in proptest::sample::select(vec!["stop", "length", "content_filter"]),
        orders in proptest::collection::vec(any::<usize>(), 9),
    ) {
        let whole = event_in_order(&pieces.concat(), Some(finish), 0);
        let texts = pieces.iter().map(String::as_str).zip(std::iter::repeat(None));
        let events = texts.chain([("", Some(finish))]).zip(orders);
        let events: Vec<_> = events.map(|((text, end), order)| event_in_order(text, end, order)).collect();
        let events: Vec<_> = events.iter().map(String::as_str).collect();
        prop_assert_eq!(fold(&events), fold(&[&whole]), "{:?}", events);
    }
}
