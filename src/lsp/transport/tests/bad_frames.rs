//! Tests with input that is not a valid message.

use super::*;
use proptest::prelude::*;

/// Checks that a valid request after a bad frame is answered. `codes` are the error responses
/// before that.
async fn check_bad_frame(name: &str, bytes: &[u8], codes: &[i64]) {
    let mut editor = Editor::initialized().await;
    editor.raw(bytes).await;
    let id = editor.ask("t/echo", json!(name)).await;
    for code in codes {
        let error = editor.read().await;
        assert_eq!((&error["error"]["code"], &error["id"]), (&json!(code), &json!(null)), "{name}");
    }
    assert_eq!(editor.answer(id).await["result"], name);
    assert_eq!(editor.losses.load(Ordering::Relaxed), codes.len(), "{name}");
}

#[tokio::test(start_paused = true)]
async fn ten_bad_frames_are_survived() {
    let body = |body: &[u8]| frame::encode(body);
    let good = r#"{"jsonrpc":"2.0","method":"t/change","params":1}"#;
    check_bad_frame("invalid JSON", &body(b"{\"jsonrpc\": nonsense}"), &[-32700]).await;
    check_bad_frame("truncated JSON", &body(&good.as_bytes()[..20]), &[-32700]).await;
    check_bad_frame("invalid UTF-8", &body(b"{\"method\":\"\xff\xfe\"}"), &[-32700]).await;
    check_bad_frame("batch array", &body(format!("[{good}]").as_bytes()), &[-32600]).await;
    check_bad_frame("scalar", &body(b"42"), &[-32600]).await;
    let half = r#"{"jsonrpc":"2.0","method":"t/change","params":{"text":"\ud83d"}}"#;
    check_bad_frame("lone surrogate", &body(half.as_bytes()), &[]).await;
    let odd = format!(
        "X-First: 1\r\ncontent-type: text/plain\r\ncontent-length: {}\r\nX-Last: 2\r\n\r\n{good}",
        good.len()
    );
    check_bad_frame("odd headers", odd.as_bytes(), &[]).await;
    let header = |header: &str| format!("{header}\r\n\r\n{good}").into_bytes();
    check_bad_frame("no length", &header("Content-Type: text/plain"), &[-32700]).await;
    check_bad_frame("NaN length", &header("Content-Length: NaN"), &[-32700]).await;
    let absurd = header("Content-Length: 1000000000000000000");
    check_bad_frame("absurd length", &absurd, &[-32700]).await;
    // Three more than the ten in the test's name.
    check_bad_frame("empty body", &body(b""), &[-32700]).await;
    check_bad_frame("length too small", &header("Content-Length: 20"), &[-32700, -32700]).await;
    check_bad_frame("rubbish", b"ssh: a banner\r\nand more\r\n\r\n", &[-32700]).await;
}

#[tokio::test(start_paused = true)]
async fn a_change_with_half_a_character_is_applied() {
    let mut editor = Editor::initialized().await;
    let half = br#"{"jsonrpc":"2.0","method":"t/change","params":{"text":"a\ud83db"}}"#;
    editor.raw(&frame::encode(half)).await;
    let notes = editor.request("t/notes", json!(null)).await;
    assert_eq!(notes["result"][1], json!({"text": "a\u{fffd}b"}));
}

/// Returns the bytes of something that a client may send, and the number of error responses to it.
fn piece(kind: usize, id: usize) -> (Vec<u8>, usize) {
    let body = |body: String| frame::encode(body.as_bytes());
    match kind {
        0 => (body(format!(r#"{{"jsonrpc":"2.0","method":"t/change","params":{id}}}"#)), 0),
        1 => (body(format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"t/wait"}}"#)), 0),
        2 => (body(r#"{"jsonrpc":"2.0","method":"#.into()), 1),
        3 => (body("[]".into()), 1),
        4 => (body("{\"jsonrpc\":\"2.0\",\"id\":999999,\"result\":\"\\ud800\"}".into()), 0),
        5 => (b"Content-Length: x\r\n\r\n".to_vec(), 1),
        6 => (b"X: y\n\nrubbish\r\n".to_vec(), 1),
        _ => (b"content-length: 0\r\nA: b\r\n\r\n".to_vec(), 1),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn any_session_in_any_pieces_is_answered(
        kinds in prop::collection::vec(0usize..8, 0..40),
        cuts in prop::collection::vec(1usize..200, 1..60),
    ) {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
        runtime.unwrap().block_on(async {
            let mut editor = Editor::initialized().await;
            let (mut bytes, mut errors) = (Vec::new(), 0);
            let mut open = std::collections::HashSet::new();
            for (i, kind) in kinds.into_iter().enumerate() {
                let (piece, bad) = piece(kind, 1000 + i);
                bytes.extend(piece);
                errors += bad;
                let echo = json!({"jsonrpc": "2.0", "id": i + 2, "method": "t/echo", "params": i});
                bytes.extend(frame::encode(echo.to_string().as_bytes()));
                open.insert(i + 2);
            }
            let mut rest = bytes.as_slice();
            for cut in cuts.into_iter().cycle() {
                let (piece, after) = rest.split_at(cut.min(rest.len()));
                editor.raw(piece).await;
                rest = after;
                if rest.is_empty() {
                    break;
                }
            }
            while !open.is_empty() || errors > 0 {
                let message = editor.read().await;
                match message["id"].as_u64() {
                    Some(id) => assert!(open.remove(&(id as usize)), "{message}"),
                    None => errors -= 1,
                }
            }
            editor.next_id = 5_000;
            editor.assert_lives().await;
        });
    }
}
