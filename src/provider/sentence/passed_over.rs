//! The message about a model that could not be used, so that the next model in the list is tried.

use crate::event::FailureKind;
use crate::lang::Lang;
use crate::provider::{Cause, ProviderError};

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
