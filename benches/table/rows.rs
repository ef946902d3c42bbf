//! The rows of the table, in groups that share a scenario.

mod footprint;
mod load;
mod pixels;
mod prefix;
mod streams;
mod volume;

use super::editor::{Can, Editor, add_lanes};
use super::profile::Profile;
use super::record::Record;
use super::report::{Table, Who};
use super::rival::{RIVALS, Rival};
use super::upstream::{Served, Upstream};
use tempfile::TempDir;

/// State shared by all rows.
pub(crate) struct Bench {
    upstream: Upstream,
    /// Whether to do short runs only, to check that everything works.
    quick: bool,
    /// Whether to skip the other programs.
    ours: bool,
    /// Whether this is the first repetition. Rows that take the other programs minutes, or that are
    /// counts, are measured only once.
    pub(crate) first: bool,
    pub(crate) table: Table,
}

type Group = fn(&mut Bench);

/// Names of the groups, and the functions that measure them once.
pub(crate) const GROUPS: &[(&str, Group)] = &[
    ("beside", streams::beside),
    ("scale", streams::scale),
    ("first", streams::first),
    ("refused", streams::refused),
    ("cpu", volume::cpu),
    ("bytes", volume::bytes),
    ("replies", load::replies),
    ("large", load::large_document),
    ("footprint", footprint::footprint),
    ("prefix", prefix::prefix),
    ("pixels", pixels::pixels),
    ("page", pixels::page),
];

const BOTH: Can = Can { edits: true, events: true };

impl Bench {
    pub(crate) fn new(quick: bool, ours: bool) -> Self {
        Bench { upstream: Upstream::start(), quick, ours, first: true, table: Table::default() }
    }

    /// Returns `whole`, or `short` for a short run.
    fn size(&self, whole: usize, short: usize) -> usize {
        if self.quick { short } else { whole }
    }

    /// Runs kaizodo with a fresh server, and returns the record and the upstream's log.
    fn ours(&mut self, lanes: &[Profile], can: Can) -> (Record, Vec<Served>, Editor, TempDir) {
        let home = TempDir::new().unwrap();
        self.upstream.play(lanes);
        add_lanes(home.path());
        let editor = Editor::start(home.path(), &self.upstream.url(), can);
        let record = editor.run(lanes);
        let log = self.upstream.log();
        (record, log, editor, home)
    }

    /// Runs another program, and returns the record and the upstream's log.
    fn rival(&mut self, rival: Rival, lanes: &[Profile]) -> (Record, Vec<Served>) {
        self.upstream.play(lanes);
        let record = rival.run(&self.upstream, lanes.len(), lanes[0].piece_len());
        (record, self.upstream.log())
    }

    /// Runs all other programs.
    fn rivals(
        &mut self,
        lanes: &[Profile],
        mut each: impl FnMut(&mut Table, Who, &Record, &[Served]),
    ) {
        if self.ours {
            return;
        }
        for (rival, who) in RIVALS.into_iter().zip([Who::Limit, Who::Article, Who::Corrected]) {
            let (record, log) = self.rival(rival, lanes);
            each(&mut self.table, who, &record, &log);
        }
    }
}
