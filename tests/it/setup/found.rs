//! `kaizodo setup` with servers at their usual ports, in a network of their own: a server that the
//! developer runs on this computer is neither found nor asked.

use super::*;

const OLLAMA: u16 = 11434;
const LLAMA_CPP: u16 = 8080;

/// Starts this test binary once more in a network namespace in which only the loopback device is
/// up, and runs the ignored test `name` there. Does nothing, and says so, if the system does not
/// allow namespaces.
fn in_a_network_of_its_own(name: &str) {
    let up = "ip link set lo up && exec \"$@\"";
    let tool = |args: &[&str]| {
        let mut command = std::process::Command::new("unshare");
        command.args(["--map-root-user", "--net", "sh", "-c", up, "sh"]).args(args);
        command.output()
    };
    if !tool(&["true"]).is_ok_and(|output| output.status.success()) {
        // Not with `eprintln!`, whose output the test runner captures.
        let said = b"setup: skipped, since a network namespace is not to be had here\n";
        let _ = std::io::stderr().write_all(said);
        return;
    }
    let this = std::env::current_exe().unwrap();
    let output = tool(&[this.to_str().unwrap(), "--exact", name, "--ignored"]).unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

/// Starts servers that answer as Ollama and llama.cpp do.
async fn both() -> (Upstream, Upstream) {
    let ollama = Upstream::start_at(OLLAMA, |request| match request.path.as_str() {
        "/" => Reply::status(200).write("Ollama is running"),
        "/api/tags" => {
            Reply::json(200, r#"{"models":[{"name":"小さい:3b"},{"name":"大きい:8b"}]}"#)
        }
        "/api/ps" => Reply::json(200, r#"{"models":[]}"#),
        "/v1/chat/completions" => answer([ANSWER]),
        _ => Reply::status(404),
    });
    let llama = Upstream::start_at(LLAMA_CPP, |request| {
        let reply = match request.path.as_str() {
            "/health" => Reply::json(200, r#"{"status":"ok"}"#),
            "/v1/models" => Reply::json(200, r#"{"data":[{"id":"smol.gguf"}]}"#),
            "/v1/chat/completions" => answer([ANSWER]),
            _ => Reply::status(404),
        };
        reply.header("server", "llama.cpp")
    });
    tokio::join!(ollama, llama)
}

#[test]
fn a_server_at_its_usual_port_is_offered_tried_and_saved() {
    in_a_network_of_its_own("setup::found::the_questions");
}

/// Run by [`a_server_at_its_usual_port_is_offered_tried_and_saved`].
#[tokio::test]
#[ignore = "it needs a network of its own"]
async fn the_questions() {
    let ((ollama, llama), home) = (both().await, Home::new());
    let mut command = japanese(&home);
    with_editors(&home, &mut command);
    let mut dialog = Dialog::start(&mut command);
    dialog.until("誰に答えてもらいますか?").await;
    dialog.until("  1. Ollama (127.0.0.1:11434)").await;
    dialog.until("モデルを使わない").await;
    let number_of_llama = number(&dialog.shown, "llama.cpp (127.0.0.1:8080)");
    // Enter takes the first one.
    dialog.answer("番号 [", "").await;
    dialog.until("2. 大きい:8b").await;
    dialog.answer("番号 [1]:", "2").await;
    dialog.until(ANSWER).await;
    dialog.until("✓ 保存しました").await;
    assert_eq!(dialog.end().await.0, Some(0));
    assert_eq!(saved(&home), "provider = \"local\"\nmodel = \"大きい:8b\"\n");
    let asked = ollama.seen();
    assert!(asked.last().unwrap().body_text().contains("大きい:8b"), "{asked:?}");
    assert!(llama.seen().iter().all(|seen| !seen.path.contains("completions")));

    // A server with one model asks no second question.
    let mut dialog = Dialog::start(command.env("LANG", "ja_JP.UTF-8"));
    dialog.answer("番号 [1]:", &number_of_llama).await;
    dialog.answer("このように変えますか", "y").await;
    dialog.until("✓ 保存しました").await;
    assert_eq!(dialog.end().await.0, Some(0));
    let url = "http://127.0.0.1:8080";
    assert!(saved(&home).contains(url) && saved(&home).contains("smol.gguf"), "{}", saved(&home));
}

#[test]
fn a_flag_takes_the_server_that_is_found_first() {
    in_a_network_of_its_own("setup::found::the_flag");
}

/// Run by [`a_flag_takes_the_server_that_is_found_first`].
#[tokio::test]
#[ignore = "it needs a network of its own"]
async fn the_flag() {
    let home = Home::new();
    let ended = end(&mut home.kaizodo(&["setup", "--local"])).await;
    assert_eq!((ended.code, saved(&home).as_str()), (Some(2), ""), "{ended:?}");
    assert!(ended.err.contains("No server with a model"), "{ended:?}");
    let _both = both().await;
    let ended = end(&mut home.kaizodo(&["setup", "--local"])).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.out.contains(ANSWER), "{ended:?}");
    assert_eq!(saved(&home), "provider = \"local\"\nmodel = \"小さい:3b\"\n");
}
