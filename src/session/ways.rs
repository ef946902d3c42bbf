//! The ways to the servers that a session asks. What was learned of a server stays for as long as
//! the session lives, whatever run it was learned in.

use crate::config::Config;
use crate::engine::{Gate, Order, depends_on_kind, most, schedule};
use crate::provider::local::learn;
use crate::provider::{Endpoint, Kind, Serving};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// All ways, by host. There are no more of them than hosts that the settings have named.
#[derive(Default)]
pub(super) struct Ways(Mutex<HashMap<String, Arc<Way>>>);

/// The way to one server.
pub(super) struct Way {
    pub(super) gate: Arc<Gate>,
    /// What a server of the user's own was found to be.
    learned: Mutex<Option<Serving>>,
    /// When a run that was answered last ended here, or a connection was last opened ahead.
    used: Mutex<Option<Instant>>,
}

impl Ways {
    /// The way to a host; the empty name stands for what is asked without one.
    pub(super) fn to(&self, host: &str) -> Arc<Way> {
        let mut ways = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Way {
            gate: Arc::new(Gate::new(1)),
            learned: Mutex::default(),
            used: Mutex::default(),
        };
        Arc::clone(ways.entry(host.to_owned()).or_insert_with(|| Arc::new(new())))
    }
}

impl Way {
    /// The order in which a run's requests leave, where they share a prefix of so many tokens.
    pub(super) async fn order(
        &self,
        endpoint: Option<&Endpoint>,
        config: &Config,
        prefix_tokens: usize,
    ) -> Order {
        let serving = match endpoint {
            Some(endpoint) if depends_on_kind(config.schedule, prefix_tokens) => {
                self.find_out(endpoint).await
            }
            Some(endpoint) => endpoint.serving,
            None => Serving::default(),
        };
        self.gate.set_most(most(config.schedule, serving, config.limits.budget.concurrency));
        schedule(config.schedule, serving, prefix_tokens)
    }

    /// The order that [`Way::order`] would give as far as is known now, and whether the server would
    /// be asked first what it is.
    pub(super) fn foresee(
        &self,
        endpoint: Option<&Endpoint>,
        config: &Config,
        prefix_tokens: usize,
    ) -> (Order, bool) {
        let Some(endpoint) = endpoint else {
            return (schedule(config.schedule, Serving::default(), prefix_tokens), false);
        };
        let matters = depends_on_kind(config.schedule, prefix_tokens);
        let known = *self.learned.lock().unwrap_or_else(PoisonError::into_inner);
        let serving = known.filter(|_| matters && is_asked(endpoint));
        let asks = matters && is_asked(endpoint) && serving.is_none();
        (schedule(config.schedule, serving.unwrap_or(endpoint.serving), prefix_tokens), asks)
    }

    /// A run has ended.
    pub(super) fn ran(&self) {
        if self.gate.was_answered() {
            *self.used() = Some(Instant::now());
        }
    }

    /// Whether a connection should be opened ahead: somebody here has answered before, and what
    /// was open then is not any more. It is true once in `unused`.
    pub(super) fn is_cold(&self, unused: Duration) -> bool {
        let mut used = self.used();
        let cold = used.is_some_and(|at| at.elapsed() >= unused) && self.gate.is_idle();
        if cold {
            *used = Some(Instant::now());
        }
        cold
    }

    fn used(&self) -> MutexGuard<'_, Option<Instant>> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is known of a server; one that the user named by plain http, and so runs or knows, is
    /// asked once. A cloud is known by its name or not at all.
    async fn find_out(&self, endpoint: &Endpoint) -> Serving {
        if !is_asked(endpoint) {
            return endpoint.serving;
        }
        let learned = || self.learned.lock().unwrap_or_else(PoisonError::into_inner);
        let known = *learned();
        if let Some(known) = known {
            return known;
        }
        let found = learn(endpoint).await;
        if found.is_some() {
            *learned() = found;
        }
        found.unwrap_or_default()
    }
}

/// Whether a server is asked what it is, where that matters.
fn is_asked(endpoint: &Endpoint) -> bool {
    endpoint.base_url.scheme() == "http" && endpoint.serving.kind == Kind::Unknown
}
