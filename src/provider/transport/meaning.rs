//! Interprets a server's error message independently of the status, since servers agree on neither.
//! Each kind of error has a different next step; the codes and phrases of each kind were collected
//! from public reports.

use super::api_error::ApiError;
use super::too_long::is_too_long;
use crate::event::FailureKind;
use crate::provider::Cause;

/// A kind of failure, and its cause, if it is known.
pub(crate) type Meaning = (FailureKind, Option<Cause>);

/// Signs of one kind of error: codes, phrases in lowercase, and numbers that are not HTTP statuses.
/// Any one of them is enough.
struct Signs {
    codes: &'static [&'static str],
    words: &'static [&'static str],
    numbers: &'static [u16],
}

const QUOTA: Signs = Signs {
    codes: &[
        "insufficient_quota",
        "billing_hard_limit_reached",
        "billing_not_active",
        "billing_error",
        "exceeded_current_quota_error",
        "insufficient_user_quota",
        "pre_consume_token_quota_failed",
        "budget_exceeded",
        "CreditsError",
        "Arrearage",
        "AccountOverdueError",
        "AllocationQuota.FreeTierOnly",
    ],
    words: &[
        "insufficient balance",
        "balance is insufficient",
        "credit balance",
        "out of credits",
        "insufficient credits",
        "not enough credits",
        "requires more credits",
        "monthly included credits",
        "any credits or licenses",
        "used all available credits",
        "budget has been exceeded",
        "exceededbudget",
        "exceeded budget",
        "crossed budget",
        "over budget",
        "spending limit",
        "api usage limits",
        "account is in good standing",
        "free tier of the model has been exhausted",
        "have a free quota tier",
        "requires billing to be enabled",
        "余额不足",
        "欠费",
        "额度不足",
        "额度已用尽",
    ],
    // Zhipu, SiliconFlow.
    numbers: &[1113, 1308, 1309, 1310, 30001, 30011],
};

const FILTERED: Signs = Signs {
    codes: &[
        "content_filter",
        "content_policy_violation",
        "ResponsibleAIPolicyViolation",
        "DataInspectionFailed",
        "data_inspection_failed",
        "invalid_prompt",
        "PROHIBITED_CONTENT",
        "guardrail_intervened",
    ],
    words: &[
        "content management policy",
        "your input was flagged",
        "prompt was flagged",
        "inappropriate content",
        "considered high risk",
        "content exists risk",
        "violated guardrail policy",
        "敏感内容",
    ],
    // Zhipu.
    numbers: &[1301],
};

const REGION: Signs = Signs {
    codes: &["unsupported_country_region_territory"],
    words: &[
        "country, region, or territory not supported",
        "location is not supported",
        "region is not supported",
        "country is not supported",
        "not supported in your region",
        "not supported in your country",
        "not available in your region",
        "not available in your country",
        "not available in your location",
        // Cloudflare.
        "error code: 1009",
    ],
    numbers: &[],
};

const NO_ACCESS: Signs = Signs {
    codes: &[
        "model_permission_blocked_org",
        "model_permission_blocked_project",
        "key_model_access_denied",
        "team_model_access_denied",
        "ModelNotOpen",
        "Model.AccessDenied",
        "AccessDenied.Unpurchased",
    ],
    words: &[
        "not have access to model",
        "not have access to the model",
        "don't have access to the model",
        "not allowed to access model",
        "verified to use the model",
        "has not activated the model",
        "requires a subscription",
        "无权访问模型",
        "无权使用模型",
    ],
    // Zhipu.
    numbers: &[1311],
};

const KEY: Signs = Signs {
    codes: &["invalid_api_key", "API_KEY_INVALID", "invalid_authentication_error"],
    words: &[
        "api key not valid",
        "api key not found",
        "api key expired",
        "api key is invalid",
        "api key is missing",
        "api key was reported as leaked",
        "invalid api key",
        "invalid api-key",
        "incorrect api key",
        "missing api key",
        "no api key",
        "unregistered callers",
        "无效的令牌",
    ],
    numbers: &[],
};

/// Cloudflare's plain-text responses to requests that it blocks.
const WALL: Signs =
    Signs { codes: &[], words: &["error code: 1010", "error code: 1020"], numbers: &[] };

const RATE: Signs = Signs {
    codes: &["rate_limit_exceeded", "rate_limit_error", "too_many_requests", "RESOURCE_EXHAUSTED"],
    words: &[],
    numbers: &[],
};

impl Signs {
    fn are_in(&self, api_error: &ApiError) -> bool {
        let words = api_error.message.to_ascii_lowercase();
        api_error.says(self.codes)
            || self.words.iter().any(|known| words.contains(known))
            || api_error.number.is_some_and(|number| self.numbers.contains(&number))
    }
}

/// Returns the kind and the cause of failure that an error's codes and message indicate; `None` if
/// they indicate none, so that the HTTP status decides. `waits` is `true` if the server says how
/// long to wait.
pub(crate) fn meaning(api_error: &ApiError, waits: bool) -> Option<Meaning> {
    let is = |signs: &Signs| signs.are_in(api_error);
    Some(match api_error {
        _ if is_too_much_for_a_minute(api_error) => (FailureKind::Quota, Some(Cause::MinuteTokens)),
        _ if is(&QUOTA) || has_no_quota(api_error) => (FailureKind::Quota, None),
        _ if !waits && is_spent_for_the_day(api_error) => {
            (FailureKind::Quota, Some(Cause::DayUsedUp))
        }
        _ if is(&FILTERED) => (FailureKind::Filtered, None),
        _ if is_too_long(api_error) => (FailureKind::TooLarge, None),
        _ if is(&REGION) => (FailureKind::Forbidden, Some(Cause::Region)),
        _ if is(&NO_ACCESS) => (FailureKind::Forbidden, Some(Cause::NoAccess)),
        _ if is(&KEY) => (FailureKind::Unauthorized, None),
        _ if is(&WALL) => (FailureKind::Forbidden, Some(Cause::Firewall)),
        _ => return None,
    })
}

/// Returns `true` if an error's codes indicate a rate limit. Used for errors in a stream, which may
/// have no status.
pub(crate) fn is_rate(api_error: &ApiError) -> bool {
    RATE.are_in(api_error)
}

/// Returns `true` if the request alone exceeds the account's tokens per minute (a 413 from Groq, a
/// 429 from OpenAI), so that no wait helps.
fn is_too_much_for_a_minute(api_error: &ApiError) -> bool {
    let words = api_error.message.to_ascii_lowercase();
    let per_minute = ["tokens per min", "(tpm)"].iter().any(|rate| words.contains(rate));
    per_minute && words.contains("request too large")
}

/// Returns `true` if the account has no quota. OpenAI says "you exceeded your current quota" for an
/// empty account. Gemini says the same for each per-minute limit, and adds "limit: 0" if there is
/// no quota at all.
fn has_no_quota(api_error: &ApiError) -> bool {
    let words = api_error.message.to_ascii_lowercase();
    let exceeded = words.contains("exceeded your current quota");
    let is_none = words.match_indices("limit: 0").any(|(at, limit)| {
        let next = words.as_bytes().get(at + limit.len());
        next.is_none_or(|next| !next.is_ascii_digit() && *next != b'.')
    });
    match api_error.says(&["RESOURCE_EXHAUSTED"]) {
        true => is_none,
        false => exceeded,
    }
}

/// Returns `true` if a daily limit is reached: that of OpenRouter's free models, Groq's and
/// OpenAI's requests and tokens per day, or a Gemini quota whose name says so.
fn is_spent_for_the_day(api_error: &ApiError) -> bool {
    let words = api_error.message.to_ascii_lowercase();
    let limits = ["limit", "quota", "exceeded"].iter().any(|word| words.contains(word));
    let days = ["per day", "per-day", "(rpd)", "(tpd)", "daily"];
    limits && days.iter().any(|day| words.contains(day))
        || api_error.codes.iter().any(|code| code.contains("PerDay"))
}

#[cfg(test)]
mod tests;
