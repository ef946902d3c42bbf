//! Which layer may name what.

/// A folder or file under `src` (a prefix of the path), and the words that no code of it names.
pub(crate) struct Layer(pub(crate) &'static [&'static str], pub(crate) &'static [&'static str]);

/// The layers.
pub(crate) const LAYERS: &[Layer] = &[
    Layer(
        &["text/", "request.rs", "perspective/", "event/", "event.rs", "lang.rs"],
        &[
            "tokio",
            "reqwest",
            "std::fs",
            "std::env",
            "std::net",
            "Instant",
            "SystemTime",
            "Timestamp::now",
            "crate::provider",
            "crate::engine",
            "crate::panel",
            "crate::journal",
            "crate::repository",
            "crate::session",
            "crate::config",
            "crate::lsp",
            "crate::cli",
        ],
    ),
    Layer(&["text/"], &["crate::request", "crate::perspective", "crate::event"]),
    Layer(
        &["provider/"],
        &[
            "crate::engine",
            "crate::panel",
            "crate::journal",
            "crate::repository",
            "crate::session",
            "crate::lsp",
            "crate::cli",
        ],
    ),
    Layer(
        &["engine/"],
        &[
            "reqwest",
            "crate::panel",
            "crate::journal",
            "crate::repository",
            "crate::session",
            "crate::lsp",
            "crate::cli",
        ],
    ),
    Layer(
        &["panel/"],
        &[
            "tokio",
            "reqwest",
            "std::time",
            "std::fs",
            "Instant",
            "SystemTime",
            "Timestamp::now",
            "crate::provider",
            "crate::engine",
            "crate::journal",
            "crate::repository",
            "crate::session",
            "crate::lsp",
            "crate::cli",
        ],
    ),
    Layer(
        &["journal/"],
        &[
            "tokio",
            "reqwest",
            "SystemTime",
            "Timestamp::now",
            "crate::perspective",
            "crate::provider",
            "crate::panel",
            "crate::engine",
            "crate::session",
            "crate::config",
            "crate::lsp",
            "crate::cli",
        ],
    ),
    Layer(
        &["repository/"],
        &[
            "tokio",
            "reqwest",
            "SystemTime",
            "Timestamp::now",
            "crate::provider",
            "crate::engine",
            "crate::panel",
            "crate::journal",
            "crate::session",
            "crate::lsp",
            "crate::cli",
        ],
    ),
    Layer(&["session/"], &["stdout", "crate::lsp", "crate::cli"]),
    Layer(
        &["config/"],
        &[
            "crate::engine",
            "crate::panel",
            "crate::journal",
            "crate::repository",
            "crate::session",
            "crate::lsp",
            "crate::cli",
        ],
    ),
    Layer(&["lsp/"], &["reqwest", "crate::engine", "crate::cli"]),
    // The command line starts the language server, and knows nothing else of it.
    Layer(&["cli/"], &["reqwest", "crate::engine"]),
];

/// Words, and the only places under `src` that may name it.
pub(crate) const HOMES: &[(&str, &[&str])] = &[
    ("async_openai", &["provider/openai"]),
    ("tower_lsp", &["lsp/"]),
    ("println!", &["cli/", "main.rs"]),
    ("eprintln!", &["cli/", "main.rs"]),
    ("print!", &["cli/", "main.rs"]),
    ("eprint!", &["cli/", "main.rs"]),
    (".send_request", &["lsp/outbox"]),
    (".send_notification", &["lsp/outbox"]),
    (".log_message", &["lsp/outbox"]),
    (".show_message", &["lsp/outbox"]),
    (".show_message_request", &["lsp/outbox"]),
    (".create_work_done_progress", &["lsp/outbox"]),
];
