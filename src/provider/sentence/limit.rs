//! A limit was reached: one of time, of the model's, or of kaizodo's own.

use super::Facts;
use crate::provider::Cause;
use std::time::Duration;

pub(super) fn timeout(facts: &Facts<'_>) -> String {
    let Facts { lang, host, model, status, .. } = facts;
    let faster = lang.pick(
        format!("「{model}」より速いモデルを使ってください。"),
        format!("use a faster model than \"{model}\"."),
    );
    match facts.cause {
        Some(Cause::NoAnswer(wait)) => lang.pick(
            format!(
                "{host} は {} 秒待っても応答を始めませんでした。もう一度実行するか、\
                 設定 timeouts.first_byte_ms を延ばすか、{faster}",
                seconds(*wait)
            ),
            format!(
                "{host} began no answer within {} s. Retry, raise timeouts.first_byte_ms, or {faster}",
                seconds(*wait)
            ),
        ),
        Some(Cause::Silence(wait)) => lang.pick(
            format!(
                "{host} から {} 秒のあいだ何も届きませんでした。もう一度実行するか、\
                 設定 timeouts.idle_ms を延ばすか、{faster}",
                seconds(*wait)
            ),
            format!(
                "{host} sent nothing for {} s. Retry, raise timeouts.idle_ms, or {faster}",
                seconds(*wait)
            ),
        ),
        Some(Cause::NoText(wait)) => lang.pick(
            format!(
                "{host} は接続を保っていますが、{} 秒のあいだ文章が届きませんでした。もう一度実行するか、\
                 設定 timeouts.keep_alive_ms を延ばすか、{faster}",
                seconds(*wait)
            ),
            format!(
                "{host} gave signs of life for {} s, but no text. Retry, raise timeouts.keep_alive_ms, or {faster}",
                seconds(*wait)
            ),
        ),
        Some(Cause::TooSlow(wait)) => lang.pick(
            format!(
                "{host} の応答が {} 秒たっても終わらないので止めました。もう一度実行するか、\
                 設定 timeouts.total_ms を延ばすか、{faster}",
                seconds(*wait)
            ),
            format!(
                "{host} was not through after {} s and was stopped. Retry, raise timeouts.total_ms, or {faster}",
                seconds(*wait)
            ),
        ),
        None if facts.code == Some(408) => lang.pick(
            format!(
                "{host} は要求が届くのを待ちきれませんでした{status}。ネットワークを確かめて、もう一度実行してください。"
            ),
            format!("{host} waited too long for the request{status}. Check the network and retry."),
        ),
        _ => lang.pick(
            format!("{host} から応答が来なくなりました{status}。もう一度実行するか、{faster}"),
            format!("{host} went silent{status}. Retry, or {faster}"),
        ),
    }
}

/// In seconds, with as many decimals as there are.
fn seconds(time: Duration) -> f64 {
    time.as_secs_f64()
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

pub(super) fn limit(facts: &Facts<'_>) -> String {
    let Facts { lang, host, model, .. } = facts;
    match facts.cause {
        Some(Cause::BranchBytes(bytes)) => lang.pick(
            format!(
                "答えが上限の {bytes} バイトを超えたので止めました。設定 limits.branch_bytes で変えられます。"
            ),
            format!(
                "Stopped: the answer passed the limit of {bytes} bytes. The setting limits.branch_bytes changes it."
            ),
        ),
        Some(Cause::RunBytes(bytes)) => lang.pick(
            format!(
                "この実行の答えが合わせて上限の {bytes} バイトを超えたので、すべて止めました。\
                 設定 limits.run_bytes で変えられます。"
            ),
            format!(
                "Stopped: the answers of this run passed the limit of {bytes} bytes together. \
                 The setting limits.run_bytes changes it."
            ),
        ),
        Some(Cause::MoreTokens(tokens)) => lang.pick(
            format!(
                "「{model}」が max_tokens({tokens})を大きく超えて書き続けたので止めました。\
                 {host} は上限を守らないようです。max_tokens を増やすか、別のモデルを使ってください。"
            ),
            format!(
                "Stopped: \"{model}\" wrote on far past max_tokens ({tokens}), which {host} seems to \
                 ignore. Raise max_tokens, or use another model."
            ),
        ),
        _ => lang.pick(
            format!(
                "{host} の応答が kaizodo の上限に達したため、ここで止めました。選択範囲を狭めてください。"
            ),
            format!(
                "The answer of {host} reached a limit of kaizodo's own and was stopped. Select less."
            ),
        ),
    }
}
