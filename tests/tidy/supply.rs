//! Checks the lock files: only crates from crates.io, no banned crates, and no versions with known
//! faults. Needs no network; `tests/supply-chain.sh` also checks licences and advisories.

use std::cmp::Ordering;
use std::fs;
use std::path::Path;
use toml::{Table, Value};

const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// The oldest versions that are allowed, and what was wrong before them.
const AT_LEAST: [(&str, &str, &str); 7] = [
    ("async-openai", "0.41.2", "a stream that was dropped left its socket open"),
    ("h2", "0.4.16", "RUSTSEC-2026-0258: empty frames were kept without a bound"),
    ("idna", "1.0.0", "RUSTSEC-2024-0421: a host could pass for another"),
    ("reqwest", "0.13.4", "a redirect from https to http took the key along (reqwest#3034)"),
    ("rustls-webpki", "0.103.13", "RUSTSEC-2026-0104: a revocation list could panic"),
    ("tokio", "1.44.2", "RUSTSEC-2025-0023: a broadcast channel cloned without a lock"),
    ("tracing-subscriber", "0.3.20", "RUSTSEC-2025-0055: escape sequences reached the terminal"),
];

/// Crates that must not be used at all, because TLS is rustls.
const BANNED: [&str; 4] = ["native-tls", "openssl", "openssl-sys", "openssl-src"];

/// Crates that only one other crate may use. eventsource-stream panics on a byte order mark and
/// loses events; async-openai passes it only what `provider/openai` has rewritten.
const ONLY_FOR: [(&str, &str); 1] = [("eventsource-stream", "async-openai")];

fn text<'a>(package: &'a Table, key: &str) -> Option<&'a str> {
    package.get(key).and_then(Value::as_str)
}

/// Compares versions by their numbers; suffixes are ignored.
fn compare(one: &str, two: &str) -> Ordering {
    let numbers = |version: &str| -> Vec<u64> {
        let plain = version.split(['-', '+']).next().unwrap_or_default().to_owned();
        plain.split('.').map(|n| n.parse().unwrap_or(0)).collect()
    };
    numbers(one).cmp(&numbers(two))
}

fn faults(lock: &str) -> Vec<String> {
    let lock: Table = toml::from_str(lock).unwrap();
    let packages = lock.get("package").and_then(Value::as_array).unwrap();
    let mut faults = Vec::new();
    for package in packages.iter().filter_map(Value::as_table) {
        let (name, version) = (text(package, "name").unwrap(), text(package, "version").unwrap());
        let mut fault = |why: &str| faults.push(format!("{name} {version}: {why}"));
        if !["kaizodo", "kaizodo-fuzz", "kaizodo-zed"].contains(&name) {
            if text(package, "source") != Some(REGISTRY) {
                fault("does not come from crates.io");
            }
            if text(package, "checksum").is_none_or(|sum| sum.len() != 64) {
                fault("has no checksum");
            }
        }
        if BANNED.contains(&name) {
            fault("is banned");
        }
        for (_, least, why) in AT_LEAST.iter().filter(|(crate_name, ..)| *crate_name == name) {
            if compare(version, least) == Ordering::Less {
                fault(&format!("is older than {least}: {why}"));
            }
        }
        let wants = package.get("dependencies").and_then(Value::as_array).into_iter().flatten();
        for wanted in wants.filter_map(Value::as_str).filter_map(|w| w.split(' ').next()) {
            if ONLY_FOR.iter().any(|(guarded, user)| *guarded == wanted && *user != name) {
                fault(&format!("uses {wanted}"));
            }
        }
    }
    faults
}

#[test]
fn the_lock_files_hold_what_they_may() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let lock = fs::read_to_string(root.join("Cargo.lock")).unwrap();
    let found = faults(&lock);
    assert!(found.is_empty(), "\n{}", found.join("\n"));
    for (name, ..) in AT_LEAST {
        assert!(lock.contains(&format!("name = \"{name}\"\n")), "{name} is no longer used");
    }
    for file in ["fuzz/Cargo.lock", "editors/zed/Cargo.lock"] {
        assert_eq!(faults(&fs::read_to_string(root.join(file)).unwrap()), [""; 0], "{file}");
    }
}

#[test]
fn what_the_lock_file_must_not_hold_is_found() {
    let lock = "
        [[package]]\nname = \"kaizodo\"\nversion = \"1.0.0\"\ndependencies = [\"eventsource-stream 0.2.3\"]
        [[package]]\nname = \"h2\"\nversion = \"0.4.9\"\nsource = \"git+https://x.test/h2\"
        [[package]]\nname = \"openssl\"\nversion = \"0.10.0\"\n";
    assert_eq!(
        faults(lock),
        [
            "kaizodo 1.0.0: uses eventsource-stream",
            "h2 0.4.9: does not come from crates.io",
            "h2 0.4.9: has no checksum",
            "h2 0.4.9: is older than 0.4.16: RUSTSEC-2026-0258: empty frames were kept without a bound",
            "openssl 0.10.0: does not come from crates.io",
            "openssl 0.10.0: has no checksum",
            "openssl 0.10.0: is banned",
        ]
    );
    assert_eq!(compare("0.103.13", "0.103.9"), Ordering::Greater);
    assert_eq!(compare("0.24.0-rc.1", "0.24.0"), Ordering::Equal);
}
