//! Something went wrong on the way, over there, or at the end.

use super::Facts;
use crate::lang::Lang;
use crate::provider::transport::{DNS, PROXY, TLS};

/// No connection: on this computer the server is probably off, elsewhere the cause decides.
pub(super) fn unreachable(facts: &Facts<'_>, detail: Option<&str>) -> String {
    let Facts { lang, host, .. } = facts;
    let starts = |with| detail.is_some_and(|detail| detail.starts_with(with));
    if starts(TLS) {
        return lang.pick(
            format!(
                "{host} と安全に接続できません。証明書と、https:// で始まる URL が正しいかを確かめてください。"
            ),
            format!(
                "No secure connection to {host} can be made. Check its certificate, and that https:// is right."
            ),
        );
    }
    if let Some(start) = local_start(host, *lang) {
        return lang.pick(
            format!("{host} に接続できません。{start}か、接続先 URL の設定を外してください。"),
            format!("Nothing answers at {host}. {start}, or unset the base URL."),
        );
    }
    if starts(DNS) {
        return lang.pick(
            format!(
                "{host} というホストが見つかりません。接続先 URL のつづりとネットワークを確かめてください。"
            ),
            format!(
                "There is no host named {host}. Check the spelling of the base URL, and the network."
            ),
        );
    }
    if starts(PROXY) {
        return lang.pick(
            format!(
                "プロキシ経由で {host} に接続できません。HTTPS_PROXY などの設定を確かめてください。"
            ),
            format!("The proxy does not lead to {host}. Check HTTPS_PROXY and its like."),
        );
    }
    lang.pick(
        format!("{host} に接続できません。ネットワークと接続先 URL を確かめてください。"),
        format!("{host} cannot be reached. Check the network and the base URL."),
    )
}

/// How to start the server that usually has this port, if the host is this computer.
fn local_start(host: &str, lang: Lang) -> Option<&'static str> {
    let (name, port) = host.rsplit_once(':').unwrap_or((host, ""));
    if !name.starts_with("127.") && name != "[::1]" && name != "localhost" {
        return None;
    }
    Some(match port {
        "11434" => lang.pick("Ollama を起動する(`ollama serve`)", "Start Ollama (`ollama serve`)"),
        "1234" => lang.pick("LM Studio のサーバーを起動する", "Start the server of LM Studio"),
        "8080" | "9931" => lang.pick("`llama-server` を起動する", "Start `llama-server`"),
        _ => lang.pick("サーバーを起動する", "Start the server"),
    })
}

pub(super) fn server(facts: &Facts<'_>) -> String {
    let Facts { lang, host, status, .. } = facts;
    lang.pick(
        format!("{host} で障害が起きています{status}。少し待ってから、もう一度実行してください。"),
        format!("{host} has a fault of its own{status}. Wait a little and retry."),
    )
}

pub(super) fn timeout(facts: &Facts<'_>) -> String {
    let Facts { lang, host, model, status, .. } = facts;
    lang.pick(
        format!(
            "{host} から応答が来なくなりました{status}。\
             もう一度実行するか、「{model}」より速いモデルを使ってください。"
        ),
        format!("{host} went silent{status}. Retry, or use a faster model than \"{model}\"."),
    )
}

pub(super) fn bad_response(facts: &Facts<'_>) -> String {
    let Facts { lang, host, .. } = facts;
    lang.pick(
        format!(
            "{host} の応答を読み取れませんでした。繰り返すときは、\
             接続先 URL が API のもの(多くは /v1 で終わります)かを確かめてください。"
        ),
        format!(
            "What {host} answered cannot be read. If a retry does not help, \
             check that the base URL is that of the API (most end in /v1)."
        ),
    )
}

pub(super) fn interrupted(facts: &Facts<'_>) -> String {
    let Facts { lang, host, .. } = facts;
    lang.pick(
        format!("{host} の応答が途中で切れました。全文を得るには、もう一度実行してください。"),
        format!("The answer of {host} broke off. Run it again for the whole."),
    )
}

pub(super) fn provider(facts: &Facts<'_>) -> String {
    let Facts { lang, host, model, status, .. } = facts;
    lang.pick(
        format!(
            "{host} がエラーを返しました{status}。もう一度実行しても直らないときは、\
             モデル「{model}」とサーバーのログを確かめてください。"
        ),
        format!(
            "{host} reported an error{status}. If a retry does not help, \
             check the model \"{model}\" and the server's log."
        ),
    )
}

pub(super) fn length(facts: &Facts<'_>) -> String {
    let Facts { lang, model, .. } = facts;
    lang.pick(
        format!(
            "モデル「{model}」の応答がトークン数の上限で止まりました。\
             max_tokens を増やすか、選択範囲を狭めてください。"
        ),
        format!("\"{model}\" stopped at the token limit. Raise max_tokens, or select less."),
    )
}

pub(super) fn filtered(facts: &Facts<'_>) -> String {
    let Facts { lang, host, .. } = facts;
    lang.pick(
        format!(
            "{host} のコンテンツフィルターが応答を止めました。選択範囲を変えるか、別のモデルを使ってください。"
        ),
        format!(
            "The content filter of {host} stopped the answer. Select another part, or use another model."
        ),
    )
}

pub(super) fn limit(facts: &Facts<'_>) -> String {
    let Facts { lang, host, .. } = facts;
    lang.pick(
        format!("{host} の応答が kaizodo の上限に達したため、ここで止めました。選択範囲を狭めてください。"),
        format!("The answer of {host} reached a limit of kaizodo's own and was stopped. Select less."),
    )
}

pub(super) fn internal(facts: &Facts<'_>) -> String {
    let Facts { lang, host, .. } = facts;
    lang.pick(
        format!(
            "kaizodo の内部エラーのため、{host} の応答を得られませんでした。\
             `kaizodo doctor` の出力を添えて報告してください。"
        ),
        format!(
            "A fault of kaizodo's own kept it from the answer of {host}. \
             Please report it with the output of `kaizodo doctor`."
        ),
    )
}
