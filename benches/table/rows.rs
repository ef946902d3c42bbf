//! The rows, in groups that share a scenario.

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

/// What all rows share.
pub(crate) struct Bench {
    upstream: Upstream,
    /// Short runs, to see that everything works.
    quick: bool,
    /// The other programs are left out.
    ours: bool,
    /// The first repetition: what takes the other programs minutes, or is a count, is measured
    /// once.
    pub(crate) first: bool,
    pub(crate) table: Table,
}

type Group = fn(&mut Bench);

/// Each name and what measures it once.
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
];

const BOTH: Can = Can { edits: true, events: true };

impl Bench {
    pub(crate) fn new(quick: bool, ours: bool) -> Self {
        Bench { upstream: Upstream::start(), quick, ours, first: true, table: Table::default() }
    }

    /// One of two numbers: the second for a short run.
    fn size(&self, whole: usize, short: usize) -> usize {
        if self.quick { short } else { whole }
    }

    /// One run of ours with a fresh server, and what the upstream saw.
    fn ours(&mut self, lanes: &[Profile], can: Can) -> (Record, Vec<Served>, Editor, TempDir) {
        let home = TempDir::new().unwrap();
        self.upstream.play(lanes);
        add_lanes(home.path());
        let editor = Editor::start(home.path(), &self.upstream.url(), can);
        let record = editor.run(lanes);
        let log = self.upstream.log();
        (record, log, editor, home)
    }

    /// One run of another program, and what the upstream saw.
    fn rival(&mut self, rival: Rival, lanes: &[Profile]) -> (Record, Vec<Served>) {
        self.upstream.play(lanes);
        let record = rival.run(&self.upstream, lanes.len(), lanes[0].piece_len());
        (record, self.upstream.log())
    }

    /// The same of all other programs.
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
