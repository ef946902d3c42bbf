//! Hostile text in panels, prompts and documents, judged by a second Markdown parser.
//!
//! `data/` is shared with the tests that render the output of the real program
//! (`tests/editors/hostile`), `checks/` with the fuzz targets (`fuzz/`).

pub(crate) mod checks;
mod corpus;
mod names;
mod previews;
mod selections;
mod twins;
