//! Which model is asked if none is named, and on whose computer the model runs.

use crate::bench::*;
use crate::support::artifacts;
use crate::support::kit::{JA, run, section_of};
use crate::support::upstream::*;
use serde_json::{Value, json};
use std::process::Stdio;

/// Starts a server with this list of models and this list in Ollama's own format.
async fn listing(list: Value, tags: Value) -> Upstream {
    let (list, tags) = (list.to_string(), tags.to_string());
    Upstream::start(move |seen| match (seen.method.as_str(), seen.path.as_str()) {
        ("POST", _) => answer([GOOD]),
        (_, "/v1/models") => Reply::json(200, &list),
        (_, "/api/tags") => Reply::json(200, &tags),
        _ => Reply::status(404),
    })
    .await
}

fn no_model() -> [(String, String); 1] {
    named("")
}

fn named(model: &str) -> [(String, String); 1] {
    [("KAIZODO_MODEL".to_owned(), model.to_owned())]
}

/// Returns the exit status and the output of a command in this language.
async fn says(arguments: &[&str], url: &str, model: &str, lang: &str) -> (Option<i32>, String) {
    let home = artifacts::home();
    artifacts::key_given(home.path());
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_kaizodo"));
    command
        .args(arguments)
        .current_dir(home.path())
        .env_clear()
        .env("KAIZODO_FOCUS", "off")
        .env("HOME", home.path());
    command.env("LANG", lang).env("OPENAI_BASE_URL", url).env("KAIZODO_MODEL", model);
    command.env("OPENAI_API_KEY", artifacts::CANARY).stdin(Stdio::null()).kill_on_drop(true);
    let output = tokio::time::timeout(TIMEOUT, command.output()).await.unwrap().unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

const JAPANESE: &str = "ja_JP.UTF-8";
const ENGLISH: &str = "en_US.UTF-8";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f63_the_first_model_that_answers_questions_is_asked() {
    for list in [
        json!({"data": [{"id": "text-embedding-3-small"}, {"id": "whisper-1"}, {"id": "good"}]}),
        json!([{"id": "a", "type": "embedding"}, {"id": "b", "type": "image"}, {"id": "good", "type": "chat"}]),
        json!({"data": [{"object": "model"}, {"id": ""}, {"id": "good"}, {"id": "other"}]}),
        json!({"data": null, "models": [{"name": "bge-m3"}, {"name": "good"}]}),
        json!({"data": [{"id": "a", "architecture": {"modality": "text->image"}}, {"id": "good"}]}),
        json!({"data": [{"id": "a", "capabilities": {"completion_chat": false}}, {"id": "good"}]}),
        json!(["tts-1", "llama-guard3:8b", "good"]),
    ] {
        let upstream = listing(list.clone(), json!({})).await;
        let said = on_command_line(&upstream.url(), "", &no_model()).await;
        assert_eq!(said.code, Some(0), "{list}: {said:?}");
        let asked = upstream.seen().into_iter().filter(|seen| seen.method == "POST");
        let models: Vec<_> = asked.map(|seen| seen.json()["model"].clone()).collect();
        assert_eq!(models, vec![json!("good"); 4], "{list}");
        assert_eq!(said.out.matches("`good` · ").count(), 4, "{}", said.out);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f63_where_no_model_is_known_it_is_to_be_set_and_nothing_is_sent() {
    let none = Upstream::start(|seen| match seen.method.as_str() {
        "POST" => answer([GOOD]),
        _ => Reply::status(404),
    })
    .await;
    for upstream in [
        none,
        listing(json!({"data": null}), json!({})).await,
        listing(json!({"data": [{"id": "nomic-embed-text"}, {"id": "whisper-1"}]}), json!({}))
            .await,
        listing(json!({"error": "what?"}), json!({})).await,
    ] {
        let fault = Fault::at_url("no model", upstream.url()).env("KAIZODO_MODEL", "");
        fault
            .ends("failed", "configuration")
            .says(
                "モデルが設定されておらず、HOST の一覧にも使えるモデルがありません。設定の `model` か環境変数 KAIZODO_MODEL にモデルの名前を書いてください。",
                "No model is set, and HOST lists no usable chat model. Set `model` in the settings, or KAIZODO_MODEL.",
            )
            .check()
            .await;
        assert!(upstream.seen().iter().all(|seen| seen.method == "GET"), "nothing is sent");
        let (code, out) = says(&["doctor"], &upstream.url(), "", ENGLISH).await;
        assert!(code == Some(1) && out.contains("\n✗ ") && !out.contains("default"), "{out}");
    }
    // If the server sends an error instead of a list, that error is reported.
    let refuses = Upstream::always(Reply::json(401, r#"{"error":{"message":"no"}}"#)).await;
    let fault = Fault::at_url("a key is refused", refuses.url()).env("KAIZODO_MODEL", "");
    fault.ends("failed", "unauthorized").check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f63_the_doctor_calls_no_model_ready_that_answers_no_questions() {
    let list =
        json!({"data": [{"id": "qwen3"}, {"id": "odd", "type": "embedding"}, {"id": "bge-m3"}]});
    let upstream = listing(list, json!({})).await;
    for (model, ready) in [("qwen3", true), ("odd", false), ("bge-m3", false), ("", true)] {
        let (code, out) = says(&["doctor"], &upstream.url(), model, ENGLISH).await;
        let said = if ready { "the model \"qwen3\" is available" } else { "is not a chat model" };
        assert_eq!((code, out.contains(said)), (Some(i32::from(!ready)), true), "{model}: {out}");
        let (code, out) = says(&["doctor"], &upstream.url(), model, JAPANESE).await;
        let said = if ready {
            "モデル「qwen3」を使えます"
        } else {
            "質問には答えません"
        };
        assert_eq!((code, out.contains(said)), (Some(i32::from(!ready)), true), "{model}: {out}");
    }
}

/// Starts a server like Ollama with a cloud model, a cloud model under another name, and a local
/// model.
async fn ollama() -> Upstream {
    let cloud = "https://ollama.com:443";
    let list = ["gpt-oss:120b-cloud", "mine:latest", "qwen3:8b"];
    let list = list.map(|id| json!({"id": id, "object": "model", "owned_by": "library"}));
    let tags = json!({"models": [
        {"name": "gpt-oss:120b-cloud", "digest": "1", "remote_model": "gpt-oss:120b", "remote_host": cloud},
        {"name": "mine:latest", "digest": "2", "remote_model": "glm-4.6", "remote_host": cloud},
        {"name": "qwen3:8b", "digest": "3"},
    ]});
    listing(json!({"data": list}), tags).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f69_a_model_of_a_cloud_is_asked_only_by_its_name() {
    let upstream = ollama().await;
    let said = on_command_line(&upstream.url(), "", &no_model()).await;
    assert_eq!(said.code, Some(0), "{said:?}");
    let asked = upstream.seen().into_iter().filter(|seen| seen.method == "POST");
    let models: Vec<_> = asked.map(|seen| seen.json()["model"].clone()).collect();
    assert_eq!(models, vec![json!("qwen3:8b"); 4]);
    assert!(!said.out.contains("ollama.com"), "{}", said.out);
}

/// Tries up to five times: the program waits only a moment for what the server says about a model,
/// and the server of a busy machine may take longer.
async fn in_a_few_tries(mut attempt: impl AsyncFnMut() -> Result<(), String>) {
    for tries in 1.. {
        let Err(said) = attempt().await else { return };
        assert!(tries < 5, "{said}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f69_where_the_text_goes_on_to_is_said_before_it_leaves() {
    let upstream = ollama().await;
    // The port reveals nothing here; the models' names do.
    for (url, model) in [
        (upstream.url(), "gpt-oss:120b-cloud"),
        (format!("http://ollama.localhost:{}", upstream.port()), "mine"),
    ] {
        let host = url.trim_start_matches("http://").to_owned();
        let ja = format!(
            "モデル「{model}」は {host} では動きません。文章はそこから ollama.com へ送られます。"
        );
        let en = format!(
            "The model \"{model}\" does not run on {host}, which forwards the text to ollama.com."
        );
        let label = format!("{host} → ollama.com");

        let mut client = editor(&url, "", &named(model)).await;
        let head = format!(" · {label}\n\n⚠ {ja}\n");
        in_a_few_tries(async || {
            let run = run(&mut client).await;
            client.open_virtual(&run.uri).await;
            run.ended(&mut client, 1).await;
            let text = client.wait_document(&run.uri, |text| text.matches(GOOD).count() == 4).await;
            if text.split(JA[0]).next().unwrap().contains(&head) { Ok(()) } else { Err(text) }
        })
        .await;
        assert_eq!(client.shut_down().await, Some(0));

        in_a_few_tries(async || {
            let said = on_command_line(&url, "", &named(model)).await;
            assert_eq!(said.code, Some(0), "{said:?}");
            if said.out.contains(&format!("⚠ {en}")) { Ok(()) } else { Err(said.out) }
        })
        .await;
        for (lang, sentence) in [(JAPANESE, &ja), (ENGLISH, &en)] {
            in_a_few_tries(async || {
                let (code, out) = says(&["doctor"], &url, model, lang).await;
                assert_eq!(code, Some(0), "{out}");
                let is_said = out.contains(&format!("! {sentence}"))
                    && out.contains(&label)
                    && !out.contains("runs on this computer");
                if is_said { Ok(()) } else { Err(out) }
            })
            .await;
        }
    }
    // A preview contacts no server; the model's name is enough.
    let asked = upstream.seen().len();
    let arguments = ["run", "--dry-run", "--text", "Meetings run long."];
    let (code, out) = says(&arguments, &upstream.url(), "gpt-oss:120b-cloud", ENGLISH).await;
    assert!(code == Some(0) && out.contains("which forwards the text to ollama.com"), "{out}");
    assert_eq!(upstream.seen().len(), asked, "nobody is asked");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f69_unreadable_settings_let_nothing_go_on_to_a_cloud() {
    let upstream = ollama().await;
    let env = named("gpt-oss:120b-cloud");
    let said = on_command_line(&upstream.url(), "lang = 3\n", &env).await;
    assert!(
        said.code != Some(0) && said.out.contains("ollama.com may not be the server you chose"),
        "{said:?}"
    );
    assert!(upstream.seen().iter().all(|seen| seen.method == "GET"));
    let sections: Vec<_> =
        upstream.seen().iter().filter(|s| s.method == "POST").map(section_of).collect();
    assert_eq!(sections, [0; 0]);
}
