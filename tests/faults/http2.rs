//! HTTP/2: all sections share one connection, and the server can say which requests it has not
//! processed.

use crate::bench::*;
use crate::h2::{Act, H2Request, INTERNAL_ERROR, NO_ERROR, REFUSED_STREAM, Server};
use crate::support::upstream::{SSE_DONE, sse_finish, sse_text};
use crate::tls::Authority;

const BROKE_OFF: (&str, &str) = (
    "HOST の応答が途中で切れました。全文を得るには、もう一度実行してください。",
    "The answer from HOST was cut off. Retry to get the full answer.",
);

fn good(stream: u32) -> Vec<Act> {
    let body = [sse_text(GOOD), sse_finish("stop"), SSE_DONE.to_owned()].concat();
    vec![Act::Head(stream), Act::Data(stream, body), Act::End(stream)]
}

fn half(stream: u32) -> Vec<Act> {
    vec![Act::Head(stream), Act::Data(stream, sse_text("半分"))]
}

fn is_faulty(asked: &H2Request) -> bool {
    is_for_the_second(&asked.body)
}

fn is_for_the_second(body: &str) -> bool {
    body.contains("あなたの視点: 広さ") || body.contains("Your side of the text: Breadth")
}

/// Starts a server that answers well, except for the second section.
async fn one_faulty(
    authority: &Authority,
    fault: impl Fn(&H2Request) -> Vec<Act> + Send + Sync + 'static,
) -> Server {
    let script = move |all: &[H2Request]| match all.last().unwrap() {
        asked if is_faulty(asked) => fault(asked),
        asked => good(asked.stream),
    };
    Server::start(authority, script).await
}

struct Trust(tempfile::TempDir, Authority);

impl Trust {
    fn new() -> Self {
        let (home, authority) = (tempfile::tempdir().unwrap(), Authority::new());
        authority.write(&home.path().join("authority.pem"));
        Self(home, authority)
    }

    fn fault(&self, name: &'static str, server: &Server) -> Fault {
        let path = self.0.path().join("authority.pem");
        Fault::at_url(name, server.url.clone()).env("SSL_CERT_FILE", path.to_str().unwrap())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f23_what_the_server_has_not_begun_on_is_sent_again() {
    let trust = Trust::new();
    let refuses = one_faulty(&trust.1, |asked| match asked.again {
        false => vec![Act::Reset(asked.stream, REFUSED_STREAM)],
        true => good(asked.stream),
    });
    let server = refuses.await;
    trust.fault("REFUSED_STREAM", &server).keeps(GOOD).ends("done", "").check().await;
    assert_eq!(faulty(&server), 2 * 2);

    // The server answers requests from before the GOAWAY, but none that come afterwards.
    let server = Server::start(&trust.1, |all| {
        let (last, before) = all.split_last().unwrap();
        // On the next connection the request comes again, and there is no GOAWAY.
        let goes = |asked: &&H2Request| is_faulty(asked) && !asked.again;
        let gone = before.iter().find(goes).map(|asked| asked.stream);
        match gone {
            _ if last.again => good(last.stream),
            None if is_faulty(last) => vec![Act::GoAway(last.stream - 1, NO_ERROR)],
            // A request with a lower stream number may arrive completely only after the GOAWAY.
            Some(gone) if last.stream > gone => vec![],
            _ => good(last.stream),
        }
    })
    .await;
    trust.fault("GOAWAY", &server).keeps(GOOD).ends("done", "").check().await;
    assert_eq!(faulty(&server), 2 * 2);
}

/// Returns how many requests have arrived for the second section.
fn faulty(server: &Server) -> usize {
    server.asked().iter().filter(|body| is_for_the_second(body)).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f23_what_was_begun_keeps_its_text_and_is_not_repeated() {
    type Script = fn(&H2Request) -> Vec<Act>;
    let cases: [(&str, Script); 3] = [
        ("RST_STREAM", |asked| {
            let mut acts = half(asked.stream);
            acts.push(Act::Reset(asked.stream, INTERNAL_ERROR));
            acts
        }),
        ("an end without the model's", |asked| {
            let mut acts = half(asked.stream);
            acts.push(Act::End(asked.stream));
            acts
        }),
        ("REFUSED_STREAM after text", |asked| {
            let mut acts = half(asked.stream);
            acts.push(Act::Reset(asked.stream, REFUSED_STREAM));
            acts
        }),
    ];
    let trust = Trust::new();
    for (name, script) in cases {
        let server = one_faulty(&trust.1, script).await;
        trust.fault(name, &server).keeps("半分").ends("cut_off", "interrupted").check().await;
        assert_eq!(faulty(&server), 2, "{name}");
    }
    // The connection ends during the answer, with or without a GOAWAY.
    for goes in [true, false] {
        let server = one_faulty(&trust.1, move |asked| {
            let goes = goes.then_some(Act::GoAway(asked.stream, NO_ERROR));
            half(asked.stream).into_iter().chain(goes).chain([Act::Close]).collect()
        })
        .await;
        let fault = trust.fault("a closed connection", &server).keeps("半分");
        let fault = fault.ends("cut_off", "interrupted");
        fault.says_and_more(BROKE_OFF.0, BROKE_OFF.1).check().await;
        assert_eq!(faulty(&server), 2);
    }
    let server = one_faulty(&trust.1, |asked| vec![Act::Reset(asked.stream, INTERNAL_ERROR)]).await;
    trust.fault("RST_STREAM before the head", &server).ends("failed", "interrupted").check().await;
    assert_eq!(faulty(&server), 2);
}
