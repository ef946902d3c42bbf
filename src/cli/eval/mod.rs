//! `kaizodo eval`: asks about every text in a folder, and measures the answers.

mod ask;
mod rival;
mod table;
mod tape;
mod texts;

use super::args::EvalArgs;
use super::current_folder;
use super::{FAILED, OK, fail, json, output, runtime, warn, warn_of};
use crate::config::{Env, Folders, Settings};
use crate::eval::{Answer, Measures, Report, TextReport};
use crate::lang::{Lang, Message};
use crate::session::Setup;
use crate::session::{RunOptions, Session, SessionError};
use rival::Rival;
use std::process::ExitCode;
use tape::Tape;
use texts::Text;

/// How to ask about each text, and what the answers are compared with.
struct Job {
    session: Session,
    options: RunOptions,
    rival: Option<Rival>,
    judge: Option<String>,
    /// Whether the answers' times are meaningful.
    is_timed: bool,
}

/// Asks about the texts in the folder that the arguments name, and prints the measurements of the
/// answers.
pub(crate) fn run(args: &EvalArgs, env: Env) -> ExitCode {
    let flags = Settings { model: args.model.clone(), ..Settings::default() };
    let setup = Setup::load(env, Folders::find(), &flags);
    let lang = setup.lang();
    warn_of(&setup.problems, lang);
    let prepared = texts::of(&args.folder, &setup.config, lang)
        .and_then(|texts| Ok((texts, Tape::open(args, lang)?)))
        .and_then(|(texts, tape)| Ok((texts, Job::of(args, &setup, &tape, lang)?, tape)));
    let (texts, job, tape) = match prepared {
        Ok(prepared) => prepared,
        Err(message) => return fail(&message),
    };
    runtime::block_on(lang, async {
        // Checked before any model is asked, so that a problem with the last text does not waste
        // the answers to the first ones.
        if let Err(refusal) = job.check(&texts, lang) {
            return fail(&refusal.message(lang));
        }
        let mut reports = Vec::new();
        for text in &texts {
            match job.measure(text).await {
                Err(refusal) => return fail(&refusal.message(lang)),
                Ok(report) => {
                    if !args.json
                        && let Err(error) =
                            output::write(table::text(&report, job.name(), lang).as_bytes())
                    {
                        return output::lost(&error);
                    }
                    reports.push(report);
                }
            }
        }
        let against = job.name().map(str::to_owned);
        let provider = job.session.answered_by(lang).await;
        let report = Report::of(provider, reports, against, job.judge.clone());
        let printed = match args.json {
            true => json::line(&report),
            false => Ok(table::sum(&report, lang).into_bytes()),
        };
        if let Err(error) = printed.and_then(|bytes| output::write(&bytes)) {
            return output::lost(&error);
        }
        let untaped = tape.trouble(lang);
        untaped.iter().for_each(|message| warn(message));
        ExitCode::from(if report.is_well() && untaped.is_none() { OK } else { FAILED })
    })
}

impl Job {
    fn of(args: &EvalArgs, setup: &Setup, tape: &Tape, lang: Lang) -> Result<Self, String> {
        let against = args.against.as_deref().or(args.judge.as_ref().map(|_| rival::PLAIN));
        Ok(Job {
            session: session(setup, tape, None),
            options: RunOptions {
                set: args.set.clone(),
                perspectives: args.perspectives.clone(),
                ..RunOptions::default()
            },
            rival: against.map(|name| Rival::of(name, setup, tape, lang)).transpose()?,
            judge: args.judge.clone(),
            is_timed: tape.is_timed(),
        })
    }

    /// Returns the name of the rival, as the user typed it.
    fn name(&self) -> Option<&str> {
        self.rival.as_ref().map(Rival::name)
    }

    /// Checks that no run about any of the texts would be refused.
    fn check(&self, texts: &[Text], lang: Lang) -> Result<(), SessionError> {
        let other = self.rival.as_ref().and_then(Rival::session);
        let theirs = self.rival.as_ref().and_then(Rival::options);
        for session in std::iter::once(&self.session).chain(other) {
            for text in texts {
                let uri = &text.selection.uri;
                session.settings.reload_for(uri);
                for ask in std::iter::once(&self.options).chain(theirs) {
                    // A preview is refused for the same reasons as a run. It is dropped before it
                    // is made.
                    drop(session.preview(text.selection.clone().into(), ask)?);
                }
            }
        }
        self.session.settings.take_notices().iter().for_each(|notice| warn(&notice.message(lang)));
        Ok(())
    }

    /// Asks about one text, asks the rival and the judge if there are any, and measures the
    /// answers.
    async fn measure(&self, text: &Text) -> Result<TextReport, SessionError> {
        let (answer, sent) = ask::run(&self.session, text, &self.options).await?;
        let other = match &self.rival {
            Some(rival) => Some(rival.answer(&self.session, text, &self.options).await?),
            None => None,
        };
        let judgement = match (&self.judge, &other) {
            (Some(model), Some(other)) if answer.is_complete() && other.is_complete() => {
                let (ours, theirs) = (answer.text(), other.text());
                Some(rival::judged(&self.session, text, &sent, &ours, &theirs, model).await?)
            }
            _ => None,
        };
        let measures = |answer: &Answer| {
            let measures = Measures::of(answer, &sent, text.lang);
            if self.is_timed { measures } else { measures.without_times() }
        };
        Ok(TextReport {
            name: text.name.clone(),
            lang: text.lang,
            set: measures(&answer),
            against: other.as_ref().map(measures),
            judgement,
        })
    }
}

/// Creates a session that asks `model`, or the model in the settings if it is `None`. The session's
/// runs are not saved, because they would evict the user's own runs from the journal.
fn session(setup: &Setup, tape: &Tape, model: Option<&str>) -> Session {
    let mut layers = setup.layers.clone();
    layers.flags.model = model.map(|model| model.to_owned().into()).or(layers.flags.model);
    let selector = tape.put_into(setup.selector.clone(), layers.config().model);
    Session::new(layers, selector, setup.folders.clone(), current_folder())
}
