//! The open documents, and where the texts of this session's runs are in them.

use super::context::{self, selection_digest};
use super::{Run, Session};
use crate::event::{Event, Passage, RunId, Source};
use crate::request::Request;
use crate::text::{Anchor, Change, Document, Encoding, Range, Range16, TextDigest, to_range};
use serde::Serialize;
use std::collections::HashMap;
use std::ops;
use std::sync::{Arc, Weak};

/// Maximum number of runs that are followed from a run about an answer back to the run about a
/// document.
const EARLIER_MAX: usize = 64;

/// State of the text that a run asked about, compared with when it was selected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceState {
    /// The text is the same as when it was selected.
    Unchanged,
    /// The text was edited.
    Changed,
    /// The text was deleted completely.
    Gone,
    /// The text's document is not open.
    Closed,
    /// The text's position is unknown.
    Unknown,
}

/// The current position and state of the text that a run asked about.
#[derive(Clone, Debug)]
pub struct RunSource {
    /// The URI of the text's document.
    pub uri: String,
    /// The state of the text.
    pub state: SourceState,
    /// The text's document; `None` if it is not open.
    pub document: Option<Document>,
    /// The text's byte range in the document; `None` if it is unknown or the text is gone.
    pub bytes: Option<ops::Range<usize>>,
}

impl RunSource {
    /// Returns the text's range in the document; `None` if it is not known.
    pub(crate) fn range(&self, encoding: Encoding) -> Option<Range> {
        let (document, bytes) = self.document.as_ref().zip(self.bytes.clone())?;
        Some(to_range(&document.snapshot(), bytes, encoding))
    }
}

/// One run's text in its document.
#[derive(Clone, Debug)]
struct Held {
    run: Weak<Run>,
    text: TextDigest,
    /// Where the text was selected.
    range: Range16,
    /// `None` until the text is found.
    anchor: Option<Anchor>,
    /// Digest of the text as it was when the document was closed.
    at_close: Option<TextDigest>,
}

impl Held {
    /// Returns the anchor at the selected range, if the text is there.
    fn selected(&self, document: &Document) -> Option<Anchor> {
        let anchor = document.anchor(self.range.0, Encoding::Utf16);
        self.text.is_at(&document.snapshot(), anchor.bytes()).then_some(anchor)
    }

    fn close(&mut self, document: &Document) {
        let rope = document.snapshot();
        let there = self.anchor.as_ref().filter(|anchor| !anchor.is_gone());
        let there = there.and_then(|anchor| rope.get_byte_slice(anchor.bytes()));
        self.at_close = there.map(|text| TextDigest::of(&String::from(text)));
    }

    fn open(&mut self, document: &Document) {
        let (anchor, at_close) = (self.anchor.take(), self.at_close.take());
        let same = anchor.zip(at_close).and_then(|(anchor, text)| {
            text.is_at(&document.snapshot(), anchor.bytes()).then_some(anchor)
        });
        self.anchor = same.or_else(|| self.selected(document));
    }

    /// Finds the text again if its position is unknown, and returns its state.
    fn look(&mut self, document: &Document) -> SourceState {
        let rope = document.snapshot();
        let again = match &self.anchor {
            None => self.text.find(&rope).map(Anchor::new),
            // An undo may have brought the text back to where it was.
            Some(anchor) if anchor.is_gone() => {
                self.text.starts_at(&rope, anchor.bytes().start).map(Anchor::new)
            }
            Some(_) => None,
        };
        self.anchor = again.or(self.anchor.take());
        match &self.anchor {
            None => SourceState::Unknown,
            Some(anchor) if anchor.is_gone() => SourceState::Gone,
            Some(anchor) if self.text.is_at(&rope, anchor.bytes()) => SourceState::Unchanged,
            Some(_) => SourceState::Changed,
        }
    }
}

/// The open documents, and the positions of runs' texts in them, which are updated with each change
/// to a document.
#[derive(Default)]
pub(crate) struct Documents {
    open: HashMap<String, Document>,
    held: HashMap<String, Vec<Held>>,
}

impl Documents {
    pub(crate) fn get(&self, uri: &str) -> Option<&Document> {
        self.open.get(uri)
    }

    /// Returns the open documents, in no particular order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Document> {
        self.open.values()
    }

    pub(crate) fn open(&mut self, document: Document) {
        self.close(document.uri());
        for held in self.held.get_mut(document.uri()).into_iter().flatten() {
            held.open(&document);
        }
        self.open.insert(document.uri().to_owned(), document);
    }

    pub(crate) fn close(&mut self, uri: &str) {
        let Some(document) = self.open.remove(uri) else { return };
        for held in self.held.get_mut(uri).into_iter().flatten() {
            held.close(&document);
        }
    }

    pub(crate) fn change(
        &mut self,
        uri: &str,
        version: i32,
        changes: &[Change],
        encoding: Encoding,
    ) {
        let Some(document) = self.open.get_mut(uri) else { return };
        let mut anchors: Vec<_> = match self.held.get_mut(uri) {
            Some(held) => {
                held.retain(|held| held.run.strong_count() > 0);
                held.iter_mut().filter_map(|held| held.anchor.as_mut()).collect()
            }
            None => Vec::new(),
        };
        document.apply_and_follow(version, changes, encoding, &mut anchors);
    }

    /// Marks every document as stale, because a change to any of them may have been lost.
    pub(crate) fn mark_unsynced(&mut self) {
        self.open.values_mut().for_each(Document::mark_stale);
    }

    /// Starts tracking the text of `run` in the document at `uri`. `range` is where the text was
    /// selected.
    pub(crate) fn hold(&mut self, run: &Arc<Run>, uri: &str, range: Range16, text: TextDigest) {
        self.held.retain(|_, held| {
            held.retain(|held| held.run.strong_count() > 0);
            !held.is_empty()
        });
        let run = Arc::downgrade(run);
        let mut held = Held { run, text, range, anchor: None, at_close: None };
        held.anchor = self.open.get(uri).and_then(|document| held.selected(document));
        self.held.entry(uri.to_owned()).or_default().push(held);
    }

    /// Returns where a run's text is; `None` if the text is not tracked.
    fn look(&mut self, run: &Arc<Run>, uri: &str) -> Option<RunSource> {
        let source = |state, document, bytes| {
            Some(RunSource { uri: uri.to_owned(), state, document, bytes })
        };
        let Some(document) = self.open.get(uri).cloned() else {
            return source(SourceState::Closed, None, None);
        };
        if document.stale() {
            return source(SourceState::Unknown, Some(document), None);
        }
        let held = self.held.get_mut(uri)?.iter_mut();
        let held = held.into_iter().find(|held| held.run.as_ptr() == Arc::as_ptr(run))?;
        let state = held.look(&document);
        let anchor = held.anchor.as_ref().filter(|anchor| !anchor.is_gone());
        source(state, Some(document), anchor.map(Anchor::bytes))
    }
}

impl Run {
    /// Returns the document and the range that the run's text was selected from; `None` for a run
    /// from the journal before its first event.
    pub(crate) fn source(&self) -> Option<Source> {
        if let Some(Request { selection, .. }) = self.request() {
            return Some(Source { uri: selection.uri.clone(), range: selection.range });
        }
        match self.first() {
            Some(Event::RunStarted { source, .. }) => Some(source),
            _ => None,
        }
    }

    /// Returns the passage of an earlier answer that the run asks about; `None` for a run about a
    /// document's text.
    pub(crate) fn origin(&self) -> Option<Passage> {
        if let Some(request) = self.request() {
            return request.origin.passage().cloned();
        }
        match self.first() {
            Some(Event::RunStarted { origin, .. }) => origin,
            _ => None,
        }
    }

    fn earlier(&self) -> Option<RunId> {
        self.origin().map(|passage| passage.run)
    }
}

impl Session {
    /// Returns where the text that a run asked about is now. For a run about a passage of an
    /// answer, this is the document's text at the start of the chain of runs.
    pub async fn source(&self, run: &Arc<Run>) -> RunSource {
        let mut run = Arc::clone(run);
        for _ in 0..EARLIER_MAX {
            let Some(earlier) = run.earlier() else { break };
            match self.load_run(&earlier).await {
                Ok(earlier) => run = earlier,
                Err(error) => {
                    tracing::debug!(%error, "the run of a passage cannot be read");
                    break;
                }
            }
        }
        let source = run.source();
        let is_document = source.as_ref().is_some_and(Source::is_document);
        let uri = source.map(|source| source.uri).unwrap_or_default();
        if !is_document {
            return RunSource { uri, state: SourceState::Unknown, document: None, bytes: None };
        }
        if let Some(source) = self.documents.lock().look(&run, &uri) {
            return source;
        }
        if run.earlier().is_none()
            && let Some((range, text)) = self.source_in_journal(&run).await
        {
            self.documents.lock().hold(&run, &uri, range, text);
        }
        let source = self.documents.lock().look(&run, &uri);
        source.unwrap_or_else(|| RunSource {
            state: SourceState::Unknown,
            document: self.document(&uri),
            bytes: None,
            uri,
        })
    }

    /// Returns the range and the digest of the text of a run from the journal, with which it can be
    /// found in its document. Secrets are redacted in what the journal holds, so they are also
    /// redacted in the document's text before the two are compared.
    async fn source_in_journal(&self, run: &Run) -> Option<(Range16, TextDigest)> {
        let Some(Event::RunStarted { source, lang, selection, context, .. }) = run.first() else {
            return None;
        };
        let Source { uri, range } = source;
        let there = self.select(&uri, None, range.0, Encoding::Utf16).ok().and_then(|there| {
            let (config, text) = (self.config(), TextDigest::of(&there.text));
            let most = context.min(config.context);
            let (sent, _) = context::apply_secret_policy(there, most, config.secrets, lang).ok()?;
            (Some(selection_digest(&sent)) == selection).then_some(text)
        });
        let text = match there {
            Some(text) => text,
            None => {
                let kept = self.kept_request(run).await;
                let kept = kept.inspect_err(|error| tracing::debug!(%error, "no text is kept"));
                TextDigest::of(&kept.ok()??.selection.text)
            }
        };
        Some((range, text))
    }
}

#[cfg(test)]
mod tests;
