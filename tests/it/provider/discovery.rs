//! Servers on this computer, recognized by what only they answer.

use super::ask::{collect, endpoint, outcome_at, prompt};
use crate::support::upstream::*;
use futures::StreamExt;
use kaizodo::config::{Config, ProviderChoice};
use kaizodo::event::FailureKind;
use kaizodo::provider::ServerKind;
use kaizodo::provider::discovery::{DiscoveryOptions, FoundServer, discover};
use kaizodo::provider::models::list_models;
use kaizodo::provider::{
    Cause, Dialects, EndpointError, OpenAi, Provider, Secret, TimeoutExtension,
};
use kaizodo::request::{Prompt, Sent};
use kaizodo::session::{Lookup, ProviderSelector, Reason};
use std::time::{Duration, Instant};

const KINDS: [ServerKind; 4] =
    [ServerKind::Ollama, ServerKind::LmStudio, ServerKind::LlamaCpp, ServerKind::Vllm];

/// Starts a server that gives these replies for these paths, and `otherwise` for all others.
async fn serving(paths: Vec<(&'static str, Reply)>, otherwise: Reply) -> Upstream {
    Upstream::start(move |request| {
        let hit = paths.iter().find(|(path, _)| *path == request.path);
        hit.map_or_else(|| otherwise.clone(), |(_, reply)| reply.clone())
    })
    .await
}

async fn look(kind: ServerKind, server: &Upstream) -> Vec<FoundServer> {
    let places = DiscoveryOptions { ports: vec![(kind, server.port())], ..patient() };
    discover(&places).await
}

/// Returns options with more time than a user would wait, because test machines can be busy.
fn patient() -> DiscoveryOptions {
    DiscoveryOptions { connect: TIMEOUT, total: TIMEOUT, ..DiscoveryOptions::default() }
}

fn not_found() -> Reply {
    Reply::status(404)
}

async fn ollama() -> Upstream {
    let tags = r#"{"models":[{"name":"nomic-embed-text:latest"},{"name":"qwen3:8b"},{"name":"gemma3:4b"}]}"#;
    serving(
        vec![
            ("/", Reply::status(200).write("Ollama is running")),
            ("/api/tags", Reply::json(200, tags)),
            ("/api/ps", Reply::json(200, r#"{"models":[{"name":"gemma3:4b"}]}"#)),
            ("/v1/chat/completions", answer(["hello"])),
        ],
        not_found(),
    )
    .await
}

async fn lm_studio() -> Upstream {
    let models = r#"{"models":[
        {"type":"llm","key":"a/cold","loaded_instances":[]},
        {"type":"embedding","key":"text-x","loaded_instances":[{"id":"text-x"}]},
        {"type":"llm","key":"b/warm","loaded_instances":[{"id":"b/warm"}]}]}"#;
    let otherwise = Reply::json(200, r#"{"error":"Unexpected endpoint or method. (GET /)"}"#);
    serving(vec![("/api/v1/models", Reply::json(200, models))], otherwise).await
}

async fn old_lm_studio() -> Upstream {
    let models = r#"{"object":"list","data":[
        {"id":"a","type":"llm","state":"not-loaded"},
        {"id":"e","type":"embeddings","state":"loaded"},
        {"id":"b","type":"vlm","state":"loaded"}]}"#;
    let otherwise = Reply::json(200, r#"{"error":"Unexpected endpoint or method. (GET /)"}"#);
    serving(vec![("/api/v0/models", Reply::json(200, models))], otherwise).await
}

async fn llama_cpp() -> Upstream {
    let named = |reply: Reply| reply.header("server", "llama.cpp");
    let models = r#"{"object":"list","data":[{"id":"smol.gguf","owned_by":"llamacpp"}]}"#;
    serving(
        vec![
            ("/health", named(Reply::json(200, r#"{"status":"ok"}"#))),
            ("/v1/models", named(Reply::json(200, models))),
        ],
        named(not_found()),
    )
    .await
}

async fn vllm() -> Upstream {
    let models = r#"{"object":"list","data":[{"id":"Qwen/Qwen3-8B","owned_by":"vllm"}]}"#;
    serving(
        vec![
            ("/version", Reply::json(200, r#"{"version":"0.11.0"}"#)),
            ("/v1/models", Reply::json(200, models)),
        ],
        not_found(),
    )
    .await
}

#[tokio::test]
async fn tells_each_server_and_its_models() {
    for (server, kind, name, models) in [
        (ollama().await, ServerKind::Ollama, "Ollama", vec!["gemma3:4b", "qwen3:8b"]),
        (lm_studio().await, ServerKind::LmStudio, "LM Studio", vec!["b/warm", "a/cold"]),
        (old_lm_studio().await, ServerKind::LmStudio, "LM Studio", vec!["b", "a"]),
        (llama_cpp().await, ServerKind::LlamaCpp, "llama.cpp", vec!["smol.gguf"]),
        (vllm().await, ServerKind::Vllm, "vLLM", vec!["Qwen/Qwen3-8B"]),
    ] {
        let found = look(kind, &server).await;
        assert_eq!(found.len(), 1, "{name}");
        assert_eq!(
            (found[0].kind, &found[0].models),
            (kind, &models.iter().map(|m| (*m).to_owned()).collect())
        );
        assert_eq!(found[0].endpoint.label, format!("{name} (127.0.0.1:{})", server.port()));
        assert_eq!(found[0].endpoint.model.as_deref(), Some(models[0]));
        for other in KINDS.iter().filter(|other| **other != kind) {
            assert!(look(*other, &server).await.is_empty(), "{name} is not {other}");
        }
        assert!(
            server.seen().iter().all(|r| r.method == "GET" && r.header("authorization").is_none())
        );
    }
}

#[tokio::test]
async fn what_is_found_can_be_asked() {
    let server = ollama().await;
    let found = look(ServerKind::Ollama, &server).await.remove(0);
    assert_eq!(
        outcome_at(&OpenAi::new(found.endpoint, Dialects::default()).unwrap()).await,
        "hello Stop 10/4/3"
    );
    assert_eq!(server.seen().last().unwrap().json()["model"], "gemma3:4b");
}

#[tokio::test]
async fn what_is_merely_found_gets_neither_the_key_nor_the_headers() {
    let server = ollama().await;
    let places = DiscoveryOptions { ports: vec![(ServerKind::Ollama, server.port())], ..patient() };
    let choice = ProviderSelector::with_discovery(Some(Secret::new("sk-canary")), places);
    let secrets = || [("x-canary".to_owned(), "sk-canary".to_owned())].into();
    let provider = ProviderChoice::Local;
    let config = Config { provider, headers: secrets(), query: secrets(), ..Config::default() };
    let chosen = choice.select(&config, Lookup::MayQuery).await;
    assert!(matches!(chosen.reason, Reason::Local { .. }), "{:?}", chosen.reason);
    let asked =
        chosen.provider.stream(prompt("why?"), TimeoutExtension::default()).collect::<Vec<_>>();
    assert!(!tokio::time::timeout(TIMEOUT, asked).await.unwrap().is_empty());
    let seen = server.seen();
    assert_eq!(seen.last().unwrap().path, "/v1/chat/completions");
    for request in seen {
        let said = format!("{} {:?} {}", request.path, request.headers, request.body_text());
        assert!(!said.contains("canary") && !said.contains("authorization"), "{said}");
    }
}

#[tokio::test]
async fn a_server_that_is_loading_is_found_without_models() {
    let loading =
        Reply::json(503, r#"{"error":{"message":"Loading model"}}"#).header("server", "llama.cpp");
    let server = Upstream::always(loading).await;
    let found = look(ServerKind::LlamaCpp, &server).await;
    assert_eq!((found.len(), found[0].models.len(), found[0].endpoint.model.clone()), (1, 0, None));
}

#[tokio::test]
async fn takes_no_impostor() {
    let page = Reply::status(200).header("content-type", "text/html").write("<h1>It works!</h1>");
    let sink = ollama().await;
    for (name, impostor) in [
        ("a web server", page),
        ("an odd 200", Reply::json(200, r#"{"error":"Unexpected endpoint or method. (GET /)"}"#)),
        (
            "an API with versions",
            Reply::json(200, r#"{"version":"1.0","data":[{"id":"x"}],"models":[]}"#),
        ),
        ("a redirect", Reply::status(302).header("location", &sink.url())),
        (
            "an endless body",
            Reply::status(200).write("Ollama is running".to_owned() + &" ".repeat(1 << 20)),
        ),
        ("another server's header", Reply::json(200, "{}").header("server", "nginx")),
        ("a reset", Reply::status(200).end(End::Reset)),
        ("a key wanted", Reply::json(401, r#"{"models":[]}"#)),
    ] {
        let server = Upstream::always(impostor).await;
        for kind in KINDS {
            assert!(look(kind, &server).await.is_empty(), "{name} is not {kind}");
        }
    }
    assert_eq!(sink.connections(), 0);
}

#[tokio::test]
async fn asks_all_at_once_and_keeps_the_order() {
    let silent = Upstream::always(Reply::status(200).before_head(Step::Until(Gate::new()))).await;
    let (one, two) = (vllm().await, ollama().await);
    let mut ports = vec![
        (ServerKind::LlamaCpp, silent.port()),
        (ServerKind::Vllm, one.port()),
        (ServerKind::Ollama, two.port()),
        (ServerKind::Ollama, 1),
    ];
    ports.extend([(ServerKind::LmStudio, silent.port()); 10]);
    let start = Instant::now();
    let total = Duration::from_secs(2);
    let found = discover(&DiscoveryOptions { ports, total, ..patient() }).await;
    assert!(start.elapsed() < 8 * total, "the silent ones are waited for together");
    let kinds: Vec<_> = found.iter().map(|found| found.kind).collect();
    assert_eq!(kinds, [ServerKind::Vllm, ServerKind::Ollama]);
}

#[tokio::test]
async fn lists_models() {
    let list = Reply::json(200, r#"{"data":[{"id":"b"},{"id":"a","created":null}]}"#);
    let server = Upstream::always(list).await;
    let mut asked = endpoint(&server);
    asked.api_key = Some(Secret::new("sk-canary").unwrap());
    asked.query = vec![("v".to_owned(), "1".to_owned())];
    let names = list_models(&asked).await.unwrap().all.into_iter().map(|model| model.name);
    assert_eq!(names.collect::<Vec<_>>(), ["b", "a"]);
    let seen = server.seen().remove(0);
    assert_eq!((seen.method.as_str(), seen.path.as_str()), ("GET", "/v1/models?v=1"));
    assert_eq!(seen.header("authorization"), Some("Bearer sk-canary"));

    for (reply, kind) in [
        (Reply::json(401, r#"{"error":"sk-canary is no key"}"#), FailureKind::Unauthorized),
        (Reply::json(200, r#"{"error":"sk-canary"}"#), FailureKind::BadResponse),
        (
            Reply::status(200).end(End::Reset).before_head(Step::Wait(Duration::ZERO)),
            FailureKind::BadResponse,
        ),
    ] {
        let server = Upstream::always(reply).await;
        asked.base_url = endpoint(&server).base_url;
        let error = list_models(&asked).await.map(|_| ()).unwrap_err();
        assert_eq!(error.kind, kind);
        assert!(!format!("{error:?} {error}").contains("canary"));
    }
}

#[tokio::test]
async fn what_is_found_never_picks_a_model_of_a_cloud() {
    let cloud = r#"{"name":"gpt-oss:120b-cloud"},{"name":"mine:latest","remote_model":"glm-4.6","remote_host":"https://ollama.com:443"}"#;
    let server = |more: &'static str| {
        let tags = format!(r#"{{"models":[{cloud}{more}]}}"#);
        let root = ("/", Reply::status(200).write("Ollama is running"));
        serving(vec![root, ("/api/tags", Reply::json(200, &tags))], not_found())
    };
    let both = server(r#",{"name":"bge-m3"},{"name":"qwen3:8b"}"#).await;
    let found = look(ServerKind::Ollama, &both).await.remove(0);
    assert_eq!(
        (&found.models, found.endpoint.model.as_deref()),
        (&vec!["qwen3:8b".to_owned()], Some("qwen3:8b"))
    );
    assert_eq!(found.endpoint.runs_at("mine"), Some("ollama.com"));
    assert_eq!(found.endpoint.runs_at("qwen3:8b"), None);

    // A server with only cloud models is asked only if the user names one of them.
    let clouds = server("").await;
    let places = DiscoveryOptions { ports: vec![(ServerKind::Ollama, clouds.port())], ..patient() };
    let choice = ProviderSelector::with_discovery(None, places);
    assert_eq!(choice.select(&Config::default(), Lookup::MayQuery).await.reason, Reason::Nothing);
    let named = Config { model: Some("mine".to_owned()), ..Config::default() };
    let chosen = choice.select(&named, Lookup::MayQuery).await;
    let label = chosen.provider.label(kaizodo::lang::Lang::En);
    assert_eq!(label, format!("Ollama (127.0.0.1:{}) → ollama.com", clouds.port()));
    let unread = choice.select(&Config { unreadable: true, ..named }, Lookup::MayQuery).await;
    assert!(matches!(unread.reason, Reason::Misconfigured(_)) && unread.endpoint.is_none());
}

#[tokio::test]
async fn a_prompts_own_model_is_not_forwarded_where_that_is_not_allowed() {
    let server = Upstream::always(answer(["an answer"])).await;
    let mut endpoint = endpoint(&server);
    endpoint.elsewhere = Some([("big:cloud".to_owned(), "ollama.com".to_owned())].into());
    endpoint.may_forward = false;
    let provider = OpenAi::new(endpoint, Dialects::default()).unwrap();
    let of = |model: &str| Prompt { model: Some(model.to_owned()), ..prompt("why?") };
    let refused = EndpointError::SettingsUnreadable("ollama.com".to_owned());
    let all = collect(&provider, of("big:cloud")).await;
    assert!(
        matches!(&all[..], [Err(error)] if error.cause == Some(Cause::Endpoint(Box::new(refused)))),
        "{all:?}"
    );
    assert!(matches!(provider.preview(of("big:cloud")).await, Sent::Refused(_)));
    assert!(server.seen().is_empty());
    assert!(collect(&provider, of("small")).await.iter().all(Result::is_ok));
}
