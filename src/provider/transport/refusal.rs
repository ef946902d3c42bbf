//! Converts an unsuccessful response into an error.

use super::Redactor;
use super::api_error::{ApiError, parse_error};
use super::meaning::{self, Meaning, meaning};
use super::retry_after::retry_after;
use crate::event::FailureKind;
use crate::provider::{Cause, ProviderError};
use http::{HeaderMap, StatusCode, header};
use std::time::Duration;
use url::Url;

/// Target of a redirect that names no host.
pub(crate) const ANOTHER_PATH: &str = "another path";
/// Cloudflare's header on a page that checks whether the client is a person.
const CHALLENGE: &str = "cf-mitigated";

/// Converts an unsuccessful response into an error, given its status, its headers and the start of
/// its body.
pub(crate) fn refusal(
    status: StatusCode,
    headers: &HeaderMap,
    body: &[u8],
    host: &str,
    redactor: &Redactor,
) -> ProviderError {
    let api_error = parse_error(readable(body));
    let target = redirect_target(status, headers).and_then(|target| redactor.clean(&target));
    let status = status.as_u16();
    let retry_after = retry_after(headers);
    let (kind, cause) = match headers.contains_key(CHALLENGE) {
        true => (FailureKind::Forbidden, Some(Cause::Firewall)),
        false => judged(status, &api_error, retry_after.is_some()),
    };
    ProviderError {
        kind,
        host: Some(host.to_owned()),
        status: Some(status),
        retry_after: retry_after.or(wait(kind, &api_error)),
        // The body of a redirect is a page about the redirect, and a proxy that requires a login
        // may quote the user name and the password that it was given.
        detail: redactor.clean(&api_error.message).filter(|_| target.is_none() && status != 407),
        cause: target.map(Cause::Redirect).or(cause),
    }
}

/// Returns how long an error of this kind asks to wait. Gemini names a wait of seconds for a spent
/// daily quota too, which does not help.
pub(crate) fn wait(kind: FailureKind, api_error: &ApiError) -> Option<Duration> {
    api_error.retry_after.filter(|_| kind != FailureKind::Quota)
}

/// Returns the kind of an error inside a successful response. Kinds that the user could not act on
/// are replaced by [`FailureKind::Provider`].
pub(crate) fn kind_in_stream(api_error: &ApiError) -> FailureKind {
    in_stream(api_error).0
}

/// Returns the cause of an error inside a successful response, if it is known.
pub(crate) fn cause_in_stream(api_error: &ApiError) -> Option<Cause> {
    in_stream(api_error).1
}

fn in_stream(api_error: &ApiError) -> Meaning {
    use FailureKind::{BadRequest, Provider, Server, Timeout, Unreachable};
    let status = api_error.number.filter(|number| (400..600).contains(number));
    match judged(status.unwrap_or_default(), api_error, false) {
        (BadRequest, _) if meaning::is_rate(api_error) => (FailureKind::RateLimited, None),
        (BadRequest | Server | Timeout | Unreachable, _) => (Provider, None),
        told => told,
    }
}

/// Returns what an error means. If a status may mean different things, the message decides.
fn judged(status: u16, api_error: &ApiError, waits: bool) -> Meaning {
    let by_status = (kind(status, api_error), in_between(status));
    match status {
        // Each of these has only one meaning, and the body of a redirect is about the redirect.
        402 | 407 | 408 | 511 | 300..=399 => by_status,
        // The API would have responded with JSON, not with a page.
        403 if api_error.page => (FailureKind::Forbidden, Some(Cause::Firewall)),
        _ => match (status, meaning(api_error, waits)) {
            (_, None) => by_status,
            // The server itself called another server, which rejected the server's key.
            (500.., Some((FailureKind::Unauthorized, _))) => by_status,
            // A 404 such as "Requested entity was not found" is never about a length or a filter.
            (404, Some((FailureKind::TooLarge | FailureKind::Filtered, _))) => by_status,
            (_, Some(meaning)) => meaning,
        },
    }
}

/// Returns a body as text; empty if the body is compressed, or not text for another reason.
fn readable(body: &[u8]) -> &str {
    let text = match std::str::from_utf8(body) {
        Ok(text) => text,
        // The part of the body that was read may end within a character.
        Err(error) if error.error_len().is_none() => {
            let sound = body.split_at(error.valid_up_to()).0;
            std::str::from_utf8(sound).unwrap_or_default()
        }
        Err(_) => return "",
    };
    if text.contains('\0') { "" } else { text }
}

/// Returns the cause if a proxy or the network responded instead of the server.
fn in_between(status: u16) -> Option<Cause> {
    match status {
        407 => Some(Cause::Proxy),
        511 => Some(Cause::SignIn),
        _ => None,
    }
}

fn kind(status: u16, api_error: &ApiError) -> FailureKind {
    match status {
        _ if in_between(status).is_some() => FailureKind::Unreachable,
        402 => FailureKind::Quota,
        401 => FailureKind::Unauthorized,
        403 => FailureKind::Forbidden,
        404 => FailureKind::NotFound,
        408 => FailureKind::Timeout,
        413 => FailureKind::TooLarge,
        429 => FailureKind::RateLimited,
        400 if api_error.says(&["model_not_found"]) => FailureKind::NotFound,
        500.. => FailureKind::Server,
        _ => FailureKind::BadRequest,
    }
}

/// Returns the host that a redirect names, or [`ANOTHER_PATH`] if it names none. Leaves out the
/// path and the query, which may contain secrets.
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
        let error = refusal(status, &headers, body.as_bytes(), "h", &Redactor::default());
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
            (403, "", Forbidden),
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
        let kind = |body: &str| kind_in_stream(&parse_error(body));
        assert_eq!(
            kind(r#"{"error":{"message":"slow down","code":429}}"#),
            FailureKind::RateLimited
        );
        assert_eq!(kind(r#"{"error":{"message":"x","code":502}}"#), FailureKind::Provider);
        assert_eq!(kind(r#"{"error":"prompt is too long"}"#), FailureKind::TooLarge);
        assert_eq!(kind(r#"{"error":"insufficient_quota"}"#), FailureKind::Quota);
        assert_eq!(kind(r#"{"error":"x"}"#), FailureKind::Provider);
        // A number that is not a status is ignored.
        assert_eq!(kind(r#"{"error":{"message":"x","code":5000}}"#), FailureKind::Provider);
        assert_eq!(kind(r#"{"error":{"message":"x","code":408}}"#), FailureKind::Provider);
    }

    #[test]
    fn a_wait_in_the_body_counts_where_no_header_names_one_and_it_helps() {
        let read = |quota: &str, headers: &HeaderMap| {
            let body = format!(
                r#"[{{"error":{{"code":429,"message":"You exceeded your current quota","status":"RESOURCE_EXHAUSTED","details":[{{"violations":[{{"quotaId":"{quota}"}}]}},{{"retryDelay":"39s"}}]}}}}]"#
            );
            let status = StatusCode::TOO_MANY_REQUESTS;
            let error = refusal(status, headers, body.as_bytes(), "h", &Redactor::default());
            (error.kind, error.retry_after.map(|wait| wait.as_secs()))
        };
        let (none, minute) = (HeaderMap::new(), "RequestsPerMinute");
        let header = HeaderMap::from_iter([(header::RETRY_AFTER, "5".parse().unwrap())]);
        assert_eq!(read(minute, &none), (FailureKind::RateLimited, Some(39)));
        assert_eq!(read(minute, &header), (FailureKind::RateLimited, Some(5)));
        assert_eq!(read("RequestsPerDay", &none), (FailureKind::Quota, None));
    }

    #[test]
    fn a_challenge_is_a_wall_whatever_its_status() {
        let headers = HeaderMap::from_iter([(
            header::HeaderName::from_static(CHALLENGE),
            header::HeaderValue::from_static("challenge"),
        )]);
        let page = b"<html><title>Just a moment...</title>";
        for status in [403, 429, 503] {
            let status = StatusCode::from_u16(status).unwrap();
            let error = refusal(status, &headers, page, "h", &Redactor::default());
            assert_eq!((error.kind, error.cause), (FailureKind::Forbidden, Some(Cause::Firewall)));
            assert_eq!(error.detail.as_deref(), Some("Just a moment..."));
        }
    }

    #[test]
    fn names_the_host_of_a_redirect_and_no_more() {
        let target = |location: &str| {
            let headers = HeaderMap::from_iter([(header::LOCATION, location.parse().unwrap())]);
            refusal(StatusCode::TEMPORARY_REDIRECT, &headers, b"", "h", &Redactor::default()).cause
        };
        let to = |host: &str| Some(Cause::Redirect(host.to_owned()));
        assert_eq!(target("https://b.test/p?key=canary"), to("b.test"));
        assert_eq!(target("/p?key=canary"), to("another path"));
    }
}
