//! The state of each server: its gate, and what was learned about it. It lives as long as the
//! sessions of one setup.

use crate::config::Config;
use crate::engine::{Gate, depends_on_kind, max_in_flight, schedule};
use crate::event::RunId;
use crate::provider::local::{Learned, learn};
use crate::provider::{Endpoint, ServerKind};
use crate::request::{Order, Schedule};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// How much a provider lookup may ask. Both ways look for local servers if the settings name no
/// server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// For a run: the server that the settings name is asked for what is unknown.
    Ask,
    /// For a preview, for example: that server is not asked, and what is unknown stays unknown.
    Known,
}

/// All servers, by host. The hosts come from the settings and from the search for local servers, so
/// there are few.
#[derive(Default)]
pub(crate) struct Servers(Mutex<HashMap<String, Arc<Server>>>);

/// The state of one server.
pub(crate) struct Server {
    pub(crate) gate: Arc<Gate>,
    /// What the server was found to be; `None` if it was not asked or did not say.
    learned: Mutex<Option<Learned>>,
    /// When a run last ended on this server, if the server has ever answered, or when a connection
    /// was last opened in advance.
    used: Mutex<Option<Instant>>,
}

impl Servers {
    /// Returns the state for a host; the empty name stands for providers without one.
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
    /// Returns the order in which a run's requests are sent if they share a prefix of
    /// `prefix_tokens`, and what must be found out before the best order is known.
    ///
    /// If the order depends on the kind of server, and the kind is unknown, a run asks the server
    /// first. A run does not wait for a server that may be Ollama: its requests are sent one after
    /// the other until the answer allows a better order. A preview asks nothing and changes
    /// nothing.
    pub(crate) async fn order(
        self: &Arc<Self>,
        endpoint: Option<&Endpoint>,
        config: &Config,
        prefix_tokens: usize,
        look: Look,
    ) -> (Order, Option<Undecided>) {
        let (wanted, concurrency) = (config.schedule, config.limits.budget.concurrency);
        let mut serving = endpoint.map(|endpoint| endpoint.serving).unwrap_or_default();
        let depends = |e: &&Endpoint| matters(e, wanted, prefix_tokens) && can_be_probed(e);
        if let Some(endpoint) = endpoint.filter(depends) {
            let found = match self.known() {
                None if look == Look::Ask && !endpoint.may_be_ollama() => {
                    Some(self.find_out(endpoint).await.unwrap_or_default())
                }
                known => known,
            };
            let Some(learned) = found else {
                let (server, endpoint) = (Arc::clone(self), endpoint.clone());
                let undecided = Undecided { server, endpoint, wanted, concurrency, prefix_tokens };
                return (undecided.meanwhile(look), Some(undecided));
            };
            serving = learned.serving;
        }
        if look == Look::Ask {
            self.gate.set_max(max_in_flight(wanted, serving, concurrency));
        }
        (schedule(wanted, serving, prefix_tokens), None)
    }

    /// Returns what was learned about the server, if anything.
    pub(crate) fn known(&self) -> Option<Learned> {
        self.learned.lock().clone()
    }

    /// Like [`Server::known`], but if that is unknown and the server may be Ollama, asks it and
    /// waits at most `wait`. An answer that comes later is remembered.
    pub(crate) async fn known_or_probe(
        self: &Arc<Self>,
        endpoint: &Endpoint,
        wait: Duration,
    ) -> Option<Learned> {
        if self.known().is_none() && can_be_probed(endpoint) && endpoint.may_be_ollama() {
            let (server, endpoint) = (Arc::clone(self), endpoint.clone());
            let asking = tokio::spawn(async move { drop(server.find_out(&endpoint).await) });
            let _ = timeout(wait, asking).await;
        }
        self.known()
    }

    /// Records that a run has ended.
    pub(crate) fn ran(&self) {
        if self.gate.was_answered() {
            *self.used.lock() = Some(Instant::now());
        }
    }

    /// Returns `true` if a connection should be opened in advance: the server has answered before,
    /// and has been idle for so long that its connection was closed. Returns `true` at most once
    /// per `unused`.
    pub(crate) fn should_preconnect(&self, unused: Duration) -> bool {
        let mut used = self.used.lock();
        let cold = used.is_some_and(|at| at.elapsed() >= unused) && self.gate.is_idle();
        if cold {
            *used = Some(Instant::now());
        }
        cold
    }

    /// Asks a server what it is, and remembers the answer.
    async fn find_out(&self, endpoint: &Endpoint) -> Option<Learned> {
        let found = learn(endpoint).await?;
        Some(self.learned.lock().insert(found).clone())
    }
}

/// A run whose order depends on the kind of its server, which is not known yet.
pub(crate) struct Undecided {
    server: Arc<Server>,
    endpoint: Endpoint,
    wanted: Schedule,
    concurrency: usize,
    prefix_tokens: usize,
}

impl Undecided {
    /// Returns the order until the kind of server is known; for a preview, the order for an unknown
    /// server.
    fn meanwhile(&self, look: Look) -> Order {
        match look {
            Look::Known => schedule(self.wanted, self.endpoint.serving, self.prefix_tokens),
            Look::Ask => {
                self.server.gate.set_max(self.concurrency.max(1));
                Order::InTurn
            }
        }
    }

    /// Finds out what the server is, and sets the order of this run, which is already queued. Takes
    /// no longer than the timeout of [`learn`].
    pub(crate) async fn decide(self, run: RunId) {
        let found = self.server.find_out(&self.endpoint).await;
        let serving = found.map(|learned| learned.serving).unwrap_or_default();
        self.server.gate.set_max(max_in_flight(self.wanted, serving, self.concurrency));
        self.server.gate.set_order(&run, schedule(self.wanted, serving, self.prefix_tokens));
    }
}

/// Returns `true` if this run's order depends on what the server is.
fn matters(endpoint: &Endpoint, wanted: Schedule, prefix_tokens: usize) -> bool {
    depends_on_kind(wanted, prefix_tokens) || wanted == Schedule::Auto && endpoint.may_be_ollama()
}

/// Returns `true` if a server can be asked what it is: only one of unknown kind at a plain http
/// URL, which the user runs or knows. A cloud is recognized by its host's name or not at all.
fn can_be_probed(endpoint: &Endpoint) -> bool {
    endpoint.base_url.scheme() == "http" && endpoint.serving.kind == ServerKind::Unknown
}
