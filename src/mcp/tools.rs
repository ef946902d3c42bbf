//! The tools: their names, descriptions, arguments and results.

use super::arguments::{Ask, Look, Nothing, Read, Runs};
use super::calls::{PerspectiveList, RunList};
use super::report::RunReport;
use rmcp::handler::server::common::{schema_for_input, schema_for_output};
use rmcp::model::{JsonObject, Tool, ToolAnnotations};
use rmcp::schemars::JsonSchema;
use serde_json::Value;
use std::sync::Arc;

/// Instructions that describe the server to the client's model.
pub(crate) const INSTRUCTIONS: &str = "\
kaizodo (解像度) asks a model about one short text from several perspectives at the same moment, and puts their views \
together into one focus. Use it on a thought, plan, decision, draft or piece of code that is still fuzzy, to see what it \
leaves out. It is not for looking facts up, not for hard questions with one right answer, and not for long documents: \
choose the passage. Each section tells whether it is complete; report an incomplete one as incomplete.";

pub(crate) const LOOK: &str = "look";
pub(crate) const READ: &str = "read";
pub(crate) const RUNS: &str = "runs";
pub(crate) const ASK: &str = "ask";
pub(crate) const PERSPECTIVES: &str = "perspectives";

/// Returns the definitions of all tools.
pub(crate) fn all() -> Vec<Tool> {
    vec![
        tool::<Look, RunReport>(
            LOOK,
            "Look at a text from several perspectives",
            "Sends a text to the user's model once for each perspective (by default depth, breadth, structure and time), all at \
             the same moment, and once more for a focus that puts the views together. Returns the focus and the views. For short \
             texts that are still fuzzy: thoughts, plans, decisions, drafts, code to review. Not for looking facts up, not for hard \
             questions with one right answer, not for long documents. It takes as long as a model needs to write two answers, one \
             after the other, and costs the user's tokens. Secrets in the text are redacted before it is sent. Stop it by \
             cancelling the call.",
            asks(),
        ),
        tool::<Read, RunReport>(
            READ,
            "Read a run",
            "Returns what an earlier run has written, or one section of it: a run of `look`, or one of the user's own from an \
             editor or the command line, as far as they are saved. Sends nothing.",
            reads(),
        ),
        tool::<Runs, RunList>(
            RUNS,
            "List runs",
            "Lists the user's saved runs, the newest first, or those that contain all words of a query. Sends nothing.",
            reads(),
        ),
        tool::<Ask, RunReport>(
            ASK,
            "Ask about an answer",
            "Asks the user's model a follow-up question about one section of a run, or about all of its answers. Returns the answer, \
             which becomes a section of that run. The model knows the text, the answer and what was asked before, and nothing else \
             of your conversation.",
            asks(),
        ),
        tool::<Nothing, PerspectiveList>(
            PERSPECTIVES,
            "List perspectives",
            "Lists the perspectives and sets that `look` can use, with what each looks at. Sends nothing.",
            reads(),
        ),
    ]
}

/// Annotations of a tool that sends text to a model and adds to the journal.
fn asks() -> ToolAnnotations {
    ToolAnnotations::new().read_only(false).destructive(false).idempotent(false).open_world(true)
}

/// Annotations of a tool that only reads what is on this computer.
fn reads() -> ToolAnnotations {
    ToolAnnotations::new().read_only(true).open_world(false)
}

fn tool<I: JsonSchema + 'static, O: JsonSchema + 'static>(
    name: &'static str,
    title: &str,
    description: &'static str,
    annotations: ToolAnnotations,
) -> Tool {
    // Never falls back to the default: a test creates all tools, and every schema is an object.
    let input = schema_for_input::<I>().unwrap_or_default();
    Tool::new(name, description, plain(&input))
        .with_title(title)
        .with_raw_output_schema(schema_for_output::<O>())
        .with_annotations(annotations)
}

/// Returns the schema without `null` as a value of optional arguments and without Rust's number
/// formats: some clients accept neither lists of types nor formats that JSON Schema does not
/// define.
fn plain(schema: &JsonObject) -> Arc<JsonObject> {
    let mut schema = schema.clone();
    let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
    for property in properties.into_iter().flat_map(|properties| properties.values_mut()) {
        let Some(property) = property.as_object_mut() else { continue };
        property.retain(|name, value| name != "format" && (name != "default" || !value.is_null()));
        for name in ["type", "enum"] {
            let Some(Value::Array(list)) = property.get_mut(name) else { continue };
            list.retain(|value| !value.is_null() && *value != "null");
            if name == "type"
                && let [one] = list.as_slice()
            {
                let one = one.clone();
                property.insert(name.to_owned(), one);
            }
        }
    }
    Arc::new(schema)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_tool_tells_what_it_takes_in_plain_types() {
        let tools = all();
        let of = |name: &str| tools.iter().find(|tool| tool.name == name).unwrap();
        let look = Value::Object((*of(LOOK).input_schema).clone());
        assert_eq!(look["required"], json!(["text"]));
        assert_eq!(look["additionalProperties"], json!(false));
        let kind = |name: &str| look["properties"][name]["type"].clone();
        assert_eq!([kind("text"), kind("set")], [json!("string"), json!("string")]);
        assert_eq!([kind("focus"), kind("perspectives")], [json!("boolean"), json!("array")]);
        assert_eq!(look["properties"]["lang"]["enum"], json!(["ja", "en"]), "{look:#}");
        for tool in &tools {
            let input = Value::Object((*tool.input_schema).clone());
            assert_eq!(input["type"], "object", "{}", tool.name);
            assert!(!input.to_string().contains("null"), "{input:#}");
            let output = tool.output_schema.as_ref().unwrap();
            assert_eq!(output["type"], "object", "{}", tool.name);
        }
    }
}
