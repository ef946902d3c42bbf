//! The user's `extra_body`, merged into every request.

use crate::lang::{Lang, Message};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::fmt;

/// The `extra_body` setting: JSON members that are merged into the body of each request.
#[derive(Clone, Default, PartialEq, Deserialize)]
#[serde(try_from = "Value")]
pub struct ExtraBody(Map<String, Value>);

/// Why an `extra_body` is invalid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.message(Lang::En))]
pub enum ExtraBodyError {
    /// The value is not a table.
    NoTable,
    /// The table contains a date, which JSON does not support.
    Date,
    /// The table contains a member that kaizodo sets itself. Holds the member's name, and the
    /// setting to use instead, if there is one.
    Reserved(&'static str, Option<&'static str>),
}

/// Members that kaizodo sets itself. If they were overridden, the panel and the preview would be
/// wrong.
const RESERVED: [ExtraBodyError; 5] = [
    ExtraBodyError::Reserved("messages", None),
    ExtraBodyError::Reserved("stream", None),
    ExtraBodyError::Reserved("model", Some("model")),
    ExtraBodyError::Reserved("max_tokens", Some("limits.max_tokens")),
    ExtraBodyError::Reserved("max_completion_tokens", Some("limits.max_tokens")),
];

/// The key under which the `toml` crate serializes a date.
const TOML_DATE: &str = "$__toml_private_datetime";

impl ExtraBodyError {
    /// Every error that can occur.
    pub const ALL: [Self; 7] = {
        let [a, b, c, d, e] = RESERVED;
        [Self::NoTable, Self::Date, a, b, c, d, e]
    };
}

impl Message for ExtraBodyError {
    /// Returns the message to show after the setting's name.
    fn message(&self, lang: Lang) -> String {
        match self {
            ExtraBodyError::NoTable => lang
                .pick(
                    "{ top_p = 0.9 } のようなテーブルで書いてください",
                    "write a table, like { top_p = 0.9 }",
                )
                .to_owned(),
            ExtraBodyError::Date => lang
                .pick("日付は、文字列として書いてください", "write a date as a string")
                .to_owned(),
            ExtraBodyError::Reserved(member, Some(setting)) => lang.pick(
                format!("`{member}` は書けません。設定 `{setting}` を使ってください"),
                format!("`{member}` cannot be set here; use the setting `{setting}` instead"),
            ),
            ExtraBodyError::Reserved(member, None) => lang.pick(
                format!("`{member}` は書けません。kaizodo が決めるものです"),
                format!("`{member}` cannot be set here, because kaizodo sets it itself"),
            ),
        }
    }
}

impl TryFrom<Value> for ExtraBody {
    type Error = ExtraBodyError;

    fn try_from(value: Value) -> Result<Self, ExtraBodyError> {
        let Value::Object(table) = value else { return Err(ExtraBodyError::NoTable) };
        for bad in RESERVED {
            if matches!(bad, ExtraBodyError::Reserved(member, _) if table.contains_key(member)) {
                return Err(bad);
            }
        }
        match table.values().any(holds_date) {
            true => Err(ExtraBodyError::Date),
            false => Ok(ExtraBody(table)),
        }
    }
}

fn holds_date(value: &Value) -> bool {
    match value {
        Value::Object(table) => table.contains_key(TOML_DATE) || table.values().any(holds_date),
        Value::Array(items) => items.iter().any(holds_date),
        _ => false,
    }
}

impl ExtraBody {
    /// Returns `true` if there are no members.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Merges the members into a request body. Objects are merged recursively; any other value is
    /// replaced.
    pub(crate) fn merge_into(&self, body: &mut Map<String, Value>) {
        merge(body, &self.0);
    }
}

fn merge(into: &mut Map<String, Value>, from: &Map<String, Value>) {
    for (name, value) in from {
        match (into.get_mut(name), value) {
            (Some(Value::Object(into)), Value::Object(from)) => merge(into, from),
            _ => drop(into.insert(name.clone(), value.clone())),
        }
    }
}

/// Shows only the names, since the values may be secret.
impl fmt::Debug for ExtraBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn extra(value: Value) -> Result<ExtraBody, ExtraBodyError> {
        ExtraBody::try_from(value)
    }

    #[test]
    fn tables_are_merged_member_by_member_and_all_else_is_replaced() {
        let Value::Object(mut body) =
            json!({"model": "m", "stream_options": {"include_usage": true}, "stop": ["a"]})
        else {
            panic!("an object")
        };
        let more = json!({"stream_options": {"x": 1}, "stop": ["b"], "top_k": 20, "model_": null});
        extra(more).unwrap().merge_into(&mut body);
        let merged = json!({"model": "m", "stream_options": {"include_usage": true, "x": 1},
            "stop": ["b"], "top_k": 20, "model_": null});
        assert_eq!(Value::Object(body), merged);
    }

    #[test]
    fn reserved_members_are_rejected() {
        for member in ["messages", "stream", "model", "max_tokens", "max_completion_tokens"] {
            let bad = extra(json!({"top_k": 1, member: true})).unwrap_err();
            for lang in [Lang::Ja, Lang::En] {
                assert!(bad.message(lang).contains(&format!("`{member}`")), "{bad}");
            }
            assert!(extra(json!({"a": {member: true}})).is_ok(), "deeper, it is another member");
        }
        assert_eq!(extra(json!([1])), Err(ExtraBodyError::NoTable));
        assert_eq!(extra(json!({"a": [{TOML_DATE: "1979-05-27"}]})), Err(ExtraBodyError::Date));
    }

    #[test]
    fn debug_hides_the_values() {
        let shown = format!("{:?}", extra(json!({"user": "canary"})).unwrap());
        assert_eq!(shown, r#"{"user"}"#);
    }
}
