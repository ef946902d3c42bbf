//! The checks of the fuzz targets on a limited number of inputs, for CI.

use super::checks;
use proptest::prelude::*;

/// Generates pieces of Markdown, YAML and line ends, with arbitrary bytes between them.
fn input() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        3 => proptest::sample::select(PIECES.to_vec()).prop_map(|p| p.as_bytes().to_vec()),
        1 => proptest::collection::vec(any::<u8>(), 0..8),
    ];
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

const PIECES: [&str; 60] = [
    "```",
    "~~~",
    "`",
    "``",
    "\n",
    "\n",
    "\r\n",
    "\r",
    "\n\n",
    "  ",
    "    ",
    "\t",
    "# ",
    "---",
    "===",
    "- ",
    "1. ",
    "> ",
    "![",
    "](",
    "]:",
    "[a]",
    "<img src=x>",
    "<!--",
    "$",
    "$$",
    "\\",
    ":::",
    "|",
    "|-|",
    "a|b",
    "mermaid",
    "_… x_",
    "✗ ",
    "·",
    "&#x202e;",
    "\u{202e}",
    "👨‍👩‍👧",
    "か\u{3099}",
    "https://x.y/z",
    "https://",
    "//x",
    "@x",
    "%41",
    "\0",
    "\u{7f}",
    "\u{10}",
    "TEXT ",
    "t5k2",
    ">>>",
    "name: a\n",
    "description: b\n",
    "## user.ja\n",
    "model: [a]\n",
    "letter: x\n",
    "x",
    "{\"seq\":1,\"event\":\"delta\",\"branch\":\"Depth\",\"text\":\"",
    "\"}\n",
    "{\"seq\":",
    "null",
];

/// Generates texts from what looks like parts of secrets, redaction marks and patterns.
fn secrets() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        3 => proptest::sample::select(SECRETS.to_vec()).prop_map(|p| p.as_bytes().to_vec()),
        1 => proptest::sample::select(PIECES.to_vec()).prop_map(|p| p.as_bytes().to_vec()),
        1 => "[!-~]{1,40}".prop_map(String::into_bytes),
    ];
    proptest::collection::vec(piece, 0..20).prop_map(|pieces| pieces.concat())
}

const SECRETS: [&str; 32] = [
    "ghp_aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5",
    "sk-",
    "AKIAQ2W3E4R5T6Y7U2I3",
    "eyJhbGciOiJIUzI1NiJ9.",
    "eyJzdWIiOiIxMjM0NTY3ODkwIn0",
    "-----BEGIN RSA PRIVATE KEY-----",
    "-----END RSA PRIVATE KEY-----",
    "-----BEGIN ",
    "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5",
    "aB3dE5fG",
    "7hJ9kL1m",
    "password",
    "PASSWORD=",
    "API_KEY",
    "_prod",
    "aws_secret_access_key",
    "パスワード",
    "Authorization: ",
    "Bearer ",
    "Basic ",
    "://a:",
    "https://",
    "@host",
    " = ",
    ": ",
    ":=",
    "\"",
    "'",
    "⟨redacted: password⟩",
    "⟨伏せ字: パスワード⟩",
    "**/*.{pem,key}",
    "[",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn text_sync(bytes in input()) {
        checks::text_sync::check(&bytes);
    }

    #[test]
    fn panel_fold(bytes in input()) {
        checks::panel::check(&bytes);
    }

    #[test]
    fn journal(bytes in input()) {
        checks::journal::check(&bytes);
    }

    #[test]
    fn sanitizer(bytes in input()) {
        checks::sanitizer::check(&bytes);
    }

    #[test]
    fn perspective_file(bytes in input(), as_file: bool) {
        if as_file {
            let text = [b"---\nname: a\ndescription: b\n", &bytes[..], b"\n---\nask"].concat();
            checks::perspective::check(&text);
        }
        checks::perspective::check(&bytes);
    }

    #[test]
    fn privacy(bytes in prop_oneof![secrets(), input()]) {
        checks::privacy::check(&bytes);
    }
}
