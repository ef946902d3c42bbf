//! Decides in which order a run's requests are sent. A pure policy.
//!
//! The best order depends on the server. Many servers can process a prefix once for all prompts
//! that share it, but each needs another order for that.

use crate::provider::{ServerKind, Serving};
use crate::request::{Order, Schedule};
use std::time::Duration;
use tokio::time::Instant;

/// Minimum length in tokens of a prefix that cloud providers cache: OpenAI documents 1,024, others
/// as many or more.
const CLOUD_PREFIX: usize = 1024;
/// Number of tokens from which processing a prefix only once saves more time than generating
/// answers in parallel, on a server that caches one prefix in each slot.
///
/// The break-even point depends on the computer. One CPU thread generates four answers in parallel
/// no faster than one after the other, so that sending in turn was never slower: four sections of
/// 128 tokens took 14.5 s at once and 9.8 s in turn for prompts of 137 tokens, 31 and 20 s for 600,
/// 144 and 39 s for 1,850 (llama.cpp b11434, SmolLM2-135M, a busy machine). A GPU does gain from
/// generating in parallel, so that its break-even point is higher; no server says which it uses. So
/// short prefixes are sent at once everywhere, and from the length at which a CPU takes half as
/// long again for that, a prefix is processed only once.
const SLOT_PREFIX: usize = 600;
/// Maximum time for which a run's first request delays the others, if its answer does not begin
/// earlier. A model that reasons first may need a minute, but it has processed the shared prefix
/// long before.
pub(crate) const LEAD: Duration = Duration::from_secs(2);
/// Number of requests that LM Studio processes in parallel by default.
const LM_STUDIO_SLOTS: usize = 4;

/// Returns the order in which to send a run's prompts, which share a prefix of `prefix_tokens`
/// tokens. If `wanted` is [`Schedule::Auto`], the order depends on the server and the prefix, for
/// these reasons:
///
/// - llama.cpp and LM Studio reuse the prefix that an *idle* slot has cached, but not that of a
///   busy one: four concurrent requests process a shared prefix four times. If they are sent one
///   after the other, all but the first find it cached.
/// - Ollama processes one request at a time by default, and does not report this setting. Waiting
///   in our own queue is visible to the user, and can be cancelled without a trace at the server.
/// - Cloud providers cache a long prefix once they have begun to answer a request that has it.
/// - vLLM shares a prefix between concurrent requests, so sending all of them at once is best.
/// - With a short prefix, waiting costs more time than processing the prefix only once would save,
///   and about an unknown server nothing is assumed. In both cases, the requests are sent at once.
pub fn schedule(wanted: Schedule, serving: Serving, prefix_tokens: usize) -> Order {
    let at_once = Order::AtOnce(slots(serving).unwrap_or(usize::MAX));
    match (wanted, serving.kind) {
        (Schedule::AtOnce, _) => Order::AtOnce(usize::MAX),
        (Schedule::LeaderFirst, _) => Order::LeaderFirst,
        (Schedule::InTurn, _) => Order::InTurn,
        (Schedule::Auto, ServerKind::Ollama) => Order::InTurn,
        (Schedule::Auto, ServerKind::LlamaCpp | ServerKind::LmStudio)
            if prefix_tokens >= SLOT_PREFIX =>
        {
            Order::InTurn
        }
        (Schedule::Auto, ServerKind::Cloud) if prefix_tokens >= CLOUD_PREFIX => Order::LeaderFirst,
        (Schedule::Auto, _) => at_once,
    }
}

/// Returns `true` if [`schedule`] needs the kind of server to choose the order of prompts that
/// share a prefix of `prefix_tokens` tokens.
pub fn depends_on_kind(wanted: Schedule, prefix_tokens: usize) -> bool {
    wanted == Schedule::Auto && prefix_tokens >= SLOT_PREFIX.min(CLOUD_PREFIX)
}

/// Returns the maximum number of requests that a session may have in flight at a server, across all
/// runs, if the settings allow `concurrency`.
pub fn max_in_flight(wanted: Schedule, serving: Serving, concurrency: usize) -> usize {
    let known = slots(serving).filter(|_| wanted == Schedule::Auto);
    concurrency.min(known.unwrap_or(usize::MAX)).max(1)
}

/// Returns the number of requests that the server processes in parallel, if known.
fn slots(serving: Serving) -> Option<usize> {
    serving.slots.or(match serving.kind {
        ServerKind::Ollama => Some(1),
        ServerKind::LmStudio => Some(LM_STUDIO_SLOTS),
        _ => None,
    })
}

/// The state of a run's first request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lead {
    /// The request has not been sent.
    Due,
    /// The request was sent at this moment, and its answer has not begun.
    Out(Instant),
    /// The request's answer has begun, or the request has ended.
    Heard,
}

/// Returns when `order` allows a run to send its next request while `out` of its requests are in
/// flight. Returns `None` if one of them must end first. `lead` is the state of the run's first
/// request.
pub(crate) fn opens(order: Order, out: usize, lead: Lead, now: Instant) -> Option<Instant> {
    match (order, lead) {
        (Order::AtOnce(limit), _) => (out < limit.max(1)).then_some(now),
        (Order::InTurn, _) => (out == 0).then_some(now),
        (Order::LeaderFirst, Lead::Due | Lead::Heard) => Some(now),
        (Order::LeaderFirst, Lead::Out(at)) => Some(at + LEAD),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FREE: Order = Order::AtOnce(usize::MAX);

    fn local(kind: ServerKind, slots: Option<usize>) -> Serving {
        Serving { kind, slots }
    }

    #[test]
    fn each_server_is_asked_in_its_own_way() {
        let cloud = Serving { kind: ServerKind::Cloud, slots: None };
        let four = Order::AtOnce(4);
        for (serving, short, long) in [
            (Serving::default(), FREE, FREE),
            (cloud, FREE, Order::LeaderFirst),
            (local(ServerKind::Vllm, None), FREE, FREE),
            (local(ServerKind::LlamaCpp, None), FREE, Order::InTurn),
            (local(ServerKind::LlamaCpp, Some(4)), four, Order::InTurn),
            (local(ServerKind::LmStudio, None), four, Order::InTurn),
            (local(ServerKind::LmStudio, Some(2)), Order::AtOnce(2), Order::InTurn),
            (local(ServerKind::Ollama, None), Order::InTurn, Order::InTurn),
        ] {
            assert_eq!(schedule(Schedule::Auto, serving, 100), short, "{serving:?}");
            assert_eq!(schedule(Schedule::Auto, serving, 5000), long, "{serving:?}");
        }
        assert!(!depends_on_kind(Schedule::Auto, 100) && depends_on_kind(Schedule::Auto, 5000));
    }

    #[test]
    fn the_setting_goes_before_what_is_known() {
        let ollama = local(ServerKind::Ollama, None);
        assert_eq!(schedule(Schedule::AtOnce, ollama, 5000), FREE);
        assert_eq!(schedule(Schedule::LeaderFirst, ollama, 1), Order::LeaderFirst);
        assert_eq!(schedule(Schedule::InTurn, Serving::default(), 1), Order::InTurn);
        assert_eq!(max_in_flight(Schedule::Auto, ollama, 64), 1);
        assert_eq!(max_in_flight(Schedule::AtOnce, ollama, 64), 64);
        assert_eq!(max_in_flight(Schedule::Auto, Serving::default(), 0), 1, "none would hang");
        assert!(!depends_on_kind(Schedule::AtOnce, 5000));
    }

    #[test]
    fn the_others_wait_for_the_leader_two_seconds_at_most() {
        let now = Instant::now();
        let opens = |order: Order, out, lead| super::opens(order, out, lead, now);
        assert_eq!(opens(Order::LeaderFirst, 0, Lead::Due), Some(now));
        assert_eq!(opens(Order::LeaderFirst, 1, Lead::Out(now)), Some(now + LEAD));
        assert_eq!(opens(Order::LeaderFirst, 1, Lead::Heard), Some(now));
        assert_eq!(opens(Order::InTurn, 0, Lead::Heard), Some(now));
        assert_eq!(opens(Order::InTurn, 1, Lead::Heard), None);
        assert_eq!(opens(Order::AtOnce(2), 1, Lead::Heard), Some(now));
        assert_eq!(opens(Order::AtOnce(2), 2, Lead::Heard), None);
        assert_eq!(opens(Order::AtOnce(0), 0, Lead::Due), Some(now), "or it would hang");
    }
}
