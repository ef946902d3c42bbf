//! Measures four branches with a shared prefix on a real llama.cpp server with a small model.

use super::{BOTH, Bench};
use crate::editor::Editor;
use crate::report::Who;
use crate::rival::{RIVALS, root};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// Maximum number of tokens per answer; the prompts are what is measured.
const TOKENS: u32 = 16;

/// A llama.cpp server with empty caches.
struct Llama {
    child: Child,
    port: u16,
}

pub(super) fn prefix(bench: &mut Bench) {
    let text =
        "The weekly meeting runs over by half an hour and ends without a decision, since the same \
                three topics come up each time and nobody has read the notes. "
            .repeat(bench.size(22, 4));
    let raw = "prompt tokens that llama.cpp computes for four branches ÷ for one";
    let shared = "times that llama.cpp computes what the four branches share";

    // The shared prefix is the part of the prompt that the second branch does not have to compute.
    let llama = Llama::start();
    let home = TempDir::new().unwrap();
    let editor = Editor::start(home.path(), &llama.url(), BOTH);
    editor.limit_tokens(TOKENS);
    editor.tokens(&text, &["depth"]);
    let one = llama.computed();
    let (asked, _) = editor.tokens(&text, &["breadth"])[0];
    let common = asked - (llama.computed() - one);
    drop((llama, editor));

    let llama = Llama::start();
    let editor = Editor::start(home.path(), &llama.url(), BOTH);
    editor.limit_tokens(TOKENS);
    let usage = editor.tokens(&text, &["depth", "breadth", "structure", "time"]);
    let computed = llama.computed();
    let own: u64 = usage.iter().map(|(prompt, _)| prompt - common).sum();
    let aim = "≤ 1.1";
    let times = (computed - own) as f64 / common as f64;
    bench.table.put(shared, aim, Who::Ours, &[times]);
    bench.table.put(raw, "", Who::Ours, &[computed as f64 / one as f64]);
    bench.table.put(shared, aim, Who::Limit, &[1.0]);
    bench.table.put(raw, "", Who::Limit, &[(common + own) as f64 / one as f64]);
    drop((llama, editor));

    let rivals = RIVALS.into_iter().zip([Who::Limit, Who::Article, Who::Corrected]).skip(1);
    for (rival, who) in rivals.filter(|_| bench.first) {
        let computed = [1, 4].map(|branches| {
            let llama = Llama::start();
            rival.ask(&llama.url(), branches, 1, &text);
            llama.computed() as f64
        });
        // Their individual parts are a few words each.
        bench.table.put(shared, aim, who, &[computed[1] / computed[0]]);
        bench.table.put(raw, "", who, &[computed[1] / computed[0]]);
    }
}

impl Llama {
    fn start() -> Self {
        let home = root().join(".cache/bench/llama");
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let child = Command::new(home.join("build/bin/llama-server"))
            .arg("-m")
            .arg(home.join("model.gguf"))
            .args(["--host", "127.0.0.1", "--port", &port.to_string(), "--metrics", "--no-webui"])
            .args(["-np", "4", "-c", "8192", "-t", "1", "-n", &TOKENS.to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let llama = Llama { child, port };
        while !llama.get("/health").is_some_and(|answer| answer.contains("\"ok\"")) {
            std::thread::sleep(Duration::from_millis(100));
        }
        llama
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}/v1", self.port)
    }

    /// Returns the number of prompt tokens that the server has computed since its start.
    fn computed(&self) -> u64 {
        let text = self.get("/metrics").unwrap();
        let count = text.lines().find_map(|l| l.strip_prefix("llamacpp:prompt_tokens_total "));
        count.unwrap().parse().unwrap()
    }

    fn get(&self, path: &str) -> Option<String> {
        let mut socket = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        let request = format!("GET {path} HTTP/1.1\r\nhost: bench\r\nconnection: close\r\n\r\n");
        socket.write_all(request.as_bytes()).ok()?;
        let mut answer = String::new();
        socket.read_to_string(&mut answer).ok()?;
        Some(answer)
    }
}

impl Drop for Llama {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
