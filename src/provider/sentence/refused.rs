//! The server understood, and said no.

use super::Facts;
use crate::provider::Cause;
use crate::provider::transport::ANOTHER_PATH;

pub(super) fn unauthorized(facts: &Facts<'_>) -> String {
    let Facts { lang, host, status, .. } = facts;
    lang.pick(
        format!(
            "{host} がキーを受け付けませんでした{status}。\
             有効なキーを OPENAI_API_KEY に設定して、もう一度実行してください。"
        ),
        format!("{host} refused the key{status}. Set OPENAI_API_KEY to a valid key and retry."),
    )
}

pub(super) fn quota(facts: &Facts<'_>) -> String {
    let Facts { lang, host, status, .. } = facts;
    lang.pick(
        format!(
            "{host} の利用枠または残高が尽きています{status}。\
             契約と支払いを確かめるか、別のモデルを使ってください。"
        ),
        format!(
            "The account at {host} has no quota left{status}. \
             Check its plan and billing, or use another model."
        ),
    )
}

pub(super) fn not_found(facts: &Facts<'_>) -> String {
    let Facts { lang, host, model, status, .. } = facts;
    lang.pick(
        format!(
            "{host} にモデル「{model}」または接続先のパスが見つかりません{status}。\
             使えるモデルは `kaizodo doctor` で確かめられます。"
        ),
        format!(
            "{host} does not know the model \"{model}\", or the path{status}. \
             `kaizodo doctor` lists the models that it has."
        ),
    )
}

pub(super) fn too_large(facts: &Facts<'_>) -> String {
    let Facts { lang, host, model, status, .. } = facts;
    lang.pick(
        format!(
            "選択範囲が長すぎて、{host} のモデル「{model}」には収まりません{status}。\
             範囲を狭めるか、より長い文章を扱えるモデルを使ってください。"
        ),
        format!(
            "The selection does not fit into \"{model}\" at {host}{status}. \
             Select less, or use a model with a larger context."
        ),
    )
}

pub(super) fn bad_request(facts: &Facts<'_>) -> String {
    let Facts { lang, host, model, status, code, .. } = facts;
    if code.is_some_and(|code| (300..400).contains(&code)) {
        let target = match facts.cause {
            Some(Cause::Redirect(target)) if target != ANOTHER_PATH => {
                lang.pick(format!(" {target} "), target.clone())
            }
            _ => lang.pick("別の場所", ANOTHER_PATH).to_owned(),
        };
        return lang.pick(
            format!(
                "{host} は{target}へ転送しようとしています{status}。\
                 文章とキーは転送先へ送りません。接続先 URL を最終的なものに直してください。"
            ),
            format!(
                "{host} redirects to {target}{status}, where text and key are not sent. \
                 Set the base URL to the final address."
            ),
        );
    }
    lang.pick(
        format!(
            "{host} が要求を受け付けませんでした{status}。\
             接続先 URL とモデル「{model}」の設定を確かめてください。"
        ),
        format!(
            "{host} refused the request{status}. \
             Check the base URL and the settings for \"{model}\"."
        ),
    )
}

pub(super) fn rate_limited(facts: &Facts<'_>, wait_ms: Option<u64>) -> String {
    let Facts { lang, host, status, .. } = facts;
    match wait_ms.map(|ms| ms.div_ceil(1000)) {
        Some(s) => lang.pick(
            format!("{host} への要求が多すぎます{status}。{s} 秒後にもう一度実行してください。"),
            format!("{host} gets too many requests{status}. Retry in {s} s."),
        ),
        None => lang.pick(
            format!(
                "{host} への要求が多すぎます{status}。\
                 少し待ってから実行し直すか、同時に送る数を減らしてください。"
            ),
            format!(
                "{host} gets too many requests{status}. Wait a little and retry, or ask fewer at once."
            ),
        ),
    }
}
