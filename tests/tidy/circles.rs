//! Finds modules in one folder that depend on each other in a circle.

use crate::{Source, check, sources};
use std::collections::{BTreeMap, BTreeSet};

type Path = Vec<String>;

/// The modules by their paths: the paths that each names, and the names that it re-exports.
#[derive(Default)]
struct Modules {
    named: BTreeMap<Path, Vec<Path>>,
    handed_on: BTreeMap<Path, BTreeMap<String, Path>>,
}

impl Modules {
    fn of<'a>(sources: impl IntoIterator<Item = &'a Source>) -> Self {
        let mut modules = Modules::default();
        for source in sources {
            let Some(module) = source.module().and_then(path_of) else { continue };
            let code = source.shipped();
            modules.named.insert(module.clone(), paths(code, &module));
            modules.handed_on.insert(module.clone(), handed_on(code, &module));
        }
        modules
    }

    /// Returns the module that defines the item of a path.
    fn home(&self, path: &[String]) -> Option<Path> {
        let mut at = Path::new();
        for (depth, name) in path.iter().enumerate() {
            let inner = [&at[..], std::slice::from_ref(name)].concat();
            if self.named.contains_key(&inner) {
                at = inner;
            } else if let Some(there) = self.handed_on.get(&at).and_then(|of| of.get(name))
                && !there.starts_with(&path[..=depth])
            {
                return self.home(&[&there[..], &path[depth + 1..]].concat());
            } else {
                break;
            }
        }
        self.named.contains_key(&at).then_some(at)
    }

    /// For each folder, returns which of its members name which others. A folder's own file
    /// (`mod.rs`) is not a member, because the members meet in it.
    fn folders(&self) -> BTreeMap<String, BTreeMap<&str, BTreeSet<String>>> {
        let mut folders: BTreeMap<String, BTreeMap<&str, BTreeSet<String>>> = BTreeMap::new();
        for (module, named) in &self.named {
            for home in named.iter().filter_map(|path| self.home(path)) {
                let common = module.iter().zip(&home).take_while(|(a, b)| a == b).count();
                if let (Some(from), Some(to)) = (module.get(common), home.get(common)) {
                    let folder = folders.entry(module[..common].join("/")).or_default();
                    folder.entry(from).or_default().insert(to.clone());
                }
            }
        }
        folders
    }

    /// Returns the modules of each folder that depend on themselves through others.
    fn circles(&self) -> Vec<String> {
        let mut circles = BTreeSet::new();
        for (folder, graph) in self.folders() {
            for from in graph.keys() {
                let there = reached(&graph, from);
                let back = |to: &&String| reached(&graph, to).contains(*from);
                let circle: Vec<_> = there.iter().filter(back).map(String::as_str).collect();
                if !circle.is_empty() {
                    circles.insert(format!("src/{folder}: {}", circle.join(" ↔ ")));
                }
            }
        }
        circles.into_iter().collect()
    }
}

fn reached(graph: &BTreeMap<&str, BTreeSet<String>>, from: &str) -> BTreeSet<String> {
    let mut reached = BTreeSet::new();
    let mut open = vec![from.to_owned()];
    while let Some(next) = open.pop() {
        for to in graph.get(&*next).into_iter().flatten() {
            if reached.insert(to.clone()) {
                open.push(to.clone());
            }
        }
    }
    reached
}

/// Converts a file to a module path: `a/b.rs` and `a/b/mod.rs` are `a::b`.
fn path_of(file: &str) -> Option<Path> {
    let path = file.strip_suffix(".rs")?;
    let path = path.strip_suffix("/mod").unwrap_or(path);
    Some(path.split('/').filter(|part| *part != "lib").map(str::to_owned).collect())
}

/// Returns all paths, from the crate's root, that the code of a module names.
fn paths(code: &str, module: &[String]) -> Vec<Path> {
    let starts = ["crate::", "super::"].into_iter().flat_map(|word| code.match_indices(word));
    let is_first = |at: usize| !code[..at].ends_with(|c: char| c == ':' || is_word(c));
    let found = starts.filter(|(at, _)| is_first(*at));
    found
        .flat_map(|(at, _)| tree(&code[at..]))
        .filter_map(|(path, _)| absolute(path, module))
        .collect()
}

/// Returns the names from other modules that a module re-exports with `pub use`.
fn handed_on(code: &str, module: &[String]) -> BTreeMap<String, Path> {
    let uses = code.match_indices("pub").filter_map(|(at, _)| {
        let rest = code[at + 3..].trim_start();
        let rest = rest.strip_prefix("(crate)").unwrap_or(rest).trim_start();
        rest.strip_prefix("use ")
    });
    let all = uses.flat_map(tree).filter_map(|(path, name)| Some((name, absolute(path, module)?)));
    all.collect()
}

/// Returns the paths at the beginning of a piece of code, with braces expanded, each with the name
/// that it introduces.
fn tree(code: &str) -> Vec<(Path, String)> {
    let code = code.trim_start();
    if let Some(inner) = code.strip_prefix('{') {
        return branches(inner).into_iter().flat_map(tree).collect();
    }
    let end = code.find(|c| !is_word(c)).unwrap_or(code.len());
    let (name, rest) = code.split_at(end);
    if name.is_empty() {
        return Vec::new();
    }
    let deeper = rest.trim_start().strip_prefix("::").map(tree).unwrap_or_default();
    if deeper.is_empty() {
        let given = rest.trim_start().strip_prefix("as ").map_or(name, |rest| {
            let rest = rest.trim_start();
            &rest[..rest.find(|c| !is_word(c)).unwrap_or(rest.len())]
        });
        return vec![(vec![name.to_owned()], given.to_owned())];
    }
    deeper
        .into_iter()
        .map(|(path, given)| ([vec![name.to_owned()], path].concat(), given))
        .collect()
}

/// Returns the parts between the commas of a group, up to the closing brace.
fn branches(code: &str) -> Vec<&str> {
    let (mut depth, mut from, mut parts) = (0, 0, Vec::new());
    for (at, c) in code.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => {
                parts.push(&code[from..at]);
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&code[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    parts
}

/// Resolves a path in a module's code from the crate's root; `None` if the path leaves the crate.
fn absolute(path: Path, module: &[String]) -> Option<Path> {
    let ups = path.iter().take_while(|name| *name == "super").count();
    match path.first()?.as_str() {
        "crate" => Some(path[1..].to_vec()),
        "self" => Some([module, &path[1..]].concat()),
        "super" => Some([module.get(..module.len().checked_sub(ups)?)?, &path[ups..]].concat()),
        _ => Some([module, &path[..]].concat()),
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[test]
fn no_modules_of_a_folder_name_each_other_in_a_circle() {
    check(Modules::of(&sources()).circles());
}

#[test]
fn a_circle_is_found_behind_groups_other_names_and_what_a_folder_hands_on() {
    let circles = |files: &[(&str, &str)]| {
        let sources: Vec<_> = files.iter().map(|(path, text)| Source::new(path, text)).collect();
        Modules::of(&sources).circles()
    };
    let face = ("src/a/mod.rs", "mod b;\nmod c;\npub use b::{B as Other, X};\nuse c::C;");
    let b = ("src/a/b.rs", "use crate::{x, a::{c::{self, C}}};");
    assert_eq!(circles(&[face, b, ("src/a/c.rs", "use super::{Y, Other};")]), ["src/a: b ↔ c"]);
    assert_eq!(circles(&[face, b, ("src/a/c.rs", "fn f() { super::X::new() }")]), ["src/a: b ↔ c"]);
    // Anything in the folder's own file may be named by all members.
    assert_eq!(circles(&[face, b, ("src/a/c.rs", "use super::Y;\n// super::b")]), [""; 0]);
    let d = ("src/a/d.rs", "use super::c::C;");
    assert_eq!(circles(&[face, ("src/a/c.rs", "use super::d;"), d]), ["src/a: c ↔ d"]);
    let deep = ("src/a/b/d.rs", "use crate::e::E;");
    assert_eq!(circles(&[face, deep, b, ("src/e.rs", "use crate::a::X;")]), ["src/: a ↔ e"]);
}
