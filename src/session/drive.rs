//! A run's tasks: select a provider, start the engine, record the events.

use super::cost::{Bill, Tariff};
use super::focus;
use super::provider_selector::{ProviderSelector, Selected};
use super::server::Lookup;
use super::{Run, clock, context, context::fence, marks, prompts::prompt_of};
use crate::config::Config;
use crate::engine::{self, Plan, Work};
use crate::event::{BranchId, Event, Failure, FailureKind, Outcome, Role, RunId, Source};
use crate::lang::Lang;
use crate::perspective::Effort;
use crate::provider::{ProviderError, sentence};
use crate::request::{Budget, Prompt, Request, prompts};
use crate::text::quotation::misquoted;
use futures::future::join_all;
use parking_lot::Mutex;
use std::collections::HashSet;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Maximum number of events taken from the engine at once.
const BATCH: usize = 256;
/// Maximum number of wrong quotations reported for one answer.
const MISQUOTES: usize = 3;

/// Runs all branches of a new run, and records their events.
pub(crate) async fn run(run: Arc<Run>, selector: ProviderSelector, config: Arc<Config>) {
    let Some(request) = run.request() else { return };
    let selected = selector.select(&config, Lookup::MayQuery).await;
    let prompts = with_fallbacks(prompts(request, &fence(request)), &config);
    let models = prompts.iter().flat_map(|(_, prompt)| prompt.candidates());
    let notes = notes(request, selected.notes(models, request.lang), &selected);
    run.record(Event::RunStarted {
        run: run.id().clone(),
        at: clock::now(),
        title: run.title().to_owned(),
        source: Source { uri: request.selection.uri.clone(), range: request.selection.range },
        origin: request.origin.passage().cloned(),
        lang: request.lang,
        provider: selected.provider.label(request.lang),
        without_model: !selected.provider.asks_model(),
        sections: focus::sections(request),
        notes,
        selection: Some(context::selection_digest(&request.selection)),
        context: request.selection.context.as_ref().map(|c| c.mode).unwrap_or_default(),
    });
    let tariff = Tariff::new(&config, &selected);
    let asked = tariff.billable_run(request, &prompts);
    if let Err(failure) = tariff.reserve(&run, &asked, request.lang) {
        return refuse(&run, request, &failure, &HashSet::new());
    }
    let branches: Vec<_> = prompts.iter().map(|(branch, _)| branch.clone()).collect();
    let (stopped, prepared) = prepare(&run, &branches, &selected, request.lang).await;
    if let Err(error) = prepared {
        let model = selected.provider.model(&Prompt::default());
        let failure = sentence::failure(&error, &model, false, request.lang);
        return refuse(&run, request, &failure, &stopped);
    }
    let work = by_model(prompts)
        .into_iter()
        .filter(|(branch, _)| !stopped.contains(branch))
        .map(|(branch, prompt)| Work { token: run.token_of(&branch), branch, prompt, note: None })
        .collect();
    let of = RequestContext { run: run.id().clone(), budget: request.budget, lang: request.lang };
    let (events, plan) = send(&selector, &selected, &config, of, work).await;
    let focus = write_focus(&run, request, &selected, plan, &tariff, &config);
    tokio::join!(record_all(&run, events, &tariff), focus);
    selector.server(&selected).record_run_end();
}

/// Groups the prompts by model, because a server may have to load each model, and a prefix cached
/// for one model does not help another.
fn by_model(mut prompts: Vec<(BranchId, Prompt)>) -> Vec<(BranchId, Prompt)> {
    let models: Vec<_> = prompts.iter().map(|(_, prompt)| prompt.model.clone()).collect();
    prompts.sort_by_key(|(_, prompt)| models.iter().position(|model| *model == prompt.model));
    prompts
}

/// Adds the fallback models from the settings to each prompt.
pub(crate) fn with_fallbacks(
    prompts: Vec<(BranchId, Prompt)>,
    config: &Config,
) -> Vec<(BranchId, Prompt)> {
    let with =
        |(branch, prompt): (BranchId, Prompt)| (branch, prompt.with_fallbacks(&config.fallbacks));
    prompts.into_iter().map(with).collect()
}

/// Returns notes for the user on how a run is made: on the context, the request's own notes, and
/// `of_models`. The context is mentioned only if the provider sends it.
pub(crate) fn notes(request: &Request, of_models: Vec<String>, selected: &Selected) -> Vec<String> {
    let context = request.selection.context.as_ref().filter(|_| selected.provider.sends());
    let context = context.map(|context| context::note(context, request.lang));
    context.into_iter().chain(request.notes.iter().cloned()).chain(of_models).collect()
}

/// Does what is necessary before requests can be sent to the provider, such as starting its server,
/// and shows this in the sections of `branches`. A section that is stopped meanwhile ends at once,
/// and may be retried before this returns. Returns these sections, early if all of them are stopped,
/// and whether the provider is ready.
async fn prepare(
    run: &Run,
    branches: &[BranchId],
    selected: &Selected,
    lang: Lang,
) -> (HashSet<BranchId>, Result<(), ProviderError>) {
    let Some(preparation) = selected.provider.preparation(lang) else {
        return (HashSet::new(), Ok(()));
    };
    for branch in branches {
        let waits_for = Some(preparation.note.clone());
        run.record(Event::BranchQueued { branch: branch.clone(), waits_for });
    }
    let stopped = Mutex::new(HashSet::new());
    let stops = branches.iter().map(|branch| async {
        run.token_of(branch).cancelled().await;
        stopped.lock().insert(branch.clone());
        run.record(Event::ended(branch.clone(), Outcome::Cancelled));
    });
    let done = tokio::select! {
        biased;
        _ = join_all(stops) => Ok(()),
        done = preparation.done => done,
    };
    (stopped.into_inner(), done)
}

/// Writes the run's focus when it is due.
async fn write_focus(
    run: &Run,
    request: &Request,
    selected: &Selected,
    plan: Plan,
    tariff: &Tariff<'_>,
    config: &Config,
) {
    let Some(focus) = &request.focus else { return };
    let branch = focus::branch();
    if focus.is_on_demand {
        return run.record(Event::ended(branch, Outcome::OnDemand));
    }
    let token = run.token_of(&branch);
    let views = || run.progress_of_views();
    if !focus::is_due(run.watch_urgent(), views, &token, request.budget.focus_wait).await {
        return run.record(Event::ended(branch, Outcome::Cancelled));
    }
    let (prompt, note) = match prompt_of(run, request, &branch) {
        Ok(found) => found,
        Err(why) => {
            return run.record(Event::ended(branch, failed_without_prompt(why, request.lang)));
        }
    };
    let prompt = prompt.with_fallbacks(&config.fallbacks);
    let work = vec![Work { branch, prompt, note, token }];
    record_all(run, engine::start(work, Arc::clone(&selected.provider), plan), tariff).await;
}

/// Ends all sections of a run except those that were `stopped`, without sending anything.
fn refuse(run: &Run, request: &Request, failure: &Failure, stopped: &HashSet<BranchId>) {
    let is_on_demand = request.focus.as_ref().is_some_and(|focus| focus.is_on_demand);
    let sections = focus::sections(request).into_iter();
    for section in sections.filter(|section| !stopped.contains(&section.branch)) {
        let outcome = match section.role {
            Role::Focus if is_on_demand => Outcome::OnDemand,
            _ => Outcome::Failed(failure.clone()),
        };
        run.record(Event::ended(section.branch, outcome));
    }
}

/// A request for one branch after the run's initial ones: to retry a section, or to write one that
/// was added.
#[derive(Debug)]
pub(crate) struct BranchRequest {
    pub(crate) branch: BranchId,
    /// The token that cancels the branch.
    pub(crate) token: CancellationToken,
    /// The user's changes for this request only.
    pub(crate) changes: Changes,
}

/// The user's changes to a section's request for one retry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// The model to ask, without fallbacks; `None` means the section's usual models.
    pub model: Option<String>,
    /// The reasoning effort; `None` means the section's usual effort.
    pub effort: Option<Effort>,
    /// Whether to rewrite the answer according to the user's marks on its items.
    pub with_marks: bool,
}

/// Runs one branch of a run: a section that is retried, or one that was added.
pub(crate) async fn run_branch(
    run: Arc<Run>,
    BranchRequest { branch, token, changes }: BranchRequest,
    selector: ProviderSelector,
    config: Arc<Config>,
) {
    let Some(request) = run.request() else { return };
    let (mut prompt, note) = match prompt_of(&run, request, &branch) {
        Ok(found) => found,
        Err(why) => {
            return run.record(Event::ended(branch, failed_without_prompt(why, request.lang)));
        }
    };
    if changes.with_marks {
        prompt = marks::revised(&run, &branch, prompt);
    }
    prompt = match changes.model {
        // The user wants this model and no other.
        Some(model) => Prompt { model: Some(model), fallbacks: Vec::new(), ..prompt },
        None => prompt.with_fallbacks(&config.fallbacks),
    };
    prompt.effort = changes.effort.or(prompt.effort);
    let selected = selector.select(&config, Lookup::MayQuery).await;
    let tariff = Tariff::new(&config, &selected);
    let asked = tariff.billable(&branch, &prompt);
    if let Err(failure) = tariff.reserve(&run, &[asked], request.lang) {
        return run.record(Event::ended(branch, Outcome::Failed(failure)));
    }
    let (stopped, prepared) =
        prepare(&run, std::slice::from_ref(&branch), &selected, request.lang).await;
    if stopped.contains(&branch) {
        return;
    }
    if let Err(error) = prepared {
        let model = selected.provider.model(&prompt);
        let failure = sentence::failure(&error, &model, false, request.lang);
        return run.record(Event::ended(branch, Outcome::Failed(failure)));
    }
    let work = vec![Work { branch, prompt, note, token }];
    let of = RequestContext { run: run.id().clone(), budget: request.budget, lang: request.lang };
    let (events, _) = send(&selector, &selected, &config, of, work).await;
    record_all(&run, events, &tariff).await;
    selector.server(&selected).record_run_end();
}

/// Returns the outcome of a branch for which there is no prompt.
fn failed_without_prompt(why: FailureKind, lang: Lang) -> Outcome {
    Outcome::Failed(sentence::failure(&ProviderError::new(why, None), "", false, lang))
}

/// What requests belong to.
pub(crate) struct RequestContext {
    pub(crate) run: RunId,
    pub(crate) budget: Budget,
    pub(crate) lang: Lang,
}

/// Sends requests that share a prefix, in the best order for their server. Returns the events of
/// the answers, and the plan for a later request of the same run.
pub(crate) async fn send(
    selector: &ProviderSelector,
    selected: &Selected,
    config: &Config,
    RequestContext { run, budget, lang }: RequestContext,
    work: Vec<Work>,
) -> (mpsc::Receiver<Event>, Plan) {
    let server = selector.server(selected);
    let prefix_tokens = work.first().map(|work| work.prompt.shared_tokens()).unwrap_or_default();
    let (order, undecided) =
        server.settle_order(selected.endpoint.as_ref(), config, prefix_tokens).await;
    let plan = Plan { run: run.clone(), order, gate: Arc::clone(&server.gate), budget, lang };
    let events = engine::start(work, Arc::clone(&selected.provider), plan.clone());
    if let Some(undecided) = undecided {
        // The kind of server is found out while the first request is in flight. The task ends
        // within a second.
        tokio::spawn(undecided.decide(run));
    }
    (events, plan)
}

/// Returns a warning about wrong quotations if `event` ends an answer that has some.
fn misquotes(run: &Run, event: &Event) -> Option<Event> {
    let (Event::BranchEnded { branch, .. }, Some(request)) = (event, run.request()) else {
        return None;
    };
    let answer = run.text_of(branch);
    let mut quoted = misquoted(&answer, &context::quotable(request));
    quoted.truncate(MISQUOTES);
    let note = (!quoted.is_empty()).then(|| match request.lang {
        Lang::Ja => format!("「{}」は、元の文章の言葉どおりではありません", quoted.join("」「")),
        Lang::En => format!("quoted, but not found in your text: “{}”", quoted.join("”, “")),
    })?;
    Some(Event::BranchNoted { branch: branch.clone(), note })
}

async fn record_all(run: &Run, mut events: mpsc::Receiver<Event>, tariff: &Tariff<'_>) {
    let mut bill = Bill::new(tariff);
    let mut batch = Vec::with_capacity(BATCH);
    while events.recv_many(&mut batch, BATCH).await > 0 {
        for mut event in batch.drain(..) {
            if let Some(note) = misquotes(run, &event) {
                run.record(note);
            }
            bill.add_to(&mut event);
            run.record(event);
        }
    }
    let tasks = tokio::runtime::Handle::current().metrics().num_alive_tasks();
    tracing::debug!(run = %run.id(), tasks, "all sections have ended");
}
