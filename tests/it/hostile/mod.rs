//! Hostile text through panels, prompts and documents, with a second Markdown parser as the judge.
//!
//! `data/` is shared with the tests that render what the real program writes
//! (`tests/editors/hostile`), `checks/` with the fuzz targets (`fuzz/`).

pub(crate) mod checks;
mod corpus;
mod names;
mod previews;
mod selections;
mod twins;
