//! Checks the documents against each other and the code: links lead somewhere, and translations
//! have the same structure.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The documents that people read.
const DOCUMENTS: [&str; 26] = [
    "README.md",
    "README.ja.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "PROTOCOL.md",
    "CHANGELOG.md",
    "docs/answers.md",
    "docs/configuration.md",
    "docs/configuration.ja.md",
    "docs/decisions.md",
    "docs/editors.md",
    "docs/editors.ja.md",
    "docs/eval.md",
    "docs/eval.ja.md",
    "docs/faults.md",
    "docs/privacy.md",
    "docs/privacy.ja.md",
    "docs/supply-chain.md",
    "benches/RESULTS.md",
    "evals/README.md",
    "fuzz/README.md",
    "editors/nvim/README.md",
    "editors/vscode/README.md",
    "editors/vscode/CHANGELOG.md",
    "packaging/README.md",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> Option<String> {
    fs::read_to_string(root().join(path)).ok()
}

/// Returns the targets of `[text](target)` outside of code fences.
fn links(text: &str) -> Vec<&str> {
    let outside = text.split("```").step_by(2);
    outside
        .flat_map(|part| part.split("](").skip(1))
        .filter_map(|rest| rest.split(')').next())
        .collect()
}

/// Returns the anchor of a heading, as GitHub generates it.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().to_lowercase();
    let kept = kept.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

fn headings(text: &str) -> Vec<String> {
    let outside = text.split("```").step_by(2).flat_map(str::lines);
    outside.filter(|line| line.starts_with('#')).map(str::to_owned).collect()
}

fn dead(document: &str, text: &str, link: &str) -> Option<String> {
    if link.contains("://") {
        return None;
    }
    let (path, fragment) = link.split_once('#').unwrap_or((link, ""));
    let folder = Path::new(document).parent().unwrap_or(Path::new(""));
    let target: PathBuf = root().join(folder).join(path);
    let fault = Some(format!("{document}: the link {link} leads nowhere"));
    if !path.is_empty() && !target.exists() {
        return fault;
    }
    if fragment.is_empty() {
        return None;
    }
    let there = if path.is_empty() { text.to_owned() } else { fs::read_to_string(target).ok()? };
    let found = headings(&there).iter().any(|h| anchor(h.trim_start_matches('#')) == fragment);
    fault.filter(|_| !found)
}

#[test]
fn every_link_leads_somewhere() {
    let mut faults = Vec::new();
    for document in DOCUMENTS {
        let Some(text) = read(document) else { continue };
        faults.extend(links(&text).into_iter().filter_map(|link| dead(document, &text, link)));
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
    assert!(dead("README.md", "", "no.md").is_some() && dead("README.md", "", "#no").is_some());
}

/// Returns what two translations must have in common: the levels of their headings, links (apart
/// from the language), table rows and code fences.
fn shape(text: &str) -> (Vec<usize>, BTreeSet<String>, usize, usize) {
    let levels = headings(text).into_iter().map(|h| h.chars().take_while(|c| *c == '#').count());
    let path = |link: &str| link.split('#').next().unwrap_or_default().replace(".ja.", ".");
    let links = links(text).into_iter().map(path);
    let rows = text.lines().filter(|line| line.starts_with('|')).count();
    (levels.collect(), links.collect(), rows, text.matches("```").count())
}

/// The documents that exist in both languages, as `NAME.md` and `NAME.ja.md`.
const TWINS: [&str; 5] =
    ["README", "docs/configuration", "docs/editors", "docs/eval", "docs/privacy"];

#[test]
fn documents_in_two_languages_are_twins() {
    for name in TWINS {
        let read = |ending| read(&format!("{name}{ending}")).expect(name);
        let (en, ja) = (read(".md"), read(".ja.md"));
        assert_eq!(shape(&en), shape(&ja), "{name}");
        let file = name.rsplit('/').next().unwrap();
        assert!(links(&en).contains(&&*format!("{file}.ja.md")), "{name}.md links its twin");
        assert!(links(&ja).contains(&&*format!("{file}.md")), "{name}.ja.md links its twin");
    }
}

/// The documents that name files of the code.
const MAPS: [&str; 4] = ["ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "docs/decisions.md"];

/// Returns the Rust files (`panel/view.rs`) and folders (`panel/`) that a document names in code
/// spans.
fn named(text: &str) -> impl Iterator<Item = &str> {
    let is_path = |c: char| c.is_ascii_alphanumeric() || "_-./".contains(c);
    let spans = text.split('`').skip(1).step_by(2);
    spans.filter(move |span| {
        span.chars().all(is_path) && (span.ends_with(".rs") || span.ends_with('/'))
    })
}

fn paths(folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("node_modules") && !path.ends_with("target") {
            found.push(format!("{}/", path.display()));
            paths(&path, found);
        } else {
            found.push(path.display().to_string());
        }
    }
}

#[test]
fn every_file_that_the_documents_name_is_there() {
    let mut found = Vec::new();
    for folder in ["src", "tests", "benches", "evals", "editors", "fuzz", "packaging"] {
        let folder = root().join(folder);
        found.push(format!("{}/", folder.display()));
        paths(&folder, &mut found);
    }
    let is_there = |name: &str| found.iter().any(|path| path.ends_with(&format!("/{name}")));
    let mut faults = Vec::new();
    for document in MAPS {
        let text = read(document).expect(document);
        let missing = named(&text).filter(|name| !is_there(name));
        faults.extend(missing.map(|name| format!("{document}: there is no {name}")));
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
    assert!(!is_there("no.rs") && is_there("panel/view.rs") && is_there("panel/"));
}
