//! A model server for tests that speaks HTTP/2 over TLS. Clients trust its certificate only if
//! `SSL_CERT_FILE` names its authority.

use crate::support::upstream::{SSE_DONE, sse_finish, sse_text};
use bytes::Bytes;
use h2::server::SendResponse;
use http::{HeaderMap, Request, Response};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Barrier, watch};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// One request.
#[derive(Clone, Debug)]
pub(crate) struct SecureRequest {
    /// Number of the connection that the request came on, from 1.
    pub(crate) connection: usize,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
}

/// A running server. Dropping it closes its port.
pub(crate) struct Secure {
    port: u16,
    folder: tempfile::TempDir,
    log: Arc<watch::Sender<Log>>,
    accepting: JoinHandle<()>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Log {
    /// Number of accepted connections.
    pub(crate) connections: usize,
    pub(crate) asked: Vec<SecureRequest>,
}

impl Secure {
    /// Starts a server that answers questions in groups: each answer begins when `together`
    /// questions are open.
    pub(crate) async fn start(together: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = certified(&folder.path().join("ca.pem"));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let log = Arc::new(watch::Sender::new(Log::default()));
        let (acceptor, barrier) = (TlsAcceptor::from(config), Arc::new(Barrier::new(together)));
        let accepting = tokio::spawn({
            let log = Arc::clone(&log);
            async move {
                while let Ok((socket, _)) = listener.accept().await {
                    let (acceptor, log) = (acceptor.clone(), Arc::clone(&log));
                    tokio::spawn(connection(socket, acceptor, log, Arc::clone(&barrier)));
                }
            }
        });
        Secure { port, folder, log, accepting }
    }

    pub(crate) fn url(&self) -> String {
        format!("https://127.0.0.1:{}", self.port)
    }

    /// Returns the certificate of the authority that a client must trust.
    pub(crate) fn authority(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    pub(crate) fn log(&self) -> Log {
        self.log.borrow().clone()
    }

    /// Waits until `count` requests have come.
    pub(crate) async fn asked(&self, count: usize) -> Log {
        let mut log = self.log.subscribe();
        let enough = log.wait_for(|log| log.asked.len() >= count);
        let log = tokio::time::timeout(Duration::from_secs(20), enough).await;
        log.expect("requests in time").unwrap().clone()
    }
}

impl Drop for Secure {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// Creates a TLS configuration for 127.0.0.1 that prefers HTTP/2, and writes the certificate of its
/// authority to a file.
fn certified(authority: &std::path::Path) -> Arc<ServerConfig> {
    let mut params = CertificateParams::new(vec![]).unwrap();
    params.distinguished_name.push(DnType::CommonName, "tests of kaizodo");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    std::fs::write(authority, params.self_signed(&key).unwrap().pem()).unwrap();
    let issuer = Issuer::new(params, key);
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    let leaf = leaf.signed_by(&key, &issuer).unwrap();
    let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
    let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], key)
        .unwrap();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Arc::new(config)
}

/// Serves a connection over HTTP/2 only: a client that negotiated another protocol fails here.
async fn connection(
    socket: TcpStream,
    acceptor: TlsAcceptor,
    log: Arc<watch::Sender<Log>>,
    barrier: Arc<Barrier>,
) {
    let mut number = 0;
    log.send_modify(|log| {
        log.connections += 1;
        number = log.connections;
    });
    let Ok(stream) = acceptor.accept(socket).await else { return };
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(b"h2".as_slice()));
    let Ok(mut connection) = h2::server::handshake(stream).await else { return };
    while let Some(Ok((request, respond))) = connection.accept().await {
        log.send_modify(|log| {
            log.asked.push(SecureRequest {
                connection: number,
                method: request.method().to_string(),
                path: request.uri().path().to_owned(),
                headers: request.headers().clone(),
            });
        });
        tokio::spawn(answer(request, respond, Arc::clone(&barrier)));
    }
}

async fn answer(
    mut request: Request<h2::RecvStream>,
    mut respond: SendResponse<Bytes>,
    barrier: Arc<Barrier>,
) {
    if request.method() != "POST" {
        let nothing = Response::builder().status(404).body(()).unwrap();
        respond.send_response(nothing, true).unwrap();
        return;
    }
    while let Some(Ok(piece)) = request.body_mut().data().await {
        let _ = request.body_mut().flow_control().release_capacity(piece.len());
    }
    barrier.wait().await;
    let head = Response::builder().header("content-type", "text/event-stream").body(()).unwrap();
    let mut body = respond.send_response(head, false).unwrap();
    let answer = [sse_text("良い答え"), sse_finish("stop"), SSE_DONE.to_owned()].concat();
    body.send_data(answer.into(), true).unwrap();
}
