//! Checks the environment's proxy settings before anything is sent.
//!
//! The HTTP client reads the same variables by itself, but silently ignores invalid ones and
//! connects directly. Here they are detected and reported instead. Both use the same parser
//! (`hyper_util`'s matcher), so they agree on what is valid.

use http::Uri;
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use std::fmt;
use url::Url;

/// Minimum length in characters of a password that is redacted. Shorter ones occur in ordinary
/// words.
const PASSWORD: usize = 3;

/// The environment's proxy settings. `Debug` hides the values, which may contain passwords.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Proxies {
    http: Option<Setting>,
    https: Option<Setting>,
    all: Option<Setting>,
    /// Hosts that are contacted directly (`NO_PROXY`).
    direct: String,
    /// Whether `REQUEST_METHOD` is set. The client then assumes a CGI script, whose `HTTP_PROXY`
    /// any visitor could set, and ignores proxies.
    is_cgi: bool,
}

/// An environment variable and its value.
#[derive(Clone, PartialEq, Eq)]
struct Setting {
    name: &'static str,
    value: String,
}

/// Why a proxy cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProxyError {
    /// The proxy URL has an unsupported scheme.
    Scheme(String),
    /// The SOCKS proxy has no port. The HTTP client would use port 80.
    NoPort,
    /// The proxy URL is invalid.
    Unreadable,
    /// The HTTP client ignores the variable, because `REQUEST_METHOD` is set.
    Cgi,
}

impl Proxies {
    /// Reads the proxy variables with the same precedence as the HTTP client. `lookup` returns the
    /// value of an environment variable.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Self {
        // The first variable that is set counts, even if it is empty.
        let first = |names: [&'static str; 2]| {
            names.into_iter().find_map(|name| Some(Setting { name, value: lookup(name)? }))
        };
        let named = |names| first(names).filter(|setting| !setting.value.is_empty());
        Proxies {
            http: named(["HTTP_PROXY", "http_proxy"]),
            https: named(["HTTPS_PROXY", "https_proxy"]),
            all: named(["ALL_PROXY", "all_proxy"]),
            direct: first(["NO_PROXY", "no_proxy"]).map(|no| no.value).unwrap_or_default(),
            is_cgi: lookup("REQUEST_METHOD").is_some(),
        }
    }

    /// Returns the variable that names the proxy for a URL, and why that proxy cannot be used;
    /// `None` if it can be used, or if requests to the URL use no proxy.
    pub(crate) fn unusable_for(&self, url: &Url) -> Option<(&'static str, ProxyError)> {
        let own = if url.scheme() == "https" { &self.https } else { &self.http };
        let setting = own.as_ref().or(self.all.as_ref())?;
        if !self.concerns(url) {
            return None;
        }
        Some((setting.name, setting.fault(self.is_cgi)?))
    }

    /// Returns `true` if requests to a URL go through a proxy, given `NO_PROXY`.
    fn concerns(&self, url: &Url) -> bool {
        let any = Matcher::builder().all("http://proxy.invalid").no(self.direct.as_str()).build();
        // An invalid URI cannot be requested anyway.
        url.as_str().parse::<Uri>().is_ok_and(|uri| any.intercept(&uri).is_some())
    }

    /// Returns the strings to redact from error messages: passwords as written in the variables,
    /// decoded, and as sent in base64.
    pub(crate) fn secrets(&self) -> Vec<String> {
        let all = [&self.http, &self.https, &self.all].into_iter().flatten();
        let secrets = all.flat_map(Setting::secrets);
        secrets.filter(|secret| secret.chars().count() >= PASSWORD).collect()
    }
}

impl Setting {
    /// Parses the value as the client does; `None` if the client would ignore it.
    fn read(&self) -> Option<Intercept> {
        let matcher = Matcher::builder().all(self.value.as_str()).build();
        matcher.intercept(&Uri::from_static("https://any.invalid"))
    }

    fn fault(&self, is_cgi: bool) -> Option<ProxyError> {
        match self.read() {
            Some(proxy) if !self.leads_to(&proxy) => Some(ProxyError::Unreadable),
            Some(_) if is_cgi => Some(ProxyError::Cgi),
            Some(proxy) => {
                let is_socks = proxy.uri().scheme_str().is_some_and(|s| s.starts_with("socks"));
                (is_socks && proxy.uri().port().is_none()).then_some(ProxyError::NoPort)
            }
            None => Some(match self.scheme() {
                Some(scheme) => ProxyError::Scheme(scheme),
                None => ProxyError::Unreadable,
            }),
        }
    }

    /// Returns `true` if the parsed host is the intended one. If the password contains an unescaped
    /// `/`, `#` or `@`, the parsed host is a part of the password, which would be looked up in DNS.
    fn leads_to(&self, proxy: &Intercept) -> bool {
        let host = self.host_on();
        let read = proxy.uri().authority().map(http::uri::Authority::as_str).unwrap_or_default();
        host.strip_prefix(read).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// Returns the value from the host on.
    fn host_on(&self) -> &str {
        let rest = self.rest();
        rest.rsplit_once('@').map_or(rest, |(_, host)| host)
    }

    /// Returns the value without its scheme.
    fn rest(&self) -> &str {
        self.value.split_once("://").map_or(&self.value, |(_, rest)| rest)
    }

    /// Returns the scheme if it is unknown and can be shown: short and plain, since anything may
    /// precede `://`.
    fn scheme(&self) -> Option<String> {
        const KNOWN: [&str; 6] = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"];
        let (scheme, _) = self.value.split_once("://")?;
        let lower = scheme.to_ascii_lowercase();
        let is_plain = !lower.is_empty()
            && lower.len() <= 12
            && lower.starts_with(|c: char| c.is_ascii_alphabetic())
            && lower.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
        (is_plain && !KNOWN.contains(&lower.as_str())).then_some(lower)
    }

    fn secrets(&self) -> Vec<String> {
        let read = self.read();
        let meant = read.as_ref().and_then(Intercept::raw_auth).map(|(_, pass)| pass.to_owned());
        // `Basic`, followed by user name and password in base64.
        let basic = read.as_ref().and_then(Intercept::basic_auth).and_then(|v| v.to_str().ok());
        let basic = basic.and_then(|value| value.split(' ').nth(1)).map(str::to_owned);
        // A password may contain an `@`.
        let written = self.rest().rsplit_once('@').and_then(|(user, _)| user.split_once(':'));
        let written = written.map(|(_, pass)| pass.to_owned());
        let decoded = written.as_deref().map(|pass| {
            percent_encoding::percent_decode_str(pass).decode_utf8_lossy().into_owned()
        });
        [meant, basic, written, decoded].into_iter().flatten().collect()
    }
}

impl fmt::Debug for Proxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = [&self.http, &self.https, &self.all].into_iter().flatten().map(|s| s.name);
        f.debug_struct("Proxies").field("set", &names.collect::<Vec<_>>()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies(variables: &[(&str, &str)]) -> Proxies {
        let value = |name: &str| variables.iter().find(|(n, _)| *n == name);
        Proxies::from_lookup(|name| value(name).map(|(_, value)| (*value).to_owned()))
    }

    fn fault(url: &str, variables: &[(&str, &str)]) -> Option<(&'static str, ProxyError)> {
        proxies(variables).unusable_for(&Url::parse(url).unwrap())
    }

    #[test]
    fn proxies_that_the_client_reads_are_valid() {
        for value in [
            "http://proxy.test:3128",
            "proxy.test:3128",
            "https://me:pass@proxy.test",
            "socks5://127.0.0.1:1080",
            "socks5h://me:p%40ss@127.0.0.1:1080",
            "socks4a://proxy.test:1080/",
            "",
        ] {
            for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
                assert_eq!(fault("https://model.test", &[(name, value)]), None, "{name}={value}");
            }
        }
    }

    #[test]
    fn proxies_that_the_client_would_ignore_are_reported() {
        let scheme = |scheme: &str| ProxyError::Scheme(scheme.to_owned());
        for (value, why) in [
            ("socks://127.0.0.1:1080/", scheme("socks")),
            ("SOCKS5H+TLS://127.0.0.1:1080", scheme("socks5h+tls")),
            ("quic://127.0.0.1:1080", scheme("quic")),
            ("socks5://127.0.0.1", ProxyError::NoPort),
            ("http://proxy.test:3128 ", ProxyError::Unreadable),
            ("\"http://proxy.test:3128\"", ProxyError::Unreadable),
            ("http://プロキシ.test:3128", ProxyError::Unreadable),
            ("http://me:p@ss:word#1@proxy.test:3128", ProxyError::Unreadable),
            ("http://me:p@ss@proxy.test:3128", ProxyError::Unreadable),
            ("http://me:3/4@proxy.test:3128", ProxyError::Unreadable),
            ("http://", ProxyError::Unreadable),
            ("/etc/proxy.pac", ProxyError::Unreadable),
            (" ", ProxyError::Unreadable),
            ("\u{fffd}", ProxyError::Unreadable),
        ] {
            let found = fault("https://model.test", &[("ALL_PROXY", value)]);
            assert_eq!(found, Some(("ALL_PROXY", why)), "{value}");
        }
        let found = fault("https://model.test", &[("REQUEST_METHOD", ""), ("https_proxy", "p:1")]);
        assert_eq!(found, Some(("https_proxy", ProxyError::Cgi)));
    }

    #[test]
    fn only_the_variable_that_applies_is_checked() {
        let (good, bad) = ("http://proxy.test:3128", "socks://proxy.test:1080");
        let both = [("HTTPS_PROXY", good), ("HTTP_PROXY", bad), ("ALL_PROXY", bad)];
        assert_eq!(fault("https://model.test", &both), None);
        assert_eq!(fault("http://model.test", &both).unwrap().0, "HTTP_PROXY");
        let twice = [("HTTPS_PROXY", ""), ("https_proxy", bad), ("all_proxy", bad)];
        assert_eq!(fault("https://model.test", &twice).unwrap().0, "all_proxy");
        let direct = [("ALL_PROXY", bad), ("NO_PROXY", "model.test, 10.0.0.0/8")];
        assert_eq!(fault("https://a.model.test", &direct), None);
        assert_eq!(fault("http://10.1.2.3:8000/v1", &direct), None);
        assert!(fault("https://other.test", &direct).is_some());
    }

    #[test]
    fn passwords_are_known_in_every_form_and_shown_in_none() {
        let all = [
            ("HTTPS_PROXY", "http://me:c%40nary-1@p.test:1"),
            ("ALL_PROXY", "socks5://me:canary-2@p:1"),
        ];
        let proxies = proxies(&all);
        // `me:c@nary-1` in base64.
        for secret in ["c%40nary-1", "c@nary-1", "bWU6Y0BuYXJ5LTE=", "canary-2"] {
            assert!(proxies.secrets().iter().any(|s| s == secret), "{secret}");
        }
        let shown = format!("{proxies:?}");
        assert!(shown.contains("HTTPS_PROXY") && !shown.contains("nary"), "{shown}");
    }
}
