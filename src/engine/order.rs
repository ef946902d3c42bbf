//! In which order a run's requests leave: a pure policy.
//!
//! The best order depends on the server. Many can read a prefix that several prompts share once
//! for all of them, but each wants to be asked in its own way.

use crate::provider::{ServerKind, Serving};
use crate::request::{Order, Schedule};
use std::time::Duration;
use tokio::time::Instant;

/// Tokens from which clouds keep a prefix: OpenAI documents 1,024, others as much or more.
const CLOUD_PREFIX: usize = 1024;
/// Tokens from which reading a prefix once is worth more than writing answers together, on a
/// server that keeps one prefix in each slot.
///
/// Where that is depends on the computer. One thread of a processor writes four answers together no
/// faster than one after the other, so that in turn was never slower: four sections of 128 tokens
/// took 14.5 s at once and 9.8 s in turn for prompts of 137 tokens, 31 and 20 s for 600, 144 and
/// 39 s for 1,850 (llama.cpp b11434, SmolLM2-135M, a busy machine). A graphics card does gain by
/// writing together, so that for it the place is higher up; no server says which it has. So little
/// to read begins everywhere at once, and from where a processor takes half as long again for
/// that, a text is read once.
const SLOT_PREFIX: usize = 600;
/// How long the leader's first byte is waited for. A model that thinks first may need a minute;
/// by then the prefix is long read.
pub(crate) const LEAD: Duration = Duration::from_secs(2);
/// Requests that LM Studio works on together unless it is told otherwise.
const LM_STUDIO_SLOTS: usize = 4;

/// The order for a server, where the prompts share a prefix of so many tokens.
///
/// - llama.cpp and LM Studio reuse what an *idle* slot has read, and nothing of a busy one: four
///   requests at once read a shared prefix four times. In turn, each but the first finds it read.
/// - Ollama works on one request at a time unless it is told otherwise, and does not say so.
///   Waiting on our side can be seen, and stopped without a trace.
/// - Clouds keep a long prefix once a request that has it is being answered.
/// - vLLM shares a prefix between requests that come together. Nothing is better than at once.
/// - A short prefix is read sooner than anything could be gained by waiting, and of an unknown
///   server nothing is guessed.
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

/// Whether the order depends on what kind of server it is, so that it is worth asking.
pub fn depends_on_kind(wanted: Schedule, prefix_tokens: usize) -> bool {
    wanted == Schedule::Auto && prefix_tokens >= SLOT_PREFIX.min(CLOUD_PREFIX)
}

/// The most requests that a session may have under way at a server, all runs together, where the
/// settings allow `concurrency`.
pub fn max_in_flight(wanted: Schedule, serving: Serving, concurrency: usize) -> usize {
    let known = slots(serving).filter(|_| wanted == Schedule::Auto);
    concurrency.min(known.unwrap_or(usize::MAX)).max(1)
}

/// Requests that the server works on together, as far as that can be known.
fn slots(serving: Serving) -> Option<usize> {
    serving.slots.or(match serving.kind {
        ServerKind::Ollama => Some(1),
        ServerKind::LmStudio => Some(LM_STUDIO_SLOTS),
        _ => None,
    })
}

/// How far a run's first request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lead {
    /// It has not left.
    Due,
    /// It left at this moment and has not been heard of.
    Out(Instant),
    /// Its answer has begun, or it is over.
    Heard,
}

/// When the next request of a run may leave by its order: `None` while one that is under way must
/// end first or be heard of. `out` are under way.
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
