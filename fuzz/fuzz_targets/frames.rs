//! Fuzzes the frame decoder with any input: the messages do not depend on how the bytes arrive, and
//! none has bytes that were not sent. The decoder's own tests have the same checks.

#![no_main]
#![allow(dead_code, reason = "the decoder's file has more than the decoder")]

#[path = "../../src/lsp/transport/frame.rs"]
mod frame;

use frame::{Decoder, FrameError};

fn decode<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<Result<bytes::Bytes, FrameError>> {
    let mut decoder = Decoder::default();
    let mut got = Vec::new();
    for piece in pieces {
        decoder.push(piece);
        got.extend(std::iter::from_fn(|| decoder.next_frame()));
    }
    got
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((size, bytes)) = bytes.split_first() else { return };
    let whole = decode([bytes]);
    assert_eq!(decode(bytes.chunks(1 + usize::from(*size))), whole);
    let taken: usize = whole.iter().flatten().map(|body| body.len()).sum();
    assert!(taken <= bytes.len());
});
