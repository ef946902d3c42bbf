//! Which layer may name what.

/// Folders or files under `src` (prefixes of a path), and the words that their code must not
/// contain.
pub(crate) struct Layer(pub(crate) &'static [&'static str], pub(crate) &'static [&'static str]);

/// Words that a layer without side effects must not contain.
const IMPURE: &[&str] = &[
    "tokio",
    "reqwest",
    "std::fs",
    "std::env",
    "std::net",
    "Instant",
    "SystemTime",
    "Timestamp::now",
];

/// Words that a layer must not contain, besides the modules that `src/lib.rs` lists after its own.
pub(crate) const LAYERS: &[Layer] = &[
    Layer(&["text/", "privacy/", "perspective/", "request/", "event/", "lang.rs", "eval/"], IMPURE),
    Layer(&["privacy/"], &["crate::text"]),
    Layer(&["perspective/"], &["crate::request"]),
    Layer(&["eval/"], &["crate::request"]),
    Layer(&["engine/"], &["reqwest"]),
    Layer(&["panel/"], IMPURE),
    Layer(&["panel/"], &["std::time", "crate::provider", "crate::engine"]),
    Layer(
        &["private_folder/"],
        &[
            "tokio",
            "reqwest",
            "std::env",
            "std::net",
            "Instant",
            "SystemTime",
            "Timestamp::now",
            "crate::lang",
            "crate::text",
            "crate::privacy",
            "crate::event",
            "crate::perspective",
            "crate::request",
            "crate::eval",
            "crate::provider",
            "crate::engine",
            "crate::panel",
        ],
    ),
    Layer(&["journal/", "repository/"], &["tokio", "reqwest", "SystemTime", "Timestamp::now"]),
    Layer(&["journal/"], &["crate::perspective"]),
    Layer(&["journal/", "repository/"], &["crate::provider", "crate::engine", "crate::panel"]),
    Layer(&["config/"], &["crate::engine", "crate::panel"]),
    Layer(&["config/", "repository/"], &["crate::journal"]),
    Layer(&["session/"], &["stdout"]),
    // The command line starts the other front ends and otherwise knows nothing about them.
    Layer(&["lsp/", "mcp/", "web/", "cli/"], &["reqwest", "crate::engine"]),
    Layer(&["mcp/"], &["crate::lsp"]),
    Layer(&["web/"], &["crate::lsp", "stdout"]),
];

/// Words, and the only places under `src` that may contain them.
pub(crate) const HOMES: &[(&str, &[&str])] = &[
    ("async_openai", &["provider/openai"]),
    ("tower_lsp", &["lsp/"]),
    ("rmcp", &["mcp/"]),
    ("axum", &["web/"]),
    ("etcetera", &["config/"]),
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
