//! The state of each server: its gate, and what it reported about itself. It lives as long as the
//! sessions of one setup.

use crate::config::Config;
use crate::engine::{Gate, depends_on_kind, max_in_flight, schedule};
use crate::event::RunId;
use crate::provider::models::{Learned, identify_server};
use crate::provider::{Endpoint, ServerKind};
use crate::request::{Order, Schedule};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// Whether a lookup may query the server that the settings name. With either variant, local servers
/// are searched for if the settings name no server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// For a run: whatever is unknown about the server is queried from it.
    MayQuery,
    /// For a preview, for example: the server is not queried, and whatever is unknown stays
    /// unknown.
    KnownOnly,
}

/// The state of every server, by host. The hosts come from the settings and from the search for
/// local servers, so there are few.
#[derive(Default)]
pub(crate) struct Servers(Mutex<HashMap<String, Arc<Server>>>);

/// The gate to one server, and what is known about the server.
pub(crate) struct Server {
    pub(crate) gate: Arc<Gate>,
    /// What the server reported about itself; `None` if it was not queried or could not be
    /// identified.
    learned: Mutex<Option<Learned>>,
    /// When a run last ended on this server, provided that the server has ever answered, or when a
    /// connection was last opened in advance.
    used: Mutex<Option<Instant>>,
}

impl Servers {
    /// Returns the state of the server at `host`; the empty string stands for providers without a
    /// host.
    pub(crate) fn for_host(&self, host: &str) -> Arc<Server> {
        let mut servers = self.0.lock();
        let new = || Server {
            gate: Arc::new(Gate::new(1)),
            learned: Mutex::default(),
            used: Mutex::default(),
        };
        Arc::clone(servers.entry(host.to_owned()).or_insert_with(|| Arc::new(new())))
    }
}

impl Server {
    /// Returns the order in which to send a run's requests if they share a prefix of
    /// `prefix_tokens` tokens, as far as the server is known, and whether [`Server::settle_order`]
    /// would query the server for a better one. Changes nothing.
    pub(crate) fn known_order(
        &self,
        endpoint: Option<&Endpoint>,
        config: &Config,
        prefix_tokens: usize,
    ) -> (Order, bool) {
        let wanted = config.schedule;
        let depends = decisive(endpoint, wanted, prefix_tokens);
        let learned = depends.and_then(|_| self.known()).map(|learned| learned.serving);
        let serving = learned.or(endpoint.map(|e| e.serving)).unwrap_or_default();
        let is_open = depends.is_some() && learned.is_none();
        (schedule(wanted, serving, prefix_tokens), is_open)
    }

    /// Returns the order in which to send a run's requests if they share a prefix of
    /// `prefix_tokens` tokens, and sets how many may be in flight. Queries the server for its kind
    /// if the order depends on it.
    ///
    /// A server that may be Ollama is not queried yet: the requests are sent one after the other
    /// until [`Undecided::decide`], which must be called once they are queued, has set a better
    /// order.
    pub(crate) async fn settle_order(
        self: &Arc<Self>,
        endpoint: Option<&Endpoint>,
        config: &Config,
        prefix_tokens: usize,
    ) -> (Order, Option<Undecided>) {
        let (wanted, concurrency) = (config.schedule, config.limits.budget.concurrency);
        let mut serving = endpoint.map(|endpoint| endpoint.serving).unwrap_or_default();
        if let Some(endpoint) = decisive(endpoint, wanted, prefix_tokens) {
            let learned = match self.known() {
                None if endpoint.may_be_ollama() => {
                    self.gate.set_max(concurrency.max(1));
                    let (server, endpoint) = (Arc::clone(self), endpoint.clone());
                    let undecided =
                        Undecided { server, endpoint, wanted, concurrency, prefix_tokens };
                    return (Order::InTurn, Some(undecided));
                }
                None => self.query(endpoint).await.unwrap_or_default(),
                Some(learned) => learned,
            };
            serving = learned.serving;
        }
        self.gate.set_max(max_in_flight(wanted, serving, concurrency));
        (schedule(wanted, serving, prefix_tokens), None)
    }

    /// Returns what the server reported about itself; `None` if it was not queried or could not be
    /// identified.
    pub(crate) fn known(&self) -> Option<Learned> {
        self.learned.lock().clone()
    }

    /// Like [`Server::known`], but if that is `None` and the server may be Ollama, queries the
    /// server and waits at most `wait`. A reply that arrives later is stored for the next call.
    pub(crate) async fn known_or_probe(
        self: &Arc<Self>,
        endpoint: &Endpoint,
        wait: Duration,
    ) -> Option<Learned> {
        if self.known().is_none() && can_be_probed(endpoint) && endpoint.may_be_ollama() {
            let (server, endpoint) = (Arc::clone(self), endpoint.clone());
            let asking = tokio::spawn(async move { drop(server.query(&endpoint).await) });
            let _ = timeout(wait, asking).await;
        }
        self.known()
    }

    /// Records that a run on this server has just ended.
    pub(crate) fn record_run_end(&self) {
        if self.gate.was_answered() {
            *self.used.lock() = Some(Instant::now());
        }
    }

    /// Returns `true` if a connection should be opened in advance, because the server has answered
    /// before and has been idle for so long (`unused`) that its connection was closed. Returns
    /// `true` at most once per `unused`.
    pub(crate) fn should_preconnect(&self, unused: Duration) -> bool {
        let mut used = self.used.lock();
        let cold = used.is_some_and(|at| at.elapsed() >= unused) && self.gate.is_idle();
        if cold {
            *used = Some(Instant::now());
        }
        cold
    }

    /// Queries the server for its kind and models, and stores the reply.
    async fn query(&self, endpoint: &Endpoint) -> Option<Learned> {
        let found = identify_server(endpoint).await?;
        Some(self.learned.lock().insert(found).clone())
    }
}

/// A pending decision on the order of a run's requests, because the kind of server is not known
/// yet.
pub(crate) struct Undecided {
    server: Arc<Server>,
    endpoint: Endpoint,
    wanted: Schedule,
    concurrency: usize,
    prefix_tokens: usize,
}

impl Undecided {
    /// Queries the server for its kind, and sets the best order for `run`, which is already queued.
    /// Takes no longer than the timeout of [`identify_server`].
    pub(crate) async fn decide(self, run: RunId) {
        let found = self.server.query(&self.endpoint).await;
        let serving = found.map(|learned| learned.serving).unwrap_or_default();
        self.server.gate.set_max(max_in_flight(self.wanted, serving, self.concurrency));
        self.server.gate.set_order(&run, schedule(self.wanted, serving, self.prefix_tokens));
    }
}

/// Returns the endpoint if the order of a run's requests depends on its kind of server, and the
/// server can be queried for that.
fn decisive(
    endpoint: Option<&Endpoint>,
    wanted: Schedule,
    prefix_tokens: usize,
) -> Option<&Endpoint> {
    endpoint.filter(|e| {
        let depends = depends_on_kind(wanted, prefix_tokens);
        (depends || wanted == Schedule::Auto && e.may_be_ollama()) && can_be_probed(e)
    })
}

/// Returns `true` if a server can be queried for its kind: only one of unknown kind at a plain http
/// URL, which the user runs or knows. A cloud is recognized by its host's name or not at all.
fn can_be_probed(endpoint: &Endpoint) -> bool {
    endpoint.base_url.scheme() == "http" && endpoint.serving.kind == ServerKind::Unknown
}
