//! Requests that the server refuses.

use crate::bench::*;
use crate::support::artifacts::CANARY as KEY;
use crate::support::upstream::*;

fn error(status: u16, message: &str) -> Reply {
    Reply::json(status, &format!(r#"{{"error":{{"message":"{message}"}}}}"#))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f04_other_refusals_are_told_once_with_the_servers_words() {
    for (status, kind, ja, en) in [
        (
            400,
            "bad_request",
            "HOST が要求を受け付けませんでした（400）。接続先 URL とモデル「m」の設定を確かめてください。詳細: no",
            "HOST rejected the request (400). Check the base URL and the settings for \"m\". Detail: no",
        ),
        (
            401,
            "unauthorized",
            "HOST がキーを受け付けませんでした（401）。有効なキーを OPENAI_API_KEY に設定して、もう一度実行してください。詳細: no",
            "HOST rejected the API key (401). Set OPENAI_API_KEY to a valid key and retry. Detail: no",
        ),
        (
            403,
            "forbidden",
            "HOST が要求を許可しませんでした（403）。アカウントとキーに、モデル「m」を使う権限があるかを確かめてください。詳細: no",
            "HOST denied the request (403). Check that your account and key are allowed to use \"m\". Detail: no",
        ),
        (
            404,
            "not_found",
            "HOST にモデル「m」または接続先のパスが見つかりません（404）。使えるモデルは `kaizodo doctor` で確かめられます。詳細: no",
            "HOST cannot find the model \"m\" or the requested path (404). Run `kaizodo doctor` to see which models are available. Detail: no",
        ),
        (
            413,
            "too_large",
            "選択範囲が長すぎて、HOST のモデル「m」には収まりません（413）。範囲を狭めるか、より長い文章を扱えるモデルを使ってください。詳細: no",
            "The selection is too long for \"m\" at HOST (413). Select less text, or use a model with a larger context window. Detail: no",
        ),
        (
            422,
            "bad_request",
            "HOST が要求を受け付けませんでした（422）。接続先 URL とモデル「m」の設定を確かめてください。詳細: no",
            "HOST rejected the request (422). Check the base URL and the settings for \"m\". Detail: no",
        ),
    ] {
        let fault = Fault::new("a refusal", error(status, "no")).env("OPENAI_API_KEY", KEY);
        fault.ends("failed", kind).says(ja, en).check().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f04_a_refusals_words_are_quoted_in_short_and_hold_no_key() {
    let words = format!("bad key {KEY}: {}", "w".repeat(5000));
    let fault = Fault::new("long words", error(400, &words)).env("OPENAI_API_KEY", KEY);
    let told = fault.ends("failed", "bad_request").check().await;
    let message = &told.outcome.failure().unwrap().message;
    assert!(message.contains("詳細: bad key …: www") && message.ends_with("www…"), "{message}");
    assert!(message.chars().count() < 300, "{message}");
    let authorization = told.requests[0].header("authorization").unwrap();
    assert!(authorization.contains(KEY), "{authorization}");
    for hidden in ["canary", "0123456789"] {
        assert!(!serde_json::to_string(&told.events).unwrap().contains(hidden));
        assert!(!told.section.contains(hidden));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f21_a_redirect_is_told_with_its_host_and_not_followed() {
    let sink = Upstream::always(answer(["stolen"])).await;
    for status in [301, 302, 303, 307, 308] {
        for (target, ja, en) in [
            (format!("{}/x?key=canary", sink.url()), " 127.0.0.1 ", "127.0.0.1"),
            ("https://other.test/x?key=canary".to_owned(), " other.test ", "other.test"),
            ("/v2/x?key=canary".to_owned(), "別の場所", "another path"),
        ] {
            let page = Reply::status(status).header("location", &target).write("<h1>Moved</h1>");
            let ja = format!(
                "HOST は{ja}へ転送しようとしています（{status}）。文章とキーは転送先へ送りません。接続先 URL を最終的なものに直してください。"
            );
            let en = format!(
                "HOST redirects to {en} ({status}); your text and key were not sent there. Set the base URL to the final address."
            );
            let told = Fault::new("a redirect", page)
                .ends("failed", "bad_request")
                .says(ja, en)
                .check()
                .await;
            assert!(!told.section.contains("canary"), "{}", told.section);
        }
    }
    assert_eq!(sink.connections(), 0);
}
