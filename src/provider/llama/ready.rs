//! Waits until the child responds, and makes sure that the response comes from the child.
//!
//! Another program may take the port after it was chosen and before the child listens on it. So no
//! prompt is sent until the server has reported the model name that only the child knows.

use super::process::{ChildCredentials, Process};
use crate::provider::transport::{client_builder, read_some};
use crate::provider::{Launch, LlamaError};
use http::StatusCode;
use reqwest::Client;
use serde_json::Value;
use std::net::{Ipv4Addr, TcpListener};
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

/// Time between two checks of the port.
const LOOK: Duration = Duration::from_millis(50);
/// Timeout for one response. A child that loads its model is slow to respond.
const ANSWER: Duration = Duration::from_secs(5);
/// Maximum number of bytes read from the list of models, which has one entry.
const BODY: usize = 64 << 10;
/// Maximum number of ports that are tried.
const PORTS: usize = 3;

/// A child that is ready for requests.
pub(crate) struct Running {
    pub(crate) process: Process,
    pub(crate) port: u16,
    pub(crate) key: String,
}

/// Result of one check of the port.
enum Seen {
    /// No program listens.
    Nobody,
    /// The model is being loaded, or the child is too busy to answer.
    Loading,
    /// The child is ready.
    Ours,
    /// Another program responds.
    Stranger,
}

/// Outcome of an attempt with one port.
enum Attempt {
    Ready(Running),
    /// Another program has taken the port.
    Taken,
}

/// Starts the child and waits until it is ready. Tries up to [`PORTS`] ports, in case another
/// program takes a port before the child does.
pub(crate) async fn start(launch: Launch) -> Result<Running, LlamaError> {
    for _ in 0..PORTS {
        if let Attempt::Ready(running) = attempt(&launch).await? {
            return Ok(running);
        }
    }
    Err(LlamaError::Stranger(launch.program))
}

async fn attempt(launch: &Launch) -> Result<Attempt, LlamaError> {
    let not_started =
        |e: &dyn std::fmt::Display| LlamaError::NotStarted(launch.program.clone(), e.to_string());
    let port = free_port().map_err(|e| not_started(&e))?;
    let random = || format!("{:032x}", rand::random::<u128>());
    let (key, name) = (random(), format!("kaizodo-{}", random()));
    let identity = ChildCredentials { key: &key, name: &name };
    let client = client_builder().no_proxy().tls_certs_only([]).timeout(ANSWER);
    let client = client.build().map_err(|e| not_started(&e))?;
    let process = Process::start(launch, port, &identity).map_err(|e| not_started(&e))?;
    tracing::debug!(port, program = %launch.program.display(), "started a model server");
    let (begun, mut listens) = (Instant::now(), false);
    loop {
        let looked = async {
            let seen = look(&client, port, &identity).await;
            if matches!(seen, Seen::Nobody | Seen::Loading) {
                sleep(LOOK).await;
            }
            seen
        };
        let seen = tokio::select! {
            biased;
            (status, words) = process.ended() => {
                // The port was free a moment ago. If it is not free now, the child could not listen
                // on it.
                if is_taken(port) {
                    return Ok(Attempt::Taken);
                }
                let program = launch.program.clone();
                return Err(LlamaError::Died { program, status, words });
            }
            seen = looked => seen,
        };
        match seen {
            Seen::Ours => return Ok(Attempt::Ready(Running { process, port, key })),
            Seen::Stranger => return Ok(Attempt::Taken),
            Seen::Loading => listens = true,
            Seen::Nobody => {}
        }
        if !listens && begun.elapsed() >= launch.listen {
            return Err(LlamaError::Silent(launch.program.clone(), launch.listen));
        }
        if begun.elapsed() >= launch.load {
            return Err(LlamaError::Slow(launch.program.clone(), launch.load));
        }
    }
}

/// Returns a port of this computer that is free at the moment.
fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

fn is_taken(port: u16) -> bool {
    let bound = TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    bound.is_err_and(|error| error.kind() == std::io::ErrorKind::AddrInUse)
}

async fn look(client: &Client, port: u16, identity: &ChildCredentials<'_>) -> Seen {
    let url = |path: &str| format!("http://127.0.0.1:{port}{path}");
    // `/health` needs no key, so none is sent to what may be another program.
    match client.get(url("/health")).send().await {
        Ok(health) if health.status() == StatusCode::OK => {}
        Ok(health) if health.status() == StatusCode::SERVICE_UNAVAILABLE => return Seen::Loading,
        Ok(_) => return Seen::Stranger,
        Err(error) if error.is_connect() => return Seen::Nobody,
        Err(_) => return Seen::Loading,
    }
    let list = client.get(url("/v1/models")).bearer_auth(identity.key).send();
    let Ok(Ok(mut response)) = timeout(ANSWER, list).await else { return Seen::Loading };
    match response.status() {
        StatusCode::SERVICE_UNAVAILABLE => return Seen::Loading,
        StatusCode::OK => {}
        _ => return Seen::Stranger,
    }
    let body = read_some(&mut response, BODY, ANSWER).await;
    let list: Value = serde_json::from_slice(&body).unwrap_or_default();
    let names = list.get("data").and_then(Value::as_array).into_iter().flatten();
    let is_ours = |model: &Value| model.get("id").and_then(Value::as_str) == Some(identity.name);
    if names.into_iter().any(is_ours) { Seen::Ours } else { Seen::Stranger }
}
