//! Tests of what is sent with a selection, and how it is recognized.

use super::*;
use crate::lang::Message;
use crate::text::{Document, Encoding, Position, Range};
use std::sync::Arc;

/// A made-up token.
const GITHUB: &str = "ghp_aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5";

/// Selects the second line of a text, with its context.
fn select(text: &str, mode: ContextMode) -> Selection {
    let document = Document::open("file:///a.md", "markdown", 1, text);
    let (start, end) = (Position { line: 1, character: 0 }, Position { line: 2, character: 0 });
    let range = Range { start, end };
    let context = document.context(range, Encoding::Utf16, mode, 9_999);
    Selection { context, ..document.select(range, Encoding::Utf16, 9_999).unwrap() }
}

fn sent(text: &str, mode: ContextMode, max: ContextMode) -> (Selection, Vec<String>) {
    apply_secret_policy(select(text, mode), max, SecretPolicy::Redact, Lang::En).unwrap()
}

#[test]
fn a_perspective_may_ask_for_less_and_never_for_more() {
    use ContextMode::{Around, File, None as Nothing};
    let of = |context| Perspective { context, ..Perspective::default() };
    let narrowest = |allowed, asked: &[Option<ContextMode>]| {
        let all: Vec<_> = asked.iter().copied().map(of).collect();
        super::context_limit(allowed, &all)
    };
    assert_eq!(narrowest(Around, &[None, Some(File)]), Around);
    assert_eq!(narrowest(File, &[None, Some(Around)]), Around);
    assert_eq!(narrowest(File, &[Some(Nothing), Some(File)]), Nothing);
    assert_eq!(narrowest(Nothing, &[Some(File)]), Nothing);
    assert_eq!(narrowest(File, &[]), File);
    let told = |allowed, own: &[Option<ContextMode>]| {
        let all: Vec<_> = own.iter().copied().map(of).collect();
        context_limit_note(allowed, &all, Lang::En)
    };
    assert_eq!(told(Around, &[None, Some(File), Some(Around)]), None);
    assert!(told(File, &[Some(Around), Some(Nothing)]).unwrap().contains("sets `context` to none"));
}

fn request(selection: Selection) -> Request {
    Request {
        selection: Arc::new(selection),
        lang: Lang::En,
        perspectives: vec![],
        focus: None,
        notes: vec![],
        origin: Default::default(),
        budget: Default::default(),
    }
}

#[test]
fn secrets_go_from_what_stands_around_too() {
    let text = format!("# {GITHUB}\nfine\nkey {GITHUB}\n");
    for mode in [ContextMode::Around, ContextMode::File] {
        let (selection, notes) = sent(&text, mode, mode);
        let context = selection.context.as_ref().unwrap();
        assert_eq!(context.title, "⟨redacted: GitHub token⟩");
        assert_eq!(context.after, "key ⟨redacted: GitHub token⟩\n");
        assert!(!quotable(&request(selection)).contains("ghp_") && notes.len() == 1, "{notes:?}");
        let refused =
            apply_secret_policy(select(&text, mode), mode, SecretPolicy::Refuse, Lang::En)
                .unwrap_err();
        assert!(matches!(refused, SessionError::SecretsAround(_)), "{refused:?}");
        let said = refused.message(Lang::En);
        assert!(
            said.contains("context = \"none\"") && refused.setting() == Some("secrets"),
            "{said}"
        );
    }
    let (selection, notes) = sent(&text, ContextMode::File, ContextMode::None);
    assert_eq!((selection.context, selection.text.as_str(), notes.len()), (None, "fine\n", 0));
    let own = select(&format!("a\n{GITHUB}\nb\n"), ContextMode::File);
    let refused =
        apply_secret_policy(own, ContextMode::File, SecretPolicy::Refuse, Lang::En).unwrap_err();
    assert!(matches!(refused, SessionError::Secrets(_)), "{refused:?}");
}

#[test]
fn what_lies_beyond_is_never_kept() {
    let text = "far\n".repeat(60);
    let (selection, _) = sent(&text, ContextMode::Around, ContextMode::Around);
    let context = selection.context.unwrap();
    assert_eq!((context.lead.as_str(), context.tail.as_str(), context.lines), ("", "", (1, 40)));
}

#[test]
fn a_print_tells_what_was_sent_apart() {
    let digest_of = |text: &str, mode| selection_digest(&sent(text, mode, mode).0);
    let (alone, around) = (ContextMode::None, ContextMode::Around);
    assert_eq!(digest_of("a\nb\nc", alone), digest("kaizodo selection", "b\n"), "as it always was");
    assert_eq!(digest_of("a\nb\nc", alone), digest_of("x\nb\n", alone));
    let all = ["a\nb\nc", "x\nb\nc", "a\nb\nd", "# a\nb\nc"].map(|text| digest_of(text, around));
    let others = [digest_of("a\nb\nc", alone), digest_of("a\nb\nc", ContextMode::File)];
    let all: std::collections::BTreeSet<_> = all.into_iter().chain(others).collect();
    assert_eq!(all.len(), 6);
    let (selection, _) = sent("a\nb\nc", around, around);
    let mark = fence(&request(selection.clone()));
    assert_ne!(mark, fence(&request(Selection { context: None, ..selection })));
}

#[test]
fn the_reader_is_told_what_goes_with_it() {
    let told = |mode, limit, lang| {
        let document = Document::open("file:///a.md", "markdown", 1, &"x\n".repeat(9));
        let (start, end) = (Position { line: 1, character: 0 }, Position { line: 2, character: 0 });
        let context = document.context(Range { start, end }, Encoding::Utf16, mode, limit);
        note(&context.unwrap(), lang)
    };
    assert_eq!(
        told(ContextMode::Around, 9, Lang::En),
        "Sent with the selection, according to the setting `context`: 1 line before, 7 lines after, the document's title or file name."
    );
    assert!(
        told(ContextMode::File, 99, Lang::En).contains(": the rest of the document (8 lines) and")
    );
    assert!(
        told(ContextMode::File, 9, Lang::En)
            .contains("(18 bytes) is larger than limits.selection_bytes allows. What was sent")
    );
    assert_eq!(
        told(ContextMode::File, 9, Lang::Ja),
        "文書全体は limits.selection_bytes に収まりません（18 バイト）。代わりに一緒に送るもの: 前の 1 行、後の 7 行、文書の題かファイル名。"
    );
}
