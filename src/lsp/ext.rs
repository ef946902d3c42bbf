//! The names that kaizodo adds to LSP. PROTOCOL.md describes them, and a test checks that it lists
//! every method.

/// The URI scheme of panels and of the server's other virtual documents.
pub(crate) const SCHEME: &str = "kaizodo";

/// The root of the server's code action kinds. Suffixes, such as the name of a set or perspective,
/// are appended after a dot.
pub(crate) const KIND: &str = "refactor.rewrite.kaizodo";

/// Command that starts a run.
pub(crate) const RUN: &str = "kaizodo.run";
/// Command that stops a run or one of the run's branches.
pub(crate) const CANCEL: &str = "kaizodo.cancel";
/// Command that retries a branch that has ended.
pub(crate) const RETRY: &str = "kaizodo.retry";

/// Command that asks a follow-up question about a section, or about a whole run.
pub(crate) const ASK: &str = "kaizodo.ask";

/// Command that compares two runs.
pub(crate) const COMPARE: &str = "kaizodo.compare";

/// Command that shows the model's reasoning for a section.
pub(crate) const REASONING: &str = "kaizodo.reasoning";

/// Command that marks an item of an answer, or removes the item's mark.
pub(crate) const MARK: &str = "kaizodo.mark";

/// Command that shows a run of this session or of the journal.
pub(crate) const OPEN: &str = "kaizodo.open";

/// Command that shows what a run would send, without sending it.
pub(crate) const PREVIEW: &str = "kaizodo.preview";

/// Command that inserts an answer into the document that the answer is about.
pub(crate) const INSERT: &str = "kaizodo.insert";

/// Command that pins or unpins a run of the journal. A pinned run is never pruned.
pub(crate) const PIN: &str = "kaizodo.pin";

/// Command that removes a run from the journal.
pub(crate) const DELETE: &str = "kaizodo.delete";

/// Command that shows the text that a run asked about, in its document.
pub(crate) const REVEAL: &str = "kaizodo.reveal";

/// Command that opens this server's web page in a browser.
pub(crate) const BROWSE: &str = "kaizodo.browse";

/// All commands that this server executes.
pub(crate) const COMMANDS: [&str; 14] = [
    RUN, CANCEL, RETRY, ASK, MARK, COMPARE, REASONING, OPEN, PREVIEW, INSERT, PIN, DELETE, REVEAL,
    BROWSE,
];

/// Request for a run's events, starting at a sequence number.
pub(crate) const RUN_EVENTS: &str = "kaizodo/run/events";

/// Request for the current location of the text that a run asked about.
pub(crate) const RUN_SOURCE: &str = "kaizodo/run/source";

/// Request for a run's answers or reasoning, as text to copy or save.
pub(crate) const RUN_TEXT: &str = "kaizodo/run/text";

/// Request for the list of the runs in the journal.
pub(crate) const JOURNAL_LIST: &str = "kaizodo/journal/list";

/// Request for the models of the model server in use.
pub(crate) const MODELS: &str = "kaizodo/models";

/// Notification to the client about who would be asked with the current settings.
pub(crate) const PROVIDER: &str = "kaizodo/provider";

/// Request to the client to ask one of its models.
pub(crate) const MODEL_ASK: &str = "kaizodo/model/ask";

/// Notification from the client with a chunk of its model's answer.
pub(crate) const MODEL_DELTA: &str = "kaizodo/model/delta";

/// Notification to the client that an answer is no longer needed.
pub(crate) const MODEL_CANCEL: &str = "kaizodo/model/cancel";

/// JSON Pointer to the client capability for offering the client's own models.
pub(crate) const MODELS_CAPABILITY: &str = "/experimental/kaizodo/models";

/// JSON Pointer to the client capability for receiving events in progress reports.
pub(crate) const EVENTS_CAPABILITY: &str = "/experimental/kaizodo/events";

/// JSON Pointer to the client capability for receiving [`PROVIDER`].
pub(crate) const PROVIDER_CAPABILITY: &str = "/experimental/kaizodo/provider";

/// JSON Pointer to the client capability stating that a workspace cannot change the client's
/// settings.
pub(crate) const USER_SETTINGS_CAPABILITY: &str = "/experimental/kaizodo/userSettings";
