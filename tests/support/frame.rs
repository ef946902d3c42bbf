//! LSP framing, for tests and benchmarks.

use std::io::BufRead;

/// Returns the header of a message whose body has `bytes` bytes.
pub(crate) fn header(bytes: usize) -> String {
    format!("Content-Length: {bytes}\r\n\r\n")
}

/// Returns a message with its header, as it is written to the pipe.
pub(crate) fn framed(body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    [header(body.len()).as_bytes(), body].concat()
}

/// Reads the body of the server's next message; `None` at the end of the output.
///
/// # Errors
/// Fails if the header is anything but a single `Content-Length`.
pub(crate) fn read(input: &mut impl BufRead) -> Result<Option<Vec<u8>>, String> {
    let mut line = String::new();
    if input.read_line(&mut line).unwrap_or(0) == 0 {
        return Ok(None);
    }
    let length = line.strip_prefix("Content-Length: ").and_then(|n| n.trim_end().parse().ok());
    let length: usize = length.ok_or(format!("there is what is no header: {line:?}"))?;
    line.clear();
    let _ = input.read_line(&mut line);
    if line != "\r\n" {
        return Err(format!("the header goes on: {line:?}"));
    }
    let mut body = vec![0; length];
    Ok(input.read_exact(&mut body).is_ok().then_some(body))
}
