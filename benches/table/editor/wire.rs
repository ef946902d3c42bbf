//! Reads and writes LSP frames.

use serde_json::Value;
use std::io::BufRead;

pub(super) fn encode(message: &Value) -> Vec<u8> {
    let body = message.to_string();
    format!("Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

/// Reads the body of the next message; `None` at the end.
pub(super) fn read(input: &mut impl BufRead) -> Option<Vec<u8>> {
    let mut line = String::new();
    let mut length = 0;
    loop {
        line.clear();
        if input.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim_end() {
            "" => break,
            header => length = header.strip_prefix("Content-Length: ")?.parse().ok()?,
        }
    }
    let mut body = vec![0; length];
    input.read_exact(&mut body).ok()?;
    Some(body)
}

/// Returns the size of a message on the pipe in bytes.
pub(super) fn frame_len(body: &[u8]) -> u64 {
    (format!("Content-Length: {}\r\n\r\n", body.len()).len() + body.len()) as u64
}
