//! A SOCKS5 proxy (RFC 1928, RFC 1929) that connects everything to one port on this computer and
//! records the requested targets.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A running proxy. Dropping it closes its port.
pub(crate) struct Socks {
    port: u16,
    /// `name:password@host:port` of each connection, in order.
    targets: Arc<Mutex<Vec<String>>>,
    accepting: JoinHandle<()>,
}

impl Socks {
    /// Starts a proxy in front of this port.
    pub(crate) async fn before(upstream: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let targets = Arc::default();
        let accepting = tokio::spawn({
            let targets = Arc::clone(&targets);
            async move {
                while let Ok((socket, _)) = listener.accept().await {
                    let targets = Arc::clone(&targets);
                    tokio::spawn(async move {
                        let _ = lead(socket, upstream, &targets).await;
                    });
                }
            }
        });
        Self { port, targets, accepting }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Returns the targets of the connections so far.
    pub(crate) fn targets(&self) -> Vec<String> {
        self.targets.lock().unwrap().clone()
    }
}

impl Drop for Socks {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn lead(
    mut socket: TcpStream,
    upstream: u16,
    targets: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    let [_version, count] = bytes(&mut socket).await?;
    let methods = some(&mut socket, count).await?;
    let user = if methods.contains(&2) {
        socket.write_all(&[5, 2]).await?;
        let [_version, length] = bytes(&mut socket).await?;
        let name = some(&mut socket, length).await?;
        let [length] = bytes(&mut socket).await?;
        let password = some(&mut socket, length).await?;
        socket.write_all(&[1, 0]).await?;
        format!("{}:{}@", text(&name), text(&password))
    } else {
        socket.write_all(&[5, 0]).await?;
        String::new()
    };
    let [_version, _connect, _reserved, kind] = bytes(&mut socket).await?;
    let host = match kind {
        1 => Ipv4Addr::from(bytes::<4>(&mut socket).await?).to_string(),
        _ => {
            let [length] = bytes(&mut socket).await?;
            text(&some(&mut socket, length).await?)
        }
    };
    let port = u16::from_be_bytes(bytes(&mut socket).await?);
    targets.lock().unwrap().push(format!("{user}{host}:{port}"));
    let mut server = TcpStream::connect(("127.0.0.1", upstream)).await?;
    socket.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await?;
    copy_bidirectional(&mut socket, &mut server).await?;
    Ok(())
}

async fn bytes<const N: usize>(socket: &mut TcpStream) -> std::io::Result<[u8; N]> {
    let mut bytes = [0; N];
    socket.read_exact(&mut bytes).await?;
    Ok(bytes)
}

async fn some(socket: &mut TcpStream, length: u8) -> std::io::Result<Vec<u8>> {
    let mut bytes = vec![0; usize::from(length)];
    socket.read_exact(&mut bytes).await?;
    Ok(bytes)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
