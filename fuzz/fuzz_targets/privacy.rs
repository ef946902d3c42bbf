//! Fuzzes redaction and file patterns. The check is shared with `tests/it/hostile/twins.rs`.

#![no_main]
#![allow(dead_code, reason = "each target uses one of the checks")]

#[path = "../../tests/it/hostile/checks/mod.rs"]
mod checks;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| checks::privacy::check(bytes));
