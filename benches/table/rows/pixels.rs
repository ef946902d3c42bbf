//! Measures the delay until text is visible in VS Code's workbench.

use super::Bench;
use crate::editor::KAIZODO;
use crate::profile::Profile;
use crate::record::{Record, at};
use crate::report::Who;
use crate::rival::root;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdout, Command, Stdio};

/// A running workbench, driven by `pixels.mjs`.
struct Workbench {
    child: Child,
    output: BufReader<ChildStdout>,
}

pub(super) fn pixels(bench: &mut Bench) {
    let mut workbench = Workbench::start(&bench.upstream.url());
    let chunks = bench.size(50, 30);
    // By then the panel is open, as the article's page is before its request.
    let paced = vec![Profile::paced(chunks, 2_000, 20); 4];
    let mut beside = paced.clone();
    beside[3].delay_ms = 200;
    for (lanes, name) in
        [(paced, "four paced at 20 ms"), (beside, "three of them beside one at 200 ms")]
    {
        bench.upstream.play(&lanes);
        let Some(record) = workbench.run(chunks) else {
            eprintln!("{name}: the workbench has not shown all of it");
            return;
        };
        let log = bench.upstream.log();
        let lags = record.lags(&log, |lane| lanes[lane].delay_ms == 20);
        let what = format!(
            "through to pixels: lag in Chromium in VS Code's workbench, {name}, median / p99 ms"
        );
        bench.table.put(&what, "median ≤ 60", Who::Ours, &[at(0.5, &lags), at(0.99, &lags)]);
    }
}

impl Workbench {
    fn start(url: &str) -> Self {
        let mut child = Command::new(root().join("benches/pixels.sh"))
            .args([url, KAIZODO])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let mut workbench = Workbench { child, output };
        assert_eq!(workbench.line(), "\"ready\"");
        workbench
    }

    /// Returns `None` if it did not show all pieces in time, which it reports itself.
    fn run(&mut self, pieces: usize) -> Option<Record> {
        writeln!(self.child.stdin.as_mut().unwrap(), "{pieces}").unwrap();
        serde_json::from_str(&self.line()).ok()
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }
}

impl Drop for Workbench {
    fn drop(&mut self) {
        // It exits at the end of its input, which `wait` closes, and stops the editor.
        let _ = self.child.wait();
    }
}
