//! The end of a run on the command line: it is saved, what can be done about it is said, and the
//! exit status tells how it went.

use super::display::Display;
use crate::cli::{FAILED, INTERRUPTED, OK, output, warn};
use crate::event::{BranchId, RunId};
use crate::journal::Folder;
use crate::lang::Lang;
use crate::panel::{SectionState, show_hidden};
use crate::perspective::FOCUS;
use crate::session::{Run, Session};
use std::io;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// How long to wait for the journal at the end.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(1);
/// How long a run takes at least for the bell to ring at its end: by then, the user may be looking
/// elsewhere.
const BELL_AFTER: Duration = Duration::from_secs(10);
/// Number of characters of a run's ID that usually identify the run: the timestamp of a ULID.
const NAME: usize = 10;

/// A run that has been shown.
pub(crate) struct Shown<'a> {
    pub(crate) session: &'a Session,
    pub(crate) run: &'a Run,
    /// The sections that were asked for; `None` for all.
    pub(crate) sections: Option<&'a [BranchId]>,
    pub(crate) display: Display,
    pub(crate) started: Instant,
    /// Whether incomplete views are named even if nothing can be done about them, because the
    /// output does not show them.
    pub(crate) names_views: bool,
}

impl Shown<'_> {
    /// Saves the run, tells the user what can be done about it, and returns the exit status.
    /// `shown` is how showing it ended.
    pub(crate) async fn finish(&self, shown: io::Result<()>, lang: Lang) -> ExitCode {
        let Shown { session, run, display, .. } = self;
        let is_shown = shown.is_ok();
        let exit = match shown {
            Ok(()) => ExitCode::from(self.status()),
            Err(error) => output::lost(&error),
        };
        if display.has_bell && is_shown && !run.is_stopped() && rings(self.started.elapsed()) {
            // Without its bell, the run is as complete as with it.
            let _ = output::write(b"\x07");
        }
        session.flush(SHUTDOWN_TIMEOUT).await;
        // Reported only now, so that no message appears in the middle of what is drawn.
        let trouble = session.journal.trouble().borrow().clone();
        match trouble {
            Some(error) => warn(&error.not_saved(lang)),
            None if !is_shown => {}
            None if run.is_stopped() => warn(&self.stopped(lang)),
            None => self.hints(lang).iter().for_each(|hint| warn(hint)),
        }
        exit
    }

    /// Returns the states of the sections that were asked for.
    fn states(&self) -> Vec<(BranchId, String, SectionState)> {
        self.run.with_panel(|panel| {
            let all = panel.states().filter(|(branch, ..)| {
                self.sections.is_none_or(|sections| sections.contains(branch))
            });
            all.map(|(branch, title, state)| (branch.clone(), show_hidden(title), state)).collect()
        })
    }

    fn status(&self) -> u8 {
        let is_done = |state| matches!(state, SectionState::Done | SectionState::OnDemand);
        match self.states().iter().all(|(.., state)| is_done(*state)) {
            _ if !self.run.is_over() => INTERRUPTED,
            true => OK,
            false if self.run.is_stopped() => INTERRUPTED,
            false => FAILED,
        }
    }

    /// Returns the run's name for a command; `None` if the journal does not have the run.
    fn name(&self) -> Option<String> {
        let id = self.run.id();
        let folder = self.session.journal.folder.as_ref()?;
        folder.file(id).exists().then(|| short_name(folder, id))
    }

    /// Returns the message about a stopped run: whether it was saved, and how to show it.
    fn stopped(&self, lang: Lang) -> String {
        let Some(name) = self.name() else {
            return lang
                .pick(
                    "停止しました。この実行は記録に残していません。",
                    "Stopped. This run was not saved in the journal.",
                )
                .to_owned();
        };
        lang.pick(
            format!("停止しました。届いた分は `kaizodo journal show {name}` で見られます。"),
            format!("Stopped. What was received so far has been kept. To see it, run `kaizodo journal show {name}`."),
        )
    }

    /// Returns sentences about the sections that are not complete, with the command that asks for
    /// them again.
    fn hints(&self, lang: Lang) -> Vec<String> {
        let states = self.states();
        let Some(name) = self.name() else { return self.unfinished_views(&states, lang) };
        let folder = self.session.journal.folder.as_ref();
        let is_last = folder.is_some_and(|f| f.find("last").is_ok_and(|run| run == *self.run.id()));
        let older = self.run.with_panel(|panel| {
            let remarks = panel.remarks(&BranchId(FOCUS.into()));
            remarks.map(|(_, older)| older.iter().map(|t| show_hidden(t)).collect::<Vec<_>>())
        });
        let name = if is_last { None } else { Some(name.as_str()) };
        let hints = hints(&states, &older.unwrap_or_default(), name, lang);
        match hints.is_empty() || self.has_text() {
            true => hints,
            false => self.unfinished_views(&states, lang),
        }
    }

    /// Returns `true` if the journal has the text of the run, without which nothing can be asked for
    /// again.
    fn has_text(&self) -> bool {
        let journal = self.session.config().journal;
        let kept = self.session.journal.folder.as_ref().map(|folder| folder.load(self.run.id()));
        let is_kept =
            kept.is_some_and(|kept| kept.is_ok_and(|k| k.is_some_and(|k| k.asked.is_some())));
        journal.enabled && journal.selection && is_kept
    }

    fn unfinished_views(
        &self,
        states: &[(BranchId, String, SectionState)],
        lang: Lang,
    ) -> Vec<String> {
        let views = if self.names_views { unfinished_views(states, lang) } else { None };
        views.into_iter().collect()
    }
}

/// Returns `true` if the bell rings at the end of a run that took this long.
fn rings(elapsed: Duration) -> bool {
    elapsed > BELL_AFTER
}

/// Returns the short name of a run, if that identifies the run, and otherwise its whole name.
fn short_name(folder: &Folder, id: &RunId) -> String {
    let short = id.0.get(..NAME).unwrap_or(&id.0);
    let is_clear = folder.find(short).is_ok_and(|found| found == *id);
    if is_clear { short.to_owned() } else { id.0.clone() }
}

/// Returns what to do about sections with these states. `older` are the views that are newer than
/// the focus, and `name` names the run unless it is the last one.
fn hints(
    states: &[(BranchId, String, SectionState)],
    older: &[String],
    name: Option<&str>,
    lang: Lang,
) -> Vec<String> {
    let in_state = |is: fn(SectionState) -> bool| {
        let found = states.iter().filter(move |(.., state)| is(*state));
        found.map(|(_, title, _)| title.as_str()).collect::<Vec<_>>()
    };
    let broken = in_state(|state| matches!(state, SectionState::Broken | SectionState::Cancelled));
    let retry =
        name.map_or_else(|| "kaizodo retry".to_owned(), |name| format!("kaizodo retry {name}"));
    let focus = format!("kaizodo retry {} {FOCUS}", name.unwrap_or("last"));
    let incomplete = (!broken.is_empty()).then(|| match lang {
        Lang::Ja => {
            let broken = broken.join("」「");
            format!("「{broken}」が完了していません。`{retry}` でもう一度尋ねられます。")
        }
        Lang::En if broken.len() == 1 => {
            format!("{} is incomplete. `{retry}` asks for it again.", broken.concat())
        }
        Lang::En => {
            format!("{} are incomplete. `{retry}` asks for them again.", listed(&broken))
        }
    });
    let on_demand = in_state(|state| state == SectionState::OnDemand);
    let on_demand = on_demand.iter().map(|title| match lang {
        Lang::Ja => format!("「{title}」はまだ書いていません。`{focus}` で書けます。"),
        Lang::En => format!("{title} is not written yet. `{focus}` writes it."),
    });
    // A focus that is incomplete is asked for again in any case.
    let is_broken =
        states.iter().any(|(branch, _, state)| &*branch.0 == FOCUS && *state != SectionState::Done);
    let outdated = (!older.is_empty() && !is_broken).then(|| match lang {
        Lang::Ja => {
            let older = older.join("」「");
            format!(
                "焦点には「{older}」の新しい答えがまだ入っていません。`{focus}` で書き直せます。"
            )
        }
        Lang::En => {
            let older = listed(&older.iter().map(String::as_str).collect::<Vec<_>>());
            format!("The focus was written before {older}. `{focus}` writes it again.")
        }
    });
    incomplete.into_iter().chain(on_demand).chain(outdated).collect()
}

/// Returns names as an English list: `A, B and C`.
fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// Returns a sentence that names the views that are not complete, if any.
fn unfinished_views(states: &[(BranchId, String, SectionState)], lang: Lang) -> Option<String> {
    let views = states.iter().filter(|(branch, ..)| &*branch.0 != FOCUS);
    let open = views.filter(|(.., state)| *state != SectionState::Done);
    let open: Vec<&str> = open.map(|(_, title, _)| title.as_str()).collect();
    (!open.is_empty()).then(|| match lang {
        Lang::Ja => format!("完了していない視点があります: {}。", open.join("、")),
        Lang::En => format!("These views are not complete: {}.", open.join(", ")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn states(of: &[(&str, SectionState)]) -> Vec<(BranchId, String, SectionState)> {
        let titled = |name: &str| name[..1].to_uppercase() + &name[1..];
        of.iter().map(|(name, state)| (BranchId((*name).into()), titled(name), *state)).collect()
    }

    #[test]
    fn each_incomplete_section_is_named_with_the_command_for_it() {
        use SectionState::{Broken, Cancelled, Done, OnDemand};
        let of = |of: &[(&str, SectionState)], older: &[&str], name| {
            let older: Vec<_> = older.iter().map(|title| (*title).to_owned()).collect();
            let of = states(of);
            [Lang::En, Lang::Ja].map(|lang| hints(&of, &older, name, lang).join("\n"))
        };
        assert_eq!(of(&[("focus", Done), ("depth", Done)], &[], None), ["", ""]);
        let all = [
            of(&[("focus", Done), ("depth", Broken)], &[], None),
            of(&[("focus", Broken), ("depth", Broken), ("time", Cancelled)], &["X"], Some("01a")),
            of(&[("focus", OnDemand), ("depth", Done)], &[], None),
            of(&[("focus", OnDemand), ("depth", Broken)], &[], Some("01a")),
            of(&[("depth", Done)], &["Depth", "Time"], None),
        ];
        insta::assert_snapshot!(all.concat().join("\n"), @r"
        Depth is incomplete. `kaizodo retry` asks for it again.
        「Depth」が完了していません。`kaizodo retry` でもう一度尋ねられます。
        Focus, Depth and Time are incomplete. `kaizodo retry 01a` asks for them again.
        「Focus」「Depth」「Time」が完了していません。`kaizodo retry 01a` でもう一度尋ねられます。
        Focus is not written yet. `kaizodo retry last focus` writes it.
        「Focus」はまだ書いていません。`kaizodo retry last focus` で書けます。
        Depth is incomplete. `kaizodo retry 01a` asks for it again.
        Focus is not written yet. `kaizodo retry 01a focus` writes it.
        「Depth」が完了していません。`kaizodo retry 01a` でもう一度尋ねられます。
        「Focus」はまだ書いていません。`kaizodo retry 01a focus` で書けます。
        The focus was written before Depth and Time. `kaizodo retry last focus` writes it again.
        焦点には「Depth」「Time」の新しい答えがまだ入っていません。`kaizodo retry last focus` で書き直せます。
        ");
    }

    #[test]
    fn the_bell_rings_after_ten_seconds() {
        assert!(!rings(Duration::from_millis(9999)) && !rings(BELL_AFTER));
        assert!(rings(Duration::from_millis(10_001)));
    }
}
