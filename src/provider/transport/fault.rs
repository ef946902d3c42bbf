//! A connection that could not be made or did not last, as an error.

use super::{Detail, error};
use crate::event::FailureKind;
use crate::provider::ProviderError;
use std::error::Error;
use std::io;

/// What a detail starts with where a name was not found.
pub(in crate::provider) const DNS: &str = "DNS: ";
/// What a detail starts with where no secure connection could be made.
pub(in crate::provider) const TLS: &str = "TLS: ";
/// What a detail starts with where a proxy stood in the way.
pub(in crate::provider) const PROXY: &str = "proxy: ";

/// What an error of the HTTP client means. Its URL is left out.
pub(in crate::provider) fn fault(
    cause: reqwest::Error,
    host: &str,
    detail: &Detail,
) -> ProviderError {
    let cause = cause.without_url();
    let (kind, text) = if cause.is_connect() {
        (FailureKind::Unreachable, unreachable(&cause))
    } else if cause.is_timeout() {
        (FailureKind::Timeout, "the server was silent".to_owned())
    } else if cause.is_builder() {
        (FailureKind::Internal, innermost(&cause))
    } else {
        (FailureKind::Interrupted, interrupted(&cause))
    };
    error(kind, host, detail.clean(&text))
}

/// One short text per cause, so that a reader can tell a server that is off from a wrong name.
fn unreachable(cause: &reqwest::Error) -> String {
    let texts: Vec<String> = chain(cause).map(ToString::to_string).collect();
    let says = |word: &str| texts.iter().any(|text| text.contains(word));
    let io = chain(cause).find_map(|e| e.downcast_ref::<io::Error>()).map(io::Error::kind);
    let tls = chain(cause).find_map(|e| e.downcast_ref::<rustls::Error>());
    if let Some(tls) = tls {
        format!("{TLS}{tls}")
    } else if says("tunnel error") || says("proxy") || says("socks") {
        format!("{PROXY}{}", innermost(cause))
    } else if says("dns error") {
        format!("{DNS}the name was not found")
    } else if cause.is_timeout() {
        "no connection in time".to_owned()
    } else if io == Some(io::ErrorKind::ConnectionRefused) {
        "connection refused".to_owned()
    } else {
        innermost(cause)
    }
}

fn interrupted(cause: &reqwest::Error) -> String {
    let io = chain(cause).find_map(|e| e.downcast_ref::<io::Error>()).map(io::Error::kind);
    match io {
        Some(io::ErrorKind::ConnectionReset) => "connection reset".to_owned(),
        Some(io::ErrorKind::UnexpectedEof) => "connection closed before the end".to_owned(),
        _ => innermost(cause),
    }
}

/// The error and its causes. An `io::Error` hides the one that it wraps from `source`.
fn chain<'a>(cause: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(cause), |cause| {
        let cause: &'a (dyn Error + 'static) = *cause;
        match cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(wrapped) => Some(wrapped as &(dyn Error + 'static)),
            None => cause.source(),
        }
    })
}

fn innermost(cause: &reqwest::Error) -> String {
    chain(cause).last().map(ToString::to_string).unwrap_or_default()
}
