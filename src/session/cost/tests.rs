//! Tests of what is free, what has a known price, and what is refused.

use super::*;
use crate::perspective::Catalog;
use crate::provider::{Dialects, Endpoint, OpenAi};
use crate::request::{Focus, prompts};
use crate::session::Reason;
use crate::session::drive::with_fallbacks;
use std::sync::Arc;

fn at(base: &str, model: Option<&str>) -> Selected {
    let mut endpoint = Endpoint::new(base).unwrap();
    endpoint.model = model.map(str::to_owned);
    let provider = OpenAi::new(endpoint.clone(), Dialects::default()).unwrap();
    let reason = Reason::Settings;
    Selected { provider: Arc::new(provider), endpoint: Some(endpoint), reason }
}

fn config(text: &str) -> Config {
    let settings = crate::config::Settings::from_toml("c", text).unwrap();
    Config::from_layers([&settings], Lang::En)
}

fn asked(model: &str, prompt_tokens: usize, max_tokens: u32) -> BillableRequest {
    BillableRequest {
        branch: BranchId("depth".into()),
        models: vec![model.to_owned()],
        prompt_tokens,
        view_tokens: 0,
        max_tokens,
    }
}

const OPENAI: &str = "https://api.openai.com/v1";
const HERE: &str = "http://127.0.0.1:9/v1";

#[test]
fn a_server_on_this_computer_is_free_unless_the_user_says_otherwise() {
    let (plain, own) = (config(""), config("prices.m = { input = 1, output = 2 }"));
    let (here, openai) = (at(HERE, Some("m")), at(OPENAI, Some("gpt-5-mini")));
    let is_priced = |rate| matches!(rate, Rate::Priced(_));
    assert_eq!(Tariff::new(&plain, &here).rate("gpt-5-mini"), Rate::Free);
    assert!(is_priced(Tariff::new(&own, &here).rate("m")));
    assert!(is_priced(Tariff::new(&plain, &openai).rate("gpt-5-mini-2025-08-07")));
    assert_eq!(Tariff::new(&plain, &openai).rate("m"), Rate::Unknown);
    let mut cloud = at(HERE, Some("big-cloud"));
    let elsewhere = [("big-cloud".to_owned(), "ollama.com".to_owned())];
    cloud.endpoint.as_mut().unwrap().elsewhere = Some(elsewhere.into_iter().collect());
    assert_eq!(Tariff::new(&plain, &cloud).rate("big-cloud"), Rate::Unknown);
}

#[test]
fn an_estimate_adds_up_what_may_be_read_and_written() {
    let (plain, openai) = (config(""), at(OPENAI, Some("gpt-5-mini")));
    let tariff = Tariff::new(&plain, &openai);
    let five = vec![asked("gpt-5-mini", 1320, 8192); 5];
    let estimate = tariff.estimate(&five).unwrap();
    assert_eq!((estimate.prompt_tokens, estimate.completion_tokens), (6600, 40960));
    // 6,600 × $0.25 and 40,960 × $2 per million tokens.
    assert_eq!(estimate.cost, Some(Usd::from_nanos(1_650_000 + 81_920_000)));
    let unknown = tariff.estimate(&[asked("gpt-5-mini", 1, 1), asked("x", 1, 1)]).unwrap();
    assert_eq!((unknown.prompt_tokens, unknown.cost), (2, None));
    let here = at(HERE, Some("m"));
    assert_eq!(Tariff::new(&plain, &here).estimate(&five).unwrap().cost, None);
}

#[test]
fn what_is_over_the_limit_is_refused_with_both_numbers() {
    let openai = at(OPENAI, Some("gpt-5-mini"));
    let message = |limit: &str, asked: &[BillableRequest], lang| {
        let config = config(&format!("limits.run_cost = {limit}"));
        Tariff::new(&config, &openai).check(asked, lang).map_err(|failure| failure.message)
    };
    let five = vec![asked("gpt-5-mini", 1320, 8192); 5];
    assert_eq!(message("0.08357", &five, Lang::En), Ok(()));
    assert_eq!(
        message("0.05", &five, Lang::En).unwrap_err(),
        "Not sent: this run could cost up to $0.09, but limits.run_cost allows $0.05. Choose fewer perspectives, lower limits.max_tokens or raise limits.run_cost, then retry."
    );
    assert!(message("0", &five, Lang::Ja).unwrap_err().starts_with(
        "送っていません。この実行の費用は最大 $0.09 になる可能性があり、limits.run_cost の上限 $0.00 を超えます。"
    ));
    let unknown = [asked("gpt-5-mini", 1, 1), asked("x", 1, 1)];
    assert!(message("9", &unknown, Lang::En).unwrap_err().contains("the price of the model x is"));
    assert!(message("9", &unknown, Lang::Ja).unwrap_err().contains("モデル x の価格が分からない"));
    assert!(
        message("9", &[asked("", 1, 1)], Lang::En).unwrap_err().contains("which model will answer")
    );
    let config = config("");
    assert_eq!(Tariff::new(&config, &openai).check(&unknown, Lang::En), Ok(()));
}

#[test]
fn of_models_that_may_be_asked_the_dearest_counts_and_the_one_that_answers_is_billed() {
    let config = config("model = ['gpt-5-mini', 'gpt-5.4']");
    let openai = at(OPENAI, Some("gpt-5-mini"));
    let tariff = Tariff::new(&config, &openai);
    let prompt = Prompt { max_tokens: 1_000_000, ..Prompt::default() };
    let asked = |prompt: Prompt| tariff.billable(&BranchId("depth".into()), &prompt);
    let cost = |asked: BillableRequest| tariff.estimate(&[asked]).unwrap().cost.unwrap();
    let dear = Prompt { model: Some("gpt-5.4".into()), ..prompt.clone() };
    let list = prompt.clone().with_fallbacks(&config.fallbacks);
    assert!(cost(asked(list.clone())) > cost(asked(prompt)));
    assert_eq!(cost(asked(list)), cost(asked(dear)));

    let mut bill = Bill::new(&tariff);
    let branch = || BranchId("depth".into());
    bill.add_to(&mut Event::BranchStarted { branch: branch(), model: "gpt-5.4".into() });
    let (kind, message) = (FailureKind::NotFound, String::new());
    let failure = Failure::new(kind, message);
    bill.add_to(&mut Event::BranchRetrying {
        branch: branch(),
        attempt: 2,
        after_ms: 0,
        failure,
        model: Some("gpt-5-mini".into()),
    });
    let usage = Some(Usage { prompt_tokens: 100, completion_tokens: 20, ..Usage::default() });
    let outcome = crate::event::Outcome::Done;
    let mut end = Event::BranchEnded {
        branch: branch(),
        outcome,
        usage,
        cost: None,
        elapsed_ms: 1,
        note: None,
    };
    bill.add_to(&mut end);
    let Event::BranchEnded { cost, .. } = end else { panic!() };
    assert_eq!(cost, Some(Usd::from_nanos(65_000)));
}

#[test]
fn the_focus_counts_with_its_fallbacks_too() {
    let catalog = Catalog::builtin();
    let focus = || Focus { perspective: Arc::clone(catalog.focus().unwrap()), is_on_demand: false };
    let request =
        |perspectives| Request { perspectives, focus: Some(focus()), ..Request::default() };
    let openai = at(OPENAI, Some("gpt-5-mini"));
    let views = catalog.resolve(&["depth", "time"]).unwrap();

    let listed = config("model = ['gpt-5-mini', 'gpt-5.4']");
    let (tariff, usual) = (Tariff::new(&listed, &openai), request(views.clone()));
    let prompts = with_fallbacks(prompts(&usual, &fence(&usual)), &listed);
    for asked in tariff.billable_run(&usual, &prompts) {
        assert_eq!(asked.models, ["gpt-5-mini", "gpt-5.4"], "{:?}", asked.branch);
    }
    // The views have a model of their own, and only the focus falls back.
    let limited = config("model = ['gpt-5-mini', 'x']\nlimits.run_cost = 9");
    let (tariff, own) = (
        Tariff::new(&limited, &openai),
        request(views.iter().map(|p| Arc::new(p.of("gpt-5-mini"))).collect()),
    );
    let prompts = with_fallbacks(crate::request::prompts(&own, &fence(&own)), &limited);
    let refused = tariff.check(&tariff.billable_run(&own, &prompts), Lang::En).unwrap_err();
    assert!(refused.message.contains("the price of the model x is"), "{}", refused.message);
}

#[test]
fn the_end_of_a_branch_says_what_its_request_cost() {
    let (plain, openai) = (config(""), at(OPENAI, Some("gpt-5-mini")));
    let tariff = Tariff::new(&plain, &openai);
    let mut bill = Bill::new(&tariff);
    let end = |name: &str| Event::BranchEnded {
        branch: BranchId(name.into()),
        outcome: crate::event::Outcome::Done,
        usage: Some(Usage { prompt_tokens: 100, completion_tokens: 20, ..Usage::default() }),
        cost: None,
        elapsed_ms: 1,
        note: None,
    };
    for (name, model) in [("a", "gpt-5-mini"), ("b", "x"), ("c", "")] {
        let branch = BranchId(name.into());
        bill.add_to(&mut Event::BranchStarted { branch, model: model.into() });
    }
    let mut cost = |name: &str| {
        let mut end = end(name);
        bill.add_to(&mut end);
        let Event::BranchEnded { cost, .. } = end else { panic!() };
        cost
    };
    assert_eq!(cost("a"), Some(Usd::from_nanos(25_000 + 40_000)));
    assert_eq!((cost("b"), cost("c"), cost("d")), (None, None, None));
}
