//! The message for every failure, in both languages.

use super::*;
use crate::provider::{Endpoint, EndpointError, KeyPlace, Secret, Tls, TokenLimit};

fn error(kind: FailureKind, host: &str, status: u16, detail: &str) -> ProviderError {
    ProviderError {
        kind,
        host: Some(host.to_owned()),
        status: (status > 0).then_some(status),
        retry_after: None,
        cause: None,
        detail: (!detail.is_empty()).then(|| detail.to_owned()),
    }
}

/// Returns the messages in both languages, one per line, if some text has arrived.
fn both(error: &ProviderError) -> String {
    [Lang::Ja, Lang::En].map(|lang| failure(error, "gpt", true, lang).message).join("\n")
}

/// Returns the messages in both languages, one per line, if no text has arrived.
fn both_early(error: &ProviderError) -> String {
    [Lang::Ja, Lang::En].map(|lang| failure(error, "gpt", false, lang).message).join("\n")
}

fn caused(kind: FailureKind, cause: Cause) -> ProviderError {
    error(kind, "api.openai.com", 0, "").because(cause)
}

fn of(kind: FailureKind, status: u16, detail: &str) -> String {
    both(&error(kind, "api.openai.com", status, detail))
}

#[test]
fn tells_refusals() {
    use FailureKind::*;
    insta::assert_snapshot!(of(Unauthorized, 401, "Incorrect API key"), @r"
    api.openai.com がキーを受け付けませんでした（401）。有効なキーを OPENAI_API_KEY に設定して、もう一度実行してください。詳細: Incorrect API key
    api.openai.com rejected the API key (401). Set OPENAI_API_KEY to a valid key and retry. Detail: Incorrect API key
    ");
    let rejected =
        |place| both(&error(Unauthorized, "a.test", 401, "").because(Cause::KeyRejected(place)));
    insta::assert_snapshot!(rejected(KeyPlace::Header("api-key".into())), @r"
    a.test が、ヘッダー api-key のキーを受け付けませんでした（401）。設定の headers にあるキーを直して、もう一度実行してください。
    a.test rejected the key in the header api-key (401). Correct the key in `headers` in the settings, then retry.
    ");
    insta::assert_snapshot!(rejected(KeyPlace::Command("pass".into())), @r"
    a.test が、`pass` の出力したキーを受け付けませんでした（401）。config.toml の key_command と、その出力を確かめて、もう一度実行してください。
    a.test rejected the API key that `pass` printed (401). Check key_command in config.toml and what it prints, then retry.
    ");
    insta::assert_snapshot!(rejected(KeyPlace::Perhaps("x-token".into())), @r"
    a.test がキーを受け付けませんでした（401）。キーが x-token に入っているなら、設定のその値を直してください。入っていなければ、OPENAI_API_KEY か、config.toml の key_command で設定してください。
    a.test rejected the API key (401). If the key is in x-token, correct it in the settings. Otherwise set OPENAI_API_KEY, or key_command in config.toml.
    ");
    insta::assert_snapshot!(of(Quota, 429, ""), @r"
    api.openai.com の利用枠または残高が尽きています（429）。契約と支払いを確かめるか、別のモデルを使ってください。
    Your account at api.openai.com has no quota or credit left (429). Check your plan and billing, or use another model.
    ");
    insta::assert_snapshot!(of(NotFound, 404, ""), @r#"
    api.openai.com にモデル「gpt」または接続先のパスが見つかりません（404）。使えるモデルは `kaizodo doctor` で確かめられます。
    api.openai.com cannot find the model "gpt" or the requested path (404). Run `kaizodo doctor` to see which models are available.
    "#);
    insta::assert_snapshot!(of(TooLarge, 400, ""), @r#"
    選択範囲が長すぎて、api.openai.com のモデル「gpt」には収まりません（400）。範囲を狭めるか、より長い文章を扱えるモデルを使ってください。
    The selection is too long for "gpt" at api.openai.com (400). Select less text, or use a model with a larger context window.
    "#);
    insta::assert_snapshot!(of(BadRequest, 400, "bad field"), @r#"
    api.openai.com が要求を受け付けませんでした（400）。接続先 URL とモデル「gpt」の設定を確かめてください。詳細: bad field
    api.openai.com rejected the request (400). Check the base URL and the settings for "gpt". Detail: bad field
    "#);
    let redirect = error(BadRequest, "api.openai.com", 307, "");
    insta::assert_snapshot!(both(&redirect.clone().because(Cause::Redirect("b.test".into()))), @r"
    api.openai.com は b.test へ転送しようとしています（307）。文章とキーは転送先へ送りません。接続先 URL を最終的なものに直してください。
    api.openai.com redirects to b.test (307); your text and key were not sent there. Set the base URL to the final address.
    ");
    insta::assert_snapshot!(both(&redirect.because(Cause::Redirect("another path".into()))), @r"
    api.openai.com は別の場所へ転送しようとしています（307）。文章とキーは転送先へ送りません。接続先 URL を最終的なものに直してください。
    api.openai.com redirects to another path (307); your text and key were not sent there. Set the base URL to the final address.
    ");
    insta::assert_snapshot!(of(RateLimited, 429, ""), @r"
    api.openai.com への要求が多すぎます（429）。少し待ってから実行し直すか、同時に送る数を減らしてください。
    api.openai.com is rate-limiting requests (429). Wait a moment and retry, or send fewer requests at once.
    ");
    let mut wait = error(RateLimited, "api.openai.com", 429, "");
    wait.retry_after = Some(Duration::from_millis(1_500));
    insta::assert_snapshot!(both(&wait), @r"
    api.openai.com への要求が多すぎます（429）。2 秒後にもう一度実行してください。
    api.openai.com is rate-limiting requests (429). Retry in 2 s.
    ");
}

#[test]
fn tells_what_broke() {
    use FailureKind::*;
    insta::assert_snapshot!(of(Server, 503, ""), @r"
    api.openai.com で障害が起きています（503）。少し待ってから、もう一度実行してください。
    api.openai.com reported an internal error (503). Wait a moment and retry.
    ");
    insta::assert_snapshot!(of(Provider, 0, ""), @r#"
    api.openai.com がエラーを返しました。もう一度実行しても直らないときは、モデル「gpt」とサーバーのログを確かめてください。
    api.openai.com reported an error. If a retry does not help, check the model "gpt" and the server's log.
    "#);
    insta::assert_snapshot!(both(&caused(Provider, Cause::NothingWritten)), @r#"
    「gpt」は何も書かずに終わりました。もう一度実行するか、別のモデルを使ってください。
    "gpt" finished without writing anything. Retry, or use another model.
    "#);
    insta::assert_snapshot!(both(&caused(Provider, Cause::WantsTool)), @r#"
    「gpt」は書き続けずにツールを呼ぼうとしましたが、kaizodo はツールを渡していません。もう一度実行するか、別のモデルを使ってください。
    "gpt" tried to call a tool, but kaizodo offers none. Retry, or use another model.
    "#);
    insta::assert_snapshot!(of(Filtered, 0, ""), @r"
    api.openai.com のコンテンツフィルターが応答を止めました。選択範囲を変えるか、別のモデルを使ってください。
    api.openai.com's content filter stopped the answer. Select different text, or use another model.
    ");
    insta::assert_snapshot!(of(Internal, 0, ""), @r"
    kaizodo の内部エラーのため、api.openai.com の応答を得られませんでした。`kaizodo doctor` の出力を添えて報告してください。
    Because of an internal error, kaizodo could not get the answer from api.openai.com. Please report it with the output of `kaizodo doctor`.
    ");
}

#[test]
fn tells_what_cannot_be_read() {
    let of = |cause| both(&caused(FailureKind::BadResponse, cause));
    let mut page = caused(FailureKind::BadResponse, Cause::Page("text/html".into()));
    page.detail = Some("Sign in".into());
    insta::assert_snapshot!(both(&page), @r"
    api.openai.com から、応答の代わりに Web ページが返ってきました（text/html）。ネットワークにサインインが要らないかと、接続先 URL が API のもの（多くは /v1 で終わります）かを確かめてください。詳細: Sign in
    api.openai.com returned a web page instead of an answer (text/html). Check whether the network requires you to sign in, and that the base URL points to the API (most end in /v1). Detail: Sign in
    ");
    insta::assert_snapshot!(of(Cause::NotAStream("application/json".into())), @r"
    api.openai.com の応答を読み取れませんでした（application/json）。繰り返すときは、接続先 URL が API のもの（多くは /v1 で終わります）かを確かめてください。
    Cannot read the response from api.openai.com (application/json). If a retry does not help, check that the base URL points to the API (most end in /v1).
    ");
    insta::assert_snapshot!(of(Cause::Empty), @r"
    api.openai.com の応答は空でした。もう一度実行し、繰り返すときは接続先 URL とサーバーのログを確かめてください。
    api.openai.com sent an empty response. Retry; if that does not help, check the base URL and the server's log.
    ");
    insta::assert_snapshot!(of(Cause::Encoded("gzip".into())), @r"
    api.openai.com の応答は、頼んでいない方式（gzip）で圧縮されていて読めません。あいだにあるプロキシの設定を確かめてください。
    Cannot read the response from api.openai.com: it uses the content encoding gzip, which kaizodo did not ask for. Check any proxies in between.
    ");
    insta::assert_snapshot!(of(Cause::EventTooLong(4096)), @r"
    api.openai.com が区切りのないデータを 4096 バイトより多く送ってきたので、読むのをやめました。サーバーのログを確かめてください。設定 limits.event_bytes で変えられます。
    api.openai.com sent more than 4096 bytes without a separator, so kaizodo stopped reading. Check the server's log. To change the limit, set limits.event_bytes.
    ");
    insta::assert_snapshot!(of(Cause::UnreadableEvents(1)), @r"
    api.openai.com の応答に、壊れていて読めない箇所がありました（文中の �）。全文を得るには、もう一度実行してください。
    Part of the answer from api.openai.com was corrupt and could not be read (� in the text). Retry to get the full answer.
    ");
    insta::assert_snapshot!(of(Cause::UnreadableEvents(3)), @r"
    api.openai.com の応答に、壊れていて読めない箇所が 3 つありました（文中の �）。全文を得るには、もう一度実行してください。
    3 parts of the answer from api.openai.com were corrupt and could not be read (� in the text). Retry to get the full answer.
    ");
    insta::assert_snapshot!(both_early(&caused(FailureKind::BadResponse, Cause::UnreadableEvents(3))), @r"
    api.openai.com の応答を読み取れませんでした。繰り返すときは、接続先 URL が API のもの（多くは /v1 で終わります）かを確かめてください。
    Cannot read the response from api.openai.com. If a retry does not help, check that the base URL points to the API (most end in /v1).
    ");
}

#[test]
fn tells_what_broke_off() {
    let error = |cause| caused(FailureKind::Interrupted, cause);
    insta::assert_snapshot!(both(&error(Cause::Reset)), @r"
    api.openai.com の応答が途中で切れました。全文を得るには、もう一度実行してください。
    The answer from api.openai.com was cut off. Retry to get the full answer.
    ");
    insta::assert_snapshot!(both(&error(Cause::NoEnd)), @r"
    api.openai.com の応答が、終わりの印のないまま途切れました。全文を得るには、もう一度実行してください。
    The answer from api.openai.com stopped without an end marker. Retry to get the full answer.
    ");
    insta::assert_snapshot!(both_early(&error(Cause::Reset)), @r"
    応答が来る前に、api.openai.com との接続が切れました。処理が始まっていれば料金がかかることがあるので、自動では送り直していません。もう一度実行してください。
    The connection to api.openai.com was lost before the answer arrived. kaizodo did not retry automatically, because the request may already have been processed and billed. Retry.
    ");
    insta::assert_snapshot!(both_early(&error(Cause::NoEnd)), @r#"
    api.openai.com の応答が、何も書かれないまま終わりました。もう一度実行し、繰り返すときはモデル「gpt」とサーバーのログを確かめてください。
    The response from api.openai.com ended before "gpt" had written anything. Retry; if that does not help, check the model and the server's log.
    "#);
    insta::assert_snapshot!(both_early(&error(Cause::NotProcessed)), @r"
    api.openai.com は要求を受け付けずに接続を閉じました。少し待ってから、もう一度実行してください。
    api.openai.com closed the connection without accepting the request. Wait a moment and retry.
    ");
}

#[test]
fn tells_which_limit() {
    use FailureKind::*;
    let late =
        |cause: fn(Duration) -> Cause, ms| both(&caused(Timeout, cause(Duration::from_millis(ms))));
    insta::assert_snapshot!(late(Cause::NoAnswer, 120_000), @r#"
    api.openai.com は 120 秒待っても応答を始めませんでした。もう一度実行するか、設定 timeouts.first_byte_ms を延ばすか、「gpt」より速いモデルを使ってください。
    api.openai.com did not start answering within 120 s. Retry, raise timeouts.first_byte_ms, or use a faster model than "gpt".
    "#);
    insta::assert_snapshot!(late(Cause::Silence, 1_500), @r#"
    api.openai.com から 1.5 秒のあいだ何も届きませんでした。もう一度実行するか、設定 timeouts.idle_ms を延ばすか、「gpt」より速いモデルを使ってください。
    api.openai.com sent nothing for 1.5 s. Retry, raise timeouts.idle_ms, or use a faster model than "gpt".
    "#);
    insta::assert_snapshot!(late(Cause::NoText, 300_000), @r#"
    api.openai.com は接続を保っていますが、300 秒のあいだ文章が届きませんでした。もう一度実行するか、設定 timeouts.keep_alive_ms を延ばすか、「gpt」より速いモデルを使ってください。
    api.openai.com kept the connection open for 300 s but sent no text. Retry, raise timeouts.keep_alive_ms, or use a faster model than "gpt".
    "#);
    insta::assert_snapshot!(late(Cause::TooSlow, 600_000), @r#"
    api.openai.com の応答が 600 秒たっても終わらないので止めました。もう一度実行するか、設定 timeouts.total_ms を延ばすか、「gpt」より速いモデルを使ってください。
    api.openai.com had not finished after 600 s, so kaizodo stopped the request. Retry, raise timeouts.total_ms, or use a faster model than "gpt".
    "#);
    insta::assert_snapshot!(of(Timeout, 0, ""), @r#"
    api.openai.com から応答が来なくなりました。もう一度実行するか、「gpt」より速いモデルを使ってください。
    api.openai.com stopped responding. Retry, or use a faster model than "gpt".
    "#);
    insta::assert_snapshot!(of(Timeout, 408, ""), @r#"
    api.openai.com は応答を待ちきれずに打ち切りました（408）。処理が始まっていれば料金がかかることがあるので、自動では送り直していません。もう一度実行するか、「gpt」より速いモデルを使ってください。
    api.openai.com timed out while waiting for the answer (408). kaizodo did not retry automatically, because the request may already have been processed and billed. Retry, or use a faster model than "gpt".
    "#);
    insta::assert_snapshot!(of(Length, 0, ""), @r#"
    モデル「gpt」の応答がトークン数の上限で止まりました。max_tokens を増やすか、選択範囲を狭めてください。
    "gpt" reached the token limit before it finished. Raise max_tokens, or select less text.
    "#);
    let own = TokenLimit { used: Some(50), allowed: 50, is_own: true };
    insta::assert_snapshot!(both_early(&caused(Length, Cause::NoTextAtLimit(own))), @r#"
    「gpt」は答えを書けませんでした。50 トークンをすべて推論に使い切っています。推論も数に入る、この観点の `max_tokens` を増やすか、`effort` を下げてください。
    "gpt" wrote no answer: all 50 tokens went into reasoning. Raise the perspective's own `max_tokens`, which also covers reasoning, or lower `effort`.
    "#);
    insta::assert_snapshot!(both(&caused(Limit, Cause::BranchBytes(8))), @r"
    答えが上限の 8 バイトを超えたので止めました。設定 limits.branch_bytes で変えられます。
    Stopped: the answer exceeded the limit of 8 bytes. To change the limit, set limits.branch_bytes.
    ");
    insta::assert_snapshot!(both(&caused(Limit, Cause::RunBytes(8))), @r"
    この実行の答えが合わせて上限の 8 バイトを超えたので、すべて止めました。設定 limits.run_bytes で変えられます。
    Stopped: the answers of this run together exceeded the limit of 8 bytes. To change the limit, set limits.run_bytes.
    ");
    insta::assert_snapshot!(both(&caused(Limit, Cause::MoreTokens(4096))), @r#"
    「gpt」が max_tokens（4096）を大きく超えて書き続けたので止めました。api.openai.com は上限を守らないようです。max_tokens を増やすか、別のモデルを使ってください。
    Stopped: "gpt" kept writing far past max_tokens (4096), which api.openai.com seems to ignore. Use another model, or raise max_tokens to let it write more.
    "#);
    insta::assert_snapshot!(of(Limit, 0, ""), @r"
    api.openai.com の応答が kaizodo の上限に達したため、ここで止めました。選択範囲を狭めてください。
    The answer from api.openai.com reached one of kaizodo's limits and was stopped. Select less text.
    ");
}

#[test]
fn tells_what_to_start() {
    let at = |host| {
        both(&error(FailureKind::Unreachable, host, 0, "").because(Cause::ConnectionRefused))
    };
    insta::assert_snapshot!(at("127.0.0.1:11434"), @r"
    127.0.0.1:11434 に接続できません。Ollama を起動する（`ollama serve`）か、接続先 URL の設定を外してください。
    Cannot connect to 127.0.0.1:11434. Start Ollama (`ollama serve`), or unset the base URL.
    ");
    insta::assert_snapshot!(at("localhost:1234"), @r"
    localhost:1234 に接続できません。LM Studio のサーバーを起動するか、接続先 URL の設定を外してください。
    Cannot connect to localhost:1234. Start LM Studio's server, or unset the base URL.
    ");
    insta::assert_snapshot!(at("127.0.0.1:8080"), @r"
    127.0.0.1:8080 に接続できません。`llama-server` を起動するか、接続先 URL の設定を外してください。
    Cannot connect to 127.0.0.1:8080. Start `llama-server`, or unset the base URL.
    ");
    insta::assert_snapshot!(at("[::1]:5000"), @r"
    [::1]:5000 に接続できません。サーバーを起動するか、接続先 URL の設定を外してください。
    Cannot connect to [::1]:5000. Start the server, or unset the base URL.
    ");
}

#[test]
fn tells_why_a_host_is_out_of_reach() {
    let of = |cause: Option<Cause>, detail| {
        both(&ProviderError { cause, ..error(FailureKind::Unreachable, "a.test", 0, detail) })
    };
    insta::assert_snapshot!(of(None, "no route to host"), @r"
    a.test に接続できません。ネットワークと接続先 URL を確かめてください。詳細: no route to host
    Cannot reach a.test. Check the network and the base URL. Detail: no route to host
    ");
    insta::assert_snapshot!(of(Some(Cause::ConnectionRefused), ""), @r"
    a.test への接続が拒まれました。サーバーが動いているか、使っていればプロキシ、接続先 URL のポートを確かめてください。
    The connection to a.test was refused. Check that the server is running, the port in the base URL, and your proxy if you use one.
    ");
    insta::assert_snapshot!(of(Some(Cause::NoConnection), ""), @r"
    a.test への接続が時間内にできませんでした。ネットワーク、使っていればプロキシ、接続先 URL を確かめるか、設定 timeouts.connect_ms を延ばしてください。
    The connection to a.test timed out. Check the network, the base URL and your proxy if you use one, or raise timeouts.connect_ms.
    ");
    insta::assert_snapshot!(of(Some(Cause::Dns), ""), @r"
    a.test というホストが見つかりません。接続先 URL のつづりとネットワークを確かめてください。
    Cannot find the host a.test. Check the spelling of the base URL and your network.
    ");
    insta::assert_snapshot!(of(Some(Cause::Proxy), "unsuccessful"), @r"
    プロキシ経由で a.test に接続できません。HTTPS_PROXY などの設定を確かめてください。詳細: unsuccessful
    The proxy could not reach a.test. Check HTTPS_PROXY and related settings. Detail: unsuccessful
    ");
    let sign_in = error(FailureKind::Unreachable, "a.test", 511, "").because(Cause::SignIn);
    insta::assert_snapshot!(both(&sign_in), @r"
    ネットワークがサインインを求めていて、a.test に届きません（511）。ブラウザーでサインインしてから、もう一度実行してください。
    Cannot reach a.test because the network requires you to sign in (511). Sign in with a browser and retry.
    ");
}

#[test]
fn tells_why_a_connection_is_not_secure() {
    let of = |tls, detail| {
        let error = error(FailureKind::Unreachable, "127.0.0.1:8443", 0, detail);
        both(&error.because(Cause::Tls(tls)))
    };
    insta::assert_snapshot!(of(Tls::Expired, ""), @r"
    127.0.0.1:8443 の証明書は期限が切れています。サーバーの証明書を新しくするか、このコンピューターの時計を確かめてください。
    127.0.0.1:8443's certificate has expired. Check this computer's clock, or renew the certificate if the server is yours.
    ");
    insta::assert_snapshot!(of(Tls::OtherName, ""), @r"
    127.0.0.1:8443 の証明書は別の名前のものです。接続先 URL のホスト名を確かめてください。
    127.0.0.1:8443's certificate was issued for a different name. Check the host name in the base URL.
    ");
    insta::assert_snapshot!(of(Tls::UnknownIssuer, ""), @r"
    127.0.0.1:8443 の証明書の発行者を、このコンピューターは信頼していません。社内や自分の認証局のものなら、システムの証明書に加えてください。
    This computer does not trust the issuer of 127.0.0.1:8443's certificate. If the issuer is your company or you, add its certificate to the system's trusted certificates.
    ");
    insta::assert_snapshot!(of(Tls::NotSpoken, ""), @r"
    127.0.0.1:8443 は TLS を話しません。接続先 URL が `https://` ではなく `http://` でないかを確かめてください。
    127.0.0.1:8443 does not speak TLS. Check whether the base URL should start with `http://`.
    ");
    insta::assert_snapshot!(of(Tls::Other, "alert"), @r"
    127.0.0.1:8443 と安全に接続できません。証明書と、`https://` で始まる URL が正しいかを確かめてください。詳細: alert
    Cannot establish a secure connection to 127.0.0.1:8443. Check its certificate, and whether the URL should start with `https://`. Detail: alert
    ");
}

#[test]
fn carries_the_facts_and_quotes_in_short() {
    let mut long = error(FailureKind::RateLimited, "a.test", 429, &"x".repeat(400));
    long.retry_after = Some(Duration::from_secs(2));
    let failure = failure(&long, "gpt", true, Lang::En);
    assert_eq!((failure.host.as_deref(), failure.status), (Some("a.test"), Some(429)));
    assert_eq!(failure.retry_after_ms, Some(2_000));
    assert!(failure.message.ends_with(&format!("Detail: {}…", "x".repeat(200))));
}

#[test]
fn tells_what_is_wrong_with_an_endpoint() {
    let both = |error: EndpointError| both_early(&error.into());
    insta::assert_snapshot!(both(Endpoint::new("x").unwrap_err()), @r"
    接続先 URL を読み取れません（relative URL without a base）。http://127.0.0.1:11434 のように書いてください。
    The base URL is not valid (relative URL without a base). It should look like http://127.0.0.1:11434.
    ");
    insta::assert_snapshot!(both(EndpointError::Scheme), @r"
    接続先 URL は `https://` または `http://` で始めてください。
    Start the base URL with `https://` or `http://`.
    ");
    insta::assert_snapshot!(both(EndpointError::UserInfo), @r"
    接続先 URL にユーザー名やパスワードは書けません。キーは OPENAI_API_KEY に設定してください。
    The base URL must not contain a user name or password. Put the key in OPENAI_API_KEY.
    ");
    insta::assert_snapshot!(both(EndpointError::Insecure("gpu.test:8000".to_owned())), @r"
    gpu.test:8000 へは暗号化されない `http://` になるため、送りません。`https://` を使うか、allow_insecure_hosts に gpu.test:8000 を加えてください。
    Nothing is sent to gpu.test:8000 over plain `http://`. Use `https://`, or add gpu.test:8000 to allow_insecure_hosts.
    ");
    insta::assert_snapshot!(both(Secret::new("").unwrap_err().into()), @r"
    API キーが空です。OPENAI_API_KEY に設定し直すか、外してください。
    OPENAI_API_KEY is empty. Set it to your key, or remove the variable.
    ");
    insta::assert_snapshot!(both(Secret::new("a\nb").unwrap_err().into()), @r"
    API キーの途中に改行か、ASCII にない文字があります。OPENAI_API_KEY を設定し直してください。
    The API key contains a line break or a non-ASCII character. Set OPENAI_API_KEY again.
    ");
    insta::assert_snapshot!(both(Secret::new("OPENAI_API_KEY=a").unwrap_err().into()), @r"
    API キーの前に変数名が付いています。`=` より後のキーだけを OPENAI_API_KEY に設定してください。
    The API key has a variable name in front of it. Set OPENAI_API_KEY to only the part after the `=`.
    ");
    insta::assert_snapshot!(both(EndpointError::Header("X".to_owned())), @r#"
    ヘッダー "X" は送れません。名前と値を確かめてください。
    The header "X" cannot be sent. Check its name and value.
    "#);
    insta::assert_snapshot!(both(EndpointError::Client("no roots".to_owned())), @r"
    HTTPS の準備ができません（no roots）。システムの証明書を確かめてください。
    HTTPS cannot be set up (no roots). Check the system's certificates.
    ");
}
