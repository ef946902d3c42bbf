//! The message about a model that does not run on the server that is asked.

use crate::lang::Lang;

/// Returns a message that says that `model` does not run on `server`, which forwards the text to
/// the host `at`.
pub fn runs_elsewhere(model: &str, server: &str, at: &str, lang: Lang) -> String {
    lang.pick(
        format!("モデル「{model}」は {server} では動きません。文章はそこから {at} へ送られます。"),
        format!("The model \"{model}\" does not run on {server}, which forwards the text to {at}."),
    )
}
