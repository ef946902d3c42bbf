//! What a run's requests cost, and what they may cost at most.

use super::provider_selector::Selected;
use super::{Run, context::fence, focus};
use crate::config::{Config, Price, Prices};
use crate::event::{BranchId, Event, Failure, FailureKind, Usage, Usd};
use crate::lang::Lang;
use crate::request::{Estimate, Prompt, QUOTED_CHARS, Request, focus_prompt};
use std::collections::HashMap;

/// The prices for a selected server's models, and the cost limit of a run.
pub(crate) struct Tariff<'a> {
    prices: &'a Prices,
    limit: Option<Usd>,
    /// The fallback models from the settings.
    fallbacks: &'a [String],
    selected: &'a Selected,
}

/// What a model's tokens cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rate<'a> {
    /// No cost: no model is asked, or the model runs on this computer.
    Free,
    Priced(&'a Price),
    Unknown,
}

/// The parts of a request that determine its maximum cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BillableRequest {
    branch: BranchId,
    /// The model and its fallbacks. Only the model that answers is billed.
    models: Vec<String>,
    prompt_tokens: usize,
    /// Of `prompt_tokens`, the maximum number for the views' answers, which are not written yet.
    view_tokens: usize,
    /// Maximum number of tokens that the model may write.
    max_tokens: u32,
}

impl<'a> Tariff<'a> {
    pub(crate) fn new(config: &'a Config, selected: &'a Selected) -> Self {
        let (prices, limit) = (&config.prices, config.limits.run_cost);
        Tariff { prices, limit, fallbacks: &config.fallbacks, selected }
    }

    /// Returns the rate for a model. A server on this computer costs nothing unless the user sets a
    /// price, since it may be a gateway to a server that does.
    fn rate(&self, model: &str) -> Rate<'a> {
        if !self.selected.provider.sends() {
            return Rate::Free;
        }
        let endpoint = self.selected.endpoint.as_ref();
        let is_local = endpoint.is_some_and(|e| e.is_loopback() && e.runs_at(model).is_none());
        let price = if is_local { self.prices.own(model) } else { self.prices.find(model) };
        match price {
            Some(price) => Rate::Priced(price),
            None if is_local => Rate::Free,
            None => Rate::Unknown,
        }
    }

    /// Returns what a request cost, if known.
    fn cost(&self, model: &str, usage: Option<Usage>) -> Option<Usd> {
        match self.rate(model) {
            Rate::Priced(price) => Some(price.of(&usage?)),
            Rate::Free | Rate::Unknown => None,
        }
    }

    /// Returns the parts of a branch's request that determine its maximum cost.
    pub(crate) fn billable(&self, branch: &BranchId, prompt: &Prompt) -> BillableRequest {
        BillableRequest {
            branch: branch.clone(),
            models: self.selected.models(prompt),
            prompt_tokens: prompt.tokens(),
            view_tokens: 0,
            max_tokens: prompt.max_tokens,
        }
    }

    /// Like [`Tariff::billable`], but for all requests of a run: those of its views and, unless the
    /// focus is written only on demand, that of its focus.
    pub(crate) fn billable_run(
        &self,
        request: &Request,
        views: &[(BranchId, Prompt)],
    ) -> Vec<BillableRequest> {
        let focus = request.focus.as_ref().filter(|focus| !focus.is_on_demand).map(|focus| {
            let bare = focus_prompt(request, &focus.perspective, &fence(request), &[]);
            let asked = self.billable(&focus::branch(), &bare.with_fallbacks(self.fallbacks));
            // The focus is shown what the views will have written.
            let written = |(_, view): &(BranchId, Prompt)| {
                usize::try_from(view.max_tokens).unwrap_or(usize::MAX).min(QUOTED_CHARS)
            };
            let view_tokens: usize = views.iter().map(written).sum();
            let prompt_tokens = asked.prompt_tokens + view_tokens;
            BillableRequest { prompt_tokens, view_tokens, ..asked }
        });
        views.iter().map(|(branch, prompt)| self.billable(branch, prompt)).chain(focus).collect()
    }

    /// Returns the maximum cost of each of these requests.
    ///
    /// # Errors
    /// Fails if the price of a model is unknown; the error is the model's name.
    fn bounds(&self, asked: &[BillableRequest]) -> Result<Vec<(BranchId, Usd)>, String> {
        let bound = |asked: &BillableRequest| {
            let bounds = asked.models.iter().map(|model| match self.rate(model) {
                Rate::Free => Ok(Usd::ZERO),
                Rate::Priced(price) => Ok(price.of(&asked.usage())),
                Rate::Unknown => Err(model.clone()),
            });
            let bounds: Vec<Usd> = bounds.collect::<Result<_, _>>()?;
            Ok((asked.branch.clone(), bounds.into_iter().max().unwrap_or_default()))
        };
        asked.iter().map(bound).collect()
    }

    /// Estimates the tokens and the maximum cost of these requests; `None` if the provider sends
    /// nothing, as with the worksheet.
    pub(crate) fn estimate(&self, asked: &[BillableRequest]) -> Option<Estimate> {
        if !self.selected.provider.sends() {
            return None;
        }
        let sum = asked.iter().map(BillableRequest::usage).fold(Usage::default(), Usage::plus);
        let bounds = self.bounds(asked).ok();
        let cost = bounds.map(|all| all.into_iter().map(|(_, bound)| bound).sum::<Usd>());
        Some(Estimate {
            prompt_tokens: sum.prompt_tokens,
            view_tokens: asked.iter().map(|asked| asked.view_tokens as u64).sum(),
            completion_tokens: sum.completion_tokens,
            cost: cost.filter(|cost| !cost.is_zero()),
        })
    }

    /// Returns the name of a model whose price is unknown, so that these requests are refused: the
    /// cost of a run is limited. The name is empty if it is not known which model will answer.
    pub(crate) fn model_without_price(&self, asked: &[BillableRequest]) -> Option<String> {
        self.limit.and_then(|_| self.bounds(asked).err())
    }

    /// Checks whether the cost limit of a run allows these requests, given their maximum cost.
    ///
    /// # Errors
    /// Fails if the maximum cost is over the limit, or if there is a limit and a price is unknown.
    pub(crate) fn check(&self, asked: &[BillableRequest], lang: Lang) -> Result<(), Failure> {
        self.check_within(asked, lang, |limit, bounds| {
            let bound: Usd = bounds.iter().map(|(_, bound)| *bound).sum();
            if bound > limit { Err(bound) } else { Ok(()) }
        })
    }

    /// Like [`Tariff::check`], but also counts what `run` has cost so far and the maximum cost of
    /// its other requests in progress. If the requests may be sent, reserves their maximum cost.
    ///
    /// # Errors
    /// Same as [`Tariff::check`].
    pub(crate) fn reserve(
        &self,
        run: &Run,
        asked: &[BillableRequest],
        lang: Lang,
    ) -> Result<(), Failure> {
        self.check_within(asked, lang, |limit, bounds| run.reserve(limit, bounds))
    }

    fn check_within(
        &self,
        asked: &[BillableRequest],
        lang: Lang,
        within: impl FnOnce(Usd, &[(BranchId, Usd)]) -> Result<(), Usd>,
    ) -> Result<(), Failure> {
        let Some(limit) = self.limit else { return Ok(()) };
        let message = match self.bounds(asked) {
            Err(model) => unknown_price(&model, limit, lang),
            Ok(bounds) => match within(limit, &bounds) {
                Ok(()) => return Ok(()),
                Err(bound) => too_dear(bound, limit, lang),
            },
        };
        let kind = FailureKind::Limit;
        Err(Failure::new(kind, message))
    }
}

impl BillableRequest {
    fn usage(&self) -> Usage {
        Usage {
            prompt_tokens: self.prompt_tokens as u64,
            completion_tokens: self.max_tokens.into(),
            ..Usage::default()
        }
    }
}

/// Returns the message for requests that are not sent because they may cost too much.
fn too_dear(bound: Usd, limit: Usd, lang: Lang) -> String {
    let bound = bound.rounded_up();
    lang.pick(
        format!("送っていません。この実行の費用は最大 {bound} になる可能性があり、limits.run_cost の上限 {limit} を超えます。視点か limits.max_tokens を減らすか、limits.run_cost を上げてから、やり直してください。"),
        format!("Not sent: this run could cost up to {bound}, but limits.run_cost allows {limit}. Choose fewer perspectives, lower limits.max_tokens or raise limits.run_cost, then retry."),
    )
}

/// Returns the message for requests that are not sent because a model's price is unknown.
fn unknown_price(model: &str, limit: Usd, lang: Lang) -> String {
    match model {
        "" => lang.pick(
            format!("送っていません。limits.run_cost の上限が {limit} ですが、どのモデルが答えるか分からないため、費用を見積もれません。model を設定するか、limits.run_cost を外してから、やり直してください。"),
            format!("Not sent: limits.run_cost allows {limit}, but the cost cannot be estimated because it is not known which model will answer. Set `model`, or remove `limits.run_cost`, then retry."),
        ),
        model => lang.pick(
            format!("送っていません。limits.run_cost の上限が {limit} ですが、モデル {model} の価格が分からないため、費用を見積もれません。prices に価格を書くか、limits.run_cost を外してから、やり直してください。"),
            format!("Not sent: limits.run_cost allows {limit}, but the cost cannot be estimated because the price of the model {model} is not known. Add the model to `prices`, or remove `limits.run_cost`, then retry."),
        ),
    }
}

/// Adds the request's cost to the event that ends each branch.
pub(crate) struct Bill<'a> {
    tariff: &'a Tariff<'a>,
    /// The model that each branch asked last.
    models: HashMap<BranchId, String>,
}

impl<'a> Bill<'a> {
    pub(crate) fn new(tariff: &'a Tariff<'a>) -> Self {
        Bill { tariff, models: HashMap::new() }
    }

    /// Adds the cost to an event that ends a branch and has no cost yet.
    pub(crate) fn add_to(&mut self, event: &mut Event) {
        match event {
            Event::BranchStarted { branch, model }
            | Event::BranchRetrying { branch, model: Some(model), .. } => {
                self.models.insert(branch.clone(), model.clone());
            }
            Event::BranchEnded { branch, usage, cost: cost @ None, .. } => {
                let model = self.models.get(branch).filter(|model| !model.is_empty());
                *cost = model.and_then(|model| self.tariff.cost(model, *usage));
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests;
