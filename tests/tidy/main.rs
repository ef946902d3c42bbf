//! The project's own rules, checked as a test.
//!
//! ARCHITECTURE.md says which layer may name what. Within a single crate Cargo cannot enforce this,
//! so this test does, over the code without comments and strings.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod circles;
mod docs;
mod rules;
mod scanner;
mod supply;

use rules::{HOMES, LAYERS, Layer};
use scanner::{code_of, lines_naming};
use std::fs;
use std::path::{Path, PathBuf};

const LINES: usize = 500;

/// A file of the project.
struct Source {
    /// Path from the project's root, with `/`.
    path: String,
    text: String,
    /// The text with comments and strings replaced by spaces.
    code: String,
}

impl Source {
    fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned(), code: code_of(text) }
    }

    /// Returns the path under `src`.
    fn module(&self) -> Option<&str> {
        self.path.strip_prefix("src/")
    }

    /// Returns the code that ships, which is everything before the tests.
    fn shipped(&self) -> &str {
        if self.path.ends_with("/tests.rs") || self.path.contains("/tests/") {
            return "";
        }
        let tests = self.code.find("#[cfg(test)]\nmod tests {").unwrap_or(self.code.len());
        &self.code[..tests]
    }
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    for folder in ["src", "tests", "benches", "fuzz/fuzz_targets"] {
        walk(&root.join(folder), &mut |path| {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
            found.push(Source::new(&name, &fs::read_to_string(path).unwrap()));
        });
    }
    assert!(found.iter().any(|source| source.path == "src/lib.rs"), "the sources are there");
    found
}

fn walk(folder: &Path, visit: &mut impl FnMut(&Path)) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            walk(&path, visit);
        } else if path.extension().is_some_and(|e| e == "rs") {
            visit(&path);
        }
    }
}

/// Returns the top-level modules that `src/lib.rs` lists after the module of a file.
fn rooms_above(module: &str) -> impl Iterator<Item = &'static str> {
    let rooms = || {
        let lines = include_str!("../../src/lib.rs").lines();
        lines.filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'))
    };
    let own = module.split(['/', '.']).next().unwrap_or_default().to_owned();
    rooms().skip_while(move |room| *room != own).skip(1)
}

fn layer_faults(source: &Source) -> Vec<String> {
    let Some(module) = source.module() else {
        return Vec::new();
    };
    let mut faults = Vec::new();
    let mut named = |word: &str, why: &str| {
        for line in lines_naming(source.shipped(), word) {
            faults.push(format!("{}:{line}: `{word}` {why}", source.path));
        }
    };
    for Layer(places, words) in LAYERS {
        if places.iter().any(|place| module.starts_with(place)) {
            words.iter().for_each(|word| named(word, "is not for this layer"));
        }
    }
    for room in rooms_above(module) {
        named(&format!("crate::{room}"), "is not for this layer");
    }
    for (word, homes) in HOMES {
        if !homes.iter().any(|home| module.starts_with(home)) {
            named(word, &format!("belongs in src/{} only", homes.join(" and src/")));
        }
    }
    faults
}

fn check(faults: Vec<String>) {
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn every_layer_names_only_what_it_may() {
    check(sources().iter().flat_map(layer_faults).collect());
}

#[test]
fn no_file_is_too_long() {
    let long = |source: &Source| {
        let lines = source.text.lines().count();
        (lines > LINES)
            .then(|| format!("{}:{lines}: more than {LINES} lines; split it", source.path))
    };
    check(sources().iter().filter_map(long).collect());
}

#[test]
fn every_file_says_what_it_is() {
    let mute = |source: &Source| {
        let says = source
            .text
            .strip_prefix("//! ")
            .is_some_and(|rest| rest.starts_with(|c: char| !c.is_whitespace()));
        (!says).then(|| format!("{}:1: no `//!` line says what the file is", source.path))
    };
    check(sources().iter().filter_map(mute).collect());
}

#[test]
fn every_method_of_our_own_is_in_the_protocol_document() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let protocol = fs::read_to_string(root.join("PROTOCOL.md")).unwrap_or_default();
    let mut faults = Vec::new();
    for source in sources().iter().filter(|source| source.path.starts_with("src/lsp/ext")) {
        for (at, line) in source.text.lines().enumerate() {
            for name in line.split('"').skip(1).step_by(2).filter(|s| s.starts_with("kaizodo/")) {
                if !protocol.contains(name) {
                    faults.push(format!("{}:{}: PROTOCOL.md lacks {name}", source.path, at + 1));
                }
            }
        }
    }
    check(faults);
}

#[test]
fn what_a_layer_must_not_name_is_found() {
    let faults = |path: &str, text: &str| layer_faults(&Source::new(path, text));
    let text =
        "//! A.\nuse crate::{\n    text::{engine, a},\n    engine::Run,\n};\nuse tokio::x;\n";
    assert_eq!(
        faults("src/panel/mod.rs", text),
        [
            "src/panel/mod.rs:6: `tokio` is not for this layer",
            "src/panel/mod.rs:4: `crate::engine` is not for this layer",
        ]
    );
    assert_eq!(faults("src/engine/mod.rs", text), [""; 0]);
    assert_eq!(
        faults("src/engine/mod.rs", "use crate::panel::Panel;"),
        ["src/engine/mod.rs:1: `crate::panel` is not for this layer"],
        "it is listed later"
    );
    assert_eq!(faults("src/panel/mod.rs", "// tokio\nlet tokio_like = \"tokio\";"), [""; 0]);
    assert_eq!(
        faults("src/panel/mod.rs", "fn a() {}\n#[cfg(test)]\nmod tests {\nuse tokio;\n}"),
        [""; 0]
    );
    assert_eq!(
        faults("src/session/mod.rs", "fn f() {\n    println!(\"x\");\n}"),
        ["src/session/mod.rs:2: `println!` belongs in src/cli/ and src/main.rs only"]
    );
    assert_eq!(faults("src/lsp/client.rs", "client.send_request::<R>(p)"), [""; 0]);
    assert_eq!(faults("src/lsp/backend.rs", "client\n    .send_request::<R>(p)").len(), 1);
    assert_eq!(faults("src/provider/openai.rs", "use async_openai::Client;"), [""; 0]);
    assert_eq!(faults("src/provider/mod.rs", "use async_openai::Client;").len(), 1);
}
