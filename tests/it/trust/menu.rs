//! The menu in a trusted repository says what each action asks and who wrote it.

use super::question::*;
use super::tree::*;
use crate::support::client::{Answer, Client};
use crate::support::kit;
use serde_json::json;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_next_menu_names_what_is_asked() {
    let depth = "---\nname: depth\ntitle: Deep\ntitle.ja: ふかさ\ngroup: default\ndescription: d\n---\nask\n";
    let alike = "---\nname: other\ntitle: time\ndescription: d\n---\nask\n";
    let tree = Tree::new(&[
        (".kaizodo/perspectives/depth.md", depth),
        (".kaizodo/perspectives/other.md", alike),
        (".kaizodo/perspectives/risks.md", &perspective("risks")),
        (
            ".kaizodo/config.toml",
            "[sets]\nmine = [\"risks\"]\nreview = [\"depth\", \"other\", \"time\", \"risks\"]\n",
        ),
    ]);
    let upstream = model().await;
    let base = upstream.url();
    let env = [("OPENAI_BASE_URL", &*base), ("KAIZODO_MODEL", "m")];
    let mut client = Client::start(&["lsp"], &env);
    let folder = client.home().join("config/kaizodo");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("config.toml"), "[sets]\nmine = [\"time\"]\n").unwrap();
    client.initialize(asking()).await;
    client.notify("workspace/didChangeConfiguration", json!({"settings": null}));
    client.open(&tree.uri(), "markdown", TEXT);
    client.answer_with(ASK, Answer::Result(json!({"title": "Trust"})));
    // A run waits only briefly for the disk, so the first one may have nothing to ask.
    for _ in 0..50 {
        panel(&mut client, &tree).await;
        if !client.unread_of("window/showMessage").is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    client.server_message("window/showMessage").await;
    // The answer comes at once, without waiting for the disk.
    let params = json!({"textDocument": {"uri": tree.uri()}, "range": kit::range((0, 0), (1, 0)), "context": {}});
    let offered = client.request("textDocument/codeAction", params).await.unwrap();
    let titles: Vec<_> = offered.as_array().unwrap().iter().map(|a| a["title"].clone()).collect();
    let theirs = " (the repository's)";
    assert_eq!(
        titles[1..],
        [
            json!(format!("Kaizodo mine{theirs}: risks")),
            json!(format!("Kaizodo review{theirs}: Deep{theirs} · time{theirs} · Time · risks")),
        ]
    );
    assert!(titles[0].as_str().unwrap().contains(&format!("Deep{theirs}")), "{offered}");
}
