//! A named set of perspectives in the settings.

use crate::perspective::Models;
use crate::request::FocusMode;
use serde::Deserialize;

/// A set of perspectives, optionally with a focus mode and models.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "Form")]
pub struct PerspectiveSet {
    /// Names of the perspectives, in the order of their sections.
    pub perspectives: Vec<String>,
    /// Whether runs with this set have a focus; `None` for the global setting.
    pub focus: Option<FocusMode>,
    /// The models that each answer every perspective of the set. If empty, each perspective is
    /// answered once, by the usual model.
    pub models: Vec<String>,
}

/// The two notations of a set: a list of names, or a table.
#[derive(Deserialize)]
#[serde(
    untagged,
    deny_unknown_fields,
    expecting = "a list of perspectives, or a table with `perspectives`, `focus` and `models`"
)]
enum Form {
    Names(Vec<String>),
    Table { perspectives: Vec<String>, focus: Option<FocusMode>, models: Option<Models> },
}

impl From<Form> for PerspectiveSet {
    fn from(form: Form) -> Self {
        match form {
            Form::Names(perspectives) => PerspectiveSet { perspectives, ..Self::default() },
            Form::Table { perspectives, focus, models } => {
                let models = models.unwrap_or_default().into_names();
                PerspectiveSet { perspectives, focus, models }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_a_list_or_a_table() {
        let read =
            |text: &str| toml::from_str::<std::collections::BTreeMap<String, PerspectiveSet>>(text);
        let sets = read("a = ['x', 'y']\nb = { perspectives = ['z'], focus = 'off' }").unwrap();
        assert_eq!((sets["a"].perspectives.len(), sets["a"].focus), (2, None));
        assert_eq!((sets["b"].perspectives.len(), sets["b"].focus), (1, Some(FocusMode::Off)));
        let sets = read("a = { perspectives = ['z'], models = ['m', 'n', 'm'] }").unwrap();
        assert_eq!(sets["a"].models, ["m", "n"]);
        for unknown in ["model = ['m']", "focuss = 'off'"] {
            let error = read(&format!("a = {{ perspectives = ['z'], {unknown} }}")).unwrap_err();
            assert!(error.to_string().contains("`focus` and `models`"), "{error}");
        }
        let error = read("a = 3").unwrap_err().to_string();
        assert!(error.contains("a list of perspectives, or a table"), "{error}");
    }
}
