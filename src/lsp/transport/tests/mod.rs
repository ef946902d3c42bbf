//! Tests of the transport with a small server over in-memory pipes. Most tests pause the clock:
//! what takes no time then waits for no timer.

mod bad_frames;
mod calls;
mod lifecycle;

use super::frame::{self, Decoder};
use super::{Exit, serve};
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tower_lsp::gen_lsp_types::{
    InitializeParams, InitializeResult, InitializedParams, MessageType,
};
use tower_lsp::jsonrpc::Result;
use tower_lsp::{Client, LanguageServer, LspService};

struct Backend {
    client: Client,
    notes: Mutex<Vec<Value>>,
}

impl Backend {
    fn note(&self, note: Value) {
        self.notes.lock().push(note);
    }
}

impl LanguageServer for Backend {
    async fn initialize(&self, params: InitializeParams) -> Result<InitializeResult> {
        if params.initialization_options.is_some() {
            sleep(Duration::from_secs(5)).await;
        }
        Ok(InitializeResult::default())
    }

    async fn initialized(&self, _: InitializedParams) {
        self.note(json!("initialized"));
    }

    async fn shutdown(&self) -> Result<()> {
        sleep(Duration::from_millis(100)).await;
        Ok(())
    }
}

impl Backend {
    async fn echo(&self, params: Value) -> Result<Value> {
        Ok(params)
    }

    async fn notes(&self) -> Result<Vec<Value>> {
        Ok(self.notes.lock().clone())
    }

    /// Applies the change before its first await, like `didChange`.
    async fn change(&self, params: Value) {
        self.note(params);
        sleep(Duration::from_millis(10)).await;
    }

    async fn wait(&self) -> Result<Value> {
        sleep(Duration::from_secs(600)).await;
        Ok(json!("waited"))
    }

    async fn ask(&self) -> Result<Value> {
        let answer = self.client.show_message_request(MessageType::Info, "?", None).await?;
        Ok(json!(answer.map(|item| item.title)))
    }

    async fn panic(&self, late: bool) -> Result<Value> {
        if late {
            sleep(Duration::from_secs(1)).await;
        }
        panic!("a fault in a handler")
    }

    async fn flood(&self, count: usize) -> Result<Value> {
        for i in 0..count {
            self.client.log_message(MessageType::Log, i).await;
        }
        Ok(json!(count))
    }
}

/// Parameters whose deserialization panics.
struct Explosive;

impl<'de> serde::Deserialize<'de> for Explosive {
    fn deserialize<D: serde::Deserializer<'de>>(_: D) -> std::result::Result<Self, D::Error> {
        panic!("a fault before the handler")
    }
}

impl Backend {
    async fn explode(&self, _: Explosive) -> Result<Value> {
        Ok(json!(null))
    }
}

/// The editor's side.
struct Editor {
    input: Option<DuplexStream>,
    output: Option<DuplexStream>,
    decoder: Decoder,
    server: JoinHandle<Exit>,
    token: CancellationToken,
    losses: Arc<AtomicUsize>,
    next_id: i64,
}

impl Editor {
    fn start() -> Self {
        let (service, socket) = LspService::build_with_lifecycle_methods(|client| Backend {
            client,
            notes: Mutex::default(),
        })
        .custom_method("t/echo", Backend::echo)
        .custom_method("t/notes", Backend::notes)
        .custom_method("t/change", Backend::change)
        .custom_method("t/wait", Backend::wait)
        .custom_method("t/ask", Backend::ask)
        .custom_method("t/panic", Backend::panic)
        .custom_method("t/explode", Backend::explode)
        .custom_method("t/flood", Backend::flood)
        .finish();
        let (input, server_input) = duplex(64 * 1024);
        let (server_output, output) = duplex(64 * 1024);
        let token = CancellationToken::new();
        let losses = Arc::new(AtomicUsize::new(0));
        let (stop, lost) = (token.clone(), losses.clone());
        let server = tokio::spawn(async move {
            let on_loss = || {
                lost.fetch_add(1, Ordering::Relaxed);
            };
            serve(server_input, server_output, service, socket, stop, on_loss).await
        });
        Self {
            input: Some(input),
            output: Some(output),
            decoder: Decoder::default(),
            server,
            token,
            losses,
            next_id: 0,
        }
    }

    async fn initialized() -> Self {
        let mut editor = Self::start();
        editor.request("initialize", json!({"capabilities": {}})).await;
        editor.notify("initialized", json!({})).await;
        editor
    }

    async fn raw(&mut self, bytes: &[u8]) {
        let write = self.input.as_mut().unwrap().write_all(bytes);
        timeout(Duration::from_secs(60), write).await.expect("the server reads").unwrap();
    }

    async fn send(&mut self, message: Value) {
        self.raw(&frame::encode(message.to_string().as_bytes())).await;
    }

    async fn notify(&mut self, method: &str, params: Value) {
        self.send(json!({"jsonrpc": "2.0", "method": method, "params": params})).await;
    }

    /// Sends a request and returns its ID.
    async fn ask(&mut self, method: &str, params: Value) -> i64 {
        self.next_id += 1;
        let id = self.next_id;
        self.send(json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params})).await;
        id
    }

    async fn read(&mut self) -> Value {
        loop {
            if let Some(body) = self.decoder.next_frame() {
                return serde_json::from_slice(&body.unwrap()).unwrap();
            }
            let mut bytes = vec![0; 4096];
            let read = self.output.as_mut().unwrap().read(&mut bytes);
            let n = timeout(Duration::from_secs(3600), read).await.expect("an answer").unwrap();
            assert_ne!(n, 0, "the server has closed its output");
            self.decoder.push(&bytes[..n]);
        }
    }

    /// Reads the next message, which must be the response to this request.
    async fn answer(&mut self, id: i64) -> Value {
        let message = self.read().await;
        assert_eq!(message["id"], id, "{message}");
        message
    }

    async fn request(&mut self, method: &str, params: Value) -> Value {
        let id = self.ask(method, params).await;
        self.answer(id).await
    }

    async fn assert_lives(&mut self) {
        assert_eq!(self.request("t/echo", json!("alive")).await["result"], "alive");
    }

    async fn exit(self) -> Exit {
        timeout(Duration::from_secs(5), self.server).await.expect("the server ends").unwrap()
    }
}
