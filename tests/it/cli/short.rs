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
async fn what_is_piped_in_is_asked_about_without_any_argument() {
    let server = Upstream::always(answer(["- x\n"])).await;
    let home = Home::new();
    let ended = end_with(&mut home.asking(&server, &[]), "Builds are slow.").await;
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{ended:?}");
    assert!(ended.out.contains("`stdin:1`"), "{ended:?}");
    let file = std::fs::File::open(home.write("notes.md", "Tests are flaky.\n")).unwrap();
    let output = home.asking(&server, &[]).stdin(file).output().await.unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(server.seen().len(), 8);
    let ended = end(&mut home.asking(&server, &[])).await;
    assert_eq!((ended.code, ended.out.as_str()), (Some(2), ""), "{ended:?}");
    assert!(ended.err.contains("There is no text"), "{ended:?}");
    assert_eq!(server.seen().len(), 8, "nothing was sent");
}

#[tokio::test]
async fn without_any_argument_and_input_the_help_is_printed() {
    let home = Home::new();
    for (lang, usage) in [("C", "Usage: kaizodo <COMMAND>"), ("ja_JP.UTF-8", "使い方: kaizodo")]
    {
        // Standard input is /dev/null.
        let output = home.kaizodo(&[]).env("LANG", lang).output().await.unwrap();
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{output:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains(usage), "{output:?}");
    }
    #[cfg(unix)]
    {
        let mut closed = tokio::process::Command::new("/bin/sh");
        closed.args(["-c", "exec \"$0\" <&-", env!("CARGO_BIN_EXE_kaizodo")]);
        closed.env_clear().env("HOME", home.path());
        let output = closed.output().await.unwrap();
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("Usage: kaizodo"), "{output:?}");
        let (terminal, _keys) = super::live::Terminal::typed(&mut home.kaizodo(&[]));
        let (code, text) = terminal.end().await;
        assert!(code == Some(2) && text.contains("Usage: kaizodo"), "{text}");
    }
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
