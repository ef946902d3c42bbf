//! `kaizodo run`: one run in its own session, shown as it arrives.

mod focus;
pub(crate) mod live;
pub(crate) mod print;
mod progress;
mod screen;

use super::args::RunArgs;
use super::input::{self, InputError};
use super::look::Look;
use super::{FAILED, INTERRUPTED, OK, fail, output, runtime, warn, warn_of, warn_raw};
use crate::config::{Config, Env, Folders};
use crate::event::RunOutcome;
use crate::journal::Folder;
use crate::lang::{Lang, Message};
use crate::session::Run;
use crate::session::Setup;
use crate::text::Selection;
use progress::Progress;
use std::future::pending;
use std::io::{self, IsTerminal};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

/// How long to wait for the journal at the end.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(1);

/// Number of characters of a run's ID that usually identify the run: the timestamp of a ULID.
const NAME: usize = 10;

/// Asks about the text that the arguments name, or shows what would be sent.
pub(crate) fn run(args: &RunArgs, env: Env) -> ExitCode {
    let look = Look::of_stdout(&env, args.color.color).filter(|_| !args.json);
    let progress = Progress::of_stderr(&env, args.focus_only);
    let setup = Setup::load(env, Folders::find(), &args.settings());
    let lang = setup.lang();
    warn_of(&setup.problems, lang);
    let selection = match selected(args, &setup.config) {
        Some(Ok(selection)) => selection,
        Some(Err(error)) => return fail(&error.message(lang)),
        None => {
            return fail(lang.pick(
                "何を調べるかを指定してください: `kaizodo run FILE`、`kaizodo run FILE:3-7`、`kaizodo run --text \"…\"`。",
                "Say what to look at: `kaizodo run FILE`, `kaizodo run FILE:3-7`, `kaizodo run --text \"…\"`.",
            ));
        }
    };
    let ask = args.ask();
    runtime::block_on(lang, async {
        let mut interrupt = Box::pin(tokio::signal::ctrl_c());
        // After this first poll, ^C no longer terminates the process.
        let _ = futures::poll!(&mut interrupt);
        let session = setup.session(super::here());
        session.settings.look(&selection.uri);
        session.settings.take_notices().iter().for_each(|notice| warn(&notice.message(lang)));
        if args.focus_only && focus::is_missing(&session, &selection.uri, &ask) {
            return fail(focus::why_missing(lang));
        }
        if args.dry_run {
            return match session.preview(selection.into(), &ask) {
                Err(refusal) => fail(&refusal.message(lang)),
                Ok(preview) => print::preview(&preview.await, args.json),
            };
        }
        match session.start(selection, &ask) {
            Err(refusal) => fail(&refusal.message(lang)),
            Ok(run) => {
                tokio::spawn(stop_on(interrupt, Arc::clone(&run)));
                let mut told = progress.map(|progress| progress.tell(&run, lang));
                if args.focus_only
                    && let Some(told) = told.take()
                {
                    // The progress line may be on the terminal that the focus is printed to.
                    let _ = told.await;
                }
                let shown = match look {
                    _ if args.focus_only => focus::show(&run, look, lang).await,
                    Some(look) => live::show(&run, look, lang, pending()).await.map(|_| ()),
                    None if args.json => print::events(&run).await,
                    None => print::panel(&run, lang).await,
                };
                let is_shown = shown.is_ok();
                let exit = match shown {
                    Ok(()) => ExitCode::from(status(&run)),
                    Err(error) => {
                        session.stop_all();
                        output::lost(&error)
                    }
                };
                if let Some(told) = told {
                    let _ = told.await;
                }
                session.flush(SHUTDOWN_TIMEOUT).await;
                // Reported only now, so that no message appears in the middle of what is drawn.
                let trouble = session.journal.trouble().borrow().clone();
                match trouble {
                    Some(error) => warn(&error.not_saved(lang)),
                    None if is_shown && run.is_stopped() => {
                        let folder = setup.folders.as_ref().map(|f| Folder::new(f.state.clone()));
                        warn(&stopped(&run, folder.as_ref(), lang));
                    }
                    None => {}
                }
                exit
            }
        }
    })
}

/// Returns the message about a stopped run: whether it was saved, and how to show it.
fn stopped(run: &Run, folder: Option<&Folder>, lang: Lang) -> String {
    let id = run.id();
    let Some(folder) = folder.filter(|folder| folder.file(id).exists()) else {
        return lang
            .pick(
                "停止しました。この実行は記録に残していません。",
                "Stopped. This run was not saved in the journal.",
            )
            .to_owned();
    };
    // The short name, if it identifies the run.
    let short = id.0.get(..NAME).unwrap_or(&id.0);
    let name = if folder.find(short).is_ok_and(|found| found == *id) { short } else { &id.0 };
    lang.pick(
        format!("停止しました。届いた分は `kaizodo journal show {name}` で見られます。"),
        format!("Stopped. What was received so far has been kept. To see it, run `kaizodo journal show {name}`."),
    )
}

/// Returns the text to ask about; `None` if no file or text is given and nothing is piped in.
fn selected(args: &RunArgs, config: &Config) -> Option<Result<Selection, InputError>> {
    let limit = config.limits.selection_bytes;
    match (&args.file, &args.text) {
        (_, Some(text)) => Some(input::text(text, limit)),
        (Some(name), None) if name == "-" => Some(input::stdin(limit)),
        (Some(name), None) => Some(input::file(name, limit, config.context)),
        (None, None) if io::stdin().is_terminal() => None,
        (None, None) => Some(input::stdin(limit)),
    }
}

/// Stops the run at the first ^C, which keeps the text received so far. Exits the process at the
/// second.
pub(crate) async fn stop_on(interrupt: impl Future<Output = io::Result<()>>, run: Arc<Run>) {
    if interrupt.await.is_err() {
        return;
    }
    // All branches are cancelled, so none can be unknown.
    let _ = run.cancel(None);
    if tokio::signal::ctrl_c().await.is_ok() {
        if io::stdout().is_terminal() {
            // Later output must not begin in a row that was being drawn.
            warn_raw("\n");
        }
        std::process::exit(INTERRUPTED.into());
    }
}

/// Returns the exit status that says how the run ended.
pub(crate) fn status(run: &Run) -> u8 {
    match run.outcome() {
        _ if !run.is_over() => INTERRUPTED,
        RunOutcome::Done => OK,
        RunOutcome::Partial if !run.is_stopped() => FAILED,
        RunOutcome::Partial | RunOutcome::Cancelled => INTERRUPTED,
    }
}
