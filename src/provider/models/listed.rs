//! Parses lists of models in the formats of many servers.

use super::purpose;
use crate::provider::serving::OLLAMA_CLOUD;
use serde_json::Value;
use url::Url;

/// A model in a server's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedModel {
    /// The model's name or ID, as used in requests.
    pub name: String,
    /// Whether this is a chat model, rather than one for embeddings, reranking, speech,
    /// transcription, images or moderation.
    pub chats: bool,
    /// The host that the server forwards requests to, if the model does not run on the server
    /// itself.
    pub runs_at: Option<String>,
    /// Whether the server has already loaded the model into memory.
    pub(crate) loaded: bool,
    /// The model's owner (`owned_by`), which identifies some kinds of server.
    pub(crate) owner: Option<String>,
}

/// Parses a list of models: an array, or one in `data` or `models`, of names or of objects with a
/// name. Entries without a name and duplicates are skipped. Returns `None` if `list` has another
/// form.
pub(crate) fn read(list: &Value) -> Option<Vec<ListedModel>> {
    let mut models: Vec<ListedModel> = Vec::new();
    for entry in entries(list)? {
        let Some(model) = one(entry) else { continue };
        if !models.iter().any(|known| known.name == model.name) {
            models.push(model);
        }
    }
    Some(models)
}

/// Returns the entries of a list of models, whatever their type. `None` if `list` has another form.
pub(crate) fn entries(list: &Value) -> Option<&[Value]> {
    if let Value::Array(all) = list {
        return Some(all);
    }
    let under = ["data", "models"].map(|key| list.get(key));
    let full = under.into_iter().flatten().filter_map(Value::as_array).find(|all| !all.is_empty());
    let is_list = |value: &Value| value.is_null() || value.is_array();
    match full {
        Some(all) => Some(all),
        None => under.into_iter().flatten().any(is_list).then_some(&[]),
    }
}

fn one(entry: &Value) -> Option<ListedModel> {
    let text = |key: &str| entry.get(key).and_then(Value::as_str).map(str::trim);
    let names =
        [entry.as_str().map(str::trim), text("id"), text("name"), text("model"), text("key")];
    let name = names.into_iter().flatten().find(|name| !name.is_empty())?;
    Some(ListedModel {
        name: name.to_owned(),
        chats: purpose::said(entry).unwrap_or_else(|| purpose::by_name(name)),
        runs_at: runs_at(entry),
        loaded: is_loaded(entry),
        owner: text("owned_by").map(str::to_owned),
    })
}

/// Returns the remote host that Ollama reports for a model.
fn runs_at(entry: &Value) -> Option<String> {
    let text = |key: &str| entry.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    match (text("remote_host"), text("remote_model")) {
        (None, None) => None,
        (Some(host), _) => Some(host_of(host)),
        (None, Some(_)) => Some(OLLAMA_CLOUD.to_owned()),
    }
}

/// Returns the host of a URL, with its port unless it is the default: `ollama.com` for
/// `https://ollama.com:443`.
fn host_of(text: &str) -> String {
    let url = Url::parse(text).ok();
    let host = url.as_ref().and_then(Url::host_str);
    match (host, url.as_ref().and_then(Url::port)) {
        (Some(host), Some(port)) => format!("{host}:{port}"),
        (Some(host), None) => host.to_owned(),
        // Not a URL: a bare host, or anything else.
        (None, _) => text.chars().take(253).collect(),
    }
}

/// Returns `true` if a model is loaded: LM Studio lists instances or a state, llama.cpp's router a
/// status.
fn is_loaded(entry: &Value) -> bool {
    let instances = entry.get("loaded_instances").and_then(Value::as_array);
    let state = entry.get("state").or_else(|| entry.get("status")?.get("value"));
    instances.is_some_and(|all| !all.is_empty())
        || state.and_then(Value::as_str).is_some_and(|state| state == "loaded")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn names(list: Value) -> Option<Vec<String>> {
        Some(read(&list)?.into_iter().map(|model| model.name).collect())
    }

    #[test]
    fn lists_are_read_in_every_form() {
        for (list, expected) in [
            (json!({"object": "list", "data": [{"id": "a"}, {"id": "b"}]}), &["a", "b"][..]),
            (json!([{"id": "a", "type": "chat"}, {"id": "b"}]), &["a", "b"]),
            (json!(["a", "b", "a"]), &["a", "b"]),
            (json!({"models": [{"name": "a", "model": "a:latest"}]}), &["a"]),
            (json!({"models": [{"key": "a/b", "type": "llm"}]}), &["a/b"]),
            (json!({"data": [], "models": [{"model": "a"}]}), &["a"]),
            (
                json!({"data": [{"object": "model"}, {"id": null}, {"id": ""}, 3, null, {"id": "a"}]}),
                &["a"],
            ),
            (json!({"data": [{"id": "a", "created": "x", "owned_by": 7}]}), &["a"]),
            (json!({"data": null}), &[]),
            (json!({"object": "list", "data": []}), &[]),
            (json!({"models": null}), &[]),
            (json!([]), &[]),
        ] {
            assert_eq!(names(list.clone()).unwrap(), expected, "{list}");
        }
        for none in [json!({"error": "x"}), json!({"data": "x"}), json!("x"), json!(3), json!(null)]
        {
            assert_eq!(names(none.clone()), None, "{none}");
        }
    }

    #[test]
    fn models_that_run_elsewhere_are_known() {
        let at = |entry: Value| one(&entry).unwrap().runs_at;
        let host = |host: &str| Some(host.to_owned());
        assert_eq!(
            at(
                json!({"name": "x", "remote_model": "gpt-oss:120b", "remote_host": "https://ollama.com:443"})
            ),
            host("ollama.com")
        );
        assert_eq!(
            at(json!({"name": "x", "remote_host": "http://gpu.lan:11434"})),
            host("gpu.lan:11434")
        );
        assert_eq!(at(json!({"name": "x", "remote_host": "gpu lan"})), host("gpu lan"));
        assert_eq!(at(json!({"name": "x", "remote_model": "y"})), host("ollama.com"));
        assert_eq!(at(json!({"name": "x", "remote_host": "", "remote_model": ""})), None);
    }
}
