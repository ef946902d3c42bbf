//! What the crate asks of a configuration, answered by an [`Endpoint`].

use crate::provider::endpoint::{Endpoint, EndpointError};
use async_openai::config::Config;
use http::HeaderMap;
use secrecy::SecretString;

/// An endpoint whose headers are known to be fit for the wire.
pub(crate) struct Headed {
    endpoint: Endpoint,
    headers: HeaderMap,
    /// The key travels in [`Self::headers`] alone; the crate gets none to put anywhere else.
    no_key: SecretString,
}

impl Headed {
    pub(crate) fn new(endpoint: &Endpoint) -> Result<Self, EndpointError> {
        let mut headers = endpoint.header_map()?;
        let accept = http::HeaderValue::from_static("text/event-stream, application/json");
        headers.entry(http::header::ACCEPT).or_insert(accept);
        // Some gateways compress what nobody asked for, unless they are told not to.
        let plain = http::HeaderValue::from_static("identity");
        headers.entry(http::header::ACCEPT_ENCODING).or_insert(plain);
        Ok(Self { endpoint: endpoint.clone(), headers, no_key: SecretString::default() })
    }
}

impl Config for Headed {
    fn headers(&self) -> HeaderMap {
        self.headers.clone()
    }

    fn url(&self, path: &str) -> String {
        self.endpoint.url(path).into()
    }

    fn query(&self) -> Vec<(&str, &str)> {
        self.endpoint.query.iter().map(|(name, value)| (&**name, &**value)).collect()
    }

    fn api_base(&self) -> &str {
        self.endpoint.base_url.as_str()
    }

    fn api_key(&self) -> &SecretString {
        &self.no_key
    }
}
