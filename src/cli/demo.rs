//! `kaizodo demo`: plays a recorded run as if it happened now. It asks no model, reads no settings
//! and saves nothing.

use super::args::DemoArgs;
use super::look::Look;
use super::run::{Part, live, print, stop_on};
use super::{FAILED, INTERRUPTED, OK, fail, input, output, runtime};
use crate::config::{Env, Language, Settings};
use crate::event::RunOutcome;
use crate::lang::{Lang, Message};
use crate::provider::cassette::{Cassette, Playback};
use crate::session::{Run, RunOptions, Session, Setup};
use crate::text::Selection;
use std::future::pending;
use std::io::{self, IsTerminal};
use std::process::ExitCode;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// A text, and the answers that were recorded for it in `evals/`.
struct Story {
    lang: Lang,
    /// Name of the text's file.
    file: &'static str,
    text: &'static str,
    answers: &'static str,
}

const EN: Story = Story {
    lang: Lang::En,
    file: "volunteers.md",
    text: include_str!("demo/en.md"),
    answers: include_str!("demo/en.jsonl"),
};

const JA: Story = Story {
    lang: Lang::Ja,
    file: "防災訓練.md",
    text: include_str!("demo/ja.md"),
    answers: include_str!("demo/ja.jsonl"),
};

/// Plays the recorded run in the user's language: at the pace of a model on a terminal, otherwise
/// at once.
pub(crate) fn run(args: &DemoArgs, env: &Env) -> ExitCode {
    let lang = args.lang.unwrap_or(env.locale);
    let story = lang.pick(JA, EN);
    let look = Look::of_stdout(env, args.color.color);
    let is_paced = !args.fast && io::stdout().is_terminal();
    let playback = story.playback(is_paced);
    let opening = opening(&story, playback.recorded_model(), is_paced);
    let shown = |markdown: &str| match look {
        Some(look) => look.lines(&look.rows(markdown)) + "\n",
        None => format!("{markdown}\n"),
    };
    runtime::block_on(lang, async {
        let mut interrupt = Box::pin(tokio::signal::ctrl_c());
        // After this first poll, ^C no longer terminates the process.
        let _ = futures::poll!(&mut interrupt);
        if let Err(error) = output::write(shown(&opening).as_bytes()) {
            return output::lost(&error);
        }
        let session = story.session(playback);
        let started =
            story.selection().map(|selection| session.start(selection, &RunOptions::default()));
        let run = match started {
            Err(error) => return fail(&error.message(lang)),
            Ok(Err(refusal)) => return fail(&refusal.message(lang)),
            Ok(Ok(run)) => run,
        };
        tokio::spawn(stop_on(interrupt, Arc::clone(&run), CancellationToken::new()));
        let part = Part::whole(&run, lang);
        let played = match look {
            Some(look) => live::show(&run, part, look, lang, pending()).await.map(|_| ()),
            None => print::panel(&run, part).await,
        };
        if let Err(error) = played {
            session.stop_all();
            return output::lost(&error);
        }
        match status(&run) {
            INTERRUPTED => ExitCode::from(INTERRUPTED),
            OK => output::print(&format!("\n{}\n", shown(next_step(lang)).trim_end())),
            status => ExitCode::from(status),
        }
    })
}

impl Story {
    fn playback(&self, is_paced: bool) -> Playback {
        // The tests read every line.
        Playback::new(Cassette::parse(self.answers).unwrap_or_default(), is_paced)
    }

    /// Creates a session in which `playback` answers. It has no folders, so it reads no settings,
    /// no perspectives of the user's own and no repository, and keeps no journal.
    fn session(&self, playback: Playback) -> Session {
        let settings = Settings {
            lang: Some(self.lang.pick(Language::Ja, Language::En)),
            ..Settings::default()
        };
        let env = Env { locale: self.lang, ..Env::default() };
        let mut setup = Setup::load(env, None, &settings);
        setup.selector = setup.selector.with_provider(Arc::new(playback));
        setup.session(None)
    }

    fn selection(&self) -> Result<Selection, input::InputError> {
        let selection = input::text(self.text, self.text.len())?;
        let uri = format!("kaizodo:/{}", self.file);
        Ok(Selection { uri, language_id: "markdown".to_owned(), ..selection })
    }
}

/// Returns the exit status that says how the run ended.
fn status(run: &Run) -> u8 {
    match run.outcome() {
        _ if !run.is_over() || run.is_stopped() => INTERRUPTED,
        RunOutcome::Done => OK,
        RunOutcome::Partial | RunOutcome::Cancelled => FAILED,
    }
}

/// Returns what stands above the panel, as Markdown: the text, and what is shown. In a low window,
/// the text is scrolled out first. `model` is empty if the model's name is not known.
fn opening(story: &Story, model: &str, is_paced: bool) -> String {
    let said = match story.lang {
        Lang::Ja => {
            let by = if model.is_empty() { String::new() } else { format!(" `{model}` で") };
            let pace = if is_paced { "、毎秒およそ 80 トークンで" } else { "" };
            format!(
                "上の文章について{by}実際に実行したときの記録を{pace}再生します。今はモデルに尋ねません。"
            )
        }
        Lang::En => {
            let of = if model.is_empty() { String::new() } else { format!(" of `{model}`") };
            let pace = if is_paced { ", played at about 80 tokens a second" } else { "" };
            format!(
                "This is a recording of a real run{of} about the text above{pace}. No model is asked now."
            )
        }
    };
    format!("{}\n{said}\n", quoted(story.text))
}

/// Returns a text as a Markdown quotation.
fn quoted(text: &str) -> String {
    let lines = text.trim_end().lines();
    lines.map(|line| format!("> {line}").trim_end().to_owned() + "\n").collect()
}

fn next_step(lang: Lang) -> &'static str {
    lang.pick(
        "次は `kaizodo setup` でモデルを選び、`kaizodo FILE` で自分の文章について尋ねてください。",
        "Next, choose a model with `kaizodo setup`, then ask about a text of your own with `kaizodo FILE`.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Event;
    use crate::perspective::FOCUS;
    use std::collections::BTreeSet;
    use std::time::Duration;
    use tokio::time::Instant;

    #[tokio::test(start_paused = true)]
    async fn the_views_stream_side_by_side_and_the_run_takes_about_twenty_seconds() {
        for story in [EN, JA] {
            let start = Instant::now();
            let session = story.session(story.playback(true));
            let run = session.start(story.selection().unwrap(), &RunOptions::default()).unwrap();
            run.until_over().await;
            assert_eq!(run.outcome(), RunOutcome::Done);
            let seconds = start.elapsed().as_secs_f64();
            assert!((15.0..25.0).contains(&seconds), "{seconds} s");
            // Between the first text of the last view and the first end of a view, all are written.
            let mut begun = BTreeSet::new();
            let events = run.events_from(1);
            let before_an_end =
                events.iter().take_while(|s| !matches!(s.event, Event::BranchEnded { .. }));
            for stamped in before_an_end {
                if let Event::Delta { branch, .. } = &stamped.event {
                    begun.insert(branch.0.to_string());
                }
            }
            assert!(begun.len() == 4 && !begun.contains(FOCUS), "{begun:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_stop_ends_it_at_once() {
        let session = EN.session(EN.playback(true));
        let run = session.start(EN.selection().unwrap(), &RunOptions::default()).unwrap();
        tokio::time::sleep(Duration::from_secs(2)).await;
        let stopped = Instant::now();
        run.cancel(None).unwrap();
        run.until_over().await;
        assert!(stopped.elapsed() < Duration::from_millis(100), "{:?}", stopped.elapsed());
        assert_eq!(status(&run), INTERRUPTED);
    }

    #[test]
    fn the_opening_names_what_the_recording_names() {
        for (story, model, is_paced, expected) in [
            (
                EN,
                "",
                false,
                "This is a recording of a real run about the text above. No model is asked now.",
            ),
            (
                EN,
                "gpt-9",
                true,
                "This is a recording of a real run of `gpt-9` about the text above, played at about 80 tokens a second. No model is asked now.",
            ),
            (
                JA,
                "",
                false,
                "上の文章について実際に実行したときの記録を再生します。今はモデルに尋ねません。",
            ),
            (
                JA,
                "gpt-9",
                true,
                "上の文章について `gpt-9` で実際に実行したときの記録を、毎秒およそ 80 トークンで再生します。今はモデルに尋ねません。",
            ),
        ] {
            let opening = opening(&story, model, is_paced);
            assert_eq!(opening.lines().last(), Some(expected));
            assert!(opening.starts_with("> "), "{opening}");
        }
    }

    #[test]
    fn a_quotation_has_a_mark_on_every_line() {
        assert_eq!(quoted("a\n\nb\n\n"), "> a\n>\n> b\n");
    }
}
