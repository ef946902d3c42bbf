//! The page of this server's runs in a browser: served from the first time that somebody wants it.

use crate::lang::{Lang, Message};
use crate::session::Session;
use crate::web::{Access, Server, Token, url};
use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;

/// Where the page is, if it is served.
#[derive(Default)]
pub(crate) struct Browser(OnceCell<String>);

/// The page cannot be served.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.message(Lang::En))]
pub(crate) struct BrowserError(io::Error);

impl Message for BrowserError {
    fn message(&self, lang: Lang) -> String {
        let reason = &self.0;
        lang.pick(
            format!(
                "ページを開けません。このコンピューターで待ち受けられませんでした（{reason}）。"
            ),
            format!("The page cannot be served: listening on this computer failed ({reason})."),
        )
    }
}

impl Browser {
    /// The address of the page, with its token. It shows the runs of this session and of the journal,
    /// until `stop`.
    ///
    /// # Errors
    /// What the system says if no port can be listened on.
    pub(crate) async fn url(
        &self,
        session: &Arc<Session>,
        stop: &CancellationToken,
    ) -> Result<&str, BrowserError> {
        let url = self.0.get_or_try_init(|| serve(session, stop)).await;
        url.map(String::as_str).map_err(BrowserError)
    }
}

async fn serve(session: &Arc<Session>, stop: &CancellationToken) -> io::Result<String> {
    let (address, token) = (Ipv4Addr::LOCALHOST, Token::random());
    let listener = TcpListener::bind((address, 0)).await?;
    let access = Access::new(token.clone(), address.into(), Vec::new());
    let server = Server::new(listener, Arc::clone(session), access)?;
    let url = url(server.address(), &token);
    tokio::spawn(server.serve(stop.clone()));
    Ok(url)
}
