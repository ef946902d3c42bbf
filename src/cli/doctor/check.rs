//! One cheap question to the server: which models it has.

use super::report::Finding;
use super::words;
use crate::event::FailureKind;
use crate::lang::Lang;
use crate::provider::local::list_models;
use crate::provider::{Endpoint, ProviderError, sentence};

/// Names that are shown in place of one that is not there.
const NEAR: usize = 3;

/// Asks, and says what the answer means.
pub(super) async fn ask(endpoint: &Endpoint, has_key: bool, lang: Lang) -> Finding {
    let host = endpoint.host();
    if wants_key(&host) && !has_key && endpoint.headers.is_empty() {
        return Finding::problem("no_key", words::no_key(&host, lang));
    }
    let model = endpoint.model.as_deref().unwrap_or_default();
    match list_models(endpoint).await {
        Ok(models) if models.is_empty() && model.is_empty() => {
            Finding::problem("model", words::no_models(&host, lang))
        }
        Ok(models) if models.is_empty() || models.iter().any(|m| same(m, model)) => {
            Finding::well(words::works(&host, model, lang))
        }
        Ok(models) => {
            Finding::problem("model", words::wrong_model(&host, model, &near(model, &models), lang))
        }
        Err(error) => failed(&error, &host, model, has_key, lang),
    }
}

fn failed(error: &ProviderError, host: &str, model: &str, has_key: bool, lang: Lang) -> Finding {
    match error.kind {
        FailureKind::Unauthorized if !has_key => {
            Finding::problem("no_key", words::no_key(host, lang))
        }
        // Not every server lists its models, and the path may be wrong just as well.
        FailureKind::NotFound => Finding::note("no_list", words::no_list(host, lang)),
        kind => Finding::problem(
            &super::report::name(kind),
            sentence::failure(error, model, true, lang).message,
        ),
    }
}

/// OpenAI answers nobody without a key.
fn wants_key(host: &str) -> bool {
    host == "api.openai.com"
}

/// Ollama's list says `llama3.2:latest` for what is asked for as `llama3.2`.
fn same(listed: &str, asked: &str) -> bool {
    listed == asked || listed.strip_suffix(":latest") == Some(asked)
}

/// The names most like the one that is asked for, the nearest first.
fn near(model: &str, models: &[String]) -> Vec<String> {
    let mut scored: Vec<_> = models.iter().map(|m| (strsim::jaro_winkler(m, model), m)).collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0));
    scored.into_iter().take(NEAR).map(|(_, m)| m.clone()).collect()
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
