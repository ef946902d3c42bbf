//! A response that is not a success, as an error.

use super::Detail;
use super::retry_after::retry_after;
use super::words::{Complaint, complaint};
use crate::event::FailureKind;
use crate::provider::{Cause, ProviderError};
use http::{HeaderMap, StatusCode, header};
use url::Url;

/// Where a redirect leads that names no host.
pub(in crate::provider) const ANOTHER_PATH: &str = "another path";

/// What a status, its headers and the start of its body mean.
pub(in crate::provider) fn refusal(
    status: StatusCode,
    headers: &HeaderMap,
    body: &[u8],
    host: &str,
    detail: &Detail,
) -> ProviderError {
    let complaint = complaint(readable(body));
    let target = redirect_target(status, headers).and_then(|target| detail.clean(&target));
    ProviderError {
        kind: kind(status.as_u16(), &complaint),
        host: Some(host.to_owned()),
        status: Some(status.as_u16()),
        retry_after: retry_after(headers),
        // What stands beside a redirect is a page about the redirect.
        detail: detail.clean(&complaint.message).filter(|_| target.is_none()),
        cause: target.map(Cause::Redirect).or(in_between(status.as_u16())),
    }
}

/// A body as text. One that is compressed, or no text for another reason, is left out.
fn readable(body: &[u8]) -> &str {
    let text = match std::str::from_utf8(body) {
        Ok(text) => text,
        // What is read of it may end within a character.
        Err(error) if error.error_len().is_none() => {
            let sound = body.split_at(error.valid_up_to()).0;
            std::str::from_utf8(sound).unwrap_or_default()
        }
        Err(_) => return "",
    };
    if text.contains('\0') { "" } else { text }
}

/// What stands between us and the server, where it is that which refuses.
fn in_between(status: u16) -> Option<Cause> {
    match status {
        407 => Some(Cause::Proxy),
        511 => Some(Cause::SignIn),
        _ => None,
    }
}

fn kind(status: u16, complaint: &Complaint) -> FailureKind {
    match status {
        _ if in_between(status).is_some() => FailureKind::Unreachable,
        402 => FailureKind::Quota,
        429 | 403 if looks_like_quota(complaint) => FailureKind::Quota,
        401 | 403 => FailureKind::Unauthorized,
        404 => FailureKind::NotFound,
        408 => FailureKind::Timeout,
        413 => FailureKind::TooLarge,
        429 => FailureKind::RateLimited,
        400 | 422 | 500 if looks_too_large(complaint) => FailureKind::TooLarge,
        400 if complaint.codes.iter().any(|code| code == "model_not_found") => {
            FailureKind::NotFound
        }
        500.. => FailureKind::Server,
        _ => FailureKind::BadRequest,
    }
}

fn looks_like_quota(complaint: &Complaint) -> bool {
    const CODES: [&str; 3] =
        ["insufficient_quota", "billing_hard_limit_reached", "billing_not_active"];
    complaint.codes.iter().any(|code| CODES.contains(&code.as_str()))
        || complaint.message.contains("insufficient_quota")
        || complaint.message.to_ascii_lowercase().contains("insufficient balance")
}

/// What an error that came inside of a success means: its own code is told where a reader would
/// act on it, all else is the provider's.
pub(in crate::provider) fn kind_in_stream(complaint: &Complaint) -> FailureKind {
    use FailureKind::{NotFound, Quota, RateLimited, TooLarge, Unauthorized};
    match kind(complaint.number.unwrap_or_default(), complaint) {
        telling @ (NotFound | Quota | RateLimited | TooLarge | Unauthorized) => telling,
        _ if looks_like_quota(complaint) => Quota,
        _ if looks_too_large(complaint) => TooLarge,
        _ => FailureKind::Provider,
    }
}

/// Whether the words mean that the text does not fit into the model's context.
fn looks_too_large(complaint: &Complaint) -> bool {
    const CODES: [&str; 3] =
        ["context_length_exceeded", "exceed_context_size_error", "string_above_max_length"];
    const WORDS: [&str; 5] = [
        "maximum context length",
        "available context size",
        "prompt is too long",
        "context length exceeded",
        "greater than the context length",
    ];
    let message = complaint.message.to_ascii_lowercase();
    complaint.codes.iter().any(|code| CODES.contains(&code.as_str()))
        || WORDS.iter().any(|words| message.contains(words))
}

/// The host that a redirect names, without the path and the query that may be secret.
fn redirect_target(status: StatusCode, headers: &HeaderMap) -> Option<String> {
    if !status.is_redirection() {
        return None;
    }
    let location = headers.get(header::LOCATION)?.to_str().ok()?;
    let url = Url::parse(location).ok();
    let host = url.as_ref().and_then(Url::host_str);
    Some(host.unwrap_or(ANOTHER_PATH).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(status: u16, body: &str) -> (FailureKind, String) {
        let status = StatusCode::from_u16(status).unwrap();
        let headers = HeaderMap::new();
        let error = refusal(status, &headers, body.as_bytes(), "h", &Detail::default());
        (error.kind, error.detail.unwrap_or_default())
    }

    #[test]
    fn tells_the_kinds_apart() {
        use FailureKind::*;
        let quota =
            r#"{"error":{"message":"You exceeded","type":"insufficient_quota","code":null}}"#;
        let long = r#"{"error":{"code":400,"message":"request (20031 tokens) exceeds the available context size (4096 tokens)","type":"exceed_context_size_error"}}"#;
        for (status, body, kind) in [
            (400, "", BadRequest),
            (400, long, TooLarge),
            (400, r#"{"error":{"message":"x","code":"model_not_found"}}"#, NotFound),
            (401, "", Unauthorized),
            (402, "", Quota),
            (403, "", Unauthorized),
            (404, r#"{"error":{"message":"model 'x' not found"}}"#, NotFound),
            (408, "", Timeout),
            (413, "<html><title>413 Request Entity Too Large</title>", TooLarge),
            (422, r#"{"detail":"no"}"#, BadRequest),
            (429, "", RateLimited),
            (429, quota, Quota),
            (500, "", Server),
            (503, r#"{"error":{"message":"Loading model","code":503}}"#, Server),
            (529, "", Server),
            (407, "", Unreachable),
            (511, "", Unreachable),
            (307, "", BadRequest),
        ] {
            assert_eq!(read(status, body).0, kind, "{status} {body}");
        }
        assert_eq!(read(429, quota).1, "You exceeded");
    }

    #[test]
    fn tells_kinds_inside_of_a_success() {
        let kind = |body: &str| kind_in_stream(&complaint(body));
        assert_eq!(
            kind(r#"{"error":{"message":"slow down","code":429}}"#),
            FailureKind::RateLimited
        );
        assert_eq!(kind(r#"{"error":{"message":"x","code":502}}"#), FailureKind::Provider);
        assert_eq!(kind(r#"{"error":"prompt is too long"}"#), FailureKind::TooLarge);
        assert_eq!(kind(r#"{"error":"insufficient_quota"}"#), FailureKind::Quota);
        assert_eq!(kind(r#"{"error":"x"}"#), FailureKind::Provider);
    }

    #[test]
    fn names_the_host_of_a_redirect_and_no_more() {
        let target = |location: &str| {
            let headers = HeaderMap::from_iter([(header::LOCATION, location.parse().unwrap())]);
            refusal(StatusCode::TEMPORARY_REDIRECT, &headers, b"", "h", &Detail::default()).cause
        };
        let to = |host: &str| Some(Cause::Redirect(host.to_owned()));
        assert_eq!(target("https://b.test/p?key=canary"), to("b.test"));
        assert_eq!(target("/p?key=canary"), to("another path"));
    }
}
