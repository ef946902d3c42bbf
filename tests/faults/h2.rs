//! An HTTP/2 server (RFC 9113) over TLS that sends frame by frame, as far as the faults need.

use crate::tls::{Authority, Flaw};
use std::collections::HashSet;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// Error codes (section 7).
pub(crate) const NO_ERROR: u32 = 0;
pub(crate) const INTERNAL_ERROR: u32 = 2;
pub(crate) const REFUSED_STREAM: u32 = 7;

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const END_STREAM: u8 = 1;
const ACK: u8 = 1;
const END_HEADERS: u8 = 4;

/// A request that has arrived completely.
#[derive(Clone, Debug)]
pub(crate) struct H2Request {
    pub(crate) stream: u32,
    pub(crate) body: String,
    /// Whether the same body has arrived before.
    pub(crate) again: bool,
}

/// One step of the server.
pub(crate) enum Act {
    /// Sends the head of a good response on this stream.
    Head(u32),
    /// Sends a piece of a body.
    Data(u32, String),
    /// Ends a body.
    End(u32),
    Reset(u32, u32),
    /// Sends GOAWAY with the last stream that is processed and an error code.
    GoAway(u32, u32),
    /// Closes the connection.
    Close,
}

/// Returns the steps after a request has arrived, from all requests on its connection so far.
type Script = dyn Fn(&[H2Request]) -> Vec<Act> + Send + Sync;

/// A running server. Dropping it closes its port.
pub(crate) struct Server {
    pub(crate) url: String,
    asked: Arc<Mutex<Vec<String>>>,
    accepting: JoinHandle<()>,
}

impl Server {
    pub(crate) async fn start(
        authority: &Authority,
        script: impl Fn(&[H2Request]) -> Vec<Act> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://{}", listener.local_addr().unwrap());
        let acceptor = TlsAcceptor::from(authority.server(Flaw::None, &[b"h2"]));
        let (asked, script): (_, Arc<Script>) = (Arc::<Mutex<Vec<_>>>::default(), Arc::new(script));
        let all = asked.clone();
        let accepting = tokio::spawn(async move {
            let before = Arc::<Mutex<HashSet<_>>>::default();
            while let Ok((socket, _)) = listener.accept().await {
                let (acceptor, script) = (acceptor.clone(), script.clone());
                let (all, before) = (all.clone(), before.clone());
                tokio::spawn(async move {
                    let Ok(stream) = acceptor.accept(socket).await else { return };
                    let mut connection = Connection { stream, asked: vec![] };
                    let _ = connection.serve(&*script, &all, &before).await;
                });
            }
        });
        Self { url, asked, accepting }
    }

    /// Returns the bodies of all requests so far.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

struct Connection {
    stream: TlsStream<TcpStream>,
    asked: Vec<H2Request>,
}

impl Connection {
    /// Ends the sending side and reads on for a while. Closing a socket with unread data would be a
    /// reset, which would destroy data that is still on its way.
    async fn leave(&mut self) -> io::Result<()> {
        self.stream.shutdown().await?;
        let mut rest = [0; 1024];
        let all = async { while matches!(self.stream.read(&mut rest).await, Ok(n) if n > 0) {} };
        let _ = tokio::time::timeout(Duration::from_secs(1), all).await;
        Ok(())
    }

    async fn serve(
        &mut self,
        script: &Script,
        all: &Mutex<Vec<String>>,
        before: &Mutex<HashSet<String>>,
    ) -> io::Result<()> {
        self.stream.read_exact(&mut [0; 24]).await?;
        self.frame(SETTINGS, 0, 0, &[]).await?;
        let mut open: Vec<(u32, Vec<u8>)> = vec![];
        loop {
            let mut head = [0; 9];
            self.stream.read_exact(&mut head).await?;
            let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
            let (kind, flags) = (head[3], head[4]);
            let stream = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
            let mut payload = vec![0; length as usize];
            self.stream.read_exact(&mut payload).await?;
            match kind {
                SETTINGS if flags & ACK == 0 => self.frame(SETTINGS, ACK, 0, &[]).await?,
                PING if flags & ACK == 0 => self.frame(PING, ACK, 0, &payload).await?,
                HEADERS => open.push((stream, vec![])),
                DATA => {
                    let at = open.iter().position(|(id, _)| *id == stream).unwrap();
                    open[at].1.extend_from_slice(&payload);
                    if flags & END_STREAM == 0 {
                        continue;
                    }
                    let body = String::from_utf8(open.remove(at).1).unwrap();
                    all.lock().unwrap().push(body.clone());
                    let again = !before.lock().unwrap().insert(body.clone());
                    self.asked.push(H2Request { stream, body, again });
                    for act in script(&self.asked) {
                        if !self.act(act).await? {
                            return self.leave().await;
                        }
                    }
                }
                _ => {}
            }
        }
    }

    /// Performs a step. Returns `true` if the connection stays open.
    async fn act(&mut self, act: Act) -> io::Result<bool> {
        match act {
            Act::Head(stream) => {
                // `:status 200` and `content-type` from the static table of HPACK (RFC 7541,
                // appendix A).
                let value = b"text/event-stream";
                let mut block = vec![0x88, 0x0f, 0x10, value.len() as u8];
                block.extend_from_slice(value);
                self.frame(HEADERS, END_HEADERS, stream, &block).await?;
            }
            Act::Data(stream, text) => self.frame(DATA, 0, stream, text.as_bytes()).await?,
            Act::End(stream) => self.frame(DATA, END_STREAM, stream, &[]).await?,
            Act::Reset(stream, code) => {
                self.frame(RST_STREAM, 0, stream, &code.to_be_bytes()).await?;
            }
            Act::GoAway(last, code) => {
                let payload = [last.to_be_bytes(), code.to_be_bytes()].concat();
                self.frame(GOAWAY, 0, 0, &payload).await?;
            }
            Act::Close => return Ok(false),
        }
        Ok(true)
    }

    async fn frame(&mut self, kind: u8, flags: u8, stream: u32, payload: &[u8]) -> io::Result<()> {
        let length = (payload.len() as u32).to_be_bytes();
        let mut bytes = vec![length[1], length[2], length[3], kind, flags];
        bytes.extend_from_slice(&stream.to_be_bytes());
        bytes.extend_from_slice(payload);
        self.stream.write_all(&bytes).await?;
        self.stream.flush().await
    }
}
