//! Proxies from the environment: SOCKS proxies, proxies that cannot be used, and what error
//! messages reveal about their users. Also names that stand for this computer.

use crate::bench::*;
use crate::socks::Socks;
use crate::support::upstream::*;
use crate::tls::{Authority, Flaw, Terminal};

/// Allows text to be sent over plain http, so that the proxy can see it.
const PLAIN: &str = "allow_insecure_hosts = [\"model.test\", \"192.0.2.7\"]\n";

fn good(name: &'static str, url: &str) -> Fault {
    Fault::at_url(name, url.to_owned()).settings(PLAIN).keeps(GOOD).ends("done", "")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f60_a_socks_proxy_is_gone_through() {
    let upstream = Upstream::always(answer([GOOD])).await;
    let socks = Socks::before(upstream.port()).await;
    let through = |scheme: &str| format!("{scheme}://me:p%40ss-word@127.0.0.1:{}", socks.port());
    for (name, url, variable, scheme, target) in [
        ("by name", "http://model.test", "ALL_PROXY", "socks5h", "me:p@ss-word@model.test:80"),
        ("by number", "http://192.0.2.7:81", "all_proxy", "socks5", "me:p@ss-word@192.0.2.7:81"),
        (
            "for http alone",
            "http://model.test",
            "http_proxy",
            "socks5h",
            "me:p@ss-word@model.test:80",
        ),
    ] {
        let before = socks.targets().len();
        good(name, url).env(variable, &through(scheme)).check().await;
        let targets = socks.targets().split_off(before);
        assert!(!targets.is_empty() && targets.iter().all(|t| t == target), "{name}: {targets:?}");
    }
    let asked = upstream.seen().len();
    assert_eq!(asked, 3 * 8, "every request came through the proxy");

    // TLS ends at the server, so the proxy sees only the server's name.
    let authority = Authority::new();
    let home = tempfile::tempdir().unwrap();
    let trusted = home.path().join("authority.pem");
    authority.write(&trusted);
    let config = authority.server(Flaw::OtherName, &[]);
    let terminal = Terminal::before(upstream.port(), config).await;
    let port = terminal.url.rsplit(':').next().unwrap().parse().unwrap();
    let secure = Socks::before(port).await;
    let proxy = format!("socks5h://127.0.0.1:{}", secure.port());
    let fault = good("TLS", "https://other.test").env("SSL_CERT_FILE", trusted.to_str().unwrap());
    fault.env("ALL_PROXY", &proxy).check().await;
    assert!(secure.targets().iter().all(|target| target == "other.test:443"));
    assert_eq!(upstream.seen().len(), asked + 8);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f60_a_socks_proxy_that_is_not_there_is_told() {
    let dead = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let fault = Fault::at_url("not there", "https://model.test".to_owned());
    let fault = fault.env("ALL_PROXY", &format!("socks5h://{dead}"));
    fault
        .ends("failed", "unreachable")
        .says_and_more("プロキシ経由で HOST に接続できません", "The proxy could not reach HOST")
        .check()
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f75_a_proxy_that_cannot_be_used_is_told_and_not_gone_around() {
    let upstream = Upstream::always(answer([GOOD])).await;
    let at = format!("127.0.0.1:{}", upstream.port());
    let (socks, quoted) = (format!("socks://me:canary-pass@{at}/"), format!("\"http://{at}\""));
    for (name, value, ja, en) in [
        (
            "a scheme that nobody speaks",
            socks.as_str(),
            "環境変数 ALL_PROXY が指定する `socks://` のプロキシには対応していないので、HOST には何も送りません。`socks5h://`、`socks5://`、`http://` などに書き直すか、プロキシを使わないなら NO_PROXY に HOST を加えてください。",
            "ALL_PROXY names a `socks://` proxy, which is not supported, so nothing is sent to HOST. Use `socks5h://`, `socks5://` or `http://`, or add HOST to NO_PROXY to bypass the proxy.",
        ),
        (
            "no URL",
            quoted.as_str(),
            "環境変数 ALL_PROXY をプロキシの URL として読めないので、HOST には何も送りません。`http://proxy.example:3128` のように書いてください（パスワードの中の `@` は `%40` と書きます）。",
            "ALL_PROXY is not a valid proxy URL, so nothing is sent to HOST. It should look like `http://proxy.example:3128` (in a password, write `@` as `%40`).",
        ),
        (
            "SOCKS without a port",
            "socks5h://127.0.0.1",
            "環境変数 ALL_PROXY の SOCKS プロキシにポート番号がないので、HOST には何も送りません。`socks5h://127.0.0.1:1080` のように書いてください。",
            "The SOCKS proxy in ALL_PROXY has no port, so nothing is sent to HOST. It should look like `socks5h://127.0.0.1:1080`.",
        ),
    ] {
        let fault = Fault::at_url(name, "http://model.test".to_owned()).settings(PLAIN);
        let fault = fault.env("ALL_PROXY", value).ends("failed", "configuration");
        fault.says(ja, en).check().await;
    }
    assert_eq!(upstream.connections(), 0, "nobody was asked");
    // The variable does no harm if another variable takes precedence or the host is asked directly.
    let proxy = format!("http://{at}");
    let fault = good("another decides", "http://model.test").env("ALL_PROXY", &socks);
    fault.env("HTTP_PROXY", &proxy).check().await;
    let fault = good("asked directly", &upstream.url()).env("ALL_PROXY", &socks);
    fault.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f75_no_refusal_of_a_proxy_shows_its_password() {
    // The credentials in three forms: as in the variable, decoded, and as sent.
    let quotes = "me:canary-p@ss canary-p%40ss Basic bWU6Y2FuYXJ5LXBAc3M=";
    let page = format!("<title>Sign in as {quotes}</title>");
    for (name, status, kind, ja, en) in [
        (
            "wants a name",
            407,
            "unreachable",
            "プロキシ経由で HOST に接続できません（407）。HTTPS_PROXY などの設定を確かめてください。",
            "The proxy could not reach HOST (407). Check HTTPS_PROXY and related settings.",
        ),
        (
            "cannot go on",
            400,
            "bad_request",
            "詳細: Sign in as me:… … Basic …",
            "Detail: Sign in as me:… … Basic …",
        ),
    ] {
        let proxy = Upstream::always(Reply::status(status).write(&page)).await;
        let url = format!("http://me:canary-p%40ss@127.0.0.1:{}", proxy.port());
        let fault = Fault::at_url(name, "http://model.test".to_owned()).settings(PLAIN);
        let fault = fault.env("HTTP_PROXY", &url).ends("failed", kind);
        let fault = if status == 407 { fault.says(ja, en) } else { fault };
        let told = fault.check().await;
        let said = &told.outcome.failure().unwrap().message;
        assert!(
            said.ends_with(ja.rsplit("HOST").next().unwrap()) && !told.section.contains("canary"),
            "{said}"
        );
        assert!(!said.contains("bWU6"), "{said}");
        let both =
            on_command_line("http://model.test", PLAIN, &[("HTTP_PROXY".to_owned(), url)]).await;
        assert!(!both.out.contains("canary") && !both.out.contains("bWU6"), "{}", both.out);
        assert!(both.out.contains(en.rsplit("HOST").next().unwrap()), "{}", both.out);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f75_a_name_below_localhost_is_this_computer_whatever_a_resolver_says() {
    let upstream = Upstream::always(answer([GOOD])).await;
    // Hardly any resolver knows such names, and no resolver that leads elsewhere is asked.
    for name in ["localhost", "model.localhost"] {
        let url = format!("http://{name}:{}", upstream.port());
        let fault = Fault::at_url(name, url).keeps(GOOD).ends("done", "");
        fault.env("ALL_PROXY", "http://192.0.2.1:1").check().await;
    }
    assert_eq!(upstream.seen().len(), 2 * 8);
    let fault = Fault::at_url("only alike", "http://localhost.test".to_owned());
    fault.ends("failed", "configuration").check().await;
}
