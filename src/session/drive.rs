//! What a run's tasks do: choose who answers, start the engine, record what comes.

use super::choice::{Choice, Chosen};
use super::ways::Undecided;
use super::{Run, clock};
use crate::config::Config;
use crate::engine::{self, Plan, Work};
use crate::event::{BranchId, Event, SectionTitle, Source};
use crate::perspective::{Prompt, prompts};
use crate::request::Request;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Events taken from the engine at once.
const BATCH: usize = 256;

/// Runs all branches of a new run.
pub(super) async fn run(run: Arc<Run>, choice: Choice, config: Arc<Config>) {
    let Some(request) = run.request() else { return };
    let chosen = choice.choose(&config).await;
    let prompts = prompts(request, run.tag());
    let models = prompts.iter().map(|(_, prompt)| prompt.model.as_deref());
    let notes = [request.notes.clone(), chosen.notes(models, request.lang)].concat();
    run.record(Event::RunStarted {
        run: run.id().clone(),
        at: clock::now(),
        title: run.title().to_owned(),
        source: Source { uri: request.selection.uri.clone(), range: request.selection.range },
        lang: request.lang,
        provider: chosen.provider.label(request.lang),
        sections: request
            .perspectives
            .iter()
            .map(|p| SectionTitle {
                branch: BranchId(p.name.as_str().into()),
                title: p.title(request.lang).to_owned(),
            })
            .collect(),
        notes,
    });
    let (plan, undecided) =
        plan(&run, request, &choice, &chosen, &config, prompts.first().map(|p| &p.1)).await;
    let work = prompts
        .into_iter()
        .map(|(branch, prompt)| Work { token: run.token_of(&branch), branch, prompt })
        .collect();
    let events = engine::start(work, Arc::clone(&chosen.provider), plan);
    settle(undecided, &run);
    record_all(&run, events).await;
    choice.way(&chosen).ran();
}

/// Runs one branch again.
pub(super) async fn retry(
    run: Arc<Run>,
    branch: BranchId,
    model: Option<String>,
    token: CancellationToken,
    choice: Choice,
    config: Arc<Config>,
) {
    let Some(request) = run.request() else { return };
    let Some((branch, mut prompt)) =
        prompts(request, run.tag()).into_iter().find(|(b, _)| *b == branch)
    else {
        return;
    };
    prompt.model = model.or(prompt.model);
    let chosen = choice.choose(&config).await;
    let (plan, undecided) = plan(&run, request, &choice, &chosen, &config, Some(&prompt)).await;
    let work = vec![Work { branch, prompt, token }];
    let events = engine::start(work, Arc::clone(&chosen.provider), plan);
    settle(undecided, &run);
    record_all(&run, events).await;
    choice.way(&chosen).ran();
}

/// How the run's branches are asked; `prompt` stands for all that share its prefix.
async fn plan(
    run: &Run,
    request: &Request,
    choice: &Choice,
    chosen: &Chosen,
    config: &Config,
    prompt: Option<&Prompt>,
) -> (Plan, Option<Undecided>) {
    let way = choice.way(chosen);
    let prefix_tokens = prompt.map(Prompt::shared_tokens).unwrap_or_default();
    let (order, undecided) = way.order(chosen.endpoint.as_ref(), config, prefix_tokens).await;
    let plan = Plan {
        run: run.id().clone(),
        order,
        gate: Arc::clone(&way.gate),
        budget: request.budget,
        lang: request.lang,
    };
    (plan, undecided)
}

/// Finds out what the server is while the first request is under way. It ends by itself within a
/// second.
fn settle(undecided: Option<Undecided>, run: &Run) {
    if let Some(undecided) = undecided {
        tokio::spawn(undecided.settle(run.id().clone()));
    }
}

async fn record_all(run: &Run, mut events: mpsc::Receiver<Event>) {
    let mut batch = Vec::with_capacity(BATCH);
    while events.recv_many(&mut batch, BATCH).await > 0 {
        batch.drain(..).for_each(|event| run.record(event));
    }
    let tasks = tokio::runtime::Handle::current().metrics().num_alive_tasks();
    tracing::debug!(run = %run.id(), tasks, "all sections have ended");
}
