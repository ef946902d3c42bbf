//! Reads numbers in headers and error responses.

/// Parses a plain decimal number: no `inf`, no `nan`, and no exponent.
pub(crate) fn decimal(text: &str) -> Option<f64> {
    let text = text.trim();
    let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    text.parse().ok().filter(|_| plain)
}
