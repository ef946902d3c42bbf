//! The JSON of the wire. What clients send is read leniently: only the members that are used, and
//! nothing else can make a request fail.

use crate::text::{Change, Range};
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, DeserializeOwned, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use std::fmt;
use std::marker::PhantomData;

/// Parameters that come as they are, or, where a message is large, as the text that they stand in
/// it as: `transport/message.rs` says for which methods.
#[derive(Debug)]
pub(super) struct Unparsed<T>(pub(super) T);

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
pub(super) struct TextDocument {
    pub(super) uri: String,
    #[serde(default)]
    pub(super) version: Option<i32>,
    #[serde(default, rename = "languageId")]
    pub(super) language_id: String,
    #[serde(default)]
    pub(super) text: String,
}

/// Of `textDocument/didOpen` and `didClose`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DocumentParams {
    pub(super) text_document: TextDocument,
}

/// Of `textDocument/didChange`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ChangeParams {
    pub(super) text_document: TextDocument,
    pub(super) content_changes: Vec<ContentChange>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ContentChange {
    #[serde(default)]
    range: Option<Range>,
    text: String,
}

impl From<ContentChange> for Change {
    fn from(change: ContentChange) -> Self {
        Change { range: change.range, text: change.text }
    }
}

/// Of `textDocument/codeAction`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CodeActionParams {
    pub(super) text_document: TextDocument,
    pub(super) range: Range,
    #[serde(default)]
    pub(super) context: CodeActionContext,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CodeActionContext {
    #[serde(default)]
    pub(super) only: Option<Vec<String>>,
    /// 1 invoked, 2 automatic (LSP 3.17, `CodeActionTriggerKind`).
    #[serde(default)]
    pub(super) trigger_kind: Option<u8>,
}

/// Of `workspace/executeCommand`.
#[derive(Debug, Deserialize)]
pub(super) struct CommandParams {
    pub(super) command: String,
    #[serde(default)]
    pub(super) arguments: Value,
}

/// Of `workspace/textDocumentContent`.
#[derive(Debug, Deserialize)]
pub(super) struct ContentParams {
    pub(super) uri: String,
}

/// Of `window/workDoneProgress/cancel`.
#[derive(Debug, Deserialize)]
pub(super) struct ProgressCancelParams {
    pub(super) token: Value,
}

/// Of `workspace/didChangeConfiguration`.
#[derive(Debug, Deserialize)]
pub(super) struct ConfigurationParams {
    #[serde(default)]
    pub(super) settings: Value,
}

/// The argument of `kaizodo.run`. Members that later commands add are not in the way.
#[derive(Debug, Deserialize)]
pub(super) struct RunArgument {
    pub(super) uri: String,
    #[serde(default)]
    pub(super) version: Option<i32>,
    pub(super) range: Range,
    #[serde(default)]
    pub(super) set: Option<String>,
    #[serde(default)]
    pub(super) perspectives: Option<Vec<String>>,
}

/// The argument of `kaizodo.cancel` and `kaizodo.retry`.
#[derive(Debug, Deserialize)]
pub(super) struct BranchArgument {
    pub(super) run: String,
    #[serde(default)]
    pub(super) branch: Option<String>,
    #[serde(default)]
    pub(super) model: Option<String>,
}

/// The argument of `kaizodo.open`.
#[derive(Debug, Deserialize)]
pub(super) struct OpenArgument {
    pub(super) run: String,
}

/// Of `kaizodo/journal/list`, which has none of its own.
#[derive(Debug, Deserialize)]
pub(super) struct JournalListParams {}

/// Of `kaizodo/run/events`.
#[derive(Debug, Deserialize)]
pub(super) struct EventsParams {
    pub(super) run: String,
    #[serde(default)]
    pub(super) from: u64,
}

/// Of `kaizodo/model/delta`.
#[derive(Debug, Deserialize)]
pub(super) struct ModelDeltaParams {
    pub(super) id: String,
    pub(super) text: String,
}

/// Puts a member into a JSON object; anything else stays as it is.
pub(super) fn insert(object: &mut Value, key: &str, value: Value) {
    if let Some(members) = object.as_object_mut() {
        members.insert(key.to_owned(), value);
    }
}
