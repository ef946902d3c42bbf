//! What a measured program reports, and the figures derived from it and from the upstream's log.

use super::upstream::Served;
use serde::{Deserialize, Serialize};

/// A run of one program. Times are in nanoseconds of [`super::clock`].
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Record {
    /// When the program was ready to send requests.
    pub(crate) ready: u64,
    /// When the run was started.
    pub(crate) start: u64,
    /// When everything had arrived.
    pub(crate) end: u64,
    /// CPU time from `start` to `end`.
    pub(crate) cpu: u64,
    /// Peak memory in bytes.
    pub(crate) rss: u64,
    /// Number of bytes handed to whatever displays the text.
    pub(crate) handed: u64,
    /// When each piece of each lane became visible to the caller.
    pub(crate) visible: Vec<Vec<u64>>,
}

impl Record {
    /// Returns the delay in milliseconds from sent to visible for every piece of some lanes.
    pub(crate) fn lags(&self, log: &[Served], lanes: impl Fn(usize) -> bool) -> Vec<f64> {
        let mut lags = Vec::new();
        for served in log.iter().filter(|served| lanes(served.lane)) {
            let visible = &self.visible[served.lane];
            assert_eq!(visible.len(), served.sent.len(), "every piece of {} is there", served.lane);
            let pairs = visible.iter().zip(&served.sent);
            lags.extend(pairs.map(|(seen, sent)| super::clock::ms(seen.saturating_sub(*sent))));
        }
        lags
    }

    /// Returns the time from `start` to the first text in milliseconds.
    pub(crate) fn first_text(&self) -> f64 {
        let first = self.visible.iter().filter_map(|lane| lane.first()).min();
        super::clock::ms(*first.unwrap() - self.start)
    }

    /// Returns the ratio of the run's duration to that of its slowest stream at the upstream.
    pub(crate) fn wall_ratio(&self, log: &[Served]) -> f64 {
        let slowest = log.iter().map(|s| s.sent.last().unwrap() - s.arrived).max().unwrap();
        (self.end - self.start) as f64 / slowest as f64
    }
}

/// Returns the time in milliseconds between the arrivals of the first and the last request.
pub(crate) fn spread(log: &[Served]) -> f64 {
    let arrived = || log.iter().map(|served| served.arrived);
    super::clock::ms(arrived().max().unwrap() - arrived().min().unwrap())
}

/// Returns the quantile `share` of `values`.
pub(crate) fn at(share: f64, values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[((sorted.len() - 1) as f64 * share).round() as usize]
}
