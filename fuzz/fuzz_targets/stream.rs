//! Fuzzes the event stream reader: it never panics, and an answer's text and end depend neither on
//! how the answer is split into events nor on the order of their members.

#![no_main]

use kaizodo::provider::openai::read;

/// Returns an event; `turned` changes the order of its members.
fn event(content: &str, finish: Option<&str>, turned: bool) -> String {
    let content = serde_json::Value::from(content);
    let finish = serde_json::Value::from(finish);
    match turned {
        false => format!(
            r#"{{"id":"1","choices":[{{"index":0,"delta":{{"content":{content}}},"finish_reason":{finish}}}]}}"#
        ),
        true => format!(
            r#"{{"choices":[{{"finish_reason":{finish},"delta":{{"content":{content}}},"index":0}}],"id":"1"}}"#
        ),
    }
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let [size, bytes @ ..] = bytes else { return };
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    // As events.
    read(text.lines());
    // As an answer.
    let (size, turned) = (1 + usize::from(size >> 1) % 16, size & 1 == 1);
    let whole = read([event(text, Some("stop"), false).as_str()]);
    let mut events = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (piece, more) = rest.split_at(rest.ceil_char_boundary(size.min(rest.len())));
        events.push(event(piece, None, turned));
        rest = more;
    }
    events.push(event("", Some("stop"), turned));
    assert_eq!(read(events.iter().map(String::as_str)), whole, "{events:?}");
});
