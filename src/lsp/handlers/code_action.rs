//! `textDocument/codeAction`: which questions fit the selection. Only the first bytes of the
//! selection are read. The disk was read before; if that was long ago, it is read again in the
//! background.

use super::settings::look_soon;
use crate::lang::Lang;
use crate::lsp::connection::Connection;
use crate::lsp::ext;
use crate::lsp::params::{CodeActionParams, insert};
use crate::lsp::uri;
use crate::panel::show_hidden;
use crate::perspective::{DEFAULT_SET, Perspective};
use crate::session::{Ask, Scope};
use crate::text::{self, Document, Range};
use serde_json::{Value, json};
use std::sync::Arc;
use unicode_segmentation::UnicodeSegmentation;

/// Number of characters of a selection that decide the language of the actions' titles.
const SAMPLE_CHARS: usize = 512;
/// Maximum bytes of one displayed character; emoji families have about thirty.
const CLUSTER_BYTES: usize = 128;

pub(crate) fn actions(connection: &Arc<Connection>, params: CodeActionParams) -> Vec<Value> {
    let only = params.context.only.as_deref();
    let uri = &params.text_document.uri;
    // What would be refused is not offered.
    if uri::run_of(uri).is_some() || connection.session.may_send(uri).is_err() {
        return Vec::new();
    }
    let Some(document) = connection.session.document(uri) else { return Vec::new() };
    let Some(range) = range(connection, &document, &params) else { return Vec::new() };
    connection.session.expect_run();
    if connection.session.settings.is_old(document.uri()) {
        look_soon(connection, document.uri());
    }
    let scope = connection.session.settings.scope(document.uri());
    let lang = language(connection, &scope, &document, range);
    let asker = Asker { connection, scope: &scope, lang, document, range };
    let sets = scope
        .offered_sets()
        .into_iter()
        .filter(|set| wanted(only, set))
        .filter_map(|set| asker.set(&set));
    // One perspective alone is offered only to a client that asks for its very kind: the menu
    // stays short.
    let named = |p: &&Arc<Perspective>| {
        only.is_some_and(|only| only.contains(&kind(&p.name))) && scope.is_offered(p)
    };
    let single = scope.catalog().iter().filter(named).filter_map(|p| asker.perspective(&p.name));
    sets.chain(single).collect()
}

/// The text to ask about: the selection or, at a cursor, the paragraph around it, but only if the
/// user opened the menu.
fn range(connection: &Connection, document: &Document, params: &CodeActionParams) -> Option<Range> {
    let selected = params.range.start != params.range.end;
    if selected && !is_cursor(connection, document, params.range) {
        return Some(params.range);
    }
    let invoked = params.context.trigger_kind != Some(2);
    invoked
        .then(|| document.paragraph_at(params.range.start, connection.capabilities().encoding))
        .flatten()
}

/// Whether a range is just the character under a block cursor.
fn is_cursor(connection: &Connection, document: &Document, range: Range) -> bool {
    let capabilities = connection.capabilities();
    capabilities.block_cursor && {
        let rope = document.snapshot();
        let bytes = text::to_bytes(&rope, range, capabilities.encoding).bytes();
        bytes.len() <= CLUSTER_BYTES
            && String::from(rope.byte_slice(bytes)).graphemes(true).count() == 1
    }
}

fn language(connection: &Connection, scope: &Scope, document: &Document, range: Range) -> Lang {
    let rope = document.snapshot();
    let bytes = text::to_bytes(&rope, range, connection.capabilities().encoding).bytes();
    let sample: String = rope.byte_slice(bytes).chars().take(SAMPLE_CHARS).collect();
    scope.answer_in(&sample)
}

fn kind(name: &str) -> String {
    format!("{}.{name}", ext::KIND)
}

/// Whether a client that asks for these kinds wants this one: kinds are prefixes by their dots.
fn wanted(only: Option<&[String]>, name: &str) -> bool {
    let kind = kind(name);
    only.is_none_or(|only| {
        only.iter().any(|wanted| {
            kind.strip_prefix(wanted.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.') || wanted.is_empty())
        })
    })
}

struct Asker<'a> {
    connection: &'a Connection,
    scope: &'a Scope,
    document: Document,
    range: Range,
    lang: Lang,
}

impl Asker<'_> {
    fn set(&self, set: &str) -> Option<Value> {
        let ask = Ask { set: Some(set.to_owned()), ..Ask::default() };
        let found = self.scope.perspectives(&ask).ok()?;
        let name = if set == DEFAULT_SET { None } else { Some(set) };
        Some(self.action(set, name, &found, json!({"set": set})))
    }

    fn perspective(&self, name: &str) -> Option<Value> {
        let ask = Ask { perspectives: Some(vec![name.to_owned()]), ..Ask::default() };
        let found = self.scope.perspectives(&ask).ok()?;
        Some(self.action(name, None, &found, json!({"perspectives": [name]})))
    }

    /// A title as it is, marked if it could be mistaken for another perspective's.
    fn title(&self, p: &Perspective) -> String {
        let theirs = if self.scope.stands_in(p) { self.theirs() } else { "" };
        show_hidden(p.title(self.lang)) + theirs
    }

    fn theirs(&self) -> &'static str {
        self.lang.pick("(リポジトリ版)", " (the repository's)")
    }

    fn action(
        &self,
        kind_name: &str,
        set: Option<&str>,
        found: &[Arc<Perspective>],
        mut ask: Value,
    ) -> Value {
        let titles: Vec<_> = found.iter().map(|p| self.title(p)).collect();
        let name = self.lang.pick("解像度", "Kaizodo");
        let set = set.map(|set| format!(" {}", show_hidden(set))).unwrap_or_default();
        let theirs = if self.scope.set_stands_in(kind_name) { self.theirs() } else { "" };
        let title = format!("{name}{set}{theirs}: {}", titles.join(" · "));
        insert(&mut ask, "uri", json!(self.document.uri()));
        insert(&mut ask, "version", json!(self.document.version()));
        insert(&mut ask, "range", json!(self.range));
        let mut action = json!({
            "title": title,
            "kind": kind(kind_name),
            "command": {"title": title, "command": ext::RUN, "arguments": [ask]},
        });
        if self.connection.capabilities().action_tags {
            insert(&mut action, "tags", json!([1]));
        }
        action
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_asked_for_by_prefix() {
        let wants = |only: &[&str]| {
            let only: Vec<String> = only.iter().map(|s| (*s).to_owned()).collect();
            wanted(Some(&only), "default")
        };
        for kind in [
            "",
            "refactor",
            "refactor.rewrite",
            "refactor.rewrite.kaizodo",
            "refactor.rewrite.kaizodo.default",
        ] {
            assert!(wants(&[kind]), "{kind}");
        }
        for kind in [
            "refactor.rewrite.kai",
            "quickfix",
            "source",
            "refactor.rewrite.kaizodo.default.x",
            "refactor.extract",
        ] {
            assert!(!wants(&[kind]), "{kind}");
        }
        assert!(wanted(None, "default"));
    }
}
