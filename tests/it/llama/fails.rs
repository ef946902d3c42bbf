//! Everything that can be wrong with a model file and its server, each with the next step for the
//! user.

use super::stand_in::{Kit, Mode};
use crate::support::program::*;

const RUN: [&str; 3] = ["run", "--text", "ビルドが遅い。"];

async fn run(kit: &Kit, settings: &str, variables: &[(&str, &str)]) -> Ended {
    kit.home.write(".config/kaizodo/config.toml", settings);
    let mut command = kit.kaizodo(&RUN);
    let ended = end(command.envs(variables.iter().copied())).await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    ended
}

#[tokio::test]
async fn what_is_missing_or_no_model_is_told_before_anything_is_started() {
    let kit = Kit::new(Mode::Loads);
    let (none, page) = (kit.path("ない.gguf"), kit.home.write("頁.gguf", "<!doctype html>"));
    let (none, page) = (none.display().to_string(), page.display().to_string());
    let (bin, empty) = (kit.bin(), kit.path("empty").display().to_string());
    for (file, path, ja, en) in [
        (&none, &bin, "がありません", "There is no model file at"),
        (&page, &bin, "は GGUF 形式のファイルではありません", "is not a GGUF file"),
        (&kit.gguf(), &empty, "llama-server が PATH に見つかりません", "was not found on PATH"),
    ] {
        for (lang, said) in [("ja_JP.UTF-8", ja), ("en_US.UTF-8", en)] {
            let variables = [("KAIZODO_GGUF", &**file), ("PATH", path), ("LANG", lang)];
            // The panel is Japanese, like the text; the doctor uses the user's language.
            let ended = run(&kit, "", &variables).await;
            assert!(ended.out.contains(ja), "{ja}: {}", ended.out);
            assert_eq!(ended.out.matches(ja).count(), 4, "{}", ended.out);
            let ended = end(kit.kaizodo(&["doctor"]).envs(variables)).await;
            assert!(ended.code == Some(2) && ended.out.contains(said), "{said}: {ended:?}");
            if file != &kit.gguf() {
                assert!(ended.out.contains(&**file), "the path as it is: {}", ended.out);
            }
        }
    }
    assert!(kit.log().is_empty(), "{:?}", kit.log());
}

#[tokio::test]
async fn a_server_that_dies_is_quoted_and_started_once_for_all_sections() {
    let kit = Kit::new(Mode::Dies);
    let ended = run(&kit, "", &[]).await;
    let program = kit.path("bin/llama-server").display().to_string();
    for said in [
        &*format!("{program} がモデルを読み込む前に終了しました（状態 1）"),
        "出力: llama_model_load: error loading model: tensor data is cut off",
    ] {
        assert!(ended.out.contains(said), "{said}: {}", ended.out);
    }
    assert_eq!((kit.pids().len(), kit.questions()), (1, 0), "{:?}", kit.log());
}

#[tokio::test]
async fn a_server_that_was_killed_is_told_as_killed() {
    let kit = Kit::new(Mode::Killed);
    let ended = run(&kit, "", &[]).await;
    for said in [
        "終了しました（シグナル 9）。メモリーが足りず",
        "出力: load_tensors: loading model tensors",
    ] {
        assert!(ended.out.contains(said), "{said}: {}", ended.out);
    }
    assert!(!ended.out.contains("状態"), "{}", ended.out);
}

#[tokio::test]
async fn a_server_that_hangs_or_never_listens_is_ended() {
    // The stand-in must have started before the limit, on a busy machine too.
    let hangs = async {
        let kit = Kit::new(Mode::Hangs);
        let ended = run(&kit, "timeouts = { total_ms = 5000 }", &[]).await;
        assert!(ended.out.contains("5 秒たってもモデルを読み込み終わらない"), "{}", ended.out);
        kit.all_gone().await;
    };
    let is_deaf = async {
        let kit = Kit::new(Mode::Deaf);
        let ended = run(&kit, "timeouts = { first_byte_ms = 5000 }", &[]).await;
        assert!(ended.out.contains("5 秒たっても接続を受け付けない"), "{}", ended.out);
        kit.all_gone().await;
    };
    tokio::join!(hangs, is_deaf);
}

#[tokio::test]
async fn nothing_is_sent_to_another_program_at_the_port() {
    let kit = Kit::new(Mode::StrangerFirst);
    let ended = end(&mut kit.kaizodo(&RUN)).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.out.contains(super::stand_in::ANSWER), "{}", ended.out);
    assert_eq!(kit.pids().len(), 2);
    let log = kit.log();
    let second = log.iter().rposition(|line| line.starts_with("start ")).unwrap();
    assert!(!log[..second].iter().any(|line| line.contains("chat")), "{log:?}");
    assert_eq!(kit.questions(), 4);
}

#[tokio::test]
async fn a_program_that_the_settings_name_gets_the_users_arguments_before_ours() {
    let kit = Kit::new(Mode::Loads);
    let program = kit.path("bin/llama-server").display().to_string();
    let settings = format!("llama_server = ['{program}', '-c', '4096', '--host', '0.0.0.0']");
    kit.home.write(".config/kaizodo/config.toml", settings);
    let ended = end(kit.kaizodo(&RUN).env("PATH", "")).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let start = kit.log().remove(0);
    let place = |word: &str| start.find(word).unwrap_or_else(|| panic!("{word}: {start}"));
    assert!(place("--ctx-size 16384") < place("-c 4096"), "{start}");
    assert!(place("--host 0.0.0.0") < place("--host 127.0.0.1"), "the last one counts: {start}");
    assert!(start.ends_with("--no-webui"), "{start}");
}
