//! Accepts connections, parses requests and writes the scripted replies.

use super::record::{Log, Seen};
use super::reply::{End, Reply, Step};
use std::io;
use std::sync::Arc;
use std::time::Instant;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

type Script = dyn Fn(&Seen) -> Reply + Send + Sync;

pub(super) async fn accept(listener: TcpListener, script: Arc<Script>, log: Arc<Log>) {
    let mut connections = JoinSet::new();
    while let Ok((socket, _)) = listener.accept().await {
        connections.spawn(connection(socket, script.clone(), log.clone()));
    }
}

async fn connection(socket: TcpStream, script: Arc<Script>, log: Arc<Log>) {
    let number = log.connected();
    socket.set_nodelay(true).expect("an open socket");
    let (read, mut write) = socket.into_split();
    let (requests, mut next) = mpsc::channel(4);
    let (gone, mut client) = watch::channel(None);
    // Reading continues while a reply is written, so that a client that disconnects is noticed at
    // once.
    let mut reading = JoinSet::new();
    reading.spawn(read_requests(read, number, requests, gone));
    while let Some(request) = next.recv().await {
        let (at, reply) = log.open(request, |request| script(request));
        let left = tokio::select! {
            result = respond(&mut write, &reply, &log, at) => result.is_err(),
            _ = client.wait_for(Option::is_some) => true,
        };
        let when = *client.borrow();
        log.close(at, if left { Some(when.unwrap_or_else(Instant::now)) } else { None });
        match reply.end {
            End::Done if !left => {}
            End::Reset => {
                reading.abort_all();
                while reading.join_next().await.is_some() {}
                write.as_ref().set_zero_linger().expect("an open socket");
                // Dropping `write` would first shut down the sending side in an orderly way.
                write.forget();
                return;
            }
            End::Done | End::Cut | End::Open => return,
        }
    }
}

async fn respond(
    write: &mut OwnedWriteHalf,
    reply: &Reply,
    log: &Log,
    at: usize,
) -> io::Result<()> {
    for step in &reply.before {
        act(step).await;
    }
    let own_length = reply.headers.iter().any(|(name, _)| name == "content-length");
    let is_bare = own_length || reply.raw;
    if !reply.raw {
        let mut head = format!("HTTP/1.1 {} Scripted\r\n", reply.status);
        for (name, value) in &reply.headers {
            head += &format!("{name}: {value}\r\n");
        }
        if !own_length {
            head += "transfer-encoding: chunked\r\n";
        }
        write.write_all(format!("{head}\r\n").as_bytes()).await?;
    }
    log.note(at, |seen| seen.head = Some(Instant::now()));
    let framed = |bytes: &[u8]| match is_bare {
        true => bytes.to_vec(),
        false => [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat(),
    };
    for step in &reply.steps {
        act(step).await;
        match step {
            // An empty chunk would end the body.
            Step::Write(bytes) if !bytes.is_empty() => {
                write.write_all(&framed(bytes)).await?;
                log.note(at, |seen| seen.writes.push(Instant::now()));
            }
            Step::Forever(bytes) => {
                // Many small pieces per write, so that the client is the slower side.
                let many = framed(bytes).repeat((8 << 10) / bytes.len().max(1) + 1);
                loop {
                    write.write_all(&many).await?;
                }
            }
            _ => {}
        }
    }
    match reply.end {
        End::Done if !is_bare => write.write_all(b"0\r\n\r\n").await,
        End::Done | End::Cut | End::Reset => Ok(()),
        End::Open => std::future::pending().await,
    }
}

async fn act(step: &Step) {
    match step {
        Step::Wait(time) => tokio::time::sleep(*time).await,
        Step::Until(gate) => gate.wait().await,
        Step::Write(_) | Step::Forever(_) => {}
    }
}

async fn read_requests(
    mut read: OwnedReadHalf,
    connection: usize,
    requests: mpsc::Sender<Seen>,
    gone: watch::Sender<Option<Instant>>,
) {
    let mut buffer = Vec::new();
    loop {
        while let Some((request, rest)) = parse(&buffer, connection) {
            buffer = rest;
            if requests.send(request).await.is_err() {
                return;
            }
        }
        if !matches!(read.read_buf(&mut buffer).await, Ok(1..)) {
            gone.send_replace(Some(Instant::now()));
            return;
        }
    }
}

/// Parses the first whole request of `bytes`, and returns it together with the remaining bytes.
fn parse(bytes: &[u8], connection: usize) -> Option<(Seen, Vec<u8>)> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(bytes.get(..end)?).into_owned();
    let mut lines = head.split("\r\n");
    let mut words = lines.next()?.split(' ');
    let headers: Vec<_> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length: usize = length.map_or(Some(0), |(_, value)| value.parse().ok())?;
    let body = bytes.get(end + 4..end + 4 + length)?.to_vec();
    let rest = bytes.get(end + 4 + length..)?.to_vec();
    let seen = Seen {
        connection,
        method: words.next()?.to_owned(),
        path: words.next()?.to_owned(),
        headers,
        body,
        beside: 0,
        arrived: Instant::now(),
        head: None,
        writes: vec![],
        ended: None,
        client_closed: None,
    };
    Some((seen, rest))
}
