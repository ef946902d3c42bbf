//! Messages about requests that were adapted to the server, and about prompts that leave too few
//! tokens for an answer.

use super::Facts;
use crate::lang::Lang;
use crate::provider::{Cause, ReducedTokenLimit, RequestNote, TokenLimitReason};

/// Returns the message for `note`. `model` is the model that the request was for.
pub fn note(note: &RequestNote, model: &str, lang: Lang) -> String {
    match *note {
        RequestNote::OnePiece => lang.pick(
            format!("「{model}」の答えは途中経過が届かず、書き終わってから一度に届きます"),
            format!("\"{model}\" does not stream here: the answer will arrive all at once"),
        ),
        RequestNote::ReducedTokenLimit(fewer) => reduced(fewer, model, lang),
        RequestNote::Effort { wanted, sent: Some(sent) } => lang.pick(
            format!("effort は {} が使えないので、{} にしました", wanted.name(), sent.name()),
            format!(
                "effort \"{}\" is not available here, so \"{}\" was used",
                wanted.name(),
                sent.name()
            ),
        ),
        RequestNote::Effort { wanted, sent: None } => lang.pick(
            format!("effort（{}）は受け付けられなかったので、指定していません", wanted.name()),
            format!("effort \"{}\" is not accepted here, so none was sent", wanted.name()),
        ),
    }
}

/// Returns the note on a token limit that is lower than in the settings.
fn reduced(fewer: ReducedTokenLimit, model: &str, lang: Lang) -> String {
    let ReducedTokenLimit { tokens, reason } = fewer;
    match reason {
        TokenLimitReason::Window(window) => lang.pick(
            format!("「{model}」が一度に扱えるのは {window} トークンまでなので、答えを {tokens} トークンまでにしました"),
            format!("\"{model}\" has a context window of {window} tokens, so the answer was limited to {tokens}"),
        ),
        TokenLimitReason::Server => lang.pick(
            format!("このサーバーに合わせて、答えを {tokens} トークンまでにしました"),
            format!("the answer was limited to {tokens} tokens, the most this server allows"),
        ),
        TokenLimitReason::Balance => lang.pick(
            format!("いまの残高で払える分に合わせて、答えを {tokens} トークンまでにしました"),
            format!("the answer was limited to {tokens} tokens, the most your account can pay for now"),
        ),
        TokenLimitReason::MinuteTokens => lang.pick(
            format!("1 分間に使えるトークン数に合わせて、答えを {tokens} トークンまでにしました"),
            format!("the answer was limited to {tokens} tokens by your account's tokens-per-minute limit"),
        ),
    }
}

/// Returns the error message if the prompt leaves too few tokens for an answer, or if the server
/// rejects the token limit; `None` for other causes.
pub(crate) fn room(facts: &Facts<'_>) -> Option<String> {
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
pub(crate) fn used_up(facts: &Facts<'_>) -> Option<String> {
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
