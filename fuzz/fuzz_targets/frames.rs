//! Any bytes on the server's input: the same messages however they arrive, and nothing kept that
//! was not sent. The twin that CI runs stands beside the decoder.

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
