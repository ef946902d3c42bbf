//! Notes: messages about what is no error, such as a request that was adapted to its server.

use crate::event::FailureKind;
use crate::lang::Lang;
use crate::provider::{Cause, ProviderError, ReducedTokenLimit, RequestNote, TokenLimitReason};

/// Returns the message for `note`. `model` is the model that the request was for.
pub fn note(note: &RequestNote, model: &str, lang: Lang) -> String {
    match *note {
        RequestNote::NotStreamed => lang.pick(
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

/// Returns a message that says that `model` does not run on `server`, which forwards the text to
/// the host `at`.
pub fn runs_elsewhere(model: &str, server: &str, at: &str, lang: Lang) -> String {
    lang.pick(
        format!("モデル「{model}」は {server} では動きません。文章はそこから {at} へ送られます。"),
        format!("The model \"{model}\" does not run on {server}, which forwards the text to {at}."),
    )
}

/// Returns a note that says that `model` could not be used, and why. Shown when a run falls back to
/// another model.
pub fn passed_over(error: &ProviderError, model: &str, lang: Lang) -> String {
    let reason = reason(error, lang);
    let status = error.status.map(|status| lang.pick(format!("、{status}"), format!(", {status}")));
    let status = status.unwrap_or_default();
    lang.pick(
        format!("「{model}」は使えませんでした（{reason}{status}）"),
        format!("\"{model}\" could not be used ({reason}{status})"),
    )
}

fn reason(error: &ProviderError, lang: Lang) -> &'static str {
    match (error.kind, &error.cause) {
        (FailureKind::NotFound, _) => lang.pick("見つかりません", "not found"),
        (FailureKind::TooLarge, _) => {
            lang.pick("文章が長すぎて収まりません", "the text is too long for it")
        }
        (FailureKind::Forbidden, _) => lang.pick("許可されていません", "not allowed"),
        (FailureKind::Unauthorized, _) => lang.pick("認証されません", "not authorized"),
        (FailureKind::Quota, Some(Cause::DayUsedUp)) => {
            lang.pick("1 日の上限に達しました", "its daily limit has been reached")
        }
        (FailureKind::Quota, Some(Cause::MinuteTokens)) => lang.pick(
            "1 分間のトークンの上限を超えます",
            "the request is larger than its tokens-per-minute limit allows",
        ),
        (FailureKind::Quota, _) => lang.pick("利用枠か残高が足りません", "no quota or credit left"),
        (FailureKind::RateLimited, _) => lang.pick("混み合っています", "rate-limited"),
        (FailureKind::BadRequest, _) => {
            lang.pick("要求を受け付けません", "the request was rejected")
        }
        (FailureKind::Provider, _) => lang.pick("エラーが返りました", "it reported an error"),
        _ => lang.pick("応答できません", "unavailable"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_which_and_why_in_a_few_words() {
        let error = |kind, status| ProviderError {
            status: Some(status),
            ..ProviderError::new(kind, Some("api.example.com".into()))
        };
        let unknown = error(FailureKind::NotFound, 404);
        assert_eq!(
            passed_over(&unknown, "gpt-9", Lang::En),
            "\"gpt-9\" could not be used (not found, 404)"
        );
        assert_eq!(
            passed_over(&error(FailureKind::RateLimited, 429), "gpt-5", Lang::Ja),
            "「gpt-5」は使えませんでした（混み合っています、429）"
        );
    }
}
