//! The server cannot be reached or trusted, or something in between interferes.

use crate::bench::*;
use crate::support::upstream::*;
use crate::tls::{Authority, Flaw, Terminal};
use kaizodo::event::Event;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

/// Returns a port that is not in use.
async fn dead_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f22_a_connection_that_is_refused_is_told_at_once() {
    let url = format!("http://127.0.0.1:{}", dead_port().await);
    let fault = Fault::at_url("refused", url).ends("failed", "unreachable");
    fault
        .says(
            "HOST に接続できません。サーバーを起動するか、接続先 URL の設定を外してください。",
            "Cannot connect to HOST. Start the server, or unset the base URL.",
        )
        .check()
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f22_a_name_that_nobody_has_is_told() {
    // The name is longer than allowed, so that no resolver is asked.
    let host = format!("{}.test", "a".repeat(64));
    let fault = Fault::at_url("DNS", format!("http://{host}")).ends("failed", "unreachable");
    fault
        .settings(&format!("allow_insecure_hosts = [\"{host}\"]\n"))
        .says(
            "HOST というホストが見つかりません。接続先 URL のつづりとネットワークを確かめてください。",
            "Cannot find the host HOST. Check the spelling of the base URL and your network.",
        )
        .check()
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f22_a_host_that_does_not_answer_is_given_up_within_the_limit() {
    // A listener whose queue is full does not accept the next connection.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let mut queued = Vec::new();
    for _ in 0..8 {
        let connect = TcpStream::connect(address);
        queued.push(tokio::time::timeout(Duration::from_millis(50), connect).await.ok());
    }
    let fault = Fault::at_url("a black hole", format!("http://{address}"));
    let told = fault
        .settings("[timeouts]\nconnect_ms = 300\n")
        .ends("failed", "unreachable")
        .says(
            "HOST に接続できません。サーバーを起動するか、接続先 URL の設定を外してください。",
            "Cannot connect to HOST. Start the server, or unset the base URL.",
        )
        .check()
        .await;
    // The default limit is five seconds.
    let took = told.events.iter().filter_map(|stamped| match stamped.event {
        Event::BranchEnded { elapsed_ms, .. } => Some(elapsed_ms),
        _ => None,
    });
    let took: Vec<_> = took.collect();
    assert!(took.len() == 4 && took.iter().all(|ms| (300..3000).contains(ms)), "{took:?}");
}

/// Starts a listener that handles each connection with `act`. Returns its port.
async fn serving<F: Future<Output = ()> + Send + 'static>(
    act: impl Fn(TcpStream) -> F + Send + 'static,
) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            tokio::spawn(act(socket));
        }
    });
    port
}

async fn hears_and_goes(mut socket: TcpStream) {
    let _ = socket.read(&mut [0; 64]).await;
}

async fn speaks_plainly(mut socket: TcpStream) {
    let _ = socket.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    hears_and_waits(socket).await;
}

async fn hears_and_waits(mut socket: TcpStream) {
    let _ = socket.read_to_end(&mut Vec::new()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f22_a_certificate_that_cannot_be_trusted_gets_nothing() {
    let home = tempfile::tempdir().unwrap();
    let trusted = home.path().join("authority.pem");
    let authority = Authority::new();
    authority.write(&trusted);
    let trusted = trusted.to_str().unwrap();
    let upstream = Upstream::always(answer([GOOD])).await;

    let good = Terminal::before(upstream.port(), authority.server(Flaw::None, &[])).await;
    let fault = Fault::at_url("a good one", good.url.clone()).env("SSL_CERT_FILE", trusted);
    fault.keeps(GOOD).ends("done", "").check().await;
    let asked = upstream.connections();

    let expired = authority.server(Flaw::Expired, &[]);
    let other = authority.server(Flaw::OtherName, &[]);
    let unknown = Authority::new().server(Flaw::None, &[]);
    for (name, config, ja, en) in [
        (
            "expired",
            expired,
            "HOST の証明書は期限が切れています。サーバーの証明書を新しくするか、このコンピューターの時計を確かめてください。",
            "HOST's certificate has expired. Check this computer's clock, or renew the certificate if the server is yours.",
        ),
        (
            "for a different name",
            other,
            "HOST の証明書は別の名前のものです。接続先 URL のホスト名を確かめてください。",
            "HOST's certificate was issued for a different name. Check the host name in the base URL.",
        ),
        (
            "of nobody",
            unknown,
            "HOST の証明書の発行者を、このコンピューターは信頼していません。社内や自分の認証局のものなら、システムの証明書に加えてください。",
            "This computer does not trust the issuer of HOST's certificate. If the issuer is your company or you, add its certificate to the system's trusted certificates.",
        ),
    ] {
        let terminal = Terminal::before(upstream.port(), config).await;
        let fault = Fault::at_url(name, terminal.url.clone()).env("SSL_CERT_FILE", trusted);
        fault.ends("failed", "unreachable").says_and_more(ja, en).check().await;
    }
    let port = serving(speaks_plainly).await;
    let fault = Fault::at_url("no TLS", format!("https://127.0.0.1:{port}"));
    fault
        .ends("failed", "unreachable")
        .says_and_more(
            "HOST は TLS を話しません。接続先 URL が `https://` ではなく `http://` でないかを確かめてください。",
            "HOST does not speak TLS. Check whether the base URL should start with `http://`.",
        )
        .check()
        .await;
    assert_eq!((upstream.seen().len(), upstream.connections()), (8, asked), "nothing was sent");
    let port = serving(hears_and_goes).await;
    let fault = Fault::at_url("a handshake that ends", format!("https://127.0.0.1:{port}"));
    fault.ends("failed", "unreachable").check().await;
    let port = serving(hears_and_waits).await;
    let fault = Fault::at_url("a handshake that hangs", format!("https://127.0.0.1:{port}"));
    let fault = fault.settings("[timeouts]\nconnect_ms = 300\n");
    fault.ends("failed", "unreachable").check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f22_a_proxy_that_does_not_lead_on_is_told() {
    let ja = "プロキシ経由で HOST に接続できません";
    let en = "The proxy could not reach HOST";
    let dead = format!("http://127.0.0.1:{}", dead_port().await);
    let hangs = format!("http://127.0.0.1:{}", serving(hears_and_waits).await);
    let goes = format!("http://127.0.0.1:{}", serving(hears_and_goes).await);
    let wants_a_name = Upstream::always(Reply::status(407)).await;
    let broken = Upstream::always(Reply::status(502)).await;
    for (name, proxy) in [
        ("one that wants a name", wants_a_name.url()),
        ("one that is broken", broken.url()),
        ("one that is not there", dead.clone()),
        ("one that closes", goes),
    ] {
        let fault = Fault::at_url(name, "https://model.test".to_owned());
        let fault = fault.env("HTTPS_PROXY", &proxy);
        fault.ends("failed", "unreachable").says_and_more(ja, en).check().await;
    }
    let fault = Fault::at_url("one that hangs", "https://model.test".to_owned());
    let fault = fault.settings("[timeouts]\nconnect_ms = 300\n").env("HTTPS_PROXY", &hangs);
    fault
        .ends("failed", "unreachable")
        .says(
            "HOST への接続が時間内にできませんでした。ネットワーク、使っていればプロキシ、接続先 URL を確かめるか、設定 timeouts.connect_ms を延ばしてください。",
            "The connection to HOST timed out. Check the network, the base URL and your proxy if you use one, or raise timeouts.connect_ms.",
        )
        .check()
        .await;
    let refused = (
        "HOST への接続が拒まれました。サーバーが動いているか、使っていればプロキシ、接続先 URL のポートを確かめてください。",
        "The connection to HOST was refused. Check that the server is running, the port in the base URL, and your proxy if you use one.",
    );
    for (name, proxy, (ja, en)) in
        [("plain, wants a name", wants_a_name.url(), (ja, en)), ("plain, dead", dead, refused)]
    {
        let fault = Fault::at_url(name, "http://model.test".to_owned());
        let fault = fault.settings("allow_insecure_hosts = [\"model.test\"]\n");
        let fault = fault.env("HTTP_PROXY", &proxy).ends("failed", "unreachable");
        fault.says_and_more(ja, en).check().await;
    }
    let portal = Upstream::always(Reply::status(511).write("<title>Sign in</title>")).await;
    let fault = Fault::at_url("a portal", portal.url()).ends("failed", "unreachable");
    fault
        .says(
            "ネットワークがサインインを求めていて、HOST に届きません（511）。ブラウザーでサインインしてから、もう一度実行してください。詳細: Sign in",
            "Cannot reach HOST because the network requires you to sign in (511). Sign in with a browser and retry. Detail: Sign in",
        )
        .check()
        .await;
}
