//! Checks that every test that the lists in `docs/faults.md` name exists.

use std::fs;
use std::path::Path;

#[test]
fn every_fault_has_a_test_that_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let list = fs::read_to_string(root.join("docs/faults.md")).unwrap();
    // Further down, the rows of tables begin with status codes.
    let (list, _) = list.split_once("\n## Servers of others\n").unwrap();
    let rows: Vec<(usize, &str)> = list.lines().filter_map(numbered).collect();
    let mut numbers: Vec<usize> = rows.iter().map(|(number, _)| *number).collect();
    numbers.sort_unstable();
    assert_eq!(numbers.get(..40), Some(&*Vec::from_iter(1..=40)));
    assert!(numbers.windows(2).all(|pair| pair[0] < pair[1]), "a number twice: {numbers:?}");
    let mut missing = Vec::new();
    for (number, row) in rows {
        let shown = row.trim_end_matches(" |").rsplit(" | ").next().unwrap();
        for part in shown.split(" · ") {
            let (file, tests) = part.trim_start_matches('`').split_once("` ").expect(part);
            let code = fs::read_to_string(root.join(file)).expect(file);
            for test in tests.split(", ") {
                // Either a test function, or a row in a table of tests.
                let is_there = [format!("fn {test}("), format!("\n    {test}: ")];
                if !is_there.iter().any(|words| code.contains(words)) {
                    missing.push(format!("{number}: {file} {test}"));
                }
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

/// Parses a table row that begins with a number.
fn numbered(line: &str) -> Option<(usize, &str)> {
    let (number, _) = line.strip_prefix("| ")?.split_once(" | ")?;
    Some((number.parse().ok()?, line))
}
