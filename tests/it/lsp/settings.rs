//! Settings from all sources, and what they change for the next run.

use super::unless_the_disk_is_slow;
use crate::support::artifacts::CANARY;
use crate::support::client::{Answer, Client};
use crate::support::kit::*;
use crate::support::upstream::{Upstream, answer};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

const CHOSEN: fn() -> Value = || range((0, 0), (1, 0));

async fn with_options(upstream: &Upstream, options: Value) -> Client {
    let mut client = launch(upstream, &[]);
    let params = json!({
        "processId": null, "rootUri": null, "capabilities": vouching(),
        "initializationOptions": options,
    });
    client.initialize_with(params).await;
    client.open(MEMO, "markdown", TEXT);
    client
}

/// Runs once and returns the headings of the panel.
async fn headings(client: &mut Client) -> Vec<String> {
    let run = run(client).await;
    run.ended(client, 1).await;
    let panel = run.panel(client).await;
    panel.lines().filter_map(|line| line.strip_prefix("## ")).map(str::to_owned).collect()
}

/// Waits until the requested settings apply: the server may handle the client's answer after later
/// requests.
async fn become_headings(client: &mut Client, expected: &[&str]) {
    for _ in 0..500 {
        if headings(client).await == expected {
            return;
        }
    }
    panic!("the new settings do not come into force");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn initialization_options_are_taken_in_both_shapes() {
    let upstream = Upstream::always(answer(["a"])).await;
    let ours = json!({"lang": "en", "perspectives": ["time", "depth"], "model": null});
    for options in [ours.clone(), json!({"kaizodo": ours, "other": 1})] {
        for can in [capabilities(), vouching()] {
            let mut client = launch(&upstream, &[]);
            let params = json!({"capabilities": can, "initializationOptions": options});
            client.initialize_with(params).await;
            client.open(MEMO, "markdown", TEXT);
            assert_eq!(headings(&mut client).await, ["Time", "Depth"]);
            assert!(client.unread_of("window/showMessage").is_empty());
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_editor_is_asked_for_settings_and_pushes_others() {
    let upstream = Upstream::always(answer(["a"])).await;
    let mut client = launch(&upstream, &[]);
    client.answer_with("workspace/configuration", Answer::Result(json!([{"lang": "en"}])));
    let mut can = capabilities();
    can["workspace"]["configuration"] = json!(true);
    client.initialize(can).await;
    let asked = client.server_message("workspace/configuration").await;
    assert_eq!(asked["params"], json!({"items": [{"section": "kaizodo"}]}));
    client.open(MEMO, "markdown", TEXT);
    become_headings(&mut client, &EN).await;

    let push = |settings: Value| json!({"settings": settings});
    client.notify(
        "workspace/didChangeConfiguration",
        push(json!({"kaizodo": {"perspectives": ["構造"]}})),
    );
    assert_eq!(
        headings(&mut client).await,
        ["構造"],
        "the push stands in place of what was before"
    );
    client.notify(
        "workspace/didChangeConfiguration",
        push(json!({"lang": "en", "perspectives": ["time"]})),
    );
    assert_eq!(headings(&mut client).await, ["Time"]);

    // Without pushed settings, the editor is asked again.
    client.answer_with(
        "workspace/configuration",
        Answer::Result(json!([{"perspectives": ["breadth"]}])),
    );
    client.notify("workspace/didChangeConfiguration", push(json!(null)));
    client.server_message("workspace/configuration").await;
    become_headings(&mut client, &["広さ"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_keeps_the_settings_that_it_began_with() {
    let upstream = by_section([stuck("a"), stuck("b"), stuck("c"), stuck("d")]).await;
    let mut client = with_options(&upstream, json!({})).await;
    let run = shown_run(&mut client).await;
    upstream.arrived(4).await;
    client.notify("workspace/didChangeConfiguration", json!({"settings": {"lang": "en"}}));
    run.cancel(&mut client, None).await;
    let events = run.ended(&mut client, 1).await;
    let folded = fold(&events);
    let text = client.wait_document(&run.uri, |text| text == folded).await;
    assert_eq!(text.matches("■ 停止しました。").count(), 4, "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_of_a_set_hides_nothing_in_the_menu() {
    let upstream = Upstream::always(answer(["a"])).await;
    let sets = json!({"sets": {"a\u{202e}b\u{200b}\n[c](command:x)": ["time"]}});
    let mut client = with_options(&upstream, sets).await;
    let offered = actions(&mut client, &CHOSEN(), json!({})).await;
    let title = offered[1]["title"].as_str().unwrap();
    assert!(title.contains("a⟨U+202E⟩b⟨U+200B⟩"), "{title}");
    assert!(!title.contains(['\u{202e}', '\u{200b}', '\n']), "{title}");
    assert_eq!(offered[1]["command"]["title"], title);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sets_and_single_perspectives_are_actions_of_their_own() {
    let upstream = Upstream::always(answer(["a"])).await;
    let sets = json!({"sets": {"reading": ["breadth", "structure"]}});
    let mut client = with_options(&upstream, sets).await;
    let kinds = |offered: &[Value]| -> Vec<String> {
        offered.iter().map(|action| action["kind"].as_str().unwrap().to_owned()).collect()
    };
    let offered = actions(&mut client, &CHOSEN(), json!({})).await;
    let both = ["refactor.rewrite.kaizodo.default", "refactor.rewrite.kaizodo.reading"];
    assert_eq!(kinds(&offered), both);
    assert_eq!(offered[1]["title"], "解像度 reading: 広さ · 構造");
    for wide in ["", "refactor", "refactor.rewrite", "refactor.rewrite.kaizodo"] {
        let offered = actions(&mut client, &CHOSEN(), json!({"only": [wide]})).await;
        assert_eq!(kinds(&offered), both, "{wide}");
    }
    let only = json!({"only": ["refactor.rewrite.kaizodo.reading"]});
    let offered = actions(&mut client, &CHOSEN(), only).await;
    assert_eq!(kinds(&offered), both[1..]);
    let run = run_with(&mut client, offered[0]["command"]["arguments"][0].clone()).await;
    run.ended(&mut client, 1).await;
    assert_eq!(upstream.arrived(2).await.iter().map(section_of).max(), Some(2));

    let only = json!({"only": ["refactor.rewrite.kaizodo.time"]});
    let offered = actions(&mut client, &CHOSEN(), only).await;
    assert_eq!(kinds(&offered), ["refactor.rewrite.kaizodo.time"]);
    assert_eq!(offered[0]["title"], "解像度: 時間");
    let run = run_with(&mut client, offered[0]["command"]["arguments"][0].clone()).await;
    run.ended(&mut client, 1).await;
    let seen = upstream.seen();
    assert_eq!((seen.len(), section_of(&seen[2])), (3, 3));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn built_in_sets_can_always_be_named_and_are_in_the_menu_where_the_user_wants_them() {
    let upstream = Upstream::always(answer(["a"])).await;
    let titles = |offered: &[Value]| -> Vec<String> {
        offered.iter().map(|action| action["title"].as_str().unwrap().to_owned()).collect()
    };
    let single = json!({"only": ["refactor.rewrite.kaizodo.stakes"]});
    let set = json!({"only": ["refactor.rewrite.kaizodo.decide"]});
    let mut client = with_options(&upstream, json!({})).await;
    assert_eq!(actions(&mut client, &CHOSEN(), json!({})).await.len(), 1);
    for only in [&single, &set] {
        assert!(actions(&mut client, &CHOSEN(), only.clone()).await.is_empty(), "{only}");
    }
    let argument = json!({"uri": MEMO, "range": CHOSEN(), "set": "decide"});
    let run = run_with(&mut client, argument).await;
    run.ended(&mut client, 1).await;
    let panel = run.panel(&mut client).await;
    let headings: Vec<_> = panel.lines().filter(|line| line.starts_with("## ")).collect();
    assert_eq!(headings, ["## 選択肢", "## 前提", "## 損得", "## 一年後"]);

    let push = json!({"settings": {"offer": ["decide"]}});
    client.notify("workspace/didChangeConfiguration", push);
    let offered = actions(&mut client, &CHOSEN(), json!({})).await;
    assert_eq!(titles(&offered)[1..], ["解像度 decide: 選択肢 · 前提 · 損得 · 一年後"]);
    assert_eq!(actions(&mut client, &CHOSEN(), set).await, offered[1..]);
    assert_eq!(titles(&actions(&mut client, &CHOSEN(), single).await), ["解像度: 損得"]);
    assert!(client.unread_of("window/showMessage").is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_set_to_offer_that_there_is_not_is_told_and_a_workspace_offers_none() {
    let upstream = Upstream::always(answer(["a"])).await;
    let offer = json!({"offer": ["decode", "review"]});
    let mut client = with_options(&upstream, offer.clone()).await;
    let told = client.server_message("window/showMessage").await;
    let message = told["params"]["message"].as_str().unwrap();
    let known = "default, review, decide, readers, premortem";
    assert!(message.contains("\"decode\"") && message.contains(known), "{message}");
    assert_eq!(actions(&mut client, &CHOSEN(), json!({})).await.len(), 2);

    let mut client = launch(&upstream, &[]);
    let params = json!({"capabilities": capabilities(), "initializationOptions": offer});
    client.initialize_with(params).await;
    client.open(MEMO, "markdown", TEXT);
    let told = client.server_message("window/showMessage").await;
    assert!(told["params"]["message"].as_str().unwrap().contains("settings offer are ignored"));
    assert_eq!(actions(&mut client, &CHOSEN(), json!({})).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn actions_are_tagged_where_the_client_knows_the_tag() {
    let upstream = Upstream::always(answer(["a"])).await;
    let mut client = start(&upstream, capabilities()).await;
    assert!(actions(&mut client, &CHOSEN(), json!({})).await[0]["tags"].is_null());
    let mut can = capabilities();
    can["textDocument"]["codeAction"]["tagSupport"] = json!({"valueSet": [1]});
    let mut client = start(&upstream, can).await;
    assert_eq!(actions(&mut client, &CHOSEN(), json!({})).await[0]["tags"], json!([1]));
}

fn at_home(upstream: &Upstream, env: &[(&str, &str)], config: &[u8]) -> Client {
    at_home_with(upstream, env, |path| std::fs::write(path, config).unwrap())
}

/// Starts a server whose settings file `write` creates.
fn at_home_with(upstream: &Upstream, env: &[(&str, &str)], write: impl FnOnce(&Path)) -> Client {
    let base = upstream.url();
    let mut all = vec![("OPENAI_BASE_URL", base.as_str()), ("KAIZODO_MODEL", "m")];
    all.extend(env);
    Client::start_at_home(&["lsp"], &all, |home| {
        let folder = home.join("config/kaizodo");
        std::fs::create_dir_all(&folder).unwrap();
        write(&folder.join("config.toml"));
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_user_s_file_is_read_and_the_editor_goes_before_it() {
    let upstream = Upstream::always(answer(["a"])).await;
    let mut client =
        at_home(&upstream, &[], b"lang = \"en\"\nperspectives = [\"depth\"]\nmodel = \"mine\"\n");
    let params = json!({
        "processId": null, "rootUri": null, "capabilities": capabilities(),
        "initializationOptions": {"perspectives": ["time"]},
    });
    client.initialize_with(params).await;
    client.open(MEMO, "markdown", TEXT);
    assert_eq!(headings(&mut client).await, ["Time"]);
    assert_eq!(upstream.seen()[0].json()["model"], "m", "the environment goes before both");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_workspace_that_sends_a_list_chooses_no_server_and_runs_no_program() {
    let (mine, theirs) =
        (Upstream::always(answer(["a"])).await, Upstream::always(answer(["b"])).await);
    let config = format!("base_url = \"{}\"\nmodel = \"m\"\nfocus = \"off\"\n", mine.url());
    let mut client = Client::start_at_home(&["lsp"], &[], |home| {
        let folder = home.join("config/kaizodo");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("config.toml"), config).unwrap();
    });
    let trace = client.home().join("trace");
    let program = json!(["sh", "-c", format!("touch '{}'; echo key", trace.display())]);
    let list = json!([null, theirs.url(), null, null, "m", null, null, program]);
    client.answer_with("workspace/configuration", Answer::Result(json!([list])));
    let mut can = capabilities();
    can["workspace"]["configuration"] = json!(true);
    let params = json!({
        "processId": null, "rootUri": null, "capabilities": can,
        "initializationOptions": {"kaizodo": ["openai", theirs.url()]},
    });
    client.initialize_with(params).await;
    client.server_message("workspace/configuration").await;
    client.notify("workspace/didChangeConfiguration", json!({"settings": {"kaizodo": list}}));
    let told = client.server_message("window/showMessage").await;
    let message = told["params"]["message"].as_str().unwrap();
    assert!(message.contains("expected a table, found sequence."), "{message}");
    client.open(MEMO, "markdown", TEXT);
    assert_eq!(headings(&mut client).await, JA);
    assert_eq!((mine.seen().len(), theirs.connections()), (4, 0));
    assert!(!trace.exists(), "no program has run");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_of_the_user_s_file_applies_to_the_next_run() {
    let upstream = Upstream::always(answer(["a"])).await;
    let mut client =
        at_home(&upstream, &[("KAIZODO_LOG", "warn")], b"limits.selection_bytes = 3\n");
    let mut can = capabilities();
    can["experimental"]["kaizodo"]["provider"] = json!(true);
    client.initialize(can).await;
    client.server_message("kaizodo/provider").await;
    client.open(MEMO, "markdown", TEXT);
    let argument = json!({"uri": MEMO, "range": range((0, 0), (1, 0))});
    let refused = command(&mut client, "kaizodo.run", argument.clone()).await.unwrap_err();
    let message = refused["message"].as_str().unwrap();
    assert!(message.contains("limits.selection_bytes"), "{message}");
    // As the message says, and without a word of the editor.
    let file = client.home().join("config/kaizodo/config.toml");
    std::fs::write(&file, "perspectives = [\"depth\"]\n").unwrap();
    let accepted =
        async |client: &mut Client| command(client, "kaizodo.run", argument.clone()).await.is_ok();
    unless_the_disk_is_slow(&mut client, accepted).await;
    assert_eq!(upstream.arrived(1).await.len(), 1);
    let run = run_with(&mut client, argument.clone()).await;
    run.ended(&mut client, 1).await;
    std::fs::write(&file, "provider = \"worksheet\"\n").unwrap();
    let again = json!({"run": run.id, "branch": "depth"});
    let mut ends = 1;
    let stays_here = async |client: &mut Client| {
        let sent = upstream.seen().len();
        command(client, "kaizodo.retry", again.clone()).await.unwrap();
        ends += 1;
        run.ended(client, ends).await;
        upstream.seen().len() == sent
    };
    unless_the_disk_is_slow(&mut client, stays_here).await;
    let told = client.server_message("kaizodo/provider").await;
    assert_eq!(told["params"]["kind"], "worksheet");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broken_file_is_told_with_its_line_and_the_run_goes_on() {
    let upstream = Upstream::always(answer(["a"])).await;
    for (env, config, words) in [
        (
            vec![],
            &b"lang = \"ja\"\nmodle = \"x\"\n"[..],
            vec![", line 2, cannot be read and are not used: ", "`modle`"],
        ),
        (
            vec![("LANG", "ja_JP.UTF-8")],
            b"lang = \"ja\"\n\nmodel = \n",
            vec![" の 3 行目を読めないので"],
        ),
        (vec![], b"model = \"\xff\"\n", vec!["cannot be read"]),
    ] {
        let mut client = at_home(&upstream, &env, config);
        client.initialize(capabilities()).await;
        let told = client.server_message("window/showMessage").await;
        assert_eq!(told["params"]["type"], 2, "a warning");
        let message = told["params"]["message"].as_str().unwrap();
        let file = client.home().join("config/kaizodo/config.toml").display().to_string();
        assert!(message.contains(&file), "{message}");
        for word in words {
            assert!(message.contains(word), "{message} lacks {word}");
        }
        client.open(MEMO, "markdown", TEXT);
        assert_eq!(headings(&mut client).await, JA);
        assert!(client.unread_of("window/showMessage").is_empty(), "it is told once");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_leaves_this_computer_while_settings_cannot_be_read() {
    let upstream = Upstream::always(answer(["a"])).await;
    let away = [("OPENAI_BASE_URL", "https://api.test.invalid"), ("OPENAI_API_KEY", CANARY)];
    let mut client = at_home(&upstream, &away, b"provider = worksheet");
    client.initialize(capabilities()).await;
    client.server_message("window/showMessage").await;
    client.open(MEMO, "markdown", TEXT);
    let refused = run(&mut client).await;
    refused.ended(&mut client, 1).await;
    let said = "api.test.invalid でよいのか分からないので、何も送りません";
    assert_eq!(refused.panel(&mut client).await.matches(said).count(), 4);

    let file = client.home().join("config/kaizodo/config.toml");
    std::fs::write(file, "provider = \"openai\"\nbase_url = \"http://127.0.0.1:9\"\n").unwrap();
    client.notify("workspace/didChangeConfiguration", json!({"settings": null}));
    // The file is read at the same time as the client's next requests.
    for tries in 1.. {
        let mended = run(&mut client).await;
        mended.ended(&mut client, 1).await;
        if !mended.panel(&mut client).await.contains("何も送りません") {
            break;
        }
        assert!(tries < 100, "the mended file is never read");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_leaves_this_computer_once_a_settings_file_has_become_unreadable() {
    let upstream = Upstream::always(answer(["a"])).await;
    let config = "base_url = \"http://model.test\"\nallow_insecure_hosts = [\"model.test\"]\n";
    let proxy = upstream.url();
    let mut client = Client::start_at_home(
        &["lsp"],
        &[
            ("HTTP_PROXY", proxy.as_str()),
            ("KAIZODO_MODEL", "m"),
            ("LANG", "en_US.UTF-8"),
            ("KAIZODO_LOG", "warn"),
        ],
        |home| {
            let folder = home.join("config/kaizodo");
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join("config.toml"), config).unwrap();
        },
    );
    client.initialize(capabilities()).await;
    client.open(MEMO, "markdown", TEXT);
    let first = run(&mut client).await;
    first.ended(&mut client, 1).await;
    assert_eq!(upstream.seen().iter().filter(|seen| seen.method == "POST").count(), 4);

    let file = client.home().join("config/kaizodo/config.toml");
    let rule = "never_send = [\"memo.md\"]\n";
    std::fs::write(&file, format!("{config}{rule}secretz = \"refuse\"\n")).unwrap();
    let mut sent = 0;
    let sends_nothing = async |client: &mut Client| {
        sent = upstream.seen().len();
        let second = run(client).await;
        second.ended(client, 1).await;
        let panel = second.panel(client).await;
        panel.matches("読めない設定があり、送り先が model.test でよいのか").count() == 4
    };
    unless_the_disk_is_slow(&mut client, sends_nothing).await;
    command(&mut client, "kaizodo.retry", json!({"run": first.id, "branch": "depth"}))
        .await
        .unwrap();
    first.ended(&mut client, 2).await;
    assert_eq!(upstream.seen().len(), sent, "nothing was sent");
    let told = client.server_message("window/showMessage").await;
    let message = told["params"]["message"].as_str().unwrap();
    let said =
        ", line 4, cannot be read, so the earlier settings stay in force, and nothing is sent";
    assert!(message.contains(said), "{message}");

    std::fs::write(&file, config).unwrap();
    let sends_again = async |client: &mut Client| {
        run(client).await.ended(client, 1).await;
        upstream.seen().len() > sent
    };
    unless_the_disk_is_slow(&mut client, sends_again).await;
    let posts = upstream.seen()[sent..].iter().filter(|seen| seen.method == "POST").count();
    assert_eq!(posts, 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_are_in_the_language_of_the_editor() {
    let upstream = Upstream::always(answer(["a"])).await;
    for (locale, lang, said) in [("ja", "C", "文書"), ("en", "ja_JP.UTF-8", "Kaizodo cannot")] {
        let mut client = launch(&upstream, &[("LANG", lang)]);
        let params = json!({
            "processId": null, "rootUri": null, "capabilities": capabilities(), "locale": locale,
        });
        client.initialize_with(params).await;
        let argument = json!({"uri": MEMO, "range": range((0, 0), (1, 0))});
        let error = command(&mut client, "kaizodo.run", argument).await.unwrap_err();
        let message = error["message"].as_str().unwrap();
        assert!(message.starts_with(said), "{message}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_variable_that_cannot_be_used_is_told() {
    let upstream = Upstream::always(answer(["a"])).await;
    let mut client = launch(&upstream, &[("KAIZODO_PROVIDER", "gpt")]);
    client.initialize(capabilities()).await;
    let told = client.server_message("window/showMessage").await;
    let message = told["params"]["message"].as_str().unwrap();
    assert!(
        message.contains("KAIZODO_PROVIDER is not used: `gpt` is not a valid value"),
        "{message}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_cannot_be_read_is_told() {
    let upstream = Upstream::always(answer(["a"])).await;
    for write in [
        |path: &Path| std::fs::create_dir(path).unwrap(),
        |path: &Path| {
            std::fs::write(path, vec![b'#'; 2 << 20]).unwrap();
        },
    ] {
        let mut client = at_home_with(&upstream, &[], write);
        client.initialize(capabilities()).await;
        let told = client.server_message("window/showMessage").await;
        let message = told["params"]["message"].as_str().unwrap();
        assert!(message.contains("config.toml cannot be read and are not used: "), "{message}");
        client.open(MEMO, "markdown", TEXT);
        assert_eq!(headings(&mut client).await, JA);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn broken_options_are_told_and_what_was_there_stays() {
    let upstream = Upstream::always(answer(["a"])).await;
    for options in [json!({"lang": 5}), json!({"kaizodo": {"perspektives": []}}), json!("?")] {
        let mut client = with_options(&upstream, options.clone()).await;
        let told = client.server_message("window/showMessage").await;
        let message = told["params"]["message"].as_str().unwrap().to_owned();
        assert!(message.contains("editor settings"), "{options}: {message}");
        assert_eq!(headings(&mut client).await, JA);
    }
    let mut client = with_options(&upstream, json!({"lang": "en"})).await;
    client.notify("workspace/didChangeConfiguration", json!({"settings": {"lang": "??"}}));
    client.server_message("window/showMessage").await;
    assert_eq!(headings(&mut client).await, EN, "a layer that cannot be read changes nothing");
}
