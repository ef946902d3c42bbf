//! How base URLs, keys and headers are read.

use super::*;

fn chat(base: &str) -> String {
    Endpoint::new(base).unwrap().url("/chat/completions").to_string()
}

#[test]
fn reads_base_urls_as_people_write_them() {
    for (base, url) in [
        ("http://127.0.0.1:11434", "http://127.0.0.1:11434/v1/chat/completions"),
        (" http://127.0.0.1:11434/ ", "http://127.0.0.1:11434/v1/chat/completions"),
        ("https://api.openai.com/v1", "https://api.openai.com/v1/chat/completions"),
        ("https://api.openai.com/v1//", "https://api.openai.com/v1/chat/completions"),
        (
            "https://api.openai.com/v1/chat/completions",
            "https://api.openai.com/v1/chat/completions",
        ),
        ("https://openrouter.ai/api/v1/", "https://openrouter.ai/api/v1/chat/completions"),
        (
            "https://generativelanguage.googleapis.com/v1beta/openai/",
            "https://generativelanguage.googleapis.com/v1beta/openai/chat/completions",
        ),
        (
            "https://x.openai.azure.com/openai/deployments/d?api-version=1",
            "https://x.openai.azure.com/openai/deployments/d/chat/completions?api-version=1",
        ),
    ] {
        assert_eq!(chat(base), url, "{base}");
    }
}

#[test]
fn refuses_what_is_not_of_the_web() {
    assert!(matches!(base_url("localhost"), Err(EndpointError::Url(_))));
    assert_eq!(base_url("localhost:11434"), Err(EndpointError::Scheme));
    assert_eq!(base_url("file:///etc"), Err(EndpointError::Scheme));
    assert_eq!(base_url("https://me:canary@host/v1"), Err(EndpointError::UserInfo));
}

#[test]
fn names_the_host() {
    let host = |base| Endpoint::new(base).unwrap().host();
    assert_eq!(host("https://api.openai.com/v1"), "api.openai.com");
    assert_eq!(host("https://api.openai.com:443/v1"), "api.openai.com");
    assert_eq!(host("http://127.0.0.1:1234/v1"), "127.0.0.1:1234");
    assert_eq!(host("http://[::1]:1234/v1"), "[::1]:1234");
}

#[test]
fn sends_no_text_in_the_clear_to_another_computer() {
    let check = |base: &str, allow: &[&str]| {
        let mut endpoint = Endpoint::new(base).unwrap();
        endpoint.allow_insecure_hosts = allow.iter().map(|s| (*s).to_owned()).collect();
        endpoint.check_transport()
    };
    for base in ["https://a.test", "http://127.0.0.9", "http://[::1]:1", "http://localhost"] {
        assert_eq!(check(base, &[]), Ok(()), "{base}");
    }
    let refused = Err(EndpointError::Insecure("gpu.test:8000".to_owned()));
    assert_eq!(check("http://gpu.test:8000", &[]), refused);
    assert_eq!(check("http://gpu.test:8000", &["gpu.test:9"]), refused);
    assert_eq!(check("http://gpu.test:8000", &["gpu.test"]), Ok(()));
    assert_eq!(check("http://gpu.test:8000", &["gpu.test:8000"]), Ok(()));
    assert!(check("http://localhost.evil.test", &[]).is_err());
}

#[test]
fn sends_the_key_once() {
    let mut endpoint = Endpoint::new("https://a.test").unwrap();
    assert!(endpoint.header_map().unwrap().is_empty());
    endpoint.api_key = Some(Secret::new("sk-canary").unwrap());
    assert_eq!(endpoint.header_map().unwrap()["authorization"], "Bearer sk-canary");
    for name in ["Authorization", "Api-Key"] {
        endpoint.headers = vec![(name.to_owned(), "own-canary\n".to_owned())];
        let map = endpoint.header_map().unwrap();
        assert_eq!((map.len(), &map[name]), (1, &HeaderValue::from_static("own-canary")));
        assert!(map[name].is_sensitive());
    }
    endpoint.headers = vec![("X".to_owned(), "a\nb".to_owned())];
    assert_eq!(endpoint.header_map(), Err(EndpointError::Header("X".to_owned())));
}

#[test]
fn debug_shows_no_value() {
    let mut endpoint = Endpoint::new("https://a.test/v1?key=canary-1").unwrap();
    endpoint.api_key = Some(Secret::new("sk-canary").unwrap());
    endpoint.headers = vec![("api-key".to_owned(), "canary-22".to_owned())];
    endpoint.query = vec![("k".to_owned(), "canary-333".to_owned())];
    assert!(!format!("{endpoint:#?}").contains("canary"));
    assert_eq!(endpoint.secrets(), ["sk-canary", "canary-22", "canary-333", "canary-1"]);
}

#[test]
fn knows_whether_it_carries_a_key() {
    let mut endpoint = Endpoint::new("https://a.test/v1").unwrap();
    assert!(endpoint.is_keyless());
    endpoint.headers = vec![("X-Title".to_owned(), "t".to_owned())];
    endpoint.query = vec![("api-version".to_owned(), "1".to_owned())];
    assert!(endpoint.is_keyless(), "neither is a key");
    for name in ["api-key", "X-Goog-Api-Key", "Authorization", "Cookie", "x-token"] {
        let headers = vec![(name.to_owned(), "sk-canary".to_owned())];
        assert!(!Endpoint { headers, ..endpoint.clone() }.is_keyless(), "{name}");
    }
    assert!(!Endpoint::new("https://a.test/v1?key=x").unwrap().is_keyless());
    endpoint.api_key = Some(Secret::new("sk-canary").unwrap());
    assert_eq!(endpoint.key_place(), KeyPlace::Environment);
    endpoint.headers.push(("x-token".to_owned(), "t".to_owned()));
    assert_eq!(endpoint.key_place(), KeyPlace::Environment);
    endpoint.headers.push((" API-Key".to_owned(), "k".to_owned()));
    assert_eq!(endpoint.key_place(), KeyPlace::Header("API-Key".to_owned()), "it goes first");
    endpoint.headers.pop();
    endpoint.api_key = None;
    assert_eq!(endpoint.key_place(), KeyPlace::Perhaps("x-token".to_owned()));
}
