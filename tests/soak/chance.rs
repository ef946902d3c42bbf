//! Which fault a section is given: by chance, and the same each time.

use crate::support::upstream::{
    End, Gate, Reply, SSE_DONE, Step, answer, sse_finish, sse_text, sse_thinking,
};
use std::collections::HashSet;
use std::sync::{LazyLock, Mutex};

/// What the upstream does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    Good,
    Long,
    ByteByByte,
    Thoughtful,
    BusyOnce,
    DownOnce,
    Down,
    Refuses,
    Resets,
    ResetsFirst,
    Cuts,
    Truncates,
    Hole,
    Complains,
    Page,
    Empty,
    Encodes,
    Redirects,
    Length,
    Endless,
    EndlessLine,
    Silent,
    Stalls,
}

use Fault::*;

/// The faults and how often each comes.
const ODDS: [(Fault, u64); 23] = [
    (Good, 60),
    (Long, 10),
    (ByteByByte, 4),
    (Thoughtful, 6),
    (BusyOnce, 10),
    (DownOnce, 6),
    (Down, 3),
    (Refuses, 6),
    (Resets, 8),
    (ResetsFirst, 4),
    (Cuts, 8),
    (Truncates, 6),
    (Hole, 6),
    (Complains, 6),
    (Page, 4),
    (Empty, 4),
    (Encodes, 2),
    (Redirects, 2),
    (Length, 4),
    (Endless, 2),
    (EndlessLine, 1),
    (Silent, 1),
    (Stalls, 1),
];

/// The number of runs in which nothing goes wrong.
pub(crate) const QUIET: usize = 1_000_000;

/// A number that looks like chance (SplitMix64).
fn chance(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The fault of a run's section.
pub(crate) fn fault_of(run: usize, section: usize) -> Fault {
    if run == QUIET {
        return Good;
    }
    let mut left =
        chance((run * 4 + section) as u64) % ODDS.iter().map(|(_, odds)| odds).sum::<u64>();
    for (fault, odds) in ODDS {
        match left.checked_sub(odds) {
            Some(rest) => left = rest,
            None => return fault,
        }
    }
    Good
}

/// Whether the user stops this run as soon as it is shown.
pub(crate) fn is_stopped(run: usize) -> bool {
    run != QUIET && chance(u64::MAX - run as u64).is_multiple_of(20)
}

/// Whether this body has not come before.
fn is_first(body: &[u8]) -> bool {
    static SEEN: LazyLock<Mutex<HashSet<Vec<u8>>>> = LazyLock::new(Mutex::default);
    SEEN.lock().unwrap().insert(body.to_vec())
}

impl Fault {
    /// What is answered to a request with this body.
    pub(crate) fn reply(self, body: &[u8]) -> Reply {
        let half = || Reply::stream([sse_text("半分")]);
        let good = || answer(["- 一行目\n", "- 二行目\n"]);
        match self {
            Good => good(),
            Long => answer(vec!["- 長い答えの一行である。\n"; 300]),
            ByteByByte => good().byte_by_byte(),
            Thoughtful => {
                let end = [sse_text("考えた"), sse_finish("stop"), SSE_DONE.to_owned()];
                Reply::stream(vec![sse_thinking("考え"); 50].into_iter().chain(end))
            }
            BusyOnce if is_first(body) => Reply::status(429).header("retry-after-ms", "5"),
            DownOnce if is_first(body) => Reply::status(503),
            BusyOnce | DownOnce => good(),
            Down => Reply::json(500, r#"{"error":{"message":"down"}}"#),
            Refuses => Reply::json(400, r#"{"error":{"message":"no"}}"#),
            Resets => half().end(End::Reset),
            ResetsFirst => Reply::raw("").end(End::Reset),
            Cuts => half().end(End::Cut),
            Truncates => half(),
            Hole => half().write("data: {\n\n").write(sse_finish("stop")).write(SSE_DONE),
            Complains => half().write("data: {\"error\":{\"message\":\"overloaded\"}}\n\n"),
            Page => {
                Reply::status(200).header("content-type", "text/html").write("<title>Hi</title>")
            }
            Empty => Reply::status(200),
            Encodes => {
                Reply::stream([b"\x1f\x8b\x08\0\0\0\0\0"]).header("content-encoding", "gzip")
            }
            Redirects => Reply::status(307).header("location", "https://other.test/"),
            Length => half().write(sse_finish("length")).write(SSE_DONE),
            Endless => Reply::stream([""; 0]).forever(sse_text("終わりのない")),
            EndlessLine => half().forever("x".repeat(8000)),
            Silent => Reply::status(200).before_head(Step::Until(Gate::new())),
            Stalls => half().end(End::Open),
        }
    }

    /// Whether a section may end so.
    pub(crate) fn allows(self, outcome: &str, kind: &str, text: &str) -> bool {
        let good = "- 一行目\n- 二行目\n";
        match self {
            Good | ByteByByte | BusyOnce | DownOnce => (outcome, text) == ("done", good),
            Long => outcome == "done" && text.lines().count() == 300,
            Thoughtful => (outcome, text) == ("done", "考えた"),
            Down => (outcome, kind, text) == ("failed", "server", ""),
            Refuses | Redirects => (outcome, kind, text) == ("failed", "bad_request", ""),
            ResetsFirst => (outcome, kind, text) == ("failed", "interrupted", ""),
            Resets | Cuts | Truncates => {
                (outcome, kind, text) == ("cut_off", "interrupted", "半分")
            }
            Hole => (outcome, kind, text) == ("cut_off", "bad_response", "半分\u{fffd}"),
            Complains => (outcome, kind, text) == ("failed", "provider", "半分"),
            Page | Empty | Encodes => (outcome, kind, text) == ("failed", "bad_response", ""),
            Length => (outcome, kind, text) == ("length", "length", "半分"),
            Endless => (outcome, kind) == ("length", "limit") && text.len() > 16_000,
            EndlessLine => {
                text == "半分" && matches!((outcome, kind), ("cut_off", "bad_response" | "timeout"))
            }
            Silent => (outcome, kind, text) == ("failed", "timeout", ""),
            Stalls => (outcome, kind, text) == ("cut_off", "timeout", "半分"),
        }
    }
}
