//! The user's own perspectives.

use super::question::soon_accepted;
use super::tree::*;
use crate::support::client::Client;
use crate::support::kit;
use crate::support::program::{Home, end};
use crate::support::upstream::{Upstream, answer};
use serde_json::json;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_in_the_user_s_folder_is_asked_on_the_command_line() {
    let server = Upstream::always(answer(["- x\n"])).await;
    let home = Home::new();
    home.write(".config/kaizodo/perspectives/risks.md", perspective("risks"));
    home.write(".config/kaizodo/perspectives/broken.md", "---\nname: b\n---\nask");
    home.write(".config/kaizodo/perspectives/large.md", vec![b'x'; 10 << 20]);
    home.write(".config/kaizodo/perspectives/bytes.md", b"\x7fELF\0\xff");
    let pipe = home.path().join(".config/kaizodo/perspectives/pipe.md");
    rustix::fs::mkfifoat(rustix::fs::CWD, pipe, 0o600.into()).unwrap();
    let args = ["run", "--text", "Slow builds.", "-p", "risks,time"];
    let ended = end(&mut home.asking(&server, &args)).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.out.contains("## risks") && ended.out.contains("## Time"), "{}", ended.out);
    let said: Vec<_> = ended.err.lines().collect();
    assert_eq!(said.len(), 4, "each is told once: {said:?}");
    assert!(said[0].contains("bytes.md is not UTF-8 text."), "{said:?}");
    assert!(said[1].contains("large.md is too large (10485760 bytes"), "{said:?}");
    assert!(said[2].contains("pipe.md is not a regular file."), "{said:?}");
    assert!(said[3].contains("perspectives/broken.md:") && said[3].contains("description"));
    let asked = server.seen().iter().any(|seen| seen.body_text().contains("ASK-risks"));
    assert!(asked);

    let ended = end(&mut home.kaizodo(&["perspectives"])).await;
    let row = ended.out.lines().find(|line| line.starts_with("risks")).unwrap().to_owned();
    assert!(row.contains("yours") && row.contains("Names what can go wrong."), "{row}");
    assert!(ended.out.lines().any(|l| l.starts_with("depth") && l.contains("built-in")));
    assert!(ended.err.contains("broken.md:"), "{}", ended.err);
    let ended = end(&mut home.kaizodo(&["perspectives", "--json"])).await;
    let rows: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
    let of = |name: &str| rows.as_array().unwrap().iter().find(|r| r["name"] == name).cloned();
    assert_eq!(of("risks").unwrap()["from"], "user");
    assert_eq!(of("depth").unwrap()["from"], "built-in");

    let ended = end(home.kaizodo(&["doctor"]).env("KAIZODO_PROVIDER", "worksheet")).await;
    assert_eq!(ended.code, Some(0), "a note is no fault: {ended:?}");
    assert!(ended.out.contains("! ") && ended.out.contains("broken.md:"), "{}", ended.out);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_editor_gets_own_perspectives_at_once_and_again_with_its_settings() {
    let server = Upstream::always(answer(["- x\n"])).await;
    let base = server.url();
    let env = [("OPENAI_BASE_URL", base.as_str()), ("KAIZODO_MODEL", "m")];
    let mut client = Client::start_at_home(&["lsp"], &env, |home| {
        let folder = home.join("config/kaizodo/perspectives");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("risks.md"), perspective("risks")).unwrap();
    });
    client.initialize(kit::capabilities()).await;
    client.open(kit::MEMO, "markdown", kit::TEXT);
    let only = |name: &str| json!({"only": [format!("refactor.rewrite.kaizodo.{name}")]});
    let whole = kit::range((0, 0), (1, 0));
    assert_eq!(kit::actions(&mut client, &whole, only("risks")).await.len(), 1);

    let folder = client.home().join("config/kaizodo/perspectives");
    std::fs::write(folder.join("more.md"), perspective("more")).unwrap();
    std::fs::write(folder.join("risks.md"), "---\nname: risks\nno front matter").unwrap();
    client.notify("workspace/didChangeConfiguration", json!({"settings": null}));
    let told = client.server_message("window/showMessage").await;
    let message = told["params"]["message"].as_str().unwrap();
    assert!(message.contains("perspectives/risks.md:1: "), "{message}");
    for name in ["more", "risks"] {
        assert_eq!(kit::actions(&mut client, &whole, only(name)).await.len(), 1, "{name}");
    }
    // A run reads the folder again.
    std::fs::write(folder.join("late.md"), perspective("late")).unwrap();
    let argument =
        json!({"uri": kit::MEMO, "range": whole, "perspectives": ["late", "risks", "more"]});
    let run = soon_accepted(&mut client, &argument).await;
    run.ended(&mut client, 1).await;
    let asked = |name: &str| {
        let needle = format!("ASK-{name}");
        server.seen().iter().filter(|seen| seen.body_text().contains(&needle)).count()
    };
    assert_eq!((asked("late"), asked("risks"), asked("more")), (1, 1, 1));
    assert!(client.unread_of("window/showMessage").is_empty(), "it is told once");
}
