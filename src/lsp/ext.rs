//! The names that kaizodo adds to LSP. PROTOCOL.md describes them, and a test checks that it lists
//! every method.

/// The URI scheme of panels and of the server's other virtual documents.
pub(crate) const SCHEME: &str = "kaizodo";

/// The root of the code action kinds. A suffix such as the name of a set or a perspective follows
/// after a dot.
pub(crate) const KIND: &str = "refactor.rewrite.kaizodo";

/// Starts a run.
pub(crate) const RUN: &str = "kaizodo.run";
/// Stops a run or one of its branches.
pub(crate) const CANCEL: &str = "kaizodo.cancel";
/// Retries a branch that has ended.
pub(crate) const RETRY: &str = "kaizodo.retry";

/// Asks a follow-up question about a section, or about a whole run.
pub(crate) const ASK: &str = "kaizodo.ask";

/// Compares two runs.
pub(crate) const COMPARE: &str = "kaizodo.compare";

/// Shows the model's reasoning for a section.
pub(crate) const REASONING: &str = "kaizodo.reasoning";

/// Marks an item of an answer, or removes its mark.
pub(crate) const MARK: &str = "kaizodo.mark";

/// Shows a run of this session or of the journal.
pub(crate) const OPEN: &str = "kaizodo.open";

/// Shows what a run would send.
pub(crate) const PREVIEW: &str = "kaizodo.preview";

/// Inserts an answer into the document that it is about.
pub(crate) const INSERT: &str = "kaizodo.insert";

/// Pins or unpins a run of the journal. A pinned run is kept whatever its age.
pub(crate) const PIN: &str = "kaizodo.pin";

/// Removes a run from the journal.
pub(crate) const DELETE: &str = "kaizodo.delete";

/// Shows the text that a run asked about.
pub(crate) const REVEAL: &str = "kaizodo.reveal";

/// Opens the page of this server in a browser.
pub(crate) const BROWSE: &str = "kaizodo.browse";

/// The commands of this server.
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

/// JSON Pointer to the client capability stating that a workspace cannot change the client's
/// settings.
pub(crate) const USER_SETTINGS_CAPABILITY: &str = "/experimental/kaizodo/userSettings";
