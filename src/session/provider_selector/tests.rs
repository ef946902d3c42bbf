//! Tests of which provider is selected, and that unusable settings send the text to no other
//! server.

use super::*;
use crate::lang::Lang;

/// Returns what is selected if no local server can be found.
async fn selected(key: Option<&str>, config: Config) -> Selected {
    let options = DiscoveryOptions { ports: Vec::new(), ..DiscoveryOptions::default() };
    ProviderSelector::looking_at(key.map(Secret::new), options)
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
