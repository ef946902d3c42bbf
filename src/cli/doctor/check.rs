//! Checks a server at low cost, by asking which models it has.

use super::report::Finding;
use super::words;
use crate::event::FailureKind;
use crate::lang::{Lang, Message};
use crate::provider::models::{ListedModel, Models, chats_by_name, list_models};
use crate::provider::{Endpoint, EndpointError, ProviderError, sentence};

/// Maximum number of model names in a message.
const NEAR: usize = 3;

/// Asks the server at `endpoint`, which has its key, for its models. Returns findings about the server and the
/// configured model.
pub(crate) async fn ask(endpoint: &Endpoint, lang: Lang) -> Vec<Finding> {
    let host = endpoint.host();
    let is_keyless = endpoint.is_keyless();
    // OpenAI always requires a key.
    if host == "api.openai.com" && is_keyless {
        return vec![Finding::problem("no_key", words::no_key(&host, lang))];
    }
    let mut endpoint = endpoint.clone();
    let asked = list_models(&endpoint).await;
    if let Ok(models) = &asked {
        endpoint.serving.kind = models.kind;
        endpoint.elsewhere = Some(models.elsewhere());
    }
    let model = endpoint.model.as_deref().unwrap_or_default();
    let finding = match asked {
        Ok(models) => answered(&models, &host, model, lang),
        Err(error) => failed(&error, &host, model, is_keyless, lang),
    };
    let at = endpoint.runs_at(model);
    let onward = at.map(|at| sentence::runs_elsewhere(model, &host, at, lang));
    let onward = onward.map(|sentence| Finding::note("runs_elsewhere", sentence));
    [finding].into_iter().chain(onward).collect()
}

/// Explains what a list of models means for the configured one.
fn answered(models: &Models, host: &str, model: &str, lang: Lang) -> Finding {
    let listed = models.all.iter().find(|listed| same(&listed.name, model));
    let chats = listed.map_or_else(|| chats_by_name(model), |listed| listed.chats);
    let sentence = match (models.all.is_empty(), model.is_empty()) {
        (true, true) => words::no_models(host, lang),
        (false, true) => words::none_answers(host, &names(&models.all), lang),
        (_, false) if listed.is_some() && !chats => words::other_purpose(host, model, lang),
        (false, false) if listed.is_none() => {
            words::wrong_model(host, model, &near(model, &chatting(&models.all)), lang)
        }
        (true, false) if !chats => words::other_purpose(host, model, lang),
        _ => return Finding::well(words::works(host, model, lang)),
    };
    Finding::problem("model", sentence)
}

fn failed(error: &ProviderError, host: &str, model: &str, is_keyless: bool, lang: Lang) -> Finding {
    match error.kind {
        FailureKind::Unauthorized if is_keyless => {
            Finding::problem("no_key", words::no_key(host, lang))
        }
        // Either the server does not list its models, or the path is wrong.
        FailureKind::NotFound if model.is_empty() => {
            let error = EndpointError::NoModel(host.to_owned());
            Finding::problem("model", error.message(lang))
        }
        FailureKind::NotFound if !chats_by_name(model) => {
            Finding::problem("model", words::other_purpose(host, model, lang))
        }
        FailureKind::NotFound => Finding::note("no_list", words::no_list(host, lang)),
        kind => Finding::problem(
            &super::report::name(kind),
            sentence::failure(error, model, true, lang).message,
        ),
    }
}

/// Returns `true` if a listed name is the configured one: Ollama lists `llama3.2` as
/// `llama3.2:latest`.
fn same(listed: &str, asked: &str) -> bool {
    listed == asked || listed.strip_suffix(":latest") == Some(asked)
}

/// Returns the names most similar to the configured one, the most similar first.
fn near(model: &str, models: &[String]) -> Vec<String> {
    let mut scored: Vec<_> = models.iter().map(|m| (strsim::jaro_winkler(m, model), m)).collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0));
    scored.into_iter().take(NEAR).map(|(_, m)| m.clone()).collect()
}

/// Returns the names of the chat models.
fn chatting(models: &[ListedModel]) -> Vec<String> {
    models.iter().filter(|listed| listed.chats).map(|listed| listed.name.clone()).collect()
}

/// Returns the first names of a list.
fn names(models: &[ListedModel]) -> Vec<String> {
    models.iter().take(NEAR).map(|listed| listed.name.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_come_first() {
        let models = ["whisper-1", "gpt-5-mini", "gpt-5", "o9"].map(str::to_owned);
        assert_eq!(near("gpt-5-mni", &models)[..2], ["gpt-5-mini", "gpt-5"]);
        assert!(same("llama3.2:latest", "llama3.2") && !same("llama3.2:1b", "llama3.2"));
    }
}
