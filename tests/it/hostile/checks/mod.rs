//! Properties that hold for any input: each check takes bytes, so that a fuzzer can choose them.

pub(crate) mod bytes;
pub(crate) mod inert;
pub(crate) mod journal;
pub(crate) mod panel;
pub(crate) mod perspective;
pub(crate) mod privacy;
pub(crate) mod run;
pub(crate) mod sanitizer;
pub(crate) mod text_sync;
