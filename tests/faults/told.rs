//! Refusals as the user sees them: the server's words take precedence over the status.

use crate::bench::*;
use crate::support::artifacts::CANARY as KEY;
use crate::support::upstream::*;
use serde_json::{Value, json};

fn refuses(status: u16, error: Value) -> Reply {
    Reply::json(status, &json!({ "error": error }).to_string())
}

/// Sends one request with a key, and expects these messages.
async fn told(reply: Reply, kind: &'static str, ja: &str, en: &str) {
    let fault = Fault::new(kind, reply).env("OPENAI_API_KEY", KEY);
    fault.ends("failed", kind).says(ja, en).check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f54_tokens_that_all_went_into_reasoning_are_told() {
    let end = |tokens| [sse_finish("length"), sse_usage(10, 0, tokens), SSE_DONE.to_owned()];
    let of = |name, pieces: Vec<String>| {
        Fault::new(name, Reply::stream(pieces)).ends("length", "length")
    };
    let all = (
        "「m」は答えを書けませんでした。8192 トークンをすべて推論に使い切っています。推論も数に入る `limits.max_tokens` を増やすか、`effort` を下げてください。",
        "\"m\" wrote no answer: all 8192 tokens went into reasoning. Raise `limits.max_tokens`, which also covers reasoning, or lower `effort`.",
    );
    of("seen in the count", end(8192).into()).says(all.0, all.1).check().await;
    let thought = [vec![sse_thinking("考え")], end(0).into()].concat();
    of("seen as it came", thought).says(all.0, all.1).check().await;
    of("stopped before our limit", end(900).into())
        .says(
            "「m」は答えを書けませんでした。900 トークンをすべて推論に使い、上限の 8192 に届く前に HOST が止めています。選択範囲を狭めるか、`effort` を下げるか、より長い文章を扱えるモデルを使ってください。",
            "\"m\" wrote no answer: it spent 900 tokens on reasoning, and HOST stopped it before the limit of 8192. Select less text, lower `effort`, or use a model with a larger context window.",
        )
        .check()
        .await;
    of("not seen", vec![sse_finish("length"), SSE_DONE.to_owned()])
        .settings("[limits]\nmax_tokens = 500\n")
        .says(
            "「m」は、答えを書く前にトークン数の上限で止まりました。`limits.max_tokens`（いまは 500）を増やしてください。推論するモデルでは、推論も数に入ります。",
            "\"m\" reached the token limit before it wrote an answer. Raise `limits.max_tokens` (now 500); reasoning counts toward it.",
        )
        .check()
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f55_a_403_is_not_always_the_key() {
    told(
        refuses(403, json!({"message": "Country, region, or territory not supported", "code": "unsupported_country_region_territory"})),
        "forbidden",
        "HOST は、この国や地域からは使えません（403）。使える地域のサーバーや、別の提供元のモデルを使ってください。プロキシや VPN を通しているときは、その出口の場所も確かめてください。詳細: Country, region, or territory not supported",
        "HOST is not available in the country or region the request came from (403). Use another provider, or check the exit location of your proxy or VPN if you use one. Detail: Country, region, or territory not supported",
    )
    .await;
    told(
        refuses(403, json!({"message": "Project `p` does not have access to model `m`", "code": "model_not_found"})),
        "forbidden",
        "HOST のこのアカウントでは、モデル「m」を使えません（403）。提供元の管理画面で使えるようにするか、別のモデルを使ってください。詳細: Project `p` does not have access to model `m`",
        "This account at HOST is not allowed to use \"m\" (403). Request access from the provider, or use another model. Detail: Project `p` does not have access to model `m`",
    )
    .await;
    let page = "<!DOCTYPE html><title>Just a moment...</title>";
    told(
        Reply::status(403).header("content-type", "text/html").write(page),
        "forbidden",
        "HOST の API ではなく、その手前にあるファイアウォールやボット対策が要求を止めたようです（403）。接続先 URL と、使っていれば VPN やプロキシを確かめてください。詳細: Just a moment...",
        "A firewall or bot check in front of HOST's API seems to have blocked the request (403). Check the base URL, and your VPN or proxy if you use one. Detail: Just a moment...",
    )
    .await;
    told(
        refuses(403, json!({"message": "Your API key was reported as leaked."})),
        "unauthorized",
        "HOST がキーを受け付けませんでした（403）。有効なキーを OPENAI_API_KEY に設定して、もう一度実行してください。詳細: Your API key was reported as leaked.",
        "HOST rejected the API key (403). Set OPENAI_API_KEY to a valid key and retry. Detail: Your API key was reported as leaked.",
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f55_a_400_and_a_429_are_told_as_what_they_are() {
    let empty = |status: u16, words: &str| {
        (
            format!(
                "HOST の利用枠または残高が尽きています（{status}）。契約と支払いを確かめるか、別のモデルを使ってください。詳細: {words}"
            ),
            format!(
                "Your account at HOST has no quota or credit left ({status}). Check your plan and billing, or use another model. Detail: {words}"
            ),
        )
    };
    for (status, error, words) in [
        (
            400,
            json!({"message": "Your credit balance is too low"}),
            "Your credit balance is too low",
        ),
        (
            400,
            json!({"message": "Budget has been exceeded!", "type": "auth_error"}),
            "Budget has been exceeded!",
        ),
        (429, json!({"code": "1113", "message": "余额不足"}), "余额不足"),
        (403, json!({"code": "insufficient_user_quota", "message": "q"}), "q"),
    ] {
        let (ja, en) = empty(status, words);
        told(refuses(status, error), "quota", &ja, &en).await;
    }
    told(
        refuses(429, json!({"message": "Rate limit exceeded: free-models-per-day"})),
        "quota",
        "HOST の 1 日の上限に達しました（429）。上限が戻るまで待つか、プランを変えるか、別のモデルを使ってください。詳細: Rate limit exceeded: free-models-per-day",
        "Your account at HOST has reached its daily limit (429). Wait until it resets, change your plan, or use another model. Detail: Rate limit exceeded: free-models-per-day",
    )
    .await;
    told(
        refuses(413, json!({"message": "Request too large on tokens per minute (TPM)", "code": "rate_limit_exceeded"})),
        "quota",
        "この要求だけで、HOST で 1 分間に使えるトークン数を超えます（413）。選択範囲を狭めるか、同じ枠で数えられる `limits.max_tokens` を減らすか、契約を見直してください。詳細: Request too large on tokens per minute (TPM)",
        "This request alone exceeds the tokens-per-minute limit of your account at HOST (413). Select less text, lower `limits.max_tokens`, which counts toward it, or change your plan. Detail: Request too large on tokens per minute (TPM)",
    )
    .await;
    told(
        refuses(400, json!({"message": "content management policy", "code": "content_filter", "innererror": {"code": "ResponsibleAIPolicyViolation"}})),
        "filtered",
        "HOST のコンテンツフィルターが要求を拒みました（400）。選択範囲を変えるか、別のモデルを使ってください。詳細: content management policy",
        "HOST's content filter rejected the request (400). Select different text, or use another model. Detail: content management policy",
    )
    .await;
    told(
        refuses(400, json!({"message": "API key not valid.", "details": [{"reason": "API_KEY_INVALID"}]})),
        "unauthorized",
        "HOST がキーを受け付けませんでした（400）。有効なキーを OPENAI_API_KEY に設定して、もう一度実行してください。詳細: API key not valid.",
        "HOST rejected the API key (400). Set OPENAI_API_KEY to a valid key and retry. Detail: API key not valid.",
    )
    .await;
    let stream = Reply::stream([sse(&json!({"error": {"message": "insufficient balance"}}))]);
    told(
        stream,
        "quota",
        "HOST の利用枠または残高が尽きています。契約と支払いを確かめるか、別のモデルを使ってください。詳細: insufficient balance",
        "Your account at HOST has no quota or credit left. Check your plan and billing, or use another model. Detail: insufficient balance",
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f56_too_long_is_one_kind_in_every_servers_words() {
    for (status, words) in [
        (
            400,
            "The input token count (1200293) exceeds the maximum number of tokens allowed (1048576).",
        ),
        (
            400,
            "This model's maximum prompt length is 131072 but the request contains 136973 tokens.",
        ),
        (400, "The input (61709 tokens) is longer than the model's context length (40960 tokens)."),
        (500, "Requested tokens (5136) exceed context window of 4096"),
    ] {
        let ja = format!(
            "選択範囲が長すぎて、HOST のモデル「m」には収まりません（{status}）。範囲を狭めるか、より長い文章を扱えるモデルを使ってください。詳細: {words}"
        );
        let en = format!(
            "The selection is too long for \"m\" at HOST ({status}). Select less text, or use a model with a larger context window. Detail: {words}"
        );
        told(refuses(status, json!({ "message": words })), "too_large", &ja, &en).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f57_the_reason_is_found_behind_a_gateways_words() {
    let raw = json!({"error": {"message": "prompt is too long: 9 tokens > 8 maximum"}}).to_string();
    let error = json!({"message": "Provider returned error", "code": 400, "metadata": {"raw": raw, "provider_name": "Anthropic"}});
    let told = Fault::new("by a status", refuses(400, error.clone())).ends("failed", "too_large");
    let message = |told: &Told| told.outcome.failure().unwrap().message.clone();
    let said = "詳細: Anthropic: prompt is too long: 9 tokens > 8 maximum";
    assert!(message(&told.check().await).ends_with(said));
    let inside = Fault::new("in a stream", Reply::stream([sse(&json!({ "error": error }))]));
    assert!(message(&inside.ends("failed", "too_large").check().await).ends_with(said));
    let wrapped =
        r#"litellm.BadRequestError: OpenAIException - {"error":{"message":"no such field"}}"#;
    let fault = Fault::new("LiteLLM", refuses(400, json!({ "message": wrapped })));
    let told = fault.ends("failed", "bad_request").check().await;
    assert!(message(&told).ends_with("詳細: no such field"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f58_a_408_may_have_been_billed_and_is_left_to_the_user() {
    for (status, kind) in [(408, "timeout"), (504, "server"), (524, "server")] {
        let ja = format!(
            "HOST は応答を待ちきれずに打ち切りました（{status}）。処理が始まっていれば料金がかかることがあるので、自動では送り直していません。もう一度実行するか、「m」より速いモデルを使ってください。詳細: late"
        );
        let en = format!(
            "HOST timed out while waiting for the answer ({status}). kaizodo did not retry automatically, because the request may already have been processed and billed. Retry, or use a faster model than \"m\". Detail: late"
        );
        told(refuses(status, json!({"message": "late"})), kind, &ja, &en).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f59_a_server_that_wants_a_key_is_told_from_one_that_refuses_it() {
    let fault =
        Fault::new("no key", refuses(401, json!({"message": "no"}))).env("OPENAI_API_KEY", "");
    let told = fault
        .ends("failed", "unauthorized")
        .says(
            "HOST はキーを求めていますが（401）、ここには設定されていません。OPENAI_API_KEY か、config.toml の key_command で設定してください。デスクトップから起動したエディターには、シェルの環境変数が届かないことがあります（VS Code ではコマンド「API キーを設定」を使えます）。詳細: no",
            "HOST requires an API key (401), but none is set. Set OPENAI_API_KEY, or key_command in config.toml. An editor started from the desktop may not see your shell's environment variables (in VS Code, use the command Set API Key). Detail: no",
        )
        .check()
        .await;
    assert_eq!(told.requests[0].header("authorization"), None);
    let fault = Fault::new("no key, 403", refuses(403, json!({"message": "no"})));
    let fault = fault.env("OPENAI_API_KEY", "").ends("failed", "forbidden");
    fault
        .says(
            "HOST がキーのない要求を許可しませんでした（403）。キーが要るサーバーなら、OPENAI_API_KEY か、config.toml の key_command で設定してください。詳細: no",
            "HOST denied the request, which carried no API key (403). If the server requires one, set OPENAI_API_KEY, or key_command in config.toml. Detail: no",
        )
        .check()
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f59_what_was_pasted_along_with_a_key_is_told_before_it_is_sent() {
    let upstream = Upstream::always(answer([GOOD])).await;
    for (key, ja, en) in [
        (
            format!("\"{KEY}\""),
            "API キーが引用符で囲まれています。引用符を除いたキーだけを OPENAI_API_KEY に設定してください。",
            "There are quotation marks around the API key. Set OPENAI_API_KEY without them.",
        ),
        (
            format!("Bearer {KEY}"),
            "API キーの前に `Bearer` が付いています。kaizodo が自分で付けるので、キーだけを OPENAI_API_KEY に設定してください。",
            "The API key starts with `Bearer`, which kaizodo adds itself. Set OPENAI_API_KEY to the key alone.",
        ),
    ] {
        let env = [("OPENAI_API_KEY".to_owned(), key)];
        let told = in_editor(&upstream.url(), "", &env, None).await;
        let failure = told.outcome.failure().unwrap();
        assert_eq!(failure.message, ja);
        assert!(told.section.contains(&format!("✗ {ja}")), "{}", told.section);
        let said = on_command_line(&upstream.url(), "", &env).await;
        assert_eq!(said.code, Some(1), "{said:?}");
        assert_eq!(said.out.matches(en).count(), 4, "{said:?}");
        assert!(!format!("{said:?}{}", told.section).contains("canary"));
    }
    assert_eq!(upstream.connections(), 0);
}
