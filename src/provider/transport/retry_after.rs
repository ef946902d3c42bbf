//! Reads how long a server asks clients to wait before the next request.

use super::api_error::decimal;
use http::{HeaderMap, header};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use std::time::Duration;

/// Parses `retry-after-ms` (OpenAI, Azure), or else `Retry-After`: whole or fractional seconds, or
/// a date (RFC 9110, section 10.2.3). A date is relative to the server's own `Date`, so that a
/// wrong clock on either side does no harm. Returns `None` for invalid values.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(ms) = text("retry-after-ms").and_then(decimal) {
        return Duration::try_from_secs_f64(ms / 1000.0).ok();
    }
    let value = text(header::RETRY_AFTER.as_str())?;
    if let Some(seconds) = decimal(value) {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let (then, now) = (date(value)?, date(text(header::DATE.as_str())?)?);
    then.duration_since(now).try_into().ok()
}

fn date(text: &str) -> Option<Timestamp> {
    DateTimeParser::new().parse_timestamp(text.trim()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(headers: &[(&'static str, &str)]) -> Option<u128> {
        let headers = headers.iter().map(|(n, v)| (n.parse().unwrap(), v.parse().unwrap()));
        retry_after(&headers.collect()).map(|d| d.as_millis())
    }

    #[test]
    fn reads_what_servers_send() {
        for (value, ms) in [
            ("20", Some(20_000)),
            ("0", Some(0)),
            ("1.5", Some(1_500)),
            (" 3 ", Some(3_000)),
            ("3600", Some(3_600_000)),
            ("Sun, 06 Nov 1994 08:49:57 GMT", Some(20_000)),
            ("Sun, 06 Nov 1994 08:49:17 GMT", None),
            ("-10", None),
            ("", None),
            ("inf", None),
            ("nan", None),
            ("1e3", None),
            ("1.2.3", None),
            ("99999999999999999999999999999999999", None),
            ("Zun, 29 Nov 1994", None),
        ] {
            let now = ("date", "Sun, 06 Nov 1994 08:49:37 GMT");
            assert_eq!(read(&[("retry-after", value), now]), ms, "{value:?}");
        }
    }

    #[test]
    fn prefers_milliseconds_and_needs_a_date_for_a_date() {
        assert_eq!(read(&[("retry-after-ms", "250"), ("retry-after", "9")]), Some(250));
        assert_eq!(read(&[("retry-after-ms", "x"), ("retry-after", "9")]), Some(9_000));
        assert_eq!(read(&[("retry-after", "Sun, 06 Nov 1994 08:49:57 GMT")]), None);
    }
}
