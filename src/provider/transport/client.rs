//! The HTTP clients.

use crate::provider::Endpoint;
use crate::provider::endpoint::EndpointError;
use reqwest::{Client, ClientBuilder, redirect};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Once;

/// Headers of a response over HTTP/1: gateways in a row add some each. Their bytes are bounded
/// besides.
const HEADERS: usize = 1000;

/// What all clients have in common: no redirects, which would carry the text to another host, no
/// `Referer`, no repeats that nobody above knows of, and one kind of cryptography.
pub(crate) fn client_builder() -> ClientBuilder {
    static CRYPTO: Once = Once::new();
    // Where the program has chosen a provider already, that one stays.
    CRYPTO.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
    Client::builder()
        .http1_max_headers(HEADERS)
        .redirect(redirect::Policy::none())
        .referer(false)
        .retry(reqwest::retry::never())
        .user_agent(concat!("kaizodo/", env!("CARGO_PKG_VERSION")))
}

/// The client for an endpoint. This computer is asked directly, whatever proxy is set, and its names
/// lead to it, whatever a resolver says.
pub(crate) fn client(endpoint: &Endpoint) -> Result<Client, EndpointError> {
    endpoint.check_transport()?;
    endpoint.check_proxy()?;
    let mut builder = client_builder()
        .connect_timeout(endpoint.limits.connect)
        .pool_idle_timeout(endpoint.limits.unused);
    if endpoint.is_loopback() {
        builder = builder.no_proxy();
        if let Some(name) = endpoint.loopback_name() {
            // The port is that of the URL.
            let here: [SocketAddr; 2] =
                [(Ipv4Addr::LOCALHOST, 0).into(), (Ipv6Addr::LOCALHOST, 0).into()];
            builder = builder.resolve_to_addrs(name, &here);
        }
        if endpoint.base_url.scheme() == "http" {
            // No certificate is needed, so a system that has none is no hindrance.
            builder = builder.tls_certs_only([]);
        }
    }
    builder.build().map_err(|e| EndpointError::Client(e.without_url().to_string()))
}
