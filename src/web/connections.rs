//! Connections, limited in number, in the size of request heads, and in the time without a valid
//! token.

use axum::{Extension, Router};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::Layer;

/// Maximum number of open connections; further ones wait to be accepted.
const CONNECTIONS_MAX: usize = 1024;
/// Maximum time for receiving the head of a request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// Maximum lifetime of a connection on which no valid token has been sent.
const STRANGER_TIMEOUT: Duration = Duration::from_secs(30);
/// Maximum number of header fields.
const HEADERS_MAX: usize = 64;
/// Maximum size of a request's head in bytes.
const HEAD_BYTES: usize = 32 << 10;
/// Pause after the system failed to accept a connection, for example for lack of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// A connection's flag, set once a request on the connection has sent a valid token.
#[derive(Clone, Default)]
pub(crate) struct Authenticated(Arc<AtomicBool>);

impl Authenticated {
    pub(crate) fn admit(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn is_admitted(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Accepts connections until `stop` is cancelled, then closes all of them.
pub(crate) async fn serve(listener: TcpListener, router: Router, stop: CancellationToken) {
    let (room, tasks) = (Arc::new(Semaphore::new(CONNECTIONS_MAX)), TaskTracker::new());
    while let Some(Ok(permit)) = stop.run_until_cancelled(Arc::clone(&room).acquire_owned()).await {
        let Some(accepted) = stop.run_until_cancelled(listener.accept()).await else { break };
        let Ok((stream, _)) = accepted else {
            stop.run_until_cancelled(sleep(ACCEPT_PAUSE)).await;
            continue;
        };
        let (router, stop) = (router.clone(), stop.clone());
        tasks.spawn(async move {
            stop.run_until_cancelled(connection(stream, router)).await;
            drop(permit);
        });
    }
    tasks.close();
    tasks.wait().await;
}

async fn connection(stream: TcpStream, router: Router) {
    // Each chunk of a response is small and needed at once.
    let _ = stream.set_nodelay(true);
    let admitted = Authenticated::default();
    let service = TowerToHyperService::new(Extension(admitted.clone()).layer(router));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_headers(HEADERS_MAX)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), service);
    let stranger = async {
        sleep(STRANGER_TIMEOUT).await;
        if admitted.is_admitted() {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        ended = connection => if let Err(error) = ended {
            tracing::debug!(%error, "a connection of the page broke");
        },
        () = stranger => {}
    }
}
