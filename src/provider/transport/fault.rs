//! Converts a failed or broken connection into an error.

use super::{Redactor, error};
use crate::event::FailureKind;
use crate::provider::{Cause, ProviderError, Tls};
use std::error::Error;
use std::io;

/// Converts an error of the HTTP client. Omits the error's URL, and redacts its message with
/// `redactor`.
pub(crate) fn fault(cause: reqwest::Error, host: &str, redactor: &Redactor) -> ProviderError {
    let cause = cause.without_url();
    let (kind, known) = if cause.is_connect() {
        (FailureKind::Unreachable, unreachable(&cause))
    } else if cause.is_timeout() {
        (FailureKind::Timeout, None)
    } else if cause.is_builder() {
        (FailureKind::Internal, None)
    } else {
        (FailureKind::Interrupted, interrupted(&cause))
    };
    // These causes need no explanation from the HTTP client.
    let told = matches!(
        known,
        Some(
            Cause::Dns
                | Cause::ConnectionRefused
                | Cause::NoConnection
                | Cause::Reset
                | Cause::Closed
        )
    );
    let words = if told { None } else { redactor.clean(&innermost(&cause)) };
    ProviderError { cause: known, ..error(kind, host, words) }
}

/// Returns the cause of a failed connection, so that the user can tell a server that is off from a
/// wrong host name.
fn unreachable(cause: &reqwest::Error) -> Option<Cause> {
    let texts: Vec<String> = chain(cause).map(ToString::to_string).collect();
    let says = |word: &str| texts.iter().any(|text| text.contains(word));
    if let Some(error) = find::<rustls::Error>(cause) {
        Some(Cause::Tls(tls(error)))
    } else if says("tunnel error") || says("proxy") || says("socks") {
        Some(Cause::Proxy)
    } else if says("dns error") {
        Some(Cause::Dns)
    } else if cause.is_timeout() {
        Some(Cause::NoConnection)
    } else if io_kind(cause) == Some(io::ErrorKind::ConnectionRefused) {
        Some(Cause::ConnectionRefused)
    } else {
        None
    }
}

fn tls(error: &rustls::Error) -> Tls {
    use rustls::CertificateError::*;
    match error {
        rustls::Error::InvalidCertificate(Expired | ExpiredContext { .. }) => Tls::Expired,
        rustls::Error::InvalidCertificate(NotValidForName | NotValidForNameContext { .. }) => {
            Tls::OtherName
        }
        rustls::Error::InvalidCertificate(UnknownIssuer) => Tls::UnknownIssuer,
        rustls::Error::InvalidMessage(_) => Tls::NotSpoken,
        _ => Tls::Other,
    }
}

fn interrupted(cause: &reqwest::Error) -> Option<Cause> {
    if find::<h2::Error>(cause).is_some_and(not_taken) {
        return Some(Cause::NotProcessed);
    }
    if chain(cause).any(|cause| cause.to_string().contains("message head is too large")) {
        return Some(Cause::HeadTooLong);
    }
    match io_kind(cause) {
        Some(io::ErrorKind::ConnectionReset) => Some(Cause::Reset),
        Some(io::ErrorKind::UnexpectedEof) => Some(Cause::Closed),
        _ => None,
    }
}

/// Returns `true` if the server says that it has not processed the request (RFC 9113, section 8.7).
fn not_taken(error: &h2::Error) -> bool {
    let refused = error.is_reset() && error.reason() == Some(h2::Reason::REFUSED_STREAM);
    let goes = error.is_go_away() && error.reason() == Some(h2::Reason::NO_ERROR);
    error.is_remote() && (refused || goes)
}

fn io_kind(cause: &reqwest::Error) -> Option<io::ErrorKind> {
    find::<io::Error>(cause).map(io::Error::kind)
}

fn find<E: Error + 'static>(cause: &reqwest::Error) -> Option<&E> {
    chain(cause).find_map(|e| e.downcast_ref())
}

/// Iterates over an error and its sources, including the error that an `io::Error` wraps, which
/// `source` skips.
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
