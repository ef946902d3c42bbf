//! The web page that shows this server's runs in a browser. The page is served on demand.

use crate::event::RunId;
use crate::lang::{Lang, Message};
use crate::session::Session;
use crate::web::{Access, Server, Token, url_once};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;

/// The page's address and access rules, once the page is served.
#[derive(Default)]
pub(crate) struct Browser(OnceCell<(SocketAddr, Arc<Access>)>);

/// The error if the page cannot be served because listening on a local port failed.
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
    /// Returns a single-use URL of the page, which shows the runs of this session and of the
    /// journal. If `run` is given, the page opens at that run. The first call starts the page's
    /// server, which runs until `stop` is cancelled.
    ///
    /// # Errors
    /// Fails if the server cannot listen on a local port.
    pub(crate) async fn url(
        &self,
        session: &Arc<Session>,
        stop: &CancellationToken,
        run: Option<&RunId>,
    ) -> Result<String, BrowserError> {
        let served = self.0.get_or_try_init(|| serve(session, stop)).await;
        let (address, access) = served.map_err(BrowserError)?;
        Ok(url_once(*address, access, run))
    }
}

async fn serve(
    session: &Arc<Session>,
    stop: &CancellationToken,
) -> io::Result<(SocketAddr, Arc<Access>)> {
    let address = Ipv4Addr::LOCALHOST;
    let listener = TcpListener::bind((address, 0)).await?;
    let access = Arc::new(Access::new(Token::random(), address.into(), Vec::new()));
    let server = Server::new(listener, Arc::clone(session), Arc::clone(&access))?;
    let address = server.address();
    tokio::spawn(server.serve(stop.clone()));
    Ok((address, access))
}
