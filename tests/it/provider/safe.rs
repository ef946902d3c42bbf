//! Where texts and keys must not go.

use super::ask::{collect, endpoint, outcome_at, prompt};
use crate::support::artifacts::CANARY as KEY;
use crate::support::upstream::*;
use kaizodo::provider::{Dialects, OpenAi, Secret};
use std::process::Command;

#[tokio::test]
async fn follows_no_redirect() {
    let sink = Upstream::always(answer(["stolen"])).await;
    for status in [301, 302, 303, 307, 308] {
        let target = format!("{}/x?key=canary", sink.url());
        let server = Upstream::always(Reply::status(status).header("location", &target)).await;
        let provider = OpenAi::new(endpoint(&server), Dialects::default()).unwrap();
        let expected = format!(r#"!BadRequest {status} Redirect("127.0.0.1")"#);
        assert_eq!(outcome_at(&provider).await, expected);
    }
    assert_eq!(sink.connections(), 0);
}

/// The server repeats the key from the request's header wherever it can; no error shows the key.
#[tokio::test]
async fn shows_no_key_in_any_error() {
    let json = format!(r#"{{"error":{{"message":"bad key {KEY}"}}}}"#);
    let event = format!("data: {json}\n\n");
    for reply in [
        Reply::json(401, &json),
        Reply::json(200, &json),
        Reply::json(200, &format!(r#"{{"key":"{KEY}"}}"#)),
        Reply::status(200).header("content-type", "text/html").write(format!("<p>{KEY}</p>")),
        Reply::status(500).write(KEY),
        Reply::status(500).write(" ".repeat(2048 - 12) + KEY),
        Reply::stream([format!("{}{KEY}", "x".repeat(188))]),
        Reply::json(200, &format!(r#"{{"{}{KEY}":1}}"#, "x".repeat(186))),
        Reply::stream([&*event]),
        Reply::stream([format!("Bearer {KEY}")]),
        Reply::status(307).header("location", &format!("https://{KEY}.test/{KEY}")),
        Reply::status(200).header("content-encoding", KEY),
        Reply::status(200).before_head(Step::Wait(std::time::Duration::ZERO)).end(End::Reset),
    ] {
        let server = Upstream::always(reply).await;
        let mut endpoint = endpoint(&server);
        endpoint.api_key = Some(Secret::new(KEY).unwrap());
        endpoint.query = vec![("key".to_owned(), KEY.to_owned())];
        let provider = OpenAi::new(endpoint, Dialects::default()).unwrap();
        let items = collect(&provider, prompt("why?")).await;
        let error = items.last().unwrap().as_ref().expect_err("an error");
        let shown = format!("{error} {error:?} {error:#?}");
        assert!(!shown.contains("canary"), "{shown}");
        assert!(server.seen()[0].header("authorization").unwrap().contains(KEY));
    }
}

/// Run by [`asks_this_computer_without_a_proxy`], with a proxy in its environment.
#[tokio::test]
async fn asks_directly() {
    let server = Upstream::always(answer(["direct"])).await;
    assert_eq!(
        outcome_at(&OpenAi::new(endpoint(&server), Dialects::default()).unwrap()).await,
        "direct Stop 10/4/3"
    );
}

#[tokio::test]
async fn asks_this_computer_without_a_proxy() {
    let proxy = Upstream::always(answer(["by proxy"])).await;
    let url = proxy.url();
    let run = move || {
        let mut child = Command::new(std::env::current_exe().unwrap());
        child
            .args(["--exact", "provider::safe::asks_directly"])
            .env_remove("NO_PROXY")
            .env_remove("no_proxy");
        for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"] {
            child.env(name, &url);
        }
        child.output().unwrap()
    };
    let output = tokio::task::spawn_blocking(run).await.unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
    assert_eq!(proxy.connections(), 0);
}
