//! What a run would send, built as for the run but not sent.

use super::cost::Tariff;
use super::server::Lookup;
use super::{RunOptions, Session, SessionError, Subject, context, drive, fence, focus};
use crate::config::Config;
use crate::event::{Role, Source};
use crate::request::{
    Order, Planned, Preview, QuotedAnswer, Request, Sent, context_text, focus_prompt, prompts,
};
use crate::session::ProviderSelector;
use futures::future::join_all;
use std::sync::Arc;

impl Session {
    /// Returns what [`Session::start`] would send with the same arguments. Nothing is sent. If the
    /// settings name no server, only the usual ports of local servers on this computer are probed.
    ///
    /// # Errors
    /// Same as [`Session::start`], except that any number of runs may be in progress.
    pub fn preview(
        &self,
        subject: Subject,
        options: &RunOptions,
    ) -> Result<impl Future<Output = Preview> + Send + use<>, SessionError> {
        let config = self.config();
        let request = self.request(subject, options, &config)?;
        Ok(make(request, self.selector.clone(), config))
    }
}

async fn make(request: Request, selector: ProviderSelector, config: Arc<Config>) -> Preview {
    let selected = selector.select(&config, Lookup::KnownOnly).await;
    let fence = fence(&request);
    let prompts = drive::with_fallbacks(prompts(&request, &fence), &config);
    let prefix = prompts.first().map(|(_, prompt)| prompt.shared_tokens()).unwrap_or_default();
    let models = prompts.iter().flat_map(|(_, prompt)| prompt.candidates());
    let notes = drive::notes(&request, selected.notes(models, request.lang), &selected);
    let server = selector.server(&selected);
    let (order, is_open) = server.known_order(selected.endpoint.as_ref(), &config, prefix);
    // A run would first ask the server for its models if none is named, or what the server is if
    // that is unknown.
    let endpoint = selected.endpoint.as_ref();
    let endpoint = endpoint.filter(|known| known.model.is_none() || is_open);
    let tariff = Tariff::new(&config, &selected);
    let asked = tariff.billable_run(&request, &prompts);
    let refused = tariff.check(&asked, request.lang).err();
    let views = prompts.into_iter().map(|(branch, prompt)| (branch, Role::View, prompt));
    let focus = request.focus.as_ref().filter(|focus| !focus.is_on_demand).map(|focus| {
        let prompt = focus_prompt(&request, &focus.perspective, &fence, &to_come(&request));
        let prompt = prompt.with_fallbacks(&config.fallbacks);
        (focus::branch(), Role::Focus, prompt)
    });
    let sections = views.chain(focus).map(|(branch, role, prompt)| {
        let (title, question) =
            (prompt.perspective.heading(request.lang), prompt.question().to_owned());
        let fallbacks = prompt.fallbacks.clone();
        let sent = selected.provider.preview(prompt);
        let refused = refused.as_ref().map(|failure| Sent::Refused(failure.message.clone()));
        async move {
            let sent = match refused {
                Some(refused) => refused,
                None => sent.await,
            };
            Planned { branch, title, role, question, fallbacks, sent }
        }
    });
    Preview {
        title: context::title(&request.selection.text, config.secrets, request.lang),
        source: Source { uri: request.selection.uri.clone(), range: request.selection.range },
        lang: request.lang,
        provider: selected.provider.label(request.lang),
        host: selected.provider.host(),
        before: endpoint.map(|endpoint| endpoint.models_url()).into_iter().collect(),
        leave: bounded(order, config.limits.budget.concurrency),
        estimate: tariff.estimate(&asked),
        sections: join_all(sections).await,
        never_send: config.never_send.patterns().to_vec(),
        of_answer: request.origin.passage().is_some(),
        text: request.selection.text.clone(),
        context: context_text(&request, &fence).filter(|_| selected.provider.sends()),
        notes,
    }
}

/// Returns placeholders for the answers that the focus will be shown.
fn to_come(request: &Request) -> Vec<QuotedAnswer> {
    let notes = request.perspectives.iter().map(|p| {
        let title = p.heading(request.lang);
        let text = request.lang.pick(
            format!("〔ここに「{title}」の答えが入ります〕"),
            format!("[the answer from \"{title}\" goes here]"),
        );
        QuotedAnswer { title, text, is_whole: true }
    });
    notes.collect()
}

/// Returns the order, limited to the concurrency from the settings.
fn bounded(order: Order, concurrency: usize) -> Order {
    match order {
        Order::AtOnce(limit) => Order::AtOnce(limit.min(concurrency).max(1)),
        Order::LeaderFirst | Order::InTurn => order,
    }
}
