//! The front end for browsers: a web page and its HTTP API, served on this computer.

mod accept;
mod access;
mod connections;
mod error;
mod events;
mod extract;
mod openapi;
mod page;
mod perspectives;
mod runs;
mod saved;
mod token;

pub use access::Access;
pub use token::Token;

use crate::event::RunId;
use crate::lang::Lang;
use crate::session::Session;
use axum::Router;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// State shared by all request handlers.
pub(crate) struct Web {
    pub(crate) session: Arc<Session>,
    pub(crate) access: Arc<Access>,
}

impl Web {
    /// Returns the language of the response to a request: the supported language that the client
    /// prefers or, if there is none, the session's language.
    pub(crate) fn lang(&self, headers: &http::HeaderMap) -> Lang {
        let accepted = headers.get(http::header::ACCEPT_LANGUAGE);
        let accepted = accepted.and_then(|value| value.to_str().ok()).unwrap_or_default();
        language(accepted).unwrap_or_else(|| self.session.lang())
    }
}

/// Returns the supported language that the client prefers. The range `*` names no language.
fn language(accepted: &str) -> Option<Lang> {
    let named = accepted.split(',').filter(|range| !range.trim_start().starts_with('*'));
    let named: Vec<_> = named.filter(|range| !range.trim().is_empty()).collect();
    if named.is_empty() {
        return None;
    }
    let all = [("ja", Lang::Ja), ("en", Lang::En)];
    let chosen = accept::choose(&named.join(","), &all.map(|(name, _)| name))?;
    all.get(chosen).map(|(_, lang)| *lang)
}

/// A server that already listens for connections but answers no requests until [`Server::serve`] is
/// called.
pub struct Server {
    listener: TcpListener,
    router: Router,
    address: SocketAddr,
}

impl Server {
    /// Creates the server for the page and the API of a session.
    ///
    /// # Errors
    /// Fails if the address of the listener cannot be determined.
    pub fn new(
        listener: TcpListener,
        session: Arc<Session>,
        access: Arc<Access>,
    ) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let router = openapi::router(Arc::new(Web { session, access }));
        Ok(Server { listener, router, address })
    }

    /// Returns the address that the server listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers requests until `stop` is cancelled, then closes every connection.
    pub async fn serve(self, stop: CancellationToken) {
        connections::serve(self.listener, self.router, stop).await;
    }
}

/// Returns the page's URL with the token in its fragment, which browsers do not send to servers.
pub fn url(address: SocketAddr, token: &Token) -> String {
    format!("http://{address}/#token={}", token.show())
}

/// Returns a URL that opens the page only once, because it contains a ticket instead of the token.
/// The page shows `run`, if given.
pub(crate) fn url_once(address: SocketAddr, access: &Access, run: Option<&RunId>) -> String {
    let run = run.map(|run| format!("&run={run}")).unwrap_or_default();
    format!("http://{address}/#ticket={}{run}", access.ticket().show())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_that_names_no_language_hears_the_server_s() {
        for (accepted, lang) in [
            ("", None),
            ("*", None),
            (" * ;q=0.5,", None),
            ("fr", None),
            ("ja-JP,ja;q=0.9,en;q=0.8", Some(Lang::Ja)),
            ("en-US, *;q=0.1", Some(Lang::En)),
            ("fr, en;q=0.3", Some(Lang::En)),
        ] {
            assert_eq!(language(accepted), lang, "{accepted}");
        }
    }
}
