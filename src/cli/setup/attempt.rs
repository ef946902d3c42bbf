//! Tries the chosen provider with one real question.

use crate::cli::{input, output};
use crate::event::{Event, Outcome};
use crate::lang::{Lang, Message};
use crate::panel::show_hidden_lines;
use crate::perspective::short_model_name;
use crate::provider::sentence;
use crate::session::{Lookup, Question, Reason, Setup};
use std::time::Duration;
use tokio::time::Instant;

/// Maximum number of characters of the answer that are shown.
const SHOWN: usize = 600;

/// Asks the provider that `setup` selects one question. Prints the answer, or why there is none.
/// Returns whether an answer was received.
pub(crate) async fn attempt(setup: &Setup, lang: Lang) -> bool {
    let (text, instruction) = lang.pick(
        ("会議がいつも長引く。", "なぜそうなるのか、最もありそうな理由を一文で書いてください。"),
        ("Our meetings always run over.", "In one sentence, give the most likely reason."),
    );
    let selected = setup.selector.select(&setup.config, Lookup::MayQuery).await;
    let who = selected.provider.label(lang);
    let model = selected.endpoint.as_ref().and_then(|endpoint| endpoint.model.clone());
    let who = match model.filter(|model| !who.contains(model.as_str())) {
        Some(model) => format!("{who} · {}", short_model_name(&model)),
        None => who,
    };
    if let Reason::ModelFile(launch) = &selected.reason {
        print(&format!("{} …\n", sentence::starting(launch, lang)));
    }
    if let Reason::Misconfigured(error) = &selected.reason {
        return failed(&error.message(lang), lang);
    }
    print(&lang.pick(
        format!("{who} に尋ねています（Ctrl-C で中止）: 「{text}{instruction}」\n"),
        format!("Asking {who} (Ctrl-C to stop): \"{text} {instruction}\"\n"),
    ));
    let question = Question {
        name: "setup".to_owned(),
        system: String::new(),
        instruction: instruction.to_owned(),
        lang,
        model: None,
    };
    let session = setup.session(None);
    let asked = Instant::now();
    let selection = match input::text(text, setup.config.limits.selection_bytes) {
        Ok(selection) => selection,
        Err(refusal) => return failed(&refusal.message(lang), lang),
    };
    let mut events = match session.ask(selection, question).await {
        Ok(events) => events,
        Err(refusal) => return failed(&refusal.message(lang), lang),
    };
    let mut answer = String::new();
    while let Some(event) = events.recv().await {
        match event {
            Event::Delta { text, .. } => answer.push_str(&text),
            Event::Retracted { .. } => answer.clear(),
            Event::BranchRetrying { failure, after_ms, .. } => {
                let seconds = Duration::from_millis(after_ms).as_secs_f64();
                print(&lang.pick(
                    format!("  ↻ {} {seconds:.1} 秒後にもう一度送ります。\n", failure.message),
                    format!("  ↻ {} Retrying in {seconds:.1} s.\n", failure.message),
                ));
            }
            Event::BranchEnded { outcome, .. } => {
                return match outcome {
                    // An answer that was truncated at its limit counts, too.
                    Outcome::Done | Outcome::Length(_) if !answer.trim().is_empty() => {
                        answered(answer.trim(), asked.elapsed(), lang);
                        true
                    }
                    Outcome::Failed(failure)
                    | Outcome::CutOff(failure)
                    | Outcome::Filtered(failure)
                    | Outcome::Length(failure) => failed(&failure.message, lang),
                    Outcome::Done | Outcome::Cancelled | Outcome::OnDemand => failed("", lang),
                };
            }
            _ => {}
        }
    }
    failed("", lang)
}

fn answered(answer: &str, took: Duration, lang: Lang) {
    let cut: String = answer.chars().take(SHOWN).collect();
    let dots = if cut.len() < answer.len() { "…" } else { "" };
    let text: String = cut.lines().map(|line| format!("  > {line}\n")).collect();
    print(&format!("{}{dots}", text.trim_end_matches('\n')));
    let seconds = took.as_secs_f64();
    print(&lang.pick(
        format!("\n✓ 答えが届きました（{seconds:.1} 秒）。\n"),
        format!("\n✓ It answered in {seconds:.1} s.\n"),
    ));
}

fn failed(why: &str, lang: Lang) -> bool {
    let none = lang.pick("答えは届きませんでした。", "No answer came.");
    print(&format!("✗ {none}{}{why}\n", if why.is_empty() { "" } else { " " }));
    false
}

fn print(text: &str) {
    output::print(&show_hidden_lines(text));
}
