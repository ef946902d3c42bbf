//! Measures the delay until text is visible: in VS Code's workbench, on the page, and on the
//! article's page.

use super::Bench;
use crate::editor::KAIZODO;
use crate::profile::Profile;
use crate::record::{Record, at};
use crate::report::Who;
use crate::rival::root;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdout, Command, Stdio};

/// A running browser, driven by a script.
struct Window {
    child: Child,
    output: BufReader<ChildStdout>,
}

pub(super) fn pixels(bench: &mut Bench) {
    measure(bench, "pixels.sh", &[KAIZODO], Who::Ours, "in VS Code's workbench", "median ≤ 60");
}

/// Measures the page next to the article's page; the aim is half of the latter's delay.
pub(super) fn page(bench: &mut Bench) {
    let place = "on the page, to the end of the frame";
    measure(bench, "page.sh", &["kaizodo", KAIZODO], Who::Ours, place, "½ × article");
    if !bench.ours {
        measure(bench, "page.sh", &["article"], Who::Article, place, "½ × article");
    }
}

fn measure(
    bench: &mut Bench,
    script: &str,
    args: &[&str],
    who: Who,
    place: &str,
    aim: &'static str,
) {
    let mut window = Window::open(script, &bench.upstream.url(), args);
    let chunks = bench.size(50, 30);
    // By then the places for the answers exist, as on the article's page before its request.
    let paced = vec![Profile::paced(chunks, 2_000, 20); 4];
    let mut beside = paced.clone();
    beside[3].delay_ms = 200;
    for (lanes, name) in
        [(paced, "four paced at 20 ms"), (beside, "three of them beside one at 200 ms")]
    {
        bench.upstream.play(&lanes);
        let Some(record) = window.run(chunks) else {
            eprintln!("{name}: not all of it was shown {place}");
            return;
        };
        let log = bench.upstream.log();
        let lags = record.lags(&log, |lane| lanes[lane].delay_ms == 20);
        let what = format!("through to pixels: lag in Chromium {place}, {name}, median / p99 ms");
        bench.table.put(&what, aim, who, &[at(0.5, &lags), at(0.99, &lags)]);
    }
}

impl Window {
    fn open(script: &str, url: &str, args: &[&str]) -> Self {
        let mut child = Command::new(root().join("benches").join(script))
            .arg(url)
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let mut window = Window { child, output };
        assert_eq!(window.line(), "\"ready\"");
        window
    }

    /// Shows `pieces` pieces. Returns `None` if the script did not show all of them in time, which
    /// the script reports itself.
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

impl Drop for Window {
    fn drop(&mut self) {
        // The script exits at the end of its input, which `wait` closes, and stops what it has
        // started.
        let _ = self.child.wait();
    }
}
