//! `kaizodo journal rm`: removes saved runs.

use super::failed;
use super::list::table;
use super::tree::tree;
use crate::cli::ask::{Answer, ask};
use crate::cli::{FAILED, INTERRUPTED, OK, fail, output};
use crate::event::RunId;
use crate::journal::{Folder, JournalError};
use crate::lang::Lang;
use jiff::tz::TimeZone;
use std::process::ExitCode;

/// Removes the runs with these names, after asking the user unless `yes`. All names are resolved
/// before the first run is removed.
pub(crate) async fn remove(
    folder: &Folder,
    names: &[String],
    yes: bool,
    lang: Lang,
) -> Result<ExitCode, JournalError> {
    let mut runs: Vec<RunId> =
        names.iter().map(|name| folder.find(name)).collect::<Result<_, _>>()?;
    runs.sort_unstable();
    runs.dedup();
    if !yes && let Some(status) = refusal(folder, &runs, lang).await? {
        return Ok(status);
    }
    // One that cannot be removed does not keep the others.
    let refused: Vec<JournalError> =
        runs.iter().filter_map(|run| folder.delete(run).err()).collect();
    let status = match runs.len() - refused.len() {
        0 => ExitCode::from(OK),
        count => output::print(&removed(count, lang)),
    };
    Ok(refused.iter().fold(status, |_, error| failed(error, lang)))
}

fn removed(count: usize, lang: Lang) -> String {
    match lang {
        Lang::Ja => format!("{count} 件の実行を消しました。\n"),
        Lang::En if count == 1 => "Removed 1 run.\n".to_owned(),
        Lang::En => format!("Removed {count} runs.\n"),
    }
}

/// Shows the runs and asks whether to remove them. If not, returns the exit status.
async fn refusal(
    folder: &Folder,
    runs: &[RunId],
    lang: Lang,
) -> Result<Option<ExitCode>, JournalError> {
    let mut shown = folder.list(usize::MAX)?;
    shown.retain(|entry| runs.contains(&entry.run));
    let table = table(&tree(&shown), &TimeZone::system(), output::room(), lang).concat();
    let question = lang.pick("これらの実行を消しますか?", "Remove these runs?");
    Ok(match ask(&format!("{table}{question}")).await {
        Answer::Yes => None,
        Answer::No => {
            output::print(lang.pick("消しませんでした。\n", "Nothing was removed.\n"));
            Some(ExitCode::from(FAILED))
        }
        Answer::Interrupted => {
            output::print("\n");
            Some(ExitCode::from(INTERRUPTED))
        }
        Answer::Nobody => Some(fail(lang.pick(
            "端末ではないので確認できません。消すなら --yes を付けてください。",
            "Cannot ask for confirmation, because this is not a terminal. To remove the runs, add --yes.",
        ))),
    })
}
