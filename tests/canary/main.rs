//! The search for the tests' key finds what it should: `tests/run.sh` relies on it.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

#[allow(dead_code, reason = "the key alone is wanted here")]
#[path = "../support/artifacts.rs"]
mod artifacts;

use artifacts::CANARY;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn search(folder: &Path) -> Output {
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/canary/search.py");
    Command::new("python3").arg(program).arg(folder).output().unwrap()
}

/// A folder as tests leave it, with one file more.
fn with(name: &str, content: &[u8]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("home")).unwrap();
    fs::write(folder.path().join("home.key-given"), "yes\n").unwrap();
    fs::write(folder.path().join("home/state"), "Bearer sk-canary-0123456789 sk-canary-").unwrap();
    fs::write(folder.path().join("home").join(name), content).unwrap();
    search(folder.path())
}

#[test]
fn what_holds_no_key_passes_and_is_counted() {
    let output = with("log", b"nothing\n");
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(
        said,
        "The canary key is in none of 3 files (0 MB) of 1 programs that were given it\n"
    );
    assert!(output.status.success());
}

#[test]
fn the_key_is_found_in_every_form() {
    // Made by other programs: printf %s KEY | base64, with zero to two bytes before; | xxd -p; | rev.
    for form in [
        CANARY,
        "x=7+Zp3/Xk, a piece",
        "https://SK-CANARY-QV7+ZP3/XK9=LW5TN8DH.test",
        "key=sk-canary-Qv7%2BZp3%2FXk9%3DLw5tN8dH",
        r#"{"key":"Zp3\/Xk9=Lw5t"}"#,
        "c2stY2FuYXJ5LVF2NytacDMvWGs5PUx3NXROOGRI",
        "eHNrLWNhbmFyeS1RdjcrWnAzL1hrOT1MdzV0TjhkSA==",
        "eHhzay1jYW5hcnktUXY3K1pwMy9Yazk9THc1dE44ZEg=",
        "736b2d63616e6172792d5176372b5a70332f586b393d4c7735744e386448",
        "Hd8Nt5wL=9kX/3pZ+7vQ-yranac-ks",
    ] {
        for content in [form.to_owned().into_bytes(), [b"\0\xff\xfe", form.as_bytes()].concat()] {
            let output = with("found", &content);
            let said = String::from_utf8(output.stderr).unwrap();
            assert!(!output.status.success() && said.ends_with("home/found\n"), "{form}: {said}");
        }
    }
    let named = with("Lw5tN8dH.md", b"nothing");
    assert!(!named.status.success(), "a file's name counts");
}

#[test]
fn a_search_that_proves_nothing_fails() {
    let empty = tempfile::tempdir().unwrap();
    assert!(!search(empty.path()).status.success());
    fs::write(empty.path().join("log"), "nobody was given the key").unwrap();
    assert!(!search(empty.path()).status.success());
}
