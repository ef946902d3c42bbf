//! Creates HTTP clients.

use crate::provider::Endpoint;
use crate::provider::endpoint::EndpointError;
use reqwest::{Client, ClientBuilder, redirect};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Once;

/// Maximum number of headers of an HTTP/1 response, high because each of several gateways adds
/// some. Their size in bytes is limited as well.
const HEADERS: usize = 1000;

/// Returns a builder with the settings that all clients share: no redirects, which would carry the
/// text to another host, no `Referer`, no retries that the caller does not know of, and one crypto
/// provider.
pub(crate) fn client_builder() -> ClientBuilder {
    static CRYPTO: Once = Once::new();
    // If the program has already installed a crypto provider, that provider is kept.
    CRYPTO.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
    Client::builder()
        .http1_max_headers(HEADERS)
        .redirect(redirect::Policy::none())
        .referer(false)
        .retry(reqwest::retry::never())
        .user_agent(concat!("kaizodo/", env!("CARGO_PKG_VERSION")))
}

/// Creates the client for an endpoint. Requests to this computer never use a proxy, and names such
/// as `localhost` always resolve to it, regardless of DNS.
pub(crate) fn client(endpoint: &Endpoint) -> Result<Client, EndpointError> {
    endpoint.check_transport()?;
    endpoint.check_proxy()?;
    let mut builder = client_builder()
        .connect_timeout(endpoint.limits.connect)
        .pool_idle_timeout(endpoint.limits.unused);
    if endpoint.is_loopback() {
        builder = builder.no_proxy();
        if let Some(name) = endpoint.loopback_name() {
            // Port 0 stands for the port of the URL.
            let here: [SocketAddr; 2] =
                [(Ipv4Addr::LOCALHOST, 0).into(), (Ipv6Addr::LOCALHOST, 0).into()];
            builder = builder.resolve_to_addrs(name, &here);
        }
        if endpoint.base_url.scheme() == "http" {
            // No certificate is needed, so this also works on a system that has none.
            builder = builder.tls_certs_only([]);
        }
    }
    builder.build().map_err(|e| EndpointError::Client(e.without_url().to_string()))
}
