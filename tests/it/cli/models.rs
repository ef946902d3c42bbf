//! Several models: the next model answers if the one before cannot, and a set can ask several
//! models about each perspective.

use crate::support::program::*;
use crate::support::upstream::*;

fn model(seen: &Seen) -> String {
    seen.json()["model"].as_str().unwrap().to_owned()
}

/// Starts a server that does not have the model `大`; every other model answers with its name.
async fn upstream() -> Upstream {
    Upstream::start(|seen| match model(seen).as_str() {
        "大" => Reply::json(404, r#"{"error":{"message":"no such model"}}"#),
        name => answer([format!("- {name} の答え\n")]),
    })
    .await
}

#[tokio::test]
async fn the_next_model_of_a_list_answers_where_the_first_cannot() {
    let server = upstream().await;
    let home = Home::new();
    home.write(".config/kaizodo/config.toml", "model = [\"大\", \"小\"]\n");
    let args = ["run", "--text", "ビルドが遅い。", "-p", "depth"];
    let mut command = home.asking(&server, &args);
    let ended = end(command.env_remove("KAIZODO_MODEL")).await;
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{ended:?}");
    assert!(ended.out.contains("- 小 の答え\n"), "{}", ended.out);
    // The panel says which model was not used, and why.
    assert!(ended.out.contains("大") && ended.out.contains("404"), "{}", ended.out);
    assert_eq!(server.seen().iter().map(model).collect::<Vec<_>>(), ["大", "小"]);
    // On the command line, the models are separated by commas.
    let ended = end(&mut home.asking(&server, &[&args[..], &["-m", "大,中"]].concat())).await;
    assert!(ended.code == Some(0) && ended.out.contains("- 中 の答え\n"), "{ended:?}");
}

#[tokio::test]
async fn a_list_whose_models_all_fail_is_a_failure() {
    let server = upstream().await;
    let home = Home::new();
    let args = ["run", "--text", "ビルドが遅い。", "-p", "depth", "-m", "大"];
    let ended = end(&mut home.asking(&server, &args)).await;
    assert!(ended.code == Some(1) && ended.out.contains("✗ "), "{ended:?}");
}

#[tokio::test]
async fn a_set_with_models_asks_each_of_them_for_each_perspective() {
    let server = upstream().await;
    let home = Home::new();
    let set =
        "[sets]\nboth = { perspectives = [\"depth\", \"time\"], models = [\"小\", \"中\"] }\n";
    home.write(".config/kaizodo/config.toml", set);
    let args = ["run", "--text", "ビルドが遅い。", "--set", "both"];
    let ended = end(&mut home.asking(&server, &args)).await;
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{ended:?}");
    let headings: Vec<_> = ended.out.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    assert_eq!(headings, ["深さ · 小", "深さ · 中", "時間 · 小", "時間 · 中"]);
    for name in ["小", "中"] {
        assert_eq!(ended.out.matches(&format!("- {name} の答え")).count(), 2, "{}", ended.out);
    }
    let mut asked: Vec<_> = server.seen().iter().map(model).collect();
    asked.sort();
    assert_eq!(asked, ["中", "中", "小", "小"]);
}
