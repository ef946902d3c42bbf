//! `kaizodo trust` uses the user's pager if the text does not fit on the screen.

use super::tree::*;
use crate::support::program::Home;
use crate::terminal::on_terminal;

/// Runs `kaizodo trust` in the repository with this pager, on a terminal with `rows` rows.
async fn trust(tree: &Tree, pager: &str, rows: u16, answer: Option<&str>) -> (Option<i32>, String) {
    let home = Home::new();
    let mut command = home.kaizodo(&["trust"]);
    command.current_dir(tree.path()).env("PAGER", pager);
    let (code, shown) = on_terminal(command, rows, answer).await;
    let is_kept = home.path().join(".local/state/kaizodo/trust").exists();
    assert_eq!(is_kept, code == Some(0), "{shown}");
    (code, shown)
}

const MARK: &str = "sed 's/^/paged|/'";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_file_goes_through_the_pager_before_the_trust_question() {
    let tree = Tree::with_perspective();
    let (code, shown) = trust(&tree, MARK, 6, Some("y")).await;
    assert!(code == Some(0) && shown.contains("paged|    ASK-risks as it should."), "{shown}");
    assert!(shown.find("ASK-risks") < shown.find("[y/N]"), "{shown}");
    // Text that fits on the screen does not go through the pager.
    let (code, shown) = trust(&tree, MARK, 50, Some("y")).await;
    assert!(code == Some(0) && shown.contains("ASK-risks") && !shown.contains("paged|"), "{shown}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_pager_that_works_all_of_it_is_printed() {
    let tree = Tree::with_perspective();
    for pager in ["", "cat", "/nowhere/pager", "exit 3", "no 'end"] {
        let (code, shown) = trust(&tree, pager, 6, Some("n")).await;
        assert!(code == Some(1) && shown.contains("ASK-risks as it should."), "{pager}: {shown}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_of_a_repository_s_is_a_part_of_the_pager_s_command() {
    let outer = Tree::new(&[]);
    let name = "$(touch ran)`touch ran`;touch ran;'\"";
    let inner = format!("{name}/.kaizodo/perspectives/risks.md");
    outer.write(&inner, format!("{}$(touch ran)\n`touch ran`\n", perspective("risks")));
    let home = Home::new();
    let mut command = home.kaizodo(&["trust", name]);
    command.current_dir(outer.path()).env("PAGER", MARK);
    let (code, shown) = on_terminal(command, 4, Some("n")).await;
    assert!(code == Some(1) && shown.contains("paged|    $(touch ran)"), "{shown}");
    assert!(!outer.path().join("ran").exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_interrupt_is_the_pager_s_until_it_ends_and_then_a_no() {
    let tree = Tree::with_perspective();
    let (code, shown) = trust(&tree, "cat; kill -INT $PPID; sleep 1.5", 6, Some("y")).await;
    assert!(code == Some(0) && shown.contains("[y/N]"), "{code:?} {shown}");
    let late = "cat; (sleep 3; kill -INT $PPID) >/dev/null 2>&1 <&1 &";
    let (code, shown) = trust(&tree, late, 6, None).await;
    assert!(code == Some(130) && shown.contains("[y/N]"), "{code:?} {shown}");
}
