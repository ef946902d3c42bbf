//! Wrong usage, and what the program says about itself.

use crate::support::program::*;

#[tokio::test]
async fn wrong_usage_is_told_in_the_users_language() {
    let home = Home::new();
    for (args, en, ja) in [
        (
            &["run", "--modle", "m"][..],
            "--model",
            "`--modle` という引数はありません。`--model` のことでしょうか",
        ),
        (&["run", "a", "--text", "b"], "cannot be used with", "一緒に使えません"),
        (
            &["run", "--text", "a", "-p", "dept"],
            "There is no perspective `dept`. Did you mean `depth`?",
            "`dept` という視点はありません",
        ),
        (&["run", "--text", "a", "-p", ""], "There is no perspective", "という視点はありません"),
        (&["run", "--text", "a", "--set", "x"], "no set named \"x\"", "「x」という組はありません"),
        (
            &["run", "--text", "a", "--set", "reviw"],
            "There is no set named \"reviw\". Did you mean `review`? Available: default,",
            "「reviw」という組はありません。`review` のことでしょうか。あるのは default,",
        ),
        (&["run", "--key", "k"], "--key", "`--key` という引数はありません"),
        (&["man", "rnu"], "There is no command `rnu`", "`rnu` というコマンドはありません"),
    ] {
        for (lang, said) in [("C", en), ("ja_JP.UTF-8", ja)] {
            let ended = end(home.kaizodo(args).env("LANG", lang)).await;
            assert_eq!((ended.code, ended.out.as_str()), (Some(2), ""), "{args:?} {ended:?}");
            assert!(ended.err.contains(said), "{args:?} {}", ended.err);
        }
    }
}

#[tokio::test]
async fn an_unknown_provider_in_the_environment_is_told() {
    let home = Home::new();
    let mut command = home.kaizodo(&["run", "--text", "Slow builds.", "--provider", "worksheet"]);
    let ended = end(command.env("KAIZODO_PROVIDER", "gpt")).await;
    assert_eq!(ended.code, Some(0));
    assert!(
        ended.err.contains("KAIZODO_PROVIDER") && ended.err.contains("worksheet"),
        "{}",
        ended.err
    );
}

/// Whoever sets it means another server than the one that would be asked.
#[tokio::test]
async fn a_base_url_under_another_name_is_told_and_nothing_is_sent_elsewhere() {
    let home = Home::new();
    let mut command = home.kaizodo(&["run", "--text", "Slow builds."]);
    command.env("KAIZODO_BASE_URL", "http://127.0.0.1:1/v1").env("OPENAI_API_KEY", "k");
    let ended = end(&mut command).await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(
        ended.err.contains("KAIZODO_BASE_URL. Unset it and set OPENAI_BASE_URL instead"),
        "{ended:?}"
    );
    assert!(!ended.out.contains("Cannot find the host"), "{ended:?}");
}

#[tokio::test]
async fn help_and_version_are_printed() {
    let home = Home::new();
    let ended = end(&mut home.kaizodo(&["--version"])).await;
    assert_eq!(
        (ended.code, ended.out),
        (Some(0), format!("kaizodo {}\n", env!("CARGO_PKG_VERSION")))
    );
    let ended = end(home.kaizodo(&["run", "--help"]).env("LC_ALL", "ja_JP.UTF-8")).await;
    assert!(ended.code == Some(0) && ended.out.contains("使い方: kaizodo run"), "{ended:?}");
    assert!(ended.out.contains("\n  130 ") && ended.out.contains("途中で中断された"), "{ended:?}");
}

#[tokio::test]
async fn completions_and_manual_name_every_command() {
    let home = Home::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ended = end(&mut home.kaizodo(&["completions", shell])).await;
        assert!(ended.code == Some(0) && ended.out.contains("KAIZODO_COMPLETE"), "{ended:?}");
    }
    for (lang, said) in [("C", "Ask about a file"), ("ja_JP.UTF-8", "標準入力について尋ねる")]
    {
        for page in [&["man"][..], &["man", "run"]] {
            let ended = end(home.kaizodo(page).env("LANG", lang)).await;
            assert!(ended.code == Some(0) && ended.out.contains(".TH kaizodo"), "{ended:?}");
            assert!(ended.out.contains(said), "{}", ended.out);
            let facts = [".TP\n\\fBOPENAI_API_KEY\\fR\n", ".TP\n\\fB130\\fR\n"];
            assert!(facts.iter().all(|fact| ended.out.contains(fact)), "{}", ended.out);
        }
    }
}

#[tokio::test]
async fn perspectives_are_listed() {
    let home = Home::new();
    let ended = end(home.kaizodo(&["perspectives"]).env("LANG", "ja_JP.UTF-8")).await;
    let row = |name: &str| {
        let line = ended.out.lines().find(|line| line.starts_with(name));
        line.unwrap().split_whitespace().take(4).collect::<Vec<_>>()
    };
    assert_eq!(row("breadth"), ["breadth", "広さ", "default", "内蔵"]);
    assert_eq!(row("guard"), ["guard", "備え", "premortem", "内蔵"]);
    let ended = end(&mut home.kaizodo(&["perspectives", "--json"])).await;
    let list: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(list[3]["name"].as_str(), Some("time"));
    assert_eq!(
        (list[3]["title"].as_str(), list[3]["set"].as_str()),
        (Some("Time"), Some("default"))
    );
}

#[tokio::test]
async fn the_file_of_a_perspective_is_shown_to_be_saved_and_changed() {
    let home = Home::new();
    let show = async |name: &str| end(&mut home.kaizodo(&["perspectives", "show", name])).await;
    let built_in = include_str!("../../../src/perspective/builtin/depth.md");
    for name in ["depth", "Depth", "深さ"] {
        let ended = show(name).await;
        assert_eq!((ended.code, ended.out.as_str()), (Some(0), built_in), "{name}: {ended:?}");
    }
    let focus = include_str!("../../../src/perspective/builtin/focus.md");
    assert_eq!(show("focus").await.out, focus);
    // Saved and changed, it is the user's own, and is shown as such.
    let own = built_in.replace("name: depth", "name: mine");
    home.write(".config/kaizodo/perspectives/a.md", &own);
    let shown = show("mine").await;
    assert_eq!((shown.code, shown.out.as_str()), (Some(0), own.as_str()), "{shown:?}");
    home.write(".config/kaizodo/perspectives/b.md", "---\nname: mine\ndescription: d\n---\nlater");
    assert_eq!(show("mine").await.out, "---\nname: mine\ndescription: d\n---\nlater\n");
    // A repository's perspective is shown once it is trusted; until then, it is said how.
    home.write("repo/.git/HEAD", "");
    let theirs = "---\nname: theirs\ndescription: d\n---\nask \u{202e}x\n";
    home.write("repo/.kaizodo/perspectives/t.md", theirs);
    let mut command = home.kaizodo(&["perspectives", "show", "theirs"]);
    let ended = end(command.current_dir(home.path().join("repo"))).await;
    assert_eq!((ended.code, ended.out.as_str()), (Some(2), ""), "{ended:?}");
    assert!(ended.err.contains("kaizodo trust"), "{ended:?}");
    let mut trust = home.kaizodo(&["trust", "--yes"]);
    assert_eq!(end(trust.current_dir(home.path().join("repo"))).await.code, Some(0));
    let ended = end(&mut command).await;
    assert_eq!((ended.code, ended.out.as_str()), (Some(0), theirs), "{ended:?}");
    let ended = show("dept").await;
    assert!(ended.code == Some(2) && ended.err.contains("Did you mean `depth`?"), "{ended:?}");
}
