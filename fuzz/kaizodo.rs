//! The modules under test without the rest of the program, because a fuzzer instruments everything
//! that is linked.

#![allow(dead_code, unused_imports, reason = "what only the rest of the program uses")]

#[path = "../src/event/mod.rs"]
pub mod event;
#[path = "../src/journal/mod.rs"]
pub mod journal;
#[path = "../src/lang.rs"]
pub mod lang;
#[path = "../src/panel/mod.rs"]
pub mod panel;
#[path = "../src/perspective/mod.rs"]
pub mod perspective;
#[path = "../src/privacy/mod.rs"]
pub mod privacy;
#[path = "../src/private_folder/mod.rs"]
pub mod private_folder;
pub mod provider;
#[path = "../src/request/mod.rs"]
pub mod request;
#[path = "../src/text/mod.rs"]
pub mod text;
