//! Access control: checks the token or ticket of a request, and the origin that a browser reports.
//!
//! A page of another origin cannot read the token, and no cookie authenticates the user. Checking
//! `Host` keeps out pages whose name was made to resolve to this computer (DNS rebinding).

use super::error::ApiError;
use super::token::{Ticket, Tickets, Token};
use crate::lang::Lang;
use http::header::{AUTHORIZATION, HOST, ORIGIN};
use http::{HeaderMap, StatusCode, Uri};
use std::net::IpAddr;

/// Access rules that decide which requests are allowed.
pub struct Access {
    token: Token,
    /// Whether the server listens on this computer only.
    is_loopback: bool,
    /// Names, besides those of this computer, by which a browser may reach the server.
    hosts: Vec<String>,
    tickets: Tickets,
}

/// The credential that a request must carry. Every request must also pass the `Host` and `Origin`
/// checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RequiredCredential {
    /// No credential, because the response contains no user data.
    Nothing,
    /// The server's token.
    Token,
    /// A ticket, which the request uses up.
    Ticket,
}

/// Why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The `Host` header is missing or does not name this server.
    Host,
    /// The request comes from a page of another origin.
    Origin,
    /// The token is missing or wrong.
    Token,
    /// The ticket is missing, wrong, already used or expired.
    Ticket,
}

impl Access {
    /// Creates the access rules for a server that listens on `address`. `hosts` are additional host
    /// names by which browsers may reach the server.
    pub fn new(token: Token, address: IpAddr, hosts: Vec<String>) -> Self {
        Access { token, is_loopback: address.is_loopback(), hosts, tickets: Tickets::default() }
    }

    /// Returns the server's token.
    pub(crate) fn token(&self) -> &Token {
        &self.token
    }

    /// Issues a ticket, which the page can exchange for the token once.
    pub(crate) fn ticket(&self) -> Ticket {
        self.tickets.issue()
    }

    /// Checks a request's host and origin, and whether the request carries the credential `needs`.
    pub(crate) fn check(
        &self,
        uri: &Uri,
        headers: &HeaderMap,
        needs: RequiredCredential,
    ) -> Result<(), Refusal> {
        let host = one(headers, HOST.as_str()).ok_or(Refusal::Host)?;
        // A request with a full target URI may have been meant for a proxy.
        let is_elsewhere = uri.authority().is_some_and(|authority| authority.as_str() != host);
        if is_elsewhere || !self.is_our_name(host) {
            return Err(Refusal::Host);
        }
        if headers.contains_key(ORIGIN) {
            let origin = one(headers, ORIGIN.as_str()).ok_or(Refusal::Origin)?;
            let from = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
            if from != Some(host) {
                return Err(Refusal::Origin);
            }
        }
        if needs == RequiredCredential::Nothing {
            return Ok(());
        }
        let is_ours = matches!(one(headers, "sec-fetch-site"), Some("same-origin" | "none"));
        if headers.contains_key("sec-fetch-site") && !is_ours {
            return Err(Refusal::Origin);
        }
        let given = one(headers, AUTHORIZATION.as_str()).and_then(|value| value.split_once(' '));
        let given = given.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        let given = given.map(|(_, secret)| secret);
        match needs {
            RequiredCredential::Ticket
                if given.is_some_and(|ticket| self.tickets.redeem(ticket)) =>
            {
                Ok(())
            }
            RequiredCredential::Ticket => Err(Refusal::Ticket),
            _ if given.is_some_and(|token| self.token.is(token)) => Ok(()),
            _ => Err(Refusal::Token),
        }
    }

    /// Returns `true` if a `Host` value names this server. Unlike a name, an IP address cannot be
    /// made to resolve to another computer.
    fn is_our_name(&self, host: &str) -> bool {
        let name = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((address, port)) if port.is_empty() || port.starts_with(':') => address,
            Some(_) => return false,
            None => host.rsplit_once(':').map_or(host, |(name, _)| name),
        };
        match name.parse::<IpAddr>() {
            Ok(address) => address.is_loopback() || !self.is_loopback,
            Err(_) => {
                name.eq_ignore_ascii_case("localhost")
                    || self.hosts.iter().any(|own| own.eq_ignore_ascii_case(name))
            }
        }
    }
}

/// Returns the value of a header that occurs exactly once.
fn one<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok();
    value.filter(|_| values.next().is_none())
}

impl Refusal {
    pub(crate) fn error(self, lang: Lang) -> ApiError {
        let (status, kind, message) = match self {
            Refusal::Host => (
                StatusCode::MISDIRECTED_REQUEST,
                "host",
                lang.pick(
                    "その名前では、このサーバーを使えません。起動したときに表示されたアドレスを開いてください。ほかの名前で使うには、`--allow-host` で許可してください。",
                    "This server does not accept the host name used in this request. Open the address printed when the server started, or allow the name with `--allow-host`.",
                ),
            ),
            Refusal::Origin => (
                StatusCode::FORBIDDEN,
                "origin",
                lang.pick(
                    "ほかのサイトのページからは使えません。起動したときに表示されたアドレスを開いてください。",
                    "Pages from other sites are not allowed to use this server. Open the address printed when the server started.",
                ),
            ),
            Refusal::Ticket => (
                StatusCode::UNAUTHORIZED,
                "ticket",
                lang.pick(
                    "このリンクは、すでに使われたか、古くなっています。エディターからもう一度開いてください。",
                    "This link has been used already, or has expired. Open the page from your editor again.",
                ),
            ),
            Refusal::Token => (
                StatusCode::UNAUTHORIZED,
                "token",
                lang.pick(
                    "トークンがないか、違っています。起動したときに表示されたアドレスを開くか、その #token= の値を `Authorization: Bearer …` で送ってください。",
                    "The token is missing or wrong. Open the address printed when the server started, or copy the value after `#token=` from it and send it in the header `Authorization: Bearer …`.",
                ),
            ),
        };
        ApiError::new(status, kind, message.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    fn access(address: &str, hosts: &[&str]) -> Access {
        let hosts = hosts.iter().map(|&name| name.to_owned()).collect();
        Access::new(Token::new("secret"), address.parse().unwrap(), hosts)
    }

    fn headers(all: &[(&'static str, &str)]) -> HeaderMap {
        all.iter()
            .map(|(name, value)| (http::HeaderName::from_static(name), value.parse().unwrap()))
            .collect()
    }

    fn check(access: &Access, all: &[(&'static str, &str)]) -> Result<(), Refusal> {
        access.check(&Uri::from_static("/v1/runs"), &headers(all), RequiredCredential::Token)
    }

    #[test]
    fn only_the_token_opens_and_two_are_none() {
        let door = access("127.0.0.1", &[]);
        let with =
            |value: &str| check(&door, &[("host", "127.0.0.1:4649"), ("authorization", value)]);
        assert_eq!(with("Bearer secret"), Ok(()));
        assert_eq!(with("bearer secret"), Ok(()));
        for wrong in
            ["", "Bearer", "Bearer ", "Bearer secre", "Bearer secret2", "Basic secret", "secret"]
        {
            assert_eq!(with(wrong), Err(Refusal::Token), "{wrong}");
        }
        let mut twice = headers(&[("host", "localhost"), ("authorization", "Bearer secret")]);
        twice.append("authorization", "Bearer secret".parse().unwrap());
        assert_eq!(
            door.check(&Uri::from_static("/"), &twice, RequiredCredential::Token),
            Err(Refusal::Token)
        );
        assert_eq!(check(&door, &[("host", "localhost")]), Err(Refusal::Token));
    }

    #[test]
    fn a_name_that_points_here_is_not_ours() {
        let ask = |door: &Access, host: &str| {
            check(door, &[("host", host), ("authorization", "Bearer secret")])
        };
        let door = access("127.0.0.1", &["Mac.local"]);
        for ours in [
            "127.0.0.1:4649",
            "127.0.0.1",
            "localhost:1",
            "LOCALHOST",
            "[::1]:4649",
            "[::1]",
            "127.1.2.3:9",
            "mac.local:4649",
        ] {
            assert_eq!(ask(&door, ours), Ok(()), "{ours}");
        }
        for other in [
            "",
            ":4649",
            "evil.example",
            "evil.example:4649",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "10.0.0.1:4649",
            "0.0.0.0:4649",
            "[::]:4649",
            "local",
            "127.0.0.1@evil.example",
            "[evil]:1",
            "[::1].evil.example",
            "2130706433",
        ] {
            assert_eq!(ask(&door, other), Err(Refusal::Host), "{other}");
        }
        let open = access("0.0.0.0", &[]);
        assert_eq!(ask(&open, "10.0.0.1:4649"), Ok(()), "an address is no name");
        assert_eq!(ask(&open, "evil.example:4649"), Err(Refusal::Host));
        assert_eq!(check(&door, &[("authorization", "Bearer secret")]), Err(Refusal::Host));
        let proxy = Uri::from_static("http://evil.example/v1/runs");
        let good = headers(&[("host", "localhost"), ("authorization", "Bearer secret")]);
        assert_eq!(door.check(&proxy, &good, RequiredCredential::Token), Err(Refusal::Host));
    }

    #[test]
    fn pages_of_other_origins_are_told_apart() {
        let door = access("127.0.0.1", &[]);
        let ask = |more: &[(&'static str, &str)]| {
            let base = [("host", "localhost:4649"), ("authorization", "Bearer secret")];
            check(&door, &[&base[..], more].concat())
        };
        assert_eq!(
            ask(&[("origin", "http://localhost:4649"), ("sec-fetch-site", "same-origin")]),
            Ok(())
        );
        assert_eq!(ask(&[("sec-fetch-site", "none")]), Ok(()));
        for origin in [
            "null",
            "http://localhost",
            "http://localhost:4650",
            "http://evil.example",
            "http://127.0.0.1:4649",
            "file://localhost:4649",
        ] {
            assert_eq!(ask(&[("origin", origin)]), Err(Refusal::Origin), "{origin}");
        }
        for site in ["cross-site", "same-site", "else"] {
            assert_eq!(ask(&[("sec-fetch-site", site)]), Err(Refusal::Origin), "{site}");
        }
        let linked = headers(&[("host", "localhost:4649"), ("sec-fetch-site", "cross-site")]);
        assert_eq!(
            door.check(&Uri::from_static("/"), &linked, RequiredCredential::Nothing),
            Ok(()),
            "a link to the page may be clicked"
        );
    }

    #[test]
    fn tokens_differ_and_are_long() {
        let (a, b) = (Token::random(), Token::random());
        assert_ne!(a.show(), b.show());
        assert_eq!(a.show().len(), 64);
        assert_eq!(
            super::super::url((Ipv4Addr::LOCALHOST, 4649).into(), &Token::new("t")),
            "http://127.0.0.1:4649/#token=t"
        );
    }
}
