//! Short forms of the command line: a file without `run` before it, and `help` as a word.

use crate::support::program::*;
use crate::support::upstream::*;

#[tokio::test]
async fn a_file_alone_is_asked_about() {
    let server = Upstream::always(answer(["- x\n"])).await;
    let home = Home::new();
    home.write("会議メモ.md", "会議が長い。\n議題がない。\n");
    home.write("NOTES", "Builds are slow.\n");
    home.write("doctor", "Not asked about.\n");
    for (args, asked) in [
        (&["会議メモ.md"][..], "会議が長い。\\n議題がない。"),
        (&["会議メモ.md:2", "-p", "depth"], "議題がない。"),
        (&["-p", "depth", "会議メモ.md"], "会議が長い。"),
        (&["NOTES"], "Builds are slow."),
        (&["--text", "引数の文章。"], "引数の文章。"),
        (&["./doctor"], "Not asked about."),
    ] {
        let before = server.seen().len();
        let ended = end(&mut home.asking(&server, args)).await;
        assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{args:?} {ended:?}");
        let seen = server.seen();
        assert!(seen.len() > before && seen[before].body_text().contains(asked), "{args:?}");
    }
    let ended = end_with(&mut home.asking(&server, &["-"]), "標準入力の文章。").await;
    assert!(ended.code == Some(0) && ended.out.contains("`stdin:1`"), "{ended:?}");
    // A command takes precedence over a file of the same name.
    let asked = server.seen().len();
    let ended = end(home.kaizodo(&["doctor"]).env("KAIZODO_PROVIDER", "worksheet")).await;
    assert!(ended.out.contains("who answers") && server.seen().len() == asked, "{ended:?}");
}

#[tokio::test]
async fn a_word_that_is_neither_is_told_with_what_is_near() {
    let home = Home::new();
    home.write("journey.md", "x\n");
    for (args, en, ja) in [
        (
            &["jornal"][..],
            "`jornal` is neither a command nor a file. Did you mean `journal`",
            "`journal`",
        ),
        (&["journey"], "`journal` or `journey.md`?", "`journal`、`journey.md` のことでしょうか。"),
        (&["会議"], "See `kaizodo --help`.", "使い方は `kaizodo --help` で見られます。"),
        (
            &["journy.md"],
            "There is no file journy.md. Did you mean journey.md?",
            "journey.md のこと",
        ),
        (&["--modle", "m", "journey.md"], "--model", "`--model` のことでしょうか"),
        (&["--verison"], "--version", "`--version` のことでしょうか"),
    ] {
        for (lang, said) in [("C", en), ("ja_JP.UTF-8", ja)] {
            let ended = end(home.kaizodo(args).env("LANG", lang)).await;
            assert_eq!((ended.code, ended.out.as_str()), (Some(2), ""), "{args:?} {ended:?}");
            assert!(ended.err.contains(said), "{args:?} {}", ended.err);
        }
    }
}

#[tokio::test]
async fn help_is_a_word_as_well() {
    let home = Home::new();
    for (word, flag) in [
        (&["help"][..], &["--help"][..]),
        (&["help", "run"], &["run", "--help"]),
        (&["journal", "help"], &["journal", "--help"]),
        (&["help", "journal", "rm"], &["journal", "rm", "--help"]),
    ] {
        let word = end(&mut home.kaizodo(word)).await;
        let flag = end(&mut home.kaizodo(flag)).await;
        assert_eq!((word.code, &word.out), (Some(0), &flag.out), "{word:?}");
        assert!(word.out.contains("Usage: kaizodo"), "{}", word.out);
    }
}
