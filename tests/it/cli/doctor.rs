//! `kaizodo doctor`: everything that can be wrong, each with its next step.

use crate::support::program::*;
use crate::support::upstream::*;

const MODELS: &str =
    r#"{"object":"list","data":[{"id":"gpt-5-mini"},{"id":"gpt-5"},{"id":"whisper-1"}]}"#;

async fn doctor(server: &Upstream, variables: &[(&str, &str)]) -> Ended {
    let home = Home::new();
    let mut command = home.kaizodo(&["doctor"]);
    end(command.env("OPENAI_BASE_URL", server.url()).envs(variables.iter().copied())).await
}

#[tokio::test]
async fn a_provider_that_can_be_asked_is_reported_with_the_reason_for_it() {
    let server = Upstream::always(Reply::json(200, MODELS)).await;
    let ended = doctor(&server, &[("OPENAI_API_KEY", CANARY), ("KAIZODO_MODEL", "gpt-5")]).await;
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{ended:?}");
    let host = format!("127.0.0.1:{}", server.port());
    for said in [
        &format!("{host} · a base URL is set"),
        &format!("http://{host}/v1"),
        "API key",
        "set (never shown)",
        "not found; optional",
        "depth, breadth, structure, time",
        "is available",
    ] {
        assert!(ended.out.contains(said), "{said}: {}", ended.out);
    }
    assert!(!ended.out.contains("canary"));
    let seen = server.seen();
    assert_eq!(
        (seen.len(), seen[0].path.as_str(), seen[0].method.as_str()),
        (1, "/v1/models", "GET")
    );
    assert_eq!(seen[0].header("authorization"), Some(&*format!("Bearer {CANARY}")));
}

#[tokio::test]
async fn nothing_set_up_is_no_fault() {
    let ended = end(Home::new().kaizodo(&["doctor"]).env("KAIZODO_PROVIDER", "worksheet")).await;
    assert!(ended.code == Some(0) && ended.out.contains("set `provider` to `auto`"), "{ended:?}");
}

#[tokio::test]
async fn a_missing_and_a_refused_key_are_told_apart() {
    let said = format!(r#"{{"error":{{"message":"Incorrect API key provided: {CANARY}."}}}}"#);
    let refusal = Reply::json(401, &said);
    let server = Upstream::always(refusal).await;
    let with = doctor(&server, &[("OPENAI_API_KEY", CANARY), ("KAIZODO_MODEL", "m")]).await;
    assert!(with.code == Some(1) && with.out.contains("rejected the API key (401)"), "{with:?}");
    assert!(!with.out.contains("canary"), "{}", with.out);
    let without = doctor(&server, &[("KAIZODO_MODEL", "m"), ("LANG", "ja_JP.UTF-8")]).await;
    assert!(
        without.code == Some(1) && without.out.contains("OPENAI_API_KEY が設定されていません"),
        "{without:?}"
    );
    // Without a key, OpenAI itself is not asked.
    let ended = end(Home::new().kaizodo(&["doctor"]).env("KAIZODO_PROVIDER", "openai")).await;
    assert!(
        ended.code == Some(1) && ended.out.contains("api.openai.com needs an API key"),
        "{ended:?}"
    );
}

#[tokio::test]
async fn a_refused_key_from_the_settings_is_corrected_there() {
    let server = Upstream::always(Reply::json(401, r#"{"error":{"message":"no"}}"#)).await;
    for (settings, said) in [
        ("headers = { api-key = \"sk-canary\" }", "the key in the header api-key (401)"),
        ("key_command = [\"printf\", \"sk-canary\"]", "that `printf` printed (401)"),
    ] {
        let home = Home::new();
        home.write(".config/kaizodo/config.toml", settings);
        for args in [&["doctor"][..], &["run", "--text", "Why is the build slow?"]] {
            let mut command = home.kaizodo(args);
            command.env("OPENAI_BASE_URL", server.url()).env("KAIZODO_MODEL", "m");
            let ended = end(&mut command).await;
            assert!(ended.code == Some(1) && ended.out.contains(said), "{ended:?}");
            assert!(!ended.out.contains("OPENAI_API_KEY to"), "{ended:?}");
            assert!(!ended.out.contains("export OPENAI_API_KEY"), "{ended:?}");
        }
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_limit_on_costs_that_refuses_every_run_is_told() {
    let server = Upstream::always(Reply::json(200, MODELS)).await;
    let home = Home::new();
    // This address is not a loopback address, but leads to this computer.
    let settings = format!(
        "base_url = \"http://0.0.0.0:{}/v1\"\nallow_insecure_hosts = [\"0.0.0.0\"]\nlimits.run_cost = 0.5\n",
        server.port()
    );
    home.write(".config/kaizodo/config.toml", &settings);
    let mut command = home.kaizodo(&["doctor"]);
    let priced = end(command.env("KAIZODO_MODEL", "gpt-5-mini")).await;
    assert!(priced.code == Some(0) && !priced.out.contains("run_cost"), "{priced:?}");
    let other = format!("{settings}prices = {{ a = {{ input = 1, output = 1 }} }}\n");
    home.write(".config/kaizodo/config.toml", &other);
    // Nothing was to be sent here, and there is nothing to retry.
    for (lang, said) in [
        (
            "C",
            "the price of the model \"whisper-1\" is not known, so runs that might use it are refused.",
        ),
        ("ja_JP.UTF-8", "モデル「whisper-1」の価格が分からず"),
    ] {
        command.env("KAIZODO_MODEL", "whisper-1, unheard-of").env("LC_ALL", lang);
        let unknown = end(&mut command).await;
        assert!(unknown.code == Some(1) && unknown.out.contains(said), "{unknown:?}");
        let of_a_run = ["Not sent", "retry", "送っていません", "やり直して"];
        assert!(!of_a_run.iter().any(|words| unknown.out.contains(words)), "{unknown:?}");
    }
}

#[tokio::test]
async fn a_wrong_model_is_told_with_near_ones() {
    let server = Upstream::always(Reply::json(200, MODELS)).await;
    let ended = doctor(&server, &[("KAIZODO_MODEL", "gpt-5-mni")]).await;
    assert_eq!(ended.code, Some(1));
    assert!(
        ended.out.contains("no model \"gpt-5-mni\". Similar names there: gpt-5-mini, gpt-5"),
        "{}",
        ended.out
    );
    let other = Upstream::always(Reply::json(200, r#"{"data":[{"id":"whisper-1"}]}"#)).await;
    let ended = doctor(&other, &[("KAIZODO_MODEL", "gpt-5")]).await;
    assert!(ended.out.contains("no model \"gpt-5\" and no other chat model"), "{ended:?}");
    let none = Upstream::always(Reply::json(200, r#"{"data":[]}"#)).await;
    let ended = doctor(&none, &[]).await;
    assert!(
        ended.code == Some(1) && ended.out.contains("is reachable but has no models"),
        "{ended:?}"
    );
}

#[tokio::test]
async fn a_server_without_a_list_is_a_note() {
    let server = Upstream::always(Reply::status(404)).await;
    let ended = doctor(&server, &[("KAIZODO_MODEL", "m")]).await;
    assert!(ended.code == Some(0) && ended.out.contains("\n! 127.0.0.1"), "{ended:?}");
}

#[tokio::test]
async fn a_host_that_is_not_there_is_told() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for (url, said) in [
        (format!("http://{free}"), "Cannot connect to 127.0.0.1:"),
        ("https://nowhere.invalid".to_owned(), "nowhere.invalid"),
        (
            format!(
                "https://{}",
                Upstream::always(Reply::status(200)).await.url().trim_start_matches("http://")
            ),
            "127.0.0.1:",
        ),
    ] {
        let home = Home::new();
        let mut command = home.kaizodo(&["doctor"]);
        let ended = end(command.env("OPENAI_BASE_URL", &url).env("KAIZODO_MODEL", "m")).await;
        assert_eq!(ended.code, Some(1), "{ended:?}");
        assert!(
            ended.out.lines().any(|l| l.starts_with("✗ ") && l.contains(said)),
            "{}",
            ended.out
        );
    }
}

#[tokio::test]
async fn bad_settings_are_told_with_file_and_line() {
    let home = Home::new();
    home.write(
        ".config/kaizodo/config.toml",
        "lang = \"ja\"\n[headers]\napi-key = \"sk-canary\"\nx = 3\n",
    );
    let ended = end(home.kaizodo(&["doctor"]).env("KAIZODO_PROVIDER", "worksheet")).await;
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(
        ended.out.contains("config.toml, line 4,") && ended.out.contains("(cannot be read)"),
        "{}",
        ended.out
    );
    assert!(!ended.out.contains("canary"));
    home.write(".config/kaizodo/config.toml", "perspectives = [\"dept\"]\n");
    let ended = end(home.kaizodo(&["doctor"]).env("KAIZODO_PROVIDER", "worksheet")).await;
    assert!(ended.code == Some(2) && ended.out.contains("Did you mean `depth`?"), "{ended:?}");
}

#[tokio::test]
async fn sets_are_listed_and_an_unknown_offered_set_is_reported() {
    let home = Home::new();
    home.write(".config/kaizodo/config.toml", "offer = [\"decode\"]\n[sets]\na = [\"time\"]\n");
    let ended = end(home.kaizodo(&["doctor"]).env("KAIZODO_PROVIDER", "worksheet")).await;
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.out.contains("a, review, decide, readers, premortem\n"), "{}", ended.out);
    let wrong = "✗ The setting `offer` names a set that does not exist: \"decode\". Available: default, a, review,";
    assert!(ended.out.contains(wrong), "{}", ended.out);
}

#[tokio::test]
async fn what_cannot_be_sent_safely_is_bad_settings() {
    for (variables, said) in [
        (&[("OPENAI_BASE_URL", "http://gpu.test:8000")][..], "allow_insecure_hosts"),
        (&[("OPENAI_BASE_URL", "ftp://gpu.test")], "`https://` or `http://`"),
        (&[("OPENAI_API_KEY", "sk-全角")], "non-ASCII"),
        (
            &[("OPENAI_BASE_URL", "https://gpu.test"), ("https_proxy", "socks://p.test:1080")],
            "https_proxy names a `socks://` proxy",
        ),
    ] {
        let ended = end(Home::new().kaizodo(&["doctor"]).envs(variables.iter().copied())).await;
        assert_eq!(ended.code, Some(2), "{ended:?}");
        let who = "who answers       no one, until the settings are fixed";
        assert!(ended.out.contains(who), "{}", ended.out);
        assert!(
            ended.out.lines().any(|l| l.starts_with("✗ ") && l.contains(said)),
            "{}",
            ended.out
        );
    }
}

#[tokio::test]
async fn json_says_the_same() {
    let server = Upstream::always(Reply::json(200, MODELS)).await;
    let home = Home::new();
    let mut command = home.kaizodo(&["doctor", "--json"]);
    command.env("OPENAI_BASE_URL", format!("{}/v1?key=canary-query", server.url()));
    let ended = end(command.env("KAIZODO_MODEL", "nope")).await;
    assert_eq!(ended.code, Some(1));
    let report: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!((report["works"].as_bool(), report["key"].as_bool()), (Some(false), Some(false)));
    assert_eq!(report["findings"][0]["kind"], "model");
    assert_eq!(report["settings"]["state"], "missing");
    assert!(!ended.out.contains("canary"), "{}", ended.out);
}
