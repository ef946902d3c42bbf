//! Hostile text through panels, prompts and documents, with a second Markdown parser as the judge.
//!
//! `data/` is shared with the tests that render what the real program writes
//! (`tests/editors/hostile`), `checks/` with the fuzz targets (`fuzz/`).

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

#[path = "hostile/checks/mod.rs"]
mod checks;
#[path = "hostile/corpus.rs"]
mod corpus;
#[path = "hostile/names.rs"]
mod names;
#[path = "hostile/previews.rs"]
mod previews;
#[path = "hostile/selections.rs"]
mod selections;
#[path = "hostile/twins.rs"]
mod twins;
