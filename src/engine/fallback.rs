//! Decides whether to fall back to another model if one cannot answer. A pure policy.
//!
//! As with automatic retries, a request is paid for once: another model is asked only if nothing
//! has come, not even reasoning, and the server itself said that it has not answered, by its status
//! or by an error in place of the answer. If the outcome is unknown (a broken connection, a
//! timeout), the user decides.

use super::retry::is_unanswered;
use crate::event::FailureKind;
use crate::provider::{Cause, ProviderError};

/// The fallback models that may be tried after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Others {
    /// No model: the failure has nothing to do with the model, or the request may have been billed.
    Nobody,
    /// Only models that run at another host, because the failed host would refuse all of its
    /// models.
    Elsewhere,
    /// All fallback models.
    Anyone,
}

/// Returns which fallback models may be tried after `error`.
pub(crate) fn others(error: &ProviderError) -> Others {
    use FailureKind::*;
    match (error.kind, &error.cause) {
        (NotFound | TooLarge | RateLimited | Provider, _) => Others::Anyone,
        (Forbidden, None | Some(Cause::NoAccess)) => Others::Anyone,
        (Quota, Some(Cause::DayUsedUp | Cause::MinuteTokens)) => Others::Anyone,
        (Server, _) if error.status.is_some_and(has_not_answered) => Others::Anyone,
        (Interrupted, Some(Cause::NotProcessed)) => Others::Anyone,
        // A redirect concerns the server; other refusals may concern the model.
        (BadRequest, Some(Cause::Redirect(_))) => Others::Elsewhere,
        (BadRequest, _) => Others::Anyone,
        (Unauthorized | Forbidden | Quota, _) => Others::Elsewhere,
        _ => Others::Nobody,
    }
}

/// Returns `true` if a status says that the server has not answered. Includes statuses after which
/// a retry with the same model is pointless, but another model may answer.
fn has_not_answered(status: u16) -> bool {
    is_unanswered(status) || matches!(status, 501 | 505 | 507)
}

/// Returns the first of `models` that `others` allows, and removes it and all models before it from
/// the list. `is_elsewhere` tells whether a model runs at a different host from the failed one.
pub(crate) fn next(
    models: &mut Vec<String>,
    others: Others,
    is_elsewhere: impl Fn(&str) -> bool,
) -> Option<String> {
    let may = |model: &String| match others {
        Others::Nobody => false,
        Others::Elsewhere => is_elsewhere(model),
        Others::Anyone => true,
    };
    let at = models.iter().position(may)?;
    models.drain(..=at).next_back()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_model_is_asked_where_this_one_cannot_answer() {
        use FailureKind::*;
        for (kind, status, expected) in [
            (NotFound, 404, Others::Anyone),
            (Forbidden, 403, Others::Anyone),
            (TooLarge, 413, Others::Anyone),
            (BadRequest, 400, Others::Anyone),
            (RateLimited, 429, Others::Anyone),
            (Server, 500, Others::Anyone),
            (Server, 503, Others::Anyone),
            (Server, 529, Others::Anyone),
            (Provider, 0, Others::Anyone),
            (Unauthorized, 401, Others::Elsewhere),
            (Quota, 402, Others::Elsewhere),
            (Server, 501, Others::Anyone),
            (Server, 504, Others::Nobody),
            (Server, 598, Others::Nobody),
            (Server, 0, Others::Nobody),
            (Server, 524, Others::Nobody),
            (Timeout, 0, Others::Nobody),
            (Interrupted, 0, Others::Nobody),
            (BadResponse, 0, Others::Nobody),
            (Unreachable, 0, Others::Nobody),
            (Filtered, 400, Others::Nobody),
            (Limit, 0, Others::Nobody),
            (Configuration, 0, Others::Nobody),
        ] {
            let status = (status > 0).then_some(status);
            let error = ProviderError { status, ..ProviderError::new(kind, None) };
            assert_eq!(others(&error), expected, "{kind:?} {status:?}");
        }
        for (kind, cause, expected) in [
            (Forbidden, Cause::NoAccess, Others::Anyone),
            (Forbidden, Cause::Region, Others::Elsewhere),
            (Forbidden, Cause::Firewall, Others::Elsewhere),
            (Quota, Cause::DayUsedUp, Others::Anyone),
            (Quota, Cause::MinuteTokens, Others::Anyone),
            (BadRequest, Cause::Redirect("a".into()), Others::Elsewhere),
            (Interrupted, Cause::NotProcessed, Others::Anyone),
            (Interrupted, Cause::Reset, Others::Nobody),
        ] {
            let error = ProviderError::new(kind, None).because(cause);
            assert_eq!(others(&error), expected, "{error:?}");
        }
    }

    #[test]
    fn what_this_server_refuses_goes_to_the_next_elsewhere() {
        let list = || vec!["a".to_owned(), "b".to_owned(), "c".to_owned()];
        let is_b = |model: &str| model == "b";
        for (others, expected, left) in [
            (Others::Anyone, Some("a"), 2),
            (Others::Elsewhere, Some("b"), 1),
            (Others::Nobody, None, 3),
        ] {
            let mut models = list();
            assert_eq!(next(&mut models, others, is_b).as_deref(), expected);
            assert_eq!(models.len(), left);
        }
        assert_eq!(next(&mut list(), Others::Elsewhere, |_| false), None);
    }
}
