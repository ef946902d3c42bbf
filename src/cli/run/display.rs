//! Shows a run, or the sections of it that are asked for now, in the form that the user wants.

use super::part::Part;
use super::progress::Progress;
use super::{live, print};
use crate::cli::look::{Color, Look};
use crate::config::Env;
use crate::lang::Lang;
use crate::session::Run;
use std::future::pending;
use std::io::{self, IsTerminal};
use std::sync::Arc;

/// The form in which runs are shown.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Display {
    /// How standard output is laid out; `None` for plain Markdown or JSON.
    pub(crate) look: Option<Look>,
    progress: Option<Progress>,
    is_json: bool,
    /// Whether the terminal can ring its bell.
    pub(crate) has_bell: bool,
}

impl Display {
    /// Returns the form for this environment. With `at_the_end`, all output comes at the end of the
    /// run.
    pub(crate) fn new(env: &Env, color: Color, is_json: bool, at_the_end: bool) -> Self {
        Display {
            look: Look::of_stdout(env, color).filter(|_| !is_json),
            progress: Progress::of_stderr(env, at_the_end),
            is_json,
            has_bell: io::stdout().is_terminal() && !env.dumb_terminal && !is_json,
        }
    }

    /// Spawns a task that shows the run's progress on standard error, if that is wanted.
    pub(crate) fn tell(
        &self,
        run: &Arc<Run>,
        part: &Part,
        lang: Lang,
    ) -> Option<tokio::task::JoinHandle<()>> {
        self.progress.map(|progress| progress.tell(run, part.clone(), lang))
    }

    /// Shows a part of a run until the run is over. If the output cannot be written, stops the run.
    pub(crate) async fn show(&self, run: &Arc<Run>, part: Part, lang: Lang) -> io::Result<()> {
        let told = self.tell(run, &part, lang);
        let shown = match self.look {
            Some(look) => live::show(run, part, look, lang, pending()).await.map(|_| ()),
            None if self.is_json => print::events(run, part.from).await,
            None => print::panel(run, part).await,
        };
        if shown.is_err() {
            // All branches are cancelled, so none can be unknown.
            let _ = run.cancel(None);
        }
        if let Some(told) = told {
            let _ = told.await;
        }
        shown
    }
}
