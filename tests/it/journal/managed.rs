//! `kaizodo journal search`, `pin` and `rm`, and the tree that `list` shows.

use super::shelf::*;
use crate::support::kit::{self, capabilities};
use crate::support::program::*;
use crate::support::upstream::*;
use crate::terminal::on_terminal;
use serde_json::{Value, json};
use std::fs;
use tokio::process::Command;

fn asking(home: &Home, args: &[&str]) -> Command {
    home.kaizodo(&[&["journal"], args].concat())
}

/// Creates a home folder with runs about two files and a text. Returns the runs, oldest first.
async fn home() -> (Home, Vec<String>) {
    let server = Upstream::always(answer(["- 責任が曖昧なＡＰＩ\n"])).await;
    let home = Home::new();
    home.write("notes/会議.md", "会議が長い\n");
    home.write("src/api.md", "設計を見直す\n");
    for what in [&["notes/会議.md"][..], &["src/api.md"], &["--text", "Builds are slow."]] {
        let args = [&["run", "-p", "depth"], what].concat();
        let ended = end(&mut home.asking(&server, &args)).await;
        assert_eq!(ended.code, Some(0), "{ended:?}");
    }
    let ids = runs(&of_home(home.path())).into_iter().map(|run| run.0).collect();
    (home, ids)
}

#[tokio::test]
async fn runs_are_searched_by_words_and_folder() {
    let (home, ids) = home().await;
    let found = async |args: &[&str]| {
        let ended = end(&mut asking(&home, &[&["search", "--json"], args].concat())).await;
        assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{ended:?}");
        let found: Vec<Value> = serde_json::from_str(&ended.out).unwrap();
        found.iter().map(|run| run["run"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let [meeting, design, builds] = &ids[..] else { panic!("{ids:?}") };
    assert_eq!(found(&["api", "曖昧"]).await, [builds, design, meeting].map(String::as_str));
    assert_eq!(found(&["ａｐｉ カイギ"]).await, [""; 0], "かいぎ is how it is read, not written");
    assert_eq!(found(&["会議", "長イ"]).await, [meeting.as_str()]);
    assert_eq!(found(&["--here", "責任"]).await, [design, meeting].map(String::as_str));
    assert_eq!(found(&["--folder", "notes", "責任"]).await, [meeting.as_str()]);
    assert_eq!(found(&["--folder", "note", "責任"]).await, [""; 0]);
    assert_eq!(found(&["--folder", "src/../notes", "責任"]).await, [meeting.as_str()]);

    let shown = end(asking(&home, &["search", "責任", "設計"]).env("TZ", "UTC")).await;
    let lines: Vec<&str> = shown.out.lines().collect();
    assert_eq!((shown.code, lines.len()), (Some(0), 3), "{shown:?}");
    assert!(lines[1].starts_with(design.as_str()) && lines[1].ends_with("設計を見直す"));
    assert_eq!(lines[2], "    設計を見直す");
    for (lang, said) in [("C", "No run contains all of"), ("ja_JP.UTF-8", "すべて含む実行は")]
    {
        let none = end(asking(&home, &["search", "責任", "無い"]).env("LANG", lang)).await;
        assert_eq!((none.code, none.out.as_str()), (Some(0), ""));
        assert!(none.err.contains(said), "{}", none.err);
    }
    assert_eq!(end(&mut asking(&home, &["search"])).await.code, Some(2));
    let both = end(&mut asking(&home, &["search", "--here", "--folder", "x", "y"])).await;
    assert_eq!(both.code, Some(2));
}

#[tokio::test]
async fn a_pinned_run_stays_until_it_is_removed_by_name() {
    let (home, ids) = home().await;
    let pinned = end(&mut asking(&home, &["pin", &ids[0]])).await;
    assert_eq!((pinned.code, pinned.out), (Some(0), format!("Pinned {}.\n", ids[0])));
    assert_eq!(end(&mut asking(&home, &["pin", "last"])).await.code, Some(0));
    let unpinned = end(asking(&home, &["unpin", "last"]).env("LANG", "ja_JP.UTF-8")).await;
    assert_eq!(unpinned.out, format!("{} のピン留めを外しました。\n", ids[2]));
    let list = end(&mut asking(&home, &["list"])).await.out;
    let marks: Vec<bool> = list.lines().skip(1).map(|line| line.contains("  *  ")).collect();
    assert_eq!(marks, [false, false, true], "{list}");

    let folder = of_home(home.path());
    let path = folder.file(&runs(&folder)[0]);
    let file = fs::OpenOptions::new().append(true).open(path).unwrap();
    file.set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
    let old = end(&mut asking(&home, &["prune", "--older-than", "1"])).await.out;
    assert_eq!(old, "Removed 0 runs (0 B); 3 remain (1 pinned).\n");
    let all = end(asking(&home, &["prune", "--all"]).env("LANG", "ja_JP.UTF-8")).await.out;
    assert!(all.ends_with("を消しました。残りは 1 件です（うちピン留め 1 件）。\n"), "{all}");
    assert_eq!(end(&mut asking(&home, &["rm", "-y", "last"])).await.out, "Removed 1 run.\n");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    let none = end(&mut asking(&home, &["pin", "last"])).await;
    assert_eq!(none.code, Some(2), "{none:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn removing_runs_is_asked_on_a_terminal() {
    let (home, ids) = home().await;
    let folder = of_home(home.path());
    let nobody = end(&mut asking(&home, &["rm", &ids[0]])).await;
    assert!(nobody.code == Some(2) && nobody.err.contains("add --yes"), "{nobody:?}");
    let unknown = end(&mut asking(&home, &["rm", "--yes", &ids[0], "01zz"])).await;
    assert!(unknown.code == Some(2) && unknown.err.contains("no run \"01zz\""), "{unknown:?}");
    assert_eq!(runs(&folder).len(), 3, "nothing was removed before all were found");

    let args = ["rm", &ids[0], &ids[1], &ids[0]];
    let (code, shown) = on_terminal(asking(&home, &args), 24, Some("n")).await;
    assert!(code == Some(1) && shown.contains("Nothing was removed."), "{code:?} {shown}");
    assert!(shown.contains("会議が長い") && !shown.contains("Builds"), "{shown}");
    assert_eq!(runs(&folder).len(), 3);
    let (code, shown) = on_terminal(asking(&home, &args), 24, Some("はい")).await;
    assert!(code == Some(0) && shown.contains("Removed 2 runs."), "{code:?} {shown}");
    assert_eq!(runs(&folder)[0].0, ids[2]);
}

#[tokio::test]
async fn what_was_removed_is_told_though_another_run_is_being_written() {
    let (home, ids) = home().await;
    let held = Reply::stream([sse_text("- x\n")]).step(Step::Until(Gate::new()));
    let server = Upstream::always(held).await;
    let mut writer = home.asking(&server, &["run", "-p", "depth", "--json", "notes/会議.md"]);
    let _writer = writer.spawn().unwrap();
    server.arrived(1).await;
    let folder = of_home(home.path());
    while runs(&folder).len() < 4 {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    let alive = runs(&folder).last().unwrap().0.clone();
    let ended = end(&mut asking(&home, &["rm", "--yes", &ids[0], &alive, &ids[1]])).await;
    assert_eq!((ended.code, ended.out.as_str()), (Some(1), "Removed 2 runs.\n"), "{ended:?}");
    assert!(ended.err.contains("Another kaizodo process"), "{ended:?}");
    assert_eq!(runs(&folder).len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_about_an_answer_stands_below_that_answers_run() {
    let upstream = Upstream::always(answer(["- 責任が曖昧\n- 人が多い\n"])).await;
    let mut client = kit::start(&upstream, capabilities()).await;
    let parent = kit::run(&mut client).await;
    parent.ended(&mut client, 1).await;
    let other = kit::run(&mut client).await;
    other.ended(&mut client, 1).await;
    let mut above = parent.clone();
    for line in [0, 1] {
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        let range = kit::range((line, 0), (line, 3));
        let passage = json!({"run": above.id, "branch": "depth", "range": range});
        above = kit::run_with(&mut client, json!({"passage": passage})).await;
        above.ended(&mut client, 1).await;
    }
    client.shut_down().await;
    let home = Home::new();
    let state = client.home().join("state");
    let mut list = asking(&home, &["list"]);
    let list = end(list.env("XDG_STATE_HOME", &state).env("TZ", "UTC")).await;
    let lines: Vec<&str> = list.out.lines().skip(1).collect();
    assert_eq!(lines.len(), 4, "{list:?}");
    assert!(lines[0].starts_with(&other.id) && lines[1].starts_with(&parent.id), "{}", list.out);
    assert!(!lines[1].contains('└') && lines[2].contains("  └ 責任が曖昧"), "{}", list.out);
    assert!(lines[3].starts_with(&above.id) && lines[3].contains("    └ 人が多い"));
}
