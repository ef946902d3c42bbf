//! Arranges runs as a tree: a run about the answer of another run is below that run.

use crate::event::RunId;
use crate::journal::Entry;
use std::collections::{HashMap, HashSet};

/// Returns the runs in display order, each with its depth. If a run is about the answer of another
/// listed run, it is placed below that run. Runs with the same parent keep their order.
pub(crate) fn tree(runs: &[Entry]) -> Vec<(usize, &Entry)> {
    let listed: HashSet<&RunId> = runs.iter().map(|entry| &entry.run).collect();
    let mut below: HashMap<&RunId, Vec<&Entry>> = HashMap::new();
    let (mut tops, mut others) = (Vec::new(), Vec::new());
    for entry in runs {
        if let Some(parent) = entry.parent.as_ref().filter(|parent| listed.contains(parent)) {
            below.entry(parent).or_default().push(entry);
            others.push(entry);
        } else {
            tops.push(entry);
        }
    }
    let mut tree = Vec::with_capacity(runs.len());
    let mut shown = HashSet::new();
    // Journals are files, so the runs in them may refer to each other in a cycle. Runs that only a
    // cycle reaches are shown last.
    for top in tops.into_iter().chain(others) {
        let mut next = vec![(0, top)];
        while let Some((depth, entry)) = next.pop() {
            if shown.insert(&entry.run) {
                tree.push((depth, entry));
                let below = below.get(&entry.run).into_iter().flatten().rev();
                next.extend(below.map(|entry| (depth + 1, *entry)));
            }
        }
    }
    tree
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the tree of runs that are given with their parents.
    fn shown(runs: &[(&str, Option<&str>)]) -> Vec<String> {
        let id = |name: &str| RunId(name.to_owned());
        let entry = |(name, parent): &(&str, Option<&str>)| Entry {
            run: id(name),
            title: String::new(),
            at: jiff::Timestamp::UNIX_EPOCH,
            source: None,
            outcome: None,
            alive: false,
            bytes: 0,
            pinned: false,
            parent: parent.map(id),
            perspectives: Vec::new(),
            snippet: None,
        };
        let runs: Vec<Entry> = runs.iter().map(entry).collect();
        tree(&runs).into_iter().map(|(depth, entry)| format!("{depth}{}", entry.run)).collect()
    }

    #[test]
    fn runs_stand_below_those_that_they_are_about() {
        let runs = [
            ("f", Some("c")),
            ("e", None),
            ("d", Some("c")),
            ("c", Some("a")),
            ("b", Some("gone")),
            ("a", None),
        ];
        assert_eq!(shown(&runs), ["0e", "0b", "0a", "1c", "2f", "2d"]);
    }

    #[test]
    fn none_is_lost_and_none_is_shown_twice() {
        let runs = [("c", Some("c")), ("b", Some("a")), ("a", Some("b")), ("d", None)];
        assert_eq!(shown(&runs), ["0d", "0c", "0b", "1a"]);
        let names: Vec<String> = (0..50_000).map(|n| format!("{n:05}")).collect();
        let chain: Vec<(&str, Option<&str>)> =
            names.iter().zip(names.iter().skip(1)).map(|(a, b)| (a.as_str(), Some(&**b))).collect();
        assert_eq!(shown(&chain).len(), chain.len());
    }
}
