//! `kaizodo retry` and `kaizodo ask`: continue a saved run and show what is new.

use super::display::Display;
use super::ending::Shown;
use super::part::Part;
use super::stop_on;
use crate::cli::args::{AskArgs, RetryArgs};
use crate::cli::near::near;
use crate::cli::{FAILED, OK, USAGE, fail, runtime, warn, warn_of};
use crate::config::{Env, Folders, ProviderChoice, Settings};
use crate::event::{BranchId, Event, Role, SectionTitle, Seq};
use crate::journal::JournalErrorKind;
use crate::lang::{Lang, Message};
use crate::panel::{SectionState, show_hidden};
use crate::session::{Changes, Run, Session, SessionError, Setup};
use std::collections::HashSet;
use std::io;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;
use tokio_util::sync::CancellationToken;

/// Asks for sections of a saved run again, and shows them.
pub(crate) fn retry(args: &RetryArgs, env: Env) -> ExitCode {
    let display = Display::new(&env, args.color.color, args.json, false);
    with_run(env, &args.run, args.provider, display, async |found| {
        let lang = found.lang;
        let named: Result<Vec<_>, _> =
            args.sections.iter().map(|name| section(&found.run, name, lang)).collect();
        let sections = match named {
            Ok(named) if named.is_empty() => incomplete(&found.run),
            Ok(named) => each_once(named),
            Err(unknown) => return fail(&unknown),
        };
        if sections.is_empty() {
            warn(&nothing_to_retry(&found.run, &args.run, lang));
            return ExitCode::from(OK);
        }
        let changes = Changes { model: args.model.clone(), ..Changes::default() };
        found.retry(sections, changes).await
    })
}

/// Asks a question about a saved run, and shows the answer.
pub(crate) fn ask(args: &AskArgs, env: Env) -> ExitCode {
    let display = Display::new(&env, args.color.color, args.json, false);
    with_run(env, &args.run, args.provider, display, async |found| {
        let after = args.section.as_ref().map(|name| section(&found.run, name, found.lang));
        let after = match after.transpose() {
            Ok(after) => after.map(|section| section.branch),
            Err(unknown) => return fail(&unknown),
        };
        found.ask(after.as_ref(), &args.question.join(" ")).await
    })
}

/// A saved run that is continued, and where it is shown.
struct Found {
    session: Session,
    run: Arc<Run>,
    display: Display,
    started: Instant,
    /// Cancelled by the first ^C.
    stopped: CancellationToken,
    lang: Lang,
}

/// Finds the run `name` and calls `proceed` with it. From then on, ^C stops the run. Without a
/// `provider`, a run that asked another server than the settings select is refused: its text may
/// have been meant for that server alone.
fn with_run(
    env: Env,
    name: &str,
    provider: Option<ProviderChoice>,
    display: Display,
    proceed: impl AsyncFnOnce(Found) -> ExitCode,
) -> ExitCode {
    let setup = Setup::load(env, Folders::find(), &Settings { provider, ..Settings::default() });
    let lang = setup.lang();
    warn_of(&setup.problems, lang);
    runtime::block_on(lang, async {
        let mut interrupt = Box::pin(tokio::signal::ctrl_c());
        // After this first poll, ^C no longer terminates the process.
        let _ = futures::poll!(&mut interrupt);
        let session = setup.session(crate::cli::current_folder());
        let run = match session.find_run_by_name(name).await {
            Ok(run) => run,
            Err(refusal) => {
                let slip = section_of_last(&session, name, &refusal).await;
                let status = refused(&session, &refusal, lang);
                slip.iter().for_each(|section| warn(&meant_section(section, lang)));
                return status;
            }
        };
        if let Some(Event::RunStarted { source, .. }) = run.first() {
            session.settings.reload_for(&source.uri);
        }
        session.settings.take_notices().iter().for_each(|notice| warn(&notice.message(lang)));
        if !session.config().journal.enabled {
            warn(lang.pick(
                "記録を残さない設定（journal.enabled = false）なので、残っている実行を使い、新しい答えは残しません。",
                "The journal is turned off (journal.enabled = false), so this continues a run that was saved before, and the new answer is not saved.",
            ));
        }
        if provider.is_none()
            && let Some(Event::RunStarted { provider: before, lang: of_run, .. }) = run.first()
        {
            let now = session.would_be_answered_by(of_run).await;
            let is_same = before == now || before.starts_with(&format!("{now} → "));
            if !is_same {
                return fail(&other_server(&before, &now, lang));
            }
        }
        let stopped = CancellationToken::new();
        tokio::spawn(stop_on(interrupt, Arc::clone(&run), stopped.clone()));
        let started = Instant::now();
        proceed(Found { session, run, display, started, stopped, lang }).await
    })
}

impl Found {
    /// Asks for sections again. Those that another one is made from come first. One that is refused
    /// does not keep the others.
    async fn retry(self, sections: Vec<SectionTitle>, changes: Changes) -> ExitCode {
        let branches: Vec<_> = sections.iter().map(|section| section.branch.clone()).collect();
        let (mut shown, mut has_title, mut refusals) = (Ok(()), true, Vec::new());
        for sections in in_turns(sections) {
            let (from, mut asked) = (next(&self.run), Vec::new());
            for section in sections {
                let retried = self.session.retry(self.run.id(), &section.branch, changes.clone());
                match retried.await {
                    Ok(_) => asked.push(section),
                    Err(refusal) => refusals.push(refusal),
                }
            }
            if asked.is_empty() {
                continue;
            }
            shown = self.show(&asked, from, has_title).await;
            has_title = false;
            if shown.is_err() || self.stopped.is_cancelled() {
                break;
            }
        }
        // Several sections are usually refused for the same reason.
        refusals.dedup();
        let mut status = None;
        for refusal in &refusals {
            status = Some(refused(&self.session, refusal, self.lang));
        }
        if has_title && let Some(status) = status {
            // Nothing was asked for.
            return status;
        }
        let exit = self.finish(&branches, shown).await;
        // A section that was refused may have an earlier answer, and so be complete.
        status.filter(|_| exit == ExitCode::from(OK)).unwrap_or(exit)
    }

    async fn ask(self, after: Option<&BranchId>, question: &str) -> ExitCode {
        let from = next(&self.run);
        let asked = self.session.follow_up(self.run.id(), after, question).await;
        let branch = match asked {
            Ok((_, branch)) => branch,
            Err(refusal) => return refused(&self.session, &refusal, self.lang),
        };
        let sections = self.run.sections().into_iter().filter(|s| s.branch == branch);
        let shown = self.show(&sections.collect::<Vec<_>>(), from, true).await;
        self.finish(&[branch], shown).await
    }

    /// Shows sections until the run is over.
    async fn show(&self, sections: &[SectionTitle], from: Seq, has_title: bool) -> io::Result<()> {
        if self.stopped.is_cancelled() {
            // The interrupt came before the request.
            let _ = self.run.cancel(None);
        }
        let part = Part::of(&self.run, sections, from, has_title);
        self.display.show(&self.run, part, self.lang).await
    }

    async fn finish(&self, branches: &[BranchId], shown: io::Result<()>) -> ExitCode {
        let Found { session, run, display, started, lang, .. } = self;
        let shown_run = Shown {
            session,
            run,
            sections: Some(branches),
            display: *display,
            started: *started,
            names_views: false,
        };
        shown_run.finish(shown, *lang).await
    }
}

/// Returns the sequence number of the run's next event.
fn next(run: &Run) -> Seq {
    run.events_from(1).last().map_or(1, |last| last.seq + 1)
}

/// Returns the run's sections that are not complete, apart from a focus that was not asked for.
fn incomplete(run: &Run) -> Vec<SectionTitle> {
    let is_incomplete = |branch: &BranchId| {
        run.with_panel(|panel| {
            panel.states().any(|(known, _, state)| {
                let is_complete = matches!(state, SectionState::Done | SectionState::OnDemand);
                known == branch && !is_complete
            })
        })
    };
    run.sections().into_iter().filter(|section| is_incomplete(&section.branch)).collect()
}

/// Returns the sections without repetitions: a section may be named by its name and its heading.
fn each_once(mut sections: Vec<SectionTitle>) -> Vec<SectionTitle> {
    let mut seen = HashSet::new();
    sections.retain(|section| seen.insert(section.branch.clone()));
    sections
}

/// Groups sections into those that are asked for at the same moment: the views, then the focus,
/// which is made from them, and then each follow-up, which may be about any of the others.
fn in_turns(sections: Vec<SectionTitle>) -> Vec<Vec<SectionTitle>> {
    let (views, rest): (Vec<_>, Vec<_>) =
        sections.into_iter().partition(|section| section.role == Role::View);
    let (focus, follow_ups): (Vec<_>, Vec<_>) =
        rest.into_iter().partition(|section| section.role == Role::Focus);
    let follow_ups = follow_ups.into_iter().map(|section| vec![section]);
    let turns = [views, focus].into_iter().chain(follow_ups);
    turns.filter(|turn| !turn.is_empty()).collect()
}

/// Finds a section by its name or heading. The error is a sentence for the user.
pub(crate) fn section(run: &Run, name: &str, lang: Lang) -> Result<SectionTitle, String> {
    run.section_named(name).ok_or_else(|| {
        let known: Vec<_> = run.sections().iter().map(|s| show_hidden(&s.branch.0)).collect();
        unknown_section(&show_hidden(name), &known, lang)
    })
}

fn unknown_section(name: &str, known: &[String], lang: Lang) -> String {
    let near = near(&name.to_lowercase(), known.iter().cloned());
    let list = known.join(lang.pick("、", ", "));
    match (lang, near) {
        (Lang::Ja, near) => {
            let near = near.map(|near| format!("`{near}` のことでしょうか。")).unwrap_or_default();
            format!("この実行に節「{name}」はありません。{near}あるのは {list} です。")
        }
        (Lang::En, near) => {
            let near = near.map(|near| format!(" Did you mean `{near}`?")).unwrap_or_default();
            format!("This run has no section \"{name}\".{near} Its sections: {list}.")
        }
    }
}

/// Returns what to do if a run has nothing to ask for again. `name` is what the user calls the run.
fn nothing_to_retry(run: &Run, name: &str, lang: Lang) -> String {
    let sections = run.sections();
    let focus = sections.iter().find(|section| section.role == Role::Focus);
    let example = focus.or(sections.first());
    let example = example.map(|section| show_hidden(&section.branch.0)).unwrap_or_default();
    let name = show_hidden(name);
    lang.pick(
        format!("完了していない節はありません。もう一度尋ねる節があれば指定してください: `kaizodo retry {name} {example}`。"),
        format!("No section is incomplete. To ask for one again, name it: `kaizodo retry {name} {example}`."),
    )
}

/// Returns the section of the last run that the user named in the place of a run, if so.
async fn section_of_last(
    session: &Session,
    name: &str,
    refusal: &SessionError,
) -> Option<SectionTitle> {
    let SessionError::Journal(error) = refusal else { return None };
    if !matches!(error.kind, JournalErrorKind::UnknownRun(_)) {
        return None;
    }
    session.find_run_by_name("last").await.ok()?.section_named(name)
}

fn other_server(before: &str, now: &str, lang: Lang) -> String {
    let (before, now) = (show_hidden(before), show_hidden(now));
    lang.pick(
        format!("何も送りませんでした。この実行で尋ねた相手は「{before}」ですが、今の設定では「{now}」に尋ねます。それでよければ `--provider`（auto、openai、local、worksheet）を付けて、尋ねる相手を指定してください。"),
        format!("Nothing was sent: this run asked {before}, but {now} would be asked now. To choose who answers, add `--provider` (auto, openai, local or worksheet)."),
    )
}

fn meant_section(section: &SectionTitle, lang: Lang) -> String {
    let name = show_hidden(&section.branch.0);
    lang.pick(
        format!("節の名前なら、`kaizodo retry last {name}` か `kaizodo ask -s {name} \"…\"` のように書いてください。"),
        format!("To name a section: `kaizodo retry last {name}`, or `kaizodo ask -s {name} \"…\"`."),
    )
}

/// Reports why nothing was sent, and returns the exit status.
fn refused(session: &Session, refusal: &SessionError, lang: Lang) -> ExitCode {
    warn(&reason(refusal, session.config().journal.enabled, lang));
    match refusal {
        SessionError::Journal(error) if !error.kind.is_of_the_name() => ExitCode::from(FAILED),
        _ => ExitCode::from(USAGE),
    }
}

/// Returns the reason for a refusal, with what to do about it in a terminal, where no document is
/// open.
fn reason(refusal: &SessionError, is_kept: bool, lang: Lang) -> String {
    let words = match refusal {
        SessionError::NoDocument | SessionError::DocumentClosed(_) => lang.pick(
            "何も送りませんでした。この実行で送った文章が記録にありません。journal.selection = false のときと、秘密らしいものを伏せずに送ったときは残しません。`kaizodo run` で、もう一度尋ねてください。",
            "Nothing was sent: the journal does not have the text of this run. It is not kept with journal.selection = false, or if what looks like a secret was sent as it is. Ask about the text again with `kaizodo run`.",
        ),
        SessionError::TextChanged(_) => lang.pick(
            "何も送りませんでした。この実行で送った文章が変わったか、設定 secrets か context が、実行したときより狭くなっています。設定を戻すか、`kaizodo run` でもう一度尋ねてください。",
            "Nothing was sent: since this run was made, its text has changed, or the setting `secrets` or `context` allows less. Change the setting back, or ask about the text again with `kaizodo run`.",
        ),
        SessionError::NoDigest => lang.pick(
            "何も送りませんでした。この実行の記録は以前の版のもので、どの文章についてだったかを確かめられません。`kaizodo run` で、もう一度尋ねてください。",
            "Nothing was sent: this run was saved by an earlier version of kaizodo, so kaizodo cannot check that the text is unchanged. Ask about the text again with `kaizodo run`.",
        ),
        SessionError::Journal(error) if error.kind.is_of_the_name() && !is_kept => {
            let words = error.message(lang);
            return lang.pick(
                format!("{words}記録を残さない設定（journal.enabled = false）なので、新しい実行は残りません。"),
                format!("{words} The journal is turned off (journal.enabled = false), so new runs are not saved."),
            );
        }
        other => return other.message(lang),
    };
    words.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_are_made_from_is_asked_for_first() {
        let section = |name: &str, role| SectionTitle {
            branch: BranchId(name.into()),
            title: name.to_owned(),
            role,
        };
        let sections = vec![
            section("focus", Role::Focus),
            section("depth", Role::View),
            section("ask-1", Role::FollowUp),
            section("time", Role::View),
            section("ask-2", Role::FollowUp),
        ];
        let names = |turns: Vec<Vec<SectionTitle>>| -> Vec<String> {
            let names = |turn: &Vec<SectionTitle>| {
                turn.iter().map(|s| s.title.as_str()).collect::<Vec<_>>().join(" ")
            };
            turns.iter().map(names).collect()
        };
        assert_eq!(names(in_turns(sections)), ["depth time", "focus", "ask-1", "ask-2"]);
        assert_eq!(names(in_turns(vec![section("focus", Role::Focus)])), ["focus"]);
        assert!(in_turns(Vec::new()).is_empty());
    }

    #[test]
    fn a_section_that_is_not_there_is_told_with_those_that_are() {
        let known = ["focus".to_owned(), "depth".to_owned()];
        assert_eq!(
            unknown_section("Dept", &known, Lang::En),
            "This run has no section \"Dept\". Did you mean `depth`? Its sections: focus, depth."
        );
        assert_eq!(
            unknown_section("匂い", &known, Lang::Ja),
            "この実行に節「匂い」はありません。あるのは focus、depth です。"
        );
    }

    #[test]
    fn a_refusal_names_what_can_be_done_in_a_terminal() {
        for refusal in [
            SessionError::NoDocument,
            SessionError::DocumentClosed("file:///a.md".to_owned()),
            SessionError::TextChanged("file:///a.md".to_owned()),
            SessionError::NoDigest,
        ] {
            for lang in [Lang::Ja, Lang::En] {
                let words = reason(&refusal, true, lang);
                assert!(words.contains("`kaizodo run`") && !words.contains("ocument"), "{words}");
            }
        }
        let none = crate::journal::JournalError::new("/j", JournalErrorKind::NoRuns);
        let words = reason(&SessionError::Journal(none), false, Lang::En);
        assert!(words.contains("journal.enabled = false"), "{words}");
    }
}
