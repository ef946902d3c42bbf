//! `kaizodo run`: one run in its own session, shown as it arrives.

mod display;
mod ending;
mod focus;
mod follow_up;
pub(crate) mod live;
mod part;
pub(crate) mod print;
mod progress;
mod screen;

pub(crate) use follow_up::{ask, retry, section};
pub(crate) use part::Part;

use super::args::RunArgs;
use super::input::{self, InputError};
use super::{INTERRUPTED, fail, runtime, warn, warn_of, warn_raw};
use crate::config::{Config, Env, Folders};
use crate::lang::{Lang, Message};
use crate::session::{Run, Setup};
use crate::text::Selection;
use display::Display;
use ending::Shown;
use std::io::{self, IsTerminal};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;
use tokio_util::sync::CancellationToken;

/// Asks about the text that the arguments name, or shows what would be sent.
pub(crate) fn run(args: &RunArgs, env: Env) -> ExitCode {
    let display = Display::new(&env, args.color.color, args.json, args.focus_only);
    let setup = Setup::load(env, Folders::find(), &args.settings());
    let lang = setup.lang();
    warn_of(&setup.problems, lang);
    let selection = match selected(args, &setup.config, lang) {
        Some(Ok(selection)) => selection,
        Some(Err(error)) => return fail(&error.message(lang)),
        None => {
            return fail(lang.pick(
                "何を調べるかを指定してください: `kaizodo run FILE`、`kaizodo run FILE:3-7`、`kaizodo run --text \"…\"`。",
                "Say what to look at: `kaizodo run FILE`, `kaizodo run FILE:3-7`, `kaizodo run --text \"…\"`.",
            ));
        }
    };
    let ask = args.options();
    runtime::block_on(lang, async {
        let mut interrupt = Box::pin(tokio::signal::ctrl_c());
        // After this first poll, ^C no longer terminates the process.
        let _ = futures::poll!(&mut interrupt);
        let session = setup.session(super::current_folder());
        session.settings.reload_for(&selection.uri);
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
                let started = Instant::now();
                tokio::spawn(stop_on(interrupt, Arc::clone(&run), CancellationToken::new()));
                let part = Part::whole(&run, lang);
                let shown = match args.focus_only {
                    false => display.show(&run, part, lang).await,
                    true => {
                        if let Some(told) = display.tell(&run, &part, lang) {
                            // The progress line may be on the terminal that the focus is printed
                            // to.
                            let _ = told.await;
                        }
                        focus::show(&run, display.look).await
                    }
                };
                let (session, run) = (&session, &*run);
                let names_views = args.focus_only;
                let shown_run =
                    Shown { session, run, sections: None, display, started, names_views };
                shown_run.finish(shown, lang).await
            }
        }
    })
}

/// Returns the text to ask about; `None` if no file or text is given and nothing is piped in.
fn selected(args: &RunArgs, config: &Config, lang: Lang) -> Option<Result<Selection, InputError>> {
    let limit = config.limits.selection_bytes;
    match (&args.file, &args.text) {
        (_, Some(text)) => Some(input::text(text, limit)),
        (Some(name), None) if name == "-" => Some(input::stdin(limit, lang)),
        (Some(name), None) => Some(input::file(name, limit, config.context)),
        (None, None) if io::stdin().is_terminal() => None,
        (None, None) => Some(input::stdin(limit, lang)),
    }
}

/// Stops the run at the first ^C, which keeps the text received so far, and cancels `stopped`. Exits
/// the process at the second.
pub(crate) async fn stop_on(
    interrupt: impl Future<Output = io::Result<()>>,
    run: Arc<Run>,
    stopped: CancellationToken,
) {
    if interrupt.await.is_err() {
        return;
    }
    stopped.cancel();
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
