//! What a program that was measured tells of itself, and what follows from it together with what
//! the upstream saw.

use super::upstream::Served;
use serde::{Deserialize, Serialize};

/// One program's one run; times in nanoseconds of [`super::clock`].
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Record {
    /// The program had itself ready: from here on it could ask.
    pub(crate) ready: u64,
    /// It was told to ask.
    pub(crate) start: u64,
    /// Everything was there.
    pub(crate) end: u64,
    /// Processor time from `start` to `end`.
    pub(crate) cpu: u64,
    /// The most memory that it held, in bytes.
    pub(crate) rss: u64,
    /// Bytes that were handed to whoever shows the text.
    pub(crate) handed: u64,
    /// When each piece of each lane was visible to the caller.
    pub(crate) visible: Vec<Vec<u64>>,
}

impl Record {
    /// Sent by the upstream to visible, for every piece of some lanes, in milliseconds.
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

    /// Milliseconds from `start` to the first text.
    pub(crate) fn first_text(&self) -> f64 {
        let first = self.visible.iter().filter_map(|lane| lane.first()).min();
        super::clock::ms(*first.unwrap() - self.start)
    }

    /// The whole run over its slowest stream, as the upstream saw that.
    pub(crate) fn wall_ratio(&self, log: &[Served]) -> f64 {
        let slowest = log.iter().map(|s| s.sent.last().unwrap() - s.arrived).max().unwrap();
        (self.end - self.start) as f64 / slowest as f64
    }
}

/// Milliseconds from the first request's arrival to the last one's.
pub(crate) fn spread(log: &[Served]) -> f64 {
    let arrived = || log.iter().map(|served| served.arrived);
    super::clock::ms(arrived().max().unwrap() - arrived().min().unwrap())
}

/// The value below which this share of all lies.
pub(crate) fn at(share: f64, values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[((sorted.len() - 1) as f64 * share).round() as usize]
}
