//! `kaizodo.retry` from the journal alone: the journal contains what a run was asked, but no
//! secrets.

use super::again::{assert_others, refused, released, retry, rewrite};
use super::shared::Shared;
use super::shelf::*;
use crate::support::kit::{self, capabilities, section};
use crate::support::program::end;
use kaizodo::event::RunId;
use serde_json::json;
use std::fs;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_section_is_asked_anew_with_its_document_closed_or_changed() {
    let mut shared = Shared::new().await;
    let file = ".config/kaizodo/perspectives/structure.md";
    let built_in = include_str!("../../../src/perspective/builtin/structure.md");
    let mine = built_in.replacen("---\n", "---\nmax_tokens: 77\n", 1);
    shared.home.write(file, &mine);
    shared.set("limits.max_tokens = 500\nlang = \"ja\"\n");
    let run = shared.killed().await;
    let left = shared.events(&run);
    let first = kit::request_for(&shared.upstream.seen(), 2).json();
    assert_eq!(first["max_tokens"], 77, "{first}");

    // Since the run, its settings and its perspective have changed, and its text appears to come
    // from standard input.
    fs::remove_file(shared.home.path().join(file)).unwrap();
    shared.set("limits.max_tokens = 600\nlang = \"en\"\nperspectives = [\"depth\"]\n");
    rewrite(&shared, &run, |first| first["source"]["uri"] = json!("kaizodo:/stdin"));
    shared.focus = "auto";
    for (ends, text) in [(2, None), (3, Some("別の文章。\n"))] {
        let mut client = shared.bare("C", capabilities()).await;
        if let Some(text) = text {
            client.open(kit::MEMO, "markdown", text);
        }
        let before = client.open_virtual(&run.uri).await;
        retry(&mut client, &run, "structure").await.unwrap();
        let events = run.ended(&mut client, ends).await;
        assert_eq!(events[1..left.len()], left[1..], "what was written stands");
        let after = kit::fold(&events);
        assert!(section(&after, "構造").contains("終わりまでの言葉"), "{after}");
        assert_others(&before, &after);
        assert_eq!(client.shut_down().await, Some(0));
        assert_eq!(shared.events(&run), events);
        let seen = shared.upstream.seen();
        assert_eq!(seen.last().unwrap().json(), first, "it is the same question");
    }

    // The user no longer wants texts to be kept, so no kept text is used.
    shared.set("journal.selection = false\n");
    rewrite(&shared, &run, |first| first["source"]["uri"] = json!(kit::MEMO));
    let closed = ["is not open. Open it and retry", "が開かれていません。開いてから"];
    refused(&shared, &run, None, closed).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_settings_hold_back_now_does_not_leave_from_the_journal() {
    let shared = Shared::new().await;
    shared.set("context = \"file\"\n");
    let mut client = shared.bare("C", capabilities()).await;
    client.open(kit::MEMO, "markdown", "# 題\n前の行。\n会議が長くて決まらない。\n");
    let argument = json!({"uri": kit::MEMO, "range": kit::range((2, 0), (3, 0))});
    let run = kit::run_with(&mut client, argument).await;
    shared.upstream.arrived(4).await;
    let folder = shared.folder();
    while folder.load(&RunId(run.id.clone())).unwrap().is_none_or(|kept| kept.asked.is_none()) {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    client.kill();
    released(&shared, &run).await;
    let changed = ["has changed. Select", "実行したときと変わっているので"];
    shared.set("context = \"none\"\n");
    refused(&shared, &run, None, changed).await;
    shared.set("context = \"file\"\nnever_send = [\"*.md\"]\n");
    let never = ["*.md", "*.md"];
    refused(&shared, &run, None, never).await;
    shared.set("context = \"file\"\n");
    let mut client = shared.bare("C", capabilities()).await;
    retry(&mut client, &run, "structure").await.unwrap();
    let seen = shared.upstream.arrived(5).await;
    assert_eq!(seen[4].json(), kit::request_for(&seen[..4], 2).json(), "it is the same question");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_secret_of_a_text_is_in_the_journal() {
    let secret = "hunter2-Zq81kk";
    for (settings, is_kept) in [("secrets = \"redact\"\n", true), ("secrets = \"allow\"\n", false)]
    {
        let shared = Shared::new().await;
        shared.set(&format!("context = \"file\"\n{settings}"));
        let mut client = shared.bare("C", capabilities()).await;
        let text = format!("DB_PASSWORD={secret}1\n会議が長い。DB_PASSWORD={secret}\n");
        client.open(kit::MEMO, "markdown", &text);
        let argument = json!({"uri": kit::MEMO, "range": kit::range((1, 0), (2, 0))});
        let run = kit::run_with(&mut client, argument).await;
        shared.upstream.arrived(4).await;
        client.open_virtual(&run.uri).await;
        let has_depth = |text: &str| kit::is_in_section(text, "深さ", "`m`");
        client.wait_document(&run.uri, has_depth).await;
        run.cancel(&mut client, None).await;
        run.ended(&mut client, 1).await;
        // A run about an answer also sends the text that led to it.
        let passage =
            json!({"run": run.id, "branch": "depth", "range": kit::range((0, 0), (0, 2))});
        let closer = kit::run_with(&mut client, json!({"passage": passage})).await;
        shared.upstream.arrived(8).await;
        closer.cancel(&mut client, None).await;
        closer.ended(&mut client, 1).await;
        client.shut_down().await;
        for run in [run, closer] {
            let file = shared.file(&run);
            // As always, the title is the text's first words.
            let rest = file.split_once('\n').unwrap().1;
            assert!(!rest.contains(secret), "{rest}");
            assert_eq!(rest.contains("⟨伏せ字: パスワード⟩"), is_kept, "{rest}");
            assert_eq!(kept(&shared.folder(), &RunId(run.id.clone())).asked.is_some(), is_kept);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_text_that_cannot_be_read_in_the_journal_is_told_and_costs_nothing_else() {
    let shared = Shared::new().await;
    let run = shared.killed().await;
    let left = shared.events(&run);
    let path = shared.folder().file(&RunId(run.id.clone()));
    let whole = shared.file(&run);
    let mut lines: Vec<_> = whole.lines().map(str::to_owned).collect();
    assert!(lines[1].starts_with("{\"asked\":"), "{}", lines[1]);
    let half = lines[1].chars().take(300).collect();
    lines[1] = half;
    fs::write(&path, lines.join("\n") + "\n").unwrap();

    let closed = ["is not open. Open it and retry", "が開かれていません。開いてから"];
    refused(&shared, &run, None, closed).await;
    let mut client = shared.server().await;
    let shown = client.open_virtual(&run.uri).await;
    assert!(shown.contains("送った文章を残した行が読めません"), "{shown}");
    assert!(shown.contains("元の文書を開いていて、その文章が変わっていなければ"), "{shown}");
    retry(&mut client, &run, "structure").await.unwrap();
    let events = run.ended(&mut client, 2).await;
    client.shut_down().await;
    let kept = kept(&shared.folder(), &RunId(run.id.clone()));
    assert_eq!((&kept.events[..left.len()], &kept.events[1..]), (&left[..], &events[1..]));
    let told = end(&mut shared.home.kaizodo(&["journal", "show", &run.id])).await;
    assert!(
        told.err.contains("Line 2 contains the text that was sent, but cannot be read."),
        "{}",
        told.err
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_perspective_that_is_gone_is_told_and_keeps_no_other_from_being_asked() {
    let shared = Shared::new().await;
    let run = shared.killed().await;
    rewrite(&shared, &run, |first| first["sections"][2]["branch"] = json!("smell"));
    let mut client = shared.server().await;
    let gone = "The perspective of this section, \"smell\", no longer exists. \
                Run the action again with another one.";
    for ends in [2, 3] {
        let error = retry(&mut client, &run, "smell").await.unwrap_err();
        assert_eq!(error["message"], gone);
        retry(&mut client, &run, "depth").await.unwrap();
        run.ended(&mut client, ends).await;
    }
}
