//! A list of models. A perspective asks them in order until one can answer; a set asks all of them.

use serde::Deserialize;

/// Maximum number of models in a list, because each may be asked, one after the other.
const MODELS_MAX: usize = 8;

/// Names of models, in order and without duplicates.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Form")]
pub struct Models(Vec<String>);

/// The two notations: a list of names, or a string in which commas separate the names.
#[derive(Deserialize)]
#[serde(untagged, expecting = "a model's name, or a list of names")]
enum Form {
    Text(String),
    Names(Vec<String>),
}

/// The error for a list with too many models.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("more than {MODELS_MAX} models")]
pub struct TooManyModelsError;

impl TryFrom<Form> for Models {
    type Error = TooManyModelsError;

    fn try_from(form: Form) -> Result<Self, TooManyModelsError> {
        match form {
            Form::Text(text) => text.parse(),
            Form::Names(names) => Models::of(names.iter().map(String::as_str)),
        }
    }
}

impl std::str::FromStr for Models {
    type Err = TooManyModelsError;

    fn from_str(text: &str) -> Result<Self, TooManyModelsError> {
        Models::of(text.split(','))
    }
}

impl Models {
    fn of<'a>(names: impl Iterator<Item = &'a str>) -> Result<Self, TooManyModelsError> {
        let mut models = Vec::<String>::new();
        for name in names.map(str::trim).filter(|name| !name.is_empty()) {
            if !models.iter().any(|known| known == name) {
                models.push(name.to_owned());
            }
        }
        if models.len() > MODELS_MAX { Err(TooManyModelsError) } else { Ok(Models(models)) }
    }

    /// Returns the models' names, in the order in which they are listed.
    pub fn names(&self) -> &[String] {
        &self.0
    }

    /// Consumes the list and returns the models' names, in the order in which they are listed.
    pub fn into_names(self) -> Vec<String> {
        self.0
    }
}

/// Creates a list of one model.
impl From<String> for Models {
    fn from(name: String) -> Self {
        Models(vec![name])
    }
}

/// Returns a model's name for display. A local server may use the path of the model's file as its
/// name; the folders in that path should be neither shown nor copied with the answer.
pub fn short_model_name(model: &str) -> &str {
    let is_path = model.starts_with('/') || model.get(1..3) == Some(":\\");
    let name = model.rsplit(['/', '\\']).next().unwrap_or_default();
    if is_path && !name.is_empty() { name } else { model }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_model_that_is_a_path_is_shown_as_its_file() {
        for (model, shown) in [
            ("/home/me/models/qwen3.gguf", "qwen3.gguf"),
            (r"C:\models\模型.gguf", "模型.gguf"),
            ("meta-llama/Llama-3.2-3B", "meta-llama/Llama-3.2-3B"),
            ("llama3.2:3b", "llama3.2:3b"),
            ("/", "/"),
        ] {
            assert_eq!(short_model_name(model), shown);
        }
    }

    #[test]
    fn a_list_is_a_list_or_a_text_with_commas() {
        let read = |value| serde_json::from_value::<Models>(value).map(Models::into_names);
        assert_eq!(read(json!("gpt-5")).unwrap(), ["gpt-5"]);
        assert_eq!(read(json!(" a, b:7b ,,a")).unwrap(), ["a", "b:7b"], "each once");
        assert_eq!(read(json!(["モデル,一", "b"])).unwrap(), ["モデル,一", "b"]);
        for nothing in [json!(""), json!([]), json!([" "])] {
            assert!(read(nothing).unwrap().is_empty());
        }
        let many: Vec<_> = (0..9).map(|n| n.to_string()).collect();
        assert_eq!(read(json!(many)).unwrap_err().to_string(), "more than 8 models");
        let wrong = read(json!(3)).unwrap_err().to_string();
        assert_eq!(wrong, "a model's name, or a list of names");
    }
}
