//! The text around a selection: sent only if the user allows it, redacted together with the
//! selection, shown before sending and reported afterwards.

use crate::support::client::Client;
use crate::support::kit::*;
use crate::support::program::{Home, end};
use crate::support::upstream::{Seen, Upstream, answer};
use kaizodo::event::Event;
use kaizodo::text::ContextMode;
use serde_json::{Value, json};

/// Made up for the tests.
const GITHUB: &str = "ghp_aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5";
/// The document. The runs are about its fourth line.
const NOTES: &str = "# Weekly\r\nBefore it 😀\r\n## Meetings\r\nThey run long.\r\nAfter it.\r\n";

fn fourth_line() -> Value {
    json!({"uri": MEMO, "range": range((3, 0), (4, 0))})
}

/// Starts a server with this settings file and this document.
async fn with(upstream: &Upstream, settings: &str, text: &str) -> Client {
    with_files(upstream, &[("config.toml", settings)], text).await
}

async fn with_files(upstream: &Upstream, files: &[(&str, &str)], text: &str) -> Client {
    let base = upstream.url();
    let env = [("OPENAI_BASE_URL", base.as_str()), ("KAIZODO_MODEL", "m")];
    let mut client = Client::start_at_home(&["lsp"], &env, |home| {
        for (name, text) in files {
            let path = home.join("config/kaizodo").join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
    });
    client.initialize(capabilities()).await;
    client.open(MEMO, "markdown", text);
    client
}

/// Returns the part of the requests before the questions, which is the same in all of them.
fn shared(seen: &[Seen]) -> String {
    let part = |seen: &Seen| {
        let message = user_message(seen);
        let end = message.rfind("TEXT ").expect("the end of the fence");
        message[..end].to_owned()
    };
    let first = part(&seen[0]);
    assert!(seen.iter().all(|seen| part(seen) == first));
    first
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_goes_along_unless_the_user_says_so() {
    let mut bodies = Vec::new();
    for settings in ["", "context = \"none\"\n"] {
        for text in [NOTES, "x\n\n\nThey run long.\r\n"] {
            let upstream = Upstream::always(answer(["x"])).await;
            let mut client = with(&upstream, settings, text).await;
            let events = run_with(&mut client, fourth_line()).await.ended(&mut client, 1).await;
            let Event::RunStarted { context, notes, .. } = &events[0].event else { panic!() };
            assert!(context.is_none() && notes.is_empty(), "{notes:?}");
            let seen = upstream.seen();
            assert!(!shared(&seen).contains("CONTEXT"));
            bodies.push(request_for(&seen, 0).body.clone());
        }
    }
    assert!(bodies.iter().all(|body| *body == bodies[0]), "whatever stands around");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_stands_around_goes_before_the_text_in_every_request() {
    for (mode, extent, told) in [
        (
            "around",
            "Lines before and after:",
            "3 lines before, 1 line after, the document's title or file name, and the heading or",
        ),
        ("file", "All of it:", "the rest of the document (4 lines) and its title or file name."),
    ] {
        let upstream = Upstream::always(answer(["x"])).await;
        let settings = format!("context = \"{mode}\"\nfocus = \"auto\"\n");
        let mut client = with(&upstream, &settings, NOTES).await;
        let events = run_with(&mut client, fourth_line()).await.ended(&mut client, 1).await;
        let seen = upstream.seen();
        let shared = shared(&seen);
        let (_, fence) = shared.split_once("<<<CONTEXT ").unwrap();
        let (tag, inside) = fence.split_once('\n').unwrap();
        let inside = inside.split(&format!("\nCONTEXT {tag}>>>\n\n")).next().unwrap();
        let before = "# Weekly\r\nBefore it 😀\r\n## Meetings\r\n";
        assert_eq!(
            inside,
            format!(
                "Document: Weekly\nThe text is in: ## Meetings\n{extent}\n\n{before}[TEXT {tag}]After it.\r\n"
            )
        );
        assert!(shared.ends_with(&format!("<<<TEXT {tag}\nThey run long.\r\n\n")), "{shared}");
        assert!(!shared.contains("memo.md"));
        assert!(fold_titled("They run long", &events).contains(told), "{events:?}");
        let Event::RunStarted { context, .. } = &events[0].event else { panic!() };
        assert_eq!(context.name(), mode);
        // A retried section is sent the same text, whatever was typed meanwhile.
        client.edit(MEMO, &range((1, 0), (2, 0)), "");
        let retry = json!({"run": events_run(&events), "branch": "depth"});
        command(&mut client, "kaizodo.retry", retry).await.unwrap();
        let again = upstream.arrived(seen.len() + 1).await;
        assert_eq!(again.last().unwrap().body, request_for(&seen, 0).body);
    }
}

fn events_run(events: &[kaizodo::event::Stamped]) -> String {
    let Event::RunStarted { run, .. } = &events[0].event else { panic!("{:?}", events[0]) };
    run.0.clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_document_that_is_too_large_goes_in_part_and_the_head_says_so() {
    let upstream = Upstream::always(answer(["x"])).await;
    let settings = "context = \"file\"\nlimits.selection_bytes = 60\n";
    let mut client = with(&upstream, settings, NOTES).await;
    let events = run_with(&mut client, fourth_line()).await.ended(&mut client, 1).await;
    let Event::RunStarted { context, notes, .. } = &events[0].event else { panic!() };
    assert_eq!(*context, ContextMode::Around);
    assert!(notes[0].starts_with("The whole document ("), "{notes:?}");
    assert!(shared(&upstream.seen()).contains("Lines before and after:"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_secret_around_the_selection_or_across_its_border_is_redacted() {
    let (start, end) = GITHUB.split_at(12);
    let text = format!("key {GITHUB}\n{start}{end} here\nlast\n");
    for mode in ["around", "file"] {
        let upstream = Upstream::always(answer(["x"])).await;
        let mut client = with(&upstream, &format!("context = \"{mode}\"\n"), &text).await;
        let argument = json!({"uri": MEMO, "range": range((1, 12), (2, 0))});
        let run = run_with(&mut client, argument.clone()).await;
        let events = run.ended(&mut client, 1).await;
        for seen in &upstream.seen() {
            let body = seen.body_text();
            for part in ["ghp_", &GITHUB[20..30], &GITHUB[12..18]] {
                assert!(!body.contains(part), "{part}: {body}");
            }
            assert!(user_message(seen).contains("\n⟨redacted: GitHub token⟩ here\n"), "{body}");
        }
        let Event::RunStarted { notes, .. } = &events[0].event else { panic!() };
        assert!(
            notes.iter().any(|note| note.contains("(GitHub token × 2) were redacted")),
            "{notes:?}"
        );

        let upstream = Upstream::always(answer(["x"])).await;
        let settings = format!("context = \"{mode}\"\nsecrets = \"refuse\"\n");
        let mut client = with(&upstream, &settings, &text).await;
        let argument = json!({"uri": MEMO, "range": range((2, 0), (3, 0))});
        let error = command(&mut client, "kaizodo.run", argument).await.unwrap_err();
        assert_eq!(
            (&error["code"], &error["data"]["setting"]),
            (&json!(-32803), &json!("secrets"))
        );
        assert!(error["message"].as_str().unwrap().starts_with("The text around the selection"));
        assert_eq!(upstream.connections(), 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_perspective_may_ask_for_less_and_never_for_more() {
    let file =
        |context: &str| format!("---\nname: own\ndescription: d\ncontext: {context}\n---\nask\n");
    for (allowed, own, sent) in [
        ("none", "file", None),
        ("around", "file", Some("Lines before and after:")),
        ("file", "around", Some("Lines before and after:")),
        ("file", "none", None),
    ] {
        let upstream = Upstream::always(answer(["x"])).await;
        let (settings, file) = (format!("context = \"{allowed}\"\n"), file(own));
        let files = [("config.toml", &*settings), ("perspectives/own.md", &*file)];
        let mut client = with_files(&upstream, &files, NOTES).await;
        let mut argument = fourth_line();
        argument["perspectives"] = json!(["depth", "own"]);
        let events = run_with(&mut client, argument).await.ended(&mut client, 1).await;
        let seen = upstream.seen();
        let shared = shared(&seen);
        assert_eq!(shared.contains("CONTEXT"), sent.is_some(), "{allowed} {own}");
        assert!(sent.is_none_or(|extent| shared.contains(extent)), "{shared}");
        let Event::RunStarted { notes, .. } = &events[0].event else { panic!() };
        let is_told =
            notes.iter().any(|note| note.contains(&format!("\"own\" sets `context` to {own},")));
        assert_eq!(is_told, allowed == "file", "{notes:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_editor_may_set_context_only_if_it_vouches_for_its_settings() {
    for (can, is_sent) in [(capabilities(), false), (vouching(), true)] {
        let upstream = Upstream::always(answer(["x"])).await;
        let mut client = launch(&upstream, &[]);
        let options = json!({"context": "file"});
        client
            .initialize_with(json!({"capabilities": can, "initializationOptions": options}))
            .await;
        client.open(MEMO, "markdown", NOTES);
        run_with(&mut client, fourth_line()).await.ended(&mut client, 1).await;
        assert_eq!(shared(&upstream.seen()).contains("CONTEXT"), is_sent);
        let told = client.unread_of("window/showMessage").len();
        assert_eq!(told, usize::from(!is_sent));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_never_sent_does_not_go_along_either() {
    let upstream = Upstream::always(answer(["x"])).await;
    let settings = "context = \"file\"\nnever_send = [\"memo.md\"]\n";
    let mut client = with(&upstream, settings, NOTES).await;
    let error = command(&mut client, "kaizodo.run", fourth_line()).await.unwrap_err();
    assert_eq!(error["data"]["setting"], "never_send");
    assert_eq!(upstream.connections(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn words_from_around_the_text_are_no_misquotation() {
    let text = "The deposit was raised to fifty euros.\nBookings fell.\n";
    let said = "So “The deposit was raised to fifty euros” matters, not “The deposit was raised to sixty euros”.";
    let upstream = Upstream::always(answer([said])).await;
    let mut client = with(&upstream, "context = \"around\"\n", text).await;
    let argument = json!({"uri": MEMO, "range": range((1, 0), (2, 0)), "perspectives": ["depth"]});
    let events = run_with(&mut client, argument).await.ended(&mut client, 1).await;
    let notes = events.iter().filter_map(|stamped| match &stamped.event {
        Event::BranchNoted { note, .. } => Some(note.as_str()),
        _ => None,
    });
    let expected = "quoted, but not found in your text: “The deposit was raised to sixty euros”";
    assert_eq!(notes.collect::<Vec<_>>(), [expected]);
}

#[tokio::test]
async fn the_command_line_shows_it_before_and_then_sends_the_same() {
    let server = Upstream::always(answer(["x"])).await;
    let home = Home::new();
    home.write("notes.md", NOTES);
    let asked = |args: &[&str]| {
        let all: Vec<_> = ["run", "notes.md:4"].iter().chain(args).copied().collect();
        home.asking(&server, &all)
    };
    let along = ["--context", "around"];
    let dry = end(&mut asked(&[&along[..], &["--dry-run"]].concat())).await;
    let as_json = end(&mut asked(&[&along[..], &["--dry-run", "--json"]].concat())).await;
    assert_eq!((dry.code, as_json.code, server.connections()), (Some(0), Some(0), 0));
    for said in [
        "\n## The surrounding text\n\nEvery request contains it in this form, before the text.",
        "⚠ Sent with the selection, according to the setting `context`: 3 lines before",
        "The file's path, any part of the file not shown above, other files",
    ] {
        assert!(dry.out.contains(said), "{said}: {}", dry.out);
    }
    let preview: Value = serde_json::from_str(&as_json.out).unwrap();
    let context = preview["context"].as_str().unwrap();
    assert!(context.starts_with("Document: Weekly\n") && context.contains("Before it 😀\r\n"));
    assert_eq!(preview["text"], "They run long.\r\n");
    assert!(dry.out.contains(&context.replace("\r\n", "\n")), "{}", dry.out);

    let ended = end(&mut asked(&along)).await;
    assert!(ended.out.contains("⚠ Sent with the selection"), "{}", ended.out);
    let seen = server.seen();
    assert!(shared(&seen).contains(context));
    for (at, section) in preview["sections"].as_array().unwrap().iter().enumerate() {
        let body = section["request"]["body"].as_str().unwrap();
        assert_eq!(body, request_for(&seen, at).body_text());
    }
    // Without the flag, or if there is no text around the selection, the preview has no context.
    for args in [&["--dry-run", "--json"][..], &["--context", "none", "--dry-run", "--json"]] {
        let preview: Value = serde_json::from_str(&end(&mut asked(args)).await.out).unwrap();
        assert!(preview.get("context").is_none() && preview["notes"] == json!([]));
    }
    let whole = ["run", "notes.md", "--context", "file", "--dry-run", "--json"];
    let preview: Value =
        serde_json::from_str(&end(&mut home.asking(&server, &whole)).await.out).unwrap();
    assert!(preview.get("context").is_none(), "{preview}");
}

#[tokio::test]
async fn the_doctor_says_what_goes_along() {
    let home = Home::new();
    let worksheet = "provider = \"worksheet\"\n";
    for (settings, said) in [("", None), ("context = \"around\"\n", Some("around"))] {
        home.write(".config/kaizodo/config.toml", worksheet.to_owned() + settings);
        let told = end(&mut home.kaizodo(&["doctor", "--json"])).await;
        let report: Value = serde_json::from_str(&told.out).unwrap();
        assert_eq!(report["context"], said.unwrap_or("none"), "{told:?}");
        let told = end(&mut home.kaizodo(&["doctor"])).await;
        assert_eq!(told.out.contains("nearby lines"), said.is_some(), "{}", told.out);
    }
}

#[tokio::test]
async fn the_worksheet_asks_about_the_text_alone_and_says_nothing_of_sending() {
    let home = Home::new();
    home.write("notes.md", NOTES);
    let args = ["run", "notes.md:4", "--context", "file", "--provider", "worksheet"];
    let ended = end(&mut home.kaizodo(&args)).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(
        ended.out.contains("They run long") && !ended.out.contains("sent with"),
        "{}",
        ended.out
    );
    assert!(!ended.out.contains("After it") && !ended.out.contains("Before it"), "{}", ended.out);
    let shown = end(&mut home.kaizodo(&[&args[..], &["--dry-run"]].concat())).await;
    assert!(!shown.out.contains("The surrounding text"), "{}", shown.out);
}
