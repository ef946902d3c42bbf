//! `kaizodo eval --judge`: who is asked, what it is shown, and what it may cost.

use super::*;

/// Returns a judge. `verdict` gets whether the answer with `D1` comes first, and returns what the
/// judge says.
fn judging(verdict: fn(bool) -> &'static str) -> impl Fn(&Seen) -> Reply {
    move |request| {
        if request.json()["model"] != "j" {
            return said(request);
        }
        let asked = asked(request);
        let (_, behind) = asked.split_once("<<<A ").unwrap();
        let (first, _) = behind.split_once("<<<B ").unwrap();
        answer([verdict(first.contains("D1"))])
    }
}

#[tokio::test]
async fn a_judge_is_asked_in_both_orders_and_blind() {
    let home = home();
    for (verdict, code, score) in [
        (
            (|set_first| if set_first { "A\nIt quotes.\u{1b}[2J" } else { "**B**\n\nIt quotes." })
                as fn(bool) -> &'static str,
            0,
            json!({"wins": 2, "ties": 0, "changed_with_order": 0, "losses": 0, "none": 0}),
        ),
        (
            |set_first| if set_first { "B" } else { "A" },
            1,
            json!({"wins": 0, "ties": 0, "changed_with_order": 0, "losses": 2, "none": 0}),
        ),
        (
            |_| "A\nThe first.",
            0,
            json!({"wins": 0, "ties": 2, "changed_with_order": 2, "losses": 0, "none": 0}),
        ),
        (
            |_| "Both are good.",
            1,
            json!({"wins": 0, "ties": 0, "changed_with_order": 0, "losses": 0, "none": 2}),
        ),
    ] {
        let server = Upstream::start(judging(verdict)).await;
        let all = args(&["--judge", "j", "--json", "texts"]);
        let ended = end(&mut home.asking(&server, &all)).await;
        let report = json_of(&ended);
        assert_eq!((ended.code, &report["score"]), (Some(code), &score), "{report}");
        assert_eq!((&report["judge"], &report["against"]["name"]), (&json!("j"), &json!("plain")));
        let judged: Vec<_> =
            server.seen().into_iter().filter(|seen| seen.json()["model"] == "j").collect();
        assert_eq!(judged.len(), 4);
        let names = ["kaizodo", "plain", "focus"];
        assert!(judged.iter().all(|seen| names.iter().all(|name| !asked(seen).contains(name))));
    }
}

#[tokio::test]
async fn the_judges_reasons_are_shown_and_harmless() {
    let server = Upstream::start(judging(|set_first| match set_first {
        true => "A\nIt quotes.\u{1b}[2J",
        false => "no idea\u{9b}31m",
    }));
    let home = home();
    let ended = end(&mut home.asking(&server.await, &args(&["--judge", "j", "texts"]))).await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.out.contains("set first: the set — It quotes.⟨U+001B⟩[2J"), "{}", ended.out);
    assert!(ended.out.contains("set second: cannot be read — no idea⟨U+009B⟩31m"), "{}", ended.out);
    assert!(ended.out.contains("0 won, 0 lost, 0 tied"), "{}", ended.out);
    assert_eq!(ended.out.find(|c: char| c.is_control() && c != '\n'), None);
}

#[tokio::test]
async fn a_judge_that_fails_is_a_missing_answer() {
    let server = Upstream::start(|request| match request.json()["model"] == "j" {
        true => Reply::json(404, r#"{"error":{"message":"no model j"}}"#),
        false => said(request),
    });
    let home = home();
    let ended = end(&mut home.asking(&server.await, &args(&["--judge", "j", "texts"]))).await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(
        ended.out.contains("no judgement") && ended.out.contains("no model j"),
        "{}",
        ended.out
    );
}

#[tokio::test]
async fn a_judge_or_a_rival_that_may_cost_too_much_is_not_asked() {
    let server = Upstream::start(said).await;
    let home = home();
    let prices = |m: u32| {
        format!(
            "[prices]\nm = {{ input = {m}, output = {m} }}\nj = {{ input = 1000, output = 1000 }}\n\
             other = {{ input = 0, output = 0 }}\n[limits]\nrun_cost = 0.01\n"
        )
    };
    home.write(".config/kaizodo/config.toml", prices(0));
    let judged = args(&["--judge", "j", "--json", "texts"]);
    let ended = end(&mut home.asking(&server, &judged)).await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let asked_for =
        |model: &str| server.seen().iter().filter(|seen| seen.json()["model"] == model).count();
    assert_eq!((asked_for("m"), asked_for("j")), (6, 0));
    let report = json_of(&ended);
    for (text, said) in [(0, "送っていません。"), (1, "Not sent: ")] {
        let opinions = &report["texts"][text]["judgement"]["opinions"];
        for opinion in opinions.as_array().unwrap() {
            let failure = opinion["failure"].as_str().unwrap();
            assert!(failure.starts_with(said) && failure.contains("limits.run_cost"), "{failure}");
        }
    }
    // The set asks a model without cost, the plain question the usual one.
    home.write(".config/kaizodo/config.toml", prices(1000));
    let free = "---\nname: free\ndescription: d\nmodel: other\n---\nask\n";
    home.write(".config/kaizodo/perspectives/free.md", free);
    let plain = ["eval", "-p", "free", "--against", "plain", "texts"];
    let ended = end(&mut home.asking(&server, &plain)).await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert_eq!((asked_for("other"), asked_for("m")), (2, 6), "{}", ended.out);
}

#[tokio::test]
async fn a_judge_is_not_asked_about_secrets_that_are_refused() {
    let secret = format!("password = \"{}{}\"", "kX9m2QvQ7p", "L4zR8");
    let server = Upstream::start(move |request| {
        match asked(request).contains("Your side of the text: Depth") {
            true => answer([secret.as_str()]),
            false => said(request),
        }
    });
    let server = server.await;
    let home = home();
    home.write(".config/kaizodo/config.toml", "secrets = \"refuse\"\n");
    let ended = end(&mut home.asking(&server, &args(&["--judge", "j", "--json", "texts"]))).await;
    let report = json_of(&ended);
    let failures = |text: usize| &report["texts"][text]["judgement"]["opinions"][0]["failure"];
    assert_eq!((ended.code, failures(0)), (Some(1), &Value::Null), "{report}");
    let why = failures(1).as_str().unwrap();
    assert!(why.starts_with("The answers seem to contain secrets (password)"), "{why}");
}

#[tokio::test]
async fn a_plain_question_has_the_fallbacks_of_the_settings() {
    let server = Upstream::start(|request| match request.json()["model"] == "gone" {
        true => Reply::json(404, r#"{"error":{"message":"no model gone"}}"#),
        false => said(request),
    });
    let server = server.await;
    let home = home();
    home.write(".config/kaizodo/config.toml", "model = [\"gone\", \"m\"]\n");
    let base = server.url();
    let mut program = home.kaizodo(&args(&["--against", "plain", "--json", "texts"]));
    let ended = end(program.env("OPENAI_BASE_URL", base)).await;
    let report = json_of(&ended);
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{report}");
    assert_eq!(report["against"]["sum"]["incomplete"], 0, "{report}");
}
