//! Measures binary size, startup time and memory.

use super::{BOTH, Bench};
use crate::clock::{ms, now};
use crate::editor::{Editor, KAIZODO, add_lanes};
use crate::proc;
use crate::profile::Profile;
use crate::report::Who;
use crate::rival::{RIVALS, Rival};
use std::time::Duration;
use tempfile::TempDir;

pub(super) fn footprint(bench: &mut Bench) {
    let size = std::fs::metadata(KAIZODO).unwrap().len();
    bench.table.put("size of the program, MB", "≤ 12", Who::Ours, &[size as f64 / 1e6]);
    start(bench);
    busy_memory(bench);
}

fn start(bench: &mut Bench) {
    let what = "start to the reply to `initialize` (to ready to ask), ms";
    let idle = "memory when idle (when ready to ask), MB";
    for _ in 0..bench.size(7, 2) {
        let home = TempDir::new().unwrap();
        let editor = Editor::start(home.path(), &bench.upstream.url(), BOTH);
        let started = ms(editor.ready - editor.started);
        bench.table.put(what, "≤ 10", Who::Ours, &[started]);
        std::thread::sleep(Duration::from_millis(500));
        let memory = proc::memory(&editor.pid().to_string());
        bench.table.put(idle, "≤ 10", Who::Ours, &[memory as f64 / 1e6]);
        for (rival, who) in RIVALS.into_iter().zip([Who::Limit, Who::Article, Who::Corrected]) {
            let begun = now();
            let record = rival.run(&bench.upstream, 0, 1);
            bench.table.put(what, "≤ 10", who, &[ms(record.ready - begun)]);
            bench.table.put(idle, "≤ 10", who, &[record.rss as f64 / 1e6]);
        }
    }
}

/// Measures the memory during 64 long answers, beyond that of the idle program.
fn busy_memory(bench: &mut Bench) {
    let lanes = vec![Profile::flood(bench.size(20_000, 2_000), 1); 64];
    let text: usize = lanes.iter().map(|lane| lane.chunks * lane.piece_len()).sum();
    let what = "memory at 64 × 20,000 chunks beyond idle ÷ text";
    let home = TempDir::new().unwrap();
    bench.upstream.play(&lanes);
    add_lanes(home.path());
    let editor = Editor::start(home.path(), &bench.upstream.url(), BOTH);
    let idle = proc::memory(&editor.pid().to_string());
    let record = editor.run(&lanes);
    let over = (record.rss - idle) as f64 / text as f64;
    bench.table.put(what, "≤ 3", Who::Ours, &[over]);
    let idle = Rival::Reader.run(&bench.upstream, 0, 1).rss;
    let (record, _) = bench.rival(Rival::Reader, &lanes);
    // The time of each piece is stored too: 8 bytes, in a vector that doubles.
    let times: usize = record.visible.iter().map(|lane| lane.len().next_power_of_two() * 8).sum();
    let over = (record.rss - idle).saturating_sub(times as u64) as f64 / text as f64;
    bench.table.put(what, "≤ 3", Who::Limit, &[over]);
}
