//! Tests of which provider is selected, and that unusable settings send the text to no other
//! server.

use super::*;
use crate::config::Settings;
use crate::lang::Lang;
use crate::provider::Worksheet;

/// Returns what is selected if no local server can be found.
async fn selected(key: Option<&str>, config: Config) -> Selected {
    let options = DiscoveryOptions { ports: Vec::new(), ..DiscoveryOptions::default() };
    ProviderSelector::with_discovery(key.map(Secret::new), options)
        .select(&config, Lookup::MayQuery)
        .await
}

#[tokio::test]
async fn the_settings_go_first_then_a_key_then_the_worksheet() {
    let nothing = selected(None, Config::default()).await;
    assert_eq!(nothing.reason, Reason::Nothing);
    assert_eq!(nothing.provider.label(Lang::En), "built-in worksheet (no model)");

    let key = selected(Some("sk-canary"), Config::default()).await;
    assert_eq!(key.reason, Reason::Key);
    let endpoint = key.endpoint.unwrap();
    assert_eq!(
        (endpoint.host(), endpoint.model.as_deref()),
        ("api.openai.com".into(), Some(DEFAULT_MODEL))
    );

    let base_url = Some("http://127.0.0.1:9".to_owned());
    let named = Config { base_url, model: Some("m".into()), ..Config::default() };
    let settings = selected(Some("sk-canary"), named).await;
    assert_eq!(settings.reason, Reason::Settings);
    assert_eq!(settings.provider.host().as_deref(), Some("127.0.0.1:9"));
}

#[tokio::test]
async fn openai_is_asked_for_the_same_model_whether_it_is_named_or_not() {
    for base_url in [None, Some("https://api.openai.com/v1"), Some("https://api.openai.com/v1/")] {
        let config = Config { base_url: base_url.map(str::to_owned), ..Config::default() };
        let endpoint = selected(Some("sk-canary"), config).await.endpoint.unwrap();
        assert_eq!(endpoint.model.as_deref(), Some(DEFAULT_MODEL), "{base_url:?}");
    }
}

#[tokio::test]
async fn settings_that_cannot_be_used_send_the_text_to_nobody_else() {
    let plain = Config {
        base_url: Some("http://example.com".into()),
        model: Some("m".into()),
        ..Config::default()
    };
    let editor = Config { provider: ProviderChoice::Editor, ..Config::default() };
    // The settings that could not be read may have named a server on this computer only.
    let unread = Config { unreadable: true, ..Config::default() };
    for config in [plain, editor, unread] {
        let selected = selected(Some("sk-canary"), config).await;
        assert!(matches!(selected.reason, Reason::Misconfigured(_)), "{:?}", selected.reason);
        assert!(selected.endpoint.is_none() && selected.provider.host().is_none());
    }
    let local = Config {
        unreadable: true,
        base_url: Some("http://127.0.0.1:9".into()),
        model: Some("m".into()),
        ..Config::default()
    };
    assert_eq!(selected(None, local).await.reason, Reason::Settings);
}

#[tokio::test]
async fn the_editor_s_models_are_not_asked_while_settings_cannot_be_read() {
    let selector = ProviderSelector::new(None);
    selector.offer_editor_models(Arc::new(|_: &Config| Arc::new(Worksheet::default())));
    for unreadable in [true, false] {
        let config = Config { provider: ProviderChoice::Editor, unreadable, ..Config::default() };
        let reason = selector.select(&config, Lookup::MayQuery).await.reason;
        assert_eq!(matches!(reason, Reason::Misconfigured(_)), unreadable, "{reason:?}");
    }
}

#[tokio::test]
async fn the_layers_together_send_text_only_where_one_of_them_says() {
    // Who is asked, with a key in the environment: the host, the model file, or none.
    let own = "provider='openai'\nbase_url='http://127.0.0.1:1'";
    let file = "provider='local'\ngguf='/none.gguf'";
    let other = "base_url='http://127.0.0.1:2'";
    let gguf = "gguf='/none.gguf'";
    for (layers, expected) in [
        // A file for one command takes the place of the server.
        (vec![own, gguf], "file"),
        (vec!["provider='openai'", gguf], "file"),
        (vec!["provider='editor'", gguf], "file"),
        (vec!["", gguf], "file"),
        // A URL that is meant for other programs, too, does not undo the choice of this computer.
        (vec![file, other], "file"),
        (vec![gguf, other], "127.0.0.1:2"),
        (vec![own, gguf, other], "127.0.0.1:2"),
        // A provider that is named last decides about what is named below it.
        (vec![own, gguf, "provider='openai'"], "127.0.0.1:1"),
        (vec![file, other, "provider='openai'"], "127.0.0.1:2"),
        (vec![own, file], "file"),
        (vec![file, "provider='openai'"], "api.openai.com"),
        (vec![file, "provider='auto'"], "file"),
        (vec![own, "provider='local'"], "none"),
        (vec![file, "provider='worksheet'"], "none"),
        (vec!["provider='worksheet'", gguf], "none"),
        (vec!["provider='worksheet'", other], "none"),
        // One layer that says both is not guessed at.
        (vec!["provider='openai'\ngguf='/none.gguf'"], "unclear"),
        (vec![own, "provider='openai'\ngguf='/none.gguf'"], "unclear"),
        (vec!["provider='openai'\ngguf='/none.gguf'", other], "127.0.0.1:2"),
    ] {
        let read = |text: &&str| Settings::from_toml("c", &format!("{text}\nmodel='m'")).unwrap();
        let read: Vec<_> = layers.iter().map(read).collect();
        let selected = selected(Some("sk-canary"), Config::from_layers(&read, Lang::En)).await;
        let who = match selected.reason {
            Reason::Misconfigured(EndpointError::Llama(_)) => "file".to_owned(),
            Reason::Misconfigured(EndpointError::Unclear) => "unclear".to_owned(),
            _ => selected.provider.host().unwrap_or_else(|| "none".to_owned()),
        };
        assert_eq!(who, expected, "{layers:?}");
    }
}
