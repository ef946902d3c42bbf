//! The server that requests are sent to, and the settings of those requests.

use super::extra_body::ExtraBody;
use super::key::{CachedKey, KeyError, KeyPlace};
use super::limits::Limits;
use super::model_file::LlamaError;
use super::proxy::{Proxies, ProxyError};
use super::secret::{Secret, SecretError};
use super::serving::{ServerKind, Serving, cloud_by_name};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use std::collections::BTreeMap;
use std::fmt;
use url::{Host, Url};

/// A server that implements OpenAI's chat completions API.
#[derive(Clone)]
pub struct Endpoint {
    /// Display name of the server; by default, its host.
    pub label: String,
    /// The base URL, as parsed by [`base_url`].
    pub base_url: Url,
    /// The API key, sent as `Authorization: Bearer` unless [`Self::headers`] contain a key.
    pub api_key: Option<Secret>,
    /// The command that prints the API key, used if there is no [`Self::api_key`].
    pub key_command: Option<CachedKey>,
    /// User-defined headers, such as `api-key` for Azure or `HTTP-Referer` for OpenRouter.
    pub headers: Vec<(String, String)>,
    /// User-defined query parameters, such as `api-version` for Azure.
    pub query: Vec<(String, String)>,
    /// The model for perspectives that name none.
    pub model: Option<String>,
    /// JSON members that are merged into the body of each request.
    pub extra_body: ExtraBody,
    /// Hosts other than this computer that may be reached over plain HTTP.
    pub allow_insecure_hosts: Vec<String>,
    /// The environment's proxy settings.
    pub proxies: Proxies,
    /// The timeouts and size limits of each request.
    pub limits: Limits,
    /// The server's kind and parallelism, as far as known.
    pub serving: Serving,
    /// The models that do not run on the server itself, each with the host to which the server
    /// forwards requests for it. `None` if the server has not been queried.
    pub elsewhere: Option<BTreeMap<String, String>>,
    /// Whether the server may be asked for a model that it forwards to another host. It may not
    /// while a layer of the settings is unreadable, because that layer may forbid it.
    pub may_forward: bool,
}

/// Why no request can be sent to an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// The base URL is invalid.
    #[error("the base URL cannot be read: {0}")]
    Url(#[from] url::ParseError),
    /// The base URL's scheme is neither http nor https.
    #[error("the base URL must start with https:// or http://")]
    Scheme,
    /// The base URL carries a user name or a password.
    #[error("the base URL must not hold a user name or a password")]
    UserInfo,
    /// Text would be sent to this host unencrypted.
    #[error("{0} would be asked over plain http")]
    Insecure(String),
    /// The proxy for this host cannot be used, and is not bypassed.
    #[error("{variable} cannot be used")]
    Proxy {
        /// The host that the request was meant for.
        host: String,
        /// The environment variable that names the proxy. The variable's value is omitted, because
        /// it may contain a password.
        variable: &'static str,
        /// Why the proxy cannot be used.
        fault: ProxyError,
    },
    /// The API key is invalid.
    #[error(transparent)]
    Key(#[from] SecretError),
    /// The key command did not produce an API key.
    #[error(transparent)]
    KeyCommand(#[from] KeyError),
    /// The user-defined header with this name cannot be sent.
    #[error("the header {0:?} cannot be sent")]
    Header(String),
    /// The settings choose a server and name a model file in the same layer.
    #[error("the settings name both a server and a model file")]
    Unclear,
    /// The settings select the editor's models, but the editor offers none.
    #[error("the editor offers no models")]
    NoEditorModels,
    /// No model is configured, and this host lists no usable one.
    #[error("no model is set, and {0} names none")]
    NoModel(String),
    /// Some settings could not be read, and the text would go to this host, which is another
    /// computer.
    #[error("settings could not be read, and {0} is another computer")]
    SettingsUnreadable(String),
    /// Some settings could not be read, and the text would go to the editor's models, which may run
    /// on another computer.
    #[error("settings could not be read, and the editor's models may run on another computer")]
    EditorUnclear,
    /// A model file cannot be used, or its server did not start.
    #[error(transparent)]
    Llama(#[from] LlamaError),
    /// The HTTP client cannot be created.
    #[error("the HTTP client cannot be made: {0}")]
    Client(String),
}

/// Parses a base URL as people write it.
///
/// A bare origin (`http://127.0.0.1:11434`) gets `/v1`; a path is kept, except for trailing slashes
/// and a pasted `/chat/completions`.
///
/// # Errors
/// Fails if `text` is not an http or https URL, or contains a user name or a password.
pub fn base_url(text: &str) -> Result<Url, EndpointError> {
    let mut url = Url::parse(text.trim())?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(EndpointError::Scheme);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(EndpointError::UserInfo);
    }
    url.set_fragment(None);
    let path = url.path().trim_end_matches('/');
    let path = path.strip_suffix("/chat/completions").unwrap_or(path).trim_end_matches('/');
    let path = if path.is_empty() { "/v1" } else { path }.to_owned();
    url.set_path(&path);
    Ok(url)
}

impl Endpoint {
    /// Creates an endpoint without a key from the base URL `base`, which is parsed by [`base_url`].
    ///
    /// # Errors
    /// Fails if [`base_url`] rejects `base`.
    pub fn new(base: &str) -> Result<Self, EndpointError> {
        let mut endpoint = Self {
            label: String::new(),
            base_url: base_url(base)?,
            api_key: None,
            key_command: None,
            headers: vec![],
            query: vec![],
            model: None,
            extra_body: ExtraBody::default(),
            allow_insecure_hosts: vec![],
            proxies: Proxies::default(),
            limits: Limits::default(),
            serving: Serving::default(),
            elsewhere: None,
            may_forward: true,
        };
        endpoint.label = endpoint.host();
        endpoint.serving.kind =
            ServerKind::of_host(endpoint.base_url.host_str().unwrap_or_default());
        Ok(endpoint)
    }

    /// Returns this endpoint with its API key. Runs the key command if the key is needed and not
    /// known yet.
    ///
    /// # Errors
    /// Fails if the key command fails or prints no valid key.
    pub async fn with_key(&self) -> Result<Self, EndpointError> {
        let mut ready = self.clone();
        if let (None, Some(asked), false) = (&self.api_key, &self.key_command, self.has_own_key()) {
            ready.api_key = Some(asked.get().await?);
        }
        Ok(ready)
    }

    /// Records that the server rejected the key, so that a key command is run again next time.
    pub(crate) fn refused_key(&self) {
        if let Some(asked) = &self.key_command {
            asked.forget();
        }
    }

    /// Returns `true` if kaizodo itself sets the header that carries the API key, even if the key
    /// command has not supplied the key yet. Returns `false` if there is no key, or if the user
    /// defines the header.
    pub(crate) fn carries_key(&self) -> bool {
        (self.api_key.is_some() || self.key_command.is_some()) && !self.has_own_key()
    }

    /// Returns `true` if requests carry nothing that could be a key. Call [`Self::with_key`] first.
    pub(crate) fn is_keyless(&self) -> bool {
        self.key_place() == KeyPlace::Nowhere
    }

    /// Returns the place that the requests' key comes from. Call [`Self::with_key`] first.
    pub(crate) fn key_place(&self) -> KeyPlace {
        match (self.own_key(), &self.api_key, &self.key_command) {
            (Some(name), _, _) => KeyPlace::Header(name.trim().to_owned()),
            (None, Some(_), Some(asked)) => KeyPlace::Command(asked.command().name()),
            (None, Some(_), None) => KeyPlace::Environment,
            (None, None, _) => self.may_be_key().map_or(KeyPlace::Nowhere, KeyPlace::Perhaps),
        }
    }

    /// Returns the name of a header or a query parameter that, judging by its name, may carry a
    /// key.
    fn may_be_key(&self) -> Option<String> {
        const WORDS: [&str; 8] =
            ["key", "auth", "token", "secret", "cookie", "cred", "sig", "code"];
        let in_url = self.base_url.query_pairs().map(|(name, _)| name.into_owned());
        let own = self.headers.iter().chain(&self.query).map(|(name, _)| name.clone());
        own.chain(in_url).find(|name| {
            let name = name.to_ascii_lowercase();
            WORDS.iter().any(|word| name.contains(word))
        })
    }

    /// Returns `true` if a user-defined header carries a key.
    fn has_own_key(&self) -> bool {
        self.own_key().is_some()
    }

    /// Returns the name of the user-defined header that carries a key.
    fn own_key(&self) -> Option<&str> {
        let is_key = |name: &str| {
            ["authorization", "api-key"].iter().any(|key| name.trim().eq_ignore_ascii_case(key))
        };
        self.headers.iter().map(|(name, _)| name.as_str()).find(|name| is_key(name))
    }

    /// Returns the host, with its port unless it is the scheme's default.
    pub fn host(&self) -> String {
        let host = self.base_url.host_str().unwrap_or("?");
        match self.base_url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        }
    }

    /// Returns `true` if the host is this computer.
    pub fn is_loopback(&self) -> bool {
        match self.base_url.host() {
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.to_canonical().is_loopback(),
            Some(Host::Domain(_)) => self.loopback_name().is_some(),
            None => false,
        }
    }

    /// Returns the host if it is a name for this computer (RFC 6761, section 6.3). Such a name is
    /// not looked up: `transport/client.rs` maps it to the loopback addresses.
    pub(crate) fn loopback_name(&self) -> Option<&str> {
        match self.base_url.host() {
            Some(Host::Domain(name)) if name == "localhost" || name.ends_with(".localhost") => {
                Some(name)
            }
            _ => None,
        }
    }

    /// Returns `true` if the server's address or the model's name suggests Ollama. This is only a
    /// hint that the server is worth querying; the server's response decides.
    pub fn may_be_ollama(&self) -> bool {
        let is_named = self.base_url.host_str().is_some_and(|name| name.contains("ollama"));
        let is_cloud = self.model.as_deref().is_some_and(|model| cloud_by_name(model).is_some());
        self.base_url.scheme() == "http"
            && (self.base_url.port() == Some(11434) || is_named || is_cloud)
    }

    /// Returns the host to which the server forwards requests for `model`. `None` if the server is
    /// not known to forward them.
    pub fn runs_at(&self, model: &str) -> Option<&str> {
        let asked = self.elsewhere.as_ref();
        let latest = || asked?.get(&format!("{model}:latest"));
        if let Some(host) = asked.and_then(|all| all.get(model)).or_else(latest) {
            return Some(host);
        }
        let is_ollama = match self.serving.kind {
            ServerKind::Unknown => asked.is_none() && self.base_url.scheme() == "http",
            kind => kind == ServerKind::Ollama,
        };
        cloud_by_name(model).filter(|_| is_ollama)
    }

    /// Checks that a request for `model` goes only where it may.
    ///
    /// # Errors
    /// Fails if the server would forward the request to another host, and [`Self::may_forward`] is
    /// `false`.
    pub fn check_forwarding(&self, model: &str) -> Result<(), EndpointError> {
        match self.runs_at(model) {
            Some(host) if !self.may_forward => {
                Err(EndpointError::SettingsUnreadable(host.to_owned()))
            }
            _ => Ok(()),
        }
    }

    /// Returns the URL of a path below the base URL, such as `/chat/completions`. Keeps the base
    /// URL's query.
    pub(crate) fn url(&self, path: &str) -> Url {
        let mut url = self.base_url.clone();
        let path = format!("{}{path}", url.path().trim_end_matches('/'));
        url.set_path(&path);
        url
    }

    /// Returns the URL of the server's list of models for display. Query values that may be secret
    /// are replaced by `…`.
    pub fn models_url(&self) -> String {
        shown(&self.url("/models"))
    }

    /// Returns the URL of a path next to the base URL's `/v1`, such as `/props`.
    pub(crate) fn url_beside(&self, path: &str) -> Url {
        let mut url = self.base_url.clone();
        let base = url.path().trim_end_matches('/');
        let path = format!("{}{path}", base.strip_suffix("/v1").unwrap_or(base));
        url.set_path(&path);
        url
    }

    /// Returns the headers to send with every request: the user-defined headers and the API key.
    /// Their values are marked as sensitive.
    pub(crate) fn header_map(&self) -> Result<HeaderMap, EndpointError> {
        let mut map = HeaderMap::new();
        for (name, value) in &self.headers {
            let unfit = || EndpointError::Header(name.clone());
            let key = HeaderName::try_from(name.trim()).map_err(|_| unfit())?;
            let mut value = HeaderValue::from_str(value.trim()).map_err(|_| unfit())?;
            value.set_sensitive(true);
            map.insert(key, value);
        }
        if let (Some(secret), false) = (&self.api_key, self.has_own_key()) {
            let bearer = secret.bearer().ok_or(SecretError::Unprintable)?;
            map.insert(header::AUTHORIZATION, bearer);
        }
        Ok(map)
    }

    /// Checks that no text would be sent unencrypted to another computer. Hosts in
    /// [`Self::allow_insecure_hosts`] are exempt.
    pub(crate) fn check_transport(&self) -> Result<(), EndpointError> {
        let host = self.host();
        let name = self.base_url.host_str().unwrap_or_default();
        let allowed = |entry: &String| *entry == host || *entry == name;
        if self.base_url.scheme() == "https"
            || self.is_loopback()
            || self.allow_insecure_hosts.iter().any(allowed)
        {
            return Ok(());
        }
        Err(EndpointError::Insecure(host))
    }

    /// Checks that the configured proxy can be used, so that it is never silently bypassed. This
    /// computer is reached without a proxy.
    pub(crate) fn check_proxy(&self) -> Result<(), EndpointError> {
        match self.proxies.unusable_for(&self.base_url).filter(|_| !self.is_loopback()) {
            Some((variable, fault)) => {
                Err(EndpointError::Proxy { host: self.host(), variable, fault })
            }
            None => Ok(()),
        }
    }

    /// Returns the strings to redact from all messages: the key, proxy passwords, and the values of
    /// headers and query parameters, except those known not to be secret. Keys and values shorter
    /// than 8 bytes are not included.
    pub(crate) fn secrets(&self) -> Vec<String> {
        let base = self.base_url.query_pairs().map(|(k, v)| (k.into_owned(), v.into_owned()));
        let pairs = self.headers.iter().chain(&self.query).cloned().chain(base);
        let closed = pairs.filter(|(name, _)| !is_open(name));
        let key = self.api_key.iter().map(|key| key.expose().to_owned());
        // Of "Bearer x", only x is redacted, so that a server that quotes only that part is caught.
        let bare = |v: String| v.trim().rsplit(' ').next().unwrap_or_default().to_owned();
        let own = key.chain(closed.map(|(_, value)| value)).map(bare).filter(|v| v.len() >= 8);
        own.chain(self.proxies.secrets()).collect()
    }
}

/// Returns `true` if a header or a query parameter of this name is known not to be secret.
fn is_open(name: &str) -> bool {
    const OPEN: [&str; 4] = ["api-version", "http-referer", "user-agent", "x-title"];
    OPEN.iter().any(|open| name.eq_ignore_ascii_case(open))
}

/// Returns a URL for display. Query values that may be secret are replaced by `…`.
pub(crate) fn shown(url: &Url) -> String {
    let pairs = url.query_pairs().map(|(name, value)| match is_open(&name) {
        true => format!("{name}={value}"),
        false => format!("{name}=…"),
    });
    let query = pairs.collect::<Vec<_>>().join("&");
    let mut bare = url.clone();
    bare.set_query(None);
    if query.is_empty() { bare.into() } else { format!("{bare}?{query}") }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = |pairs: &[(String, String)]| -> Vec<String> {
            pairs.iter().map(|(name, _)| name.clone()).collect()
        };
        f.debug_struct("Endpoint")
            .field("label", &self.label)
            .field("host", &self.host())
            .field("path", &self.base_url.path())
            .field("api_key", &self.api_key)
            .field("key_command", &self.key_command)
            .field("headers", &names(&self.headers))
            .field("query", &names(&self.query))
            .field("model", &self.model)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
