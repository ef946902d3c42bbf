//! Which layer may name what.

/// Folders and files under `src` (prefixes of paths), and groups of words that no code of them names.
pub(crate) struct Layer(
    pub(crate) &'static [&'static str],
    pub(crate) &'static [&'static [&'static str]],
);

const ASYNC: &[&str] = &["tokio", "reqwest"];
const SYSTEM: &[&str] = &["std::fs", "std::env", "std::net"];
const WALL_CLOCK: &[&str] = &["SystemTime", "Timestamp::now"];
const CLOCK: &[&str] = &["Instant", "SystemTime", "Timestamp::now"];
const ANSWERS: &[&str] = &["crate::provider", "crate::engine", "crate::panel"];
const STORES: &[&str] = &["crate::journal", "crate::repository"];
const TOP: &[&str] = &["crate::session", "crate::lsp", "crate::cli"];

/// The layers.
pub(crate) const LAYERS: &[Layer] = &[
    Layer(
        &["text/", "privacy/", "perspective/", "request/", "event/", "event.rs", "lang.rs"],
        &[ASYNC, SYSTEM, CLOCK, ANSWERS, STORES, TOP, &["crate::config"]],
    ),
    Layer(
        &["text/"],
        &[&["crate::request", "crate::perspective", "crate::event", "crate::privacy"]],
    ),
    Layer(
        &["privacy/"],
        &[&["crate::request", "crate::perspective", "crate::event", "crate::text"]],
    ),
    Layer(&["perspective/"], &[&["crate::request"]]),
    Layer(
        &["eval/"],
        &[ASYNC, SYSTEM, CLOCK, ANSWERS, STORES, TOP, &["crate::request", "crate::config"]],
    ),
    Layer(&["provider/", "config/"], &[&["crate::engine", "crate::panel"], STORES, TOP]),
    Layer(&["engine/"], &[&["reqwest", "crate::panel"], STORES, TOP]),
    Layer(
        &["panel/"],
        &[ASYNC, CLOCK, &["std::time", "std::fs", "crate::provider", "crate::engine"], STORES, TOP],
    ),
    Layer(
        &["private_folder/"],
        &[
            ASYNC,
            CLOCK,
            ANSWERS,
            STORES,
            TOP,
            &["std::env", "crate::lang", "crate::text", "crate::privacy", "crate::event"],
            &["crate::perspective", "crate::request", "crate::config"],
        ],
    ),
    Layer(
        &["journal/"],
        &[ASYNC, WALL_CLOCK, ANSWERS, TOP, &["crate::perspective", "crate::config"]],
    ),
    Layer(&["repository/"], &[ASYNC, WALL_CLOCK, ANSWERS, TOP, &["crate::journal"]]),
    Layer(&["session/"], &[&["stdout", "crate::lsp", "crate::cli"]]),
    Layer(&["lsp/"], &[&["reqwest", "crate::engine", "crate::cli"]]),
    // The command line starts the language server, and knows nothing else of it.
    Layer(&["cli/"], &[&["reqwest", "crate::engine"]]),
];

/// Words, and the only places under `src` that may name it.
pub(crate) const HOMES: &[(&str, &[&str])] = &[
    ("async_openai", &["provider/openai"]),
    ("tower_lsp", &["lsp/"]),
    ("openat", &["private_folder/"]),
    ("unlinkat", &["private_folder/"]),
    ("DirBuilder", &["private_folder/"]),
    ("println!", &["cli/", "main.rs"]),
    ("eprintln!", &["cli/", "main.rs"]),
    ("print!", &["cli/", "main.rs"]),
    ("eprint!", &["cli/", "main.rs"]),
    (".send_request", &["lsp/client"]),
    (".send_notification", &["lsp/client"]),
    (".log_message", &["lsp/client"]),
    (".show_message", &["lsp/client"]),
    (".show_message_request", &["lsp/client"]),
    (".create_work_done_progress", &["lsp/client"]),
];
