//! Messages about errors of the server, responses that cannot be read, broken connections, content
//! filters, and bugs.

use super::Facts;
use super::limit::gave_up;
use crate::provider::Cause;

pub(crate) fn server(facts: &Facts<'_>) -> String {
    let Facts { lang, host, status, .. } = facts;
    if matches!(facts.code, Some(504 | 524)) {
        return gave_up(facts);
    }
    lang.pick(
        format!("{host} で障害が起きています{status}。少し待ってから、もう一度実行してください。"),
        format!("{host} reported an internal error{status}. Wait a moment and retry."),
    )
}

pub(crate) fn bad_response(facts: &Facts<'_>) -> String {
    let Facts { lang, host, .. } = facts;
    match facts.cause {
        Some(Cause::Page(content_type)) => lang.pick(
            format!(
                "{host} から、応答の代わりに Web ページが返ってきました（{content_type}）。\
                 ネットワークにサインインが要らないかと、接続先 URL が API のもの（多くは /v1 で終わります）かを確かめてください。"
            ),
            format!(
                "{host} returned a web page instead of an answer ({content_type}). Check whether the network \
                 requires you to sign in, and that the base URL points to the API (most end in /v1)."
            ),
        ),
        Some(Cause::Empty) => lang.pick(
            format!(
                "{host} の応答は空でした。もう一度実行し、繰り返すときは接続先 URL とサーバーのログを確かめてください。"
            ),
            format!(
                "{host} sent an empty response. Retry; if that does not help, check the base URL and the server's log."
            ),
        ),
        Some(Cause::Encoded(encoding)) => lang.pick(
            format!(
                "{host} の応答は、頼んでいない方式（{encoding}）で圧縮されていて読めません。あいだにあるプロキシの設定を確かめてください。"
            ),
            format!(
                "Cannot read the response from {host}: it uses the content encoding {encoding}, which kaizodo did not ask for. Check any proxies in between."
            ),
        ),
        Some(Cause::EventTooLong(bytes)) => lang.pick(
            format!(
                "{host} が区切りのないデータを {bytes} バイトより多く送ってきたので、読むのをやめました。\
                 サーバーのログを確かめてください。設定 limits.event_bytes で変えられます。"
            ),
            format!(
                "{host} sent more than {bytes} bytes without a separator, so kaizodo stopped reading. \
                 Check the server's log. To change the limit, set limits.event_bytes."
            ),
        ),
        Some(Cause::UnreadableEvents(1)) if facts.kept => lang.pick(
            format!(
                "{host} の応答に、壊れていて読めない箇所がありました（文中の �）。全文を得るには、もう一度実行してください。"
            ),
            format!(
                "Part of the answer from {host} was corrupt and could not be read (� in the text). Retry to get the full answer."
            ),
        ),
        Some(Cause::UnreadableEvents(n)) if facts.kept => lang.pick(
            format!(
                "{host} の応答に、壊れていて読めない箇所が {n} つありました（文中の �）。全文を得るには、もう一度実行してください。"
            ),
            format!(
                "{n} parts of the answer from {host} were corrupt and could not be read (� in the text). Retry to get the full answer."
            ),
        ),
        cause => {
            let kind = match cause {
                Some(Cause::NotAStream(content_type)) if !content_type.is_empty() => {
                    lang.pick(format!("（{content_type}）"), format!(" ({content_type})"))
                }
                _ => String::new(),
            };
            lang.pick(
                format!(
                    "{host} の応答を読み取れませんでした{kind}。繰り返すときは、\
                     接続先 URL が API のもの（多くは /v1 で終わります）かを確かめてください。"
                ),
                format!(
                    "Cannot read the response from {host}{kind}. If a retry does not help, \
                     check that the base URL points to the API (most end in /v1)."
                ),
            )
        }
    }
}

pub(crate) fn interrupted(facts: &Facts<'_>) -> String {
    let Facts { lang, host, model, .. } = facts;
    match facts.cause {
        Some(Cause::NotProcessed) => lang.pick(
            format!(
                "{host} は要求を受け付けずに接続を閉じました。少し待ってから、もう一度実行してください。"
            ),
            format!("{host} closed the connection without accepting the request. Wait a moment and retry."),
        ),
        Some(Cause::HeadTooLong) => lang.pick(
            format!("{host} の応答のヘッダーが多すぎるか長すぎるので、読むのをやめました。あいだにあるプロキシやゲートウェイの設定を確かめてください。"),
            format!("The response from {host} has too many headers, or headers that are too long, so it was not read. Check any proxies and gateways in between."),
        ),
        Some(Cause::EndedAs(word)) if facts.kept => lang.pick(
            format!("{host} が終了理由「{word}」を返したので、答えは途中までかもしれません。全文を得るには、もう一度実行してください。"),
            format!("{host} gave \"{word}\" as the finish reason, so the answer may be incomplete. Retry to get the full answer."),
        ),
        Some(Cause::EndedAs(word)) => lang.pick(
            format!("{host} は何も書かず、終了理由「{word}」を返しました。もう一度実行し、繰り返すときはモデル「{model}」とサーバーのログを確かめてください。"),
            format!("{host} sent no text and gave \"{word}\" as the finish reason. Retry; if that does not help, check the model \"{model}\" and the server's log."),
        ),
        Some(Cause::NoEnd) if !facts.kept => lang.pick(
            format!(
                "{host} の応答が、何も書かれないまま終わりました。もう一度実行し、繰り返すときはモデル「{model}」とサーバーのログを確かめてください。"
            ),
            format!(
                "The response from {host} ended before \"{model}\" had written anything. \
                 Retry; if that does not help, check the model and the server's log."
            ),
        ),
        _ if !facts.kept => lang.pick(
            format!(
                "応答が来る前に、{host} との接続が切れました。処理が始まっていれば料金がかかることがあるので、自動では送り直していません。\
                 もう一度実行してください。"
            ),
            format!(
                "The connection to {host} was lost before the answer arrived. kaizodo did not retry automatically, \
                 because the request may already have been processed and billed. Retry."
            ),
        ),
        Some(Cause::NoEnd) => lang.pick(
            format!(
                "{host} の応答が、終わりの印のないまま途切れました。全文を得るには、もう一度実行してください。"
            ),
            format!("The answer from {host} stopped without an end marker. Retry to get the full answer."),
        ),
        _ => lang.pick(
            format!("{host} の応答が途中で切れました。全文を得るには、もう一度実行してください。"),
            format!("The answer from {host} was cut off. Retry to get the full answer."),
        ),
    }
}

pub(crate) fn provider(facts: &Facts<'_>) -> String {
    let Facts { lang, host, model, status, .. } = facts;
    match facts.cause {
        Some(Cause::NothingWritten) => lang.pick(
            format!(
                "「{model}」は何も書かずに終わりました。もう一度実行するか、別のモデルを使ってください。"
            ),
            format!("\"{model}\" finished without writing anything. Retry, or use another model."),
        ),
        Some(Cause::WantsTool) => lang.pick(
            format!(
                "「{model}」は書き続けずにツールを呼ぼうとしましたが、kaizodo はツールを渡していません。\
                 もう一度実行するか、別のモデルを使ってください。"
            ),
            format!(
                "\"{model}\" tried to call a tool, but kaizodo offers none. Retry, or use another model."
            ),
        ),
        _ => lang.pick(
            format!(
                "{host} がエラーを返しました{status}。もう一度実行しても直らないときは、\
                 モデル「{model}」とサーバーのログを確かめてください。"
            ),
            format!(
                "{host} reported an error{status}. If a retry does not help, \
                 check the model \"{model}\" and the server's log."
            ),
        ),
    }
}

pub(crate) fn filtered(facts: &Facts<'_>) -> String {
    let Facts { lang, host, status, .. } = facts;
    if facts.code.is_some() && !facts.kept {
        return lang.pick(
            format!(
                "{host} のコンテンツフィルターが要求を拒みました{status}。選択範囲を変えるか、別のモデルを使ってください。"
            ),
            format!(
                "{host}'s content filter rejected the request{status}. Select different text, or use another model."
            ),
        );
    }
    lang.pick(
        format!(
            "{host} のコンテンツフィルターが応答を止めました。選択範囲を変えるか、別のモデルを使ってください。"
        ),
        format!(
            "{host}'s content filter stopped the answer. Select different text, or use another model."
        ),
    )
}

pub(crate) fn internal(facts: &Facts<'_>) -> String {
    let Facts { lang, host, .. } = facts;
    lang.pick(
        format!(
            "kaizodo の内部エラーのため、{host} の応答を得られませんでした。\
             `kaizodo doctor` の出力を添えて報告してください。"
        ),
        format!(
            "Because of an internal error, kaizodo could not get the answer from {host}. \
             Please report it with the output of `kaizodo doctor`."
        ),
    )
}
