//! Measures the cost per piece of streams at full speed.

use super::{BOTH, Bench};
use crate::clock::ms;
use crate::editor::{Can, add_lanes, kaizodo, lane_file};
use crate::proc;
use crate::profile::Profile;
use crate::report::Who;
use tempfile::TempDir;

/// Measures the CPU time per 1,000 pieces.
pub(super) fn cpu(bench: &mut Bench) {
    for (batch, name) in [(1, "one event a write"), (64, "64 events a write")] {
        let lanes = vec![Profile::flood(bench.size(20_000, 2_000), batch); 4];
        let total: usize = lanes.iter().map(|lane| lane.chunks).sum();
        let per_thousand = |cpu: u64| ms(cpu) / total as f64 * 1000.0;
        let row = |shown: &str| {
            format!("CPU ms for 1,000 chunks, 4 streams at full speed, {name}{shown}")
        };
        let edits = Can { edits: true, events: false };
        let ways = [(edits, " (edits)"), (BOTH, " (edits and events)")];
        for (can, shown) in ways {
            let (record, _, _editor, _home) = bench.ours(&lanes, can);
            bench.table.put(&row(shown), "≤ 2 × limit", Who::Ours, &[per_thousand(record.cpu)]);
        }
        let json = row(" (`run --json`, start included)");
        bench.upstream.play(&lanes);
        let spent = command_line(&bench.upstream.url());
        bench.table.put(&json, "≤ 2 × limit", Who::Ours, &[per_thousand(spent)]);
        bench.rivals(&lanes, |table, who, record, _| {
            for shown in [" (edits)", " (edits and events)", " (`run --json`, start included)"] {
                table.put(&row(shown), "≤ 2 × limit", who, &[per_thousand(record.cpu)]);
            }
        });
    }
}

/// Measures the CPU time of one `kaizodo run --json`.
fn command_line(url: &str) -> u64 {
    let home = TempDir::new().unwrap();
    let before = proc::children_cpu();
    add_lanes(home.path());
    let text = "The meeting runs long and decides nothing.";
    let lanes: Vec<String> = (0..4).map(lane_file).collect();
    let mut command = kaizodo(home.path(), url);
    command.args(["run", "--json", "--lang", "en", "--text", text]);
    command.args(["--perspectives", &lanes.join(",")]);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    proc::children_cpu() - before
}

/// Measures the bytes sent to the editor per byte of text.
pub(super) fn bytes(bench: &mut Bench) {
    let paced = Profile { size: 4, ..Profile::paced(2_000, 5, 5) };
    for (profile, name) in
        [(Profile::flood(2_000, 1), "at full speed"), (paced, "paced, 5 ms a chunk")]
    {
        let chunks = bench.size(2_000, 500);
        let lanes = vec![Profile { chunks, ..profile }; 4];
        let text: usize = lanes.iter().map(|lane| lane.chunks * lane.piece_len()).sum();
        let ratio = |bytes: u64| bytes as f64 / text as f64;
        let row =
            |way: &str| format!("bytes handed on ÷ bytes of text, 4 × 2,000 chunks {name} ({way})");
        let aim = "≤ 1.5";
        let (_, _, editor, _home) = bench.ours(&lanes, BOTH);
        let ways = [("edits", "workspace/applyEdit"), ("progress with events", "$/progress")];
        for (way, method) in ways {
            bench.table.put(&row(way), aim, Who::Ours, &[ratio(editor.bytes_of(method))]);
        }
        bench.rivals(&lanes, |table, who, record, _| {
            for (way, _) in ways {
                table.put(&row(way), aim, who, &[ratio(record.handed)]);
            }
        });
    }
}
