//! `kaizodo journal`: shows and manages the saved runs.

mod list;
mod remove;
mod replay;
mod search;
mod tree;

use super::args::JournalCommand;
use super::look::{Color, Look};
use super::run::section as find_section;
use super::{FAILED, USAGE, fail, output, runtime, warn};
use crate::config::{Env, Folders, Settings};
use crate::event::{Event, RunId, Stamped};
use crate::journal::{
    Folder, JournalError, JournalErrorKind, LineNotice, LineNoticeKind, LoadedRun, Retention, end,
};
use crate::lang::{Lang, Message};
use crate::panel::{Panel, show_hidden};
use crate::session::now;
use crate::session::{Run, Setup};
use jiff::SignedDuration;
use std::io::IsTerminal;
use std::path::Path;
use std::process::ExitCode;

/// Runs a subcommand of `kaizodo journal`.
pub(crate) fn run(asked: &JournalCommand, env: Env) -> ExitCode {
    let color = match asked {
        JournalCommand::Show { color, .. } | JournalCommand::Replay { color, .. } => color.color,
        _ => Color::default(),
    };
    let look = Look::of_stdout(&env, color);
    let setup = Setup::load(env, Folders::find(), &Settings::default());
    let lang = setup.lang();
    let Some(folders) = &setup.folders else {
        return fail(lang.pick(
            "ホームディレクトリがないので、記録もありません。HOME か XDG_STATE_HOME を設定してください。",
            "There is no home directory, so there is no journal. Set HOME or XDG_STATE_HOME.",
        ));
    };
    let folder = Folder::new(folders.state.clone());
    let done = match asked {
        JournalCommand::List { limit, json } => {
            let limit = limit.and_then(|limit| limit.try_into().ok()).unwrap_or(usize::MAX);
            list::print(&folder, limit, *json, lang)
        }
        JournalCommand::Search { words, here, folder: below, json } => {
            let below = if *here { super::current_folder() } else { below.clone() };
            search::print(&folder, &words.join(" "), below.as_deref(), *json, lang)
        }
        JournalCommand::Pin { run } => pin(&folder, run, true, lang),
        JournalCommand::Unpin { run } => pin(&folder, run, false, lang),
        JournalCommand::Rm { runs, yes } => {
            return runtime::block_on(lang, async {
                let done = remove::remove(&folder, runs, *yes, lang).await;
                done.unwrap_or_else(|error| failed(&error, lang))
            });
        }
        JournalCommand::Show { run, reasoning: true, .. } => reasoning(&folder, run, lang),
        JournalCommand::Show { run, section: Some(name), clean, .. } => {
            show_section(&folder, run, name, *clean, look, lang)
        }
        JournalCommand::Show { run, clean, .. } => show(&folder, run, *clean, look, lang),
        JournalCommand::Replay { run, json: true, .. } => replay::events(&folder, run, lang),
        JournalCommand::Replay { run, json: false, .. } => replay::grow(&folder, run, look, lang),
        JournalCommand::Path { run: None } => Ok(path(&folder.path())),
        JournalCommand::Path { run: Some(run) } => {
            folder.find(run).map(|run| path(&folder.file(&run)))
        }
        JournalCommand::Prune { all, older_than } => {
            let journal = &setup.config.journal;
            let days = |days: u32| Some(SignedDuration::from_hours(24 * i64::from(days)));
            let keep = match (all, older_than) {
                (true, _) => Retention::NOTHING,
                (_, Some(age)) => Retention { age: days(*age), by_clock: true, bytes: u64::MAX },
                (_, None) => Retention::from(*journal),
            };
            prune(&folder, keep, lang)
        }
    };
    done.unwrap_or_else(|error| failed(&error, lang))
}

fn failed(error: &JournalError, lang: Lang) -> ExitCode {
    warn(&error.message(lang));
    ExitCode::from(if error.kind.is_of_the_name() { USAGE } else { FAILED })
}

/// Finds a run by its name and loads it. Warns if parts of its journal cannot be read.
fn load(folder: &Folder, name: &str, lang: Lang) -> Result<(RunId, LoadedRun), JournalError> {
    let run = folder.find(name)?;
    // The run may have been pruned after it was found.
    let unknown = || JournalErrorKind::UnknownRun(name.to_owned());
    let kept = folder.load(&run)?.ok_or_else(|| JournalError::new(folder.path(), unknown()))?;
    tell(&folder.file(&run), &kept.problems, lang);
    Ok((run, kept))
}

/// Warns of the parts of a journal that could not be read, except for a last line that was cut off.
fn tell(path: &Path, problems: &[LineNotice], lang: Lang) {
    let lost: Vec<_> = problems.iter().filter(|p| p.kind != LineNoticeKind::Torn).collect();
    let Some(first) = lost.first() else { return };
    let (path, count, first) = (path.display(), lost.len(), first.message(lang));
    warn(&lang.pick(
        format!("{path} の {count} か所が読めないので、残りを使います。{first}"),
        format!("Skipped unreadable parts of {path}: {count}. {first}"),
    ));
}

fn show(
    folder: &Folder,
    name: &str,
    is_clean: bool,
    look: Option<Look>,
    lang: Lang,
) -> Result<ExitCode, JournalError> {
    let (_, mut kept) = load(folder, name, lang)?;
    // A run that is no longer being written is ended, so that no section waits forever.
    if !kept.alive {
        end(&mut kept.events, kept.asked.is_some());
    }
    let mut panel = Panel::new("", lang);
    panel.apply_all(&kept.events);
    Ok(output::print(&match (look, is_clean) {
        (None, true) => panel.export(),
        (None, false) => panel.text(),
        (Some(look), true) => look.lines(&look.rows(&panel.export())),
        (Some(look), false) => look.panel(&panel),
    }))
}

/// Prints one section of a run: the answer alone if `is_clean`.
fn show_section(
    folder: &Folder,
    name: &str,
    section: &str,
    is_clean: bool,
    look: Option<Look>,
    lang: Lang,
) -> Result<ExitCode, JournalError> {
    let (id, mut kept) = load(folder, name, lang)?;
    if !kept.alive {
        end(&mut kept.events, kept.asked.is_some());
    }
    let run = Run::of_journal(id, title(&kept.events));
    kept.events.into_iter().for_each(|stamped| run.replay(stamped));
    let branch = match find_section(&run, section, lang) {
        Ok(found) => found.branch,
        Err(unknown) => return Ok(fail(&unknown)),
    };
    Ok(output::print(&run.with_panel(|panel| match (look, is_clean) {
        (None, true) => panel.export_section(&branch).unwrap_or_default(),
        (None, false) => panel.section_text(&branch).unwrap_or_default(),
        (Some(look), true) => {
            look.lines(&look.rows(&panel.export_section(&branch).unwrap_or_default()))
        }
        (Some(look), false) => {
            let parts = panel.section_parts().find(|parts| *parts.branch == branch);
            let rows = parts.map(|parts| look.section(&parts)).unwrap_or_default();
            // Without the blank row between sections.
            look.lines(rows.get(1..).unwrap_or_default())
        }
    })))
}

/// Prints the reasoning of a run's models.
fn reasoning(folder: &Folder, name: &str, lang: Lang) -> Result<ExitCode, JournalError> {
    let (id, kept) = load(folder, name, lang)?;
    let run = Run::of_journal(id, title(&kept.events));
    kept.events.into_iter().for_each(|stamped| run.replay(stamped));
    let text = run.all_reasoning();
    if text.is_empty() {
        warn(lang.pick(
            "この実行の推論は記録されていません。これからの実行の推論を残すには、journal.reasoning を true にしてから実行してください。",
            "No reasoning was kept for this run. To keep it, set journal.reasoning to true before a run.",
        ));
        return Ok(ExitCode::from(FAILED));
    }
    let text = text.trim_start();
    Ok(output::print(text))
}

/// Returns the title of a run, or an empty one if its first event is missing.
fn title(events: &[Stamped]) -> &str {
    let given = events.iter().find_map(|stamped| match &stamped.event {
        Event::RunStarted { title, .. } => Some(title.as_str()),
        _ => None,
    });
    given.unwrap_or_default()
}

/// Prints a path: its exact bytes for programs, but without control characters on a terminal.
fn path(path: &Path) -> ExitCode {
    if std::io::stdout().is_terminal() {
        return output::print(&format!("{}\n", show_hidden(&path.to_string_lossy())));
    }
    let mut bytes = path.as_os_str().as_encoded_bytes().to_vec();
    bytes.push(b'\n');
    match output::write(&bytes) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => output::lost(&error),
    }
}

fn pin(folder: &Folder, name: &str, pinned: bool, lang: Lang) -> Result<ExitCode, JournalError> {
    let run = folder.find(name)?;
    folder.pin(&run, pinned)?;
    Ok(output::print(&match pinned {
        true => lang.pick(format!("{run} をピン留めしました。\n"), format!("Pinned {run}.\n")),
        false => {
            lang.pick(format!("{run} のピン留めを外しました。\n"), format!("Unpinned {run}.\n"))
        }
    }))
}

fn prune(folder: &Folder, keep: Retention, lang: Lang) -> Result<ExitCode, JournalError> {
    let pruned = folder.prune(now(), keep)?;
    let (runs, size, kept) = (pruned.runs.len(), list::size(pruned.bytes), pruned.kept);
    let pinned = match pruned.pinned {
        0 => String::new(),
        n => lang.pick(format!("（うちピン留め {n} 件）"), format!(" ({n} pinned)")),
    };
    Ok(output::print(&lang.pick(
        format!("{runs} 件の記録（{size}）を消しました。残りは {kept} 件です{pinned}。\n"),
        format!("Removed {runs} runs ({size}); {kept} remain{pinned}.\n"),
    )))
}
