//! The JSON parameters of requests and notifications. Parsing is lenient: only the members that are
//! used can make a request fail.

use super::ext;
use crate::event::{BranchId, MarkName, Passage, RunId};
use crate::perspective::Effort;
use crate::text::{Change, Range, Side};
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, DeserializeOwned, Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;
use std::marker::PhantomData;

/// Parameters that arrive as a JSON value or, in a large message, as JSON text, which is parsed
/// here. `transport/message.rs` lists the methods concerned.
#[derive(Debug)]
pub(crate) struct Unparsed<T>(pub(crate) T);

impl<'de, T: DeserializeOwned> Deserialize<'de> for Unparsed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either<T>(PhantomData<T>);
        impl<'de, T: DeserializeOwned> Visitor<'de> for Either<T> {
            type Value = T;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
                serde_json::from_str(text).map_err(E::custom)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map))
            }
        }
        deserializer.deserialize_any(Either(PhantomData)).map(Unparsed)
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct TextDocument {
    pub(crate) uri: String,
    pub(crate) version: Option<i32>,
    #[serde(default, rename = "languageId")]
    pub(crate) language_id: String,
    #[serde(default)]
    pub(crate) text: String,
}

/// Parameters of `textDocument/didOpen` and `didClose`, and of the requests about a whole panel:
/// `documentSymbol`, `foldingRange`, `codeLens` and `documentLink`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DocumentParams {
    pub(crate) text_document: TextDocument,
}

/// Parameters of `textDocument/didChange`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ChangeParams {
    pub(crate) text_document: TextDocument,
    pub(crate) content_changes: Vec<Change>,
}

/// Parameters of `textDocument/codeAction`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CodeActionParams {
    pub(crate) text_document: TextDocument,
    pub(crate) range: Range,
    #[serde(default)]
    pub(crate) context: CodeActionContext,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CodeActionContext {
    pub(crate) only: Option<Vec<String>>,
    /// 1: invoked, 2: automatic (LSP 3.17, `CodeActionTriggerKind`).
    pub(crate) trigger_kind: Option<u8>,
}

impl CodeActionContext {
    /// Returns `true` if the user asked for code actions. If the client does not report the
    /// trigger, only a request for our kinds counts, because some clients ask whenever the cursor
    /// moves, in order to show a light bulb.
    pub(crate) fn by_hand(&self) -> bool {
        self.trigger_kind.map_or_else(|| self.names_ours(), |kind| kind == 1)
    }

    /// Returns `true` if the client asks for one of our kinds by name.
    pub(crate) fn names_ours(&self) -> bool {
        let is_ours = |kind: &String| {
            let rest = kind.strip_prefix(ext::KIND);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        self.only.iter().flatten().any(is_ours)
    }
}

/// Parameters of `workspace/executeCommand`.
#[derive(Debug, Deserialize)]
pub(crate) struct CommandParams {
    pub(crate) command: String,
    #[serde(default)]
    pub(crate) arguments: Value,
}

/// Parameters of `workspace/textDocumentContent`.
#[derive(Debug, Deserialize)]
pub(crate) struct ContentParams {
    pub(crate) uri: String,
}

/// Parameters of `window/workDoneProgress/cancel`.
#[derive(Debug, Deserialize)]
pub(crate) struct ProgressCancelParams {
    pub(crate) token: Value,
}

/// Parameters of `workspace/didChangeConfiguration`.
#[derive(Debug, Deserialize)]
pub(crate) struct ConfigurationParams {
    #[serde(default)]
    pub(crate) settings: Value,
}

/// The argument of `kaizodo.run` and `kaizodo.preview`. Unknown members are ignored.
#[derive(Debug, Deserialize)]
#[serde(try_from = "RunMembers")]
pub(crate) struct RunArgument {
    pub(crate) target: RunTarget,
    pub(crate) set: Option<String>,
    pub(crate) perspectives: Option<Vec<String>>,
}

/// What a run asks about.
#[derive(Debug)]
pub(crate) enum RunTarget {
    /// A range of a document or of a panel.
    Range { uri: String, version: Option<i32>, range: Range },
    /// A passage of an answer, wherever it is now.
    Passage(Passage),
    /// What an earlier run asked about, wherever that text is now.
    Again(RunId),
}

#[derive(Debug, Deserialize)]
struct RunMembers {
    passage: Option<Passage>,
    run: Option<RunId>,
    uri: Option<String>,
    version: Option<i32>,
    range: Option<Range>,
    set: Option<String>,
    perspectives: Option<Vec<String>>,
}

impl TryFrom<RunMembers> for RunArgument {
    type Error = &'static str;

    fn try_from(members: RunMembers) -> Result<Self, Self::Error> {
        let RunMembers { passage, run, uri, version, range, set, perspectives } = members;
        let target = match (passage, uri, range, run) {
            (Some(passage), ..) => RunTarget::Passage(passage),
            (None, Some(uri), Some(range), _) => RunTarget::Range { uri, version, range },
            (None, None, _, Some(run)) => RunTarget::Again(run),
            (None, None, _, None) => return Err("missing field `uri`"),
            (None, Some(_), None, _) => return Err("missing field `range`"),
        };
        Ok(RunArgument { target, set, perspectives })
    }
}

/// The argument of `kaizodo.cancel` and `kaizodo.retry`.
#[derive(Debug, Deserialize)]
pub(crate) struct BranchArgument {
    pub(crate) run: RunId,
    pub(crate) branch: Option<BranchId>,
    pub(crate) model: Option<String>,
    pub(crate) effort: Option<Effort>,
    pub(crate) marks: Option<bool>,
}

/// The argument of `kaizodo.reasoning`.
#[derive(Debug, Deserialize)]
pub(crate) struct ReasoningArgument {
    pub(crate) run: RunId,
    pub(crate) branch: BranchId,
}

/// The argument of `kaizodo.compare`.
#[derive(Debug, Deserialize)]
pub(crate) struct CompareArgument {
    pub(crate) run: RunId,
    pub(crate) with: Option<RunId>,
    pub(crate) show: Option<bool>,
}

/// The argument of `kaizodo.mark`.
#[derive(Debug, Deserialize)]
pub(crate) struct MarkArgument {
    pub(crate) run: RunId,
    pub(crate) branch: BranchId,
    pub(crate) line: usize,
    pub(crate) mark: Option<MarkName>,
    pub(crate) comment: Option<String>,
}

/// The argument of `kaizodo.ask`.
#[derive(Debug, Deserialize)]
pub(crate) struct AskArgument {
    pub(crate) run: RunId,
    pub(crate) branch: Option<BranchId>,
    pub(crate) question: String,
}

/// The argument of `kaizodo.pin`.
#[derive(Debug, Deserialize)]
pub(crate) struct PinArgument {
    pub(crate) run: RunId,
    pub(crate) pinned: bool,
}

/// The argument of `kaizodo.open`: a run's ID, the beginning of one, `last`, or
/// `last~1` (the one before), `last~2` …
#[derive(Debug, Deserialize)]
pub(crate) struct OpenArgument {
    pub(crate) run: String,
}

/// The argument of `kaizodo.delete` and `kaizodo.reveal`.
#[derive(Debug, Deserialize)]
pub(crate) struct RunIdArgument {
    pub(crate) run: RunId,
}

/// The argument of `kaizodo.browse`.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct BrowseArgument {
    pub(crate) run: Option<String>,
}

/// Parameters of `documentLink/resolve`: a link that this server created.
#[derive(Debug, Deserialize)]
pub(crate) struct LinkParams(pub(crate) Value);

/// The data that a link carries so that it can be resolved later.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct LinkData {
    pub(crate) run: RunId,
    pub(crate) target: LinkTarget,
}

/// Where a link in a run's panel leads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LinkTarget {
    /// To the text that the run, or an earlier one, asked about.
    Source,
    /// To the answer that the run asks about.
    Passage,
    /// To another section of the same panel.
    Section(BranchId),
}

/// The argument of `kaizodo.insert`.
#[derive(Debug, Deserialize)]
pub(crate) struct InsertArgument {
    pub(crate) run: RunId,
    pub(crate) branch: BranchId,
    #[serde(rename = "as")]
    pub(crate) form: Form,
    pub(crate) at: Side,
}

/// The form in which an answer is inserted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Form {
    Comment,
    Text,
}

/// Parameters of `kaizodo/journal/list`.
#[derive(Debug, Deserialize)]
pub(crate) struct JournalListParams {
    pub(crate) query: Option<String>,
    pub(crate) uri: Option<String>,
    pub(crate) folder: Option<String>,
    pub(crate) pinned: Option<bool>,
    pub(crate) before: Option<RunId>,
    pub(crate) limit: Option<usize>,
}

/// Parameters of `kaizodo/models`, which has none.
#[derive(Debug, Deserialize)]
pub(crate) struct ModelsParams {}

/// Parameters of `kaizodo/run/events`.
#[derive(Debug, Deserialize)]
pub(crate) struct EventsParams {
    pub(crate) run: RunId,
    #[serde(default)]
    pub(crate) from: u64,
}

/// Parameters of `kaizodo/run/source` and `kaizodo/run/text`.
#[derive(Debug, Deserialize)]
pub(crate) struct RunParams {
    pub(crate) run: RunId,
    pub(crate) branch: Option<BranchId>,
    /// Whether to return the reasoning instead of the answers; for `kaizodo/run/text` only.
    pub(crate) reasoning: Option<bool>,
}

/// Parameters of `kaizodo/model/delta`.
#[derive(Debug, Deserialize)]
pub(crate) struct ModelDeltaParams {
    pub(crate) id: String,
    pub(crate) text: String,
}

/// Inserts a member into a JSON object; leaves any other value unchanged.
pub(crate) fn insert(object: &mut Value, key: &str, value: Value) {
    if let Some(members) = object.as_object_mut() {
        members.insert(key.to_owned(), value);
    }
}
