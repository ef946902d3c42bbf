//! What an answer's chunks become.

use super::*;

/// What the events amount to, in one line.
fn fold(events: &[&str]) -> String {
    let mut answer = Answer::default();
    let mut line = String::new();
    for json in events {
        let mut ready = Ready::default();
        let taken = answer.take(Event::read(json).unwrap(), &mut ready);
        let chunks = std::iter::from_fn(|| ready.pop());
        chunks.for_each(|chunk| show(&chunk.unwrap(), &mut line));
        if let Err(complaint) = taken {
            return line + "!" + &complaint.message;
        }
    }
    line += answer.rest();
    if answer.finished() {
        show(&answer.end(), &mut line);
    }
    line
}

fn show(chunk: &Chunk, line: &mut String) {
    *line += &match chunk {
        Chunk::Text(text) => text.clone(),
        Chunk::Thinking(chars) => format!("({chars})"),
        Chunk::Finish { reason, usage: None, .. } => format!(" {reason:?}"),
        Chunk::Finish { reason, usage: Some(u), .. } => {
            format!(" {reason:?} {}/{}/{}", u.prompt_tokens, u.cached_tokens, u.completion_tokens)
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
        (&[r#"{"error":"m","choices":[{"delta":{"content":"a"}}]}"#], "a!m"),
        (&[r#"{"error":null,"choices":null}"#], ""),
        (&[r#"{"error":{},"choices":[{"delta":{"content":"a"}}]}"#], "a"),
        (&[r#"{"type":"ping"}"#, "{}"], ""),
    ] {
        assert_eq!(fold(events), line, "{events:?}");
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
    let without = r#"{"choices":[{"delta":{"content":"b"}}]}"#;
    assert_eq!(fold(&[&choice("0", "a"), without]), "ab");
    assert_eq!(fold(&[without, &choice("0", "a"), &choice("1", "x")]), "ba");
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
        (r#"{"usage":{"prompt_tokens":9,"cost":0.1}}"#, " Stop 9/0/0"),
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
