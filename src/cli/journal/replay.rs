//! `kaizodo journal replay`: shows a run as it arrived.

use super::{load, show, title};
use crate::cli::look::Look;
use crate::cli::run::{Part, live};
use crate::cli::{INTERRUPTED, OK, json, output, runtime};
use crate::event::Stamped;
use crate::journal::{Folder, JournalError, end, replay};
use crate::lang::Lang;
use crate::session::Run;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// Maximum duration of a replay; a longer run is replayed faster.
const LONGEST: Duration = Duration::from_secs(10);

/// Prints the saved events of the run `name` as JSON, one event per line.
pub(crate) fn events(folder: &Folder, name: &str, lang: Lang) -> Result<ExitCode, JournalError> {
    let (_, kept) = load(folder, name, lang)?;
    let print = |event: &Stamped| output::write(&json::line(event)?);
    Ok(match kept.events.iter().try_for_each(print) {
        Ok(()) => ExitCode::from(OK),
        Err(error) => output::lost(&error),
    })
}

/// Replays the run `name` on the terminal: shows its panel growing as it did during the run. If the
/// output cannot be redrawn, shows the whole panel at once.
pub(crate) fn grow(
    folder: &Folder,
    name: &str,
    look: Option<Look>,
    lang: Lang,
) -> Result<ExitCode, JournalError> {
    let Some(look) = look.filter(|look| look.live) else {
        return show(folder, name, false, look, lang);
    };
    let (id, mut kept) = load(folder, name, lang)?;
    if kept.alive {
        return Err(folder.busy(&id));
    }
    end(&mut kept.events, kept.asked.is_some());
    let run = Arc::new(Run::of_journal(id, title(&kept.events)));
    let events = replay(kept.events);
    if events.is_empty() {
        return Ok(ExitCode::from(OK));
    }
    Ok(runtime::block_on(lang, async {
        tokio::spawn(feed(Arc::clone(&run), events));
        let interrupt = async {
            let _ = tokio::signal::ctrl_c().await;
        };
        match live::show(&run, Part::whole(&run, lang), look, lang, interrupt).await {
            Ok(is_over) => ExitCode::from(if is_over { OK } else { INTERRUPTED }),
            Err(error) => output::lost(&error),
        }
    }))
}

/// Feeds the events to the run, each at its time. A long run is sped up, so that it takes at most
/// [`LONGEST`].
async fn feed(run: Arc<Run>, events: Vec<(Duration, Stamped)>) {
    let length = events.last().map_or(Duration::ZERO, |(at, _)| *at);
    let throttle = (LONGEST.as_secs_f64() / length.as_secs_f64().max(f64::EPSILON)).min(1.0);
    let begun = Instant::now();
    for (at, event) in events {
        sleep_until(begun + at.mul_f64(throttle)).await;
        run.replay(event);
    }
}
