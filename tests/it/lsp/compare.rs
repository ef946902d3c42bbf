//! `kaizodo.compare`: what changed between two runs about the same text.

use crate::support::kit::*;
use crate::support::upstream::{Upstream, answer};
use serde_json::json;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Starts a model that answers the first four requests in one way and the others in another, except
/// for one section, whose answer never changes.
async fn model() -> Upstream {
    let asked = AtomicUsize::new(0);
    Upstream::start(move |seen| {
        let is_first = asked.fetch_add(1, Ordering::Relaxed) < 4;
        match (section_of(seen), is_first) {
            (1, _) => answer(["変わらない答え"]),
            (_, true) => answer(["前の答え\n同じ行"]),
            (_, false) => answer(["後の答え\n同じ行"]),
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_is_put_beside_the_earlier_one_of_the_same_text() {
    let upstream = model().await;
    let mut client = start(&upstream, capabilities()).await;
    let first = run(&mut client).await;
    first.ended(&mut client, 1).await;
    let error =
        command(&mut client, "kaizodo.compare", json!({"run": first.id})).await.unwrap_err();
    let sentence = "There is no earlier run about this text in the journal. Run the action on the text again, then compare.";
    assert_eq!((&error["code"], &error["message"]), (&json!(-32803), &json!(sentence)));
    client.edit(MEMO, &range((0, 2), (0, 3)), "は");
    let second = run(&mut client).await;
    second.ended(&mut client, 1).await;

    // The client may have its own diff view.
    let argument = json!({"run": second.id, "show": false});
    let compared = command(&mut client, "kaizodo.compare", argument).await.unwrap();
    assert_eq!(compared["earlier"]["run"], first.id);
    assert_eq!(compared["later"]["run"], second.id);
    // Whichever run is named first, the earlier run is shown as the earlier one.
    let argument = json!({"run": first.id, "with": second.id, "show": false});
    assert_eq!(command(&mut client, "kaizodo.compare", argument).await.unwrap(), compared);
    let mut texts = Vec::new();
    for side in ["earlier", "later"] {
        let uri = compared[side]["uri"].as_str().unwrap();
        let content = client.request("workspace/textDocumentContent", json!({"uri": uri})).await;
        texts.push(content.unwrap()["text"].as_str().unwrap().to_owned());
    }
    assert!(
        texts[0].starts_with("# 文章\n\n会議が長くて決まらない。\n\n## 深さ\n\n前の答え\n"),
        "{}",
        texts[0]
    );
    assert!(
        texts[1].starts_with("# 文章\n\n会議は長くて決まらない。\n\n## 深さ\n\n後の答え\n"),
        "{}",
        texts[1]
    );
    for text in &texts {
        assert!(!text.contains("トークン") && !text.contains("memo.md"), "no states: {text}");
    }

    // Other clients are shown a document.
    let argument = json!({"run": second.id, "with": first.id});
    command(&mut client, "kaizodo.compare", argument).await.unwrap();
    let uri = loop {
        let shown = client.server_message("window/showDocument").await["params"]["uri"].clone();
        let shown = shown.as_str().unwrap().to_owned();
        if shown.starts_with("kaizodo:/preview/") {
            break shown;
        }
    };
    let text = client.open_virtual(&uri).await;
    for line in [
        "-会議が長くて決まらない。",
        "+会議は長くて決まらない。",
        "-前の答え",
        "+後の答え",
        " 同じ行",
    ] {
        assert!(text.lines().any(|shown| shown == line), "no {line} in {text}");
    }
    assert!(!text.contains("変わらない答え\n+"), "{text}");
}
