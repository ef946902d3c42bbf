//! The names that kaizodo adds to LSP. PROTOCOL.md describes each with an example, and a test keeps
//! the two in step.

/// The scheme of panels.
pub(crate) const SCHEME: &str = "kaizodo";

/// The root of the code actions' kinds; a set's or a perspective's name follows.
pub(crate) const KIND: &str = "refactor.rewrite.kaizodo";

/// Starts a run.
pub(crate) const RUN: &str = "kaizodo.run";
/// Stops a run or one of its branches.
pub(crate) const CANCEL: &str = "kaizodo.cancel";
/// Asks an ended branch anew.
pub(crate) const RETRY: &str = "kaizodo.retry";

/// Asks a question about a section, or about all of a run.
pub(crate) const ASK: &str = "kaizodo.ask";

/// Puts two runs beside each other.
pub(crate) const COMPARE: &str = "kaizodo.compare";

/// Shows what a model reasoned for a section.
pub(crate) const REASONING: &str = "kaizodo.reasoning";

/// Marks an item of an answer.
pub(crate) const MARK: &str = "kaizodo.mark";

/// Shows a run of the journal.
pub(crate) const OPEN: &str = "kaizodo.open";

/// Shows what a run would send.
pub(crate) const PREVIEW: &str = "kaizodo.preview";

/// Inserts an answer into the document that it is about.
pub(crate) const INSERT: &str = "kaizodo.insert";

/// Keeps a run of the journal, whatever its age.
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

/// A request: the events of a run from a sequence number on.
pub(crate) const RUN_EVENTS: &str = "kaizodo/run/events";

/// A request: where the text that a run asked about is now.
pub(crate) const RUN_SOURCE: &str = "kaizodo/run/source";

/// A request: a run's answers, to be copied and saved.
pub(crate) const RUN_TEXT: &str = "kaizodo/run/text";

/// A request: the runs of the journal.
pub(crate) const JOURNAL_LIST: &str = "kaizodo/journal/list";

/// A request: the models of the model server in use.
pub(crate) const MODELS: &str = "kaizodo/models";

/// A request to the client: ask a model of its own.
pub(crate) const MODEL_ASK: &str = "kaizodo/model/ask";

/// A notification from the client: a piece of its model's answer.
pub(crate) const MODEL_DELTA: &str = "kaizodo/model/delta";

/// A notification to the client: this answer is no longer needed.
pub(crate) const MODEL_CANCEL: &str = "kaizodo/model/cancel";

/// The capability of a client that offers its own models.
pub(crate) const MODELS_CAPABILITY: &str = "/experimental/kaizodo/models";

/// The capability of a client that takes events in progress reports.
pub(crate) const EVENTS_CAPABILITY: &str = "/experimental/kaizodo/events";

/// The capability of a client whose settings no workspace can change.
pub(crate) const USER_SETTINGS_CAPABILITY: &str = "/experimental/kaizodo/userSettings";
