//! The text that is sent is the text that was named.

use crate::support::program::*;
use crate::support::upstream::*;

/// Returns the selection in a request, without its fence lines.
fn sent(server: &Upstream) -> String {
    let json = server.seen()[0].json();
    let content = json["messages"][1]["content"].as_str().unwrap();
    let (_, rest) = content.split_once("<<<TEXT ").unwrap();
    let (tag, rest) = rest.split_once('\n').unwrap();
    rest.split_once(&format!("\nTEXT {tag}>>>")).unwrap().0.to_owned()
}

async fn run(home: &Home, name: &str, stdin: &str) -> (Upstream, Ended) {
    let server = Upstream::always(answer(["- x\n"])).await;
    let ended = end_with(&mut home.asking(&server, &["run", name, "-p", "depth"]), stdin).await;
    (server, ended)
}

#[tokio::test]
async fn lines_are_sent_exactly() {
    let home = Home::new();
    home.write("議 事.md", "一\r\n😀二か\u{3099}\r\n\r\n四\n");
    let (server, ended) = run(&home, "議 事.md:2-3", "").await;
    assert_eq!(sent(&server), "😀二か\u{3099}\r\n\r\n");
    assert!(ended.out.contains("`議 事.md:2–3`"), "{}", ended.out);
    let (server, _) = run(&home, "議 事.md:4", "").await;
    assert_eq!(sent(&server), "四\n");
    let (server, _) = run(&home, "議 事.md", "").await;
    assert_eq!(sent(&server), "一\r\n😀二か\u{3099}\r\n\r\n四\n");
}

#[tokio::test]
async fn a_file_whose_name_has_a_colon_goes_first() {
    if cfg!(windows) {
        return;
    }
    let home = Home::new();
    home.write("a", "one\ntwo\nthree\n");
    home.write("a:3", "of its own\n");
    let (server, _) = run(&home, "a:3", "").await;
    assert_eq!(sent(&server), "of its own\n");
    let (server, _) = run(&home, "a:2", "").await;
    assert_eq!(sent(&server), "two\n");
}

#[tokio::test]
async fn standard_input_is_sent_exactly() {
    let (server, ended) = run(&Home::new(), "-", "遅い\r\nビルド").await;
    assert_eq!(sent(&server), "遅い\r\nビルド");
    assert!(ended.out.contains("`stdin:1–2`"), "{}", ended.out);
}

#[tokio::test]
async fn a_byte_order_mark_is_not_part_of_the_text() {
    let home = Home::new();
    home.write("メモ.md", "\u{feff}一行目\n二行目\n");
    let (server, ended) = run(&home, "メモ.md", "").await;
    assert_eq!(sent(&server), "一行目\n二行目\n");
    assert!(ended.out.starts_with("# 解像度 · 一行目\n"), "{}", ended.out);
    let (server, _) = run(&home, "メモ.md:1", "").await;
    assert_eq!(sent(&server), "一行目\n");
    let (server, _) = run(&home, "-", "\u{feff}標準入力").await;
    assert_eq!(sent(&server), "標準入力");
    let server = Upstream::always(answer(["- x\n"])).await;
    let args = ["run", "--text", "\u{feff}引数", "-p", "depth"];
    assert_eq!(end(&mut home.asking(&server, &args)).await.code, Some(0));
    assert_eq!(sent(&server), "引数");
}

#[tokio::test]
async fn unusable_input_is_refused_with_its_reason() {
    let home = Home::new();
    home.write("bytes", b"a\xff\xfe");
    home.write("empty.md", " \n\n");
    home.write("big.md", "x".repeat(200_001));
    home.write("two.md", "a\nb\n");
    for (name, en, ja) in [
        ("nothing.md", "There is no file nothing.md", "nothing.md というファイルはありません"),
        (".", "is a folder", "フォルダーです"),
        ("bytes", "not UTF-8", "UTF-8 の文章ではないか"),
        ("empty.md", "There is no text", "文字がありません"),
        ("big.md", "too large (the limit is 200000 bytes)", "上限 200000 バイト"),
        ("two.md:2-3", "The file has lines 1 to 2", "1 行目から 2 行目まで"),
        ("two.md:0", "There is no line 0", "0 行目は選べません"),
        ("two.md:2-1", "reversed. Write two.md:1-2", "逆順です。two.md:1-2 と書いて"),
        ("bg.md", "Did you mean big.md?", "big.md のことでしょうか"),
    ] {
        for (lang, said) in [("C", en), ("ja_JP.UTF-8", ja)] {
            let ended = end(home.kaizodo(&["run", name]).env("LANG", lang)).await;
            assert_eq!((ended.code, ended.out.as_str()), (Some(2), ""), "{ended:?}");
            assert!(ended.err.contains(said) && ended.err.lines().count() == 1, "{}", ended.err);
        }
    }
}
