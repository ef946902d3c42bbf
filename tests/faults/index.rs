//! The list of forty faults in `docs/faults.md` names tests, and each of them is there.

use std::fs;
use std::path::Path;

#[test]
fn every_fault_has_a_test_that_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let list = fs::read_to_string(root.join("docs/faults.md")).unwrap();
    let rows: Vec<_> = list.lines().filter(|line| line.starts_with("| ")).collect();
    let mut missing = Vec::new();
    for number in 1..=40 {
        let start = format!("| {number} | ");
        let row = rows.iter().find(|row| row.starts_with(&start)).expect(&start);
        let shown = row.trim_end_matches(" |").rsplit(" | ").next().unwrap();
        for part in shown.split(" · ") {
            let (file, tests) = part.trim_start_matches('`').split_once("` ").expect(part);
            let code = fs::read_to_string(root.join(file)).expect(file);
            for test in tests.split(", ") {
                // A test of its own, or a row of a table of tests.
                let is_there = [format!("fn {test}("), format!("\n    {test}: ")];
                if !is_there.iter().any(|words| code.contains(words)) {
                    missing.push(format!("{number}: {file} {test}"));
                }
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}
