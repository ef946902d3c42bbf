//! Tests of what happens to a run's text while documents are edited, closed and opened.

use super::*;
use crate::config::{Layers, ProviderChoice, Settings};
use crate::event::{BranchId, Passage, RunId, Stamped};
use crate::privacy::SecretPolicy;
use crate::session::{ProviderSelector, RunOptions};
use crate::text::{Position, Range};

const URI: &str = "file:///w/memo.md";
const TEXT: &str = "題\r\n会議が長い。😀\r\n\r\n司会がいない。\r\n";
const CHOSEN: &str = "会議が長い。😀\r\n";

fn session(secrets: Option<SecretPolicy>) -> Session {
    let flags =
        Settings { provider: Some(ProviderChoice::Worksheet), secrets, ..Settings::default() };
    let layers = Layers { flags, ..Layers::default() };
    Session::new(layers, ProviderSelector::new(None), None, None)
}

fn open(session: &Session, text: &str) {
    session.documents.lock().open(Document::open(URI, "markdown", 0, text));
}

fn range_of(session: &Session, piece: &str) -> Range {
    let rope = session.document(URI).unwrap().snapshot();
    let start = rope.to_string().find(piece).unwrap();
    crate::text::to_range(&rope, start..start + piece.len(), Encoding::Utf16)
}

fn ask(session: &Session, piece: &str) -> Arc<Run> {
    let range = range_of(session, piece);
    let selection = session.select(URI, None, range, Encoding::Utf16).unwrap();
    session.start(selection, &RunOptions::default()).unwrap()
}

fn edit(session: &Session, old: &str, new: &str) {
    let range = Some(range_of(session, old));
    let version = session.document(URI).unwrap().version() + 1;
    let change = Change { range, text: new.into() };
    session.documents.lock().change(URI, version, &[change], Encoding::Utf16);
}

/// Returns the state, and the text at the position.
async fn source(session: &Session, run: &Arc<Run>) -> (SourceState, Option<String>) {
    let RunSource { uri, state, document, bytes } = session.source(run).await;
    assert_eq!(uri, URI);
    let rope = document.map(|document| document.snapshot());
    (state, rope.zip(bytes).map(|(rope, bytes)| rope.byte_slice(bytes).to_string()))
}

fn at(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[tokio::test]
async fn a_place_follows_edits_until_nothing_of_the_text_is_left_and_an_undo_brings_it_back() {
    let session = session(None);
    open(&session, TEXT);
    let run = ask(&session, CHOSEN);
    assert_eq!(source(&session, &run).await, (SourceState::Unchanged, at(CHOSEN)));
    edit(&session, "題", "新しい題\r\nと行");
    assert_eq!(source(&session, &run).await, (SourceState::Unchanged, at(CHOSEN)));
    edit(&session, "長い", "とても長い");
    let edited = "会議がとても長い。😀\r\n";
    assert_eq!(source(&session, &run).await, (SourceState::Changed, at(edited)));
    edit(&session, "とても長い", "長い");
    assert_eq!(source(&session, &run).await, (SourceState::Unchanged, at(CHOSEN)));
    edit(&session, CHOSEN, "");
    assert_eq!(source(&session, &run).await, (SourceState::Gone, None));
    edit(&session, "題", "題名");
    edit(&session, "\r\n司会", &format!("{CHOSEN}\r\n司会"));
    assert_eq!(source(&session, &run).await, (SourceState::Unchanged, at(CHOSEN)));
}

#[tokio::test]
async fn a_document_that_is_opened_again_has_the_text_where_it_was_or_where_it_stands_once() {
    let session = session(None);
    open(&session, TEXT);
    let run = ask(&session, CHOSEN);
    session.documents.lock().close(URI);
    assert_eq!(source(&session, &run).await, (SourceState::Closed, None));
    open(&session, &format!("{TEXT}{CHOSEN}"));
    assert_eq!(source(&session, &run).await, (SourceState::Unchanged, at(CHOSEN)), "as it was");
    edit(&session, "長い", "長すぎる");
    let edited = "会議が長すぎる。😀\r\n";
    session.documents.lock().close(URI);
    open(&session, &TEXT.replace("長い", "長すぎる"));
    assert_eq!(source(&session, &run).await, (SourceState::Changed, at(edited)), "it was saved");
    session.documents.lock().close(URI);
    open(&session, &format!("前置き\r\n{TEXT}"));
    assert_eq!(source(&session, &run).await, (SourceState::Unchanged, at(CHOSEN)), "it moved");
    session.documents.lock().close(URI);
    open(&session, &format!("前\r\n置き\r\n{TEXT}{CHOSEN}"));
    assert_eq!(source(&session, &run).await, (SourceState::Unknown, None), "it is there twice");
    edit(&session, "題\r\n会議", "題\r\n打ち合わせ");
    let last = session.source(&run).await;
    assert_eq!(last.bytes.unwrap().end, last.document.unwrap().snapshot().len_bytes(), "once now");
}

#[tokio::test]
async fn what_may_be_out_of_step_is_unknown() {
    let session = session(None);
    open(&session, TEXT);
    let run = ask(&session, CHOSEN);
    session.documents.lock().mark_unsynced();
    assert_eq!(source(&session, &run).await, (SourceState::Unknown, None));
    let whole = Change { range: None, text: format!("x\r\n{TEXT}") };
    session.documents.lock().change(URI, 9, &[whole], Encoding::Utf16);
    assert_eq!(source(&session, &run).await, (SourceState::Unchanged, at(CHOSEN)));
}

#[tokio::test]
async fn a_text_that_was_redacted_is_known_by_what_stands_in_the_document() {
    let session = session(Some(SecretPolicy::Redact));
    let secret = "鍵は ghp_aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5 です。\n";
    open(&session, &format!("one\n{secret}two\n"));
    let run = ask(&session, secret);
    assert!(!run.request().unwrap().selection.text.contains("ghp_"));
    session.documents.lock().close(URI);
    open(&session, &format!("zero\none\n{secret}two\n"));
    assert_eq!(source(&session, &run).await, (SourceState::Unchanged, at(secret)));
}

#[tokio::test]
async fn a_run_about_an_answer_leads_to_the_text_of_the_answer_s_run() {
    let session = session(None);
    open(&session, TEXT);
    let first = ask(&session, CHOSEN);
    edit(&session, "題", "題名\r\n");
    let about = |earlier: &Run| {
        let run = Run::of_journal(RunId(format!("about-{}", earlier.id())), "");
        let passage = Passage {
            title: String::new(),
            run: earlier.id().clone(),
            branch: BranchId("depth".into()),
            range: Range16::default(),
        };
        let range = Range { start: Position::default(), end: Position::default() };
        let event = Event::RunStarted {
            run: run.id().clone(),
            at: jiff::Timestamp::UNIX_EPOCH,
            title: String::new(),
            source: Source { uri: URI.into(), range: Range16(range) },
            origin: Some(passage),
            lang: crate::lang::Lang::Ja,
            provider: String::new(),
            without_model: false,
            sections: Vec::new(),
            notes: Vec::new(),
            selection: None,
            context: Default::default(),
        };
        run.replay(Stamped { seq: 1, event });
        Arc::new(run)
    };
    let second = about(&first);
    assert_eq!(source(&session, &second).await, (SourceState::Unchanged, at(CHOSEN)));
    let lost = about(&about(&second));
    assert_eq!(source(&session, &lost).await, (SourceState::Unknown, None), "it is not known here");
}

#[tokio::test]
async fn runs_that_are_forgotten_are_not_followed() {
    let session = session(None);
    open(&session, TEXT);
    let kept = ask(&session, CHOSEN);
    let followed = |session: &Session| session.documents.lock().held.get(URI).map_or(0, Vec::len);
    for _ in 0..3 {
        let run = ask(&session, "司会");
        session.runs.lock().retain(|known| known.id() != run.id());
        run.until_over().await;
    }
    // A run's tasks release it a moment after its end.
    for _ in 0..500 {
        edit(&session, "題", "題");
        if followed(&session) == 1 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    }
    assert_eq!(followed(&session), 1);
    assert_eq!(source(&session, &kept).await.0, SourceState::Unchanged);
}

#[tokio::test]
async fn a_section_that_goes_on_from_another_leaves_the_source_where_it_is() {
    let session = session(None);
    open(&session, TEXT);
    let run = ask(&session, CHOSEN);
    run.until_over().await;
    let section = crate::event::SectionTitle::view("depth-2", "なぜ今か");
    let after = Some(BranchId("depth".into()));
    run.record(Event::SectionAdded { section, after, question: Default::default() });
    edit(&session, "題", "題名");
    assert_eq!(source(&session, &run).await, (SourceState::Unchanged, at(CHOSEN)));
    assert!(matches!(
        run.answer(&BranchId("depth-2".into())),
        Err(crate::session::SessionError::StillRunning(_))
    ));
}
