//! `kaizodo journal` on files that real runs left behind and on files that were tampered with.

use super::shelf::*;
use crate::support::program::*;
use crate::support::upstream::*;
use kaizodo::event::Stamped;
use serde_json::{Value, json};
use std::fs;
use tokio::process::Command;

/// Creates a home folder with three runs: one complete, one failed, and one killed.
async fn home() -> Home {
    let server = server(vec![(ASKED[1], Reply::json(400, r#"{"error":{"message":"no"}}"#))]).await;
    let home = Home::new();
    home.write("notes.md", "# Notes\n\nBuilds are slow.\nTests are flaky.\n");
    let whole = ["run", "notes.md:3-4", "-p", "depth,time"];
    assert_eq!(end(&mut home.asking(&server, &whole)).await.code, Some(0));
    let failed = ["run", "--text", "A second thought", "-p", "breadth"];
    assert_eq!(end(&mut home.asking(&server, &failed)).await.code, Some(1));

    let open = Upstream::always(Reply::stream([sse_text("- half of it")]).end(End::Open)).await;
    let killed = ["run", "--text", "A third thought", "-p", "time,depth"];
    let mut child = home.asking(&open, &killed).spawn().unwrap();
    let folder = of_home(home.path());
    let has_come = |folder| {
        let runs = runs(folder);
        runs.len() == 3 && said(&kept(folder, &runs[2]).events, "time") == "- half of it"
    };
    while !has_come(&folder) {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    let alive = end(&mut home.kaizodo(&["journal", "list"])).await;
    assert!(alive.out.contains("  running  ") && !alive.out.contains("cut off"), "{}", alive.out);
    let busy = end(&mut home.kaizodo(&["journal", "show"])).await;
    assert!(busy.code == Some(0) && busy.out.contains("- half of it\n\n_… writing_"), "{busy:?}");
    child.kill().await.unwrap();
    home
}

fn asking(home: &Home, args: &[&str]) -> Command {
    home.kaizodo(&[&["journal"], args].concat())
}

#[tokio::test]
async fn runs_are_listed_shown_replayed_and_removed() {
    let home = home().await;
    let folder = of_home(home.path());
    let ids: Vec<String> = runs(&folder).into_iter().map(|run| run.0).collect();

    let list = end(asking(&home, &["list"]).env("TZ", "UTC")).await;
    let lines: Vec<&str> = list.out.lines().collect();
    assert_eq!((list.code, list.err.as_str(), lines.len()), (Some(0), "", 4), "{list:?}");
    assert!(lines[0].starts_with("RUN  ") && lines[0].ends_with("  TITLE"), "{}", lines[0]);
    for (line, id, outcome, rest) in [
        (lines[1], &ids[2], "cut off", "  text:1        A third thought"),
        (lines[2], &ids[1], "partial", "  text:1        A second thought"),
        (lines[3], &ids[0], "done", "  notes.md:3–4  Builds are slow."),
    ] {
        assert!(line.starts_with(id.as_str()) && line.contains(outcome), "{line}");
        assert!(line.ends_with(rest) && line.contains("B  "), "{line}");
    }
    let list = end(&mut asking(&home, &["list", "--json"])).await;
    let list: Vec<Value> = serde_json::from_str(&list.out).unwrap();
    let outcomes: Vec<&Value> = list.iter().map(|entry| &entry["outcome"]).collect();
    assert_eq!(outcomes, [&json!(null), &json!("partial"), &json!("done")]);
    assert_eq!(list[2]["run"], ids[0]);
    assert!(list[2]["source"]["uri"].as_str().unwrap().ends_with("/notes.md"), "{}", list[2]);

    let shown = end(&mut asking(&home, &["show", &ids[0]])).await;
    assert_eq!(shown.code, Some(0));
    assert_eq!(shown.out, panel(&kept(&folder, &runs(&folder)[0]).events));
    let clean = end(&mut asking(&home, &["show", "--clean", &ids[0]])).await;
    let answers =
        shown.out.lines().filter(|line| !line.starts_with("`m`") && !line.starts_with("Σ "));
    let answers: Vec<&str> = answers.filter(|line| !line.is_empty()).collect();
    let lines: Vec<&str> = clean.out.lines().filter(|line| !line.is_empty()).collect();
    assert_eq!(lines, answers, "it has no closing lines: {}", shown.out);
    let last = end(&mut asking(&home, &["show"])).await;
    assert_eq!(last.out.matches("⚠ kaizodo stopped before this answer was complete.").count(), 2);
    assert!(last.out.contains("## Time\n\n- half of it\n\n⚠ "), "{}", last.out);
    assert!(last.out.contains("\n\n`m`\n") && last.err.is_empty(), "{last:?}");

    // On a pipe nothing can be redrawn.
    let replayed = end(&mut asking(&home, &["replay", &ids[0].to_uppercase()])).await;
    assert_eq!((replayed.code, replayed.out), (Some(0), shown.out));
    let events = end(&mut asking(&home, &["replay", "--json", "last"])).await;
    let events: Vec<Stamped> =
        events.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(events, kept(&folder, &runs(&folder)[2]).events);

    let path = |path: std::path::PathBuf| format!("{}\n", path.display());
    assert_eq!(end(&mut asking(&home, &["path"])).await.out, path(folder.path()));
    let file = end(&mut asking(&home, &["path", &ids[1]])).await.out;
    assert_eq!(file, path(folder.file(&runs(&folder)[1])));

    let panel = home.write(&format!(".local/state/kaizodo/panels/{}.md", ids[0]), "a copy");
    let other = home.write(".local/state/kaizodo/panels/mine.md", "not a run's");
    for (args, said) in [
        (&["prune"][..], "Removed 0 runs (0 B); 3 remain.\n"),
        (&["prune", "--older-than", "1"], "Removed 0 runs (0 B); 3 remain.\n"),
    ] {
        assert_eq!(end(&mut asking(&home, args)).await.out, said);
    }
    let pruned = end(&mut asking(&home, &["prune", "--all"])).await;
    assert!(pruned.out.starts_with("Removed 3 runs (") && pruned.out.ends_with("; 0 remain.\n"));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    assert!(!panel.exists() && other.exists(), "the copy for other editors goes too");
}

#[tokio::test]
async fn runs_are_named_from_the_last_and_shown_in_part() {
    let home = home().await;
    let folder = of_home(home.path());
    let ids: Vec<String> = runs(&folder).into_iter().map(|run| run.0).collect();
    let out = async |args: &[&str]| {
        let ended = end(&mut asking(&home, args)).await;
        assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{args:?} {ended:?}");
        ended.out
    };
    assert_eq!(out(&["show", "last~2"]).await, out(&["show", &ids[0]]).await);
    assert_eq!(out(&["path", "last~1"]).await, out(&["path", &ids[1]]).await);
    let list = out(&["list", "-n", "2"]).await;
    let names: Vec<_> = list.lines().skip(1).filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(names, [&ids[2], &ids[1]]);
    let list: Vec<Value> =
        serde_json::from_str(&out(&["list", "--limit", "1", "--json"]).await).unwrap();
    assert!(list.len() == 1 && list[0]["run"] == ids[2], "{list:?}");
    for section in ["time", "Time", "TIME"] {
        let time = out(&["show", "last~2", "-s", section]).await;
        assert!(time.starts_with("## Time\n\n- T is said\n\n`m` · "), "{time}");
    }
    let clean = out(&["show", "last~2", "-s", "depth", "--clean"]).await;
    assert_eq!(clean, "- D is said\n");
    let styled = out(&["show", "last~2", "-s", "depth", "--color", "always"]).await;
    assert!(styled.starts_with("\u{1b}[1;4mDepth") && styled.contains("- D is said"), "{styled:?}");
    for (args, said) in [
        (&["show", "-s", "dept"][..], "no section \"dept\". Did you mean `depth`?"),
        (&["show", "last~3"], "does not go back to `last~3`. The oldest run is `last~2`."),
        (&["show", "-s", "depth", "--reasoning"], "cannot be used with"),
        (&["list", "-n", "0"], "0 is not in 1.."),
    ] {
        let ended = end(&mut asking(&home, args)).await;
        assert_eq!((ended.code, ended.out.as_str()), (Some(2), ""), "{args:?} {ended:?}");
        assert!(ended.err.contains(said), "{args:?} {}", ended.err);
    }
    // All names are understood before the first run is removed.
    assert_eq!(out(&["rm", "--yes", "last", "last~1"]).await, "Removed 2 runs.\n");
    assert_eq!(runs(&folder).into_iter().map(|run| run.0).collect::<Vec<_>>(), ids[..1]);
}

#[tokio::test]
async fn unknown_runs_are_reported_in_the_users_language() {
    let home = home().await;
    let empty = Home::new();
    let blocked = Home::new();
    blocked.write(".local/state/kaizodo/journal", "in the way");
    let cases: [(&Home, &[&str], i32, &str, &str); 8] = [
        (&home, &["show", "01zz"], 2, "no run \"01zz\"", "実行「01zz」はありません"),
        (
            &home,
            &["replay", "0"],
            2,
            "3 runs have names that begin with \"0\"",
            "実行が 3 件あります",
        ),
        (&home, &["path", ""], 2, "no run \"\"", "実行「」はありません"),
        (&empty, &["list"], 0, "no runs in the journal yet", "記録はまだ一つもありません"),
        (&empty, &["show"], 2, "no runs in the journal yet", "記録はまだ一つもありません"),
        (
            &blocked,
            &["list"],
            1,
            "is not a folder, but the journal needs a folder there",
            "の場所に別のもの",
        ),
        (
            &blocked,
            &["prune"],
            1,
            "is not a folder, but the journal needs a folder there",
            "の場所に別のもの",
        ),
        (&home, &["prune", "--older-than", "x"], 2, "invalid value", "に `x` は使えません"),
    ];
    for (home, args, code, en, ja) in cases {
        for (lang, said) in [("C", en), ("ja_JP.UTF-8", ja)] {
            let ended = end(asking(home, args).env("LANG", lang)).await;
            assert_eq!((ended.code, ended.out.as_str()), (Some(code), ""), "{args:?} {ended:?}");
            assert!(ended.err.contains(said), "{args:?} {}", ended.err);
        }
    }
    let list = end(&mut asking(&empty, &["list", "--json"])).await;
    assert_eq!((list.code, list.out.as_str(), list.err.as_str()), (Some(0), "[]\n", ""));
    assert!(!empty.path().join(".local").exists(), "looking makes nothing");
}

#[tokio::test]
async fn nothing_in_a_journal_drives_a_terminal() {
    let bad = "x\u{1b}[2J\u{1b}]52;c;eA==\u{7}\u{9b}31m\u{7f}\r\u{202e}";
    let failure = json!({"kind": "server", "message": bad, "host": bad});
    let mut lines = vec![
        json!({"seq": 1, "event": "run_started", "run": bad, "at": "2026-11-22T14:00:00Z", "title": bad,
            "source": {"uri": format!("file:///{bad}.md"), "range": {
                "start": {"line": 4294967295u32, "character": 0},
                "end": {"line": 4294967295u32, "character": 4294967295u32}}},
            "lang": "en", "provider": bad, "notes": [bad],
            "sections": [{"branch": "a", "title": bad}, {"branch": bad, "title": "b"}]}),
        json!({"seq": 2, "event": "branch_started", "branch": "a", "model": bad}),
        json!({"seq": 3, "event": "branch_retrying", "branch": "a", "attempt": 255,
            "after_ms": u64::MAX, "failure": failure}),
        json!({"seq": 4, "event": "thinking", "branch": "a", "chars": u32::MAX}),
        json!({"seq": 5, "event": "delta", "branch": "a", "text": format!("```\n{bad}\n")}),
        json!({"seq": 6, "event": "delta", "branch": bad, "text": bad}),
        json!({"seq": 7, "event": "branch_ended", "branch": "a", "outcome": "failed",
            "failure": failure, "elapsed_ms": u64::MAX, "note": bad}),
        json!({"seq": u64::MAX, "event": "later", "x": bad}),
    ];
    let mut id = 0;
    for cut in (1..=lines.len()).rev() {
        lines.truncate(cut);
        let home = Home::new();
        id += 1;
        let name = format!(".local/state/kaizodo/journal/01kb4q3v8m{id:016}.jsonl");
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        let garbage = [text.as_bytes(), b"\x1b[2J\x9b\xff\n{\"seq\""].concat();
        home.write(&name, garbage);
        for args in
            [&["list"][..], &["list", "--json"], &["show"], &["replay"], &["replay", "--json"]]
        {
            let ended = end(&mut asking(&home, args)).await;
            assert_eq!(ended.code, Some(0), "{args:?} {ended:?}");
            for said in [&ended.out, &ended.err] {
                let control = said.find(|c: char| c.is_control() && c != '\n');
                assert_eq!(control, None, "{args:?} {said:?}");
            }
            if !args.contains(&"list") {
                assert!(ended.err.contains("Skipped unreadable parts of"), "{}", ended.err);
            }
        }
    }
}

#[tokio::test]
async fn a_reader_who_goes_ends_it_quietly() {
    let home = home().await;
    for args in [&["show"][..], &["replay", "--json"], &["list"]] {
        let mut child = asking(&home, args).spawn().unwrap();
        drop(child.stdout.take());
        let code = child.wait().await.unwrap().code();
        assert!(matches!(code, Some(0 | 130)), "{args:?}: {code:?}");
    }
}
