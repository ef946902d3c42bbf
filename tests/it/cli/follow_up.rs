//! `kaizodo retry` and `kaizodo ask`: a saved run is continued from the terminal.

use crate::journal::shelf::{of_home, runs};
use crate::support::program::*;
use crate::support::upstream::*;
use kaizodo::event::{Event, RunOutcome, Stamped};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Starts a server whose answers say which view, focus or question they belong to. The first
/// `failures` requests for structure are refused.
async fn server(failures: usize) -> Upstream {
    let refused = AtomicUsize::new(0);
    Upstream::start(move |seen| {
        let body = seen.body_text();
        if body.contains("The author has read this and asks:") {
            return answer(["- Q is said\n"]);
        }
        if body.contains("<<<NOTE 1 ") {
            return answer(["- F is said\n"]);
        }
        let view = ASKED.iter().position(|asked| body.contains(asked)).unwrap();
        if view == 2 && refused.fetch_add(1, Ordering::Relaxed) < failures {
            return Reply::json(400, r#"{"error":{"message":"no such field"}}"#);
        }
        answer([["- D is said\n", "- B is said\n", "- S is said\n", "- T is said\n"][view]])
    })
    .await
}

const RUN: [&str; 3] = ["run", "--text", "Builds are slow."];

#[tokio::test]
async fn what_is_incomplete_is_asked_for_again() {
    let server = server(1).await;
    let home = Home::new();
    let ended = end(&mut home.asking(&server, &RUN)).await;
    let hint = "kaizodo: Structure is incomplete. `kaizodo retry` asks for it again.\n";
    assert_eq!((ended.code, ended.err.as_str()), (Some(1), hint), "{ended:?}");
    let shown = end(&mut home.asking(&server, &["retry"])).await;
    assert_eq!((shown.code, shown.err.as_str()), (Some(0), ""), "{shown:?}");
    let head = "# 解像度 · Builds are slow.\n\n## Structure\n\n- S is said\n\n`m` · ";
    assert!(shown.out.starts_with(head) && shown.out.matches("## ").count() == 1, "{shown:?}");
    let seen = server.seen();
    assert_eq!(seen.len(), 5, "no other section is asked again");
    let whole = end(&mut home.kaizodo(&["journal", "show"])).await;
    for said in ["- D is said", "- B is said", "- S is said", "- T is said"] {
        assert_eq!(whole.out.matches(said).count(), 1, "{}", whole.out);
    }
    let ended = end(&mut home.asking(&server, &["retry"])).await;
    assert_eq!((ended.code, ended.out.as_str()), (Some(0), ""), "{ended:?}");
    let said =
        "No section is incomplete. To ask for one again, name it: `kaizodo retry last depth`.";
    assert!(ended.err.contains(said), "{ended:?}");
    assert_eq!(server.seen().len(), 5);
}

#[tokio::test]
async fn a_text_goes_to_another_server_only_if_the_user_says_who_answers() {
    let (first, second) = (server(1).await, server(0).await);
    let home = Home::new();
    assert_eq!(end(&mut home.asking(&first, &RUN)).await.code, Some(1));
    for args in [&["retry"][..], &["ask", "Why?"]] {
        let ended = end(&mut home.asking(&second, args)).await;
        let said = "Nothing was sent: this run asked 127.0.0.1:";
        assert!(ended.code == Some(2) && ended.err.contains(said), "{ended:?}");
        let ended = end(home.asking(&second, args).env_remove("OPENAI_BASE_URL")).await;
        assert!(ended.code == Some(2) && ended.err.contains("api.openai.com"), "{ended:?}");
    }
    let chats = |server: &Upstream| server.seen().iter().filter(|s| s.method == "POST").count();
    assert_eq!((chats(&first), chats(&second)), (4, 0));
    let ended = end(&mut home.asking(&second, &["retry", "--provider", "openai"])).await;
    assert_eq!((ended.code, chats(&second)), (Some(0), 1), "{ended:?}");
}

#[tokio::test]
async fn sections_and_a_model_are_asked_for_by_name() {
    let server = server(0).await;
    let home = Home::new();
    assert_eq!(end(&mut home.asking(&server, &RUN)).await.code, Some(0));
    let args = ["retry", "last", "Time", "depth", "-m", "big", "--json"];
    let ended = end(&mut home.asking(&server, &args)).await;
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{ended:?}");
    let events: Vec<Stamped> =
        ended.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(events[0].seq > 1 && events.windows(2).all(|two| two[1].seq == two[0].seq + 1));
    let last = &events.last().unwrap().event;
    assert!(matches!(last, Event::RunEnded { outcome: RunOutcome::Done, .. }), "{last:?}");
    let seen = server.seen();
    assert_eq!(seen.len(), 6);
    for request in &seen[4..] {
        let body = request.body_text();
        assert!(body.contains(ASKED[0]) || body.contains(ASKED[3]), "{body}");
        assert_eq!(request.json()["model"], "big");
    }
    // A section that is named twice is asked for once.
    let ended = end(&mut home.asking(&server, &["retry", "last", "depth", "Depth"])).await;
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{ended:?}");
    assert_eq!((ended.out.matches("## ").count(), server.seen().len()), (1, 7), "{ended:?}");
    for (args, said) in [
        (&["retry", "last", "dept"][..], "no section \"dept\". Did you mean `depth`?"),
        (&["retry", "depth"], "To name a section: `kaizodo retry last depth`"),
        (&["retry", "last~4"], "does not go back to `last~4`. The oldest run is `last`."),
        (&["ask", "-s", "x", "Why?"], "no section \"x\". Its sections: depth, breadth, "),
        (&["ask", "-r", "01zz", "Why?"], "no run \"01zz\""),
        (&["ask", " "], "The question is empty."),
        (&["ask"], "required"),
    ] {
        let ended = end(&mut home.asking(&server, args)).await;
        assert_eq!((ended.code, ended.out.as_str()), (Some(2), ""), "{args:?} {ended:?}");
        assert!(ended.err.contains(said), "{args:?} {}", ended.err);
    }
    assert_eq!(server.seen().len(), 7, "nothing was sent");
}

#[tokio::test]
async fn the_focus_is_asked_for_once_the_views_are_there() {
    let server = server(1).await;
    let home = Home::new();
    let run = [&RUN[..], &["-p", "structure,time"]].concat();
    let ended = end(home.asking(&server, &run).env("KAIZODO_FOCUS", "auto")).await;
    let hint = "Focus and Structure are incomplete. `kaizodo retry` asks for them again.\n";
    assert!(ended.code == Some(1) && ended.err.ends_with(hint), "{ended:?}");
    let ended = end(&mut home.asking(&server, &["retry"])).await;
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{ended:?}");
    let (views, focus) = ended.out.split_once("\n## Focus\n\n- F is said\n").unwrap();
    assert!(views.contains("\n## Structure\n\n- S is said\n") && !views.contains("Time"));
    assert!(focus.starts_with("\n`m` · ") && !focus.contains("Σ"), "{ended:?}");
    let body = server.seen().last().unwrap().body_text();
    assert!(body.contains("- S is said") && body.contains("- T is said"), "{body}");
    // A view that is newer than the focus is told, with the command that updates the focus.
    let ended = end(&mut home.asking(&server, &["retry", "last", "time"])).await;
    let said =
        "kaizodo: The focus was written before Time. `kaizodo retry last focus` writes it again.\n";
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), said), "{ended:?}");
}

#[tokio::test]
async fn a_focus_on_request_is_written_from_the_terminal() {
    let server = server(0).await;
    let home = Home::new();
    let run = [&RUN[..], &["-p", "depth,time", "--focus", "ask"]].concat();
    for (lang, said) in [
        ("C", "kaizodo: Focus is not written yet. `kaizodo retry last focus` writes it.\n"),
        (
            "ja_JP.UTF-8",
            "kaizodo: 「Focus」はまだ書いていません。`kaizodo retry last focus` で書けます。\n",
        ),
    ] {
        let ended = end(home.asking(&server, &run).env("LANG", lang)).await;
        assert_eq!((ended.code, ended.err.as_str()), (Some(0), said), "{ended:?}");
    }
    let ended = end(&mut home.asking(&server, &["retry"])).await;
    assert!(ended.err.contains("`kaizodo retry last focus`"), "{ended:?}");
    let ended = end(&mut home.asking(&server, &["retry", "last", "focus"])).await;
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{ended:?}");
    assert!(ended.out.contains("\n## Focus\n\n- F is said\n"), "{ended:?}");
}

#[tokio::test]
async fn a_question_is_answered_in_a_section_of_its_own() {
    let server = server(0).await;
    let home = Home::new();
    home.write("notes.md", "Builds are slow.\n");
    let args = ["run", "notes.md", "-p", "depth,time"];
    assert_eq!(end(&mut home.asking(&server, &args)).await.code, Some(0));
    // The file may have changed since: the text is taken from the journal.
    home.write("notes.md", "Something else.\n");
    assert_eq!(end(&mut home.asking(&server, &RUN)).await.code, Some(0));
    let ended = end(&mut home.asking(&server, &["ask", "-r", "last~1", "Who", "decides?"])).await;
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{ended:?}");
    let head = "# 解像度 · Builds are slow.\n\n## Who decides?\n\n- Q is said\n\n`m` · ";
    assert!(ended.out.starts_with(head) && ended.out.matches("## ").count() == 1, "{ended:?}");
    let body = server.seen().last().unwrap().body_text();
    for part in ["Builds are slow.", "- D is said", "- T is said", "Who decides?"] {
        assert!(body.contains(part), "{part}: {body}");
    }
    let ended =
        end(&mut home.asking(&server, &["ask", "-r", "last~1", "-s", "Depth", "Why?"])).await;
    assert!(ended.code == Some(0) && ended.out.contains("\n## Why?\n\n- Q is said\n"), "{ended:?}");
    let body = server.seen().last().unwrap().body_text();
    assert!(body.contains("- D is said") && !body.contains("- T is said"), "{body}");
    let shown = end(&mut home.kaizodo(&["journal", "show", "last~1"])).await;
    assert_eq!(shown.out.matches("- Q is said").count(), 2, "{}", shown.out);
}

#[tokio::test]
async fn a_question_without_an_answer_can_be_asked_again() {
    let answers = server(0).await;
    let home = Home::new();
    assert_eq!(end(&mut home.asking(&answers, &RUN)).await.code, Some(0));
    let refuses = Upstream::always(Reply::status(404)).await;
    let ended = end(&mut home.asking(&refuses, &["ask", "--provider", "openai", "Why?"])).await;
    let hint = "kaizodo: Why? is incomplete. `kaizodo retry` asks for it again.\n";
    assert_eq!((ended.code, ended.err.as_str()), (Some(1), hint), "{ended:?}");
    let ended = end(&mut home.asking(&answers, &["retry"])).await;
    assert!(ended.code == Some(0) && ended.out.contains("\n## Why?\n\n- Q is said\n"), "{ended:?}");
}

#[tokio::test]
async fn a_section_that_is_refused_shows_in_the_status_though_others_are_answered() {
    let server = server(0).await;
    let home = Home::new();
    assert_eq!(end(&mut home.asking(&server, &RUN)).await.code, Some(0));
    assert_eq!(end(&mut home.asking(&server, &["ask", "-s", "depth", "Why?"])).await.code, Some(0));
    // What the question was about is lost, but its answer is there.
    let folder = of_home(home.path());
    let file = folder.file(&runs(&folder)[0]);
    let kept = std::fs::read_to_string(&file).unwrap();
    let lost = kept.replace(r#""after":"depth""#, r#""after":"lost""#);
    assert_ne!(kept, lost);
    std::fs::write(&file, lost).unwrap();
    let ended = end(&mut home.asking(&server, &["retry", "last", "Why?", "time"])).await;
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.out.contains("- T is said") && !ended.out.contains("- Q is said"), "{ended:?}");
    assert_eq!((ended.err.lines().count(), server.seen().len()), (1, 6), "{ended:?}");
}

#[tokio::test]
async fn what_is_not_kept_or_must_not_be_sent_is_not_asked_on() {
    let server = server(9).await;
    let home = Home::new();
    let config = |text: &str| drop(home.write(".config/kaizodo/config.toml", text));
    home.write("notes.md", "Slow.\ntoken = ghp_aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5\n");
    let said = async |args: &[&str]| {
        let ended = end(&mut home.asking(&server, args)).await;
        (ended.code, ended.err)
    };
    // A run that is not saved, or without its text, cannot be continued, so nothing is said of it.
    config("journal.enabled = false\n");
    assert_eq!(said(&RUN).await, (Some(1), String::new()));
    let (code, err) = said(&["retry"]).await;
    assert!(code == Some(2) && err.contains("(journal.enabled = false), so new runs"), "{err}");
    config("journal.selection = false\n");
    assert_eq!(said(&RUN).await, (Some(1), String::new()));
    for args in [&["retry"][..], &["ask", "Why?"]] {
        let (code, err) = said(args).await;
        assert!(code == Some(2) && err.contains("again with `kaizodo run`"), "{err}");
    }
    config("");
    // Nor is the text saved if a secret is in it.
    let (code, err) = said(&["run", "notes.md", "--secrets", "allow"]).await;
    assert_eq!((code, err.as_str()), (Some(1), ""));
    let (code, err) = said(&["retry"]).await;
    assert!(code == Some(2) && err.contains("looks like a secret was sent"), "{err}");
    // The settings that are in force now decide what is sent.
    let (_, err) = said(&["run", "notes.md:1", "--context", "file"]).await;
    assert!(err.ends_with("`kaizodo retry` asks for it again.\n"), "{err}");
    let before = server.seen().len();
    let (code, err) = said(&["retry"]).await;
    assert!(code == Some(2) && err.contains("`secrets` or `context` allows less"), "{err}");
    config("never_send = [\"notes.md\"]\n");
    let (code, err) = said(&["ask", "Why?"]).await;
    assert!(code == Some(2) && err.contains("never_send"), "{err}");
    assert_eq!(server.seen().len(), before, "nothing was sent");
    // With the setting as it was, the run goes on. What is then not saved is told.
    config("context = \"file\"\njournal.enabled = false\n");
    let (code, err) = said(&["ask", "Why?"]).await;
    assert!(code == Some(0) && err.contains("the new answer is not saved"), "{err}");
}

#[cfg(unix)]
mod stopped {
    use super::*;
    use crate::cli::live::Terminal;
    use crate::journal::shelf::only;
    use rustix::process::{Pid, Signal, kill_process};
    use std::time::Duration;
    use tokio::io::AsyncReadExt;
    use tokio::time::timeout;

    fn stuck() -> Reply {
        Reply::stream([sse_text("- half of it\n")]).end(End::Open)
    }

    #[tokio::test]
    async fn an_interrupt_stops_it_and_another_process_is_waited_for() {
        let answers = server(9).await;
        let home = Home::new();
        assert_eq!(end(&mut home.asking(&answers, &RUN)).await.code, Some(1));
        let open = Upstream::always(stuck()).await;
        let mut child = home.asking(&open, &["retry", "--provider", "openai"]).spawn().unwrap();
        let mut out = child.stdout.take().unwrap();
        let mut text = String::new();
        while !text.contains("half of it") {
            let mut bytes = [0; 1024];
            let n = timeout(TIMEOUT, out.read(&mut bytes)).await.unwrap().unwrap();
            text += std::str::from_utf8(&bytes[..n]).unwrap();
        }
        // The journal is locked from the moment that the run is resumed.
        while !only(&of_home(home.path())).alive {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let busy = end(&mut home.asking(&answers, &["ask", "Why?"])).await;
        assert_eq!((busy.code, busy.out.as_str()), (Some(1), ""), "{busy:?}");
        assert!(busy.err.contains("Try again when it has finished."), "{busy:?}");
        let pid = Pid::from_raw(child.id().unwrap().cast_signed()).unwrap();
        kill_process(pid, Signal::INT).unwrap();
        out.read_to_string(&mut text).await.unwrap();
        assert_eq!(timeout(TIMEOUT, child.wait()).await.unwrap().unwrap().code(), Some(130));
        let mut said = String::new();
        child.stderr.take().unwrap().read_to_string(&mut said).await.unwrap();
        assert!(text.contains("- half of it\n\n■ Stopped."), "{text}");
        assert!(said.contains("To see it, run `kaizodo journal show "), "{said}");
        let shown = end(&mut home.kaizodo(&["journal", "show"])).await;
        assert!(shown.out.contains("- half of it") && shown.out.contains("- T is said"));
    }

    #[tokio::test]
    async fn an_interrupt_between_views_and_focus_sends_no_more() {
        let answers = server(1).await;
        let home = Home::new();
        let run = [&RUN[..], &["-p", "structure,time"]].concat();
        let failed = end(home.asking(&answers, &run).env("KAIZODO_FOCUS", "auto")).await;
        assert_eq!(failed.code, Some(1));
        let open = Upstream::always(stuck()).await;
        let terminal = Terminal::start(&mut home.asking(&open, &["retry", "--provider", "openai"]));
        terminal.until("text", |text| text.contains("half of it")).await;
        terminal.interrupt();
        let (code, text) = terminal.end().await;
        assert!(code == Some(130) && text.contains("■ Stopped."), "{text}");
        assert_eq!(open.seen().len(), 1, "the focus was not asked for");
    }

    #[tokio::test]
    async fn a_terminal_shows_it_as_it_comes() {
        let answers = server(1).await;
        let home = Home::new();
        let run = [&RUN[..], &["-p", "structure,time"]].concat();
        let failed = end(home.asking(&answers, &run).env("KAIZODO_FOCUS", "auto")).await;
        assert_eq!(failed.code, Some(1));
        let (code, text) = Terminal::start(&mut home.asking(&answers, &["retry"])).end().await;
        assert_eq!(code, Some(0), "{text}");
        let parts =
            ["解像度 · Builds are slow.\n", "\nStructure\n\n- S is said\n", "\nFocus\n\n- F"];
        let places: Vec<_> = parts.iter().map(|part| text.find(part).expect(part)).collect();
        assert!(places.is_sorted() && !text.contains("Time") && !text.contains("Ctrl-C"), "{text}");
        let gate = Gate::new();
        let slow = Reply::stream([sse_text("- first\n")])
            .step(Step::Until(gate.clone()))
            .write([sse_text("- second\n"), sse_finish("stop"), SSE_DONE.to_owned()].concat());
        let slow = Upstream::always(slow).await;
        let terminal =
            Terminal::start(&mut home.asking(&slow, &["ask", "--provider", "openai", "Why?"]));
        let shown = terminal.until("a part", |text| text.contains("- first")).await;
        assert!(shown.contains("Ctrl-C stops") && !shown.contains("- second"), "{shown}");
        gate.open();
        let (code, text) = terminal.end().await;
        assert!(code == Some(0) && text.contains("\nWhy?\n\n- first\n- second\n"), "{text}");
    }
}
