//! Tests with secrets that span pieces, and with secrets in pieces that are not sent.

use super::*;
use proptest::prelude::*;

/// Made up, like all the secrets below.
const GITHUB: &str = "ghp_aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5";
const TOKEN: &str = "⟨redacted: GitHub token⟩";
const BLOCK: &str = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDBj08sp5\nAAEC\n-----END PRIVATE KEY-----\n";

/// Splits a text at `|`. A piece that begins with `~` is not sent.
fn pieces(text: &str) -> Vec<Piece<'_>> {
    text.split('|')
        .map(|piece| match piece.strip_prefix('~') {
            Some(text) => Piece { text, is_sent: false },
            None => Piece { text: piece, is_sent: true },
        })
        .collect()
}

#[track_caller]
fn check(text: &str, expected: &[&str], notes: bool) {
    let (texts, secrets) = clear_pieces(&pieces(text), SecretPolicy::Redact, Lang::En).unwrap();
    assert_eq!(texts, expected);
    assert_eq!(secrets.is_some(), notes);
}

#[test]
fn a_secret_that_spans_pieces_is_marked_in_both() {
    let (a, b) = GITHUB.split_at(20);
    check(
        &format!("key {a}|{b} end|x"),
        &[&format!("key {TOKEN}"), &format!("{TOKEN} end"), "x"],
        true,
    );
    check("password=|hunter22secret\n|x", &["password=", "⟨redacted: password⟩\n", "x"], true);
    let [a, b] = [&BLOCK[..50], &BLOCK[50..]];
    let mark = "⟨redacted: private key⟩";
    check(&format!("{a}|{b}"), &[mark, &format!("{mark}\n")], true);
}

#[test]
fn what_stands_before_a_secret_does_not_hide_it() {
    check(&format!("x|{GITHUB} end"), &["x", &format!("{TOKEN} end")], true);
}

#[test]
fn secrets_in_unsent_pieces_are_not_reported() {
    check(&format!("~{GITHUB}\n|a"), &[&format!("{TOKEN}\n"), "a"], false);
    let refused = |text: &str| clear_pieces(&pieces(text), SecretPolicy::Refuse, Lang::En).err();
    assert_eq!(refused(&format!("~{GITHUB} |a")), None);
    let (a, b) = BLOCK.split_at(60);
    let found = refused(&format!("~{a}|{b}b")).unwrap();
    assert_eq!(found, [(SecretKind::PrivateKey, 1)]);
}

#[test]
fn a_secret_is_counted_once_wherever_it_lies() {
    let (a, b) = GITHUB.split_at(20);
    let text = format!("{a}|{b} {GITHUB}");
    let found = clear_pieces(&pieces(&text), SecretPolicy::Refuse, Lang::En).unwrap_err();
    assert_eq!(found.iter().map(|(_, count)| count).sum::<usize>(), 2, "{found:?}");
    let (texts, note) = clear_pieces(&pieces(&text), SecretPolicy::Allow, Lang::En).unwrap();
    assert!(texts.concat() == text.replace('|', "") && note.unwrap().contains("were not redacted"));
}

proptest! {
    /// Wherever a text is cut, no part remains of a secret that is found in the whole text.
    #[test]
    fn no_cut_lets_a_secret_through(cuts in proptest::collection::vec(0_usize..300, 0..4), at in 0_usize..3) {
        let secret = [GITHUB, BLOCK, "password=hunter22secret"][at];
        let text = format!("Some words.\n{secret}\nMore words, {GITHUB} too.\n");
        let mut ends: Vec<_> = cuts.into_iter().map(|cut| cut % text.len()).collect();
        ends.push(text.len());
        ends.sort_unstable();
        let mut start = 0;
        let pieces: Vec<_> = ends.iter().map(|end| {
            let text = &text[std::mem::replace(&mut start, *end)..*end];
            Piece { text, is_sent: true }
        }).collect();
        let (texts, note) = clear_pieces(&pieces, SecretPolicy::Redact, Lang::En).unwrap();
        let sent = texts.concat();
        for part in ["B3dE5f", "W1xY3z", "MIIEvQ", "AAEC", "hunter22"] {
            prop_assert!(!sent.contains(part), "{sent}");
        }
        prop_assert!(note.is_some() && sent.starts_with("Some words.") && sent.ends_with(" too.\n"));
        prop_assert_eq!(texts.len(), pieces.len());
    }

    #[test]
    fn one_piece_is_cleared_as_a_text(text in "(?s)(.|password=a1b2c3d4e5|ghp_aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5| |\n){0,20}") {
        let (texts, _) = clear_pieces(&[Piece { text: &text, is_sent: true }], SecretPolicy::Redact, Lang::En).unwrap();
        prop_assert_eq!(&texts[0], &clear(&text, SecretPolicy::Redact, Lang::En).unwrap().text);
        let parts = [Piece { text: "", is_sent: true }, Piece { text: &text, is_sent: true }];
        let (parts, _) = clear_pieces(&parts, SecretPolicy::Redact, Lang::En).unwrap();
        prop_assert_eq!(&parts[1], &texts[0]);
    }
}
