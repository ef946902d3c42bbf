//! `kaizodo doctor`: reports which provider would be asked, why, and whether it works.

mod check;
mod report;
mod words;

use super::{FAILED, OK, USAGE, output, runtime};
use crate::config::{Env, Folders, Notice, Settings};
use crate::lang::Message;
use crate::provider::discovery::{DiscoveryOptions, discover};
use crate::session::Setup;
use crate::session::{Lookup, Reason, RunOptions};
use report::{Facts, Finding, Level, Local, Report};
use std::process::ExitCode;
use std::time::Duration;

/// How long a server may be silent before it is reported as not answering.
const PROBE_TIMEOUT: Duration = Duration::from_secs(10);

/// Checks the settings and the server, and prints a report.
pub(crate) fn run(json: bool, env: Env) -> ExitCode {
    let mut setup = Setup::load(env, Folders::find(), &Settings::default());
    let request = &mut setup.config.request;
    request.idle = request.idle.min(PROBE_TIMEOUT);
    let lang = setup.lang();
    runtime::block_on(lang, async {
        let report = examine(&setup).await;
        let text = if json { report.json() } else { report.text(output::room(), lang) };
        if let Err(error) = output::write(text.as_bytes()) {
            return output::lost(&error);
        }
        ExitCode::from(match report.worst() {
            Level::Configuration => USAGE,
            Level::Problem => FAILED,
            Level::Note | Level::Well => OK,
        })
    })
}

async fn examine(setup: &Setup) -> Report {
    let Setup { config, selector, .. } = setup;
    let lang = setup.lang();
    let options = DiscoveryOptions::default();
    let (selected, found) =
        tokio::join!(selector.select(config, Lookup::MayQuery), discover(&options));
    let mut findings: Vec<Finding> = setup
        .problems
        .iter()
        .flat_map(|problem| problem.each())
        .map(|mistake| Finding::configuration(mistake.message(lang)))
        .collect();
    let session = setup.session(super::current_folder());
    session.settings.reload_for("");
    let told = session.settings.take_notices();
    findings.extend(told.iter().map(|notice| match notice {
        Notice::Offer { .. } => Finding::configuration(notice.message(lang)),
        _ => Finding::note("perspectives", notice.message(lang)),
    }));
    let scope = session.settings.scope("");
    let about = scope.about_repository(lang).into_iter();
    findings.extend(about.map(|message| Finding::note("repository", message)));
    let mut perspectives = vec![];
    for set in scope.set_names() {
        match scope.perspectives(&RunOptions { set: Some(set.clone()), ..RunOptions::default() }) {
            Ok(members) if perspectives.is_empty() => {
                perspectives = members.iter().map(|p| p.name.clone()).collect();
            }
            Ok(_) => {}
            Err(refusal) => findings.push(Finding::configuration(refusal.message(lang))),
        }
    }
    findings.extend(match (&selected.endpoint, &selected.reason) {
        (_, Reason::Misconfigured(error)) => {
            vec![Finding::configuration(error.message(lang))]
        }
        (_, Reason::ModelFile(launch)) => {
            vec![Finding::well(words::will_start(launch, lang))]
        }
        (Some(endpoint), _) => match endpoint.with_key().await {
            Ok(endpoint) => {
                let mut findings = check::ask(&endpoint, lang).await;
                let unpriced = setup.model_without_price(&selected);
                findings.extend(
                    unpriced
                        .map(|model| Finding::problem("run_cost", words::no_price(&model, lang))),
                );
                findings
            }
            Err(error) => vec![Finding::configuration(error.message(lang))],
        },
        (None, _) => vec![Finding::note("no_model", words::no_model(config.provider, lang))],
    });
    Report {
        facts: Facts::new(setup, &selected, &scope, perspectives),
        local_servers: found.iter().map(Local::new).collect(),
        findings,
    }
}
