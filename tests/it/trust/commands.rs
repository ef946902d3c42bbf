//! `kaizodo trust`, and how a repository is found from a folder inside it.

use super::tree::*;
use crate::support::program::{Home, end, end_with};
use crate::support::upstream::{Upstream, answer};
use crate::terminal::on_terminal;
use std::fs;
use std::os::unix::fs::{MetadataExt, symlink};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trust_is_shown_given_listed_and_taken_back() {
    let server = Upstream::always(answer(["- x\n"])).await;
    let (home, tree) = (Home::new(), Tree::with_perspective());
    let path = tree.path().display().to_string();
    let trust = async |args: &[&str]| {
        let args: Vec<_> = ["trust"].iter().chain(args).copied().collect();
        end(home.kaizodo(&args).current_dir(tree.path())).await
    };
    let ended = trust(&[]).await;
    assert_eq!(ended.code, Some(2), "there is nobody to ask: {ended:?}");
    for shown in [&path, "risks", "Names what can go wrong.", "ASK-risks as it should."] {
        assert!(ended.out.contains(shown), "{shown}: {}", ended.out);
    }
    assert!(ended.out.contains("sets.weekly = risks, time") && ended.err.contains("--yes"));
    assert!(!home.path().join(".local/state/kaizodo/trust").exists());

    let run = async |args: &[&str]| {
        let args: Vec<_> = ["run", NOTES].iter().chain(args).copied().collect();
        end(home.asking(&server, &args).current_dir(tree.path())).await
    };
    let ended = run(&["--set", "weekly"]).await;
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.err.contains("\"weekly\" comes from this repository"), "{}", ended.err);
    assert!(ended.err.contains(&format!("`kaizodo trust {path}`")), "{}", ended.err);

    assert_eq!(trust(&["--yes"]).await.code, Some(0));
    assert!(trust(&["--yes"]).await.out.contains("Already trusted."));
    let ended = run(&["--set", "weekly"]).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.out.contains("## risks") && !ended.out.contains("⚠"), "{}", ended.out);
    let store = home.path().join(".local/state/kaizodo/trust");
    let mode = |path: &std::path::Path| fs::symlink_metadata(path).unwrap().mode() & 0o777;
    let entry = fs::read_dir(&store).unwrap().next().unwrap().unwrap().path();
    assert_eq!((mode(&store), mode(&entry)), (0o700, 0o600));

    let ended = trust(&["--list"]).await;
    assert!(ended.out.contains(&path) && ended.out.contains("unchanged"), "{}", ended.out);
    let ended = end(home.kaizodo(&["perspectives"]).current_dir(tree.path())).await;
    let row = ended.out.lines().find(|line| line.starts_with("risks")).unwrap();
    assert!(row.contains("repository") && !row.contains("not trusted"), "{row}");

    // One byte has changed.
    tree.write(".kaizodo/perspectives/risks.md", perspective("risks").replace("ASK", "ASk"));
    let ended = run(&["-p", "time"]).await;
    assert!(ended.out.contains("have changed since they were trusted"), "{}", ended.out);
    assert_eq!(run(&["-p", "risks"]).await.code, Some(2));
    assert!(trust(&["--list"]).await.out.contains("changed since"));
    let ended = end(home.kaizodo(&["perspectives"]).current_dir(tree.path())).await;
    let row = ended.out.lines().find(|line| line.starts_with("risks")).unwrap();
    assert!(row.contains("repository, not trusted"), "{row}");
    tree.write(".kaizodo/perspectives/risks.md", perspective("risks"));
    assert_eq!(run(&["-p", "risks"]).await.code, Some(0), "the content is trusted");

    let ended = trust(&["--revoke"]).await;
    assert!(ended.code == Some(0) && ended.out.contains("no longer trusted"), "{ended:?}");
    assert_eq!(run(&["-p", "risks"]).await.code, Some(2));
    assert_eq!(trust(&["--revoke"]).await.code, Some(1));
    assert!(trust(&["--list"]).await.out.contains("Nothing is trusted."));
}

/// Runs `kaizodo trust` on a terminal and gives `answer`. Returns the exit status and everything
/// that the terminal showed.
async fn answered(home: &Home, tree: &Tree, answer: &str) -> (Option<i32>, String) {
    let mut command = home.kaizodo(&["trust"]);
    command.current_dir(tree.path());
    on_terminal(command, 24, Some(answer)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_user_s_sets_stay_beside_a_repository_s() {
    let (tree, home) = (Tree::with_perspective(), Home::new());
    home.write(".config/kaizodo/config.toml", "[sets]\nfuture = [\"breadth\", \"time\"]\n");
    let root = tree.path().display().to_string();
    assert_eq!(end(&mut home.kaizodo(&["trust", "--yes", &root])).await.code, Some(0));
    let notes = tree.path().join(NOTES).display().to_string();
    for (set, heading) in [("future", "## Breadth"), ("weekly", "## risks")] {
        let args = ["run", "--provider", "worksheet", "--set", set, &notes];
        let ended = end(&mut home.kaizodo(&args)).await;
        assert!(ended.code == Some(0) && ended.out.contains(heading), "{set}: {ended:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_terminal_is_asked() {
    let (home, tree) = (Home::new(), Tree::with_perspective());
    let store = home.path().join(".local/state/kaizodo/trust");
    for (answer, code, said) in
        [("", 1, "Not trusted."), ("n", 1, "Not trusted."), ("x y", 1, "Not trusted.")]
    {
        let (got, shown) = answered(&home, &tree, answer).await;
        assert!(got == Some(code) && shown.contains(said), "{answer}: {got:?} {shown}");
        assert!(shown.contains("ASK-risks") && !store.exists());
    }
    let (code, shown) = answered(&home, &tree, "y").await;
    assert!(code == Some(0) && shown.contains("Trusted."), "{code:?} {shown}");
    assert_eq!(fs::read_dir(&store).unwrap().count(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_that_is_mistyped_trusts_nothing_above_it() {
    let (home, tree) = (Home::new(), Tree::with_perspective());
    let mut command = home.kaizodo(&["trust", "--yes", "not-there"]);
    let ended = end(command.current_dir(tree.path())).await;
    assert!(ended.code == Some(2) && ended.err.contains("not-there does not exist"), "{ended:?}");
    let ended = end(home.kaizodo(&["trust", "--yes"]).env("HOME", tree.path())).await;
    assert!(ended.code == Some(2) && ended.err.contains("There is no .kaizodo"), "{ended:?}");
    assert!(!home.path().join(".local").exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trust_in_what_is_gone_is_taken_back_by_its_path() {
    let (home, tree) = (Home::new(), Tree::with_perspective());
    let path = tree.path().join("inner");
    fs::create_dir_all(path.join(".kaizodo")).unwrap();
    fs::write(path.join(".kaizodo/config.toml"), "lang = \"ja\"\n").unwrap();
    let name = path.to_str().unwrap();
    for args in [&["trust", "--yes", name][..], &["trust", "-y", tree.path().to_str().unwrap()]] {
        assert_eq!(end(&mut home.kaizodo(args)).await.code, Some(0));
    }
    fs::remove_dir_all(&path).unwrap();
    let list = async || end(&mut home.kaizodo(&["trust", "--list"])).await.out;
    assert!(list().await.contains("no longer exists"));
    assert_eq!(end(&mut home.kaizodo(&["trust", "--revoke", name])).await.code, Some(0));
    // The repository above it stays trusted.
    assert!(list().await.contains("unchanged"));
    assert_eq!(end(&mut home.kaizodo(&["trust", "--revoke", name])).await.code, Some(1));
    assert!(list().await.contains("unchanged"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_japanese_says_the_same() {
    let (home, tree) = (Home::new(), Tree::with_perspective());
    let trust = async |args: &[&str]| {
        let args: Vec<_> = ["trust"].iter().chain(args).copied().collect();
        let mut command = home.kaizodo(&args);
        end(command.current_dir(tree.path()).env("LANG", "ja_JP.UTF-8")).await
    };
    assert!(trust(&[]).await.err.contains("--yes を付けてください"));
    assert!(trust(&["--yes"]).await.out.contains("信頼しました。"));
    assert!(trust(&["--list"]).await.out.contains("変更なし"));
    assert!(trust(&["--revoke"]).await.out.contains("信頼を取り消しました。"));
    let mut command = home.kaizodo(&["run", NOTES, "--provider", "worksheet", "--lang", "ja"]);
    let ended = end(command.current_dir(tree.path()).env("LANG", "ja_JP.UTF-8")).await;
    assert!(ended.out.contains("まだ信頼されていないので使いません"), "{}", ended.out);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_walk_up_ends_at_home() {
    let server = Upstream::always(answer(["- x\n"])).await;
    let home = Home::new();
    // Perspectives in a repository inside the home folder, and in the home folder itself.
    home.write("code/a/.kaizodo/perspectives/risks.md", perspective("risks"));
    home.write("code/a/deep/er/notes.md", TEXT);
    home.write(".kaizodo/perspectives/homely.md", perspective("homely"));
    home.write("code/b/notes.md", TEXT);
    let withheld = "comes from this repository";
    for (file, name, says) in [
        ("code/a/deep/er/notes.md", "risks", withheld),
        ("code/a/deep/er/notes.md", "homely", "There is no perspective `homely`"),
        ("code/b/notes.md", "risks", "There is no perspective `risks`"),
        ("code/b/notes.md", "homely", "There is no perspective `homely`"),
    ] {
        let ended = end(&mut home.asking(&server, &["run", file, "-p", name])).await;
        assert!(ended.code == Some(2) && ended.err.contains(says), "{file} {name}: {ended:?}");
    }
    // For a file, the file's own folder counts, not the folder that the program was started in.
    let mut command = home.asking(&server, &["run", "../b/notes.md", "-p", "time"]);
    let ended = end(command.current_dir(home.path().join("code/a"))).await;
    assert!(ended.code == Some(0) && !ended.out.contains("not trusted"), "{ended:?}");
    // For text without a file, the folder that the program was started in counts.
    let mut command = home.asking(&server, &["run", "-", "-p", "time"]);
    let ended = end_with(command.current_dir(home.path().join("code/a/deep")), TEXT).await;
    assert!(ended.code == Some(0) && ended.out.contains("not trusted"), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_that_is_a_link_is_told_and_not_followed() {
    let server = Upstream::always(answer(["- x\n"])).await;
    let (home, elsewhere, tree) = (Home::new(), Tree::with_perspective(), Tree::new(&[]));
    let yes = ["trust", "--yes", elsewhere.path().to_str().unwrap()].map(str::to_owned);
    let yes: Vec<_> = yes.iter().map(String::as_str).collect();
    assert_eq!(end(&mut home.kaizodo(&yes)).await.code, Some(0));
    symlink(elsewhere.path().join(".kaizodo"), tree.path().join(".kaizodo")).unwrap();
    let mut command = home.asking(&server, &["run", NOTES]);
    let ended = end(command.current_dir(tree.path())).await;
    assert_eq!(ended.code, Some(0));
    assert!(ended.out.contains(".kaizodo is a symbolic link"), "{}", ended.out);
    let mut command = home.asking(&server, &["run", NOTES, "-p", "risks"]);
    assert_eq!(end(command.current_dir(tree.path())).await.code, Some(2));
    let ended = end(home.kaizodo(&["trust", "--yes"]).current_dir(tree.path())).await;
    assert!(ended.out.contains("nothing to trust"), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_others_may_write_to_trusts_nothing() {
    use std::os::unix::fs::PermissionsExt;
    let server = Upstream::always(answer(["- x\n"])).await;
    let (home, tree) = (Home::new(), Tree::with_perspective());
    let inside =
        async |args: &[&str]| end(home.asking(&server, args).current_dir(tree.path())).await;
    assert_eq!(inside(&["trust", "--yes"]).await.code, Some(0));
    let store = home.path().join(".local/state/kaizodo/trust");
    fs::set_permissions(&store, fs::Permissions::from_mode(0o777)).unwrap();
    let ended = inside(&["run", NOTES]).await;
    assert!(ended.code == Some(0) && ended.out.contains("chmod 700"), "{ended:?}");
    assert_eq!(inside(&["run", NOTES, "-p", "risks"]).await.code, Some(2));
    assert_eq!(inside(&["trust", "--yes"]).await.code, Some(2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_of_a_stranger_s_drives_the_terminal() {
    let name = "\u{1b}[2J\u{9b}31m\u{202e}";
    let file = format!(
        "---\nname: risks\ntitle: \"\\e[2J\\u009b\"\ndescription: \"a\\e]0;x\\a\\u202e\"\n---\n{name}ask\n"
    );
    let home = Home::new();
    let tree = Tree::new(&[(".kaizodo/perspectives/risks.md", &file)]);
    tree.write(&format!(".kaizodo/perspectives/{name}.md"), "?");
    tree.write(
        ".kaizodo/config.toml",
        "\"\\u001b[2J\" = 1\n[sets]\n\"\\u001b[2Jx\" = [\"\\u009b1m\"]\n",
    );
    for args in [
        &["trust", "--yes"][..],
        &["trust", "--list"],
        &["perspectives"],
        &["perspectives", "--json"],
        &["doctor"],
        &["run", NOTES, "--provider", "worksheet"],
    ] {
        let mut command = home.kaizodo(args);
        command.env("KAIZODO_PROVIDER", "worksheet").current_dir(tree.path());
        let ended = end(&mut command).await;
        for text in [&ended.out, &ended.err] {
            let bad = text.find(|c: char| (c.is_control() && c != '\n') || c == '\u{202e}');
            assert_eq!(bad, None, "{args:?}: {text:?}");
        }
    }
}

#[tokio::test]
async fn all_of_a_perspective_is_shown_before_it_is_trusted() {
    let (home, tree) = (Home::new(), Tree::with_perspective());
    let long = "z".repeat(400);
    let text = format!("{}\nA later line \u{1b}[2J with {long} in it.\n", perspective("risks"));
    std::fs::write(tree.path().join(".kaizodo/perspectives/risks.md"), text).unwrap();
    home.write(".config/kaizodo/perspectives/risks.md", perspective("risks"));
    let mut command = home.kaizodo(&["trust"]);
    let ended = end(command.current_dir(tree.path())).await;
    assert!(ended.out.contains("risks (replaces your own)"), "{}", ended.out);
    assert!(ended.out.contains("A later line ") && ended.out.contains(&long), "{}", ended.out);
    assert!(!ended.out.contains('\u{1b}'), "{}", ended.out);
    let mut command = home.kaizodo(&["trust"]);
    let ended = end(command.current_dir(tree.path()).env("LANG", "ja_JP.UTF-8")).await;
    assert!(ended.out.contains("risks（自分の視点に代わる）"), "{}", ended.out);
    assert!(ended.out.contains("A later line "), "{}", ended.out);
}
