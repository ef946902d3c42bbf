//! Measures paced streams: the delay of text, and the duration of runs.

use super::{BOTH, Bench};
use crate::clock::ms;
use crate::editor::{Shown, Way};
use crate::profile::Profile;
use crate::record::{at, spread};
use crate::report::Who;
use crate::upstream::Served;

const WAYS: [(Way, &str); 2] =
    [(Way::Edits, "edits, tick 50 ms"), (Way::Events, "events, tick 100 ms")];

/// Measures three sections at 5 ms per piece next to one at 200 ms.
pub(super) fn beside(bench: &mut Bench) {
    let chunks = bench.size(100, 20);
    let lanes: Vec<_> = [5, 5, 5, 200].map(|delay| Profile::paced(chunks, delay, delay)).to_vec();
    let fast = |lane: usize| lane < 3;
    let (beyond, whole) = (
        "lag of the fast sections beside a slow one, median / p99 ms, beyond the tick",
        "the same with the tick",
    );
    let aim = "≤ 1 / 5";
    let (_, log, editor, _home) = bench.ours(&lanes, BOTH);
    for (way, name) in WAYS {
        let shown = editor.shown(way, &lanes);
        let late = beyond_tick(&shown, &log, fast);
        let row = format!("{beyond} ({name})");
        bench.table.put(&row, aim, Who::Ours, &[at(0.5, &late), at(0.99, &late)]);
    }
    for (way, name) in WAYS {
        let lags = lags(&editor.shown(way, &lanes), &log, fast);
        let row = format!("{whole} ({name})");
        bench.table.put(&row, "", Who::Ours, &[at(0.5, &lags), at(0.99, &lags)]);
    }
    bench.rivals(&lanes, |table, who, record, log| {
        let lags = record.lags(log, fast);
        for (_, name) in WAYS {
            let row = format!("{beyond} ({name})");
            table.put(&row, aim, who, &[at(0.5, &lags), at(0.99, &lags)]);
        }
    });
}

/// Measures 4, 64 and 256 branches at 50 pieces per second, with the first piece after 0.3 s.
pub(super) fn scale(bench: &mut Bench) {
    let chunks = bench.size(200, 50);
    for (branches, lag_aim, wall_aim) in
        [(4, "", "≤ 1.01"), (64, "≤ 3", "≤ 1.01"), (256, "≤ 8", "≤ 1.02")]
    {
        let lanes = vec![Profile::paced(chunks, 300, 20); branches];
        let lag = |name: &str| {
            format!("lag at {branches} branches of 50 tokens/s, p99 ms, beyond the tick ({name})")
        };
        let wall = format!("wall ÷ slowest stream, {branches} branches, first token after 0.3 s");
        let starts = format!("spread of the requests' start, {branches} branches, ms");
        let spread_aim = if branches == 64 { "≤ 5" } else { "" };
        let (record, log, editor, _home) = bench.ours(&lanes, BOTH);
        for (way, name) in WAYS {
            let late = beyond_tick(&editor.shown(way, &lanes), &log, |_| true);
            bench.table.put(&lag(name), lag_aim, Who::Ours, &[at(0.99, &late)]);
        }
        bench.table.put(&wall, wall_aim, Who::Ours, &[record.wall_ratio(&log)]);
        bench.table.put(&starts, spread_aim, Who::Ours, &[spread(&log)]);
        if branches > 64 && !bench.first {
            continue;
        }
        bench.rivals(&lanes, |table, who, record, log| {
            let lags = record.lags(log, |_| true);
            for (_, name) in WAYS {
                table.put(&lag(name), lag_aim, who, &[at(0.99, &lags)]);
            }
            table.put(&wall, wall_aim, who, &[record.wall_ratio(log)]);
            table.put(&starts, spread_aim, who, &[spread(log)]);
        });
    }
}

/// Measures the time to the first text, with models that think for half a second.
pub(super) fn first(bench: &mut Bench) {
    let lanes = vec![Profile::paced(bench.size(100, 10), 500, 20); 4];
    let what = "first visible text, first token after 500 ms, ms";
    let (record, _, _editor, _home) = bench.ours(&lanes, BOTH);
    bench.table.put(what, "≤ 505", Who::Ours, &[record.first_text()]);
    bench.rivals(&lanes, |table, who, record, _| {
        table.put(what, "≤ 505", who, &[record.first_text()]);
    });
}

/// Measures how much of the other sections is shown if one section is rejected.
pub(super) fn refused(bench: &mut Bench) {
    let mut lanes = vec![Profile::paced(bench.size(100, 20), 20, 20); 4];
    lanes[2].refuse = Some(401);
    let what = "pieces shown of three sections while the fourth is refused (401), %";
    let share = |visible: &[Vec<u64>]| {
        let shown: usize = [0, 1, 3].iter().map(|lane| visible[*lane].len()).sum();
        shown as f64 / 3.0 / visible.len() as f64
    };
    let whole = lanes[0].chunks as f64 / 4.0;
    let (record, _, _editor, _home) = bench.ours(&lanes, BOTH);
    bench.table.put(what, "100", Who::Ours, &[share(&record.visible) / whole * 100.0]);
    bench.rivals(&lanes, |table, who, record, _| {
        table.put(what, "100", who, &[share(&record.visible) / whole * 100.0]);
    });
}

fn lags(shown: &Shown, log: &[Served], lanes: impl Fn(usize) -> bool) -> Vec<f64> {
    each(shown, log, lanes, |seen, sent, _| seen.saturating_sub(sent))
}

/// Returns the delays after sending, without the time that a message has to wait for the tick.
fn beyond_tick(shown: &Shown, log: &[Served], lanes: impl Fn(usize) -> bool) -> Vec<f64> {
    each(shown, log, lanes, |seen, sent, due| seen.saturating_sub(sent.max(due.min(seen))))
}

fn each(
    shown: &Shown,
    log: &[Served],
    lanes: impl Fn(usize) -> bool,
    late: impl Fn(u64, u64, u64) -> u64,
) -> Vec<f64> {
    let mut all = Vec::new();
    for served in log.iter().filter(|served| lanes(served.lane)) {
        let (seen, due) = (&shown.at[served.lane], &shown.due[served.lane]);
        assert_eq!(seen.len(), served.sent.len(), "every piece of {} is shown", served.lane);
        for ((seen, due), sent) in seen.iter().zip(due).zip(&served.sent) {
            all.push(ms(late(*seen, *sent, *due)));
        }
    }
    all
}
