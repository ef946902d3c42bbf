//! Messages about limits that were reached: timeouts, token limits, and kaizodo's own limits.

use super::Facts;
use crate::provider::{Cause, ReducedTokenLimit, ServerKind, TokenLimit, TokenLimitReason};
use std::time::Duration;

pub(crate) fn timeout(facts: &Facts<'_>) -> String {
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
                "{host} did not start answering within {} s. Retry, raise timeouts.first_byte_ms, or {faster}",
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
                "{host} kept the connection open for {} s but sent no text. Retry, raise timeouts.keep_alive_ms, or {faster}",
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
                "{host} had not finished after {} s, so kaizodo stopped the request. Retry, raise timeouts.total_ms, or {faster}",
                seconds(*wait)
            ),
        ),
        None if facts.code == Some(408) => gave_up(facts),
        _ => lang.pick(
            format!("{host} から応答が来なくなりました{status}。もう一度実行するか、{faster}"),
            format!("{host} stopped responding{status}. Retry, or {faster}"),
        ),
    }
}

/// Returns the error message for a status of 408, 504 or 524, with which a gateway reports that the
/// model behind it was too slow.
pub(crate) fn gave_up(facts: &Facts<'_>) -> String {
    let Facts { lang, host, model, status, .. } = facts;
    lang.pick(
        format!(
            "{host} は応答を待ちきれずに打ち切りました{status}。処理が始まっていれば料金がかかることがあるので、自動では送り直していません。\
             もう一度実行するか、「{model}」より速いモデルを使ってください。"
        ),
        format!(
            "{host} timed out while waiting for the answer{status}. kaizodo did not retry automatically, because the request may \
             already have been processed and billed. Retry, or use a faster model than \"{model}\"."
        ),
    )
}

/// Returns the time in seconds, with as many decimals as there are.
fn seconds(time: Duration) -> f64 {
    time.as_secs_f64()
}

pub(crate) fn length(facts: &Facts<'_>) -> String {
    let Facts { lang, model, .. } = facts;
    match facts.cause {
        Some(Cause::NoTextAtLimit(limit)) => no_room(facts, limit),
        _ => lang.pick(
            format!(
                "モデル「{model}」の応答がトークン数の上限で止まりました。\
                 max_tokens を増やすか、選択範囲を狭めてください。"
            ),
            format!("\"{model}\" reached the token limit before it finished. Raise max_tokens, or select less text."),
        ),
    }
}

/// Returns the message for a token limit that was reached before any text was written. If far fewer
/// tokens were used than allowed, the limit was not the one that kaizodo set.
fn no_room(facts: &Facts<'_>, limit: &TokenLimit) -> String {
    let Facts { lang, host, model, .. } = facts;
    let TokenLimit { used, allowed, is_own } = limit;
    let setting = match is_own {
        true => lang.pick("、この観点の `max_tokens`", "the perspective's own `max_tokens`"),
        false => lang.pick(" `limits.max_tokens`", "`limits.max_tokens`"),
    };
    match used {
        Some(used) if used.saturating_mul(10) >= u64::from(*allowed).saturating_mul(9) => lang
            .pick(
                format!(
                    "「{model}」は答えを書けませんでした。{used} トークンをすべて推論に使い切っています。\
                     推論も数に入る{setting} を増やすか、`effort` を下げてください。"
                ),
                format!(
                    "\"{model}\" wrote no answer: all {used} tokens went into reasoning. \
                     Raise {setting}, which also covers reasoning, or lower `effort`."
                ),
            ),
        Some(used) => lang.pick(
            format!(
                "「{model}」は答えを書けませんでした。{used} トークンをすべて推論に使い、上限の {allowed} に届く前に {host} が止めています。\
                 選択範囲を狭めるか、`effort` を下げるか、より長い文章を扱えるモデルを使ってください。"
            ),
            format!(
                "\"{model}\" wrote no answer: it spent {used} tokens on reasoning, and {host} stopped it \
                 before the limit of {allowed}. Select less text, lower `effort`, or use a model with a larger context window."
            ),
        ),
        None => lang.pick(
            format!(
                "「{model}」は、答えを書く前にトークン数の上限で止まりました。\
                 {}（いまは {allowed}）を増やしてください。推論するモデルでは、推論も数に入ります。",
                setting.trim_start_matches(['、', ' '])
            ),
            format!(
                "\"{model}\" reached the token limit before it wrote an answer. \
                 Raise {setting} (now {allowed}); reasoning counts toward it."
            ),
        ),
    }
}

pub(crate) fn limit(facts: &Facts<'_>) -> String {
    let Facts { lang, host, model, .. } = facts;
    match facts.cause {
        Some(Cause::BranchBytes(bytes)) => lang.pick(
            format!(
                "答えが上限の {bytes} バイトを超えたので止めました。設定 limits.branch_bytes で変えられます。"
            ),
            format!(
                "Stopped: the answer exceeded the limit of {bytes} bytes. To change the limit, set limits.branch_bytes."
            ),
        ),
        Some(Cause::RunBytes(bytes)) => lang.pick(
            format!(
                "この実行の答えが合わせて上限の {bytes} バイトを超えたので、すべて止めました。\
                 設定 limits.run_bytes で変えられます。"
            ),
            format!(
                "Stopped: the answers of this run together exceeded the limit of {bytes} bytes. \
                 To change the limit, set limits.run_bytes."
            ),
        ),
        Some(Cause::MoreTokens(tokens)) => lang.pick(
            format!(
                "「{model}」が max_tokens（{tokens}）を大きく超えて書き続けたので止めました。\
                 {host} は上限を守らないようです。max_tokens を増やすか、別のモデルを使ってください。"
            ),
            format!(
                "Stopped: \"{model}\" kept writing far past max_tokens ({tokens}), which {host} seems to \
                 ignore. Use another model, or raise max_tokens to let it write more."
            ),
        ),
        _ => lang.pick(
            format!(
                "{host} の応答が kaizodo の上限に達したため、ここで止めました。選択範囲を狭めてください。"
            ),
            format!(
                "The answer from {host} reached one of kaizodo's limits and was stopped. Select less text."
            ),
        ),
    }
}

/// Returns the error message if the prompt leaves too few tokens for an answer, or if the server
/// rejects the token limit; `None` for other causes.
pub(crate) fn too_little_room(facts: &Facts<'_>) -> Option<String> {
    let Facts { lang, host, model, status, .. } = facts;
    match facts.cause {
        Some(Cause::WindowFull { window, prompt, left }) => Some(lang.pick(
            format!(
                "{host} のモデル「{model}」が一度に扱える {window} トークンのうち {prompt} を質問が使い、答えには {left} しか残りません{status}。\
                 範囲を狭めるか、より長い文章を扱えるモデルを使ってください。短い答えでよければ、limits.max_tokens を {left} 以下にしてください。"
            ),
            format!(
                "The prompt takes {prompt} of the {window} tokens in the context window of \"{model}\" at {host}, leaving {left} for the answer{status}. \
                 Select less text, use a model with a larger context window, or set limits.max_tokens to {left} or less for a short answer."
            ),
        )),
        Some(Cause::TokenLimitRejected(tokens)) => Some(lang.pick(
            format!(
                "答えの上限 {tokens} トークンは、{host} のモデル「{model}」には大きすぎます{status}。\
                 limits.max_tokens（または視点の max_tokens）を小さくしてください。"
            ),
            format!(
                "A limit of {tokens} tokens is too high for \"{model}\" at {host}{status}. \
                 Lower limits.max_tokens, or the perspective's own max_tokens."
            ),
        )),
        _ => None,
    }
}

/// Returns the error message if the answer reached a token limit that was lower than in the
/// settings; `None` for other causes.
pub(crate) fn reduced_limit(facts: &Facts<'_>) -> Option<String> {
    let Facts { lang, host, model, .. } = facts;
    let Some(Cause::ReducedTokenLimit(ReducedTokenLimit { tokens, reason })) = facts.cause else {
        return None;
    };
    Some(match reason {
        TokenLimitReason::Window(window) => lang.pick(
            format!(
                "モデル「{model}」が一度に扱える {window} トークンを使いきり、答えが途中で止まりました。\
                 範囲を狭めるか、より長い文章を扱えるモデルを使ってください。"
            ),
            format!(
                "The answer was cut off because \"{model}\" filled its context window of {window} tokens. \
                 Select less text, or use a model with a larger context window."
            ),
        ),
        TokenLimitReason::Server => lang.pick(
            format!(
                "答えが {host} の出力上限（{tokens} トークン）に達し、途中で止まりました。\
                 範囲を狭めるか、別のモデルを使ってください。"
            ),
            format!(
                "\"{model}\" stopped at {tokens} tokens, the most that {host} lets it write. \
                 Select less text, or use another model."
            ),
        ),
        TokenLimitReason::Balance => lang.pick(
            format!(
                "{host} のアカウントの残高で払えるのは、いまは {tokens} トークンまでなので、答えが途中で止まりました。\
                 残高を追加してもう一度実行するか、別のモデルを使ってください。"
            ),
            format!(
                "The answer was cut off at {tokens} tokens, the most that your account at {host} can pay for now. \
                 Add credit and retry, or use another model."
            ),
        ),
        TokenLimitReason::MinuteTokens => lang.pick(
            format!(
                "{host} で 1 分間に使えるトークン数の上限に合わせて、答えを {tokens} トークンまでにしたため、途中で止まりました。\
                 範囲を狭めるか、プランを変えるか、別のモデルを使ってください。"
            ),
            format!(
                "The answer was cut off at {tokens} tokens by the tokens-per-minute limit of your account at {host}. \
                 Select less text, change your plan, or use another model."
            ),
        ),
    })
}

/// Returns a message that says that the server read only `read` of at least `least` tokens, and how
/// to make it read more.
pub(crate) fn truncated_prompt(
    facts: &Facts<'_>,
    read: u64,
    least: u64,
    kind: ServerKind,
) -> String {
    let Facts { lang, host, .. } = facts;
    let (ja, en) = match kind {
        ServerKind::Ollama => (
            "Ollama のコンテキスト長（`num_ctx`、または起動時の環境変数 OLLAMA_CONTEXT_LENGTH）",
            "Ollama's context length (`num_ctx`, or OLLAMA_CONTEXT_LENGTH when starting it)",
        ),
        ServerKind::Unknown => (
            "サーバーのコンテキスト長（Ollama なら `num_ctx` か OLLAMA_CONTEXT_LENGTH）",
            "the server's context length (for Ollama, `num_ctx` or OLLAMA_CONTEXT_LENGTH)",
        ),
        _ => ("サーバーのコンテキスト長", "the server's context length"),
    };
    lang.pick(
        format!(
            "{host} が読んだのは、{least} トークン以上ある文章のうち {read} トークンだけです。この答えは、残りを読まずに書かれています。{ja}を大きくするか、選択範囲を狭めてください。"
        ),
        format!(
            "{host} read only {read} tokens of your text, which has at least {least}, so this answer was written without the rest. Raise {en}, or select less text."
        ),
    )
}
