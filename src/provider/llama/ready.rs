//! Waits until the child answers, and makes sure that it is the child that does.
//!
//! Between our choice of a port and the child's hold on it, another program may take it. So nothing
//! is sent to who cannot say the name that only the child was told.

use super::process::{Process, Secrets};
use crate::provider::transport::{client_builder, read_some};
use crate::provider::{Launch, LlamaError};
use http::StatusCode;
use reqwest::Client;
use serde_json::Value;
use std::net::{Ipv4Addr, TcpListener};
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

/// Time between two looks.
const LOOK: Duration = Duration::from_millis(50);
/// How long one answer may take. One that loads is busy.
const ANSWER: Duration = Duration::from_secs(5);
/// Maximum bytes of a list with one model.
const BODY: usize = 64 << 10;
/// How many ports are tried.
const PORTS: usize = 3;

/// A child that answers.
pub(crate) struct Running {
    pub(crate) process: Process,
    pub(crate) port: u16,
    pub(crate) key: String,
}

/// What a look at the port has found.
enum Seen {
    /// Nobody listens.
    Nobody,
    /// The model is being loaded, or the child is too busy to answer.
    Loading,
    /// Our child, ready.
    Ours,
    /// Another program.
    Stranger,
}

/// How an attempt at one port ended.
enum Attempt {
    Ready(Running),
    /// Somebody else has the port.
    Taken,
}

/// Starts the child and waits for it.
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
    let secrets = Secrets { key: &key, name: &name };
    let client = client_builder().no_proxy().tls_certs_only([]).timeout(ANSWER);
    let client = client.build().map_err(|e| not_started(&e))?;
    let process = Process::start(launch, port, &secrets).map_err(|e| not_started(&e))?;
    tracing::debug!(port, program = %launch.program.display(), "started a model server");
    let (begun, mut listens) = (Instant::now(), false);
    loop {
        let looked = async {
            let seen = look(&client, port, &secrets).await;
            if matches!(seen, Seen::Nobody | Seen::Loading) {
                sleep(LOOK).await;
            }
            seen
        };
        let seen = tokio::select! {
            biased;
            (status, words) = process.ended() => {
                // The port was free a moment ago. Where it is not now, the child could not have it.
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

/// A port of this computer that nobody has at the moment.
fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

fn is_taken(port: u16) -> bool {
    let bound = TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    bound.is_err_and(|error| error.kind() == std::io::ErrorKind::AddrInUse)
}

async fn look(client: &Client, port: u16, secrets: &Secrets<'_>) -> Seen {
    let url = |path: &str| format!("http://127.0.0.1:{port}{path}");
    // It needs no key, so that no stranger learns it.
    match client.get(url("/health")).send().await {
        Ok(health) if health.status() == StatusCode::OK => {}
        Ok(health) if health.status() == StatusCode::SERVICE_UNAVAILABLE => return Seen::Loading,
        Ok(_) => return Seen::Stranger,
        Err(error) if error.is_connect() => return Seen::Nobody,
        Err(_) => return Seen::Loading,
    }
    let list = client.get(url("/v1/models")).bearer_auth(secrets.key).send();
    let Ok(Ok(mut response)) = timeout(ANSWER, list).await else { return Seen::Loading };
    match response.status() {
        StatusCode::SERVICE_UNAVAILABLE => return Seen::Loading,
        StatusCode::OK => {}
        _ => return Seen::Stranger,
    }
    let body = read_some(&mut response, BODY, ANSWER).await;
    let list: Value = serde_json::from_slice(&body).unwrap_or_default();
    let names = list.get("data").and_then(Value::as_array).into_iter().flatten();
    let is_ours = |model: &Value| model.get("id").and_then(Value::as_str) == Some(secrets.name);
    if names.into_iter().any(is_ours) { Seen::Ours } else { Seen::Stranger }
}
