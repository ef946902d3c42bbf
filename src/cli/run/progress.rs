//! Shows the state of a run on standard error while its text goes to a file or comes only at the
//! end.

use super::part::Part;
use super::screen::{ROW, fits, hint, is_over};
use crate::cli::{rows, warn_raw};
use crate::config::Env;
use crate::event::Event;
use crate::lang::Lang;
use crate::panel::{Panel, SectionState, show_hidden, summary};
use crate::session::{Run, RunReader};
use console::Term;
use std::io::{self, IsTerminal};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// Time between two redraws.
const TICK: Duration = Duration::from_millis(200);

/// Shows a run's progress on standard error.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Progress {
    /// Whether the terminal can redraw the progress line.
    live: bool,
}

impl Progress {
    /// Returns how to show progress on standard error. Returns `None` if standard error is not a
    /// terminal, or if the progress would be mixed with other output there: the next program in a
    /// pipeline usually prints to the same terminal. With `at_the_end`, all output comes at the end
    /// of the run, so progress is shown even if standard output is a terminal.
    pub(crate) fn of_stderr(env: &Env, at_the_end: bool) -> Option<Self> {
        let is_quiet = if io::stdout().is_terminal() { at_the_end } else { !is_piped() };
        let is_seen = io::stderr().is_terminal() && is_quiet;
        is_seen.then_some(Progress { live: !env.dumb_terminal })
    }

    /// Spawns a task that shows the provider and the progress of the sections of a part of the run,
    /// until the run is over.
    pub(crate) fn tell(self, run: &Arc<Run>, part: Part, lang: Lang) -> JoinHandle<()> {
        let run = Arc::clone(run);
        tokio::spawn(async move { self.follow(&run, part, lang).await })
    }

    async fn follow(self, run: &Arc<Run>, Part { mut panel, from }: Part, lang: Lang) {
        let mut reader = RunReader::new(run, TICK).from(from);
        let started = Instant::now();
        let mut provider = String::new();
        loop {
            let over = is_over(&mut reader, TICK).await;
            for stamped in reader.events(run) {
                if let Event::RunStarted { provider: asked, .. } = &stamped.event {
                    provider = show_hidden(asked);
                    if !self.live {
                        warn_raw(&format!("{}\n", asking(&provider, lang)));
                    }
                }
                panel.apply(&stamped.event);
            }
            let elapsed = started.elapsed();
            if over {
                let clear = if self.live { ROW } else { "" };
                warn_raw(&format!("{clear}{}\n", ended(&panel, &provider, elapsed, lang)));
                return;
            }
            if self.live {
                let columns = Term::stderr().size().1.into();
                let stopped = run.is_stopped();
                let line = status(&panel, &provider, elapsed, stopped, lang, columns);
                warn_raw(&format!("{ROW}{line}"));
            }
        }
    }
}

/// Returns `true` if standard output goes to another program.
fn is_piped() -> bool {
    #[cfg(unix)]
    {
        use rustix::fs::{FileType, fstat};
        let kind = fstat(io::stdout()).map(|stat| FileType::from_raw_mode(stat.st_mode));
        !kind.is_ok_and(|kind| matches!(kind, FileType::RegularFile | FileType::CharacterDevice))
    }
    #[cfg(not(unix))]
    {
        use std::os::windows::io::AsHandle;
        let out = io::stdout().as_handle().try_clone_to_owned().map(std::fs::File::from);
        !out.and_then(|file| file.metadata()).is_ok_and(|meta| meta.is_file())
    }
}

fn asking(provider: &str, lang: Lang) -> String {
    lang.pick(format!("{provider} に尋ねています"), format!("Asking {provider}"))
}

/// Returns the line to show during the run, shortened to fit into `columns`.
fn status(
    panel: &Panel,
    provider: &str,
    elapsed: Duration,
    stopped: bool,
    lang: Lang,
    columns: usize,
) -> String {
    let seconds = format!("{:.0} {}", elapsed.as_secs_f64().floor(), lang.pick("秒", "s"));
    let (states, _) = summary(panel);
    let head: Vec<&str> = [provider, &states].into_iter().filter(|part| !part.is_empty()).collect();
    let line = format!("{}  {seconds}", head.join("  "));
    let whole = format!("{line}  {}", hint(stopped, lang));
    let short = format!("{states}  {seconds}");
    let fitting = [&whole, &line].into_iter().find(|line| fits(line, columns));
    fitting.cloned().unwrap_or_else(|| rows::cut(&short, columns.saturating_sub(4).max(4)))
}

/// Returns the line that stays after the run.
fn ended(panel: &Panel, provider: &str, elapsed: Duration, lang: Lang) -> String {
    let states: Vec<SectionState> = panel.states().map(|(_, _, state)| state).collect();
    let all = states.iter().filter(|state| **state != SectionState::OnDemand).count();
    let done = states.iter().filter(|state| **state == SectionState::Done).count();
    let sign = if done == all { "✓" } else { "✗" };
    let seconds = elapsed.as_secs_f64();
    let provider = if provider.is_empty() { String::new() } else { format!(" · {provider}") };
    lang.pick(
        format!("{sign} {all} 節のうち {done} 節が完了 · {seconds:.1} 秒{provider}"),
        format!("{sign} {done} of {all} sections complete · {seconds:.1} s{provider}"),
    )
}
