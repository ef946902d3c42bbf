//! The agent's side of an MCP connection.

use crate::support::artifacts::CANARY;
use crate::support::program::Home;
use crate::support::upstream::{TIMEOUT, Upstream};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout};
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// A running server.
pub(crate) struct Agent<'a> {
    home: &'a Home,
    pub(crate) child: Child,
    input: Option<ChildStdin>,
    output: Option<Lines<BufReader<ChildStdout>>>,
    /// The server's log, read all the time, so that the server never blocks on writing it.
    log: JoinHandle<String>,
    next: i64,
    /// The `params` of each progress notification.
    pub(crate) progress: Vec<Value>,
}

impl<'a> Agent<'a> {
    /// Starts the server and initializes the connection. The settings decide about the focus, not
    /// the environment.
    pub(crate) async fn start(home: &'a Home, model: &Upstream) -> Self {
        let mut agent = Self::launch(home, model);
        let params = json!({
            "protocolVersion": "2025-06-18",
            "capabilities": {},
            "clientInfo": {"name": "test", "version": "1"},
        });
        let about = agent.request("initialize", params).await.unwrap();
        assert_eq!(about["protocolVersion"], "2025-06-18");
        assert_eq!(about["serverInfo"]["name"], "kaizodo");
        agent.send(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"})).await;
        agent
    }

    /// Starts the server without sending anything.
    pub(crate) fn launch(home: &'a Home, model: &Upstream) -> Self {
        let mut command = home.asking(model, &["mcp"]);
        command.stdin(std::process::Stdio::piped()).env_remove("KAIZODO_FOCUS");
        command.env("LANG", "ja_JP.UTF-8").env("KAIZODO_LOG", "trace");
        let mut child = command.spawn().unwrap();
        let input = child.stdin.take();
        let output = Some(BufReader::new(child.stdout.take().unwrap()).lines());
        let mut stderr = child.stderr.take().unwrap();
        let log = tokio::spawn(async move {
            let mut log = Vec::new();
            stderr.read_to_end(&mut log).await.unwrap();
            String::from_utf8(log).unwrap()
        });
        Agent { home, child, input, output, log, next: 0, progress: Vec::new() }
    }

    pub(crate) async fn send(&mut self, message: &Value) {
        let line = format!("{message}\n");
        self.input.as_mut().unwrap().write_all(line.as_bytes()).await.unwrap();
    }

    /// Sends a line as it is.
    pub(crate) async fn send_line(&mut self, line: &[u8]) {
        self.input.as_mut().unwrap().write_all(&[line, b"\n"].concat()).await.unwrap();
    }

    /// Sends a request and returns its ID.
    pub(crate) async fn ask(&mut self, method: &str, params: Value) -> i64 {
        self.next += 1;
        let message =
            json!({"jsonrpc": "2.0", "id": self.next, "method": method, "params": params});
        self.send(&message).await;
        self.next
    }

    /// Waits for the next message; `None` at the end. Everything that the server prints must be a
    /// message.
    pub(crate) async fn message(&mut self) -> Option<Value> {
        let line = self.output.as_mut()?.next_line();
        let line = timeout(TIMEOUT, line).await.expect("a message").unwrap()?;
        self.home.keep("received", line.as_bytes());
        assert!(!line.contains(CANARY));
        let message: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(message["jsonrpc"], "2.0", "{line}");
        if message["method"] == "notifications/progress" {
            self.progress.push(message["params"].clone());
        }
        Some(message)
    }

    /// Waits for the answer to a request.
    pub(crate) async fn answer(&mut self, id: i64) -> Result<Value, Value> {
        loop {
            let message = self.message().await.expect("an answer");
            if message["id"] == id {
                return match message.get("error") {
                    Some(error) => Err(error.clone()),
                    None => Ok(message["result"].clone()),
                };
            }
        }
    }

    pub(crate) async fn request(&mut self, method: &str, params: Value) -> Result<Value, Value> {
        let id = self.ask(method, params).await;
        self.answer(id).await
    }

    /// Calls a tool with a progress token, without waiting. Returns the request's ID.
    pub(crate) async fn begin(&mut self, tool: &str, arguments: Value) -> i64 {
        let token = format!("p{}", self.next + 1);
        let meta = json!({"progressToken": token});
        self.ask("tools/call", json!({"name": tool, "arguments": arguments, "_meta": meta})).await
    }

    /// Calls a tool and waits for the result.
    pub(crate) async fn call(&mut self, tool: &str, arguments: Value) -> Value {
        let params = json!({"name": tool, "arguments": arguments});
        self.request("tools/call", params).await.unwrap()
    }

    /// Calls a tool that must fail, and returns its error message.
    pub(crate) async fn refused(&mut self, tool: &str, arguments: Value) -> String {
        let result = self.call(tool, arguments).await;
        assert_eq!(result["isError"], true, "{result:#}");
        super::text(&result).to_owned()
    }

    /// Waits for a progress report whose message satisfies `ready`.
    pub(crate) async fn told(&mut self, ready: impl Fn(&str) -> bool) {
        let is_ready = |told: &Value| ready(told["message"].as_str().unwrap());
        while !self.progress.iter().any(is_ready) {
            self.message().await.expect("progress");
        }
    }

    /// Closes the server's input.
    pub(crate) fn close(&mut self) {
        self.input.take();
    }

    /// Closes the server's output.
    pub(crate) fn stop_reading(&mut self) {
        self.output.take();
    }

    /// Waits until the server has ended, and returns its exit status.
    pub(crate) async fn exit(&mut self) -> Option<i32> {
        timeout(TIMEOUT, self.child.wait()).await.expect("the server ends").unwrap().code()
    }

    /// Waits until the server has ended, and returns its exit status and its log.
    pub(crate) async fn end(mut self) -> (Option<i32>, String) {
        while self.message().await.is_some() {}
        let code = self.exit().await;
        let log = self.log.await.unwrap();
        self.home.keep("stderr", log.as_bytes());
        (code, log)
    }
}
