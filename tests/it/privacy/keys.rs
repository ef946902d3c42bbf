//! Keys: where they come from, when they are requested, and where they must never appear.

use crate::support::artifacts::{self, CANARY};
use crate::support::client::Client;
use crate::support::kit::*;
use crate::support::program::{Ended, Home, end};
use crate::support::upstream::{Reply, Upstream, answer};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

/// Returns a key command as a line of `config.toml`, run by a shell. `$CANARY` is the key, so that
/// no file contains it.
fn key_command(script: &str) -> String {
    format!("key_command = [\"sh\", \"-c\", {script:?}]\n")
}

/// Like [`key_command`], but counts its runs in a file in the home folder.
fn counted(home: &Path, script: &str) -> String {
    key_command(&format!("echo x >> {}/runs; {script}", home.display()))
}

fn runs(home: &Path) -> usize {
    fs::read_to_string(home.join("runs")).unwrap_or_default().lines().count()
}

/// Starts a server that asks `upstream`, with no key but the one that the script prints.
async fn start(upstream: &Upstream, script: &str, more: &[(&str, &str)]) -> Client {
    let base = upstream.url();
    let mut env =
        vec![("OPENAI_BASE_URL", base.as_str()), ("KAIZODO_MODEL", "m"), ("CANARY", CANARY)];
    env.extend(more);
    let mut client = Client::start_at_home(&["lsp"], &env, |home| {
        fs::create_dir_all(home.join("config/kaizodo")).unwrap();
        fs::write(home.join("config/kaizodo/config.toml"), counted(home, script)).unwrap();
    });
    client.initialize(capabilities()).await;
    client.open(MEMO, "markdown", "Builds are slow.\n");
    client
}

fn bearers(upstream: &Upstream) -> Vec<Option<String>> {
    upstream.seen().iter().map(|seen| seen.header("authorization").map(str::to_owned)).collect()
}

fn bearer() -> Option<String> {
    Some(format!("Bearer {CANARY}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_is_asked_once_and_not_before_it_is_needed() {
    let upstream = Upstream::always(answer(["x"])).await;
    let mut client = start(&upstream, "echo \"$CANARY\"; echo user: me", &[]).await;
    actions(&mut client, &range((0, 0), (1, 0)), json!({})).await;
    assert_eq!(runs(client.home()), 0, "nobody has asked for anything");
    for _ in 0..2 {
        run(&mut client).await.ended(&mut client, 1).await;
    }
    assert_eq!(runs(client.home()), 1);
    assert_eq!(bearers(&upstream), vec![bearer(); 8]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_environment_goes_before_the_command() {
    let upstream = Upstream::always(answer(["x"])).await;
    let mut client = start(&upstream, "echo sk-other", &[("OPENAI_API_KEY", CANARY)]).await;
    run(&mut client).await.ended(&mut client, 1).await;
    assert_eq!((runs(client.home()), bearers(&upstream)), (0, vec![bearer(); 4]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_key_is_asked_for_anew_by_the_users_retry() {
    let upstream = Upstream::start(|seen| match seen.header("authorization") {
        Some("Bearer sk-2-new") => answer(["x"]),
        _ => Reply::json(401, r#"{"error":{"message":"no"}}"#),
    })
    .await;
    let script = "n=$(wc -l < \"$HOME/runs\"); [ $n = 1 ] && echo sk-1-old || echo sk-2-new";
    let mut client = start(&upstream, script, &[]).await;
    let run = run(&mut client).await;
    let panel = fold(&run.ended(&mut client, 1).await);
    assert_eq!(panel.matches("✗ ").count(), 4, "{panel}");
    let argument = json!({"run": run.id, "branch": "depth"});
    command(&mut client, "kaizodo.retry", argument).await.unwrap();
    let panel = fold(&run.ended(&mut client, 2).await);
    assert_eq!((panel.matches("✗ ").count(), runs(client.home())), (3, 2), "{panel}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_that_fails_is_told_in_every_section_and_asked_once() {
    for (script, said) in [
        ("echo \"$CANARY\" >&2; exit 3", "The key command `sh` failed with status 3."),
        ("kill -9 $$", "The key command `sh` was terminated by a signal."),
        ("echo; echo \"$CANARY\"", "The key command `sh` printed nothing on its first line."),
        (
            "printf '%s\\t%s' \"$CANARY\" x",
            "The key command `sh` printed a first line that cannot be a key.",
        ),
        ("head -c 1000000 /dev/zero", "The key command `sh` printed more than 16384 bytes"),
    ] {
        let upstream = Upstream::always(answer(["x"])).await;
        let mut client = start(&upstream, script, &[]).await;
        let panel = fold(&run(&mut client).await.ended(&mut client, 1).await);
        assert_eq!(panel.matches(&format!("✗ {said}")).count(), 4, "{script}: {panel}");
        assert_eq!((runs(client.home()), upstream.connections()), (1, 0), "{script}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_that_hangs_is_stopped_and_the_editor_is_served_meanwhile() {
    let upstream = Upstream::always(answer(["x"])).await;
    let mut client = start(&upstream, "echo $$ > \"$HOME/pid\"; exec sleep 600", &[]).await;
    let run = run(&mut client).await;
    // The panel exists, and other requests are still answered.
    client.open_virtual(&run.uri).await;
    client.wait_document(&run.uri, |panel| panel.contains("## Depth")).await;
    assert_eq!(actions(&mut client, &range((0, 0), (1, 0)), json!({})).await.len(), 1);
    let panel = fold(&run.ended(&mut client, 1).await);
    assert_eq!(panel.matches("did not finish within 10 s and was stopped.").count(), 4, "{panel}");
    let pid = fs::read_to_string(client.home().join("pid")).unwrap();
    assert!(!Path::new(&format!("/proc/{}", pid.trim())).exists(), "the command is alive");
    assert_eq!((runs(client.home()), upstream.connections()), (1, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn neither_an_editor_nor_a_repository_can_name_one() {
    let upstream = Upstream::always(answer(["x"])).await;
    let base = upstream.url();
    let env = [("OPENAI_BASE_URL", base.as_str()), ("KAIZODO_MODEL", "m")];
    let mut client = Client::start_at_home(&["lsp"], &env, |home| {
        // The server is started in this folder, as if it were a repository.
        for name in [".kaizodo/config.toml", "kaizodo.toml", "config.toml", ".env"] {
            fs::create_dir_all(home.join(".kaizodo")).unwrap();
            fs::write(home.join(name), counted(home, "echo sk-stolen")).unwrap();
        }
    });
    let words = json!(["sh", "-c", format!("echo x >> {}/runs", client.home().display())]);
    let options = json!({"keyCommand": words, "kaizodo": {"key_command": words}});
    client
        .initialize_with(json!({
            "processId": null, "rootUri": null, "capabilities": capabilities(),
            "initializationOptions": options["kaizodo"],
        }))
        .await;
    let told = client.server_message("window/showMessage").await;
    let told = told["params"]["message"].as_str().unwrap();
    assert!(told.starts_with("The editor's settings key_command are ignored"), "{told}");
    for settings in [&options, &options["kaizodo"], &json!({"keyCommand": words})] {
        client.notify("workspace/didChangeConfiguration", json!({"settings": settings}));
    }
    client.open(MEMO, "markdown", "Builds are slow.\n");
    run(&mut client).await.ended(&mut client, 1).await;
    assert_eq!((runs(client.home()), bearers(&upstream)), (0, vec![None; 4]));
}

async fn cli(home: &Home, args: &[&str], env: &[(&str, &str)]) -> Ended {
    end(home.kaizodo(args).env("CANARY", CANARY).envs(env.iter().copied())).await
}

#[tokio::test]
async fn the_worksheet_and_help_need_no_key() {
    let home = Home::new();
    let marker = home.write("runs", "");
    let settings = counted(marker.parent().unwrap(), "echo \"$CANARY\"");
    home.write(".config/kaizodo/config.toml", settings);
    for args in [
        &["run", "--provider", "worksheet", "--text", "Builds are slow."][..],
        &["perspectives"],
        &["--help"],
    ] {
        assert_eq!(cli(&home, args, &[]).await.code, Some(0), "{args:?}");
    }
    let doctor = cli(&home, &["doctor"], &[("KAIZODO_PROVIDER", "worksheet")]).await;
    assert!(doctor.out.contains("from the command `sh` (never shown)"), "{}", doctor.out);
    assert_eq!(runs(marker.parent().unwrap()), 0);
}

#[tokio::test]
async fn the_doctor_asks_the_command_and_says_what_is_wrong_with_it() {
    let models = Reply::json(200, r#"{"data":[{"id":"m"}]}"#);
    let server = Upstream::always(models).await;
    let home = Home::new();
    let base = server.url();
    let env = [("OPENAI_BASE_URL", base.as_str()), ("KAIZODO_MODEL", "m")];
    home.write(".config/kaizodo/config.toml", key_command("echo \"$CANARY\""));
    let well = cli(&home, &["doctor"], &env).await;
    assert_eq!((well.code, bearers(&server)), (Some(0), vec![bearer()]), "{well:?}");
    assert!(well.out.contains("from the command `sh` (never shown)"), "{}", well.out);
    home.write(".config/kaizodo/config.toml", "key_command = [\"kaizodo-no-such\"]\n");
    let lost = cli(&home, &["doctor"], &env).await;
    assert_eq!((lost.code, server.seen().len()), (Some(2), 1));
    let words = "✗ The key command `kaizodo-no-such` was not found.";
    assert!(lost.out.contains(words), "{}", lost.out);
    let ja = [env[0], env[1], ("LANG", "ja_JP.UTF-8")];
    let lost = cli(&home, &["doctor", "--json"], &ja).await;
    let report: Value = serde_json::from_str(&lost.out).unwrap();
    assert_eq!(report["findings"][0]["kind"], "configuration");
    let words = "キーを出力するコマンド `kaizodo-no-such` は見つかりません。";
    assert!(lost.out.contains(words), "{}", lost.out);
    home.write(".config/kaizodo/config.toml", "key_command = [\"./key.sh\"]\n");
    let relative = cli(&home, &["run", "-p", "depth", "--text", "x1"], &env).await;
    let words = "config.toml, line 1, cannot be read and are not used: key_command: write the program's full path";
    assert!(relative.err.contains(words), "{}", relative.err);
}

/// All logs are on. The key comes from the environment or from a command, and the run works or is
/// refused by a server that repeats the key.
#[tokio::test]
async fn no_log_and_no_output_holds_the_key() {
    let refusal = format!(r#"{{"error":{{"message":"Bearer {CANARY} is no key"}}}}"#);
    for (reply, code) in [(answer(["x"]), 0), (Reply::json(401, &refusal), 1)] {
        let server = Upstream::always(reply).await;
        for by_command in [false, true] {
            let home = Home::new();
            let mut command =
                home.asking(&server, &["run", "--json", "--text", "Builds are slow."]);
            if by_command {
                home.write(".config/kaizodo/config.toml", key_command("echo \"$CANARY\""));
                command.env_remove("OPENAI_API_KEY").env("CANARY", CANARY);
            }
            let ended = end(command.env("KAIZODO_LOG", "trace")).await;
            assert_eq!(ended.code, Some(code), "{ended:?}");
            assert!(ended.err.contains("hyper"), "the log is on: {}", ended.err);
            assert!(!(ended.out + &ended.err).contains(&CANARY[10..18]));
        }
        assert_eq!(bearers(&server), vec![bearer(); 8]);
    }
}

/// Checks the arguments of the program and of all its child processes, and the environment of the
/// key command.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_argument_of_any_process_holds_the_key() {
    let upstream = Upstream::always(stuck("x")).await;
    let script = "tr '\\0' '\\n' < /proc/$$/environ | grep -c ^OPENAI_API_KEY= > \"$HOME/inherited\"; sleep 3; echo \"$CANARY\"";
    let mut client = start(&upstream, script, &[("OPENAI_API_KEY", " ")]).await;
    let run = run(&mut client).await;
    let mut looked = 0;
    while upstream.seen().len() < 4 {
        for process in fs::read_dir("/proc").unwrap().flatten() {
            let arguments = fs::read(process.path().join("cmdline")).unwrap_or_default();
            let arguments = String::from_utf8_lossy(&arguments).into_owned();
            looked += usize::from(arguments.contains("inherited"));
            assert!(!arguments.contains(&CANARY[10..18]), "{arguments}");
        }
    }
    assert!(looked > 0, "the command was seen while it ran");
    run.cancel(&mut client, None).await;
    assert_eq!(fs::read_to_string(client.home().join("inherited")).unwrap().trim(), "0");
    assert_eq!(bearers(&upstream), vec![bearer(); 4]);
    artifacts::key_given(client.home());
}
